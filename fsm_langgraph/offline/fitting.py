"""A value fitted to a JSON Schema: the value itself where it is allowed, else the emptiest that is.

It knows the JSON Schemas that `reply_schema` writes, and enough of the rest for those of other callers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_MAX_DEPTH = 12
"""The depth at which fitting ends; a schema that refers to itself would have no end."""


def fit(value: Any, schema: Any, root: Mapping[str, Any], depth: int = 0) -> Any:
    """Return the value, or the emptiest one that a schema allows in its stead.

    Args:
        value: The value.
        schema: The schema, a part of `root`.
        root: The whole schema, for its references.
        depth: How deep in the whole schema this part is.
    """
    if not isinstance(schema, Mapping) or depth > _MAX_DEPTH:
        return value
    if isinstance(reference := schema.get("$ref"), str):
        return fit(value, _resolve(reference, root), root, depth + 1)
    if "const" in schema:
        return schema["const"]
    choices = schema.get("anyOf") or schema.get("oneOf")
    if isinstance(choices, list) and choices:
        for choice in choices:
            if value is not None and allows(choice, value):
                return fit(value, choice, root, depth + 1)
        # A value that fits nowhere is left out, where that is allowed.
        null = any(isinstance(choice, Mapping) and choice.get("type") == "null" for choice in choices)
        return None if null else fit(value, choices[0], root, depth + 1)
    # `type` is compared as well, since Python holds that 1 == True.
    options = schema.get("enum")
    if isinstance(options, list) and options:
        return value if any(type(value) is type(option) and value == option for option in options) else options[-1]
    return _fit_type(value, schema, root, depth)


def _fit_type(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], depth: int) -> Any:
    kind = schema.get("type")
    if isinstance(kind, list):
        if value is None and "null" in kind:
            return None
        kind = kind[0] if kind else None
    match kind:
        case "object":
            given = value if isinstance(value, dict) else {}
            properties = schema.get("properties")
            parts = properties if isinstance(properties, dict) else {}
            needed = schema.get("required")
            wanted = {*given, *(needed if isinstance(needed, list) else ())}
            return {name: fit(given.get(name), part, root, depth + 1) for name, part in parts.items() if name in wanted}
        case "array":
            items = value if isinstance(value, list) else []
            part = schema.get("items")
            return [fit(item, part, root, depth + 1) for item in items if allows(part, item)]
        case "string":
            return value if isinstance(value, str) else ""
        case "integer":
            return value if isinstance(value, int) and not isinstance(value, bool) else 0
        case "number":
            return value if isinstance(value, int | float) and not isinstance(value, bool) else 0
        case "boolean":
            return value if isinstance(value, bool) else False
        case "null":
            return None
        case _:
            return value


def allows(schema: Any, value: Any) -> bool:
    """Say whether a schema of a reply's part allows a value."""
    if not isinstance(schema, Mapping):
        return True
    if isinstance(choices := schema.get("anyOf"), list):
        return any(allows(choice, value) for choice in choices)
    if isinstance(options := schema.get("enum"), list):
        return any(type(value) is type(option) and value == option for option in options)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match schema.get("type"):
        case "string":
            return isinstance(value, str)
        case "integer":
            return number and isinstance(value, int)
        case "number":
            return number
        case "boolean":
            return isinstance(value, bool)
        case "null":
            return value is None
        case "array":
            return isinstance(value, list) and all(allows(schema.get("items"), item) for item in value)
        case "object":
            properties = schema.get("properties")
            parts = properties if isinstance(properties, dict) else {}
            return isinstance(value, dict) and all(allows(part, value.get(name)) for name, part in parts.items())
        case _:
            return True


def _resolve(reference: str, root: Mapping[str, Any]) -> Any:
    found: Any = root
    for part in reference.removeprefix("#/").split("/"):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
