"""Texts cut to a length at which a person still reads them: errors quote what may be as long as its author likes."""

from __future__ import annotations


def shortened(text: str, most: int) -> str:
    """Return a text, or its two ends where it has more characters than these."""
    if len(text) <= most:
        return text
    end = most // 3
    return f"{text[: most - end - 1]}…{text[-end:]}"
