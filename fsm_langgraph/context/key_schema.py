"""The JSON Schema of one key's value, within what the strict modes of OpenAI and Anthropic accept.

A value's limits (a minimum, a pattern) are told in the prompt, and checked when the value is stored: strict modes
refuse them in a schema.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.definition import ContextKey

JsonSchema = dict[str, Any]


def key_schema(declaration: ContextKey | None) -> JsonSchema:
    """Write the JSON Schema of one key's value; any value but null where nothing is declared."""
    if declaration is None:
        return any_value()
    if declaration.enum is not None:
        return _enum_schema(list(declaration.enum))
    match declaration.type:
        case None:
            return any_value()
        case "array":
            return {"type": "array", "items": key_schema(declaration.items or ContextKey(type="string"))}
        case "object":
            # Strict modes refuse a free-form object, so it travels as JSON text and is parsed on arrival.
            return {"type": "string"}
        case plain:
            return {"type": plain}


def any_value() -> JsonSchema:
    """Write the schema of any value but null; objects are left out, as strict modes refuse free-form ones."""
    scalars: list[JsonSchema] = [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]
    return {"anyOf": [*scalars, {"type": "array", "items": {"anyOf": [dict(scalar) for scalar in scalars]}}]}


def count_unions(schema: JsonSchema) -> int:
    """Count the unions in the schema of a value, those inside of lists included."""
    parts = (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ()))
    return ("anyOf" in schema) + sum(map(count_unions, parts))


def _enum_schema(values: list[JsonValue]) -> JsonSchema:
    kinds = {"string": str, "boolean": bool, "number": int | float}
    for name, kind in kinds.items():
        # In Python a boolean is a number too; in JSON Schema it is none.
        if all(isinstance(value, kind) and (name == "boolean" or not isinstance(value, bool)) for value in values):
            return {"type": name, "enum": list(dict.fromkeys(values))}
    # One schema has one type: values of several types are offered as text and matched on arrival.
    texts = (value if isinstance(value, str) else json.dumps(value) for value in values)
    return {"type": "string", "enum": list(dict.fromkeys(texts))}
