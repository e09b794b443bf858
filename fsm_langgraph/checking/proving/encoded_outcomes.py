"""The outcome of an operator on shapes, one for each argument: the operator's own where all of them are exact."""

from __future__ import annotations

from itertools import pairwise

from fsm_langgraph.checking.proving.context_cases import ContextCases
from fsm_langgraph.checking.proving.encoded_comparisons import is_at_most, is_equal, is_identical, is_less
from fsm_langgraph.checking.proving.encoded_lists import contains, is_in, joined
from fsm_langgraph.checking.proving.encoded_numbers import OPERATIONS, calculated
from fsm_langgraph.checking.proving.encoded_texts import TEXT_OPERATORS, text_made
from fsm_langgraph.checking.proving.shapes import Cases, Exact, Shape, Unclear, as_cases
from fsm_langgraph.checking.proving.terms import TRUE, all_of, negated
from fsm_langgraph.logic.limits import Meter
from fsm_langgraph.logic.node import Constant
from fsm_langgraph.logic.operators import OPERATORS


def outcome_of(known: ContextCases, name: str, shapes: tuple[Shape, ...]) -> Cases:
    """Return the cases of the outcome."""
    exact = [shape.value for shape in shapes if isinstance(shape, Exact)]
    if len(exact) == len(shapes):
        return ((TRUE, Exact(OPERATORS[name].build(*map(Constant, exact))({}, Meter()))),)
    match name, shapes:
        case "==", (a, b):
            return as_cases(is_equal(known, a, b))
        case "!=", (a, b):
            return as_cases(negated(is_equal(known, a, b)))
        case "===", (a, b):
            return as_cases(is_identical(known, a, b))
        case "!==", (a, b):
            return as_cases(negated(is_identical(known, a, b)))
        case "<", _:
            return as_cases(all_of(is_less(known, a, b) for a, b in pairwise(shapes)))
        case "<=", _:
            return as_cases(all_of(is_at_most(known, a, b) for a, b in pairwise(shapes)))
        case ">", (a, b):
            return as_cases(is_less(known, b, a))
        case ">=", (a, b):
            return as_cases(is_at_most(known, b, a))
        case "in", (needle, haystack):
            return as_cases(is_in(known, needle, haystack))
        case "contains", (haystack, needle):
            return as_cases(contains(known, haystack, needle))
        case "merge", _:
            return ((TRUE, joined(shapes)),)
    if name in TEXT_OPERATORS and (text := text_made(known, name, shapes)) is not None:
        return known.made(text)
    if name in OPERATIONS:
        return calculated(known, name, *shapes)
    return ((TRUE, Unclear(f"{name}({','.join(shape.name for shape in shapes)})", name)),)
