"""The operators `+ - * / % min max` on shapes.

Whole numbers are calculated with exactly, as Python does. A decimal is rounded at each step, which a sum of exact
numbers does not say: the outcome is a variable of its own, within a bound of the exact sum. So nothing is excluded that
rounding makes possible; a witness that rounding spoils is not confirmed.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product

from fsm_langgraph.checking.proving.context_cases import ContextCases, exactly
from fsm_langgraph.checking.proving.shapes import (
    Cases,
    Exact,
    Quantity,
    Shape,
    SomeList,
    SomeObject,
    SomeText,
    Unclear,
)
from fsm_langgraph.checking.proving.terms import (
    TRUE,
    Linear,
    Rational,
    Term,
    all_of,
    any_of,
    is_negative,
    negated,
)
from fsm_langgraph.logic.coercion import NAN, leading_number, number
from fsm_langgraph.logic.limits import MAX_INTEGER, Meter


def calculated(cases: ContextCases, operator: str, a: Shape, b: Shape) -> Cases:
    """Return the outcome of an operator on two shapes of which one is not exact."""
    read = _leading if operator in ("+", "*") else _number
    found: list[tuple[Term, Shape]] = []
    for (one, x), (other, y) in product(read(cases, a), read(cases, b)):
        here = all_of((one, other))
        if isinstance(x, Quantity) and isinstance(y, Quantity):
            found += [(all_of((here, term)), shape) for term, shape in _OPERATIONS[operator](cases, x, y)]
        elif isinstance(x, Unclear) or isinstance(y, Unclear):
            found.append((here, Unclear(f"{operator}({a.name},{b.name})", operator)))
        else:
            found.append((here, Exact(NAN)))
    return tuple(found)


def as_number(cases: ContextCases, operator: str, shape: Shape) -> Cases:
    """Return the number that a shape is to an operator with one argument."""
    read = _leading if operator in ("+", "*") else _number
    return read(cases, shape)


def _number(cases: ContextCases, shape: Shape) -> Cases:
    """Read a shape as `logic.coercion.number` does."""
    match shape:
        case Quantity():
            return ((TRUE, shape),)
        case Exact(value):
            return ((TRUE, _exact(number(value, Meter()))),)
        case SomeText():
            is_numeral, value = cases.numeral(shape)
            return ((is_numeral, Quantity(value, is_whole=False)), (negated(is_numeral), Exact(NAN)))
        case SomeList():
            return _number(cases, cases.text_of(shape))
        case SomeObject():
            return ((TRUE, Exact(NAN)),)
    return ((TRUE, Unclear(f"number({shape.name})", "the number of a list")),)


def _leading(cases: ContextCases, shape: Shape) -> Cases:
    """Read a shape as `logic.coercion.leading_number` does."""
    match shape:
        case Quantity():
            return ((TRUE, shape),)
        case Exact(value):
            return ((TRUE, _exact(leading_number(value, Meter()))),)
        case SomeText():
            is_numeral, value = cases.leading_numeral(shape)
            return ((is_numeral, Quantity(value, is_whole=False)), (negated(is_numeral), Exact(NAN)))
        case SomeList():
            return _leading(cases, cases.text_of(shape))
        case SomeObject():
            return ((TRUE, Exact(NAN)),)
    return ((TRUE, Unclear(f"leading({shape.name})", "the number that a text begins with")),)


def _exact(value: float) -> Shape:
    if value != value:
        return Exact(NAN)
    return Quantity(Linear((), exactly(value)), is_whole=isinstance(value, int))


def _sum(cases: ContextCases, a: Quantity, b: Quantity) -> Cases:
    return _rounded(cases, a.sum.plus(b.sum), (a, b), "+")


def _difference(cases: ContextCases, a: Quantity, b: Quantity) -> Cases:
    return _rounded(cases, a.sum.plus(b.sum, -1), (a, b), "-")


def _product(cases: ContextCases, a: Quantity, b: Quantity) -> Cases:
    if a.sum.summands and b.sum.summands:
        return ((TRUE, Unclear(f"*({a.name},{b.name})", "*")),)
    some, factor = (a, b.sum.constant) if a.sum.summands else (b, a.sum.constant)
    return _rounded(cases, some.sum.times(factor), (a, b), "*")


def _quotient(cases: ContextCases, a: Quantity, b: Quantity) -> Cases:
    if b.sum.summands:
        return ((TRUE, Unclear(f"/({a.name},{b.name})", "/")),)
    if not b.sum.constant:
        return ((TRUE, Exact(NAN)),)
    return _rounded(cases, a.sum.times(Fraction(1) / b.sum.constant), (a, b), "/")


def _remainder(cases: ContextCases, a: Quantity, b: Quantity) -> Cases:
    if b.sum.summands or not (a.is_whole and b.is_whole):
        return ((TRUE, Unclear(f"%({a.name},{b.name})", "%")),)
    size = abs(int(b.sum.constant))
    if not size:
        return ((TRUE, Exact(NAN)),)
    times = cases.whole_number(f"{a.name}/{size}")
    rest = a.sum.plus(times, -size)
    is_below = is_negative(a.sum)
    least = any_of((all_of((is_below, is_negative(Linear((), -size).plus(rest, -1)))), _is_within(rest, 0, size)))
    sign = any_of((negated(is_below), negated(is_negative(rest.times(-1)))))
    cases.constraints += [least, sign, any_of((is_below, negated(is_negative(rest))))]
    return ((TRUE, Quantity(rest, is_whole=True)),)


def _is_within(total: Linear, low: int, high: int) -> Term:
    return all_of((negated(is_negative(total.plus(Linear((), -low)))), is_negative(total.plus(Linear((), -high)))))


def _smaller(_: ContextCases, a: Quantity, b: Quantity) -> Cases:
    return _one_of(is_negative(a.sum.plus(b.sum, -1)), a, b)


def _larger(_: ContextCases, a: Quantity, b: Quantity) -> Cases:
    return _one_of(is_negative(b.sum.plus(a.sum, -1)), a, b)


def _one_of(is_first: Term, a: Quantity, b: Quantity) -> Cases:
    """Return one of two numbers: of equal ones it may be either, so it is an integer for certain where both are."""
    is_whole = a.is_whole and b.is_whole
    return ((is_first, Quantity(a.sum, is_whole)), (negated(is_first), Quantity(b.sum, is_whole)))


_OPERATIONS: dict[str, Callable[[ContextCases, Quantity, Quantity], Cases]] = {
    "+": _sum,
    "-": _difference,
    "*": _product,
    "/": _quotient,
    "%": _remainder,
    "min": _smaller,
    "max": _larger,
}
OPERATIONS = frozenset(_OPERATIONS)
"""The operators of this module."""


def _rounded(cases: ContextCases, total: Linear, of: tuple[Quantity, Quantity], operator: str) -> Cases:
    """Return a sum as Python calculates it: rounded, unless both numbers are whole or one is nothing to it."""
    one, other = of
    is_whole = one.is_whole and other.is_whole
    if is_whole and operator != "/":
        return _in_range(total)
    if operator != "/" and _is_kept(total, of):
        return ((TRUE, Quantity(total, is_whole)),)
    name = f"{operator}({one.name},{other.name})"
    outcome, is_new = cases.decimal(name)
    summands = (one.sum, other.sum) if operator in ("+", "-") else (total,)
    if is_new:
        cases.constraints.append(_is_near(outcome.plus(total, -1), summands))
    is_large = any_of(negated(_is_within(each, -_LARGE, _LARGE)) for each in (total, *summands))
    is_none = all_of((is_large, Term("variable", name=f"{name}|is too large")))
    return ((is_none, Exact(NAN)), (negated(is_none), Quantity(outcome, is_whole=False)))


def _in_range(total: Linear) -> Cases:
    """Return a whole number, which is none where it is too large."""
    largest = _size(total.constant)
    for _, factor in total.summands:
        largest += _size(factor) * _LARGEST_KEY
    whole = Quantity(total, is_whole=True)
    if largest < MAX_INTEGER:
        return ((TRUE, whole),)
    is_inside = _is_within(total, 1 - MAX_INTEGER, MAX_INTEGER)
    return ((is_inside, whole), (negated(is_inside), Exact(NAN)))


def _size(value: Rational) -> Rational:
    return -value if value < 0 else value


def _is_kept(total: Linear, of: tuple[Quantity, Quantity]) -> bool:
    """Say whether an operation leaves one of its numbers as it is, save for the sign.

    The other one is an integer then: 0.0 and 1.0 turn a large integer into a float, which rounds it.
    """
    pairs = ((of[0], of[1]), (of[1], of[0]))
    return any(other.is_whole and total in (kept.sum, kept.sum.times(-1)) for kept, other in pairs)


def _is_near(difference: Linear, summands: tuple[Linear, ...]) -> Term:
    """Return whether a difference is no larger than what rounding these and their sum can make it."""
    found: list[Term] = []
    for signs in product((1, -1), repeat=len(summands)):
        bound = Linear((), _TINY)
        for each, sign in zip(summands, signs, strict=True):
            bound = bound.plus(each, sign * _STEP)
        is_inside = (negated(is_negative(bound.plus(difference, sign))) for sign in (1, -1))
        are_positive = (negated(is_negative(each.times(sign))) for each, sign in zip(summands, signs, strict=True))
        found.append(all_of((*is_inside, *are_positive)))
    return any_of(found)


_STEP = Fraction(1, 2**50)
"""How far off rounding may be, of the size of what is rounded: more than it can be for the numbers and their sum."""
_TINY = Fraction(1, 2**1000)
"""How far off it may be however small that is."""
_LARGE = 2**1000
"""The size from which on a number may become too large."""
_LARGEST_KEY = 2**64
"""More than any integer that a key can hold."""
