"""A text that comes in pieces, and what of it goes on to the user.

The reader of it stands in one passage at a time. Each passage reads on from `at` and gives out what is meant for the
user. So a passage knows this text and the passage around it, and never the reader that has them.
"""

from __future__ import annotations

from typing import Protocol


class PassingText:
    """The part of a text that is not read yet, and what was given out of the rest."""

    def __init__(self) -> None:
        self.text, self.at = "", 0
        """The newest part of the text, and how far it was read."""
        self.is_whole = False
        """Whether the text has ended."""
        self.given: list[str] = []
        """The parts that were given out since the last piece came."""
        self.last = ""
        """The last character that was given out."""
        self.has_begun = self.has_shown = False
        """Whether something of the message was read, and given out with an earlier piece."""
        self.in_span = False
        """Whether a backtick in this line may have begun a span of code."""

    def give(self, text: str) -> None:
        """Give out a text."""
        if not text:
            return
        self.given.append(text)
        self.last = text[-1]
        self.in_span = self.in_span and "\n" not in text
        self.has_begun = self.has_begun or not text.isspace()

    def give_to(self, end: int) -> None:
        """Give out what stands between here and a later place."""
        self.give(self.text[self.at : end])
        self.at = end

    def take_rest(self) -> str:
        """Take all that has come, without giving it out."""
        rest, self.at = self.text[self.at :], len(self.text)
        return rest

    def go_back_to(self, text: str) -> None:
        """Read again what was taken."""
        self.text, self.at = text, 0


class Passage(Protocol):
    """A part of the text that is read in one way."""

    def read(self, text: PassingText) -> Passage | None:
        """Read on; return the passage that follows, or `None` where more has to come, or nothing is left to do."""
