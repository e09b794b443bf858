r"""The names of those who speak, as messages carry them: in the graph around, an agent is told from another by them.

Providers refuse a name that has blanks, one of the signs `<|\/>`, or more than 64 characters.
"""

from __future__ import annotations

import re

_REFUSED = re.compile(r"[\s<|\\/>]+")
_LONGEST = 64


def speaker_of(name: str) -> str | None:
    """Make a name fit for messages; `None` where nothing of it can stay."""
    return _REFUSED.sub("_", name.strip())[:_LONGEST].strip("_") or None
