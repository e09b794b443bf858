"""The journal of a turn: what its handlers have done and on which reply, so that nothing is done again.

    a handler is to run ── in the journal? ── yes: what it returned then is done to the turn once more
                                └─ no: the reply that led here is written down, the handler runs, its outcome is written
    the model is to be asked ── in the journal? ── yes: that reply is decided on again, and no model is called

The node asks it before it does what a turn wants. A turn that goes well costs one write for each handler that runs, and
nothing where none does. A reply is written down with its first handler, be it states later, so that a turn that is run
again meets the same decisions. Its message is not: that is lost with the run, and the landing state writes its own.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.runtime import get_runtime
from langgraph.types import interrupt

from fsm_langgraph import checkpoints
from fsm_langgraph.checkpoints import Entries, Entry, StorageWant
from fsm_langgraph.deed import Deed
from fsm_langgraph.handlers import (
    Done,
    Handle,
    Outcome,
    RejectValue,
    arun_handler,
    run_handler,
    take_outcome,
    wants_to_run,
)
from fsm_langgraph.models.call import Call, Decide, Decision
from fsm_langgraph.reply import BadReply


@dataclass(frozen=True, slots=True)
class Run:
    """A handler that is to run now."""

    handle: Handle


Want = StorageWant | Run
"""What the journal wants from the outside."""


class Journal:
    """The journal of a turn, as one run of a state's node keeps it.

    Args:
        config: The node's config.
        values: What the node was given.
        known: What an earlier attempt of the same run has found and done.
    """

    def __init__(
        self, config: RunnableConfig, values: Mapping[str, Any], known: dict[str, Entry] | None = None
    ) -> None:
        flight = values.get("turn") or {}
        self.entries = Entries(config, flight, known)
        self.replies: dict[str, str] = dict(flight.get("replies") or {})
        """The replies that led here and on which no handler has run yet, as JSON."""
        self._answers = 0
        """How many answers to `interrupt()` have been used."""
        self._counts: Counter[Deed] = Counter()

    def handle(self, handle: Handle) -> Generator[Want, Any, Outcome]:
        """Run a handler, or do once more what it wanted when the turn was run before."""
        self._counts[handle.deed] += 1  # handlers may share a name
        key = self.entries.key(handle.deed, self._counts[handle.deed])
        handle = replace(handle, event=replace(handle.event, runtime=get_runtime(), idempotency_key=key))
        entry = yield from self.entries.find(key, handle.deed)
        if entry is not None:
            self._skip_interrupts(entry["answers"])
            taken = take_outcome(handle, RejectValue(*entry["refused"]) if "refused" in entry else entry["outcome"])
            return taken.outcome if taken is not None else None
        if not wants_to_run(handle):
            return None
        is_error = handle.event.moment == "ERROR"
        while self.replies and not is_error:
            reply = next(iter(self.replies))
            yield from self.entries.store(reply, json.loads(self.replies.pop(reply)))
        done = yield Run(handle)
        if not isinstance(done, Done):
            return None
        # At every failure the ERROR handlers are asked anew, until one has answered.
        if not is_error or (isinstance(done.outcome, str) and done.outcome):
            yield from self.entries.store(key, self._entry(done.outcome))
        return done.outcome

    def decide_again(self, call: Call, deed: Deed) -> Generator[Want | Handle, Any, bool]:
        """Decide on the reply that a call got when the turn was run before; say whether there was one."""
        if call.decide is None:
            return False
        key = self.entries.key(deed)
        entry = yield from self.entries.find(key, deed)
        if entry is None:
            call.decide = partial(self._noting, key, call.decide)
            return False
        call.is_replayed = True
        yield from call.decide(entry["reply"])
        return True

    def hand_on(self, turn: Mapping[str, Any]) -> dict[str, Any]:
        """Write the noted replies into the turn as it goes on to another state, or into a sub-machine."""
        return {**turn, "replies": self.replies} if self.replies else {**turn}

    def take_back(self, turn: dict[str, Any]) -> dict[str, Any]:
        """Take over the noted replies from the turn as it comes back from a sub-machine."""
        self.replies = dict(turn.get("replies") or {})
        return turn

    def _noting(self, key: str, decide: Decide, members: dict[str, Any]) -> Generator[Handle, Outcome, Decision]:
        """Decide on a reply, and note it for when a handler is to run."""
        self.replies[key] = json.dumps({"reply": members})
        try:
            return (yield from decide(members))
        except BadReply:
            self.replies.pop(key, None)  # the model is asked once more
            raise

    def _entry(self, outcome: Outcome) -> Entry:
        # A handler that has come to its end has had all the answers that were given so far.
        pad = self.entries.scratchpad
        self._answers = len(pad.resume) if pad is not None else 0
        if isinstance(outcome, RejectValue):
            return {"refused": [outcome.reason, outcome.key], "answers": self._answers}
        return {"outcome": outcome, "answers": self._answers}

    def _skip_interrupts(self, answers: int) -> None:
        """Use up the answers that a handler has had, since LangGraph counts them: the next is for the next handler."""
        pad = self.entries.scratchpad
        while self._answers < answers and pad is not None:
            if len(pad.resume) > self._answers or pad.get_null_resume(False) is not None:
                interrupt(None)
            self._answers += 1


def do(saver: BaseCheckpointSaver[Any] | None, want: Want) -> Any:
    """Do what the journal wants."""
    return run_handler(want.handle) if isinstance(want, Run) else checkpoints.do(saver, want)


async def ado(saver: BaseCheckpointSaver[Any] | None, want: Want) -> Any:
    """Do what the journal wants; the twin of `do`."""
    return await (arun_handler(want.handle) if isinstance(want, Run) else checkpoints.ado(saver, want))
