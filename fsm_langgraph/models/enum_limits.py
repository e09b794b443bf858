"""Schemas with more enum values than a provider takes: the longest enums become described strings.

A hub of a thousand states is one value beyond OpenAI's limit. What the schema does not hold the model to is checked
all the same when the reply is read: a target is one of the state's transitions, and a value fits its key.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from langchain_core.language_models import BaseChatModel

from fsm_langgraph.models.arguments import JsonSchema
from fsm_langgraph.models.providers import provider_of_model

_LONG, _CHARACTERS = 250, 15_000
"""Of a single enum with more strings than this, OpenAI bounds the characters too."""


def enum_limit(model: BaseChatModel) -> int | None:
    """Return how many enum values a model's provider takes in a schema; `None` where no limit is known."""
    provider = provider_of_model(model)
    return provider.enum_values if provider is not None else None


def within(limit: int | None, schema: JsonSchema) -> JsonSchema:
    """Return a schema, with the longest of its enums described in words where they are too long.

    Args:
        limit: How many values all enums together may have.
        schema: The schema, which is left as it is.
    """
    if limit is None:
        return schema
    enums = sorted(_enums(schema), key=len, reverse=True)
    count, replaced = sum(map(len, enums)), set[int]()
    for enum in enums:
        if count > limit or (len(enum) > _LONG and sum(len(str(value)) for value in enum) > _CHARACTERS):
            replaced.add(id(enum))
            count -= len(enum)
    return _without(replaced, schema) if replaced else schema


def _enums(node: Any) -> Iterator[list[Any]]:
    if isinstance(node, list):
        for item in node:
            yield from _enums(item)
    elif isinstance(node, dict):
        for name, part in node.items():
            if name == "enum" and isinstance(part, list):
                yield part
            else:
                yield from _enums(part)


def _without(replaced: set[int], node: Any) -> Any:
    if isinstance(node, list):
        return [_without(replaced, item) for item in node]
    if not isinstance(node, dict):
        return node
    if id(enum := node.get("enum")) not in replaced:
        return {name: _without(replaced, part) for name, part in node.items()}
    kept = {name: part for name, part in node.items() if name != "enum"}
    told = [kept["description"]] if kept.get("description") else []
    return {**kept, "description": " ".join([*told, *_described(enum)])}


def _described(values: Any) -> list[str]:
    return [f"One of the {len(values)} names told in the prompt, written exactly as there, such as {values[0]!r}."]
