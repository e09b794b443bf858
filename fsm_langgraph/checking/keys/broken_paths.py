"""Paths with dots into values that have nothing inside: `guest.name`, where `guest` is declared as a text.

It is told where the type of the key is declared, or where its `enum` has no object and no list. A list has positions
and a length, a text too; an object may have any member.
"""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.keys.key_use import KeyUse, Reading
from fsm_langgraph.definition import Condition, ContextKey


def find_broken_paths(use: KeyUse) -> Iterator[Finding]:
    """Tell each path that leads nowhere, where a condition reads it."""
    told = set[str]()
    for reading in use.readings:
        if reading.name not in told and (broken := _broken(use, reading)) is not None:
            step, kind = broken
            told.add(reading.name)
            message = (
                f"the condition reads {reading.name!r}, and {reading.key!r} is {kind}, "
                f"which has no {step!r} inside: there is never a value."
            )
            advice = f"Read {reading.key!r} itself, or declare it as an object."
            yield Finding(reading.path, "broken-path", message, advice)


def broken_conditions(use: KeyUse) -> list[Condition]:
    """Return the conditions that read a path which leads nowhere."""
    return [reading.condition for reading in use.readings if _broken(use, reading) is not None]


def _broken(use: KeyUse, reading: Reading) -> tuple[str, str] | None:
    """Return the step of a path that leads nowhere, and what its key holds; `None` where it may lead somewhere."""
    declaration = use.definition.declared(reading.key)
    if reading.name == reading.key or declaration is None:
        return None
    step = reading.name.removeprefix(f"{reading.key}.").partition(".")[0]
    kind = _without(declaration, step)
    return (step, kind) if kind else None


def _without(declaration: ContextKey, step: str) -> str:
    """Say in words what a key holds, where a step leads nowhere in it."""
    is_position = step.isdecimal() or step == "length"
    if declaration.type in ("string", "array"):
        return "" if is_position else ("a text" if declaration.type == "string" else "a list")
    if declaration.type is not None:
        return "" if declaration.type == "object" else f"of the type {declaration.type!r}"
    choices = declaration.enum or (None,)
    is_plain = all(isinstance(choice, str | int | float) for choice in choices)
    return "one of a few plain values" if is_plain and not is_position else ""
