"""The keys that a state forgets as it is entered: one answer for all checks.

    forgotten_by    those that it forgets (`forget`), and the confirmations that it has to hear anew
    forgotten_with  these, and what depends on them (`depends_on`), as it is left at the latest

What the user has told ahead in the same turn is kept, and so is what code has written in it. So a key that is named
here may be there all the same; one that is not named stays.
"""

from __future__ import annotations

from fsm_langgraph.definition import FSMDefinition, State


def forgotten_by(definition: FSMDefinition, state: State) -> list[str]:
    """Name the keys that a state forgets as it is entered, by its own word or since they are to confirm something."""
    confirming = (key for condition in definition.confirmations_in(state) for key in condition.confirming)
    return [*dict.fromkeys((*state.forget, *confirming))]


def forgotten_with(definition: FSMDefinition, state: State) -> frozenset[str]:
    """Name the keys that a state forgets, and those that go with them."""
    forgotten = {*forgotten_by(definition, state)}
    for key, depended_on in definition.dependents.items() if forgotten else ():  # what others depend on comes first
        if not forgotten.isdisjoint(depended_on):
            forgotten.add(key)
    return frozenset(forgotten)
