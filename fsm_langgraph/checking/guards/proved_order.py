"""Proofs about the order of transitions, in states that take the first open one: hidden, or open together.

Such are silent states, those that run a sub-machine, and those with `decision: logic` that have heard a message. A
transition below one without conditions, or that is there twice, is told by the checks of structure; of one that leads
where those lead that hide it, nothing is lost. Where a model proposes, a hidden transition can still be proposed, so
nothing is told there.

In a state with `decision: logic` news may open a transition of another's keys as the state is entered; once a message
was heard in it, what is told here holds.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

from fsm_langgraph.checking.finding import Finding, Witness
from fsm_langgraph.checking.guards.guard_parts import Guard, by_priority
from fsm_langgraph.checking.guards.proof_questions import Questions
from fsm_langgraph.checking.proving.formulas import AllOf, AnyOf, Impossible, Not, Possible
from fsm_langgraph.checking.word_lists import listed
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.guards import Guards

MOST_TRANSITIONS = 40
"""How many transitions of a state are compared with each other."""


def prove_order(questions: Questions, definition: FSMDefinition, own: list[Guard]) -> Iterator[Finding]:
    """Find the transitions of a state that others hide, and those that are open together at one priority.

    Args:
        questions: The prover.
        definition: The machine.
        own: The guards of the state's own transitions.
    """
    above: list[Guard] = []
    tried = by_priority(own)[:MOST_TRANSITIONS]
    for number, guard in enumerate(tried):
        if not guard.parts:
            has_logic = any(condition.logic is not None for condition in guard.transition.conditions)
            yield from (_shadowed(below, [guard]) for below in tried[number + 1 :] if has_logic)
            return
        hidden = yield from _hidden(questions, guard, above)
        if not hidden:
            yield from _overlapping(questions, definition, guard, above)
        above.append(guard)


def _hidden(questions: Questions, guard: Guard, above: list[Guard]) -> Generator[Finding, None, bool]:
    """Tell of a transition that is open only where one above it is; return whether it is so."""
    if not above:
        return False
    closed = [Not(AllOf(each.formulas)) for each in above]
    answer = questions.find((*guard.formulas, *closed))
    if not isinstance(answer, Impossible):
        return False
    first = len(guard.formulas)
    hiding = [above[number - first] for number in answer.parts if number >= first]
    if not hiding:
        return False  # it is never open at all
    if any(each.transition.target_state != guard.transition.target_state for each in hiding):
        yield _shadowed(guard, hiding)
    return True


def _shadowed(guard: Guard, hiding: list[Guard]) -> Finding:
    told = listed((f"{each.name} ({each.path})" for each in hiding), "or")
    message = f"{guard.name} is never taken: whenever it is open, an earlier one is open too: {told}."
    advice = "Give it a lower priority number, so that it is tried first, or narrow the conditions of the earlier one."
    return Finding(guard.path, "shadowed-transition", message, advice)


def _overlapping(
    questions: Questions, definition: FSMDefinition, guard: Guard, above: list[Guard]
) -> Iterator[Finding]:
    """Tell of a transition that is open together with an earlier one of the same priority and another target."""
    transition = guard.transition
    rivals = [
        each
        for each in above
        if each.transition.priority == transition.priority and each.transition.target_state != transition.target_state
    ]
    if not rivals:
        return
    answer = questions.find((*guard.formulas, AnyOf(tuple(AllOf(each.formulas) for each in rivals))))
    if not isinstance(answer, Possible):
        return
    witness = answer.witness
    rival = next((each for each in rivals if _is_open(definition, each, witness)), rivals[0])
    message = (
        f"{guard.name} and {rival.name} ({rival.path}) can be open together: "
        "of one priority, the first in the document is taken."
    )
    code, advice = "overlapping-transitions", "Say by 'priority' which is tried first."
    if _share_a_value(questions, definition, guard, rival):
        code, advice = "shared-value", "Let one of them leave it out, or say by 'priority' which is tried first."
    yield Finding(guard.path, code, message, advice, witness)


def _share_a_value(questions: Questions, definition: FSMDefinition, guard: Guard, rival: Guard) -> bool:
    """Say whether two guards divide the values of one key, a number or a choice, and overlap at some.

    A narrow case before a wide one is an order that is meant; here neither holds whenever the other does.
    """
    keys = frozenset().union(*(part.reads for part in (*guard.parts, *rival.parts)))
    declared = definition.declared(next(iter(keys))) if len(keys) == 1 else None
    if declared is None or not (declared.enum is not None or declared.type in ("number", "integer")):
        return False
    return all(
        isinstance(questions.find((*one.formulas, Not(AllOf(other.formulas)))), Possible)
        for one, other in ((guard, rival), (rival, guard))
    )


def _is_open(definition: FSMDefinition, guard: Guard, witness: Witness) -> bool:
    return not Guards(definition, guard.transition, "closures").shortcomings(witness.context, witness.written)
