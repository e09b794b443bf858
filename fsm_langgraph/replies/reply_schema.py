"""What a state asks a model to return, as a JSON Schema that the strict modes of OpenAI and Anthropic accept.

Every member is required, nothing is free-form, unions are few. What strict modes refuse (a minimum, a pattern) and what
a key holds is told in the prompt, and checked when the value is stored. Each key has an entry of its own among the
updates, up to the providers' limits; a pair names any of the others, and removes a key by null:

    {"target_state": <enum>, "updates": [{"name": <string>} | … | {"key": <enum>, "value": null}], "message": <string>}
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.context.writes import is_writable
from fsm_langgraph.definition import ContextKey, FSMDefinition, State, Transition
from fsm_langgraph.replies.parser import MESSAGE
from fsm_langgraph.replies.reply import KEY, REASONING, REPLY, TARGET, UPDATES, VALUE

MAX_ENTRIES = 16
"""How many keys have an entry of their own: each makes the schema longer, which is sent with every request."""
MAX_UNIONS = 16
"""How many unions Anthropic takes in a schema."""
MAX_OFFERED = 40
"""How many keys a reply is offered by name, in the schema and in the prompt; it may write any that is declared."""

JsonSchema = dict[str, Any]


def reply_schema(
    definition: FSMDefinition,
    state: State,
    *,
    reasoning: bool = False,
    exits: Sequence[Transition] = (),
) -> JsonSchema:
    """Write the JSON Schema of a reply in this state.

    Args:
        definition: The definition that the state belongs to.
        state: The state that the reply is asked for in.
        reasoning: Whether it is to end with its reasons.
        exits: The ways out of the machine that are open to a proposal here.
    """
    ways = (*definition.transitions_from(state), *exits)
    targets = _distinct([*(way.target_state for way in ways), state.id])
    properties: dict[str, JsonSchema] = {TARGET: {"type": "string", "enum": targets}}
    if updates := _updates(definition, state):
        items = updates[0] if len(updates) == 1 else {"anyOf": updates}
        properties[UPDATES] = {"type": "array", "items": items}
    properties[MESSAGE] = {"type": "string"}
    if reasoning:
        properties[REASONING] = {"type": "string"}
    return {
        "title": REPLY,
        "description": "The next state, what the user's message says, and what to say to the user.",
        **_closed(properties),
    }


def without_message(schema: JsonSchema) -> JsonSchema:
    """Write the schema of the same reply where nobody is to read it, as in a step of thought."""
    return {**schema, **_closed({name: part for name, part in schema["properties"].items() if name != MESSAGE})}


def expected_members(schema: JsonSchema) -> frozenset[str]:
    """Name the members that must be complete before a message may be shown."""
    return frozenset(schema["properties"]) - {MESSAGE, REASONING}


def entry_keys(definition: FSMDefinition, state: State) -> tuple[str, ...]:
    """Name the keys that have an entry of their own among the updates; the others are written as pairs."""
    unions, entries = 1 + _unions(_any_value()), list[str]()
    for key in filter(_is_name, offered_keys(definition, state)):
        more = _unions(key_schema(definition.declared(key)))
        if unions + more <= MAX_UNIONS and len(entries) < MAX_ENTRIES:
            unions += more
            entries.append(key)
    return tuple(entries)


def offered_keys(definition: FSMDefinition, state: State) -> tuple[str, ...]:
    """Name the keys that a reply is offered: a bounded number, however many the machine has.

    They are the state's own, those that its transitions ask about, those of the states ahead, the nearest first, and
    the rest of those that are declared.
    """
    asked = sorted(key for way in definition.transitions_from(state) for key in way.reads)
    offered: dict[str, None] = {}
    for key in chain(state.own_keys, asked, _keys_ahead(definition, state), definition.model_keys or ()):
        if key not in offered and is_writable(definition, key, "model"):
            offered[key] = None
        if len(offered) == MAX_OFFERED:
            break
    return tuple(offered)


def key_schema(declaration: ContextKey | None) -> JsonSchema:
    """Write the JSON Schema of one key's value, within what strict modes accept."""
    if declaration is None:
        return _any_value()
    if declaration.enum is not None:
        return _enum_schema(list(declaration.enum))
    match declaration.type:
        case None:
            return _any_value()
        case "array":
            return {"type": "array", "items": key_schema(declaration.items or ContextKey(type="string"))}
        case "object":
            # Strict modes refuse a free-form object, so it travels as JSON text and is parsed on arrival.
            return {"type": "string"}
        case plain:
            return {"type": plain}


_PROPERTY_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""What Anthropic takes for the name of a property; OpenAI takes more."""


def _is_name(key: str) -> bool:
    # OpenAI refuses a union of objects that begin with the same key, and pairs begin with this one.
    return key != KEY and _PROPERTY_NAME.fullmatch(key) is not None


def _keys_ahead(definition: FSMDefinition, state: State) -> Iterator[str]:
    """Go through the keys of the states ahead, the nearest first; where nothing is declared there are none to offer."""
    seen = {state.id: None} if definition.context is not None else {}
    for name in (queue := list(seen)):
        yield from definition.states[name].own_keys
        near = (way.target_state for way in definition.transitions_from(definition.states[name]))
        fresh = [target for target in dict.fromkeys(near) if target not in seen][: MAX_OFFERED - len(seen)]
        seen.update(dict.fromkeys(fresh))
        queue += fresh


def _updates(definition: FSMDefinition, state: State) -> list[JsonSchema]:
    """Write the schemas of what may stand among the updates; nothing where a reply can write no key."""
    writable, entries = definition.model_keys, entry_keys(definition, state)
    if writable == ():
        return []
    name: JsonSchema = {"type": "string"}
    if writable is not None and len(writable) <= MAX_OFFERED:
        name["enum"] = list(writable)
    value: JsonSchema = {"type": "null"}
    if writable is None or len(writable) > len(entries):
        value = {"anyOf": [*_any_value()["anyOf"], value]}
    own = [_closed({key: key_schema(definition.declared(key))}) for key in entries]
    return [*own, _closed({KEY: name, VALUE: value})]


def _enum_schema(values: list[JsonValue]) -> JsonSchema:
    kinds = {"string": str, "boolean": bool, "number": int | float}
    for name, kind in kinds.items():
        if all(isinstance(value, kind) and (name == "boolean" or not isinstance(value, bool)) for value in values):
            return {"type": name, "enum": _distinct(values)}
    # One schema has one type: values of several types are offered as text and matched on arrival.
    return {"type": "string", "enum": _distinct(v if isinstance(v, str) else json.dumps(v) for v in values)}


def _distinct(values: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(values))


def _any_value() -> JsonSchema:
    """Write the schema of any value but null; objects are left out, as strict modes refuse free-form ones."""
    scalars: list[JsonSchema] = [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]
    return {"anyOf": [*scalars, {"type": "array", "items": {"anyOf": [dict(scalar) for scalar in scalars]}}]}


def _unions(schema: JsonSchema) -> int:
    parts = (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ()))
    return ("anyOf" in schema) + sum(map(_unions, parts))


def _closed(properties: dict[str, JsonSchema]) -> JsonSchema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
