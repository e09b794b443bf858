"""Random machines with gaps between their guards, and the real graph playing the contexts that show these.

A machine asks for keys and leads to a state `sort`, in which guards divide them: a silent state, a step of thought, or
one that hears the user. What the checks say of it is played from the context that they show, with `sort` as the first
state.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from random import Random

from machines import Json, Talk, reply
from pydantic import JsonValue
from random_guards import COMMON, KEYS, declarations, guard

from fsm_langgraph import StuckError
from fsm_langgraph.checking import Finding
from fsm_langgraph.checking.guards.guard_check import find_guard_faults
from fsm_langgraph.checking.keys import find_key_faults
from fsm_langgraph.checking.machine_view import machine_views
from fsm_langgraph.loading import read_definition
from fsm_langgraph.logic import variables

TARGETS = ("a", "b", "c")
KINDS: tuple[Json, ...] = ({"silent": True}, {"silent": True}, {"listens": False}, {})
"""What may be special about `sort`."""


def random_sorter(rng: Random) -> Json:
    """Return a machine that asks for some keys and sorts what it was told."""
    context = declarations(rng)
    told = [key for key in KEYS if context is None or context[key].get("written_by") is None]
    asked = rng.sample(told, rng.randrange(1, 1 + min(3, len(told))))
    guards = _dividing(rng, asked[0], context) if rng.random() < 0.5 else [_condition(rng) for _ in TARGETS]
    kind = rng.choice(KINDS)
    own = {} if kind.get("silent") else {"required_context_keys": asked}
    states: Json = {
        "ask": {"required_context_keys": asked, "transitions": [_to("sort", *rng.choice(([], [_condition(rng)])))]},
        "sort": {
            **kind,
            **own,
            "forget": rng.sample(asked, rng.randrange(2)),
            "transitions": [*map(_to, TARGETS, guards[: rng.randrange(1, 4)])],
        },
        **{target: {} for target in TARGETS},
    }
    whole = {name: {"id": name, "description": name, "purpose": name, **fields} for name, fields in states.items()}
    declared = {} if context is None else {"context": context}
    return {"name": "sorter", "description": "d", "initial_state": "ask", "states": whole, **declared}


def gaps_of(sorter: Json) -> Iterator[Finding]:
    """Yield what is found of values that lead nowhere out of `sort`, where a context shows it."""
    definition = read_definition(sorter).definition
    for view in machine_views(definition) if definition is not None else ():
        for finding in (*find_guard_faults(view), *find_key_faults(view)):
            if finding.witness is not None and finding.path == "states.sort.transitions":
                yield finding


def end_of(sorter: Json, finding: Finding) -> str:
    """Play the context that shows a gap; return the state in which the conversation ends up, or `StuckError`.

    The caller brings the context as it is once `sort` has been entered; what is null there, the user has none of. What
    has its default's value and was not answered, nobody brings.
    """
    witness, declared = finding.witness, sorter.get("context", {})
    assert witness is not None
    brought = {
        key: value
        for key, value in witness.context.items()
        if value is not None and (key in witness.written or value != declared.get(key, {}).get("default"))
    }
    none = {key: None for key, value in witness.context.items() if value is None}
    sort = {name: value for name, value in sorter["states"]["sort"].items() if name != "forget"}
    ask = {**sorter["states"]["ask"], "transitions": [_to("sort")]}
    targets = cycle(each["target_state"] for each in sort["transitions"])
    replies = [reply("sort", also=none), *[lambda _, schema: reply(next(targets)) if schema else "Hm."] * 20]
    talk = Talk({**sorter, "states": {**sorter["states"], "ask": ask, "sort": sort}}, replies)
    try:
        talk.say("Hello.", context=brought)
        for _ in sort["transitions"]:
            talk.say("Go on.")
    except StuckError:
        return "StuckError"
    return str(talk.values["current_state"])


def _to(target: str, *conditions: Json) -> Json:
    return {"target_state": target, "description": f"to {target}", "conditions": [*conditions]}


def _dividing(rng: Random, key: str, context: Json | None) -> list[Json]:
    """Draw conditions that divide the values of one key, and mostly leave some out."""
    declared = (context or {}).get(key, {})
    if "enum" in declared or declared.get("type") == "boolean":
        chosen = rng.sample(declared.get("enum", [True, False]), 2)
        logics: list[Json] = [{"===": [{"var": key}, each]} for each in chosen]
    else:
        low, high = sorted(rng.sample(range(10), 2))
        logics = [{rng.choice(("<", "<=")): [{"var": key}, low]}, {rng.choice((">", ">=")): [{"var": key}, high]}]
    return [{"description": "c", "logic": each} for each in logics]


def _condition(rng: Random) -> Json:
    """Draw a condition that asks for something: keys, logic, or both."""
    kind = rng.randrange(4)
    required: Json = {"requires_context_keys": [rng.choice(KEYS)]} if kind == 0 else {}
    answered: Json = {"answered_context_keys": [rng.choice(KEYS)]} if kind == 1 else {}
    logic: Json = {"logic": _logic(rng)} if kind > 1 or rng.random() < 0.5 else {}
    return {"description": "c", **required, **answered, **logic}


def _logic(rng: Random) -> JsonValue:
    """Draw an expression over the context alone; the machine's own keys change as it is played."""
    while True:
        drawn = guard(rng, 2, COMMON)
        if (read := {name.partition(".")[0] for name in variables(drawn)}) and read <= {*KEYS}:
            return drawn
