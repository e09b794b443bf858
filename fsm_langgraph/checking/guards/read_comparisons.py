"""Comparisons of one whole key with constants, as the checks of guards read them."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import JsonValue

from fsm_langgraph.checking.guards.guard_parts import arguments_of
from fsm_langgraph.checking.guards.representative_values import Role
from fsm_langgraph.logic.expression import read_operation, read_variable


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison of one key with constants."""

    key: str
    role: Role
    constants: tuple[JsonValue, ...]
    """The values that it is compared with; the members of a list that it is looked for in."""
    expression: JsonValue


def read_comparison(expression: JsonValue) -> Comparison | None:
    """Read an expression that compares one whole key with constants that say something."""
    operation = read_operation(expression)
    if operation is None or operation.name not in _ROLES:
        return None
    arguments = [argument for _, argument in arguments_of(expression, ())]
    variables = [each for each in arguments if read_operation(each) is not None]
    constants = [each for each in arguments if read_operation(each) is None]
    if len(variables) != 1 or (key := read_variable(variables[0])) is None:
        return None
    role = _ROLES[operation.name]
    if role == "member":
        is_needle = arguments.index(variables[0]) == (0 if operation.name == "in" else 1)
        if not is_needle:
            role = "holder"
        elif isinstance(constants[0], list):
            constants = constants[0]
        else:
            return None
    if not constants or any(each in (None, "", []) for each in constants) or not all(map(_is_data, constants)):
        return None
    return Comparison(key, role, tuple(constants), expression)


_ROLES: dict[str, Role] = {
    **dict.fromkeys(("==", "!="), "equal"),
    **dict.fromkeys(("===", "!=="), "strict"),
    **dict.fromkeys(("<", "<=", ">", ">="), "order"),
    **dict.fromkeys(("in", "contains"), "member"),
}


def _is_data(value: JsonValue) -> bool:
    """Say whether a value has no objects in it, which may be expressions."""
    return all(map(_is_data, value)) if isinstance(value, list) else not isinstance(value, dict)
