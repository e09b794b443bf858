"""Logic that is a text: `"age >= 18"` is no expression, but a value, and as one it is always true.

JsonLogic takes every value for itself, so such a condition can be read, and holds whatever is known. Such a definition
runs, so it is warned of and loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition, Transition
from fsm_langgraph.errors import Problem


def find_text_logic(definition: FSMDefinition) -> Iterator[Problem]:
    """Warn of each condition whose logic is a text."""
    yield from _in_transitions(("global_transitions",), definition.global_transitions)
    for state in definition.states.values():
        yield from _in_transitions(("states", state.id, "transitions"), state.transitions)
    for name, inner in definition.subflows.items():
        yield from (problem.below(at("subflows", name)) for problem in find_text_logic(inner))


def _in_transitions(steps: tuple[str, ...], transitions: Sequence[Transition]) -> Iterator[Problem]:
    for number, transition in enumerate(transitions):
        for index, condition in enumerate(transition.conditions):
            if isinstance(condition.logic, str):
                holds = "always holds" if condition.logic else "never holds"
                path = at(*steps, number, "conditions", index, "logic")
                message = f"{condition.logic!r} is a text, not an expression, so that it {holds}."
                yield Problem(path, "text-logic", message, _ADVICE, severity="warning")


_ADVICE = 'Write JsonLogic, without quotes around the whole: {">=": [{"var": "age"}, 18]}.'
