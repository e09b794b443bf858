"""Conversations watched from outside: all that happens in a turn, in the order in which it does.

The model, the handlers, the tools and the store each note that they are asked; a callback notes each piece of text as
it is shown. One seam lies inside: `watch_decisions` has the real decision noted as it falls.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Annotated, Any

import pytest
from handling import plain
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import InjectedToolCallId, tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.store.base import GetOp, Op
from langgraph.types import Command
from machines import AT_ONCE, Drive, Json, sync
from machines import given as turn_input
from orders import command
from random_machines import Deed, Plan, Said
from stores import NotingStore

from fsm_langgraph import (
    Event,
    FSMInput,
    Graph,
    HandlerError,
    Handlers,
    RejectValue,
    ReplyError,
    StuckError,
    TurnError,
    TurnLimit,
    compile_fsm,
)
from fsm_langgraph.models.request import Decision, Fate
from fsm_langgraph.models.scripted import ScriptedModel
from fsm_langgraph.turn import decision as decision_module


@dataclass(frozen=True)
class Asked:
    """The model was called."""

    decides: bool
    """Whether a reply was asked for, and not a message alone."""
    text: str
    """The message that it answered with; empty where it called a tool."""
    updates: Json
    """What its reply told."""
    shown: Json
    """The context that its prompt had."""
    state: str
    """The id of the state that its prompt named."""


@dataclass(frozen=True)
class Decided:
    """A reply was decided on."""

    fate: Fate
    state: str
    """The path of the state that asked."""
    proposed: str
    """The path of the state that the reply proposed."""
    mode: str
    came: int
    """How many states the turn had come through."""
    reply: Asked
    goes_round: bool = False
    """Whether it proposed to go round by a transition of the state to itself."""


@dataclass(frozen=True)
class Handled:
    """A handler was asked whether it runs, and ran if it agreed."""

    name: str
    moment: str
    state: str
    ran: bool


@dataclass(frozen=True)
class Used:
    """A tool was called."""

    name: str


@dataclass(frozen=True)
class LookedUp:
    """Items of the store were asked for."""

    store_keys: tuple[tuple[tuple[str, ...], str], ...]


@dataclass(frozen=True)
class Shown:
    """A piece of text was shown to the user."""

    text: str


Happening = Asked | Decided | Handled | Used | LookedUp | Shown

log: list[Happening] = []
"""What happens in the turn that runs."""


@dataclass
class Turn:
    """One turn, as it was seen."""

    happened: list[Happening]
    streamed: str
    """The text on LangGraph's own stream."""
    before: Json
    """What was stored."""
    after: Json
    error: TurnError | None = None

    @property
    def record(self) -> Json:
        return dict(self.after["last_turn"])

    @property
    def answers(self) -> list[str]:
        """The messages that the turn has answered with."""
        since = takewhile(lambda message: isinstance(message, AIMessage), reversed(self.after["messages"]))
        return [message.text for message in since][::-1]

    @property
    def written(self) -> str:
        """The message that a model wrote; empty where the machine has said all itself, or the turn failed."""
        return "".join(self.answers[len(self.record["said"]) :]) if self.error is None else ""

    @property
    def outcome(self) -> Json:
        """What the turn came to, but for its messages."""
        record = self.after.get("last_turn") or {}
        facts = ("path", "why", "steps", "proposed", "rejected", "changed", "landing")
        return {
            "record": {name: record.get(name) for name in facts},
            **{name: self.after.get(name) for name in ("context", "current_state", "sub_machine")},
            "error": str(self.error),
        }


@contextmanager
def watch_decisions() -> Iterator[None]:
    """Have each decision noted as it falls; it is the real one."""
    decide = decision_module.decide

    async def watched(part: Any, members: Any, **options: Any) -> Any:
        decision, route = await decide(part, members, **options)
        reply = next(each for each in reversed(log) if isinstance(each, Asked))
        goes_round = members.get("target_state") == part.machine.definition.again
        came = len(part.turn.path)
        log.append(Decided(decision.fate, part.path, part.turn.proposed, options["mode"], came, reply, goes_round))
        return decision, route

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decision_module, "decide", watched)
        yield


@contextmanager
def forecast_of(fate: Fate) -> Iterator[None]:
    """Replace the forecast by one that always says the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decision_module, "forecast", lambda *_: Decision(fate))
        yield


def hold(plan: Plan, drive: Drive, loop: asyncio.Runner) -> list[Turn]:
    """Hold a conversation; return its turns."""
    model = ScriptedModel(replies=[Script(plan)], repeat=True, chunk_size=plan.size)
    store = _Store()
    for name in ("one", "1", "2"):
        store.put(("things",), name, {"name": f"thing {name}"})
    graph = compile_fsm(
        plan.definition,
        model,
        checkpointer=InMemorySaver(),
        store=store,
        retry_policy=AT_ONCE,
        max_steps=9,
        handlers=_handlers(plan.deeds),
        tools=[look, fetch],
    )
    model.replies[0].model = model
    config: RunnableConfig = {"configurable": {"thread_id": "1"}, "callbacks": [_Pieces()]}
    # Each turn another message: one that is sent again is answered from the journal, and nothing is streamed.
    inputs = [turn_input(f"Message {number}", context) for number, context in enumerate(plan.turns)]
    return [_turn(graph, given, drive, config, loop) for given in inputs]


def _turn(graph: Graph, given: FSMInput, drive: Drive, config: RunnableConfig, loop: asyncio.Runner) -> Turn:
    pieces: list[Any] = []
    before = dict(graph.get_state(config).values)
    log.clear()

    async def awaited() -> None:
        async for part in graph.astream(given, config, stream_mode="messages"):
            pieces.append(part)

    error: TurnError | None = None
    try:
        if drive is sync:
            pieces += graph.stream(given, config, stream_mode="messages")
        else:
            loop.run(awaited())
    except (ReplyError, HandlerError, StuckError, TurnLimit) as expected:
        error = expected
    return Turn(
        list(log), "".join(part[0].text for part in pieces), before, dict(graph.get_state(config).values), error
    )


@dataclass
class Script:
    """The model: it replies as planned to each call that decides, and says something to all others."""

    plan: Plan
    model: ScriptedModel = field(init=False)
    replied: int = 0
    spoken: int = 0
    has_called: bool = False

    def __call__(self, messages: list[BaseMessage], schema: Json | None) -> Any:
        prompt, said = messages[0].text, self.plan.replies[self.replied % len(self.plan.replies)]
        tools = self.model.calls[-1].tools
        if tools and not self.has_called and said.calls_tool and (schema is not None or self.plan.speech_calls_tools):
            self.has_called = True
            self._note(prompt, schema, "", {})
            call = {"name": tools[0], "args": {}, "id": "1", "type": "tool_call"}
            return AIMessage("", tool_calls=[call])
        self.has_called = False
        if schema is None:
            self.spoken += 1
            text = f"Spoken, number {self.spoken}."
            self._note(prompt, schema, text, {})
            return text
        self.replied += 1
        text = f"Replied, number {self.replied}."
        self._note(prompt, schema, text, said.updates)
        return _wire(said, text, schema)

    def _note(self, prompt: str, schema: Json | None, text: str, updates: Json) -> None:
        shown = json.loads(_section(prompt, "context"))
        log.append(Asked(schema is not None, text, updates, shown, _section(prompt, "current_state")))


def _section(prompt: str, tag: str) -> str:
    found = re.search(rf"<{tag}>\n(.*?)\n</{tag}>", prompt, re.DOTALL)
    return found[1] if found else ""


def _wire(said: Said, text: str, schema: Json) -> Json:
    offered = schema["properties"]["target_state"]["enum"]
    target = said.target if isinstance(said.target, str) else offered[said.target % len(offered)]
    updates = [{"key": key, "value": value} for key, value in said.updates.items()]
    return {"target_state": target, "updates": updates, "message": text}


class _Pieces(BaseCallbackHandler):
    """Notes each piece of text that LangChain hears of, before any stream has it."""

    run_inline = True

    def on_llm_new_token(self, token: Any, **_: Any) -> None:
        if token:
            log.append(Shown(str(token)))


class _Store(NotingStore):
    def _noted(self, ops: Iterable[Op]) -> list[Op]:
        asked = super()._noted(ops)
        if got := tuple((op.namespace, op.key) for op in asked if isinstance(op, GetOp)):
            log.append(LookedUp(got))
        return asked


def _handlers(deeds: Iterable[Deed]) -> Handlers:
    handlers = Handlers()
    for number, deed in enumerate(deeds):
        _add(handlers, f"handler {number}", deed)
    return handlers


def _add(handlers: Handlers, name: str, deed: Deed) -> None:
    def agree(event: Event) -> bool:
        if not deed.agrees:
            log.append(Handled(name, event.moment, event.state, ran=False))
        return deed.agrees

    def run(event: Event) -> Any:
        log.append(Handled(name, event.moment, event.state, ran=True))
        if deed.stores and event.runtime is not None and event.runtime.store is not None:
            event.runtime.store.put(("things",), "one", {"name": f"by {name}"})
        if deed.refuses is not None:
            raise RejectValue("is refused", deed.refuses)
        return deed.writes

    handlers.on(*deed.moments, name=name, when=agree, **deed.options)(plain(run))


@tool
def look() -> str:
    """Look around."""
    log.append(Used("look"))
    return "There is nothing."


@tool
def fetch(tool_call_id: Annotated[str, InjectedToolCallId]) -> Command[Any]:
    """Fetch what a handler may write."""
    log.append(Used("fetch"))
    return command(tool_call_id, "Fetched.", h=1)
