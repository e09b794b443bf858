"""Composition: one spelling for each text. "é" can be one character or two, which nobody sees and no `==` overlooks.

Keys and values are stored in Unicode's composed form (NFC), and definitions are read in it, so that they meet.
"""

from __future__ import annotations

import unicodedata


def composed(text: str) -> str:
    """Return the text in its composed form."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)
