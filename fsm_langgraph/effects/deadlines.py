"""How long a turn may take, and how much of that is left.

The time of a turn is looked at before a model, a handler or a tool is called, and between the pieces of a model's
stream. What runs is not killed: a handler has a `timeout` of its own. The time is kept in memory and belongs to one
run, so that a turn that waits at `interrupt()`, or is resumed after a crash, begins with all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from time import monotonic
from typing import TypeGuard

from fsm_langgraph.errors import DeadlineError


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long a turn may take, in seconds; `None` sets no limit.

    All three hold across retries and fallback models: each call has `first_token` and `between_tokens` anew, and no
    call, retry or pause goes beyond `turn`.
    """

    first_token: float | None = None
    """From a call of the model to the first piece that has something in it; the whole answer of one that does not
    stream."""
    between_tokens: float | None = None
    """From one such piece to the next. Empty pieces and a provider's signs of life do not count."""
    turn: float | None = None
    """From where the turn's first state begins to where its message is complete, with all handlers and tools."""


def are_deadlines(value: object) -> TypeGuard[Deadlines | Mapping[str, float | None] | float | None]:
    """Say whether deadlines can be read from a value."""
    if isinstance(value, Deadlines):
        return all(map(_is_limit, _limits(value)))
    if isinstance(value, Mapping):
        return value.keys() <= set(NAMES) and all(map(_is_limit, value.values()))
    return _is_limit(value)


def read_deadlines(given: Deadlines | Mapping[str, float | None] | float | None) -> Deadlines | None:
    """Return what `are_deadlines` accepts as deadlines; a number is the time of the whole turn."""
    if given is None or isinstance(given, Deadlines):
        found = given
    else:
        found = Deadlines(**given) if isinstance(given, Mapping) else Deadlines(turn=given)
    return found if found is not None and found != Deadlines() else None


class TurnTime:
    """The time of one turn, which runs from when it is made."""

    def __init__(self, deadlines: Deadlines) -> None:
        self.deadlines = deadlines
        self._ends = monotonic() + deadlines.turn if deadlines.turn is not None else None

    @property
    def left(self) -> float | None:
        """The seconds that are left, negative where they are over; `None` without a limit."""
        return self._ends - monotonic() if self._ends is not None else None

    def check(self, state: str) -> None:
        """Raise `DeadlineError` where the time is over."""
        if (left := self.left) is not None and left <= 0:
            raise DeadlineError(state, "turn", self.deadlines.turn or 0)

    def stop(self) -> None:
        """Set no limit from now on: the turn has failed, and what is left to do is to say so."""
        self._ends = None


NAMES = tuple(field.name for field in fields(Deadlines))
"""The names of the deadlines."""


def _limits(deadlines: Deadlines) -> tuple[float | None, ...]:
    return deadlines.first_token, deadlines.between_tokens, deadlines.turn


def _is_limit(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e7)
