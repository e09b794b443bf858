"""Surrogates: halves of a character, which no encoder takes.

JSON may spell a character beyond U+FFFF as two escapes, each half of a pair. A model sends one without the
other, or a proxy cuts between the two. A half that stays in a string breaks whoever writes it out later: a
request, a checkpoint, a terminal. So text is mended where it comes in.
"""

from __future__ import annotations

from typing import Any


def mended(text: str) -> str:
    """Return the text with halves that belong together joined, and the others replaced by U+FFFD."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def mended_json(value: Any) -> Any:
    """Return JSON data with every text in it mended, names included."""
    if isinstance(value, str):
        return mended(value)
    if isinstance(value, list):
        return [mended_json(item) for item in value]
    if isinstance(value, dict):
        return {mended(name) if isinstance(name, str) else name: mended_json(item) for name, item in value.items()}
    return value


def ends_open(text: str) -> bool:
    """Say whether the text ends with the first half of a pair, whose second may still come."""
    return "\ud800" <= text[-1:] <= "\udbff"
