"""Comparisons of a declared key with a value that it can never have: `twin` where the enum has only `single`.

Each comparison of one key with constants is evaluated with every value that the declaration allows, or with one for
each stretch of numbers that the constants divide; and so is one of a list's items, in a `some`, `all` or `none` over
it. The rest of the context does not matter, so no prover is asked. True where values fit their declarations, as
`context/values.py` sees to it, whoever writes them.

Not told: what asks for absence (`null`, `""`, an empty list), and an order that always holds where the key is there
(`nights > 0`), since such a comparison is a usual way to ask whether it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pydantic import JsonValue

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.guards.constant_logic import deciding
from fsm_langgraph.checking.guards.guard_parts import Guard
from fsm_langgraph.checking.guards.guard_words import in_words, value_in_words
from fsm_langgraph.checking.guards.misfits import advice_on, look_for_key, misfit, none_between
from fsm_langgraph.checking.guards.read_comparisons import Comparison, read_comparison
from fsm_langgraph.checking.guards.representative_values import representative_values
from fsm_langgraph.checking.guards.unlike_types import find_unlike_keys, find_unlike_type
from fsm_langgraph.checking.word_lists import listed
from fsm_langgraph.context.values import identity
from fsm_langgraph.data.json_data import Steps, at
from fsm_langgraph.definition import ContextKey, FSMDefinition
from fsm_langgraph.logic import compile_logic, evaluate, truthy
from fsm_langgraph.logic.expression import read_operation, read_variable


def find_impossible_values(definition: FSMDefinition, guard: Guard) -> Iterator[Finding]:
    """Find the comparisons in a guard that no value of a declared key can make true, or false."""
    for place, condition in guard.conditions:
        if condition.logic is None:
            continue
        for steps, each, is_needed in deciding(condition.logic, (*place, "logic")):
            compared = read_comparison(each)
            declared = definition.declared(compared.key) if compared is not None else None
            if compared is None:
                yield from find_unlike_keys(at(*steps), each, definition)
                yield from _in_items(steps, each, definition)
            elif _is_turned_round(compared, declared):
                yield _turned_round(at(*steps), compared)
            elif declared is not None:
                so = f", so that {guard.name} is never open" if is_needed else ""
                yield from _findings(at(*steps), compared, declared, so)


def _in_items(steps: Steps, expression: JsonValue, definition: FSMDefinition) -> Iterator[Finding]:
    """Find the comparisons of the items of a list, in a `some`, `all` or `none` over it, by the list's name."""
    operation = read_operation(expression)
    if operation is None or operation.name not in ("some", "all", "none") or len(operation.arguments) != 2:
        return
    source, body = operation.arguments
    key = read_variable(source)
    declared = definition.declared(key) if key is not None else None
    if key is None or declared is None or declared.type != "array" or declared.items is None:
        return
    for here, each, _ in deciding(body, (*steps, operation.name, 1)):
        named = _naming_item(each, key)
        compared = read_comparison(named) if named != each else None
        for found in _findings(at(*here), compared, declared.items, "") if compared is not None else ():
            message = found.message.replace(repr(key), f"an item of {key!r}")
            yield replace(found, message=message, advice=found.advice.replace(repr(key), f"the items of {key!r}"))


def _naming_item(expression: JsonValue, key: str) -> JsonValue:
    """Return a comparison of the item of a list as one of a key; what is no such comparison stays as it is."""
    operation = read_operation(expression)
    if operation is None:
        return expression
    return {operation.name: [{"var": key} if each == {"var": ""} else each for each in operation.arguments]}


def _findings(path: str, compared: Comparison, declared: ContextKey, so: str) -> Iterator[Finding]:
    key, words, constants = compared.key, in_words(compared.expression), compared.constants
    impossible: Sequence[JsonValue] = constants
    if compared.role == "member":
        possible = {*map(identity, representative_values(declared, constants, "member"))}
        impossible = [each for each in constants if identity(each) not in possible] if possible else ()
    outcomes, numeral = _outcomes(compared, declared), _equal_numeral(compared, declared)
    if _is_empty_range(compared, declared):
        message = f"{words!r} never holds{so}: {none_between(declared, constants)}."
        yield Finding(path, "impossible-value", message, "Write the lower limit first, or widen the two.")
        return
    if outcomes == {False}:
        if truthy(evaluate(compared.expression, {})):
            return  # `!=` the only choice: it asks whether the key is absent
        never = f"never holds{so}" if numeral is None else f"holds only where {key!r} is a text such as {numeral!r}"
        message = f"{words!r} {never}: {key!r} {misfit(declared, constants, compared.role)}."
    elif outcomes == {True} and compared.role in ("equal", "strict"):
        always = "always holds" if numeral is None else f"holds unless {key!r} is a text such as {numeral!r}"
        message = f"{words!r} {always}: {key!r} {misfit(declared, constants, compared.role)}."
    elif compared.role == "member" and impossible:
        told = listed(map(value_in_words, impossible), "or")
        message = f"{words!r} never finds {told}: {key!r} {misfit(declared, impossible, compared.role)}."
    elif unlike := _unlike_a_date(compared, declared):
        message = f"{words!r} goes by the letters, not by the calendar: {key!r} {misfit(declared, unlike, 'order')}."
        yield Finding(path, "impossible-value", message, 'Write the date as "2026-01-31".')
        return
    else:
        yield from find_unlike_type(path, compared, declared)
        return
    yield Finding(path, "impossible-value", message, advice_on(key, declared, impossible[0], compared.role))


def _is_turned_round(compared: Comparison, declared: ContextKey | None) -> bool:
    """Say whether a list is looked for in a key that holds none, or of which nobody knows."""
    return (
        compared.role == "holder"
        and isinstance(compared.constants[0], list)
        and (declared is None or declared.type in (None, "string"))
    )


def _turned_round(path: str, compared: Comparison) -> Finding:
    words, key = in_words(compared.expression), compared.key
    message = f"{words!r} looks for the list as a whole in the value of {key!r}, and never for the value in the list."
    return Finding(path, "impossible-value", message, look_for_key(key, compared.constants[0]))


def _is_empty_range(compared: Comparison, declared: ContextKey) -> bool:
    """Say whether a number is to lie between two that have none between them: `10 < nights < 5`."""
    if len(compared.constants) != 2 or declared.type not in ("number", "integer") or declared.enum is not None:
        return False
    return _outcomes(compared, ContextKey(type=declared.type)) == {False}


def _unlike_a_date(compared: Comparison, declared: ContextKey) -> list[JsonValue]:
    """Return the texts before or after which a date is to be, and that do not begin as one does."""
    if compared.role != "order" or declared.format not in ("date", "date-time"):
        return []
    return [each for each in compared.constants if isinstance(each, str) and not re.match(r"\d{4}($|-)", each)]


def _equal_numeral(compared: Comparison, declared: ContextKey) -> str | None:
    """Return the text that equals a truth value loosely, where a text is compared with one and can be a numeral."""
    value = compared.constants[0]
    is_text = declared.type == "string" and declared.enum is None and declared.format is None
    return str(int(value)) if compared.role == "equal" and is_text and isinstance(value, bool) else None


def _outcomes(compared: Comparison, declared: ContextKey) -> set[bool]:
    """Return the outcomes that a comparison can have where the key has a value; none where that is not known."""
    values = representative_values(declared, compared.constants, compared.role)
    if compared.role == "member":
        wanted = {*map(identity, compared.constants)}
        return {identity(value) in wanted for value in values}
    holds = compile_logic(compared.expression)
    return {truthy(holds({compared.key: value})) for value in values}
