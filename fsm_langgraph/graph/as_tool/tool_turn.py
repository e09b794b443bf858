"""How a machine reads a message that its tool is called with: in which conversation, and once, however often it is run.

    the caller's newest conversation ── has ended? ── yes: a new one begins, with the next number
        └─ has answered this very call before? ── yes: the answer is told once more, and nothing runs
        └─ is paused in this call, by interrupt()? ── yes: the graph around is asked, and the turn goes on
        └─ otherwise the message is read

A call is known by its id, which the user's message carries into the conversation, and each run in its metadata. So one
that is retried, or resumed after a crash, is not read twice.

`read_message` does no I/O. It yields a `Look` at the conversation, before which a turn may have to run, and is sent
what is stored then.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.checkpoint.serde.types import RESUME
from langgraph.errors import GraphInterrupt
from langgraph.runtime import Runtime
from langgraph.types import Command, Interrupt, StateSnapshot, interrupt
from pydantic import JsonValue
from typing_extensions import TypedDict  # the standard one makes no JSON Schema before Python 3.12

from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import CallerError
from fsm_langgraph.graph.as_tool.tool_caller import AROUND, CALL, CALLER, Caller, PassedMessage
from fsm_langgraph.graph.before.known_messages import answer_to
from fsm_langgraph.graph.langgraph_internals import InterruptAnswers
from fsm_langgraph.graph.standing import current_path, has_ended


class ToolArtifact(TypedDict):
    """The artifact of a tool's answer: how the conversation stands after it."""

    message: str
    """The machine's words; several messages are divided by a blank line."""
    finished: bool
    """Whether the conversation has come to its end; the next call begins another."""
    state: str
    """The path of the state that it is in: `payment/card`."""
    context: dict[str, JsonValue]
    """Its data, without the keys that are secret."""
    thread_id: str
    """The thread that it is kept in, for `Graph.get_state`, `Graph.messages` and `Graph.delete_thread`."""


@dataclass(frozen=True, slots=True)
class ToolRun:
    """One run of a call, and what it runs with."""

    caller: Caller
    message: PassedMessage
    config: RunnableConfig
    """The config that the tool was called with."""
    runtime: Runtime[Any] | None
    """LangGraph's runtime of the graph around; `None` where there is none."""
    tell: Callable[[str, str, str], None]
    """Tells the graph around of a piece of the answer: the thread, the message's id, the text."""


@dataclass(frozen=True, slots=True)
class Look:
    """A look at a stored conversation, before which a turn may have to run."""

    config: RunnableConfig
    runs: bool = False
    given: Any = None
    """The input of the run."""

    @property
    def thread_id(self) -> str:
        """The thread of the conversation."""
        return str(self.config["configurable"]["thread_id"])


Found = tuple[StateSnapshot, Iterable[CheckpointTuple]]
"""The state that is stored, and all checkpoints of the conversation where it is paused."""


def read_message(definition: FSMDefinition, run: ToolRun) -> Generator[Look, Found, ToolArtifact]:
    """Have a message read in the caller's conversation; return the answer.

    Raises:
        CallerError: The conversation asks something by `interrupt()`, and there is no graph around.
        GraphInterrupt: The graph around has to get an answer for it first.
    """
    message = run.message
    for number in itertools.count(1):
        look = Look(_config(run, number))
        stored, pauses = yield look
        if _holds(stored, message) or not has_ended(definition, stored.values):
            break
    if stored.tasks and not stored.next:  # a turn that a crash has kept from landing
        stored, pauses = yield replace(look, runs=True)
    if _holds(stored, message) and not stored.next:
        return _answer(definition, look, stored, _said_to(message, stored))

    known = {each.id for each in _messages(stored)}
    owner = (stored.metadata or {}).get(CALL) if stored.interrupts else None
    if owner in message.before:
        raise GraphInterrupt  # the call before asks the graph around, and then this one is run again
    if owner == message.call:
        # LangGraph gives the tool all answers anew, and those that were passed on have had their questions.
        InterruptAnswers(run.config).use_up(_answers_used(pauses, message.call))
    else:
        stored, pauses = yield replace(look, runs=True, given={"messages": message.messages})
    while stored.interrupts:
        answers = _ask(run, stored.interrupts)
        stored, pauses = yield replace(look, runs=True, given=Command(resume=answers))
    return _answer(definition, look, stored, [each for each in _messages(stored) if each.id not in known])


def _config(run: ToolRun, number: int) -> RunnableConfig:
    """Write the config of a conversation; what it does not name comes from the graph around."""
    caller = run.caller
    told = {CALL: run.message.call, CALLER: caller.thread_id, AROUND: caller.namespace}
    return {"configurable": {**caller.configurable, "thread_id": caller.conversation(number)}, "metadata": told}


def _messages(stored: StateSnapshot) -> list[AnyMessage]:
    return stored.values.get("messages") or []


def _holds(stored: StateSnapshot, message: PassedMessage) -> bool:
    """Say whether a conversation has this very call, be its turn landed, failed or paused."""
    if not message.messages:  # nothing carries its id
        return (stored.metadata or {}).get(CALL) == message.call
    return any(each.id == message.message_id for each in _messages(stored))


def _said_to(message: PassedMessage, stored: StateSnapshot) -> Sequence[AnyMessage]:
    """Return the answer to a call that has been answered."""
    if not message.messages:
        return _messages(stored)[-1:]
    return answer_to(message.message_id, _messages(stored))


def _answers_used(pauses: Iterable[CheckpointTuple], call: str) -> int:
    """Count the answers that the turn of a call has been given."""
    return sum(
        len(value)
        for saved in pauses
        if saved.metadata.get(CALL) == call
        for _, channel, value in saved.pending_writes or ()
        if channel == RESUME and isinstance(value, list)
    )


def _ask(run: ToolRun, questions: Iterable[Interrupt[Any]]) -> dict[str, Any]:
    """Ask the graph around what the machine asks by `interrupt()`; return the answers by the questions' ids."""
    if run.runtime is None:
        raise CallerError(
            run.caller.tool,
            "the machine has asked something by interrupt(), and there is no graph around that could be asked.",
            "Call it from an agent that has a checkpointer.",
        )
    # A surfaced question has a JSON Schema, where it has one; its class would be the machine's own.
    return {
        asked.id: interrupt(
            asked.value, response_schema=asked.response_schema if isinstance(asked.response_schema, dict) else None
        )
        for asked in questions
    }


def _answer(definition: FSMDefinition, look: Look, stored: StateSnapshot, said: Iterable[AnyMessage]) -> ToolArtifact:
    context = stored.values.get("context") or {}
    return ToolArtifact(
        message="\n\n".join(each.text for each in said if isinstance(each, AIMessage) and each.text),
        finished=has_ended(definition, stored.values),
        state=current_path(definition, stored.values),
        context={key: value for key, value in context.items() if key not in definition.secret_keys},
        thread_id=look.thread_id,
    )
