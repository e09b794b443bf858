r"""Expected texts: a part of what is found, whatever the case, or `/a regular expression/`.

"your order"        a part, in any case
"/order \d+/"       Python's `re`, searched for
"/^order \d+/i"     the same, whatever the case

They are the author's own, so Python's `re` is fast enough for them.
"""

from __future__ import annotations

import re


def matches(expected: str, found: str) -> bool:
    """Say whether an expected text is found; one that is empty always is."""
    pattern = _pattern(expected)
    return expected.casefold() in found.casefold() if pattern is None else pattern.search(found) is not None


def pattern_fault(expected: str) -> str:
    """Say why a text is no regular expression, where it is written as one; nothing where all is well."""
    try:
        _pattern(expected)
    except re.error as error:
        return str(error)
    return ""


def _pattern(expected: str) -> re.Pattern[str] | None:
    found = re.fullmatch(r"/(.+)/(i?)", expected, re.DOTALL)
    return re.compile(found[1], re.IGNORECASE if found[2] else 0) if found else None
