"""The time of a turn, `_now`: that at which it first began, in every run of it.

`start_turn` takes it, so that it stays the same where LangGraph runs a state again. A message that is sent again after
its turn failed begins the turn anew; what was done and journalled by then was done at the time that it had before.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime

from fsm_langgraph.effects import Composite, IdempotencyKey, Outside


@dataclass(frozen=True, slots=True)
class KeepTime(Composite[str]):
    """The time at which a turn first began: that of an earlier run of it, where the journal has one."""

    time: str
    """The time at which it began in this run."""
    key: IdempotencyKey

    async def steps(self, outside: Outside) -> str:
        """Look into the journal; note the time there for a further run."""
        journal = outside.journal
        if not journal.is_needed:
            return self.time
        name = journal.name(self.key)
        entry = await journal.find(name, self.key)
        if entry is not None:
            found: str = entry["time"]
            return found
        journal.note(name, {"time": self.time})
        return self.time


def time_now() -> str:
    """Write the time that it is, to the second: `2026-11-26T17:00:00Z`."""
    return _stopped.get() or _written(datetime.now(UTC))


@contextmanager
def stopped_at(time: str | None) -> Generator[None, None, None]:
    """Have it be this time, for all turns that begin within; the real one where it is `None`.

    It is for trying a machine: nothing that a caller of a graph can give has the time stand still.
    """
    token = _stopped.set(_written(datetime.fromisoformat(time).astimezone(UTC)) if time is not None else None)
    try:
        yield
    finally:
        _stopped.reset(token)


_stopped: ContextVar[str | None] = ContextVar("fsm_stopped_at", default=None)


def _written(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
