"""The times of the turns that are under way in this process, where a graph has deadlines.

A turn goes through several nodes and may be tried again; all of them, also those of sub-machines, ask here for the
time of the turn, by the id of the message that it is going to write. It is forgotten where the turn lands, fails or
pauses. What a crash or a cancelled run leaves behind makes room for others.
"""

from __future__ import annotations

from fsm_langgraph.effects import Deadlines, TurnTime

_KEPT = 10_000
"""The most turns whose times are kept."""


class TurnTimes:
    """Keeps the times of the turns of one graph."""

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines = deadlines
        self._times: dict[str, TurnTime] = {}

    def of(self, turn: str) -> TurnTime:
        """Return the time of a turn, which begins to run when it is first asked for."""
        time = self._times.get(turn)
        if time is None:
            if len(self._times) >= _KEPT:
                self._times.pop(next(iter(self._times)), None)
            time = self._times[turn] = TurnTime(self._deadlines)
        return time

    def forget(self, turn: str) -> None:
        """Forget the time of a turn that has come to its end."""
        self._times.pop(turn, None)
