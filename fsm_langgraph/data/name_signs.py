"""Signs that no name may have: those that nobody sees, that turn the direction of a text, or that steer a terminal.

Two names that look the same are one to whoever reads a definition, and two to the machine. So a name has no invisible
sign, no blank but the space between words, and one form of each letter. Letters of two alphabets that look alike, such
as the Latin and the Cyrillic a, are not told from each other here.
"""

from __future__ import annotations

import unicodedata

MAX_NAME = 200
"""How many characters a name has at most, also one that a model or a caller gives a key."""


def sign_fault(name: str) -> str:
    """Say what is wrong with the characters of a name, as the end of a sentence about it; nothing if they are fine."""
    if len(name) > MAX_NAME:
        return f"is longer than {MAX_NAME} characters"
    if name.isascii() and name.isprintable():
        return "begins or ends with a blank" if name != name.strip() else ""
    for sign in name:
        if kind := _kind(sign):
            return f"has {kind} in it: U+{ord(sign):04X}{_title(sign)}"
    return "begins or ends with a blank" if name != name.strip() else ""


def looks(name: str) -> str:
    """Return a name without the differences that compatible forms of a letter make, such as a wide or a small one."""
    return name if name.isascii() else unicodedata.normalize("NFKC", name)


def visible(name: str) -> str:
    """Return a name as ASCII, with its other characters by their code points."""
    return ascii(name)


def _kind(sign: str) -> str:
    category = unicodedata.category(sign)
    if category == "Cs":
        return "half of a character"
    if category == "Cc":
        return "a control character"
    if unicodedata.bidirectional(sign) in _TURNS:
        return "a sign that turns the direction of the text"
    if category in ("Cf", "Zl", "Zp") or sign in _UNSEEN or _is_selector(ord(sign)):
        return "a sign that nobody sees"
    if category == "Zs" and sign != " ":
        return "a blank that is no space"
    return "a code point that stands for no character" if category in ("Cn", "Co") else ""


def _title(sign: str) -> str:
    name = unicodedata.name(sign, "")
    return f" ({name.lower()})" if name else ""


def _is_selector(code: int) -> bool:
    """Say whether a code point only chooses a form of the character before it."""
    return 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF or 0x180B <= code <= 0x180F


_TURNS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters, marks and symbols that are drawn as nothing."""
