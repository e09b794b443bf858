"""Truth, equality and order of shapes, as `logic/` has them for values.

Texts are compared by their places among all texts, numbers as sums. What a comparison of two shapes depends on beyond
that, such as the text of a list, is a proposition of its own: the same for the same shapes.
"""

from __future__ import annotations

from itertools import product
from typing import Any, Literal

from fsm_langgraph.checking.proving.context_cases import ContextCases, exactly
from fsm_langgraph.checking.proving.shapes import (
    Exact,
    Quantity,
    Row,
    Selection,
    Shape,
    SomeList,
    SomeObject,
    SomeText,
    Unclear,
)
from fsm_langgraph.checking.proving.terms import (
    FALSE,
    TRUE,
    Linear,
    Term,
    all_of,
    any_of,
    constant,
    is_negative,
    is_zero,
    negated,
)
from fsm_langgraph.logic.coercion import LISTS, NUMBERS, is_present, number, text, truthy
from fsm_langgraph.logic.equality import loosely_equal, strictly_equal
from fsm_langgraph.logic.limits import Meter

UNCLEAR = "?"
"""The sign with which the names of propositions begin that are not expressed in terms; the operator follows."""


def unclear(operator: str, *shapes: Shape) -> Term:
    """Return a proposition that is not expressed in terms."""
    named = [shape.operator for shape in shapes if isinstance(shape, Unclear)]
    return Term("variable", name=f"{UNCLEAR}{(named or [operator])[0]}\0{operator}({','.join(s.name for s in shapes)})")


def is_true(shape: Shape) -> Term:
    """Return whether a value is truthy."""
    match shape:
        case Exact(value):
            return constant(truthy(value))
        case Quantity(total):
            return negated(is_zero(total))
        case Selection(_, items):
            return any_of(term for term, _ in items)
        case Row(items):
            return constant(bool(items))
        case Unclear():
            return unclear("!!", shape)
        case _:
            return TRUE


def is_given(shape: Shape, *, is_declared: bool) -> Term:
    """Return whether a value is present."""
    match shape:
        case Exact(value):
            return constant(is_present(value, is_declared=is_declared))
        case Unclear():
            return unclear("has_context" if is_declared else "has_context ", shape)
        case Selection() | Row():
            return is_true(shape)
        case _:
            return TRUE


def is_equal(cases: ContextCases, a: Shape, b: Shape) -> Term:
    """Return whether `a == b`."""
    if isinstance(a, Exact) and isinstance(b, Exact):
        return constant(loosely_equal(a.value, b.value, Meter()))
    if isinstance(a, Unclear) or isinstance(b, Unclear):
        return unclear("==", *sorted((a, b), key=_name))
    if _is_null(a) or _is_null(b):
        return FALSE
    if not _is_primitive(a) and not _is_primitive(b):
        return is_identical(cases, a, b)
    a, b = _primitive(cases, a), _primitive(cases, b)
    if isinstance(a, Unclear) or isinstance(b, Unclear):
        return unclear("==", *sorted((a, b), key=_name))
    if _is_text(a) and _is_text(b):
        return _same_text(cases, a, b)
    return any_of(
        all_of((one, other, is_zero(x.plus(y, -1))))
        for (one, x), (other, y) in product(_numbers(cases, a), _numbers(cases, b))
    )


def is_identical(cases: ContextCases, a: Shape, b: Shape) -> Term:
    """Return whether `a === b`."""
    if isinstance(a, Exact) and isinstance(b, Exact):
        return constant(strictly_equal(a.value, b.value, Meter()))
    if isinstance(a, Unclear) or isinstance(b, Unclear):
        return TRUE if a == b else unclear("===", *sorted((a, b), key=_name))
    kind = _kind(a)
    if kind != _kind(b):
        return FALSE
    if kind == "number":
        return any_of(is_zero(x.plus(y, -1)) for (_, x), (_, y) in product(_numbers(cases, a), _numbers(cases, b)))
    if kind == "text":
        return _same_text(cases, a, b)
    if a == b:
        return TRUE
    return _same_members(cases, *sorted((a, b), key=_name))


def is_less(cases: ContextCases, a: Shape, b: Shape) -> Term:
    """Return whether `a < b`."""
    return _ordered(cases, a, b, "<")


def is_at_most(cases: ContextCases, a: Shape, b: Shape) -> Term:
    """Return whether `a <= b`."""
    return _ordered(cases, a, b, "<=")


def _ordered(cases: ContextCases, a: Shape, b: Shape, operator: Literal["<", "<="]) -> Term:
    if _is_null(a) or _is_null(b):
        return FALSE
    a, b = _primitive(cases, a), _primitive(cases, b)
    if isinstance(a, Unclear) or isinstance(b, Unclear):
        return unclear(operator, a, b)
    if _is_text(a) and _is_text(b):
        _same_text(cases, a, b)  # which ties their places among all texts to the texts
        return _below(_order(cases, a), _order(cases, b), operator)
    return any_of(
        all_of((one, other, _below(x, y, operator)))
        for (one, x), (other, y) in product(_numbers(cases, a), _numbers(cases, b))
    )


def _below(a: Linear, b: Linear, operator: Literal["<", "<="]) -> Term:
    return is_negative(a.plus(b, -1)) if operator == "<" else negated(is_negative(b.plus(a, -1)))


def _same_text(cases: ContextCases, a: Shape, b: Shape) -> Term:
    match a, b:
        case Exact(x), Exact(y):
            return constant(x == y)
        case (SomeText() as some, Exact(value)) | (Exact(value), SomeText() as some):
            return cases.is_text(some, value)
        case SomeText(x), SomeText(y) if x == y:
            return TRUE
        case SomeText(), SomeText():
            return cases.is_same(a, b)
    return is_zero(_order(cases, a).plus(_order(cases, b), -1))


def _same_members(cases: ContextCases, a: Shape, b: Shape) -> Term:
    """Return whether two lists, or two objects, have equal members."""
    for some, other in ((a, b), (b, a)):
        if isinstance(other, Exact) and isinstance(some, SomeList | SomeObject):
            value = other.value
            domain = cases.by_name[some.place].domain
            if any(strictly_equal(value, each, Meter()) for each in cases.by_name[some.place].pool):
                return FALSE
            if not value or not domain.holds(value):
                return FALSE
            has_length = is_zero(cases.length(some).plus(Linear((), -len(value))))
            return all_of((has_length, unclear("===", a, b)))
    return unclear("===", a, b)


def _numbers(cases: ContextCases, shape: Shape) -> list[tuple[Term, Linear]]:
    """Return the numbers that a shape can be, with their conditions; none where it is not a number."""
    match shape:
        case Quantity(total):
            return [(TRUE, total)]
        case SomeText():
            return [cases.numeral(shape)]
        case Exact(value):
            found = number(value, Meter())
            return [(TRUE, Linear((), exactly(found)))] if found == found else []
    raise AssertionError(shape)


def _order(cases: ContextCases, shape: Shape) -> Linear:
    return cases.order(shape) if isinstance(shape, SomeText) else cases.texts.rank(_value(shape))


def _value(shape: Shape) -> Any:
    return shape.value if isinstance(shape, Exact) else None


def _name(shape: Shape) -> str:
    return shape.name


def _is_null(shape: Shape) -> bool:
    return isinstance(shape, Exact) and shape.value is None


def _is_text(shape: Shape) -> bool:
    return isinstance(shape, SomeText) or isinstance(_value(shape), str)


def _is_primitive(shape: Shape) -> bool:
    return isinstance(shape, Quantity | SomeText) or isinstance(_value(shape), str | int | float)


def _primitive(cases: ContextCases, shape: Shape) -> Shape:
    """Return what stands for a shape in a comparison with what is no list and no object."""
    if _is_primitive(shape) or isinstance(shape, Unclear):
        return shape
    if isinstance(shape, Exact | SomeObject):
        value = shape.value if isinstance(shape, Exact) else {"": None, "_": None}
        return Exact(text(value, Meter()))
    if isinstance(shape, SomeList):
        return cases.text_of(shape)
    return Unclear(f"text({shape.name})", "the text of a list")


def _kind(shape: Shape) -> str:
    """Name the kind of value within which two can be `===`."""
    match shape:
        case Quantity():
            return "number"
        case SomeText():
            return "text"
        case SomeList() | Selection() | Row():
            return "list"
        case SomeObject():
            return "object"
        case Exact(value):
            if isinstance(value, bool) or value is None:
                return repr(value)
            if isinstance(value, str):
                return "text"
            if isinstance(value, LISTS):
                return "list"
            return "number" if isinstance(value, NUMBERS) else "object"
    return "object"
