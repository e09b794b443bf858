"""The keys that transitions divide among them, and what a value of each must be for a gap between them to count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from pydantic import JsonValue

from fsm_langgraph.checking.guards.constant_logic import deciding
from fsm_langgraph.checking.guards.guard_parts import Guard
from fsm_langgraph.checking.guards.read_comparisons import read_comparison
from fsm_langgraph.checking.proving.formulas import AllOf, AnyOf, Formula, Not, Present, Truthy
from fsm_langgraph.definition import EVERYTHING, ContextKey, FSMDefinition
from fsm_langgraph.logic import variables
from fsm_langgraph.logic.expression import read_operation


def keys_of(guards: Iterable[Guard]) -> frozenset[str]:
    """Name the keys that some guards read."""
    return frozenset().union(*(part.reads for guard in guards for part in guard.parts))


def divided_keys(guard: Guard) -> frozenset[str]:
    """Name the keys that the logic of a guard reads."""
    return frozenset().union(*(part.reads for part in guard.parts if isinstance(part.formula, Truthy)))


def are_plain(guards: Iterable[Guard]) -> bool:
    """Say whether some guards read whole keys that somebody writes: no paths, no keys of the machine's own."""
    for guard in guards:
        for part in guard.parts:
            formula = part.formula
            paths = variables(formula.expression) if isinstance(formula, Truthy) else {formula.path}
            if any(path == EVERYTHING or "." in path or path.startswith("_") for path in paths):
                return False
    return True


def compared_numbers(key: str, guards: Iterable[Guard]) -> tuple[list[int | float], bool]:
    """Return the numbers that a key is compared with by order, and whether it is compared otherwise too."""
    ordered: list[int | float] = []
    others = False
    for expression in _deciding(guards):
        compared = read_comparison(expression)
        if compared is None or compared.key != key:
            continue
        numbers = [each for each in compared.constants if isinstance(each, int | float) and not isinstance(each, bool)]
        if compared.role == "order" and len(numbers) == len(compared.constants):
            ordered += numbers
        else:
            others = True
    return ordered, others


def has_value(definition: FSMDefinition, key: str, guards: Iterable[Guard]) -> Formula:
    """Return the formula that a key has a value.

    Where nothing is declared it is one that says more than "no" or 0, and a number where it is compared with one: no
    fraction between whole numbers that follow each other, since who says `<= 6` and `>= 7` counts in whole numbers.
    """
    read: JsonValue = {"var": key}
    if definition.declared(key) is not None:
        return Truthy({"!=": [read, None]})
    ordered, _ = compared_numbers(key, guards)
    ordering = (AnyOf((Truthy({"<": [read, each]}), Truthy({">=": [read, each]}))) for each in ordered[:1])
    whole = sorted({each for each in ordered if isinstance(each, int) or each.is_integer()})
    between = (
        Not(AllOf((Truthy({">": [read, one]}), Truthy({"<": [read, other]}))))
        for one, other in pairwise(whole)
        if other == one + 1
    )
    return AllOf((Present(key), Truthy(read), *ordering, *(between if len(whole) == len({*ordered}) else ())))


def limits_of(definition: FSMDefinition, key: str, guards: Iterable[Guard]) -> list[Formula] | None:
    """Return what a value must be for a gap at it to count: between two that are told apart, or any declared one.

    `None` where values are not told apart so that a gap is a slip: a text that is none of those compared with.
    """
    declared = definition.declared(key)
    if declared is not None and (declared.enum is not None or declared.type == "boolean"):
        return []
    if declared is not None and declared.type not in ("number", "integer"):
        return None
    least, most = (declared.minimum, declared.maximum) if declared is not None else (None, None)
    if least is not None and most is not None:
        return []
    ordered, others = compared_numbers(key, guards)
    if declared is None and is_compared_with_truth(key, guards):
        return [AnyOf((Truthy({"===": [{"var": key}, True]}), Truthy({"===": [{"var": key}, False]})))]
    if not ordered or (others and declared is None):
        return None
    formulas: list[Formula] = []
    if least is None:
        formulas.append(Truthy({">=": [{"var": key}, min(ordered)]}))
    if most is None:
        formulas.append(Truthy({"<=": [{"var": key}, max(ordered)]}))
    return formulas


def is_compared_with_truth(key: str, guards: Iterable[Guard]) -> bool:
    """Say whether a key is compared with `true` or `false`, and with nothing else, so that it holds one of the two."""
    compared = [each for each in map(read_comparison, _deciding(guards)) if each is not None and each.key == key]
    return bool(compared) and all(isinstance(constant, bool) for each in compared for constant in each.constants)


def meeting_points(definition: FSMDefinition, keys: Iterable[str], guards: Iterable[Guard]) -> list[Formula]:
    """Return where the sides of comparisons meet that divide some keys by each other: `amount < income * 0.5`.

    Only there a gap is surely a slip: `<` and `>` leave it out. None where a key is no number and no date.
    """
    if not all(map(_has_an_order, map(definition.declared, keys))):
        return []
    found: list[Formula] = []
    for expression in _deciding(guards):
        operation = read_operation(expression)
        if operation is not None and operation.name in ("<", ">") and len(operation.arguments) == 2:
            one, other = operation.arguments
            if variables(one) and variables(other):
                found.append(Truthy({"==": [one, other]}))
    return found


def _has_an_order(declared: ContextKey | None) -> bool:
    return declared is not None and (declared.type in ("number", "integer") or declared.format in ("date", "date-time"))


def is_yes_or_no(definition: FSMDefinition, keys: Iterable[str]) -> bool:
    """Say whether there is one key, and it is a choice of yes or no, or between two things, as a boolean is.

    It is none where one of the two leaves things as they are: who says "later" is asked again.
    """
    choices = [declared.enum for key in keys if (declared := definition.declared(key)) is not None]
    words = {re.sub(r"[\W_]+", " ", str(each)).casefold() for each in choices[0] or ()} if len(choices) == 1 else set()
    return words == {"yes", "no"} or (len(words) == 2 and not any(map(_NOT_YET.search, words)))


def decided(definition: FSMDefinition, key: str) -> list[Formula]:
    """Return that a choice is not one of those by which a user leaves it open, after which to ask again is right."""
    declared = definition.declared(key)
    choices = declared.enum if declared is not None and declared.enum is not None else ()
    return [Not(Truthy({"===": [{"var": key}, each]})) for each in choices if str(each).casefold() in _LEFT_OPEN]


_NOT_YET = re.compile(
    r"\b(not?|none|un\w+|in(?:correct|complete|valid|active)|later|wait(?:ing)?|pending|open|draft|more|again|continue|"
    r"retry|ongoing|in progress|keep|stay|stuck|wrong|fail(?:ed|ure)?|false|maybe|other)\b"
)
"""Words after which to stay and ask again is right."""

_LEFT_OPEN = ("unsure", "not sure", "not_sure", "unclear", "undecided", "maybe", "unknown", "don't know", "dont_know")


def _deciding(guards: Iterable[Guard]) -> Iterator[JsonValue]:
    for guard in guards:
        for part in guard.parts:
            if isinstance(part.formula, Truthy):
                yield from (each for _, each, _ in deciding(part.formula.expression, ()))
