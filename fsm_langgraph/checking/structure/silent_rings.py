"""Turns that never come to rest: silent states and steps of thought that lead only to each other, or too far.

No turn rests in such a state. Where none of the transitions leads to a state in which the user is heard or the
conversation ends, every turn that comes there fails, and so does every later one: the conversation is stuck. A
transition that another one hides counts as one that leads there, since it is told of as hidden.

Where conditions may lead out of a ring, what they read decides. Handlers may write it on the way round, so that a ring
is a retry; what only the model or the caller writes stays as it is until the turn has failed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.structure.components import components, is_ring
from fsm_langgraph.checking.structure.machine_shape import Shape
from fsm_langgraph.checking.trial import MAX_STEPS, is_always_open
from fsm_langgraph.checking.word_lists import listed_names
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import EVERYTHING, FSMDefinition, State


def silent_rings(shape: Shape) -> Iterator[Finding]:
    """Tell of rings of silent states and steps of thought from which nothing leads to the user.

    It holds for every model and handler: each transition that there is leads back into the ring. A global transition
    could lead out, in a turn in which its keys change; in all others the turn fails.
    """
    stranded, position = {name: shape.onward[name] for name in shape.stranded}, shape.position
    found = []
    for component in components(stranded):
        inside = set(component)
        leads_on = any(target in stranded and target not in inside for name in component for target in stranded[name])
        if is_ring(component, stranded) and not leads_on and component[0] in shape.reach.states:
            found.append(sorted(component, key=position.__getitem__))
    for ring in sorted(found, key=lambda ring: position[ring[0]]):
        message = f"{_lead(ring)} never to a state in which the user is heard: every turn that comes here fails."
        yield Finding(at("states", ring[0]), "silent-ring", message, _OUT)


def silent_rounds(shape: Shape) -> Iterator[Finding]:
    """Tell of rings of silent states that a turn goes round in for as long as no condition leads out.

    It is a `silent-ring` where nothing on the way can change what the conditions read: the context is declared, the
    model or the caller alone write their keys, and no state of the ring forgets one. Else it may be a retry that
    handlers bring to an end, and is a note.
    """
    definition, reach, stranded = shape.definition, shape.reach, set(shape.stranded)
    otherwise = {
        state.id: (target,)
        for state in definition.states.values()
        if state.id in reach.states and state.id not in stranded and (target := _otherwise(definition, state))
    }
    for ring in components(otherwise):
        if is_ring(ring, otherwise):
            ordered = sorted(ring, key=shape.position.__getitem__)
            states = [definition.states[name] for name in ordered]
            reads = sorted(set[str]().union(*(each.reads for state in states for each in state.transitions)))
            round_ = f"where no condition leads out, a turn goes round among {listed_names(ordered)}"
            path = at("states", ordered[0])
            if _stays_the_same(definition, states, reads):
                message = f"{round_} until it fails: nothing on the way changes {listed_names(reads)}."
                yield Finding(path, "silent-ring", message, _OUT)
            else:
                message = f"{round_}, and fails after {MAX_STEPS} states (`max_steps`) unless a handler ends it."
                yield Finding(path, "silent-round", message, _OUT)


def long_silent_walks(shape: Shape) -> Iterator[Finding]:
    """Tell of more silent states in a row than one turn goes through.

    It counts those whose first transition is always open, so that a turn has to go through them all. It assumes the
    usual `max_steps`.
    """
    next_of = {
        state.id: state.by_priority[0].target_state
        for state in shape.definition.states.values()
        if state.silent
        and not state.is_final
        and state.id in shape.reach.states
        and is_always_open(state.by_priority[0])
    }
    ahead: dict[str, int] = {}
    for component in components({name: (target,) for name, target in next_of.items()}):
        for name in component:
            target = next_of[name]
            ahead[name] = 0 if is_ring(component, {name: (target,)}) else 1 + ahead.get(target, 0)
    led_to = set(next_of.values())
    for name, count in ahead.items():
        if count >= MAX_STEPS and name not in led_to:
            message = f"a turn that comes to {name!r} goes through {count} silent states in a row, and fails after "
            advice = "Join some of them, or make `max_steps` larger and accept this."
            yield Finding(at("states", name), "long-silent-walk", f"{message}{MAX_STEPS} (`max_steps`).", advice)


_OUT = "Lead out of there on every turn: to a state in which the user is heard, or to a final one."


def _otherwise(definition: FSMDefinition, state: State) -> str | None:
    """Name the silent state to which a silent one leads where none of its conditions is open."""
    if not state.silent or state.is_final:
        return None
    *others, last = state.by_priority
    target = definition.states[last.target_state]
    is_default = is_always_open(last) and not any(is_always_open(each) for each in others)
    return target.id if is_default and target.silent and not target.is_final else None


def _stays_the_same(definition: FSMDefinition, ring: Sequence[State], reads: Sequence[str]) -> bool:
    """Say whether nothing on the way round can change these keys."""
    if definition.context is None or not reads or EVERYTHING in reads:
        return False
    forgotten = {key for state in ring for key in state.forget}
    declared = [definition.declared(key) for key in reads]
    return forgotten.isdisjoint(reads) and all(each is not None and each.written_by != "handler" for each in declared)


def _lead(ring: Sequence[str]) -> str:
    if len(ring) == 1:
        return f"{ring[0]!r} leads only to itself,"
    return f"{listed_names(ring)} lead only to each other in a ring,"
