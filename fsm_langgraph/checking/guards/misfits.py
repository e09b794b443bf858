"""Why a key never has the value that it is compared with, and what to write instead, as sentences' ends."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence

from pydantic import JsonValue

from fsm_langgraph.checking.guards.guard_words import value_in_words
from fsm_langgraph.checking.guards.representative_values import Role
from fsm_langgraph.checking.word_lists import listed
from fsm_langgraph.definition import ContextKey


def misfit(declared: ContextKey, constants: Sequence[JsonValue], role: Role) -> str:
    """Say what a key holds, so that it never is what it is compared with: `can be 'ham' or 'olives', never 'figs'`."""
    never = f"never {listed(map(value_in_words, constants), 'or')}"
    items = declared.items.enum if declared.items is not None and role == "holder" else None
    if declared.enum is not None:
        return f"can be {listed(map(value_in_words, declared.enum), 'or')}, {never}"
    if items is not None:
        return f"holds {listed(map(value_in_words, items), 'or')}, {never}"
    if declared.type in ("number", "integer") and _is_about_limits(declared, constants):
        return f"is {_limits(declared)}"
    if declared.type == "string" and role != "holder" and all(isinstance(each, str) for each in constants):
        form = f"has the format {declared.format!r}" if declared.format else f"matches {declared.pattern!r}"
        return f"{form}, and {listed(map(value_in_words, constants), 'or')} does not"
    return f"{_KINDS[declared.type or 'string']}, {never}"


def none_between(declared: ContextKey, limits: Sequence[JsonValue]) -> str:
    """Say that no number lies between two others: `no integer lies between 10 and 5`."""
    return f"no {declared.type} lies between {listed(map(value_in_words, limits))}"


def advice_on(key: str, declared: ContextKey, constant: JsonValue, role: Role) -> str:
    """Say what to write instead of a value that a key cannot have."""
    items = declared.items.enum if declared.items is not None and role == "holder" else None
    choices = declared.enum or items
    if choices is not None:
        texts = [each for each in choices if isinstance(each, str)]
        near = difflib.get_close_matches(constant, texts, 1) if isinstance(constant, str) else []
        hint = f"Did you mean {near[0]!r}?  " if near else ""
        return f"{hint}Compare with one of its values, or add {value_in_words(constant)} to its enum."
    if declared.type == "boolean":
        return "Compare with true or false, without quotes."
    if declared.type in ("number", "integer"):
        is_limit = _is_about_limits(declared, [constant])
        return "Compare within its limits, or widen them." if is_limit else "Compare with such a number, unquoted."
    if declared.type == "array":
        return f'Look in the list for a value: {{"in": [{json.dumps(constant)}, {{"var": "{key}"}}]}}.'
    return "Compare with a value that fits, or declare it otherwise."


def look_for_key(key: str, choices: JsonValue) -> str:
    """Say how a value is looked for in a list, where the two were written the other way round."""
    return f'Write what is looked for first: {{"in": [{{"var": "{key}"}}, {json.dumps(choices, ensure_ascii=False)}]}}.'


_KINDS = {
    "string": "is a text",
    "number": "is a number",
    "integer": "is an integer",
    "boolean": "is true or false",
    "array": "is a list",
    "object": "is an object",
}


def _is_about_limits(declared: ContextKey, constants: Sequence[JsonValue]) -> bool:
    """Say whether the limits of a number are the reason, and not its type."""
    numbers = [each for each in constants if isinstance(each, int | float)]
    is_whole = declared.type == "number" or all(float(each).is_integer() for each in numbers)
    return bool(_limits(declared)) and is_whole and len(numbers) == len(constants)


def _limits(declared: ContextKey) -> str:
    least, most = declared.minimum, declared.maximum
    if least is not None and most is not None:
        return f"from {least} to {most}"
    return f"{least} or more" if least is not None else f"{most} or less" if most is not None else ""
