"""Lookups: a namespace and a key of LangGraph's store, as templates over the context, and the tags that read them.

    {{store.customer.name}}    the member `name` of the item that the lookup `customer` finds

A store key is made of the whole context, secrets included, since it is not shown; an error tells parts that are made
of secrets as the file has them. While a key of the context that it names is not known, there is no store key. None of
its labels is one that a store refuses: some stores would read `a.b` as two labels, and find another's item.
"""

from __future__ import annotations

from typing import Any

from fsm_langgraph.context.writes import Context
from fsm_langgraph.definition import FSMDefinition, Lookup
from fsm_langgraph.errors import MissingDataError
from fsm_langgraph.templates.filling import OverfullError
from fsm_langgraph.templates.template import Template

STORE = "store"
"""The name with which tags begin that read from the store."""

StoreKey = tuple[tuple[str, ...], str]
"""An item's namespace, and its key there."""


def store_lookups(definition: FSMDefinition) -> dict[str, StoreLookup]:
    """Return the lookups of a definition, by name."""
    secret = definition.secret_keys
    return {name: StoreLookup(name, lookup, secret) for name, lookup in (definition.store or {}).items()}


class StoreLookup:
    """One lookup of a definition, with its templates read."""

    def __init__(self, name: str, lookup: Lookup, secret_keys: frozenset[str]) -> None:
        self.name = name
        self.is_required = lookup.required
        self._texts = (*lookup.namespace, lookup.key)
        self._parts = [Template(text) for text in self._texts]
        self._secret_keys = secret_keys

    def store_key(self, context: Context) -> StoreKey | str:
        """Return the key of its item in this context, or a text: the reason why there is none."""
        for path in sorted(path for part in self._parts for path in part.paths):
            if not _is_label(_value(context, path)):
                return f"the context has no text or number under {path!r}, of which its place is made"
        try:
            *namespace, key = [part.fill(context) for part in self._parts]
        except OverfullError:
            return "what its place is made of is too long"
        for label in namespace:
            if fault := label_fault(label):
                return f"a label of its namespace {fault}"
        if "\0" in key:
            return "its key has a zero byte in it, which databases refuse"
        return tuple(namespace), key

    def missing(self, state: str, context: Context, nothing: str) -> MissingDataError:
        """Make the error of a state that requires it and does not get it.

        Args:
            state: The state's path.
            context: The context of the lookup.
            nothing: The reason why there is no item, where the store key is known.
        """
        store_key = self.store_key(context)
        told = context.keys() - self._secret_keys if not isinstance(store_key, str) else set()
        *namespace, key = [
            part.fill(context) if part.names <= told else text
            for text, part in zip(self._texts, self._parts, strict=True)
        ]
        return MissingDataError(state, self.name, namespace, key, store_key if isinstance(store_key, str) else nothing)


def names_read(template: Template) -> frozenset[str]:
    """Return the names that follow `store.` in a template's tags, "" where `store` stands alone."""
    paths = (path.split(".") for path in template.paths)
    return frozenset(steps[1] if steps[1:] else "" for steps in paths if steps[0] == STORE)


def label_fault(label: str) -> str:
    """Say why no store takes this label of a namespace, as the end of a sentence about it; "" where stores do."""
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
