"""No reply, however hostile, breaks what the machine promises.

Hypothesis writes the replies (`hostile_replies.py`) and the sizes of the pieces that they come in. What the
machine did is read from LangGraph's own streams, and judged here anew. Both drivers come to the same.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from hostile_replies import scripts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langchain_core.messages import BaseMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import StreamMode
from machines import AT_ONCE, DRIVERS, Drive, Json, machine, state, sync, to
from machines import given as turn_input
from profiles import examples

from fsm_langgraph import Graph, HandlerError, ModelError, ReplyError, StuckError, TurnError, TurnLimit, compile_fsm
from fsm_langgraph.models.failures import BrokenStream
from fsm_langgraph.models.scripted import ScriptedModel
from fsm_langgraph.turn.frames import path_of

ADULT = {">=": [{"var": "age"}, 18]}
CHILD = {"<": [{"var": "age"}, 18]}
LENIENT = machine(
    state("welcome", to("ask_name")),
    state("ask_name", to("ask_email", "name"), to("ask_name", "again"), required_context_keys=["name"]),
    state("ask_email", to("done", "email", "name"), to("ask_name", "back"), required_context_keys=["email"]),
    state("done"),
)
CLOSED = machine(
    state("ask_age", to("sort", "age"), required_context_keys=["age"], optional_context_keys=["plan"]),
    state("sort", to("adult", logic=ADULT), to("child", logic=CHILD), silent=True),
    state("adult", to("paid", "token"), to("ask_age", "score"), to("adult", "plan"), forget=["plan"]),
    state("child", to("adult", logic=ADULT), required_context_keys=["age"], decision="logic"),
    state("paid"),
    context={
        "age": {"type": "integer", "minimum": 0, "maximum": 150},
        "plan": {"enum": ["free", "full"]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "sure": {"type": "boolean"},
        "token": {"written_by": "caller", "secret": True},
        "score": {"written_by": "handler"},
    },
)
THINKING = machine(
    state("ask", to("think", "question"), to("done", "sure"), required_context_keys=["question"], calls="two"),
    state("think", to("yes", "good"), to("no", "bad"), required_context_keys=["good", "bad"], listens=False),
    state("yes", to("ask", "again"), to("think", "bad"), required_context_keys=["again"], forget=["good"]),
    state("no", to("done", "sure"), decision="logic", required_context_keys=["sure"]),
    state("done"),
)
NESTING = machine(
    state(
        "pay", to("thanks", "paid_by"), to("ask", "again"), subflow="pay", inputs=["thing"], outputs={"card": "paid_by"}
    ),
    state("ask", to("pay", "thing"), required_context_keys=["thing"]),
    state("thanks", to("pay", "again"), forget=["paid_by"]),
    state("stop"),
    state("help", to("helped", "topic"), required_context_keys=["topic"]),
    state("helped"),
    global_transitions=[
        {**to("stop", "sure"), "description": "Stop"},
        {**to("help"), "description": "Help", "return": True},
    ],
    subflows={
        "pay": machine(
            state("card", to("code", "card"), to("paid", "paid"), required_context_keys=["card"]),
            state("code", to("paid", "code"), required_context_keys=["code"], global_transitions=False),
            state("paid"),
        )
    },
)
LEAVING = machine(
    state("pay", to("thanks", "card"), subflow="pay", outputs=["card"]),
    state("thanks"),
    state("stop"),
    global_transitions=[{**to("stop", "sure"), "description": "Stop"}],
    subflows={"pay": machine(state("card", to("paid", "card"), required_context_keys=["card"]), state("paid"))},
)
"""A sub-machine that a reply inside cannot leave: what it writes there opens nothing outside."""
HOLDS: Mapping[str, Callable[[Json], bool]] = {
    str(ADULT): lambda context: context.get("age", -1) >= 18,
    str(CHILD): lambda context: context.get("age", 99) < 18,
}
"""What the logic of CLOSED means, said once more."""
FITS: Mapping[str, Callable[[Any], bool]] = {
    "age": lambda value: value is None or (type(value) is int and 0 <= value <= 150),
    "plan": lambda value: value in ("free", "full", None),
    "tags": lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
    "sure": lambda value: isinstance(value, bool),
}
"""What the model may write in CLOSED, and what fits there: "none" is an answer where a state asks for the key."""
MACHINES = {"lenient": LENIENT, "closed": CLOSED, "thinking": THINKING, "nesting": NESTING, "leaving": LEAVING}
MEANT: Mapping[str, Json] = {
    "lenient": {"name": "Ann", "email": "a@b.org", "again": True, "back": True},
    "closed": {"age": 20, "plan": "full", "tags": ["x"], "sure": True, "token": "t", "score": 1},
    "thinking": {"question": "?", "sure": True, "good": True, "bad": True, "again": True},
    "nesting": dict.fromkeys(("thing", "card", "code", "paid", "sure", "topic", "again", "paid_by"), "x"),
    "leaving": {"card": "x", "sure": True},
}
SCRIPTS = {
    name: scripts(
        [*each["states"], *each.get("subflows", {}).get("pay", {"states": ()})["states"], "nowhere"], MEANT[name]
    )
    for name, each in MACHINES.items()
}


class Script:
    """What the model says: at war hostile replies, at peace what keeps the conversation where it is."""

    replies: Iterator[Any]
    messages: Iterator[Any]

    def make_war(self, replies: list[Any], messages: list[Any]) -> None:
        self.replies, self.messages = itertools.cycle(replies), itertools.cycle(messages)

    def make_peace(self) -> None:
        self.replies, self.messages = itertools.repeat(None), itertools.repeat("Fine.")

    def __call__(self, messages: list[BaseMessage], schema: Json | None) -> Any:
        if (asked := schema or _told(messages)) is None:
            return next(self.messages)
        return next(self.replies) or _staying(asked)


def _told(messages: list[BaseMessage]) -> Json | None:
    """Read the schema that is told in words, once prose has brought a method that does not carry it."""
    _, _, told = messages[0].text.partition("<reply_schema>\n")
    return dict(json.loads(told.partition("\n</reply_schema>")[0])) if told else None


def _staying(schema: Json) -> Json:
    return {"target_state": "nowhere", **dict.fromkeys(schema["required"][1:]), "message": "Fine."}


@dataclass
class Target:
    """A compiled machine with a model that can be made hostile."""

    definition: Json
    drive: Drive
    script: Script
    model: ScriptedModel
    graph: Graph


THREADS = itertools.count()


@cache
def target(name: str, drive: Drive) -> Target:
    script = Script()
    model = ScriptedModel(replies=[script], repeat=True)
    graph = compile_fsm(MACHINES[name], model, checkpointer=InMemorySaver(), retry_policy=AT_ONCE, max_steps=12)
    return Target(MACHINES[name], drive, script, model, graph)


@dataclass
class Seen:
    """What was seen of one turn from outside."""

    pieces: list[tuple[str, str]]
    moves: list[tuple[str, str, str, Json]]
    """How and where each state led, and the context then."""
    error: TurnError | None

    @property
    def text(self) -> str:
        return "".join(text for _, text in self.pieces)


def attack(attacked: Target, config: RunnableConfig, loop: asyncio.Runner) -> Seen:
    """Run one turn; the errors that a hostile model or handler may cause are seen, all others are raised."""
    seen = Seen([], [], None)
    modes: list[StreamMode] = ["messages", "updates"]

    async def awaited() -> None:
        turn = attacked.graph.astream(turn_input("hello"), config, stream_mode=modes, subgraphs=True)
        async for part in turn:
            _note(seen, part)

    try:
        if attacked.drive is sync:
            for part in attacked.graph.stream(turn_input("hello"), config, stream_mode=modes, subgraphs=True):
                _note(seen, part)
        else:
            loop.run(awaited())
    except (ReplyError, ModelError, HandlerError, StuckError, TurnLimit) as error:
        seen.error = error
    return seen


def _note(seen: Seen, part: Any) -> None:
    _, mode, data = part
    if mode == "messages":
        seen.pieces.append((data[0].id, data[0].text))
        return
    for name, update in data.items():
        if (turn := update.get("turn")) and (goes_to := turn.get("next")):
            seen.moves.append((name, turn["how"], goes_to, dict(turn["context"])))


def is_open(definition: Json, source: str, how: str, goes_to: str, context: Json) -> bool:
    """Say whether an edge is open, by a reading of the definition that shares nothing with the router."""
    if how in ("waits", "ended"):
        return source == goes_to
    if how == "return":
        return source == "helped"
    inner = definition.get("subflows", {}).get("pay", {"states": {}})
    found = definition["states"].get(source) or inner["states"][source]
    is_watched = found["transitions"] and found.get("global_transitions", True)
    global_ = definition.get("global_transitions", ()) if is_watched else ()
    if how == "exit":  # by its name; its conditions are judged where the state that runs the sub-machine takes it
        return goes_to in {f"global[{index}]" for index, _ in enumerate(global_)}
    towards = [t for t in (*found["transitions"], *global_) if t["target_state"] == goes_to]
    return any(all(_holds(condition, context) for condition in t["conditions"]) for t in towards)


def _holds(condition: Json, context: Json) -> bool:
    present = all(
        key in context and context[key] not in (None, "", [], {}) and context[key] is not False
        for key in condition.get("requires_context_keys", ())
    )
    return present and HOLDS[str(condition["logic"])](context) if "logic" in condition else present


def thread() -> RunnableConfig:
    return {"configurable": {"thread_id": str(next(THREADS))}}


def stored(attacked: Target, config: RunnableConfig) -> Json:
    return dict(attacked.graph.get_state(config).values)


def kept(values_: Json) -> Json:
    return {name: values_.get(name) for name in ("context", "current_state", "last_turn")}


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def judge_turn(attacked: Target, before: Json, seen: Seen, after: Json) -> None:
    """Hold one turn against the promises that hold whoever is hostile."""
    # Nothing moves along a closed edge.
    assert [move for move in seen.moves if not is_open(attacked.definition, *move)] == []
    # What fails stores nothing, and tells what it has shown.
    if seen.error is not None:
        assert kept(after) == {**kept(before), "context": before.get("context", {})}
        assert seen.text == "".join(seen.error.shown)
        return
    # What was shown is what is stored.
    assert after["messages"][-1].text == seen.text != ""
    assert {message_id for message_id, _ in seen.pieces} == {after["messages"][-1].id}
    assert path_of(after["current_state"], after.get("sub_machine")) == after["last_turn"]["landing"]
    # Nothing of the machine's own is written.
    assert [key for key in after["context"] if key.startswith("_") or not key] == []
    # What is stored is text and JSON.
    told = json.dumps([after["context"], after["last_turn"], seen.text], allow_nan=False, ensure_ascii=False)
    assert told.encode()


def judge(attacked: Target, before: Json, seen: Seen, after: Json) -> None:
    """Hold one turn against the promises, where the model alone is hostile."""
    judge_turn(attacked, before, seen, after)
    # No fault of ours passes for one of the provider's.
    assert not isinstance(seen.error, ModelError) or isinstance(seen.error.__cause__, ConnectionError | BrokenStream)
    # Nothing is written that is not the model's to write, or that does not fit.
    if seen.error is None and "context" in attacked.definition:
        assert [key for key, value in after["context"].items() if not FITS[key](value)] == []


@pytest.mark.parametrize("name", MACHINES)
@settings(max_examples=examples(20), deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), size=st.sampled_from([1, 3, 17, 400]))
def test_no_reply_breaks_a_promise(name: str, loop: asyncio.Runner, data: st.DataObject, size: int) -> None:
    said = data.draw(SCRIPTS[name])
    ends: list[Any] = []
    for drive in DRIVERS:
        attacked, config = target(name, drive), thread()
        attacked.script.make_war(*said)
        attacked.model.chunk_size = size
        turns: list[Seen] = []
        for _ in range(3):
            before = stored(attacked, config)
            turns.append(attack(attacked, config, loop))
            judge(attacked, before, turns[-1], stored(attacked, config))
        end = stored(attacked, config)
        ends.append((kept(end), [(turn.text, str(turn.error), turn.moves) for turn in turns]))
        attacked.script.make_peace()
        last = attack(attacked, config, loop)
        assert (last.error, last.text) == (None, "Fine.")
    assert ends[0] == ends[1]
