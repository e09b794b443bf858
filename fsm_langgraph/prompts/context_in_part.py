"""The context in a prompt, in part: where what is stored is larger than its limits allow, since it came before them.

A long value is told by its beginning and its end. Where all together is too long, the state's own keys come first, and
those that find no room are counted.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import JsonValue

from fsm_langgraph.context.writes import Context
from fsm_langgraph.data.in_part import in_part
from fsm_langgraph.data.size_limits import Limits, text_size
from fsm_langgraph.prompts.escaping import to_json


def context_in_part(shown: Context, limits: Limits, *, first: Iterable[str]) -> tuple[Context, str]:
    """Return the context with short values, and as much of it as may be told, as JSON.

    Args:
        shown: The context that the model is shown.
        limits: The limits.
        first: The keys that are told before all others.
    """
    short = {key: _in_part(value, limits.value) for key, value in shown.items()}
    told, room = to_json(short), limits.context
    if room is None or text_size(told) <= room:
        return short, told
    kept: Context = {}
    for key in dict.fromkeys([*(key for key in first if key in short), *short]):
        if (size := text_size(to_json({key: short[key]}))) <= room:
            kept[key] = short[key]
            room -= size
    return short, to_json({**kept, "…": f"{len(short) - len(kept):,} more keys, left out here"})


def _in_part(value: JsonValue, most: int | None) -> JsonValue:
    if isinstance(value, str):
        return in_part(value, most)
    if most is None or not isinstance(value, list | dict):
        return value
    text = to_json(value)
    return value if text_size(text) <= most else in_part(text, most)
