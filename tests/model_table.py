"""The table of `docs/models.md`, which the tests of each package's client make: `make tables` writes it anew."""

from __future__ import annotations

import re
from pathlib import Path

from wire.behaviours import table

PAGE = Path(__file__).parent.parent / "docs" / "models.md"


def written(page: str) -> str:
    """Put the table in the place of the one that a page has."""
    return re.sub(r"^\|.*?(?=^[^|])", lambda _: table(), page, count=1, flags=re.DOTALL | re.MULTILINE)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
