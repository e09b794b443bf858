"""The journal of a turn: what its handlers and tools have done and on which reply, so that nothing is done again.

    a handler or a tool is to run ── in the journal? ── yes: what came of it then is done to the turn once more
                                └─ no: the replies that led here are written down, it runs, its outcome is written
    the model is to be asked ── in the journal? ── yes: that reply is decided on again, and no model is called

The node asks it before it does what a turn wants. A turn that goes well costs one write for each handler and tool that
runs, and nothing where none does. A reply is written down with the first of them that runs after it, be it states
later, so that a turn that is run again meets the same decisions. Its message is not: that is lost with the run, and the
landing state writes its own.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.runtime import get_runtime
from langgraph.types import interrupt

from fsm_langgraph.effects.idempotency_key import Deed
from fsm_langgraph.graph import journal_entries as checkpoints
from fsm_langgraph.graph.journal_entries import Entries, Entry, StorageWant
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
from fsm_langgraph.models.gate import hidden
from fsm_langgraph.replies.reply import BadReply
from fsm_langgraph.tools.toolbox import ToolResult, UseTool, ause_tool, use_tool


@dataclass(frozen=True, slots=True)
class Run:
    """A handler that is to run now."""

    handle: Handle


@dataclass(frozen=True, slots=True)
class RunTool:
    """A tool call that is to be made now."""

    use: UseTool
    config: RunnableConfig


Want = StorageWant | Run | RunTool
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
        self._config = config
        self.entries = Entries(config, flight, known)
        self.replies: dict[str, str] = dict(flight.get("replies") or {})
        """The replies that led here and after which nothing has run yet, as JSON."""
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
        if not is_error:
            yield from self._write_down_replies()
        done = yield Run(handle)
        if not isinstance(done, Done):
            return None
        # At every failure the ERROR handlers are asked anew, until one has answered.
        if not is_error or (isinstance(done.outcome, str) and done.outcome):
            yield from self.entries.store(key, self._entry(done.outcome))
        return done.outcome

    def use_tool(self, use: UseTool) -> Generator[Want, Any, ToolResult]:
        """Make a tool call, or tell once more what came of it when the turn was run before."""
        key = self.entries.key(use.deed)
        entry = yield from self.entries.find(key, use.deed)
        if entry is not None:
            self._skip_interrupts(entry["answers"])
            return ToolResult(ToolMessage(**entry["message"]), entry["writes"])
        yield from self._write_down_replies()
        result: ToolResult = yield RunTool(use, hidden(self._config))
        message = result.message.model_dump(include={"content", "tool_call_id", "name", "status"})
        entry = {"message": message, "writes": dict(result.writes), "answers": self._answers_so_far()}
        with suppress(TypeError, ValueError):  # what is no JSON data is about to fail the turn
            yield from self.entries.store(key, entry)
        return result

    def answer_again(self, call: Call, deed: Deed) -> Generator[Want | Handle, Any, bool]:
        """Answer a call as it was answered when the turn was run before; say whether it was."""
        if call.decide is None and not call.tools:
            return False
        key = self.entries.key(deed)
        entry = yield from self.entries.find(key, deed)
        if entry is None:
            if call.decide is not None:
                call.decide = partial(self._noting, key, call.decide)
            return False
        call.is_replayed = True
        if "tool_calls" in entry:
            call.tool_calls, call.unreadable = AIMessage(**entry["tool_calls"]), frozenset(entry["unreadable"])
        elif call.decide is not None:
            yield from call.decide(entry["reply"])
        return True

    def note_tool_calls(self, call: Call, deed: Deed) -> None:
        """Note the tool calls that the model's answer came to, for when the first of them is made."""
        if call.tool_calls is not None:
            message = call.tool_calls.model_dump(include={"content", "tool_calls", "invalid_tool_calls", "id"})
            entry = {"tool_calls": message, "unreadable": sorted(call.unreadable)}
            self.replies[self.entries.key(deed)] = json.dumps(entry)

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

    def _write_down_replies(self) -> Generator[Want, Any, None]:
        while self.replies:
            key = next(iter(self.replies))
            yield from self.entries.store(key, json.loads(self.replies.pop(key)))

    def _entry(self, outcome: Outcome) -> Entry:
        if isinstance(outcome, RejectValue):
            return {"refused": [outcome.reason, outcome.key], "answers": self._answers_so_far()}
        return {"outcome": outcome, "answers": self._answers_so_far()}

    def _answers_so_far(self) -> int:
        """Count the answers to `interrupt()`: what has come to its end has had all that were given so far."""
        pad = self.entries.scratchpad
        self._answers = len(pad.resume) if pad is not None else 0
        return self._answers

    def _skip_interrupts(self, answers: int) -> None:
        """Use up the answers that a handler has had, since LangGraph counts them: the next is for the next handler."""
        pad = self.entries.scratchpad
        while self._answers < answers and pad is not None:
            if len(pad.resume) > self._answers or pad.get_null_resume(False) is not None:
                interrupt(None)
            self._answers += 1


def do(saver: BaseCheckpointSaver[Any] | None, want: Want) -> Any:
    """Do what the journal wants."""
    match want:
        case Run(handle):
            return run_handler(handle)
        case RunTool(use, config):
            return use_tool(use, config)
    return checkpoints.do(saver, want)


async def ado(saver: BaseCheckpointSaver[Any] | None, want: Want) -> Any:
    """Do what the journal wants; the twin of `do`."""
    match want:
        case Run(handle):
            return await arun_handler(handle)
        case RunTool(use, config):
            return await ause_tool(use, config)
    return await checkpoints.ado(saver, want)
