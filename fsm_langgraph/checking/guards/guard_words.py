"""Expressions and values in words, as findings on guards tell them: `nights > 5`, `size in ['single']`."""

from __future__ import annotations

import json
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.data.shortened import shortened
from fsm_langgraph.logic.expression import read_operation


def in_words(expression: JsonValue) -> str:
    """Write an expression as people write one; what has no usual form stays JSON."""
    return shortened(_written(expression, is_inside=False), _LONGEST)


def quoted(expression: JsonValue) -> str:
    """Write an expression in quotes, so that it stands apart in a sentence; a plain value stands as it is."""
    return repr(in_words(expression)) if read_operation(expression) is not None else in_words(expression)


def value_in_words(value: JsonValue) -> str:
    """Write a value: a text in single quotes, all else as JSON."""
    return repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_LONGEST = 80
"""How many characters of an expression are read in a sentence."""

_SIGNS = ("==", "===", "!=", "!==", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%")


def _written(expression: Any, *, is_inside: bool) -> str:
    operation = read_operation(expression)
    if operation is None:
        return value_in_words(expression)
    name, arguments = operation
    if name == "var" and arguments and isinstance(arguments[0], str | int):
        default = f" (else {value_in_words(arguments[1])})" if len(arguments) > 1 else ""
        return f"{arguments[0]}{default}"
    if name == "has_context" and len(arguments) == 1 and isinstance(arguments[0], str):
        return f"{arguments[0]} is present"
    if name in ("!", "!!") and len(arguments) == 1:
        return f"{'not ' if name == '!' else ''}{_written(arguments[0], is_inside=True)}"
    if name in ("and", "or", *_SIGNS) and len(arguments) > 1:
        joins = name in ("and", "or")
        text = f" {name} ".join(_written(each, is_inside=not (joins and _compares(each))) for each in arguments)
        return f"({text})" if is_inside else text
    return json.dumps(expression, ensure_ascii=False)


def _compares(expression: Any) -> bool:
    """Say whether an expression needs no brackets beside an `and` or an `or`."""
    operation = read_operation(expression)
    return operation is not None and operation.name in _SIGNS
