"""States that no conversation comes to: neither a transition nor a global one leads there from the initial state.

Most often a transition was forgotten, and the conversation ends in the state that should have had it, since a state
without transitions is final. Such a definition runs, and a caller may send a conversation to any state
(`update_state`), so it is warned of and loaded.
"""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import Problem


def find_unreachable_states(definition: FSMDefinition) -> Iterator[Problem]:
    """Warn of each state that no transition leads to from the initial state."""
    everywhere = [transition.target_state for transition in definition.global_transitions]
    reached = _reached(definition, [definition.initial_state, *everywhere])
    ends = [repr(name) for name in reached if not (definition.states[name].transitions or name in everywhere)]
    message = f"no transition leads here from the initial state {definition.initial_state!r}."
    where = f"  Final, as they have no transitions: {', '.join(ends)}." if ends else ""
    for name in definition.states:
        if name not in reached:
            advice = f"Lead one here, or remove the state.{where}"
            yield Problem(at("states", name), "unreachable-state", message, advice, severity="warning")
    for name, inner in definition.subflows.items():
        yield from (problem.below(at("subflows", name)) for problem in find_unreachable_states(inner))


def _reached(definition: FSMDefinition, first: list[str]) -> list[str]:
    """List the states that some others lead to, in however many steps, those others among them."""
    reached = list(dict.fromkeys(first))
    for name in reached:  # it grows while it is gone through
        targets = dict.fromkeys(transition.target_state for transition in definition.states[name].transitions)
        reached += [target for target in targets if target not in reached]
    return reached
