"""Secrets that a model is to collect: the user types them, so that they stand in the messages all the same."""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.data.json_data import at


def find_typed_secrets(view: MachineView) -> Iterator[Finding]:
    """Find each secret key that a model may write."""
    for key in view.definition.model_keys or ():
        if key in view.definition.secret_keys:
            message = (
                f"the key {key!r} is secret, and a model is to write it: what the user typed stays in the messages."
            )
            advice = 'Have your own code write it: "written_by": "handler" or "caller".'
            yield Finding(at("context", key, "secret"), "typed-secret", message, advice)
