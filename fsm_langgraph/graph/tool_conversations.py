"""The conversations that a tool holds for its callers: which one a message belongs to, and the turn that reads it.

`_steps` is the whole of it, written once for sync and async runs: it yields a `_Look` at the conversation, before which
a turn may have to run, and is sent what is stored then.

    the caller's newest conversation ── has ended? ── yes: a new one begins, with the next number
        └─ has read this very call before? ── yes: the answer is told once more, and nothing runs
        └─ is paused in this call, by interrupt()? ── yes: the graph around is asked, and the turn goes on
        └─ otherwise the message is read

A call is known by its id, which the user's message carries into the conversation, and each run in its metadata. So one
that is retried, or resumed after a crash, is not read twice.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage, AIMessageChunk, AnyMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple
from langgraph.checkpoint.serde.types import RESUME
from langgraph.errors import GraphInterrupt
from langgraph.runtime import Runtime
from langgraph.types import Command, StateSnapshot, interrupt
from pydantic import JsonValue
from typing_extensions import TypedDict  # the standard one makes no JSON Schema before Python 3.12

from fsm_langgraph.errors import CallerError
from fsm_langgraph.graph.call_order import CallOrder
from fsm_langgraph.graph.langgraph_internals import InterruptAnswers, checkpointer_of
from fsm_langgraph.graph.standing import current_path, has_ended
from fsm_langgraph.graph.tool_caller import AROUND, CALL, CALLER, Caller, PassedMessage

if TYPE_CHECKING:
    from fsm_langgraph.graph.graph import Graph

_ORDER = CallOrder(patience=120)


class ToolAnswer(TypedDict):
    """The artifact of a tool's answer: how the conversation stands after it."""

    message: str
    """What the machine has said; several messages are divided by a blank line."""
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
    """What a call of the tool runs with."""

    caller: Caller
    message: PassedMessage
    config: RunnableConfig
    """The config that the tool was called with."""
    runtime: Runtime[Any] | None
    """LangGraph's runtime of the graph around; `None` where there is none."""
    tell: Callable[[str, str, str], None]
    """Tells the graph around of a piece of the answer: the thread, the message's id, the text."""


@dataclass(frozen=True, slots=True)
class _Look:
    """A look at what is stored, before which a turn may have to run."""

    config: RunnableConfig
    runs: bool = False
    given: Any = None
    """The input of the run."""


class ToolConversations:
    """The conversations that are held by one tool.

    Args:
        graph: The machine's graph.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._definition = graph.builder.definition
        self._lent: tuple[object, object, Graph] | None = None

    def hold(self, run: ToolRun) -> ToolAnswer:
        """Have the machine read a message; return its answer.

        Raises:
            CallerError: Nothing keeps the conversation, or nobody can be asked what it asks by `interrupt()`.
            ConversationError: An earlier call has not ended in time.
            GraphInterrupt: The conversation waits for an answer that the graph around has to get.
            TurnError: The turn failed; the same message can be passed on again.
        """
        graph = self._kept(run)
        with _ORDER.turn(run.caller.key, run.message):
            steps = self._steps(graph, run)
            try:
                look = next(steps)
                while True:
                    if look.runs:
                        for part in graph.stream(look.given, look.config, **_streaming(run)):
                            _tell(run, look, part)
                    stored = graph.get_state(look.config)
                    pauses = [*_saver(graph).list(_thread(look))] if stored.interrupts else ()
                    look = steps.send((stored, pauses))
            except StopIteration as stop:
                answer: ToolAnswer = stop.value
                return answer

    async def ahold(self, run: ToolRun) -> ToolAnswer:
        """Have the machine read a message; the twin of `hold`."""
        graph = self._kept(run)
        async with _ORDER.aturn(run.caller.key, run.message):
            steps = self._steps(graph, run)
            try:
                look = next(steps)
                while True:
                    if look.runs:
                        async for part in graph.astream(look.given, look.config, **_streaming(run)):
                            _tell(run, look, part)
                    stored = await graph.aget_state(look.config)
                    pauses = [saved async for saved in _saver(graph).alist(_thread(look))] if stored.interrupts else ()
                    look = steps.send((stored, pauses))
            except StopIteration as stop:
                answer: ToolAnswer = stop.value
                return answer

    def _steps(self, graph: Graph, run: ToolRun) -> Generator[_Look, _Found, ToolAnswer]:
        """Find the conversation and have the message read, by looks that a driver takes."""
        message = run.message
        for number in itertools.count(1):
            look = _Look(_config(run, number))
            stored, pauses = yield look
            if _has_read(stored, message) or not has_ended(self._definition, stored.values):
                break
        if stored.tasks and not stored.next:  # a turn that a crash has kept from landing
            stored, pauses = yield replace(look, runs=True)
        if (said := _said_before(stored, message)) is not None:
            return self._answer(look, stored, said)

        known = {each.id for each in _messages(stored)}
        owner = (stored.metadata or {}).get(CALL) if stored.interrupts else None
        if owner in message.before:
            raise GraphInterrupt  # the graph around is asked by the call before, and then runs this one again
        if owner == message.call:
            # LangGraph gives the tool all answers anew, and those that were passed on have had their questions.
            InterruptAnswers(run.config).use_up(_answers_used(pauses, message.call))
        else:
            stored, pauses = yield replace(look, runs=True, given={"messages": message.messages})
        while stored.interrupts:
            stored, pauses = yield replace(look, runs=True, given=Command(resume=_ask(run, stored)))
        return self._answer(look, stored, [each for each in _messages(stored) if each.id not in known])

    def _answer(self, look: _Look, stored: StateSnapshot, said: Iterable[AnyMessage]) -> ToolAnswer:
        secret = self._definition.secret_keys
        return ToolAnswer(
            message="\n\n".join(each.text for each in said if isinstance(each, AIMessage) and each.text),
            finished=has_ended(self._definition, stored.values),
            state=current_path(self._definition, stored.values),
            context={key: value for key, value in stored.values.get("context", {}).items() if key not in secret},
            thread_id=str(_thread(look)["configurable"]["thread_id"]),
        )

    def _kept(self, run: ToolRun) -> Graph:
        """Return the graph with a checkpointer and a store: its own, else those of the graph around."""
        graph = self._graph
        saver = graph.checkpointer if isinstance(graph.checkpointer, BaseCheckpointSaver) else None
        store = graph.store if graph.store is not None or run.runtime is None else run.runtime.store
        if saver is not None and store is graph.store:
            return graph
        saver = saver or checkpointer_of(run.config)
        if saver is None:
            raise CallerError(
                run.caller.tool,
                "there is no checkpointer that could keep its conversation.",
                "Give one to the machine, compile_fsm(…, checkpointer=…), or to the agent that calls it.",
            )
        if self._lent is None or self._lent[0] is not saver or self._lent[1] is not store:
            self._lent = (saver, store, graph.copy({"checkpointer": saver, "store": store}))
        return self._lent[2]


_Found = tuple[StateSnapshot, Iterable[CheckpointTuple]]
"""The state that is stored, and all checkpoints of the conversation where it is paused."""


def _config(run: ToolRun, number: int) -> RunnableConfig:
    """Write the config of a conversation; what it does not name comes from the graph around."""
    caller = run.caller
    told = {CALL: run.message.call, CALLER: caller.thread_id, AROUND: caller.namespace}
    return {"configurable": {**caller.configurable, "thread_id": caller.conversation(number)}, "metadata": told}


def _thread(look: _Look) -> RunnableConfig:
    return {"configurable": {"thread_id": look.config["configurable"]["thread_id"]}}


def _saver(graph: Graph) -> BaseCheckpointSaver[Any]:
    saver: Any = graph.checkpointer
    kept: BaseCheckpointSaver[Any] = saver
    return kept


def _streaming(run: ToolRun) -> dict[str, Any]:
    context = run.runtime.context if run.runtime is not None else None
    # Also its subgraphs: its model calls stream as those of a subgraph of the graph around.
    return {"context": context, "stream_mode": "messages", "subgraphs": True}


def _tell(run: ToolRun, look: _Look, part: Any) -> None:
    _, (chunk, _) = part
    if isinstance(chunk, AIMessageChunk) and chunk.text:
        run.tell(str(look.config["configurable"]["thread_id"]), str(chunk.id), str(chunk.text))


def _messages(stored: StateSnapshot) -> list[AnyMessage]:
    return stored.values.get("messages") or []


def _has_read(stored: StateSnapshot, message: PassedMessage) -> bool:
    """Say whether the conversation has this very call, be its turn landed, failed or paused."""
    if not message.messages:  # it has no message that would carry its id
        return (stored.metadata or {}).get(CALL) == message.call
    return any(each.id == message.message_id for each in _messages(stored))


def _said_before(stored: StateSnapshot, message: PassedMessage) -> list[AnyMessage] | None:
    """Return what was answered to this very call, if it was."""
    if not _has_read(stored, message) or stored.next:
        return None
    if not message.messages:
        return _messages(stored)[-1:]
    after = itertools.dropwhile(lambda each: each.id != message.message_id, _messages(stored))
    since = itertools.dropwhile(lambda each: isinstance(each, HumanMessage), after)
    return [*itertools.takewhile(lambda each: not isinstance(each, HumanMessage), since)]


def _ask(run: ToolRun, stored: StateSnapshot) -> dict[str, Any]:
    """Ask the graph around what the machine asks by `interrupt()`; return the answers by the questions' ids."""
    if run.runtime is None:
        raise CallerError(
            run.caller.tool,
            "the machine has asked something by interrupt(), and there is no graph around that could be asked.",
            "Call it from an agent that has a checkpointer.",
        )
    return {asked.id: interrupt(asked.value, response_schema=_schema(asked.response_schema)) for asked in stored.interrupts}


def _answers_used(pauses: Iterable[CheckpointTuple], call: str) -> int:
    """Count the answers that the turn of a call has been given."""
    return sum(
        len(value)
        for saved in pauses
        if saved.metadata.get(CALL) == call
        for _, channel, value in saved.pending_writes or ()
        if channel == RESUME and isinstance(value, list)
    )


def _schema(schema: Any) -> Mapping[str, Any] | None:
    return schema if isinstance(schema, dict) else None
