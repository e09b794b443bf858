"""What OpenAI's strict mode refuses in a JSON Schema, in its own words.

The rules are those of https://platform.openai.com/docs/guides/structured-outputs#supported-schemas.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

MAX_PROPERTIES = 5000
MAX_DEPTH = 10
MAX_ENUM_VALUES = 1000
TYPES = {"string": str, "number": (int, float), "integer": int, "boolean": bool, "null": type(None)}
ALL_TYPES = frozenset({*TYPES, "object", "array"})
NOT_PERMITTED = frozenset(
    {
        *("allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "default"),
        *("minLength", "maxLength", "patternProperties", "unevaluatedProperties", "propertyNames"),
        *("minProperties", "maxProperties", "unevaluatedItems", "contains", "minContains", "maxContains"),
        *("uniqueItems", "prefixItems"),
    }
)


def strict_schema_fault(schema: Schema) -> str | None:
    """Return what is wrong with a schema, or `None`."""
    if "anyOf" in schema or schema.get("type") != "object":
        return f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{schema.get('type')}\"'."
    nodes = list(_nodes(schema, (), 1))
    for node, path, depth in nodes:
        if depth > MAX_DEPTH:
            return f"In context={path}, the schema exceeds the nesting limit of {MAX_DEPTH} levels."
        if fault := _node_fault(node) or _union_fault(node):
            return f"In context={path}, {fault}"
    properties = sum(len(node.get("properties", {})) for node, _, _ in nodes)
    if properties > MAX_PROPERTIES:
        return f"the schema has {properties} properties; the limit is {MAX_PROPERTIES}."
    values = sum(len(node.get("enum", [])) for node, _, _ in nodes)
    if values > MAX_ENUM_VALUES:
        return f"the schema has {values} enum values; the limit is {MAX_ENUM_VALUES}."
    return None


def _nodes(schema: Schema, path: tuple[str, ...], depth: int) -> Iterator[tuple[Schema, tuple[str, ...], int]]:
    yield schema, path, depth
    for name, child in schema.get("properties", {}).items():
        yield from _nodes(child, (*path, "properties", name), depth + 1)
    for name, child in schema.get("$defs", {}).items():
        yield from _nodes(child, (*path, "$defs", name), depth)
    for index, child in enumerate(schema.get("anyOf", [])):
        yield from _nodes(child, (*path, "anyOf", str(index)), depth)
    if isinstance(schema.get("items"), dict):
        yield from _nodes(schema["items"], (*path, "items"), depth + 1)


def _node_fault(node: Schema) -> str | None:
    for keyword in node:
        if keyword in NOT_PERMITTED:
            return f"'{keyword}' is not permitted."
    if not node.keys() & {"type", "anyOf", "$ref", "enum", "const"}:
        return "schema must have a 'type' key."
    types = node.get("type", [])
    types = [types] if isinstance(types, str) else types
    if unknown := set(types) - ALL_TYPES:
        return f"{sorted(unknown)} is not a valid type."
    if "object" in types:
        if node.get("additionalProperties") is not False:
            return "'additionalProperties' is required to be supplied and to be false."
        properties = set(node.get("properties", {}))
        if missing := properties - set(node.get("required", [])):
            return (
                "'required' is required to be supplied and to be an array including every key in properties."
                f" Missing '{min(missing)}'."
            )
        if extra := set(node.get("required", [])) - properties:
            return f"'required' names '{min(extra)}', which is no property."
    if "array" in types and "items" not in node:
        return "array schema missing items."
    return _enum_fault(node, types)


def _union_fault(node: Schema) -> str | None:
    beginnings = [next(iter(choice["properties"])) for choice in node.get("anyOf", ()) if choice.get("properties")]
    if len(set(beginnings)) < len(beginnings):
        return "Objects provided via 'anyOf' must not share identical first keys."
    return None


def _enum_fault(node: Schema, types: list[str]) -> str | None:
    if node.get("enum") == []:
        return "enum must not be empty."
    for value in node.get("enum", []):
        if types and not any(_fits(value, name) for name in types):
            return f"enum value {value!r} does not validate against {{'type': {types[0]!r}}}."
    return None


def _fits(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return name in TYPES and isinstance(value, TYPES[name])  # type: ignore[arg-type]  # a type or a tuple of types
