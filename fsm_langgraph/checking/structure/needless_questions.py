"""Questions that are asked though they may be answered: where `ask: missing` would spare the user one.

A key may have been told ahead, in a state before, or come into a sub-machine from the one around.
Loops and menus ask again on purpose. So nothing is said of a state that forgets its keys, that has something confirmed,
that says `ask: always` itself, or that the flow comes back to, as for a change: it would be passed then too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from pydantic import JsonValue

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.named_keys import handed_in
from fsm_langgraph.checking.structure.components import components
from fsm_langgraph.checking.structure.machine_shape import Shape
from fsm_langgraph.checking.word_lists import listed_names
from fsm_langgraph.context.writes import is_writable
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition, State


def find_needless_questions(shape: Shape) -> Iterator[Finding]:
    """Note once the states that ask for what may be known: told ahead in a step before, or come in from around."""
    definition = shape.definition
    before, come_back_to = _states_before(definition), _states_come_back_to(shape)
    collecting = Counter(key for state in definition.states.values() for key in {*state.own_keys})
    bringing = _states_around(shape)
    found: dict[str, str] = {}
    for state in definition.states.values():
        if state.id in come_back_to or not _may_be_passed(definition, state):
            continue
        if state.id in before and _may_be_told(definition, state, collecting):
            found[state.id] = f"the user has told that ahead, as in {before[state.id]!r}"
        elif around := [name for name, keys in bringing.items() if keys.issuperset(state.required_context_keys)]:
            found[state.id] = f"that comes in by the 'inputs' of {around[0]!r}"
    if not found:
        return
    first, *more = found
    others, keys = listed_names(more), listed_names(definition.states[first].required_context_keys)
    does = "does" if len(more) == 1 else "do"
    message = (
        f"the state {first!r} asks for {keys}, also where {found[first]}"
        f"{f'; and so {does} {others}' if others else ''}."
    )
    advice = 'With "ask": "missing" a state is passed then; with "ask": "always" it is meant so.'
    if len(found) > _MOST_PASSED:
        advice += f" A turn passes some {_MOST_PASSED} states in a row: of so many, ask for several keys in one."
    yield Finding(at("states", first), "needless-question", message, advice)


_MOST_PASSED = 20
"""How many states are passed in a turn without thinking of `max_steps`."""


def _states_around(shape: Shape) -> dict[str, frozenset[str]]:
    """Return the states that run this machine, each with the keys that come in from there where they may be known.

    Where the machine around comes back to such a state, its questions are asked again on purpose.
    """
    outer = shape.view.outer
    running = {
        state.id: state for state in shape.view.runs_in if outer and outer.definition.states.get(state.id) is state
    }
    if outer is None or not any(state.inputs for state in running.values()):
        return {}
    around = outer.once(Shape)
    if not _states_come_back_to(around).isdisjoint(running):
        return {}
    known = _known_before(around, running)
    return {
        name: frozenset(key for key, outside in state.inputs.items() if outside in known[name])
        for name, state in running.items()
    }


def _known_before(shape: Shape, names: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the keys that may be known before each of these states is entered."""
    definition, leading = shape.definition, defaultdict[str, list[str]](list)
    for source, targets in shape.onward.items():
        for target in targets:
            leading[target].append(source)
    declared = (definition.context or {}).items()
    always = {key for key, each in declared if each.written_by != "model" or each.default is not None}
    found: dict[str, frozenset[str]] = {}
    for name in names:
        before = dict.fromkeys(leading[name])
        for source in (waiting := [*before]):  # it grows while it is gone through
            fresh = [each for each in leading[source] if each not in before]
            before.update(dict.fromkeys(fresh))
            waiting += fresh
        states = (definition.states[each] for each in before)
        gained = (key for state in states for key in (*state.own_keys, *state.outputs.values()))
        found[name] = frozenset((*always, *gained, *handed_in(shape.view)))
    return found


def _states_before(definition: FSMDefinition) -> dict[str, str]:
    """Return the states that steps of the flow lead to, each with a state before it that hears the user."""
    found: dict[str, str] = {}
    for state in definition.states.values():
        for target in _steps_of(state) if state.hears else ():
            if target != state.id:
                found.setdefault(target, state.id)
    return found


def _states_come_back_to(shape: Shape) -> set[str]:
    """Return the states that a step of the flow leads back to: in a ring, and no farther from the beginning."""
    definition, onward = shape.definition, shape.onward
    distance = {definition.initial_state: 0}
    for name in (reached := [definition.initial_state]):
        fresh = [target for target in onward[name] if target not in distance]
        distance.update(dict.fromkeys(fresh, distance[name] + 1))
        reached += fresh
    ring = {name: number for number, group in enumerate(components(onward)) for name in group}
    return {
        target
        for name in reached
        for target in _steps_of(definition.states[name])
        if ring[target] == ring[name] and distance[target] <= distance[name]
    }


def _steps_of(state: State) -> Iterator[str]:
    """Yield the targets of the steps of the flow out of a state; what is chosen among several asks on purpose."""
    for transition in state.transitions:
        is_chosen = not transition.conditions and len(state.transitions) > 1
        if transition.ask is None and not is_chosen:
            yield transition.target_state


def _may_be_passed(definition: FSMDefinition, state: State) -> bool:
    if state.ask == "missing" or "ask" in state.model_fields_set or not state.hears or state.subflow is not None:
        return False
    if not state.required_context_keys or not set(state.forget).isdisjoint(state.required_context_keys):
        return False
    if definition.confirmations_in(state):
        return False
    return any(
        each.conditions and each.fires is not False and each.target_state != state.id for each in state.transitions
    )


def _may_be_told(definition: FSMDefinition, state: State, collecting: Mapping[str, int]) -> bool:
    """Say whether all that a state requires may be told before it is entered; nobody says yes before the question.

    Args:
        definition: The machine.
        state: The state, which is one that collects these keys.
        collecting: The keys that states collect, each with how many do.
    """
    required = state.required_context_keys
    if any(_is_yes_or_no(definition, state, key) for key in required):
        return False
    if definition.other_keys == "all":
        return all(is_writable(definition, key, "model") for key in required)
    return all(collecting[key] > 1 for key in required)


def _is_yes_or_no(definition: FSMDefinition, state: State, key: str) -> bool:
    """Say whether a key is declared as yes or no, or compared with one of them where nothing is declared."""
    declared = definition.declared(key)
    if declared is not None:
        return declared.type == "boolean"
    conditions = (condition for each in state.transitions for condition in each.conditions if key in condition.reads)
    return any(_has_truth(condition.logic) for condition in conditions)


def _has_truth(logic: JsonValue) -> bool:
    if isinstance(logic, dict | list):
        return any(map(_has_truth, logic.values() if isinstance(logic, dict) else logic))
    return isinstance(logic, bool)
