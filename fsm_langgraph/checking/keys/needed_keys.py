"""The names without whose value a condition is closed, whatever else the context holds.

    requires, answered              each name
    {"and": [a, b]}                 those of every part
    {"or": [a, b]}                  those that all parts share
    {"==": [{"var": k}, "x"]}       k: nothing equals what is absent, save null
    {">": [{"var": k}, 3]}          k: what is absent is in no order
    {"in": ["x", {"var": k}]}       k: nothing is in what is absent
    all else                        none

It errs to one side: a name that is not listed may be needed all the same.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

from fsm_langgraph.definition import Condition, Transition
from fsm_langgraph.logic.expression import in_one_name, read_operation, read_variable


def needed_names(transition: Transition) -> frozenset[str]:
    """Return the names without whose value a transition is closed."""
    return frozenset[str]().union(*map(_needed_by, transition.conditions))


def present_names(condition: Condition) -> frozenset[str]:
    """Return the names that have to be present, or not `false`, so that a no does not do."""
    return frozenset(condition.requires_context_keys) | _present(condition.logic)


def truthy_names(condition: Condition) -> frozenset[str]:
    """Return the names whose values by themselves have to count as true in the logic."""
    return _present(condition.logic)


def denied_names(condition: Condition) -> frozenset[str]:
    """Return the names that have to be false or absent by themselves."""
    return _denied(condition.logic)


def _needed_by(condition: Condition) -> frozenset[str]:
    return frozenset((*condition.requires_context_keys, *condition.answered_context_keys)) | _needed(condition.logic)


def _needed(expression: Any) -> frozenset[str]:
    """Return the names without whose value an expression is falsy."""
    operation = read_operation(expression)
    if operation is None:
        return frozenset()
    name, arguments = in_one_name(operation)
    match name, arguments:
        case (("var" | "has_context"), [str(path)]) if path:
            return frozenset([path])
        case "!!", [argument]:
            return _needed(argument)
        case "and", _:
            return frozenset[str]().union(*map(_needed, arguments))
        case "or", _:
            return reduce(frozenset.intersection, map(_needed, arguments))
        case (("==" | "==="), _) if None not in arguments:
            return _compared(arguments)
        case ((">" | ">=" | "<" | "<="), _):
            return frozenset[str]().union(*map(_variable, arguments))
        case "in", [needle, [*choices]] if None not in choices:
            return _variable(needle) if not any(map(read_operation, choices)) else frozenset()
        case ("in", [_, text_or_list]) | ("contains", [text_or_list, _]):
            return _variable(text_or_list)
        case _:
            return frozenset()


def _present(expression: Any) -> frozenset[str]:
    """Return the names that an expression asks to be present, or not to be false."""
    operation = read_operation(expression)
    if operation is None:
        return frozenset()
    name, arguments = in_one_name(operation)
    match name, arguments:
        case (("var" | "has_context"), [str(path)]) if path:
            return frozenset([path])
        case "!!", [argument]:
            return _present(argument)
        case "and", _:
            return frozenset[str]().union(*map(_present, arguments))
        case (("==" | "==="), ([argument, True] | [True, argument])):
            return _variable(argument)
        case (("!=" | "!=="), ([argument, False] | [False, argument])):
            return _variable(argument)
        case _:
            return frozenset()


def _denied(expression: Any) -> frozenset[str]:
    """Return the names that an expression asks to be false or absent."""
    operation = read_operation(expression)
    if operation is None:
        return frozenset()
    match in_one_name(operation):
        case "!", [argument]:
            return _variable(argument)
        case "and", arguments:
            return frozenset[str]().union(*map(_denied, arguments))
        case (("==" | "==="), ([argument, False] | [False, argument])):
            return _variable(argument)
        case _:
            return frozenset()


def _compared(arguments: list[Any]) -> frozenset[str]:
    """Return the names that are compared with constants."""
    variables = frozenset[str]().union(*map(_variable, arguments))
    constants = [each for each in arguments if read_operation(each) is None]
    return variables if len(constants) + len(variables) == len(arguments) and constants else frozenset()


def _variable(expression: Any) -> frozenset[str]:
    name = read_variable(expression)
    return frozenset([name]) if name is not None else frozenset()
