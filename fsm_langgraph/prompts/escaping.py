r"""Escaping: no text of a user, a handler, a model or a store opens or closes a tag of a prompt.

In JSON `<`, `>` and `&` are written as `\u003c` and so on; in a text that a template makes, as `&lt;`. Both can be
read back, by a model and by a program.
"""

from __future__ import annotations

import json
from typing import Any


def to_json(value: Any) -> str:
    """Write JSON in which no character can open or close a tag."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def escape(value: Any) -> Any:
    """Return JSON data in whose texts, once they are filled into a template, no character opens or closes a tag."""
    if isinstance(value, str):
        return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if isinstance(value, dict):
        return {escape(key): escape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [escape(item) for item in value]
    return value
