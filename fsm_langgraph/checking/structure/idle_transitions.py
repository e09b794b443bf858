"""Transitions that change nothing or decide nothing, and a confirmation that nobody can give.

What is told here as a note is sound where handlers run at the transition, or where the model is trusted to choose.
"""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.structure.machine_shape import Shape
from fsm_langgraph.checking.trial import is_always_open, never_waits
from fsm_langgraph.checking.word_lists import listed_names
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition, State


def find_idle_self_transitions(shape: Shape) -> Iterator[Finding]:
    """Tell each transition from a state to itself that does what staying does.

    It assumes that no handler runs at it. A silent state that leads to itself is told of as a ring. One that leads
    nowhere else would be final without it, and end the conversation. One that has keys and a single free transition
    beside it is left alone: there it says that the model is to choose.
    """
    definition = shape.definition
    for state in definition.states.values():
        if never_waits(state) or state.subflow is not None or _begins_anew(definition, state):
            continue
        for index, transition in enumerate(state.transitions):
            is_plain = is_always_open(transition) and transition.handoff is None and transition.fires is None
            if transition.target_state == state.id and is_plain and not _is_the_other_choice(state):
                message = f"this transition leads from {state.id!r} to itself and changes nothing, as staying does."
                advice = "Remove it: a model that does not move on stays; or say in 'forget' what is asked anew."
                yield Finding(at("states", state.id, "transitions", index), "idle-self-transition", message, advice)


def find_lone_transitions(shape: Shape) -> Iterator[Finding]:
    """Tell of each state that requires keys and has one transition, which waits for none of them.

    It holds for models that stay in doubt, as the prompt tells them to. One that collects nothing is led on in doubt;
    what is optional is nothing to wait for.
    """
    for state in shape.definition.states.values():
        if state.hears and len(state.transitions) == 1 and state.required_context_keys and state.decision == "model":
            [transition] = state.transitions
            if is_always_open(transition) and transition.target_state != state.id and state.subflow is None:
                message = (
                    f"the model alone decides when to go on from {state.id!r} to {transition.target_state!r}: in doubt "
                    f"it stays, and it may go on without {listed_names(state.required_context_keys, 'or')}."
                )
                advice = "Let a condition require the keys, which then lead on; or say 'decision: logic'."
                yield Finding(at("states", state.id, "transitions", 0), "lone-transition", message, advice)


def find_idle_thoughts(shape: Shape) -> Iterator[Finding]:
    """Note each step of thought with one transition, no keys and no tools: a model call that decides nothing."""
    for state in shape.definition.states.values():
        is_thought = never_waits(state) and not state.silent
        if is_thought and len(state.transitions) == 1 and not (state.own_keys or state.tools):
            message = f"the model is called in {state.id!r}, where it has nothing to choose, to collect or to use."
            advice = "Make it silent ('silent: true'), or give it keys or tools."
            yield Finding(at("states", state.id), "idle-thought", message, advice)


def find_unheard_confirmations(shape: Shape) -> Iterator[Finding]:
    """Tell of each confirmation out of a state in which nobody is heard, by keys that only the model writes.

    It holds for every model: what it tells counts where the state has spoken before, and this one never does. It
    assumes that handlers write no key that is not theirs. A state that does not collect the key forgets it as it is
    entered, and is told of for that.
    """
    definition = shape.definition
    for state in definition.states.values() if definition.context is not None else ():
        for index, transition in enumerate(state.transitions) if never_waits(state) else ():
            for number, condition in enumerate(transition.conditions):
                declared = [definition.declared(key.partition(".")[0]) for key in condition.confirming]
                by_model = declared and all(each is None or each.written_by == "model" for each in declared)
                if by_model and not set(state.own_keys).isdisjoint(condition.confirming):
                    message = (
                        f"the transition from {state.id!r} to {transition.target_state!r} never opens: nobody can "
                        f"confirm {listed_names(condition.confirms)} here, as the user is not asked."
                    )
                    advice = "Ask in a state that hears the user, and let its transition have the confirmation."
                    path = at("states", state.id, "transitions", index, "conditions", number)
                    yield Finding(path, "unheard-confirmation", message, advice)


def _is_the_other_choice(state: State) -> bool:
    """Say whether a state would be final without its transitions to itself, or left with one that waits for no key."""
    others = [each for each in state.transitions if each.target_state != state.id]
    return not others or (len(others) == 1 and is_always_open(others[0]) and bool(state.required_context_keys))


def _begins_anew(definition: FSMDefinition, state: State) -> bool:
    """Say whether entering the state does what staying in it does not."""
    return bool(state.forget or state.say or definition.confirmations_in(state) or state.decision == "logic")
