"""Hostile users and hostile models in random machines, made of one number each, and the laws that hold all the same.

What is handed over is text of any kind and size, what is replied too: huge, deep, half a JSON, tags and marks of ours.
The limits are small, so that they are met in each conversation. `hold` has a conversation and raises where a law is
broken; Hypothesis draws it in `test_hostile_turns.py`; `hostile_soak.py` holds a hundred thousand replies against it.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from random import Random
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command
from lawful_machines import make_plan
from machines import AT_ONCE, Json
from playing import Played, PlayedTalk
from test_hostile import MACHINES, MEANT

from fsm_langgraph import (
    ArgumentError,
    ContextError,
    FSMError,
    Graph,
    Limits,
    SizeError,
    StuckError,
    TurnError,
    TurnLimit,
    compile_fsm,
)
from fsm_langgraph.data.size_limits import json_size
from fsm_langgraph.models.scripted import Cut, ScriptedModel

LIMITS = Limits(user_message=600, value=200, undeclared_keys=12, context=1500, model_message=400, history_tokens=200)
"""Limits that each conversation meets."""
LONGEST_PROMPT = 30_000
"""How many characters a prompt of such machines has at most, whatever was said and told."""
LONGEST_RECORD = 60_000
"""How many characters a turn record has at most."""

MARKS = (
    *(
        "</context>",
        "<this_turn>",
        "{{x}}",
        "{{#name}}",
        "</fsm>",
        "<think>",
        "</think>",
        "```json",
        "```",
        "<|im_end|>",
    ),
    *(
        "<tool_call>{}</tool_call>",
        '{"target_state":',
        '"}',
        "[… 9 characters left out …]",
        "fsm-secret-0",
        "__none",
        "…",
    ),
)
CHARACTERS = (
    "\0",
    "\x1b[2J",
    "\x7f",
    "\ud800",
    "\udc00\ud83d",
    "\u202e",
    "\u2066",
    "\ufeff",
    "é",
    "漢",
    "😀",
    "\u0301",
    " ",
)
KEYS = (
    "",
    "_x",
    "_turn",
    "_none",
    "_now",
    "_stays",
    "is_admin",
    "\ud800",
    "target_state",
    "message",
    "updates",
    "a.b",
    "…",
)
VALUES: Sequence[Any] = (None, True, False, 0, -1, 1.5, 1e308, 10**25, 10**400, "yes", "30", "full", "null", [], {}, "")


def text(rng: Random, most: int = 2000) -> str:
    """Make a text of any kind: short, long, of marks and strange characters."""
    parts = [rng.choice([rng.choice(MARKS), rng.choice(CHARACTERS), "word ", "x"]) for _ in range(rng.randint(0, 6))]
    return "".join(parts) * rng.choice([1, 1, 1, rng.randint(1, max(most // 8, 1))])


def value(rng: Random, names: Sequence[str]) -> Any:
    """Make a value of any kind."""
    match rng.randint(0, 9):
        case 0:
            return text(rng)
        case 1:
            return [value(rng, names) for _ in range(rng.randint(0, 3))]
        case 2:
            return {key(rng, names): value(rng, names) for _ in range(rng.randint(0, 3))}
        case 3:
            return _nested(rng.randint(1, 90), rng.choice(VALUES))
        case 4:
            return rng.choice([[0] * 300, {str(n): n for n in range(60)}, "9" * 900, "y" * 3000])
        case _:
            return rng.choice(VALUES)


def _nested(depth: int, inner: Any) -> Any:
    for level in range(depth):
        inner = [inner] if level % 2 else {"a": inner}
    return inner


def key(rng: Random, names: Sequence[str]) -> str:
    """Name a key: mostly one that there is."""
    match rng.randint(0, 5):
        case 0:
            return rng.choice(KEYS)
        case 1:
            return text(rng, 400)
        case 2:
            return f"k{rng.randint(0, 10_000)}"
        case _:
            return rng.choice(names)


def reply(rng: Random, targets: Sequence[str], meant: Mapping[str, Any]) -> Any:
    """Make what a model says where it is asked for a reply; all but one in ten is JSON, whole or nearly."""
    if rng.random() < 0.1:
        return rng.choice([text(rng), "x" * 5000, "", ConnectionError("away"), json.dumps(value(rng, [*meant]))])
    names = [*meant]
    told = [{name: meant[name]} for name in names if rng.random() < 0.3]
    told += [{key(rng, names): value(rng, names)} for _ in range(rng.choice([0, 0, 1, 3]))]
    if rng.random() < 0.05:
        told += [{f"k{rng.randint(0, 10**6)}": rng.choice(VALUES)} for _ in range(rng.choice([30, 30, 30, 600]))]
    target = rng.choice(targets) if rng.random() < 0.9 else text(rng)
    members: Json = {"target_state": target, "updates": told, "message": message(rng)}
    if rng.random() < 0.1:
        members[key(rng, names)] = value(rng, names)
    if rng.random() < 0.05:
        members["reasoning"] = text(rng, 5000)
    if rng.random() < 0.1:
        members = dict(rng.sample([*members.items()], rng.randint(1, len(members))))
    whole = json.dumps(members, ensure_ascii=rng.random() < 0.5)
    if rng.random() < 0.1:
        before, after = rng.choice(
            [("```json\n", "\n```"), ("Sure {ok}: ", " Bye!"), ("<think>{", "</think>"), ("\ufeff", "}")]
        )
        whole = f"{before}{whole}{after}"
    if rng.random() < 0.1:
        return Cut(whole, rng.randint(0, len(whole)), rng.choice([None, ConnectionError("gone")]))
    return whole


def message(rng: Random) -> Any:
    """Make a message of a model's."""
    return "Fine." if rng.random() < 0.6 else rng.choice([text(rng), "z" * 3000, "Look: " + text(rng, 9000)])


def said(rng: Random) -> Any:
    """Make what a user says, in any of the forms that LangChain reads."""
    words = "hello" if rng.random() < 0.4 else text(rng, 1500)
    blocks: list[Any] = [
        {"type": "text", "text": words},
        {"type": "image_url", "image_url": {"url": "data:" + "A" * 900}},
    ]
    forms: list[Any] = [words, ("user", words), {"role": "user", "content": words}, HumanMessage(words)]
    forms += [HumanMessage(blocks[: rng.randint(1, 2)]), [("user", words), ("human", text(rng))]]
    forms += [
        HumanMessage(words, name=text(rng, 20)),
        HumanMessage(words, id=rng.choice(["\0", "\ud800", "", "m" * 2000])),
    ]
    return rng.choice(forms)


def turn(rng: Random, names: Sequence[str]) -> Any:
    """Make the input of a turn."""
    given: Json = {"messages": said(rng)}
    if rng.random() < 0.2:
        given["context"] = {key(rng, names): value(rng, names) for _ in range(rng.randint(0, 2))}
    return Command(update=given) if rng.random() < 0.05 else given


@dataclass
class Target:
    """A machine with a model that can be made hostile."""

    definition: Json
    script: Script
    model: ScriptedModel
    is_sound: bool
    """Whether it cannot come to where it sticks, whatever is said."""

    @cached_property
    def graph(self) -> Graph:
        """Its graph."""
        saver = InMemorySaver()
        return compile_fsm(
            self.definition, self.model, checkpointer=saver, retry_policy=AT_ONCE, max_steps=12, limits=LIMITS
        )

    @cached_property
    def played(self) -> Played:
        """The same without a graph."""
        return Played(self.definition, self.model, limits=LIMITS, max_steps=12)


class GraphTalk:
    """A conversation through a graph; one in four through the async driver."""

    def __init__(self, target: Target, rng: Random) -> None:
        self._graph, self._is_async = target.graph, rng.random() < 0.25
        self._config: RunnableConfig = {"configurable": {"thread_id": str(rng.getrandbits(64))}}

    def run(self, given: Any) -> None:
        """Hold a turn."""
        if self._is_async:
            asyncio.run(self._graph.ainvoke(given, self._config))
        else:
            self._graph.invoke(given, self._config)

    def edit(self, update: Json) -> None:
        """Store messages without a turn."""
        self._graph.update_state(self._config, update)

    @property
    def values(self) -> Json:
        """The stored state."""
        return dict(self._graph.get_state(self._config).values)


@dataclass
class Script:
    """A model that is hostile by a random number, or at peace."""

    meant: Mapping[str, Any]
    rng: Random | None = None
    replies: int = 0
    longest: int = 0
    """The length of the longest prompt."""

    def __call__(self, messages: list[BaseMessage], schema: Json | None) -> Any:
        self.longest = max(self.longest, sum(len(each.text) for each in messages))
        if schema is None and (told := messages[0].text.partition("<reply_schema>\n")[2]):
            schema = json.loads(told.partition("\n</reply_schema>")[0])
        self.replies += self.rng is not None
        if schema is None:
            return message(self.rng) if self.rng is not None else "Fine."
        targets = schema["properties"]["target_state"]["enum"]
        if self.rng is not None:
            return reply(self.rng, [*targets, "nowhere"], self.meant)
        return {"target_state": "nowhere", **dict.fromkeys(schema["required"][1:]), "message": "Fine."}


def make_target(definition: Json, meant: Mapping[str, Any], *, is_sound: bool) -> Target:
    """Give a machine a model that can be made hostile."""
    script = Script(meant)
    return Target(definition, script, ScriptedModel(replies=[script], repeat=True, chunk_size=400), is_sound)


@cache
def known_target(name: str) -> Target:
    """Return one of the machines of `test_hostile.py`."""
    # A caller's key may lead into the step of thought, out of which a model at peace tells nothing that leads on.
    return make_target(MACHINES[name], MEANT[name], is_sound=name != "thinking")


def random_target(rng: Random) -> Target:
    """Make a random machine."""
    return make_target(make_plan(rng).definition, {"x": 1, "y": 2, "z": True, "h": 1, "c": 1}, is_sound=False)


@dataclass
class Outcome:
    """What was seen of conversations."""

    turns: int = 0
    errors: Counter[str] = field(default_factory=Counter)


REFUSED = (ArgumentError, ContextError, SizeError)
"""The errors of an input."""


def hold(target: Target, rng: Random, outcome: Outcome, *, turns: int = 4, in_graph: bool = True) -> None:
    """Hold a hostile conversation, and then a turn in peace.

    Args:
        target: The machine.
        rng: The number that all is made of.
        outcome: What was seen so far, which is added to.
        turns: How many hostile turns there are.
        in_graph: Whether a graph is run, or the turns are merely played.
    """
    talk = GraphTalk(target, rng) if in_graph else PlayedTalk(target.played)
    target.model.chunk_size = rng.choice([40, 1000, 4000])
    for _ in range(turns):
        before = talk.values
        target.script.rng = rng
        outcome.turns += 1
        try:
            if rng.random() < 0.04:
                talk.edit({"messages": said(rng)})
            else:
                talk.run(turn(rng, [*target.script.meant]))
        except (*REFUSED, TurnError) as error:
            outcome.errors[type(error).__name__] += 1
            check_refused(error, before, talk.values)
        check(target, before, talk.values)
    target.script.rng = None
    try:
        talk.run({"messages": "And now?"})
    except (StuckError, TurnLimit):
        assert not target.is_sound
        return
    assert isinstance(talk.values["messages"][-1], AIMessage) or not target.is_sound
    check(target, {}, talk.values)


def check_refused(error: FSMError, before: Json, after: Json) -> None:
    """See that what is refused has changed nothing."""
    if isinstance(error, REFUSED):
        assert _plain(after) == _plain(before)
    else:
        assert [after.get(name) for name in ("current_state", "last_turn")] == [
            before.get(name) for name in ("current_state", "last_turn")
        ]
    assert str(error).encode()


def _plain(values: Json) -> Json:
    # A message without an id that a command has brought gets another one whenever it is read.
    return {**values, "messages": [(each.type, each.content) for each in values.get("messages", ())]}


def check(target: Target, before: Json, after: Json) -> None:
    """See that limits hold, and that what is stored is text and JSON."""
    context, known = after.get("context", {}), before.get("context", {})
    assert json_size(context) <= max(LIMITS.context or 0, json_size(known)) + 200  # the defaults are the author's
    assert [name for name, each in context.items() if json_size(each) > (LIMITS.value or 0)] == []
    assert [name for name in context if name.startswith("_") or not name] == []
    named = target.played.definition.named_keys
    assert len(context.keys() - named) <= (LIMITS.undeclared_keys or 0)
    record = json.dumps(after.get("last_turn"), allow_nan=False, ensure_ascii=False)
    assert record.encode()
    assert len(record) <= LONGEST_RECORD
    for each in after.get("messages", ()):
        assert json.dumps(each.content, ensure_ascii=False).encode()
        assert not isinstance(each, AIMessage) or len(each.text) <= (LIMITS.model_message or 0)
    assert target.script.longest <= LONGEST_PROMPT
