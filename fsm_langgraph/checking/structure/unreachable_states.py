"""States that no conversation comes to, and sub-machines that no state runs.

Most often a transition was forgotten, and the conversation ends in the state that should have had it, since a state
without transitions is final. Such a definition runs, and a caller may send a conversation to any state
(`update_state`), as may a node of one's own, so it is warned of and loaded.

Of states that only other unreachable ones lead to nothing is told by itself: they come with those. So do those that a
global transition leads to, as it would where a user is heard again.
"""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.structure.components import components
from fsm_langgraph.checking.structure.endings import unreached_ends
from fsm_langgraph.checking.structure.machine_shape import Shape
from fsm_langgraph.checking.word_lists import MOST_NAMED, listed_names
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition


def find_unreachable_states(shape: Shape) -> Iterator[Finding]:
    """Tell of each state that neither a transition nor a global one leads to from the initial state.

    It holds for every model, user and handler; only code that writes `current_state`, or leads an edge of a graph
    around into the state, comes there.
    """
    definition, reach = shape.definition, shape.reach
    unreached = {name: shape.onward[name] for name in definition.states if name not in reach.states}
    if not unreached:
        return
    everywhere = {each.target_state for each in definition.global_transitions}
    ends = [name for name in shape.ends if name not in everywhere]
    ends = [name for name in ends if definition.states[name].own_keys] or ends  # who asks is meant to go on
    where = f"  Final, as they have no transitions: {listed_names(ends)}." if ends else ""
    advice = f"Lead a transition here, or remove it; accept it where code of your own sends conversations here.{where}"
    told_with_ends = set(unreached_ends(shape))
    first = [*_first_of(unreached)]
    for name in [name for name in first if name not in everywhere] or first:
        following = _following(name, unreached)
        if told_with_ends.isdisjoint((name, *following)):
            message = f"no transition leads to {name!r} from the initial state {definition.initial_state!r}"
            rest = f", so nothing comes to {listed_names(following)} by it either" if following else ""
            yield Finding(at("states", name), "unreachable-state", f"{message}{rest}.", advice)


def find_unused_sub_machines(shape: Shape) -> Iterator[Finding]:
    """Tell of each sub-machine that neither a state of its machine runs, nor one of a machine inside.

    It holds for every conversation; what is given to the loader by name is taken in only where a state runs it.
    """
    definition = shape.definition
    for name, inner in definition.subflows.items():
        if not _is_run(name, inner, definition):
            message = f"no state runs the sub-machine {name!r}, so no conversation comes to its states."
            yield Finding(at("subflows", name), "unused-sub-machine", message, "Let a state run it, or remove it.")


def _is_run(name: str, inner: FSMDefinition, definition: FSMDefinition) -> bool:
    if any(state.subflow == name for state in definition.states.values()):
        return True
    return any(
        name in other.subflows and other.subflows[name] == inner and _is_run(name, inner, other)
        for other_name, other in definition.subflows.items()
        if other_name != name
    )


def _first_of(unreached: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """Name a state of each group that no other unreachable state leads to: the first, or the only one of its ring."""
    groups = [*components(unreached)]
    group_of = {name: number for number, group in enumerate(groups) for name in group}
    led_to = {
        group_of[target]
        for name, targets in unreached.items()
        for target in targets
        if target in group_of and group_of[target] != group_of[name]
    }
    for name in unreached:
        number = group_of[name]
        if number not in led_to:
            led_to.add(number)
            yield name


def _following(first: str, unreached: dict[str, tuple[str, ...]]) -> list[str]:
    """Name the unreachable states that one leads to; of many only so many as are told of."""
    found = {first: None}
    waiting = [first]
    for name in waiting:  # it grows while it is gone through
        fresh = [target for target in unreached[name] if target in unreached and target not in found]
        found.update(dict.fromkeys(fresh))
        waiting += fresh
        if len(found) > MOST_NAMED:
            break
    return [*found][1 : MOST_NAMED + 1]
