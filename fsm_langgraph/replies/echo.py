"""An echo: a message that is a sentence of the prompt, or begins with one, is none that is meant for the user.

    "Begin the conversation"           is "(Begin the conversation.)"
    "(begin the conversation) Hi!"     begins with it
    "Begin the conversation with us"   is content

Case does not count, nor do signs other than letters and digits. Text is held only while it may yet become such a
sentence, which is over with the first letters of any other message.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache

MAX_HELD = 400
"""How many characters are held at most; what has come so far is no echo if it is longer."""


class Echo:
    """Finds an echo in a message that comes in pieces.

    Args:
        sentences: The sentences of the prompt.
    """

    def __init__(self, sentences: frozenset[str]) -> None:
        self.is_found = False
        self._sentences = _folded(sentences)
        self._held = ""
        self._is_decided = False

    def feed(self, piece: str, *, is_whole: bool = False) -> str:
        """Take the next piece of the message; return what is certainly part of no echo.

        Args:
            piece: The piece.
            is_whole: Whether it is the last one.
        """
        if self._is_decided:
            return "" if self.is_found else piece
        self._held += piece
        letters = _letters(self._held)
        next_signs = self._next_signs(letters)
        if any(sign not in _GOING_ON if sign else is_whole for sign in next_signs if not sign.isalnum()):
            self.is_found = self._is_decided = True
            return ""
        may_become_one = "" in next_signs or self._may_become_one(letters)
        if may_become_one and not is_whole and len(self._held) <= MAX_HELD:
            return ""
        self._is_decided = True
        return self._held

    def _next_signs(self, letters: str) -> list[str]:
        """Return the sign after each of the sentences that the message begins with."""
        if not letters.startswith(self._sentences):
            return []
        repeated = (sentence for sentence in self._sentences if letters.startswith(sentence))
        return [_next_sign(self._held, len(sentence)) for sentence in repeated]

    def _may_become_one(self, letters: str) -> bool:
        at = bisect_left(self._sentences, letters)  # those that begin so stand together, from there on
        return at < len(self._sentences) and self._sentences[at].startswith(letters)


_GOING_ON = frozenset(",'’-–—&/")  # noqa: RUF001 - signs after which a sentence goes on


@lru_cache(maxsize=8)
def _folded(sentences: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(map(_letters, sentences)))


def _letters(text: str) -> str:
    """Return the letters and digits of a text, in lower case."""
    return "".join(filter(str.isalnum, text)).lower()


def _next_sign(text: str, count: int) -> str:
    """Return the sign after so many letters and digits, blanks aside; nothing where the text ends there."""
    at = 0
    for at, sign in enumerate(text, 1):  # noqa: B007 - the place after the last of them is what is looked for
        count -= sign.isalnum()
        if not count:
            break
    return text[at:].lstrip(" \t")[:1]
