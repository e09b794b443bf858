"""The bounds of an expression and of one evaluation of it.

An expression beyond its bounds is refused when it is compiled. An evaluation beyond its own is given up, and
its result is `null`: a guard that asks for too much does not hold, whatever was to become of the part that
failed. Only a number that is too large lives on, as one that is not a number.
"""

from __future__ import annotations

from fsm_langgraph.portable import Portable

MAX_DEPTH = 64
"""How deep an expression may nest; and how deep into the data equality, text and new lists reach."""
MAX_NODES = 10_000
"""How many operators, lists and values an expression may hold; a long string counts as several."""
MAX_STEPS = 500_000
"""How many steps one evaluation may take: a node of a loop's body, a value looked at or put in a list."""
MAX_TEXT = 65_536
"""How many characters a string that is made may hold."""
MAX_ITEMS = 65_536
"""How many items a list that is made may hold."""
MAX_INTEGER = 2**1023
"""The magnitude from which on a number is not a number: beyond it, floats end."""
MAX_NUMERAL = 1_000
"""How many characters a string that is read as a number may hold."""

_CHARACTERS_PER_STEP = 64


class LimitReached(Portable):
    """An evaluation went beyond a limit; it is no error to a caller, since `compile_logic` turns it into `null`."""


class Meter:
    """The steps that one evaluation has left."""

    left = MAX_STEPS

    def spend(self, steps: int) -> None:
        """Take so many steps, or raise `LimitReached`."""
        self.left -= steps
        if self.left < 0:
            raise LimitReached

    def spend_text(self, length: int) -> None:
        """Take the steps that a string of so many characters costs."""
        self.spend(text_steps(length))


def text_steps(length: int) -> int:
    """Count what a string of `length` characters adds to the node that holds it."""
    return length // _CHARACTERS_PER_STEP
