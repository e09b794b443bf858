"""A state that is run again after an error, by LangGraph's retry policy, less what makes no sense in a turn.

It is not run again for an answer that would be paid for twice, a message that broke off while it was read, a turn whose
time is over, or a provider that asks to be left alone for long. LangGraph makes the policy's pause. A provider may ask
for a longer one (`Retry-After`), and the turn may have less time than that; so the state waits for the rest of the
pause itself, or gives up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from langgraph.runtime import ExecutionInfo
from langgraph.types import RetryPolicy

from fsm_langgraph.effects import Effect, Entry, Outside, TurnTime
from fsm_langgraph.errors import DeadlineError, ModelError, ModelRefusal, ReplyError, Superseded, TurnError
from fsm_langgraph.graph.journal import TurnJournal

LONGEST_PAUSE = 60.0
"""The most seconds that a turn waits because a provider asks for it; a user would wait with it."""


class Retries:
    """The further runs of one state after errors.

    Args:
        policy: The policy of the user's.
        path: The path of a state with a sub-machine; empty for any other. The states in there are nodes with this
            policy too, and have been tried again already.
    """

    def __init__(self, policy: RetryPolicy, path: str) -> None:
        self.policy = policy._replace(retry_on=lambda error: _is_retried(policy, error, path))
        """The policy as LangGraph gets it."""
        self._tried: dict[str, _Done] = {}
        """The journals of runs that LangGraph is going to try again, and what they have shown, by their tasks' ids."""

    def earlier(self, info: ExecutionInfo | None) -> _Done | tuple[None, None]:
        """Return what the attempt before this one has found, done and shown."""
        return self._tried.pop(info.task_id, _NOTHING) if self._tried and info is not None else _NOTHING

    async def give_up(self, error: TurnError, journal: TurnJournal, outside: Outside) -> TurnError | None:
        """Return the error with which the turn fails; `None` where LangGraph is going to run the state again.

        In that case it has waited for as long as the provider asks, less the pause that LangGraph makes itself.

        Args:
            error: The error of this run.
            journal: Its journal, which is kept for the next one.
            outside: Where it ran.
        """
        info, policy = outside.runtime.execution_info, self.policy
        if info is None or info.node_attempt >= policy.max_attempts or not _matches(policy, error):
            return error
        pause = min(policy.max_interval, policy.initial_interval * policy.backoff_factor ** (info.node_attempt - 1))
        asked = (error.retry_after if isinstance(error, ModelError) else None) or 0.0
        longest = max(pause, asked) + policy.jitter  # LangGraph's jitter is a second at most
        if (late := _too_late(error, longest, outside.time)) is not None:
            return late
        if len(self._tried) >= _TRIED:  # the oldest belong to runs that were cancelled
            del self._tried[next(iter(self._tried))]
        self._tried[info.task_id] = journal.entries.known, journal.shown
        if asked > pause:
            await _Pause(asked - pause)
        return None


_Done = tuple[dict[str, Entry], set[str]]
_NOTHING = (None, None)

_TRIED = 1000
"""The most runs whose journals are kept until LangGraph tries them again."""


@dataclass(frozen=True, slots=True)
class _Pause(Effect[None]):
    seconds: float

    def run(self, outside: Outside) -> None:  # noqa: ARG002 - time is the same everywhere
        time.sleep(self.seconds)

    async def arun(self, outside: Outside) -> None:  # noqa: ARG002 - time is the same everywhere
        await asyncio.sleep(self.seconds)


def _too_late(error: TurnError, pause: float, turn_time: TurnTime | None) -> DeadlineError | None:
    """Return the error of a turn that has no time left for the pause before another try; `None` where it has."""
    left = turn_time.left if turn_time is not None else None
    if turn_time is None or left is None or left > pause:
        return None
    asked = error.retry_after if isinstance(error, ModelError) else None
    cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
    late = DeadlineError(error.state, "turn", turn_time.deadlines.turn or 0, cause=cause, retry_after=asked)
    late.shown, late.shown_ids, late.__cause__ = error.shown, error.shown_ids, error
    return late


def _is_retried(policy: RetryPolicy, error: Exception, path: str) -> bool:
    """Say whether a state is run again: for its own failures, where another run may come out better."""
    if not _matches(policy, error) or (path and isinstance(error, TurnError) and error.state != path):
        return False
    match error:
        case DeadlineError(deadline="turn") | ModelError(broke_off=True) | ModelRefusal() | ReplyError(is_cut_off=True):
            return False
        case Superseded():
            return False
        case ModelError(retry_after=float(seconds)):
            return seconds <= LONGEST_PAUSE
    return True


def _matches(policy: RetryPolicy, error: Exception) -> bool:
    if isinstance(policy.retry_on, type | Sequence):
        kinds = policy.retry_on
        return isinstance(error, kinds if isinstance(kinds, type) else tuple(kinds))
    return policy.retry_on(error)
