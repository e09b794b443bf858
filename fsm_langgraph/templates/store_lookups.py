"""Where lookups are made: a namespace and a key of LangGraph's store, as templates over the context.

A place is made of the whole context, secrets included, since it is not shown; an error tells those as the file has
them. It is not made of what is not known yet, and no label is one that a store refuses: some would read `a.b` as two
labels, and find what is another's.
"""

from __future__ import annotations

from typing import Any

from fsm_langgraph.context.writes import Context
from fsm_langgraph.definition import FSMDefinition, Lookup
from fsm_langgraph.errors import MissingDataError
from fsm_langgraph.templates.template import Template

Place = tuple[tuple[str, ...], str]
"""Where an item is: its namespace and its key."""


def store_lookups(definition: FSMDefinition) -> dict[str, StoreLookup]:
    """Make the lookups of a definition ready."""
    secret = definition.secret_keys
    return {name: StoreLookup(name, lookup, secret) for name, lookup in (definition.store or {}).items()}


class StoreLookup:
    """One lookup, ready to be made."""

    def __init__(self, name: str, lookup: Lookup, secret_keys: frozenset[str]) -> None:
        self.name = name
        self.is_required = lookup.required
        self._texts = (*lookup.namespace, lookup.key)
        self._parts = [Template(text) for text in self._texts]
        self._secret_keys = secret_keys

    def place(self, context: Context) -> Place | str:
        """Return where it is made in this context, or why it cannot be."""
        for path in sorted(path for part in self._parts for path in part.paths):
            if not _is_label(_value(context, path)):
                return f"the context has no text or number under {path!r}, of which its place is made"
        *namespace, key = [part.fill(context) for part in self._parts]
        for label in namespace:
            if fault := label_fault(label):
                return f"a label of its namespace {fault}"
        if "\0" in key:
            return "its key has a zero byte in it, which databases refuse"
        return tuple(namespace), key

    def missing(self, state: str, context: Context, nothing: str) -> MissingDataError:
        """Make the error of a state that requires it, where it could not be made or found nothing."""
        place = self.place(context)
        told = context.keys() - self._secret_keys if not isinstance(place, str) else set()
        *namespace, key = [
            part.fill(context) if part.names <= told else text
            for text, part in zip(self._texts, self._parts, strict=True)
        ]
        return MissingDataError(state, self.name, namespace, key, place if isinstance(place, str) else nothing)


def label_fault(label: str) -> str:
    """Say why no store takes this label of a namespace, as what follows its name; nothing if it may."""
    if not label:
        return "is empty"
    for sign, name in ((".", "a period"), ("\0", "a zero byte")):
        if sign in label:
            return f"has {name} in it, which LangGraph refuses"
    return ""


def _value(context: Context, path: str) -> Any:
    value: Any = context
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _is_label(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""
