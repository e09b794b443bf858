"""Writes to the context: who may write a key, and the changes that follow.

The context is a JSON object. Three parties write it (the model, handlers, the caller) and all of them come
through here. A value that does not fit its declaration is rejected with a reason (`values.py` says when) and
everything else is kept. Keys that start with "_" are the machine's.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from pydantic import JsonValue

from fsm_langgraph.context.secret_tokens import is_token, reason_for_secret
from fsm_langgraph.context.values import coerce, same
from fsm_langgraph.data.composition import composed
from fsm_langgraph.data.formats import same_instant
from fsm_langgraph.data.surrogates import mended
from fsm_langgraph.definition import ContextKey, FSMDefinition

Context = dict[str, JsonValue]
Writer = Literal["model", "handler", "caller"]

MACHINE_PREFIX = "_"
"""The sign with which the machine's own keys start."""

ANSWERED_NONE = f"{MACHINE_PREFIX}none"
"""The key under which a turn's update names the keys to keep with null; nobody can write it, and it is not stored."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A write that was refused."""

    key: str
    """The key that was to be written."""
    reason: str
    """Why it was not, as the end of the sentence "its value …"."""
    kind: Literal["value", "key", "placeholder", "replaced"]
    """Whether the value does not fit, the key is not the writer's to write, the value says nothing, or another value of
    the same reply holds."""


@dataclass(frozen=True, slots=True)
class Writes:
    """The writes of an update, checked: those that hold, and those that are refused."""

    accepted: Context
    """Values to store; `None` removes the key, unless it is the answer "none"."""
    rejected: tuple[Rejection, ...]
    """The refused ones, in the order written."""
    none: frozenset[str] = frozenset()
    """The keys to which the answer is "none": they are kept, with null."""


def check_writes(
    definition: FSMDefinition,
    update: Iterable[tuple[Any, Any]],
    writer: Writer,
    *,
    known: Mapping[str, JsonValue] = MappingProxyType({}),
) -> Writes:
    """Sort the writes of an update into those that hold and those that are refused.

    Args:
        definition: The definition whose declarations hold.
        update: Pairs of a key and its value, unchecked; a `None` removes the key.
        writer: Who writes.
        known: The context; a time that is there already in the words of another zone stays as it is.
    """
    accepted: Context = {}
    rejected: list[Rejection] = []
    for given, value in update:
        key = composed(given) if isinstance(given, str) else given
        if reason := _refusal(definition, key, writer):
            rejected.append(Rejection(mended(str(key)), reason, "key"))
        elif value is None:
            accepted[key] = None
        else:
            is_secret = key in definition.secret_keys
            try:
                fitted = _settled(coerce(value, declared := definition.declared(key)), known.get(key), declared)
            except ValueError as error:
                reason = reason_for_secret(str(error), value) if is_secret else str(error)
                rejected.append(Rejection(key, reason, "value"))
                continue
            if is_secret and is_token(fitted):  # blanks around one are gone by now
                rejected.append(Rejection(key, _NOT_KNOWN_HERE, "value"))
            else:
                accepted[key] = fitted
    return Writes(accepted, tuple(rejected))


_NOT_KNOWN_HERE = "is the token of a secret that this conversation does not have"


def is_writable(definition: FSMDefinition, key: str, writer: Writer) -> bool:
    """Say whether this writer may write this key."""
    return not _refusal(definition, key, writer)


def apply(
    context: Mapping[str, JsonValue], writes: Mapping[str, JsonValue], none: Container[str] = frozenset()
) -> Context:
    """Return the context with the writes made in it; a `None` removes its key, save for those that are to be kept."""
    merged = {**context, **writes}
    return {key: value for key, value in merged.items() if value is not None or key not in writes or key in none}


def changed_keys(before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> frozenset[str]:
    """Name the keys whose value differs: `1` is not `true`, and null, the answer "none", is not nothing."""
    return frozenset(difference(before, after))


def difference(before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> Context:
    """Return the writes that turn one context into the other, always in the same order."""
    if before is after:
        return {}
    return {
        key: after.get(key)
        for key in {**before, **after}
        if not same(before.get(key), after.get(key)) or (key in before) is not (key in after)
    }


def update_of(stored: Mapping[str, JsonValue], context: Context) -> Context:
    """Return the update that turns what is stored into a context: what differs, with `None` for what is gone.

    The channel of the context merges it. Nulls that are the answer "none" are named under `ANSWERED_NONE`.
    """
    update = difference(stored, context)
    none = answered_none(context, update)
    return {**update, ANSWERED_NONE: [*sorted(none)]} if none else update


def answered_none(context: Mapping[str, JsonValue], keys: Iterable[str]) -> frozenset[str]:
    """Name those of the keys to which a context has the answer "none"."""
    return frozenset(key for key in keys if key in context and context[key] is None)


def _settled(value: JsonValue, known: JsonValue, declaration: ContextKey | None) -> JsonValue:
    """Return the value that is known, where the new one is the same moment."""
    form = declaration.format if declaration is not None else None
    if (form == "time" or form == "date-time") and isinstance(value, str) and isinstance(known, str):
        return known if same_instant(known, value, form) else value
    return value


def _refusal(definition: FSMDefinition, key: Any, writer: Writer) -> str:
    if not isinstance(key, str) or mended(key) != key:
        return "is under a key that is not text"
    if not key or key.startswith(MACHINE_PREFIX):
        return "is under a key of the machine's"
    declaration = definition.declared(key)
    if writer == "model" and definition.context is not None:
        if declaration is None:
            return "is under a key that is not declared"
        if declaration.written_by != "model":
            return f"is under a key that only the {declaration.written_by} writes"
    return ""
