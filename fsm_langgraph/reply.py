"""What a state asks a model to return, and what is read from it.

The wire form is flat and short, because every token before the message delays it:

    {"target_state": "get_email", "name": "Ann", "other_updates": [{"key": …, "value": …}], "message": "…"}

`reply_schema` writes it as a JSON Schema that the strict modes of OpenAI and Anthropic accept: every member
required, nothing free-form, "no value" as `null` through `anyOf`. What strict modes refuse (a minimum, a
pattern) is told in words and checked when the value is stored. A key that cannot be a member, as the form has
one of that name or a provider refuses it, travels among the other updates. `read_reply` also takes LLM-FSM's
nested form, and what lies between the two:

    {"transition": {"target_state": …, "context_update": {…}}, "message": …, "reasoning": …}
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.context import is_writable
from fsm_langgraph.definition import ContextKey, FSMDefinition, State, Transition
from fsm_langgraph.parser import MESSAGE

REPLY = "reply"
"""The name of the form, which is a function's name where a provider is asked for one."""
TARGET = "target_state"
UPDATES = "other_updates"
REASONING = "reasoning"

JsonSchema = dict[str, Any]


class BadReply(ValueError):  # noqa: N818 - it is what the reply is
    """A reply that cannot be read; the text is the end of the sentence "your reply was refused: …"."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply without its message."""

    target_state: str
    """The state that it proposes."""
    updates: tuple[tuple[str, Any], ...]
    """The writes that it asks for, unchecked, in the order written."""
    reasoning: str = ""
    """Why, where it was asked to say."""


def reply_schema(
    definition: FSMDefinition,
    state: State,
    *,
    message: bool,
    reasoning: bool = False,
    exits: Sequence[Transition] = (),
) -> JsonSchema:
    """Write the JSON Schema of a reply in this state.

    Args:
        definition: The definition that the state belongs to.
        state: The state that the reply is asked for in.
        message: Whether the reply brings the user's message too.
        reasoning: Whether it is to end with its reasons.
        exits: The ways out of the machine that are open to a proposal here.
    """
    ways = (*definition.ways_out(state), *exits)
    targets = _distinct([*(way.target_state for way in ways), state.id])
    properties: dict[str, JsonSchema] = {TARGET: {"type": "string", "enum": targets}}
    for key in wire_keys(state):
        properties[key] = _or_null(key_schema(definition.declared(key)))
    if (keys := other_keys(definition, state)) != []:
        key_name: JsonSchema = {"type": "string"} if keys is None else {"type": "string", "enum": keys}
        properties[UPDATES] = {
            "type": "array",
            "items": _closed({"key": key_name, "value": _or_null(_any_value())}),
        }
    if message:
        properties[MESSAGE] = {"type": "string"}
    if reasoning:
        properties[REASONING] = {"type": "string"}
    return {
        "title": REPLY,
        "description": "The next state, what the user's message says, and what to say to the user.",
        **_closed(properties),
    }


def expected_members(schema: JsonSchema) -> frozenset[str]:
    """Name the members that must be complete before a message may be shown."""
    return frozenset(schema["properties"]) - {MESSAGE, REASONING}


def wire_keys(state: State) -> tuple[str, ...]:
    """Name the state's own keys that are members of the reply; the rest travels among the other updates."""
    return tuple(key for key in state.own_keys if key not in _FORM and _PROPERTY_NAME.fullmatch(key))


def other_keys(definition: FSMDefinition, state: State) -> list[str] | None:
    """Name the further keys that a reply may write here; `None` where any name will do."""
    if definition.context is None:
        return None
    own = set(wire_keys(state))
    return [key for key in definition.context if key not in own and is_writable(definition, key, "model")]


def key_schema(declaration: ContextKey | None) -> JsonSchema:
    """Write the JSON Schema of one key's value, within what strict modes accept."""
    if declaration is None:
        return _any_value()
    schema = _type_schema(declaration)
    words = [describe_key(declaration), _FORMAT_WORDS[declaration.format] if declaration.format else ""]
    if description := "; ".join(filter(None, words)):
        schema["description"] = description
    return schema


def describe_key(declaration: ContextKey) -> str:
    """Tell in words what a key holds and what its value must be like, beyond its type and format."""
    parts = [declaration.description.rstrip(".")]
    if declaration.pattern is not None:
        parts.append(f"matching {declaration.pattern}")
    if declaration.minimum is not None:
        parts.append(f"at least {declaration.minimum}")
    if declaration.maximum is not None:
        parts.append(f"at most {declaration.maximum}")
    if declaration.type == "object":
        parts.append("a JSON object, written as a string")
    return "; ".join(filter(None, parts))


def read_reply(members: Mapping[str, Any]) -> Reply:
    """Read a reply in either form; raise `BadReply` where it names no target state.

    An own key that is null has not been told; among the other updates null removes the key.
    """
    nested = members.get(_TRANSITION)
    if TARGET not in members and isinstance(nested, dict):
        members = {**members, **nested}
    target, reasoning = members.get(TARGET), members.get(REASONING)
    if not isinstance(target, str) or not target.strip():
        raise BadReply(f"it has no {TARGET!r}")
    own = [(key, value) for key, value in members.items() if key not in _FORM]
    given = [(key, value) for key, value in (*own, *_pairs(members.get(_CONTEXT_UPDATE))) if value is not None]
    updates = [(key, value) for key, value in (*given, *_pairs(members.get(UPDATES))) if not _is_blank(value)]
    return Reply(target, tuple(updates), reasoning if isinstance(reasoning, str) else "")


_FORMAT_WORDS = {
    "email": "an e-mail address",
    "date": "a date as YYYY-MM-DD",
    "time": "a time as HH:MM",
    "date-time": "a date and time as YYYY-MM-DDTHH:MM",
    "uri": "a web address",
    "uuid": "a UUID",
}


_TRANSITION = "transition"
_CONTEXT_UPDATE = "context_update"
_FORM = frozenset({TARGET, UPDATES, MESSAGE, REASONING, _TRANSITION, _CONTEXT_UPDATE})
"""The members that are not keys, of both forms."""
_PROPERTY_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""What Anthropic takes for the name of a property; OpenAI takes more."""


def _pairs(updates: Any) -> Iterator[tuple[str, Any]]:
    """Read updates, whether they are written as pairs of key and value or as an object."""
    for update in updates if isinstance(updates, list) else [updates]:
        if not isinstance(update, dict):
            continue
        if isinstance(update.get("key"), str) and "value" in update:
            yield update["key"], update["value"]
        elif "key" not in update or update is updates:
            yield from update.items()


def _is_blank(value: Any) -> bool:
    """Say whether this is how a model writes "nothing" where the form makes it write something."""
    return isinstance(value, str) and not value.strip()


def _type_schema(declaration: ContextKey) -> JsonSchema:
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


def _or_null(schema: JsonSchema) -> JsonSchema:
    null = {"type": "null"}
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], null]}
    return {"anyOf": [schema, null]}


def _closed(properties: dict[str, JsonSchema]) -> JsonSchema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
