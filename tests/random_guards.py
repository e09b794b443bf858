"""Random declarations, guards over them, and contexts that can be stored: always the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.checking.proving.domains import Domain
from fsm_langgraph.context.values import coerce
from fsm_langgraph.definition import ContextKey, FSMDefinition
from fsm_langgraph.logic.operators import OPERATORS

KEYS = ("a", "b", "c", "xs", "o")
PATHS = (*KEYS, *KEYS, "xs.0", "xs.1", "xs.length", "o.m", "o.m.n", "a.length", "a.0", "nowhere", "_stays", "_now")
TEXTS = ("", "0", "1", "3", "10", "-3", " 7 ", ".5", "1e3", "0x10", "12abc", "abc", "b", "red", "blue", "true", "no")
DAYS = ("2026-01-01", "2026-03-05", "2025-12-31")
MOMENTS = ("2026-03-05T10:00:00Z", "2026-01-01T00:00:00Z")
NUMBERS = (0, 1, -1, 2, 3, 5, 10, 18, -7, 2.5, -0.5, 0.1, 0.2, 0.3, 1e21, 2**53 + 1, 2**60, -(2**62), 1e308)
DECLARATIONS: Sequence[dict[str, Any]] = (
    {},
    {"type": "string"},
    {"type": "integer"},
    {"type": "integer", "minimum": 1, "maximum": 10},
    {"type": "number"},
    {"type": "number", "minimum": 0.5},
    {"type": "boolean"},
    {"type": "boolean", "default": False},
    {"enum": ["red", "blue", "10"]},
    {"type": "string", "enum": ["red", "3", " x "]},
    {"enum": [1, "1", True, None, 2.5]},
    {"type": "integer", "default": 3},
    {"type": "string", "format": "date"},
    {"type": "string", "pattern": "^[a-z]+$"},
    {"type": "array"},
    {"type": "array", "items": {"type": "integer"}},
    {"type": "array", "items": {"enum": ["red", "blue"]}},
    {"type": "array", "items": {"description": "anything"}},
    {"type": "object"},
    {"minimum": 2, "maximum": 5},
    {"type": "string", "default": "red", "written_by": "handler"},
)
COMMON = ("==", "!=", "===", "!==", "<", "<=", ">", ">=", "and", "or", "!", "!!", "if", "in", "missing", "var")
"""The operators of which nothing may be undecided."""


def machine_with(
    guards: Sequence[JsonValue], context: dict[str, Any] | None, collected: Sequence[str]
) -> FSMDefinition:
    """Return a machine with these guards."""
    ways: list[dict[str, Any]] = [
        {"target_state": "b", "description": "on", "conditions": [{"description": "holds", "logic": guard}]}
        for guard in guards
    ] or [{"target_state": "b", "description": "on"}]
    first = {
        "id": "a",
        "description": "a",
        "purpose": "p",
        "required_context_keys": list(collected),
        "transitions": ways,
    }
    return FSMDefinition.model_validate(
        {
            "name": "n",
            "description": "d",
            "initial_state": "a",
            "context": context,
            "states": {"a": first, "b": {"id": "b", "description": "b", "purpose": "p"}},
        }
    )


def declarations(rng: Random) -> dict[str, Any] | None:
    """Return declarations of the keys; none at times."""
    return {key: rng.choice(DECLARATIONS) for key in KEYS} if rng.random() < 0.7 else None


def atom(rng: Random) -> JsonValue:
    """Return a value that is no list and no object."""
    kind = rng.randrange(4)
    if kind == 0:
        return rng.choice(TEXTS)
    if kind == 1:
        return rng.choice(NUMBERS)
    if kind == 2:
        return rng.choice(DAYS) if rng.random() < 0.4 else rng.choice((None, True, False))
    return rng.randrange(-3, 12)


def value(rng: Random, depth: int = 2) -> JsonValue:
    """Return a JSON value."""
    kind = rng.randrange(7) if depth else 0
    if kind == 5:
        return [value(rng, depth - 1) for _ in range(rng.randrange(4))]
    if kind == 6:
        return {key: value(rng, depth - 1) for key in ("m", "n", "other") if rng.random() < 0.5}
    return atom(rng)


def guard(rng: Random, depth: int, operators: Sequence[str]) -> JsonValue:
    """Return an expression that can be compiled."""
    if depth == 0 or rng.random() < 0.15:
        return _leaf(rng)
    name = rng.choice(operators)
    if name == "var":
        return _leaf(rng)
    if name in ("missing", "missing_some"):
        names: list[JsonValue] = [rng.choice(PATHS) for _ in range(rng.randrange(1, 4))]
        return {name: names if name == "missing" else [rng.randrange(3), names]}
    if name in ("has_context", "context_length"):
        return {name: rng.choice(PATHS)}
    if name == "in" and rng.random() < 0.7:
        return {"in": [guard(rng, depth - 1, operators), [atom(rng) for _ in range(rng.randrange(4))]]}
    operator = OPERATORS[name]
    most = operator.fewest + 2 if operator.most is None else operator.most
    count = rng.randrange(operator.fewest, most + 1)
    if operator.loops:
        body = guard(rng, 1, ("==", "<", "!", "+"))
        source: JsonValue = {"var": "xs"} if rng.random() < 0.5 else [1, "red", None]
        rest = [guard(rng, 0, operators)] if count == 3 else []
        return {name: [source, _for_items(body), *rest]}
    return {name: [guard(rng, depth - 1, operators) for _ in range(count)]}


def _leaf(rng: Random) -> JsonValue:
    kind = rng.randrange(10)
    if kind < 6:
        return {"var": rng.choice(PATHS)}
    if kind == 6:
        return {"var": [rng.choice(PATHS), atom(rng)]}
    return atom(rng)


def _for_items(body: JsonValue) -> JsonValue:
    """Return a body that reads the item of a loop."""
    if isinstance(body, dict):
        if "var" in body:
            return {"var": ""}
        return {key: _for_items(each) for key, each in body.items()}
    return [_for_items(each) for each in body] if isinstance(body, list) else body


def stored(rng: Random, domain: Domain) -> Iterator[JsonValue]:
    """Yield a value that can be stored, or nothing where the key is to be absent."""
    if domain.may_be_null and rng.random() < 0.1:
        yield None
        return
    if domain.may_be_absent and rng.random() < 0.15:
        return
    for _ in range(8):
        raw = _raw(rng, domain.declaration)
        try:
            fitted = coerce(raw, domain.declaration)
        except ValueError:
            continue
        if fitted is not None:
            yield fitted
            return
    if not domain.may_be_absent:
        is_count = domain.declaration is not None and domain.declaration.type == "integer"
        yield domain.default if domain.default is not None else 0 if is_count else rng.choice(MOMENTS)


def _raw(rng: Random, declaration: ContextKey | None) -> JsonValue:
    if declaration is not None and declaration.enum is not None and rng.random() < 0.8:
        return rng.choice(declaration.enum)
    if declaration is not None and rng.random() < 0.6:
        match declaration.type:
            case "array":
                return [_raw(rng, declaration.items) for _ in range(rng.randrange(4))]
            case "object":
                return {key: value(rng, 1) for key in ("m", "n") if rng.random() < 0.6}
            case "boolean":
                return rng.random() < 0.5
            case "integer":
                return rng.randrange(-3, 20)
            case "number":
                return rng.choice(NUMBERS)
            case "string":
                return rng.choice((*TEXTS, *DAYS))
    return value(rng)
