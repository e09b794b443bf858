"""Texts over secret keys: no prompt and no `say` shows a secret, so that nothing stands where the tag is.

Such a definition runs, and its author is not told in the conversation, so it is warned of and loaded.
"""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import Problem
from fsm_langgraph.templates.template import Template


def find_unshown_secrets(definition: FSMDefinition) -> Iterator[Problem]:
    """Warn of each template with a tag over a secret key."""
    if definition.secret_keys:
        for path, text in _templates(definition):
            for key in sorted(Template(text).bare_names & definition.secret_keys):
                message = f"the key {key!r} is secret, and no text shows one: nothing stands where its tag is."
                advice = "Have a handler write what may be shown, such as its last digits, into a key of its own."
                yield Problem(path, "unshown-secret", message, advice, severity="warning")
    for name, inner in definition.subflows.items():
        yield from (problem.below(at("subflows", name)) for problem in find_unshown_secrets(inner))


def _templates(definition: FSMDefinition) -> Iterator[tuple[str, str]]:
    for field in ("persona", "fallback_message"):
        yield field, getattr(definition, field)
    for state_id, state in definition.states.items():
        for field in ("description", "purpose", "instructions", "extraction_instructions", "say"):
            yield at("states", state_id, field), getattr(state, field)
