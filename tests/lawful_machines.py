"""Random machines with states and transitions of every kind, and random conversations with them.

`plans` draws a machine, what a model replies, what handlers write and what the user says; `hold` holds the conversation
and notes of each turn what was seen of it from outside. Between two states there is one transition at most, and the
global ones lead where no other does. So a state and a target name a transition.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from hypothesis import strategies as st
from langchain_core.messages import BaseMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import StreamMode
from machines import AT_ONCE, Drive, Json, machine, state, sync

from fsm_langgraph import Event, Graph, Handlers, ReplyError, StuckError, TurnLimit, compile_fsm
from fsm_langgraph.models.scripted import ScriptedModel

OUTER, INNER, GLOBALS = ("a", "b", "c", "end"), ("p", "q", "r"), ("stop", "aside")
"""The states of a machine, of the sub-machine that one of them may run, and those that global transitions lead to."""
DECLARED: Json = {
    "x": {"type": "integer"},
    "y": {"type": "integer"},
    "z": {"type": "boolean"},
    "h": {"type": "integer", "written_by": "handler"},
    "c": {"type": "integer", "written_by": "caller"},
}
INSIDE = ("x", "y", "h")
"""The keys of the sub-machine."""
STAYS = "#"
"""Describes a condition that reads how often the conversation has stayed; no key's name is in it."""
MOMENTS = ("PRE_PROCESSING", "CONTEXT_UPDATE", "POST_PROCESSING", "PRE_TRANSITION", "POST_TRANSITION")


@dataclass(frozen=True)
class Reply:
    """What the model says when it is asked."""

    choice: int | None
    """Which of the targets that it is offered it names; `None` to stay."""
    told: Json
    astray: str = ""
    """The state that it names instead, whether it was offered or not."""
    is_bad: bool = False
    """Whether it is no reply at all, but a message."""


@dataclass(frozen=True)
class Said:
    """What the user and the caller bring to a turn."""

    messages: int
    context: Json


@dataclass(frozen=True)
class Plan:
    """A machine, and a conversation that is to be held with it."""

    definition: Json
    replies: Sequence[Reply]
    handlers: Mapping[Any, int | None]
    """What a handler writes at each moment; -1 to count."""
    turns: Sequence[Said]
    chunk_size: int


@dataclass(frozen=True)
class Asked:
    """One call of the model."""

    number: int
    heard: list[str]
    """The user's messages among those that it was given."""
    stays: str
    """The state's own id, where a reply was asked for."""
    target: str
    """The target that it named."""

    @property
    def words(self) -> str:
        """The message that it wrote, which no other call writes."""
        return words(self.number)


@dataclass(frozen=True)
class Move:
    """One state's part in a turn, and what the turn was then."""

    state: str
    how: str
    target: str
    turn: Json


@dataclass
class Turn:
    """What was seen of one turn."""

    said: list[str]
    given: Json
    """What the caller wrote."""
    before: Json
    after: Json = field(default_factory=dict)
    shown: str = ""
    moves: list[Move] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    error: Exception | None = None

    @property
    def record(self) -> Json:
        """The record of a turn that has landed."""
        return dict(self.after["last_turn"])


def words(number: int) -> str:
    """Write the message of one call."""
    return f"«{number}»"


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draw a machine and a conversation with it."""
    # One number that all is made from: machines drawn piece by piece are slow to come, and mostly trivial.
    return make_plan(draw(st.randoms(use_true_random=True)))


def make_plan(rng: Random) -> Plan:
    """Make a machine and a conversation with it."""
    return Plan(
        definition=_definition(rng),
        replies=[_reply(rng) for _ in range(rng.randint(3, 10))],
        handlers={moment: rng.choice([None, 0, 1, -1]) for moment in rng.sample(MOMENTS, rng.choice([0, 0, 1, 2]))},
        turns=[_said(rng) for _ in range(rng.randint(2, 5))],
        chunk_size=rng.choice([3, 400]),
    )


def _definition(rng: Random) -> Json:
    names = rng.choice([(), GLOBALS, GLOBALS, GLOBALS[1:]])
    states = [*(_state(rng, name, OUTER) for name in OUTER[:-1]), state(OUTER[-1])]
    states += [_state(rng, name, OUTER) for name in names]
    defaults = {key: {**DECLARED[key], "default": 0} for key in ("x", "h") if rng.random() < 0.1}
    if rng.random() < 0.4:
        defaults |= {key: {**DECLARED[key], **defaults.get(key, {}), "depends_on": ["x"]} for key in ("y", "z")}
    inner = [*(_state(rng, name, INNER) for name in INNER[:-1]), state(INNER[-1])]
    return machine(
        *states,
        context=DECLARED | defaults,
        global_transitions=[
            {**_transition(rng, name, [*DECLARED]), "return": name == "aside", "priority": rng.choice([1, 100])}
            for name in names
        ],
        subflows={"sub": machine(*inner, context={key: DECLARED[key] for key in INSIDE})},
    )


def _state(rng: Random, name: str, targets: Sequence[str]) -> Json:
    kinds = ["hears", "hears", "hears", "two", "logic"]
    kinds += ["silent", "thought"]
    kinds += ["subflow"] * (2 if name in ("b", "c") else 0)
    kinds += ["final", "final", "final and silent"] if name in GLOBALS else []
    kind = rng.choice(kinds)
    if kind.startswith("final"):
        return state(name, silent=kind != "final")
    keys = INSIDE if targets is INNER else tuple(DECLARED)
    ways = [_transition(rng, target, keys) for target in rng.sample(targets, rng.choice([1, 2, 2, 3]))]
    if kind in ("silent", "thought", "subflow") and rng.random() < 0.8:
        ways[-1] = {**ways[-1], "conditions": [], "priority": 200}
    told = [key for key in keys if "written_by" not in DECLARED[key]]
    fields: Json = {"ask": rng.choice(["always", "missing", "missing"])}
    if kind not in ("silent", "subflow"):
        fields["required_context_keys"] = rng.sample(told, rng.choice([0, 1, 1, 2]))
    fields["forget"] = rng.sample(told, rng.choice([0, 0, 0, 1]))
    fields["global_transitions"] = rng.random() < 0.85
    return state(name, *ways, **fields, **_KINDS.get(kind, {}))


_KINDS: Mapping[str, Json] = {
    "two": {"calls": "two"},
    "logic": {"decision": "logic"},
    "silent": {"silent": True},
    "thought": {"listens": False},
    "subflow": {"subflow": "sub", "inputs": ["x"], "outputs": ["y"]},
}


def _transition(rng: Random, target: str, keys: Sequence[str]) -> Json:
    read = rng.choice([None, *keys, *keys, STAYS])
    conditions: list[Json] = []
    if read == STAYS:
        conditions = [{"description": STAYS, "logic": {">": [{"var": "_stays"}, 0]}}]
    elif read is not None:
        forms: list[Json] = [{"requires_context_keys": [read]}, {"logic": {">": [{"var": read}, 0]}}]
        forms += [{"requires_context_keys": [read]}, {"logic": {"!": [{"var": read}]}}]
        forms += [{"answered_context_keys": [read]}]
        forms += [{"requires_context_keys": [read], "confirms": ["x"]}] * (2 if read in ("y", "z") else 0)
        conditions = [{"description": f"of {read}", **rng.choice(forms)}]
    options: Json = {
        "fires": rng.choice([None, None, None, True, False]),
        "ask": rng.choice([None, None, None, "always", "missing"]),
    }
    return {
        "target_state": target,
        "description": f"Go to {target}",
        "conditions": conditions,
        "priority": rng.choice([1, 100, 100]),
        **{name: value for name, value in options.items() if value is not None},
    }


def _reply(rng: Random) -> Reply:
    values: Json = {"x": [0, 1, 2, None, "junk"], "y": [0, 1, 2], "z": [True, False]}
    told = {key: rng.choice(values[key]) for key in values if rng.random() < 0.4}
    astray = rng.choice([*OUTER, *INNER, *GLOBALS, "again", "nowhere"]) if rng.random() < 0.2 else ""
    choice = None if rng.random() < 0.35 else rng.randint(0, 5)
    return Reply(choice, told, astray, is_bad=rng.random() < 0.07)


def _said(rng: Random) -> Said:
    contexts: list[Json] = [{}, {}, {}, {}, {"c": 1}, {"x": 1}, {"c": 0, "y": 2}]
    return Said(rng.choice([1, 1, 1, 1, 0, 2]), rng.choice(contexts))


def hold(plan: Plan, drive: Drive) -> list[Turn]:
    """Hold the conversation of a plan; return its turns."""
    script = _Script(plan.replies)
    graph = compile_fsm(
        plan.definition,
        ScriptedModel(replies=[script], repeat=True, chunk_size=plan.chunk_size),
        checkpointer=InMemorySaver(),
        retry_policy=AT_ONCE,
        handlers=_handlers(plan.handlers),
        max_steps=12,
    )
    turns: list[Turn] = []
    for number, said in enumerate(plan.turns):
        texts = [f"[{number}.{index}]" for index in range(said.messages)]
        turn = Turn(texts, said.context, stored(graph))
        first = len(script.asked)
        given = {"messages": [("user", text) for text in texts], "context": said.context}
        try:
            _run(graph, given, drive, turn)
        except (ReplyError, StuckError, TurnLimit) as error:
            turn.error = error
        turn.asked, turn.after = script.asked[first:], stored(graph)
        turns.append(turn)
    return turns


def stored(graph: Graph) -> Json:
    """Return the stored state of the conversation."""
    return dict(graph.get_state(_CONFIG).values)


_CONFIG: RunnableConfig = {"configurable": {"thread_id": "1"}}
_MODES: list[StreamMode] = ["messages", "updates"]


def _run(graph: Graph, given: Any, drive: Drive, turn: Turn) -> None:
    async def awaited() -> None:
        async for part in graph.astream(given, _CONFIG, stream_mode=_MODES, subgraphs=True):
            _note(turn, part)

    if drive is sync:
        for part in graph.stream(given, _CONFIG, stream_mode=_MODES, subgraphs=True):
            _note(turn, part)
    else:
        asyncio.run(awaited())


_NOTHING_YET: Json = {
    "unread": False,
    "is_first": False,
    "answered": [],
    "retold": [],
    "whence": {},
    "machine_keys": {},
}
"""What a turn that goes on leaves out where it is empty."""


def _note(turn: Turn, part: Any) -> None:
    _, mode, data = part
    if mode == "messages":
        turn.shown += data[0].text
        return
    for name, update in data.items():
        if (flight := update.get("turn")) and flight.get("next"):
            turn.moves.append(Move(name, flight["how"], flight["next"], _NOTHING_YET | flight))


class _Script:
    """A model that replies as it was planned, and notes what it was asked."""

    def __init__(self, replies: Sequence[Reply]) -> None:
        self._replies = itertools.cycle(replies)
        self.asked: list[Asked] = []

    def __call__(self, messages: list[BaseMessage], schema: Json | None) -> Any:
        number, heard = len(self.asked), [str(each.text) for each in messages if each.type == "human"]
        if schema is None:
            self.asked.append(Asked(number, heard, "", ""))
            return words(number)
        reply, offered = next(self._replies), schema["properties"]["target_state"]["enum"]
        chosen = offered[-1] if reply.choice is None else offered[reply.choice % len(offered)]
        target = "" if reply.is_bad else reply.astray or chosen
        self.asked.append(Asked(number, heard, offered[-1], target))
        if reply.is_bad:
            return words(number)
        updates = [{key: value} for key, value in reply.told.items()]
        return {"target_state": target, "updates": updates, "message": words(number)}


def _handlers(planned: Mapping[Any, int | None]) -> Handlers:
    handlers = Handlers()
    for moment, value in planned.items():
        handlers.on(moment, name=moment)(_writing(value))
    return handlers


def _writing(value: int | None) -> Any:
    def write(event: Event) -> Json:
        before = event.context.get("h")
        counted = before + 1 if isinstance(before, int) and before < 3 else 1
        return {"h": counted if value == -1 else value}

    return write
