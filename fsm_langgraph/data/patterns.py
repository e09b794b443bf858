r"""Patterns of declared keys: regular expressions in RE2's syntax, which are matched in linear time.

An expression that backtracks, such as `^(a+)+$`, can stand still over thirty letters, and every conversation of the
process with it. RE2 has none that does: it knows no lookaround and no back references. What it knows means what it
means in JSON Schema: `\d`, `\w` and `\b` are of ASCII alone, `$` is the very end of the text, and letters of any
script are `\p{L}`. A match may stand anywhere in the text. https://github.com/google/re2/wiki/Syntax

RE2 takes a moment to import, so that is done where there is a pattern.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from fsm_langgraph.data.shortened import shortened
from fsm_langgraph.data.surrogates import mended

MAX_PATTERN = 1_000
"""How many characters a pattern has at most."""
MAX_MATCHED = 16_000
"""How many characters a text has at most that a pattern is looked for in: even linear time is long in a long text."""
MAX_MEMORY = 4 << 20
"""How many bytes a compiled pattern may take."""


def has_pattern(text: str, pattern: str) -> bool:
    """Say whether a text has a match of a pattern in it; never where it is very long, or the pattern is none."""
    if len(text) > MAX_MATCHED:
        return False
    compiled = _compiled(pattern)
    return not isinstance(compiled, str) and compiled.search(mended(text)) is not None


def pattern_fault(pattern: str) -> tuple[str, str]:
    """Say why a pattern cannot be used, as the end of a sentence about it, and what to do; nothing if it can."""
    if len(pattern) > MAX_PATTERN:
        return f"is longer than {MAX_PATTERN:,} characters", ""
    reason = _compiled(pattern)
    if not isinstance(reason, str):
        return "", ""
    return f"is not a regular expression of RE2: {reason}", next(
        (advice for sign, advice in _ADVICE if sign.search(pattern)), ""
    )


def program_size(pattern: str) -> int:
    """Count the instructions of a compiled pattern; one that is refused as too large counts like the largest."""
    compiled = _compiled(pattern)
    if isinstance(compiled, str):
        return _REFUSED_LATE if compiled.startswith("pattern too large") else 0
    return int(compiled.programsize)


_REFUSED_LATE = 250_000
"""How many instructions are written, about, until it is seen that there are too many."""


@lru_cache(maxsize=128)  # each may take MAX_MEMORY, for as long as the process lives
def _compiled(pattern: str) -> Any:
    """Compile a pattern, or return the reason why that cannot be done."""
    import re2

    options = re2.Options()
    options.max_mem = MAX_MEMORY
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        return shortened(reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason), 100)


_ADVICE = [
    (
        re.compile(r"\(\?<?[=!]"),
        "There is no lookaround: let one pattern say what is wanted, and a condition or a handler what is not.",
    ),
    (re.compile(r"\(\?P=|\\[1-9]|\\k<"), "There are no back references: let a handler compare the parts."),
    (
        re.compile(r"\(\?>|[*+?}]\+"),
        "Nothing backtracks here: leave out what makes it possessive or atomic.",
    ),
    (re.compile(r"\\[zZ]"), r"Write $ for the end of the text."),
    (re.compile(r"\\u"), r"Write the character itself, or \x{00E9} for its code point."),
    (re.compile(r"\{\d*,?\d{4,}"), "A part is repeated 1,000 times at most."),
    (re.compile(r"\{\d"), "Fewer repetitions, or smaller sets of characters, take less room."),
]
"""The advice for a pattern that is refused, by what stands in it; the first that fits is told."""
