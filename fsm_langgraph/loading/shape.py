"""Faults of shape: fields that are unknown, missing, or of the wrong type.

Pydantic finds them; here its findings are put into the words of somebody who writes a definition, who need
not know that there is Python behind it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import ErrorDetails

from fsm_langgraph.data.json_data import MAX_PROBLEMS, at
from fsm_langgraph.definition import (
    Acceptance,
    Checks,
    Condition,
    ContextKey,
    FSMDefinition,
    GlobalTransition,
    Lookup,
    Migration,
    State,
    Transition,
)
from fsm_langgraph.definition.docstrings import field_docstrings
from fsm_langgraph.errors import Problem, suggest
from fsm_langgraph.loading.llm_fsm_fields import NEWER_FIELDS

Location = tuple[str | int, ...]


def check_shape(data: JsonValue) -> tuple[FSMDefinition | None, list[Problem]]:
    """Make the models of the data, or say everything that keeps them from being made."""
    try:
        return FSMDefinition.model_validate(data), []
    except ValidationError as error:
        faults = error.errors(include_url=False)
        return None, [_explain(fault) for fault in faults[: MAX_PROBLEMS + 1]]


def _explain(fault: ErrorDetails) -> Problem:
    location = fault["loc"]
    path = at(*location)
    match fault["type"]:
        case "missing":
            return Problem(path, "missing-field", f"the field {location[-1]!r} is missing.", _purpose(location))
        case "extra_forbidden":
            return _unknown_field(path, location)
        case "too_short":
            return Problem(path, "no-states", "there are no states.", "A conversation needs at least one.")

    found = fault["input"]
    if location[-1:] == ("version",):
        quotes = "" if isinstance(found, str) else " in quotes"
        advice = f'Write "3.0"{quotes}: that is the version which this package reads.'
        return Problem(
            path,
            "unsupported-version",
            f"version {json.dumps(found) if isinstance(found, str) else name_value(found)} is not supported.",
            advice,
        )
    if fault["type"] == "literal_error" and isinstance(found, str):
        known = choices(_model(location[:-1]).model_fields[str(location[-1])].annotation)
        return Problem(
            path,
            "unknown-value",
            f"there is no such choice as {found!r}.",
            suggest(found, known, noun="choices"),
        )
    if fault["type"] == "greater_than_equal":
        return Problem(path, "too-small", f"must be at least {fault['ctx']['ge']}, not {name_value(found)}.")
    if not location and isinstance(found, str):  # a file of another kind, of which nothing is quoted
        return Problem(path, "wrong-type", "must be an object, not a text.")
    expected = EXPECTED.get(fault["type"], "something else")
    is_number = fault["type"] == "string_type" and isinstance(found, int | float) and not isinstance(found, bool)
    advice = f'Write it in quotes: "{found}".' if is_number else ""
    if len(location) > 1 and location[-2] == "subflows" and isinstance(found, str):
        advice = f'A sub-machine in a file of its own is named by its state: "subflow": "{found}".'
    return Problem(path, "wrong-type", f"must be {expected}, not {name_value(found)}.", advice)


def _unknown_field(path: str, location: Location) -> Problem:
    name = str(location[-1])
    if name in NEWER_FIELDS:
        message = f"the field {name!r} is one of LLM-FSM 4, and this package reads version 3.0."
        return Problem(path, "newer-field", message, NEWER_FIELDS[name])
    known = [field.alias or name for name, field in _model(location[:-1]).model_fields.items()]
    owners = [owner for owner, model in _OWNERS.items() if name in model.model_fields]
    advice = f"It belongs to {' or '.join(owners)}." if owners else suggest(name, known, noun="fields")
    return Problem(path, "unknown-field", f"there is no field {name!r} here.", advice)


_OWNERS: dict[str, type[BaseModel]] = {
    "a condition": Condition,
    "a transition": Transition,
    "a state": State,
    "a key of the context": ContextKey,
    "the definition": FSMDefinition,
    "'migrate'": Migration,
    "'check'": Checks,
    "an acceptance": Acceptance,
}


EXPECTED = {
    "string_type": "a string",
    "string_too_short": "a text that is not empty",
    "literal_error": "a string",
    "tuple_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
}
"""The thing expected where Pydantic finds a fault of this type."""


def name_value(value: Any) -> str:
    """Name a value of the wrong type: its kind if it holds others, itself if it is short."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str):
        return "a string" if len(text) > 40 else f"the string {text}"
    return text if len(text) <= 40 else "a number"


def _model(location: Location) -> type[BaseModel]:
    return model_at(location) or FSMDefinition


def model_at(location: Location) -> type[BaseModel] | None:
    """Return the model of the object at this location; none where its members have names of the author's own."""
    match location:
        case ():
            return FSMDefinition
        case ("states", _):
            return State
        case ("states", _, "transitions", _):
            return Transition
        case ("states", _, "transitions", _, "conditions", _):
            return Condition
        case ("global_transitions", _):
            return GlobalTransition
        case ("global_transitions", _, "conditions", _):
            return Condition
        case ("context", _, *_):
            return ContextKey
        case ("store", _):
            return Lookup
        case ("check",):
            return Checks
        case ("check", "accept", _):
            return Acceptance
        case ("migrate",):
            return Migration
        case ("subflows", _, *inside):
            return model_at(tuple(inside))
    return None


def _purpose(location: Location) -> str:
    return field_docstrings(_model(location[:-1])).get(str(location[-1]), "")


def choices(annotation: Any) -> Iterator[str]:
    """Yield the texts that a field may be, where they are listed."""
    if isinstance(annotation, str):
        yield annotation
    for argument in get_args(annotation):
        yield from choices(argument)
