"""Definitions to be checked: a form over a few keys, and the findings of some kinds in one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from machines import Json, machine, state, to

from fsm_langgraph import load_definition
from fsm_langgraph.checking import Finding, examine

DECLARED: Json = {
    "nights": {"type": "integer", "minimum": 1},
    "guest": {"type": "string"},
    "size": {"enum": ["single", "double"]},
    "paid": {"type": "boolean"},
    "extras": {"type": "array", "items": {"type": "string"}},
    "stays": {"type": "array", "items": {"type": "object"}},
    "address": {"type": "object"},
    "anything": {},
    "total": {"type": "number", "written_by": "handler"},
    "customer": {"type": "string", "written_by": "caller"},
    "card": {"type": "string", "written_by": "caller", "secret": True},
}
"""Keys of every type and writer."""


def form(context: Json | None = None, /, *, keys: Collection[str] = ("nights", "guest"), **fields: Any) -> Json:
    """Write a machine that asks for some keys and ends with a state of these fields."""
    asked = state("ask", to("end", *keys), required_context_keys=[*keys])
    return machine(asked, state("end", **fields), **({"context": context} if context is not None else {}))


def found(definition: Any, *codes: str) -> list[Finding]:
    """Return what is found in a definition, of these codes where some are given; notes too."""
    return [each for each in examine(load_definition(definition)).findings if not codes or each.code in codes]
