"""The JSON Schema of a state's reply, which the strict modes of OpenAI and Anthropic accept.

Every member is required, nothing is free-form, unions are few. Each key has an entry of its own among the updates, up
to the providers' limits (`offered_keys.py`); a pair names any of the others, and removes a key by null:

    {"target_state": <enum>, "updates": [{"name": <string>} | … | {"key": <enum>, "value": null}], "message": <string>}
"""

from __future__ import annotations

from collections.abc import Sequence

from fsm_langgraph.context.key_schema import JsonSchema, any_value, key_schema
from fsm_langgraph.context.offered_keys import MAX_OFFERED, entry_keys, offered_keys
from fsm_langgraph.data.reply_members import KEY, MESSAGE, REASONING, REPLY, TARGET, UPDATES, VALUE
from fsm_langgraph.definition import FSMDefinition, State, Transition


def reply_schema(
    definition: FSMDefinition,
    state: State,
    *,
    reasoning: bool = False,
    exits: Sequence[Transition] = (),
    outside: Sequence[str] = (),
) -> JsonSchema:
    """Write the JSON Schema of a reply in this state.

    Args:
        definition: The definition that the state belongs to.
        state: The state that the reply is asked for in.
        reasoning: Whether it is to end with its reasons.
        exits: The transitions of the machines around this one that are open to a proposal here.
        outside: The keys of those machines that may be told here too.
    """
    transitions = (*definition.transitions_from(state), *exits)
    targets = dict.fromkeys([*(definition.proposal(state, transition) for transition in transitions), state.id])
    properties: dict[str, JsonSchema] = {TARGET: {"type": "string", "enum": [*targets]}}
    if updates := _updates(definition, state, outside):
        items = updates[0] if len(updates) == 1 else {"anyOf": updates}
        properties[UPDATES] = {"type": "array", "items": items}
    properties[MESSAGE] = {"type": "string"}
    if reasoning:
        properties[REASONING] = {"type": "string"}
    return {
        "title": REPLY,
        **_closed(properties),
    }


def without_message(schema: JsonSchema) -> JsonSchema:
    """Write the schema of the same reply where nobody is to read it, as in a step of thought."""
    return {**schema, **_closed({name: part for name, part in schema["properties"].items() if name != MESSAGE})}


def expected_members(schema: JsonSchema) -> frozenset[str]:
    """Name the members that must be complete before a message may be shown."""
    return frozenset(schema["properties"]) - {MESSAGE, REASONING}


def _updates(definition: FSMDefinition, state: State, outside: Sequence[str]) -> list[JsonSchema]:
    """Write the schemas of what may stand among the updates; nothing where a reply can write no key."""
    writable, entries = definition.model_keys, entry_keys(definition, state)
    if writable is not None:
        writable = (*writable, *outside)
    if writable == ():
        return []
    name: JsonSchema = {"type": "string"}
    # With `known`, a pair may correct any key of the context, and those that are not there are not offered.
    are_named = definition.other_keys == "all" or {*(writable or ())} <= {*offered_keys(definition, state), *outside}
    if writable is not None and len(writable) <= MAX_OFFERED and are_named:
        name["enum"] = list(writable)
    value: JsonSchema = {"type": "null"}
    if writable is None or len(writable) > len(entries):
        value = {"anyOf": [*any_value()["anyOf"], value]}
    own = [_closed({key: key_schema(definition.declared(key))}) for key in entries]
    return [*own, _closed({KEY: name, VALUE: value})]


def _closed(properties: dict[str, JsonSchema]) -> JsonSchema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
