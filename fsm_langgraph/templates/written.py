"""Values as people write them: `ham, olives`, `yes`, `79`; an object stands as JSON."""

from __future__ import annotations

import json

from pydantic import JsonValue


def written(value: JsonValue) -> str:
    """Write a value as people do."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return ", ".join(map(written, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
