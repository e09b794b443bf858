"""The JSON Schema of the file format (draft 2020-12), by which an editor completes and checks a definition.

It is made from the models. Added is what they cannot say: optional fields may be null, names may not be taken, and an
expression is JsonLogic. It finds fewer faults than `load_definition`, which knows the whole file, and no others:
whatever loads is valid.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

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
from fsm_langgraph.loading.consistency import LANGGRAPH_NAMES
from fsm_langgraph.loading.store_section import LOOKUP_NAME
from fsm_langgraph.logic.operators import OPERATORS

Schema = dict[str, Any]


def definition_schema() -> Schema:
    """Return the JSON Schema of a definition."""
    parts: dict[str, Schema] = FSMDefinition.model_json_schema(schema_generator=Untitled)["$defs"]
    for model in _MODELS:
        describe(parts[model.__name__], model)
    for part in parts.values():
        allow_null(part)
    logic = parts["Condition"]["properties"]["logic"]
    described = {"description": logic["description"]} if "description" in logic else {}
    parts["Condition"]["properties"]["logic"] = {"$ref": "#/$defs/Logic", **described}
    parts["Logic"] = _logic()
    for field in ("required_context_keys", "optional_context_keys"):
        parts["State"]["properties"][field] |= {"items": _KEY, "uniqueItems": True}
    parts["State"]["properties"]["forget"]["items"] = _KEY
    parts["State"]["properties"]["tools"]["uniqueItems"] = True
    conversation = parts.pop("FSMDefinition")
    conversation["properties"]["states"]["propertyNames"] = _STATE_ID
    conversation["properties"]["context"]["propertyNames"] = _KEY
    conversation["properties"]["store"]["propertyNames"] = {"type": "string", "pattern": LOOKUP_NAME}
    parts["Lookup"]["properties"]["namespace"] |= {"items": _TEXT, "minItems": 1}
    parts["Lookup"]["properties"]["key"] |= _TEXT
    conversation["properties"]["subflows"] = _sub_machines(conversation["properties"]["subflows"])
    return {"$schema": DRAFT, **conversation, "title": "Conversation", "$defs": parts}


_MODELS = (
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
DRAFT = "https://json-schema.org/draft/2020-12/schema"
"""The version of JSON Schema that this is written in."""


def _sub_machines(field: Schema) -> Schema:
    """Say that a sub-machine is a definition like the one that it stands in."""
    return {**field, "type": ["object", "null"], "additionalProperties": {"$ref": "#"}}


_KEY = {"type": "string", "pattern": "^[^_]"}
_TEXT = {"type": "string", "minLength": 1}
_STATE_ID = {
    "type": "string",
    "pattern": "^(?!__)[^|:]+$",
    "not": {"enum": [*LANGGRAPH_NAMES]},
}


class Untitled(GenerateJsonSchema):
    """Leaves out the titles that repeat the names of the fields."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 -- Pydantic's signature
        """Say that none is to be set."""
        return False


def describe(part: Schema, model: type[BaseModel]) -> None:
    """Tell what each field is for."""
    for name, text in field_docstrings(model).items():
        field = part["properties"][name]
        part["properties"][name] = dict(sorted({**field, "description": text}.items()))  # in Pydantic's order


def allow_null(part: Schema) -> None:
    """Let optional fields be null, which is how a file leaves them out in full view."""
    for name in part.get("properties", {}).keys() - part.get("required", ()):
        field = part["properties"][name]
        if isinstance(field.get("type"), str) and not field.keys() & {"enum", "const"}:
            field["type"] = [field["type"], "null"]
        elif field.keys() - {"default", "description"} and {"type": "null"} not in field.get("anyOf", ()):
            about = {key: field.pop(key) for key in ("default", "description") if key in field}
            part["properties"][name] = {"anyOf": [field, {"type": "null"}], **about}


def _logic() -> Schema:
    names = list(OPERATORS)
    return {
        "title": "Logic",
        "description": "A JsonLogic expression: a value, a list, or an operator with its arguments.",
        "anyOf": [
            {"type": ["string", "number", "boolean", "null"]},
            {"type": "array", "items": {"$ref": "#/$defs/Logic"}},
            {
                "description": "An operator with its arguments; a list may be left out around a single one.",
                "type": "object",
                "properties": {name: _operation(name) for name in names},
                "additionalProperties": False,
                "minProperties": 1,
                "maxProperties": 1,
            },
            {
                "description": "Data: an object that is no operation.",
                "type": "object",
                "propertyNames": {"not": {"enum": names}},
                "not": {"minProperties": 1, "maxProperties": 1},
            },
        ],
    }


def _operation(name: str) -> Schema:
    operator = OPERATORS[name]
    arguments: Schema = {"description": operator.meaning, "$ref": "#/$defs/Logic"}
    if operator.fewest > 1:
        arguments["type"] = "array"
    if operator.fewest:
        arguments["minItems"] = operator.fewest
    if operator.most is not None:
        arguments["maxItems"] = operator.most
    return arguments
