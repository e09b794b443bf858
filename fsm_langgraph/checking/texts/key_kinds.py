"""The kinds of values that a key can have, by its declaration."""

from __future__ import annotations

from fsm_langgraph.definition import ContextKey

PLAIN = {"string": "a text", "number": "a number", "integer": "a whole number", "boolean": "yes or no"}
"""The kinds that have no members, in words."""


def kind_of_values(declared: ContextKey | None) -> str:
    """Name the kind of a key's values, as `type` does; "" where nobody knows, or it is a mixture."""
    if declared is None:
        return ""
    if declared.type is not None:
        return declared.type
    if declared.format is not None or declared.pattern is not None:
        return "string"
    kinds = {_KINDS.get(type(value), "") for value in declared.enum or ()}
    return kinds.pop() if len(kinds) == 1 else ""


def is_plain(declared: ContextKey | None) -> bool:
    """Say whether no value of a key has members: it is a text, a number, or yes or no."""
    return kind_of_values(declared) in PLAIN


_KINDS = {str: "string", int: "integer", float: "number", bool: "boolean"}
