"""Faults of the section `check`: acceptances without a reason, or at paths that lead nowhere.

Whether there is such a code is not known here: `checking` has the codes, and tells of an acceptance that names none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fsm_langgraph.data.json_data import Steps, at, steps_of
from fsm_langgraph.errors import Problem, suggest
from fsm_langgraph.loading.raw_data import Object, objects
from fsm_langgraph.loading.shape import model_at


def check_acceptances(root: Object) -> Iterator[Problem]:
    """Find what is wrong with the acceptances of a definition; those of sub-machines are their own definitions'."""
    section = root.get("check")
    for index, raw in objects(section.get("accept") if isinstance(section, dict) else None):
        place: Steps = ("check", "accept", index)
        reason = raw.get("reason")
        if isinstance(reason, str) and reason and not reason.strip():
            advice = "Say why it is meant so, for those who read it next."
            yield Problem(at(*place, "reason"), "wrong-type", "must be a text that is not empty.", advice)
        if isinstance(path := raw.get("at"), str) and (fault := _path_fault(path, root)):
            yield Problem(at(*place, "at"), "unknown-path", *fault)


def _path_fault(path: str, root: Object) -> tuple[str, str] | None:
    """Say what is wrong with a path, and what is nearest to it."""
    steps = steps_of(path)
    if steps is None:
        return f"{path!r} is no path.", "Write it as it is told by check: states.greeting.transitions[0]."
    here: Any = root
    for length, step in enumerate(steps):
        around = at(*steps[:length]) or "the definition"
        if member := _member(here, step):
            [here] = member
        elif isinstance(here, dict) and step in _fields(steps[:length]):
            return None  # one that is left out, and has its default
        elif isinstance(here, dict):
            advice = suggest(str(step), {*here, *_fields(steps[:length])}, noun="names")
            return f"there is no {step!r} in {around}.", advice
        elif isinstance(here, list):
            advice = f"Its last item is [{len(here) - 1}]." if here else "It is empty."
            return f"there is no {at(step)} in {around}.", advice
        else:
            return f"there is nothing in {around} but a single value.", f"Write {at(*steps[:length])}."
    return None


def _member(holder: Any, step: str | int) -> tuple[Any, ...]:
    """Return what a step leads to, or nothing."""
    if isinstance(step, str):
        return (holder[step],) if isinstance(holder, dict) and step in holder else ()
    return (holder[step],) if isinstance(holder, list) and step < len(holder) else ()


def _fields(steps: Steps) -> set[str]:
    """Name the fields of the object that a way leads to; none where its members have names of the author's own."""
    model = model_at(steps)
    return set() if model is None else {field.alias or name for name, field in model.model_fields.items()}
