"""The context: who may write a key, what a key may hold, and what a write changes.

The context is a JSON object. Three parties write it (the model, handlers, the caller) and all of them come through
here. Values are checked against their declaration and coerced where the meaning is plain ("30" is 30); a value that
does not fit is rejected with a reason and everything else is kept. Keys that start with "_" are the machine's.
"""

from __future__ import annotations

import json
import math
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import JsonValue

from fsm_langgraph.definition import ContextKey, FSMDefinition

Context = dict[str, JsonValue]
Writer = Literal["model", "handler", "caller"]

MACHINE_PREFIX = "_"
MAX_DEPTH = 32
"""How deep a value may nest; deeper ones come from no honest writer and break serialisers."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A write that was refused."""

    key: str
    """The key that was to be written."""
    reason: str
    """Why it was not, as the end of the sentence "its value …"."""
    kind: Literal["value", "key"]
    """Whether the value does not fit, or the key is not the writer's to write."""


@dataclass(frozen=True, slots=True)
class Writes:
    """What is left of an update after every write in it was checked."""

    accepted: Context
    """Values to store; `None` removes the key."""
    rejected: tuple[Rejection, ...]
    """What was refused, in the order written."""


def check_writes(definition: FSMDefinition, update: Iterable[tuple[str, Any]], writer: Writer) -> Writes:
    """Sort the writes of an update into those that hold and those that are refused."""
    accepted: Context = {}
    rejected: list[Rejection] = []
    for key, value in update:
        declaration = definition.declared(key)
        if reason := _refusal(definition, key, writer):
            rejected.append(Rejection(key, reason, "key"))
        elif value is None:
            accepted[key] = None
        else:
            try:
                accepted[key] = coerce(value, declaration)
            except ValueError as error:
                rejected.append(Rejection(key, str(error), "value"))
    return Writes(accepted, tuple(rejected))


def apply(context: Mapping[str, JsonValue], writes: Mapping[str, JsonValue]) -> Context:
    """Return the context with the writes made in it; a `None` removes its key."""
    merged = {**context, **writes}
    return {key: value for key, value in merged.items() if value is not None or key not in writes}


def changed_keys(before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> frozenset[str]:
    """Name the keys whose value differs; `1` and `true` differ."""
    return frozenset(
        key for key in before.keys() | after.keys() if not _same(before.get(key), after.get(key))
    )


def difference(before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> Context:
    """Return the writes that turn one context into the other."""
    return {key: after.get(key) for key in changed_keys(before, after)}


def is_writable(definition: FSMDefinition, key: str, writer: Writer) -> bool:
    """Say whether this writer may write this key."""
    return not _refusal(definition, key, writer)


def coerce(value: Any, declaration: ContextKey | None) -> JsonValue:
    """Return the value in its declared type; raise `ValueError` with the reason where it does not fit."""
    if _depth(value) > MAX_DEPTH:
        raise ValueError(f"nests deeper than {MAX_DEPTH} levels")
    if declaration is None:
        return _PLAIN.get(value.strip().lower(), value) if isinstance(value, str) else _json(value)
    if declaration.type is not None:
        value = _COERCIONS[declaration.type](value)
    if declaration.enum is not None:
        value = _member(value, declaration.enum)
    if isinstance(value, str):
        _check_string(value, declaration)
    if isinstance(value, int | float) and not isinstance(value, bool):
        _check_number(value, declaration)
    if isinstance(value, list) and declaration.items is not None:
        value = [coerce(item, declaration.items) for item in value]
    return _json(value)


_PLAIN: dict[str, JsonValue] = {"true": True, "false": False}
"""Words that a model writes for booleans where no type is declared; "false" must not count as present."""


def _refusal(definition: FSMDefinition, key: str, writer: Writer) -> str:
    if not key or key.startswith(MACHINE_PREFIX):
        return "is under a key of the machine's"
    declaration = definition.declared(key)
    if writer == "model" and definition.context is not None:
        if declaration is None:
            return "is under a key that is not declared"
        if declaration.written_by != "model":
            return f"is under a key that only the {declaration.written_by} writes"
    return ""


def _to_string(value: Any) -> str:
    if isinstance(value, str):
        if not value.strip():
            raise ValueError("is empty")
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise ValueError("is not a string")


def _to_number(value: Any) -> int | float:
    if isinstance(value, str):
        try:
            value = float(value.strip().replace(",", "") if re.fullmatch(r"\s*-?\d{1,3}(,\d{3})+(\.\d+)?\s*", value) else value)
        except ValueError:
            raise ValueError("is not a number") from None
        value = int(value) if math.isfinite(value) and value.is_integer() else value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("is not a number")
    return value


def _to_integer(value: Any) -> int:
    number = _to_number(value)
    if isinstance(number, float) and not number.is_integer():
        raise ValueError("is not a whole number")
    return int(number)


def _to_boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        match value.strip().lower():
            case "true" | "yes" | "y" | "1":
                return True
            case "false" | "no" | "n" | "0":
                return False
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    raise ValueError("is not true or false")


def _to_array(value: Any) -> list[Any]:
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = _parsed(value)
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, dict):
        raise ValueError("is not a list")
    return [value]


def _to_object(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        value = _parsed(value)
    if not isinstance(value, dict):
        raise ValueError("is not an object")
    return value


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("is not valid JSON") from None


_COERCIONS: dict[str, Callable[[Any], Any]] = {
    "string": _to_string,
    "number": _to_number,
    "integer": _to_integer,
    "boolean": _to_boolean,
    "array": _to_array,
    "object": _to_object,
}


def _member(value: Any, allowed: tuple[JsonValue, ...]) -> JsonValue:
    for choice in allowed:
        if _same(value, choice):
            return choice
    if isinstance(value, str):
        for choice in allowed:
            written = choice if isinstance(choice, str) else json.dumps(choice)
            if written.casefold() == value.strip().casefold():
                return choice
    listed = ", ".join(json.dumps(choice, ensure_ascii=False) for choice in allowed)
    raise ValueError(f"is not one of {listed}")


def _check_string(value: str, declaration: ContextKey) -> None:
    if declaration.format is not None and not _FORMATS[declaration.format](value):
        raise ValueError(f"is not {_FORMAT_NAMES[declaration.format]}")
    if declaration.pattern is not None and not re.search(declaration.pattern, value):
        raise ValueError(f"does not match the pattern {declaration.pattern}")


def _check_number(value: int | float, declaration: ContextKey) -> None:
    if declaration.minimum is not None and value < declaration.minimum:
        raise ValueError(f"is below {declaration.minimum}")
    if declaration.maximum is not None and value > declaration.maximum:
        raise ValueError(f"is above {declaration.maximum}")


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def accepts(text: str) -> bool:
        try:
            parse(text)
        except ValueError:
            return False
        return True

    return accepts


def _is_uri(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path)) and not re.search(r"\s", text)


_FORMATS: dict[str, Callable[[str], bool]] = {
    "email": lambda text: re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;.]+(\.[^@\s<>,;.]+)+", text) is not None,
    "date": _parses(lambda text: date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else _raise()),
    "time": _parses(time.fromisoformat),
    "date-time": _parses(datetime.fromisoformat),
    "uri": _is_uri,
    "uuid": _parses(uuid.UUID),
}
_FORMAT_NAMES = {
    "email": "an e-mail address",
    "date": "a date such as 1990-05-31",
    "time": "a time such as 14:30",
    "date-time": "a date and time such as 1990-05-31T14:30",
    "uri": "a web address",
    "uuid": "a UUID",
}


def _raise() -> None:
    raise ValueError


def _json(value: Any) -> JsonValue:
    """Return the value if JSON can hold it: what is stored must survive every serialiser."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("is not a finite number")
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("has keys that are not strings")
        return {key: _json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise ValueError(f"is a {type(value).__name__}, which JSON cannot hold")


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level and depth <= MAX_DEPTH:
        level = [
            item
            for holder in level
            if isinstance(holder, dict | list | tuple)
            for item in (holder.values() if isinstance(holder, dict) else holder)
        ]
        depth += 1
    return depth


def _same(one: Any, other: Any) -> bool:
    """Compare as JSON does: unlike in Python, `1` is not `true`."""
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)
