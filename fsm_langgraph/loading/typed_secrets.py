"""Secrets that a model is to collect: the user types them, so that they stand in the messages, whatever is hidden else.

Such a definition runs, and the values are hidden in all other places, so it is warned of and loaded.
"""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import Problem


def find_typed_secrets(definition: FSMDefinition) -> Iterator[Problem]:
    """Warn of each secret key that a model may write."""
    for key in definition.model_keys or ():
        if key in definition.secret_keys:
            message = (
                f"the key {key!r} is secret, and a model is to write it: what the user typed stays in the messages."
            )
            advice = 'Have your own code write it: "written_by": "handler" or "caller".'
            yield Problem(at("context", key, "secret"), "typed-secret", message, advice, severity="warning")
    for name, inner in definition.subflows.items():
        yield from (problem.below(at("subflows", name)) for problem in find_typed_secrets(inner))
