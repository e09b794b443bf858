"""Faults of one condition: keys that nothing has, logic that cannot be read, confirmations that confirm nothing."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue, ValidationError

from fsm_langgraph.data.json_data import Steps, at
from fsm_langgraph.definition import EVERYTHING, Condition
from fsm_langgraph.errors import Problem
from fsm_langgraph.loading.key_names import check_declared, check_read, key_fault
from fsm_langgraph.loading.raw_data import Object, strings
from fsm_langgraph.logic import check_logic, evaluate, is_present, truthy, variables


def check_condition(steps: Steps, raw: Object, declared: Object | None) -> Iterator[Problem]:
    """Find what is wrong with a condition.

    Args:
        steps: Where it is.
        raw: The condition, as it is written.
        declared: The declarations of keys; `None` where nothing is declared.
    """
    for field in ("requires_context_keys", "answered_context_keys"):
        for index, path in strings(raw.get(field)):
            yield from check_read((*steps, field, index), _root(path, declared), declared)
    yield from _confirmation(steps, raw, declared)
    if raw.get("logic") is not None:
        yield from _logic((*steps, "logic"), raw["logic"], declared)


def _confirmation(steps: Steps, raw: Object, declared: Object | None) -> Iterator[Problem]:
    confirmed = [*strings(raw.get("confirms"))]
    required = [
        key for field in ("requires_context_keys", "answered_context_keys") for _, key in strings(raw.get(field))
    ]
    for index, path in confirmed:
        key = _root(path, declared)
        place = (*steps, "confirms", index)
        if reason := key_fault(key):
            yield Problem(at(*place), "reserved-name", reason)
        elif key in {_root(each, declared) for each in required}:
            message = f"the condition requires {key!r} itself, so that it would confirm itself."
            advice = "Leave it out of one; what is read back and has to be there, a condition of its own requires."
            yield Problem(at(*place), "contradiction", message, advice)
        yield from check_declared(place, key, declared)
    for index, path in strings(raw.get("requires_context_keys")) if confirmed else ():
        declaration = (declared or {}).get(_root(path, declared))
        default = declaration.get("default") if isinstance(declaration, dict) else None
        if is_present(default):
            message = f"the default of {path!r} would confirm what nobody was asked."
            advice = "Leave its default out, or make it false."
            yield Problem(at(*steps, "requires_context_keys", index), "contradiction", message, advice)
    if confirmed and not required and (fault := _unconfirmed(raw, declared)):
        advice = "Name the key that holds the user's yes: requires_context_keys."
        yield Problem(at(*steps, "confirms"), "contradiction", fault, advice)


def _unconfirmed(raw: Object, declared: Object | None) -> str:
    """Say why a condition that requires no key needs no confirmation; nothing where its logic asks for one."""
    if not _confirming(raw):
        return "the condition requires no key, so that nothing can confirm these."
    logic = raw.get("logic")
    if logic is None or check_logic(logic):
        return ""
    defaults = {key: one.get("default") for key, one in (declared or {}).items() if isinstance(one, dict)}
    return "the logic holds where nothing is confirmed." if truthy(evaluate(logic, defaults)) else ""


def _confirming(raw: Object) -> tuple[str, ...]:
    fields = {name: raw[name] for name in ("confirms", "logic") if name in raw}
    try:
        return Condition.model_validate({"description": "", **fields}).confirming
    except ValidationError:
        return ("?",)  # a fault of shape is told as one


def _logic(steps: Steps, expression: JsonValue, declared: Object | None) -> Iterator[Problem]:
    if problems := check_logic(expression):
        yield from (problem.below(at(*steps)) for problem in problems)
        return
    for key in sorted({path.split(".", 1)[0] for path in variables(expression)} - {EVERYTHING}):
        yield from check_read(steps, key, declared)


def _root(path: str, declared: Object | None) -> str:
    """Name the key that a path begins in; a key that has the dots in its own name goes before."""
    return path if path in (declared or {}) else path.split(".", 1)[0]
