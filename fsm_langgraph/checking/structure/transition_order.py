"""Transitions that are never taken, since one above them is: the same once more, or one that is always open.

Transitions that a guard hides are for `guards/`, which proves it; here conditions are compared as they are written.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.structure.machine_shape import Shape
from fsm_langgraph.checking.trial import is_always_open, takes_the_first, when_tried
from fsm_langgraph.checking.word_lists import listed_names
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import GlobalTransition, State, Transition


def find_duplicate_transitions(shape: Shape) -> Iterator[Finding]:
    """Tell of each transition that is the same as an earlier one of its state.

    Where a model chooses, its words count too: two descriptions are two occasions to go to one state.
    """
    for state in shape.definition.states.values():
        by_words = not takes_the_first(state)
        if len(state.transitions) > 1:
            yield from _duplicates(("states", state.id, "transitions"), state.transitions, by_words=by_words)
    yield from _duplicates(("global_transitions",), shape.definition.global_transitions, by_words=True)


def find_hidden_transitions(shape: Shape) -> Iterator[Finding]:
    """Tell of the transitions below one that is always open, where the first open one is taken, once for each state.

    It holds for every model and handler. A state with `decision: logic` looks at what is below as it is entered, before
    it has heard a message; then it takes the upper one, whatever was said.
    """
    for state in shape.definition.states.values():
        if takes_the_first(state) and len(state.transitions) > 1:
            yield from _hidden(state)


def _hidden(state: State) -> Iterator[Finding]:
    above = next((each for each in state.by_priority if is_always_open(each)), None)
    if above is None or above is state.by_priority[-1]:
        return
    positions = {id(each): index for index, each in enumerate(state.transitions)}
    tried, seen = iter(state.by_priority), set[str]()
    for each in tried:
        seen.add(_meaning(each, by_words=False))
        if each is above:
            break
    hidden: list[Transition] = []
    for below in tried:
        if (meaning := _meaning(below, by_words=False)) not in seen:  # else told as a duplicate
            seen.add(meaning)
            hidden.append(below)
    if hidden:
        targets = [*dict.fromkeys(below.target_state for below in hidden)]
        subject = "transition to {} is" if len(hidden) == 1 else "transitions to {} are"
        words = ", as its conditions are in words only," if above.conditions else ""
        message = (
            f"the {subject.format(listed_names(targets))} never taken {when_tried(state)}: the one to "
            f"{above.target_state!r} is tried before and{words} is always open."
        )
        advice = f"Give the transition to {above.target_state!r} the last place, with the largest 'priority'; "
        advice += "or give it conditions, with keys that they require or 'logic'."
        yield Finding(
            at("states", state.id, "transitions", positions[id(hidden[0])]), "hidden-transition", message, advice
        )


def _duplicates(steps: tuple[str, ...], transitions: Sequence[Transition], *, by_words: bool) -> Iterator[Finding]:
    first: dict[str, int] = {}
    counts = Counter(transition.target_state for transition in transitions)
    for index, transition in enumerate(transitions):
        if counts[transition.target_state] == 1:
            continue
        meaning = _meaning(transition, by_words=by_words)
        if meaning in first:
            message = f"this transition to {transition.target_state!r} is the same as transitions[{first[meaning]}], "
            message += "so one of them is never taken."
            advice = "Remove one of them, or correct what was to be different: the target, or the conditions."
            yield Finding(at(*steps, index), "duplicate-transition", message, advice)
        first.setdefault(meaning, index)


def _meaning(transition: Transition, *, by_words: bool) -> str:
    """Write down what makes a transition another one than those beside it."""
    conditions = [
        [
            sorted(condition.requires_context_keys),
            sorted(condition.answered_context_keys),
            sorted(condition.confirms),
            condition.logic,
            condition.description if by_words else "",
        ]
        for condition in transition.conditions
        if by_words or not is_always_open(transition)
    ]
    returns = isinstance(transition, GlobalTransition) and transition.returns
    facts = (transition.target_state, transition.handoff, transition.ask, transition.fires, transition.privileged)
    words = transition.description if by_words else ""
    ordered = sorted(conditions, key=lambda each: json.dumps(each, sort_keys=True))
    return json.dumps([*facts, returns, words, ordered], sort_keys=True)
