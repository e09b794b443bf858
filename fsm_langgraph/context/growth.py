"""The growth of the context: which writes it has room for.

    a value            larger than its limit is refused, unless it is there already
    an undeclared key  is refused where there are as many as may be; those that are there can be changed and removed
    the whole          what would make it larger than its limit is refused; what makes it smaller never is

So a context that is over its limits, since an earlier release has stored it or a limit was lowered, can still be worked
with. Keys that the definition does not name may fill half of the whole: what a model volunteers takes no room from what
the machine asks for.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

from pydantic import JsonValue

from fsm_langgraph.context.values import same
from fsm_langgraph.context.writes import Context, Rejection, Writer
from fsm_langgraph.data.name_signs import MAX_NAME
from fsm_langgraph.data.size_limits import Limits, json_size, may_exceed
from fsm_langgraph.definition import FSMDefinition


def within(
    limits: Limits,
    definition: FSMDefinition,
    context: Mapping[str, JsonValue],
    writes: Context,
    writer: Writer,
    *,
    none: Container[str] = (),
) -> tuple[Context, tuple[Rejection, ...]]:
    """Return the writes that the context has room for, and the others with the reasons.

    Args:
        limits: The limits.
        definition: The definition, whose keys count as named.
        context: The context without the writes.
        writes: Writes whose values fit their declarations; `None` removes a key, unless it is the answer "none".
        writer: Who writes. Handlers may make up any number of keys.
        none: The keys to which the answer is "none".
    """
    if not writes or _is_small(limits, context, writes):
        return writes, ()
    room = _FillingContext(limits, definition, context, writer)
    removed = [key for key, value in writes.items() if value is None and key not in none]
    for key in removed:
        room.remove(key)
    kept: Context = dict.fromkeys(removed)
    rejected: list[Rejection] = []
    for key, value in writes.items():
        if key in kept:
            continue
        if (refusal := room.take(key, value)) is None:
            kept[key] = value
        else:
            rejected.append(refusal)
    return {key: value for key, value in writes.items() if key in kept}, tuple(rejected)


def _is_small(limits: Limits, context: Mapping[str, JsonValue], writes: Context) -> bool:
    """Say whether a context is so small with the writes that no limit is near."""
    grown, most, least = {**context, **writes}, limits.undeclared_keys, limits.least_of_context
    if (most is not None and len(grown) > most) or any(len(key) > MAX_NAME for key in writes):
        return False
    return least is None or not may_exceed(grown, least)


class _FillingContext:
    """A context that fills as writes are taken."""

    def __init__(
        self, limits: Limits, definition: FSMDefinition, context: Mapping[str, JsonValue], writer: Writer
    ) -> None:
        self._limits = limits
        self._definition = definition
        self._writer = writer
        self._context = context
        self._sizes = {key: _size_of(key, value) for key, value in context.items()}
        self._total = sum(self._sizes.values())
        unnamed = [size for key, size in self._sizes.items() if not self._is_named(key)]
        self._unnamed, self._count = sum(unnamed), len(unnamed)

    def remove(self, key: str) -> None:
        """Make the room free that a key takes."""
        self._resize(key, 0)

    def take(self, key: str, value: JsonValue) -> Rejection | None:
        """Take a write, or say why there is no room for it."""
        size, before, limits = _size_of(key, value), self._sizes.get(key, 0), self._limits
        is_named, is_new = self._is_named(key), key not in self._sizes
        if is_new and not is_named and (reason := self._refuses_name(key)):
            return Rejection(shortened_name(key), reason, "key")
        told = too_large(value, limits.value) if limits.value is not None else ""
        if told and (is_new or not same(self._context.get(key), value)):
            return Rejection(key, told, "value")
        if size > before and (reason := self._has_no_room(size - before, is_named=is_named)):
            return Rejection(key, reason, "value")
        self._resize(key, size)
        return None

    def _refuses_name(self, key: str) -> str:
        if len(key) > MAX_NAME:
            return f"is under a name of more than {MAX_NAME} characters"
        most = self._limits.undeclared_keys
        if self._writer == "handler" or most is None or self._count < most:
            return ""
        return f"is under one key too many: {most:,} are kept that the definition does not name"

    def _has_no_room(self, more: int, *, is_named: bool) -> str:
        most = self._limits.context
        if most is not None and self._total + more > most:
            return f"has no room: all values together may have {most:,} bytes"
        if most is not None and not is_named and self._writer != "handler" and self._unnamed + more > most // 2:
            return f"has no room: values that the definition does not name may have {most // 2:,} bytes together"
        return ""

    def _resize(self, key: str, size: int) -> None:
        before = self._sizes.pop(key, 0)
        if size:
            self._sizes[key] = size
        self._total += size - before
        if not self._is_named(key):
            self._unnamed += size - before
            self._count += bool(size) - bool(before)

    def _is_named(self, key: str) -> bool:
        return key in self._definition.named_keys


def too_large(value: JsonValue, limit: int) -> str:
    """Say that a value is larger than the limit, as the end of the sentence "its value …"; empty where it is not."""
    if not may_exceed(value, limit) or (size := json_size(value)) <= limit:
        return ""
    return f"is too large: it has {size:,} bytes, and may have {limit:,}"


def shortened_name(key: str) -> str:
    """Return the name of a key that was refused; of one that is too long, its beginning."""
    return key if len(key) <= MAX_NAME else f"{key[:MAX_NAME]}…"


def _size_of(key: str, value: JsonValue) -> int:
    return json_size(key) + json_size(value) + 2
