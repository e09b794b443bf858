"""The keys that a state forgets as it is entered, with those that depend on them (`depends_on`).

These are gone as the state is left, at the latest. What the user has told ahead in the same turn is kept, and so is
what code has written in it. So a key that is named here may be there all the same; one that is not named stays.
"""

from __future__ import annotations

from fsm_langgraph.definition import FSMDefinition, State


def forgotten_with(definition: FSMDefinition, state: State) -> frozenset[str]:
    """Name the keys that a state forgets, and those that go with them."""
    forgotten = {*definition.forgotten_in(state)}
    for key, depended_on in definition.dependents.items() if forgotten else ():  # what others depend on comes first
        if not forgotten.isdisjoint(depended_on):
            forgotten.add(key)
    return frozenset(forgotten)
