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
    if flags := _OTHER_FLAGS.fullmatch(expected):
        return f"there is no flag {flags[1]!r}, only 'i'"
    try:
        _pattern(expected)
    except re.error as error:
        return str(error)
    return ""


def always_matches(expected: str) -> bool:
    """Say whether every text has this: an expression that takes nothing and looks at nothing is found anywhere."""
    if pattern_fault(expected):
        return False
    pattern = _pattern(expected)
    if pattern is None:
        return not expected
    return pattern.fullmatch("") is not None and _LOOKS_AROUND.search(pattern.pattern) is None


def _pattern(expected: str) -> re.Pattern[str] | None:
    found = re.fullmatch(r"/(.+)/(i?)", expected, re.DOTALL)
    return re.compile(found[1], re.IGNORECASE if found[2] else 0) if found else None


_OTHER_FLAGS = re.compile(r"/.+/(?!i$)([dgimsuvxy]+)", re.DOTALL)
"""An expression as other languages have it, which would be taken for a text that nobody ever writes."""
_LOOKS_AROUND = re.compile(r"[\^$]|\\[AbBZ]|\(\?<?[=!]")
"""The parts of an expression that take nothing, and yet do not hold everywhere."""
