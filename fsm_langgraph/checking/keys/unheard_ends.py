"""Final states that list keys to collect: a conversation is over as it comes there, and no answer is read any more.

A message that comes later is answered, and writes nothing. Most often the transition that should follow the question
was forgotten. Where it left a state unreachable, that is told there, with the final states by name; here it is told
where nothing else shows it. A key that an earlier state may have asked for is known, so that nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.keys.key_flow import KeyFlow
from fsm_langgraph.checking.word_lists import listed_names
from fsm_langgraph.data.json_data import at


def find_unheard_ends(flow: KeyFlow) -> Iterator[Finding]:
    """Tell of each final state that alone asks for a key; the first state hears the first message.

    It holds for every model and user: nothing is read once a conversation has ended.
    """
    states, initial = flow.definition.states.values(), flow.definition.initial_state
    ends = [state for state in states if state.is_final and state.own_keys and state.id != initial]
    if not ends or len(flow.reached) < len(states):
        return
    for state in ends:
        unheard = [key for key in state.own_keys if key in state.forget or not flow.can_come(state, key)]
        if unheard:
            field = "required_context_keys" if state.required_context_keys else "optional_context_keys"
            message = (
                f"{state.id!r} is final, as it has no transitions: the conversation ends as it is entered, and no "
                f"answer for {listed_names(unheard)} is read."
            )
            advice = "Give it a transition to a final state, or let a state before it ask."
            yield Finding(at("states", state.id, field), "unheard-end", message, advice)
