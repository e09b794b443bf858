"""Comparisons of what has no order with a number: of a text, or of a list whose length was meant.

Such a comparison can come out true, of a numeral, or of a list with one number in it. It is never meant so.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.guards.guard_words import in_words, value_in_words
from fsm_langgraph.checking.guards.read_comparisons import Comparison
from fsm_langgraph.checking.word_lists import listed
from fsm_langgraph.context.values import fits
from fsm_langgraph.definition import ContextKey, FSMDefinition
from fsm_langgraph.logic.expression import read_operation, read_variable


def find_unlike_type(path: str, compared: Comparison, declared: ContextKey) -> Iterator[Finding]:
    """Tell of a text or a list that is compared with a number, unless the text's format or pattern is one of numerals.

    Args:
        path: Where the comparison stands.
        compared: The comparison.
        declared: The declaration of its key.
    """
    numbers = [each for each in compared.constants if isinstance(each, int | float) and not isinstance(each, bool)]
    if len(numbers) != len(compared.constants):
        return
    key, words = compared.key, in_words(compared.expression)
    if declared.type == "array" and compared.role == "order":
        yield _list_for_number(path, key, words)
        return
    is_loose = declared.type == "string" and declared.enum is None and compared.role in ("equal", "order")
    has_form = declared.pattern is not None or declared.format is not None
    if not is_loose or (has_form and any(fits(str(each), declared) for each in numbers)):
        return
    told = listed(map(value_in_words, numbers), "or")
    message = (
        f"{words!r} compares a text with a number: {key!r} is declared as a text, and holds "
        f"words as well, of which none compares with {told}."
    )
    advice = f'Declare {key!r} as "type": "number" or "integer", or compare with a text, in quotes.'
    yield Finding(path, "text-and-number", message, advice)


def find_unlike_keys(path: str, expression: JsonValue, definition: FSMDefinition) -> Iterator[Finding]:
    """Tell of two keys of which one is a number and the other is not, where they are compared by order.

    Args:
        path: Where the expression stands.
        expression: An expression.
        definition: The machine.
    """
    operation = read_operation(expression)
    if operation is None or operation.name not in ("<", "<=", ">", ">="):
        return
    named = [(key, definition.declared(key)) for each in operation.arguments if (key := read_variable(each))]
    number = next((key for key, each in named if each is not None and each.type in ("number", "integer")), None)
    for key, declared in named if number is not None else ():
        if declared is not None and declared.type == "array":
            yield _list_for_number(path, key, in_words(expression))
        elif declared is not None and declared.type == "string" and not (declared.enum or declared.pattern):
            message = (
                f"{in_words(expression)!r} compares a text with a number: {key!r} is declared as a text, and holds "
                f"words as well, of which none compares with {number!r}."
            )
            advice = f'Declare {key!r} as "type": "number" or "integer", or compare two keys of one type.'
            yield Finding(path, "text-and-number", message, advice)


def _list_for_number(path: str, key: str, words: str) -> Finding:
    message = f"{words!r} compares a list with a number: that comes out only where {key!r} has one number in it."
    return Finding(path, "text-and-number", message, f'Compare its length: {{"context_length": "{key}"}}.')
