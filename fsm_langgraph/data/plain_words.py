"""Plain words: a text as its runs of letters and digits, by which two spellings of one text are the same.

Upper and lower case, blanks, punctuation and Unicode's two ways to write "é" do not count. An apostrophe divides words:
"user's" is two.
"""

from __future__ import annotations

import re

from fsm_langgraph.data.composition import composed


def plain_words(text: str) -> list[str]:
    """Return the words of a text, in order."""
    return _WORD.findall(folded(text))


def folded(text: str) -> str:
    """Return a text without regard to case, in its composed form."""
    return text.casefold() if text.isascii() else composed(composed(text).casefold())


_WORD = re.compile(r"[^\W_]+")
