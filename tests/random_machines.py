"""Strategies for whole conversations: a small machine, what handlers do in it, and what the model says.

Few states and few keys, all of them connected, so that replies, guards, templates and handlers meet often. A `Plan` is
a conversation that is still to be held; whoever holds it makes handlers of its `Deed`s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from machines import Json, machine, state, to

from fsm_langgraph.handlers import MOMENTS, Moment

OUTER, INNER, DIGRESSION = ("a", "b", "c"), ("x", "y"), "d"
VALUES: Mapping[str, Sequence[Any]] = {"p": (1, 2), "q": ("red", "blue"), "h": (1, 2)}
"""The keys of every machine, and what fits under them; `h` is for handlers where keys are declared."""
DECLARED: Json = {"p": {"type": "integer"}, "q": {"enum": ["red", "blue"]}, "h": {"written_by": "handler"}}
DEPENDENT: Json = {**DECLARED, "q": {**DECLARED["q"], "depends_on": ["p"]}}
"""The same where one key depends on another."""
THING = {"namespace": ["things"], "key": "one"}
THING_OF_P = {"namespace": ["things"], "key": "{{p}}"}


@dataclass(frozen=True)
class Said:
    """One reply of the model."""

    target: str | int
    """A state's name, or a number: it chooses among those that the model is offered."""
    updates: Json
    calls_tool: bool
    """Whether it calls a tool before, where it may."""


@dataclass(frozen=True)
class Deed:
    """One handler: when it runs, and what it does."""

    moments: Sequence[Moment]
    options: Json
    """The conditions under which it applies, as `Handlers.on` takes them."""
    agrees: bool
    """Whether it runs, once it applies."""
    writes: Json
    refuses: str | None
    stores: bool
    """Whether it writes in the store what the lookups find."""


@dataclass(frozen=True)
class Plan:
    """A conversation that is still to be held."""

    definition: Json
    deeds: Sequence[Deed]
    replies: Sequence[Said]
    """The replies to the calls that decide, time and again."""
    turns: Sequence[Json | None]
    """For each turn the keys that the caller gives with it."""
    speech_calls_tools: bool
    """Whether tools are called where only a message is asked for."""
    size: int
    """How many characters the model writes at a time."""


keys = st.sampled_from(list(VALUES))
moments: st.SearchStrategy[Moment] = st.sampled_from(
    ["POST_TRANSITION", "POST_TRANSITION", "POST_TRANSITION", *(moment for moment in MOMENTS if moment != "ERROR")]
)
"""Those between a decision and the landing come most often."""
few_keys = st.lists(keys, unique=True, max_size=2)
texts = st.sampled_from(["", "", "Say {{p}}.", "{{#p}}P is known.{{/p}}", "{{^q}}Ask for q.{{/q}}", "Of {{h}}, {{q}}."])
texts_of_the_store = texts | st.sampled_from(["The {{store.thing.name}}.", "{{#store.thing}}Yes.{{/store.thing}}"])
conditions: st.SearchStrategy[Json] = st.sampled_from(
    [
        *({}, {}, {"requires": "p"}, {"requires": "q"}, {"requires": "h"}),
        *({"answered": "q"}, {"requires": "q", "confirms": "p"}),
        *({"logic": {">": [{"var": "p"}, 1]}}, {"logic": {"==": [{"var": "q"}, "red"]}}),
    ]
)


def writes(of: Sequence[str] = tuple(VALUES)) -> st.SearchStrategy[Json]:
    """Some keys, with values that fit, or with null."""
    return st.fixed_dictionaries({}, optional={key: st.sampled_from([*VALUES[key], None]) for key in of})


@st.composite
def transitions(draw: st.DrawFn, targets: Sequence[str]) -> list[Json]:
    """Some transitions, each to another target."""
    chosen = draw(st.lists(st.sampled_from(targets), min_size=1, max_size=3, unique=True))
    found: list[Json] = []
    for target in chosen:
        condition = draw(conditions)
        requires = [condition["requires"]] if "requires" in condition else []
        transition = to(target, *requires, logic=condition.get("logic"), priority=draw(st.sampled_from([1, 2])))
        if "confirms" in condition:
            transition["conditions"][0]["confirms"] = [condition["confirms"]]
        if "answered" in condition:
            answered = {"description": "answered", "answered_context_keys": [condition["answered"]]}
            transition["conditions"] = [answered]
        found.append(transition)
    return found


LISTENING: Sequence[str] = ["listens"]
ANY: Sequence[str] = [*["listens"] * 7, "silent", "silent", "thinks", "logic", "logic", "two", "final"]
"""Kinds of states, each as often as it is to come."""


_OF_KIND: Mapping[str, Json] = {
    "thinks": {"listens": False},
    "logic": {"decision": "logic"},
    "two": {"calls": "two"},
}


@st.composite
def states(
    draw: st.DrawFn,
    name: str,
    targets: Sequence[str],
    *,
    kinds: Sequence[str] = ANY,
    reads_store: bool,
    tools: Sequence[str],
) -> Json:
    """A state of any of these kinds; none runs a sub-machine."""
    kind = draw(st.sampled_from(kinds))
    text = texts_of_the_store if reads_store else texts
    options: Json = {"instructions": draw(text)}
    if purpose := draw(text):
        options["purpose"] = purpose
    if draw(st.integers(0, 3)) == 0:
        options["forget"] = draw(few_keys)
    if draw(st.integers(0, 3)) == 0:
        options["visible_context_keys"] = draw(few_keys)
    if kind != "thinks" and draw(st.integers(0, 3)) == 0:
        options["say"] = f"Said in {name}: {{{{p}}}}."
    if kind == "final":
        return state(name, **options)
    if kind == "silent":
        return state(name, *draw(transitions(targets)), silent=True, **options)
    options |= _OF_KIND.get(kind, {})
    options["required_context_keys"] = draw(st.lists(st.sampled_from(["p", "q"]), unique=True, max_size=2))
    if tools and draw(st.integers(0, 3)) == 0:
        options["tools"] = list(tools)
    return state(name, *draw(transitions(targets)), **options)


@st.composite
def definitions(draw: st.DrawFn) -> Json:
    """A machine of three states, with a digression and a sub-machine at times."""
    is_declared, reads_store, digresses = (draw(st.booleans()) for _ in range(3))
    nests = draw(st.sampled_from([True, True, False]))
    tools = draw(st.sampled_from([(), ("look",), ("fetch",) if is_declared else ("look",)]))
    lookups = {"store": {"thing": draw(st.sampled_from([THING, THING_OF_P]))}} if reads_store else {}
    made: Json = {"reads_store": reads_store, "tools": tools}
    first = LISTENING if draw(st.booleans()) else ANY
    outer = [draw(states(name, OUTER, kinds=first if name == "a" else ANY, **made)) for name in OUTER]
    declared = draw(st.sampled_from([DECLARED, DECLARED, DEPENDENT]))
    options: Json = {**lookups, **({"context": declared} if is_declared else {})}
    if nests:
        at = draw(st.sampled_from([1, 1, 1, 0]))
        if at and outer[0]["transitions"]:
            outer[0]["transitions"] = [*(way for way in outer[0]["transitions"] if way["target_state"] != "b"), to("b")]
        inputs = draw(st.sampled_from([{}, {"p": "p"}, {"p": "p", "q": "q"}, {"p": "p", "h": "h"}, {"p": "h"}]))
        outer[at] = state(
            OUTER[at],
            *draw(transitions(OUTER)),
            subflow="inner",
            inputs=inputs,
            outputs=draw(st.sampled_from([{}, {"q": "q"}, {"p": "p"}])),
            forget=draw(st.sampled_from([[], [], ["q"]])),
        )
        options["subflows"] = {"inner": draw(_sub_machines(lookups))}
    if digresses:
        outer.append(draw(states(DIGRESSION, OUTER, **made)))
        comes_back, *_ = draw(st.permutations([True, True, False]))
        way = {**draw(transitions([DIGRESSION]))[0], "return": comes_back}
        options["global_transitions"] = [way]
    return machine(*outer, **options)


@st.composite
def _sub_machines(draw: st.DrawFn, lookups: Json) -> Json:
    reads_store = bool(lookups) and draw(st.booleans())
    names = (*INNER, "z")
    first = LISTENING if draw(st.booleans()) else ANY
    made: Json = {"reads_store": reads_store, "tools": ()}
    inside = [draw(states(name, names, kinds=first if name == "x" else ANY, **made)) for name in INNER]
    declared = draw(
        st.sampled_from([{}, {"context": DECLARED}, {"context": {**DECLARED, "p": {"type": "integer", "maximum": 1}}}])
    )
    return machine(*inside, state("z"), **(lookups if reads_store else {}), **declared)


def deeds(targets: Sequence[str]) -> st.SearchStrategy[Deed]:
    """A handler: it applies only sometimes, and writes something, refuses something or does nothing."""
    options: st.SearchStrategy[Json] = st.fixed_dictionaries(
        {},
        optional={"state": st.sampled_from(targets), "keys": keys, "has": keys},
    ).map(lambda given: given if len(given) < 3 else {})
    return st.builds(
        Deed,
        moments=st.lists(moments, min_size=1, max_size=2, unique=True),
        options=options,
        agrees=st.sampled_from([True, True, False]),
        writes=st.just({}) | writes(),
        refuses=st.none() | st.none() | st.none() | keys,
        stores=st.sampled_from([False, False, False, True]),
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A conversation of a few turns."""
    definition = draw(definitions())
    names = list(definition["states"])
    paths = [*names]
    if "subflows" in definition:
        names += INNER
        nesting = next(name for name, each in definition["states"].items() if "subflow" in each)
        paths += [f"{nesting}/{name}" for name in INNER]
    updates = writes() | writes(("p", "q")) | st.sampled_from([{}, {"p": "x"}, {"p": 1}, {"p": 2}])
    targets = st.integers(0, 3) | st.integers(0, 3) | st.sampled_from(names)
    said = st.builds(Said, targets, updates, st.booleans())
    return Plan(
        definition,
        draw(st.lists(deeds(paths), max_size=2)),
        draw(st.lists(said, min_size=3, max_size=6)),
        draw(st.lists(st.none() | st.none() | writes(), min_size=4, max_size=4)),
        draw(st.sampled_from([False, False, True])),
        draw(st.sampled_from([4, 400])),
    )
