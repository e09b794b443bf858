"""The answers of tools, in words: a text as it is, JSON data as plain sentences."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fsm_langgraph.offline.occasion import join, say
from fsm_langgraph.offline.prompt_content import ToolAnswer
from fsm_langgraph.offline.words import capital, label, listed

_LONGEST = 600
"""The number of characters of a text that are told."""


def tell(results: Sequence[ToolAnswer]) -> str:
    """Tell the answers of tools; empty where there are none."""
    return join([_told(result.text) for result in results])


def _told(text: str) -> str:
    text = text.strip()
    # The beginning that LangGraph's tool node gives to errors; their words are not for users.
    if text.startswith("Error"):
        return "I am sorry, I could not find that out just now."
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = text
    return _sentence(value)


def _sentence(value: Any) -> str:
    if value in (None, "", [], {}, False):
        return "I found nothing on that."
    match value:
        case True:
            return "That is done."
        case str():
            return _shortened(value)
        case int() | float():
            return f"It is {say(value)}."
        case Mapping():
            return f"{capital(_plain(value))}."
        case [_, *_] if all(isinstance(item, Mapping) for item in value):
            return "\n".join(["I found this:", *(f"- {', '.join(_pairs(item))}" for item in value[:_MOST])])
        case [_, *_]:
            return f"I found {listed([_plain(item) for item in value[:_MOST]])}."
    return ""


_MOST = 10
"""The number of a list's items that are told."""


def _pairs(value: Mapping[str, Any]) -> list[str]:
    return [f"{label(name)}: {_plain(item)}" for name, item in value.items() if item is not None]


def _plain(item: Any) -> str:
    return ", ".join(_pairs(item)) if isinstance(item, Mapping) else say(item)


def _shortened(text: str) -> str:
    """Return a text as a sentence; one that is too long ends where a sentence does."""
    if len(text) > _LONGEST:
        cut = text[:_LONGEST]
        text = cut[: cut.rfind(". ") + 1] or f"{cut.rstrip()}…"
    text = text if text[:1].isdigit() or "://" in text.split(" ", 1)[0] else capital(text)
    return text if text.endswith((".", "!", "?", "…", ":", ")")) or "\n" in text else f"{text}."
