"""Comparisons of a declared key with a value that it can never have: `twin` where the enum has only `single`.

Each comparison of one key with constants is evaluated with every value that the declaration allows, or with one for
each stretch of numbers that the constants divide. The rest of the context does not matter, so no prover is asked. True
where values fit their declarations, as `context/values.py` sees to it, whoever writes them.

A text that is compared with a number is told of too: it can come out true, of numerals, and is never meant so.

Not told: what asks for absence (`null`, `""`, an empty list), and an order that always holds where the key is there
(`nights > 0`), since such a comparison is a usual way to ask whether it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.guards.constant_logic import deciding
from fsm_langgraph.checking.guards.guard_parts import Guard, arguments_of
from fsm_langgraph.checking.guards.guard_words import in_words, value_in_words
from fsm_langgraph.checking.guards.misfits import advice_on, misfit
from fsm_langgraph.checking.guards.representative_values import Role, fits, representative_values
from fsm_langgraph.checking.word_lists import listed
from fsm_langgraph.context.values import identity
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import ContextKey, FSMDefinition
from fsm_langgraph.logic import compile_logic, evaluate, truthy
from fsm_langgraph.logic.expression import read_operation


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison of one key with constants."""

    key: str
    role: Role
    constants: tuple[JsonValue, ...]
    """The values that it is compared with; the members of a list that it is looked for in."""
    expression: JsonValue


def find_impossible_values(definition: FSMDefinition, guard: Guard) -> Iterator[Finding]:
    """Find the comparisons in a guard that no value of a declared key can make true, or false."""
    for place, condition in guard.conditions:
        if condition.logic is None:
            continue
        for steps, each, is_needed in deciding(condition.logic, (*place, "logic")):
            compared = read_comparison(each)
            declared = definition.declared(compared.key) if compared is not None else None
            if compared is not None and declared is not None:
                so = f", so that {guard.name} is never open" if is_needed else ""
                yield from _findings(at(*steps), compared, declared, so)


def read_comparison(expression: JsonValue) -> Comparison | None:
    """Read an expression that compares one whole key with constants that say something."""
    operation = read_operation(expression)
    if operation is None or operation.name not in _ROLES:
        return None
    arguments = [argument for _, argument in arguments_of(expression, ())]
    variables = [each for each in arguments if read_operation(each) is not None]
    constants = [each for each in arguments if read_operation(each) is None]
    if len(variables) != 1 or (key := _key(variables[0])) is None:
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


def _key(expression: JsonValue) -> str | None:
    """Name the key that an expression reads, if it does nothing else."""
    name, arguments = read_operation(expression) or ("", [])
    [key] = arguments if name == "var" and len(arguments) == 1 else [None]
    return key if isinstance(key, str) else None


def _findings(path: str, compared: Comparison, declared: ContextKey, so: str) -> Iterator[Finding]:
    key, words, constants = compared.key, in_words(compared.expression), compared.constants
    impossible: Sequence[JsonValue] = constants
    if compared.role == "member":
        possible = {*map(identity, representative_values(declared, constants, "member"))}
        impossible = [each for each in constants if identity(each) not in possible] if possible else ()
    outcomes, numeral = _outcomes(compared, declared), _equal_numeral(compared, declared)
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
    else:
        yield from _number_for_text(path, compared, declared)
        return
    yield Finding(path, "impossible-value", message, advice_on(key, declared, impossible[0], compared.role))


def _equal_numeral(compared: Comparison, declared: ContextKey) -> str | None:
    """Return the text that equals a truth value loosely, where a text is compared with one and can be a numeral."""
    value = compared.constants[0]
    is_text = declared.type == "string" and declared.enum is None and declared.format is None
    return str(int(value)) if compared.role == "equal" and is_text and isinstance(value, bool) else None


def _number_for_text(path: str, compared: Comparison, declared: ContextKey) -> Iterator[Finding]:
    """Tell of a text that is compared with a number, unless its format or pattern is one of numerals."""
    numbers = [each for each in compared.constants if isinstance(each, int | float) and not isinstance(each, bool)]
    is_loose = declared.type == "string" and declared.enum is None and compared.role in ("equal", "order")
    if not is_loose or len(numbers) != len(compared.constants):
        return
    has_form = declared.pattern is not None or declared.format is not None
    if has_form and any(fits(str(each), declared) for each in numbers):
        return
    key, told = compared.key, listed(map(value_in_words, numbers), "or")
    message = (
        f"{in_words(compared.expression)!r} compares a text with a number: {key!r} is declared as a text, and holds "
        f"words as well, of which none compares with {told}."
    )
    advice = f'Declare {key!r} as "type": "number" or "integer", or compare with a text, in quotes.'
    yield Finding(path, "text-and-number", message, advice)


def _outcomes(compared: Comparison, declared: ContextKey) -> set[bool]:
    """Return the outcomes that a comparison can have where the key has a value; none where that is not known."""
    values = representative_values(declared, compared.constants, compared.role)
    if compared.role == "member":
        wanted = {*map(identity, compared.constants)}
        return {identity(value) in wanted for value in values}
    holds = compile_logic(compared.expression)
    return {truthy(holds({compared.key: value})) for value in values}
