"""Values for which no transition of a state is open, though all that its transitions ask for is there.

In a silent state and in a step of thought nobody can wait, so that there the turn fails. In a state where the user is
heard the conversation stays, and a single gate (`age >= 18`) is meant so, unless it is one of yes or no. There it is
told only where several transitions divide the values of the same keys, and a value between them, one that is declared,
or equal ones that `<` and `>` leave out, opens none: of keys that the state collects, or that its sub-machine gives
back, declared there as here. A transition without conditions fills every gap.

Each finding has a context that shows it. That a key may be absent altogether is a note, unless it is one that the model
collects and a conversation can come to the state without it; nobody is taken to take back what was told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.guards.entry_facts import EntryFacts
from fsm_langgraph.checking.guards.gap_keys import (
    are_plain,
    decided,
    divided_keys,
    has_value,
    is_compared_with_truth,
    is_yes_or_no,
    keys_of,
    limits_of,
    meeting_points,
)
from fsm_langgraph.checking.guards.guard_parts import Guard
from fsm_langgraph.checking.guards.proof_questions import Questions
from fsm_langgraph.checking.guards.proved_order import MOST_TRANSITIONS
from fsm_langgraph.checking.keys.key_flow import KeyFlow
from fsm_langgraph.checking.keys.needed_keys import present_names
from fsm_langgraph.checking.proving.formulas import (
    Absent,
    AllOf,
    Answered,
    AnyOf,
    Formula,
    Impossible,
    Not,
    Possible,
    Present,
    Truthy,
)
from fsm_langgraph.checking.trial import is_always_open, never_waits
from fsm_langgraph.checking.word_lists import listed, listed_names
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import ContextKey, FSMDefinition, State


def prove_gaps(
    questions: Questions, definition: FSMDefinition, state: State, entry: EntryFacts, flow: KeyFlow
) -> Iterator[Finding]:
    """Find a value for which no transition of a state is open.

    Args:
        questions: The prover.
        definition: The machine.
        state: The state.
        entry: The transitions of the machine, and what holds as they are taken.
        flow: Where keys can be there.
    """
    guards = entry.out_of(state)
    if not all(guard.parts for guard in guards) or not 0 < len(guards) <= MOST_TRANSITIONS:
        return
    if never_waits(state):
        yield from _stuck(questions, definition, state, entry, flow)
    elif not _has_a_way_out(definition, state):
        yield from _unanswered(questions, definition, state, guards)


def _stuck(
    questions: Questions, definition: FSMDefinition, state: State, entry: EntryFacts, flow: KeyFlow
) -> Iterator[Finding]:
    """Tell of a value that is left out, else of a key that may be missing, else that one might be."""
    guards = entry.out_of(state)
    keys = keys_of(guards)
    closed = [*(Not(AllOf(guard.formulas)) for guard in guards), *entry.known_on_entering(state)]
    is_sure = all(_may_be_anything(definition, key) for key in keys)
    some = f"for some values of {listed_names(sorted(keys))}"
    asked: list[tuple[Sequence[Formula], bool, str]] = []
    if are_plain(guards):
        there = {key: has_value(definition, key, guards) for key in sorted(keys)}
        lacking = [key for key in there if flow.can_lack(state, key) and key not in state.own_keys]
        missing = AnyOf(tuple(Absent(key) for key in lacking))
        given = [formula for key, formula in there.items() if key not in lacking]
        asked.append(([*there.values()], is_sure, f"{some}: nobody can wait there, and the turn fails"))
        if lacking:
            is_known = is_sure and definition.context is not None
            without = f"where {listed_names(lacking, 'or')} is not given"
            so = f"{without}: a transition leads there without it, and the turn fails"
            asked.append(([*given, missing], is_known, so))
    defaulted = [key for key in sorted(keys) if (own := definition.declared(key)) and own.default is not None]
    kept = [Truthy({"!=": [{"var": key}, None]}) for key in defaulted]  # only code could take it away
    asked.append((kept, False, f"{some}, or without one: if that can be when it is entered, the turn fails"))
    kind = "silent state" if state.silent else "step of thought"
    for formulas, is_certain, where in asked:
        answer = questions.find((*formulas, *closed))
        if isinstance(answer, Possible):
            told = f"no transition of the {kind} {state.id!r} is open {where}."
            advice = "Add a transition without conditions, tried last, for all other cases."
            code = "stuck-state" if is_certain else "perhaps-stuck"
            yield Finding(at("states", state.id, "transitions"), code, told, advice, answer.witness)
            return


def _may_be_anything(definition: FSMDefinition, key: str) -> bool:
    """Say whether a key surely may have each value that fits: a model writes it, or the values are declared.

    Code that writes a text of its own choice knows which ones there are, and undeclared keys may come from code.
    """
    declared = definition.declared(key)
    if declared is None:
        return definition.context is None and any(key in state.own_keys for state in definition.states.values())
    return declared.written_by == "model" or declared.enum is not None or declared.type not in (None, "string")


def _has_a_way_out(definition: FSMDefinition, state: State) -> bool:
    """Say whether a global transition leads on from a state at any time."""
    leading = definition.global_transitions if state.global_transitions else ()
    return any(not each.returns and is_always_open(each) for each in leading)


def _unanswered(
    questions: Questions, definition: FSMDefinition, state: State, guards: Sequence[Guard]
) -> Iterator[Finding]:
    groups: dict[frozenset[str], list[Guard]] = {}
    for guard in guards:
        groups.setdefault(divided_keys(guard), []).append(guard)
    closed = [Not(AllOf(guard.formulas)) for guard in guards]
    answered = {*state.own_keys, *_given_back(definition, state)}
    for keys, group in groups.items():
        is_alone = len(group) < 2 and not (len(guards) == 1 and is_yes_or_no(definition, keys))
        if is_alone or not keys or not keys <= answered or not are_plain(group):
            continue
        limits = [limits_of(definition, key, group) for key in sorted(keys)]
        is_bounded = all(each == [] for each in limits) or all(is_compared_with_truth(key, group) for key in keys)
        meeting = meeting_points(definition, keys, group) if None in limits else []
        if (None in limits and not meeting) or not _divide(questions, group, is_bounded=is_bounded):
            continue
        asked = [
            part.formula for guard in group for part in guard.parts if isinstance(part.formula, Present | Answered)
        ]
        there = [has_value(definition, key, group) for key in sorted(keys)]
        within: list[Formula] = [formula for several in limits for formula in several or ()]
        within += [AnyOf(tuple(meeting))] if meeting else []
        within += [Truthy({"var": key}) for key in sorted(keys & _with_a_yes(guards))]
        within += [formula for key in sorted(keys) for formula in decided(definition, key)]
        answer = questions.find((*asked, *there, *within, *closed))
        if isinstance(answer, Possible):
            told, leave = listed(guard.name for guard in group), "leave" if len(group) > 1 else "leaves"
            message = (
                f"no transition of {state.id!r} is open for some values of {listed_names(sorted(keys))}: {told} "
                f"{leave} them out, and the user is not led on."
            )
            advice = "Widen one of their conditions, or add a transition for what is left."
            yield Finding(at("states", state.id, "transitions"), "uncovered-value", message, advice, answer.witness)


def _with_a_yes(guards: Sequence[Guard]) -> frozenset[str]:
    """Name the keys that all of some guards want to be present: that a no leads nowhere is told of the state."""
    wanted = (frozenset[str]().union(*map(present_names, guard.transition.conditions)) for guard in guards)
    return frozenset.intersection(*wanted)


def _given_back(definition: FSMDefinition, state: State) -> Iterator[str]:
    """Name the keys that a sub-machine gives back and that can have the same values in it."""
    if state.subflow is not None:
        inner = definition.subflows[state.subflow]
        for inside, outside in state.outputs.items():
            one, other = inner.declared(inside), definition.declared(outside)
            if one is not None and other is not None and _values(one) == _values(other):
                yield outside


def _values(declared: ContextKey) -> tuple[object, ...]:
    return declared.type, declared.enum, declared.minimum, declared.maximum


def _divide(questions: Questions, group: Sequence[Guard], *, is_bounded: bool) -> bool:
    """Say whether some guards divide values among them: two that follow each other are never open together.

    Where the values are all declared, several guards lead to several places for each of them, or one was forgotten.
    """
    if is_bounded and len({guard.transition.target_state for guard in group}) > 1:
        return True
    return len(group) == 1 or any(
        isinstance(questions.find((*one.formulas, *other.formulas)), Impossible) for one, other in pairwise(group)
    )
