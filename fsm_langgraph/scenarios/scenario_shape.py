"""Faults of shape in a file of scenarios: fields that are unknown, missing, or of the wrong type.

Pydantic finds them; here they are put into the words in which those of a definition are told (`loading/shape.py`).
"""

from __future__ import annotations

import copy
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from fsm_langgraph.definition.docstrings import field_docstrings
from fsm_langgraph.errors import suggest
from fsm_langgraph.loading.shape import EXPECTED, choices, name_value
from fsm_langgraph.scenarios.scenario import (
    Scenario,
    ScenarioDocument,
    ScenarioTurn,
    ScriptedReply,
    ScriptedToolCall,
    StoredItem,
)
from fsm_langgraph.scenarios.scenario_fault import ScenarioFault, Steps

Model = TypeVar("Model", bound=BaseModel)


def check_shape_of(model: type[Model], raw: Any, steps: Steps = ()) -> tuple[Model | None, list[ScenarioFault]]:
    """Make a model of the data, or say everything that keeps it from being made.

    Args:
        model: The model.
        raw: The data, as it was read.
        steps: Where it stands in the file.
    """
    try:
        return model.model_validate(raw), []
    except ValidationError as error:
        found = error.errors(include_url=False)
        # A list whose items have faults is one without items to Pydantic.
        return None, [
            _explain(fault, model, steps) for fault in found if not (fault["type"] == "too_short" and fault["input"])
        ]


def make_of_sound_parts(model: type[Model], raw: Any) -> Model | None:
    """Make a model of the data without the parts that are no good, so that the others can be looked at."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        rest = copy.deepcopy(raw)
        for fault in error.errors(include_url=False):
            _remove(rest, fault["loc"])
    try:
        return model.model_validate(rest)
    except ValidationError:
        return None


def _remove(data: Any, location: Steps) -> None:
    """Remove a part of the data, if it is there."""
    for step in location[:-1]:
        if step == 0 and not isinstance(data, list):
            continue  # a list of one may be written without the list
        try:
            data = data[step]
        except (LookupError, TypeError):
            return
    if isinstance(data, dict):
        data.pop(location[-1], None)


def _explain(fault: ErrorDetails, root: type[BaseModel], steps: Steps) -> ScenarioFault:
    location = fault["loc"]
    where = (*steps, *location)
    if not location:
        return ScenarioFault(where, "wrong-type", f"must be an object, not {name_value(fault['input'])}.")
    name = str(location[-1])
    model = _model(root, location[:-1])
    found = fault["input"]
    match fault["type"]:
        case "missing":
            return ScenarioFault(
                where[:-1], "missing-field", f"the field {name!r} is missing.", field_docstrings(model).get(name, "")
            )
        case "extra_forbidden":
            known = [field.alias or key for key, field in model.model_fields.items()]
            owners = [word for owner, word in _OWNERS.items() if name in owner.model_fields]
            advice = f"It belongs to {' or '.join(owners)}." if owners else suggest(name, known, noun="fields")
            return ScenarioFault(where, "unknown-field", f"there is no field {name!r} here.", advice)
        case "too_short":
            return ScenarioFault(where, "empty", "there is nothing in it.", "Give at least one.")
        case "literal_error" if isinstance(found, str):
            advice = suggest(found, choices(model.model_fields[name].annotation), noun="choices")
            return ScenarioFault(where, "unknown-value", f"there is no such choice as {found!r}.", advice)
        case "greater_than_equal":
            message = f"must be at least {fault['ctx']['ge']}, not {name_value(found)}."
            return ScenarioFault(where, "too-small", message)
    expected = EXPECTED.get(fault["type"], "something else")
    is_number = fault["type"] == "string_type" and isinstance(found, int | float) and not isinstance(found, bool)
    advice = f'Write it in quotes: "{found}".' if is_number else ""
    return ScenarioFault(where, "wrong-type", f"must be {expected}, not {name_value(found)}.", advice)


def _model(root: type[BaseModel], location: Steps) -> type[BaseModel]:
    """Return the model of the object at this location."""
    for step in location:
        root = _INNER.get(str(step), root)
    return root


_INNER: dict[str, type[BaseModel]] = {
    "scenarios": Scenario,
    "turns": ScenarioTurn,
    "reply": ScriptedReply,
    "tools": ScriptedToolCall,
    "stored": StoredItem,
}
_OWNERS: dict[type[BaseModel], str] = {
    ScriptedReply: "a reply",
    ScenarioTurn: "a turn",
    Scenario: "a scenario",
    ScenarioDocument: "the file, beside 'scenarios'",
}
