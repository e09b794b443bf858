r"""Escaping: no text of a user, a handler, a model or a store opens or closes a tag of a prompt.

A tag needs a `<` before a letter, a slash, `!` or `?`. Only that sign is written otherwise: as `\u003c` in JSON, as
`&lt;` in a text that a template makes. So "Ben & Jerry's", "a < b" and "<3" reach the model as they are. A `<` that
ends a text counts too, as another text may follow it. What is written can be read back (`unescape`): a `&lt;` that was
there before becomes `&amp;lt;`.
"""

from __future__ import annotations

import json
import re
from typing import Any


def to_json(value: Any) -> str:
    """Write JSON in which no character can open or close a tag."""
    text = _ENCODER.encode(value)
    return _OPENING.sub(r"\\u003c", text) if "<" in text else text


def escape(value: Any) -> Any:
    """Return JSON data in whose texts, once they are filled into a template, no character opens or closes a tag."""
    if isinstance(value, str):
        return _OPENING.sub("&lt;", _ESCAPED.sub("&amp;", value)) if "<" in value or "&" in value else value
    if isinstance(value, dict):
        return {escape(key): escape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [escape(item) for item in value]
    return value


def unescape(text: str) -> str:
    """Return the text as it was before it was escaped."""
    return _WRITTEN.sub(lambda found: f"&{found[1].removeprefix('amp;')}lt;" if found[1] else "<", text)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_OPENING = re.compile(r"<(?=[^\W\d]|\s*(?:[/!?]|\Z))")
_ESCAPED = re.compile(r"&(?=(?:amp;)*lt;)")
_WRITTEN = re.compile(r"&((?:amp;)*)lt;")
