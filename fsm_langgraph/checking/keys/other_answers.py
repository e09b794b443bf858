"""Answers to the other questions of a state, so that a no is shown as the one thing that keeps it from leading on."""

from __future__ import annotations

from pydantic import JsonValue

from fsm_langgraph.checking.proving.sample_values import samples
from fsm_langgraph.context.values import fits
from fsm_langgraph.definition import ContextKey


def some_answer(declared: ContextKey | None) -> JsonValue:
    """Return a plain value of a key, one that is present; `None` where none comes to mind."""
    if declared is None:
        return "x"
    if declared.enum is not None:
        plain: tuple[JsonValue, ...] = tuple(declared.enum)
    elif declared.type in ("integer", "number"):
        plain = (declared.minimum, declared.maximum, 1)
    elif declared.type == "string":
        plain = ("x", *samples(declared, "x"))
    else:
        plain = _OTHERS.get(declared.type or "", ("x",))
    return next((value for value in plain if value and fits(value, declared)), None)


_OTHERS: dict[str, tuple[JsonValue, ...]] = {
    "boolean": (True,),
    "array": (["x"], [1], [True]),
    "object": ({"x": "x"},),
}
