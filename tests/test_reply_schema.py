"""A reply's schema is one that strict modes take, and a reply by it is read whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from random_definitions import CHOICES, definition, definitions
from strict_schema import strict_schema_fault

from fsm_langgraph.context.key_schema import JsonSchema
from fsm_langgraph.context.offered_keys import MAX_ENTRIES, MAX_OFFERED, MAX_UNIONS
from fsm_langgraph.context.writes import check_writes
from fsm_langgraph.data.reply_members import MESSAGE, TARGET
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.replies.reply import read_reply
from fsm_langgraph.replies.reply_schema import expected_members, reply_schema, without_message

LAW = settings(deadline=None, max_examples=80)

TO_END = {"target_state": "end", "description": "when done"}


def schema_of(machine: FSMDefinition, *, message: bool = True, reasoning: bool = False) -> JsonSchema:
    schema = reply_schema(machine, machine.states["start"], reasoning=reasoning)
    return schema if message else without_message(schema)


SCALARS = [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]
ANY = {"anyOf": [*SCALARS, {"type": "array", "items": {"anyOf": SCALARS}}]}
STRING = {"type": "string"}


def entry(key: str, schema: JsonSchema) -> JsonSchema:
    return {"type": "object", "properties": {key: schema}, "required": [key], "additionalProperties": False}


def pair(name: JsonSchema, value: JsonSchema) -> JsonSchema:
    members = {"key": name, "value": value}
    return {"type": "object", "properties": members, "required": ["key", "value"], "additionalProperties": False}


NULL = {"type": "null"}
ANY_OR_NULL = {"anyOf": [*ANY["anyOf"], NULL]}


def test_the_members_stand_in_the_order_in_which_they_are_needed() -> None:
    """The message comes after everything that decides about it, the reasons after the message."""
    machine = definition(
        {"city": {}, "name": {"type": "string"}, "age": {"type": "integer"}},
        start={"required_context_keys": ["name", "age"], "transitions": [TO_END]},
        end={},
    )

    schema = schema_of(machine, reasoning=True)

    assert list(schema["properties"]) == ["target_state", "updates", "message", "reasoning"]
    assert expected_members(schema) == {"target_state", "updates"}
    assert schema["properties"]["target_state"]["enum"] == ["end", "start"]
    assert schema["properties"]["updates"] == {
        "type": "array",
        "items": {
            "anyOf": [
                entry("name", STRING),
                entry("age", {"type": "integer"}),
                entry("city", ANY),
                pair({**STRING, "enum": ["city", "name", "age"]}, NULL),
            ]
        },
    }


@pytest.mark.parametrize("context", [{}, {"score": {"written_by": "handler"}}], ids=["no key", "none of the model's"])
def test_no_updates_are_asked_for_where_none_can_be_written(context: dict[str, Any]) -> None:
    assert list(schema_of(definition(context, start={}))["properties"]) == ["target_state", "message"]


def test_any_key_can_be_written_where_none_is_declared() -> None:
    asks = {"description": "d", "requires_context_keys": ["name", "vip"], "logic": {">": [{"var": "age"}, 9]}}
    machine = definition(
        start={"optional_context_keys": ["name"], "transitions": [{**TO_END, "conditions": [asks]}]}, end={}
    )

    items = schema_of(machine)["properties"]["updates"]["items"]

    assert items == {"anyOf": [*(entry(key, ANY) for key in ("name", "age", "vip")), pair(STRING, ANY_OR_NULL)]}
    assert schema_of(definition(start={}))["properties"]["updates"]["items"] == pair(STRING, ANY_OR_NULL)


@pytest.mark.parametrize("key", ["key", "with space", "ключ", "x" * 65])
def test_a_key_that_no_property_can_be_named_after_is_written_as_a_pair(key: str) -> None:
    machine = definition({"name": {}, key: {}}, start={"required_context_keys": ["name", key]})

    items = schema_of(machine)["properties"]["updates"]["items"]

    assert items == {"anyOf": [entry("name", ANY), pair({**STRING, "enum": ["name", key]}, ANY_OR_NULL)]}


@pytest.mark.parametrize(
    ("declaration", "entries"),
    [
        pytest.param({"type": "string"}, MAX_ENTRIES, id="schemas that grow long"),
        pytest.param({}, (MAX_UNIONS - 3) // 2, id="unions"),
    ],
)
def test_what_passes_the_limits_is_written_as_pairs(declaration: dict[str, Any], entries: int) -> None:
    names = [f"k{number}" for number in range(MAX_OFFERED)]
    machine = definition(
        {**dict.fromkeys(names, declaration), "last": {"type": "boolean"}}, start={"required_context_keys": ["last"]}
    )

    items = schema_of(machine)["properties"]["updates"]["items"]["anyOf"]

    assert items[0] == entry("last", {"type": "boolean"})
    assert len(items) == entries + 1 + (not declaration)
    assert items[-1] == pair(STRING, ANY_OR_NULL)


def parts(schema: JsonSchema) -> Iterator[JsonSchema]:
    """Go through a schema and all its parts."""
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", ()), *[schema.get("items")]]
    for part in filter(None, inner):
        yield from parts(part)


TAKEN_BY_ALL = {
    *("type", "properties", "required", "additionalProperties", "items", "enum", "anyOf"),
    *("description", "title"),
}


@LAW
@given(definitions(), st.booleans(), st.booleans())
def test_every_schema_is_one_that_strict_modes_take(machine: FSMDefinition, message: bool, reasoning: bool) -> None:
    schema = schema_of(machine, message=message, reasoning=reasoning)

    Draft202012Validator.check_schema(schema)
    assert strict_schema_fault(schema) is None
    assert sum("anyOf" in part for part in parts(schema)) <= MAX_UNIONS
    for part in parts(schema):
        assert part.keys() <= TAKEN_BY_ALL
        assert isinstance(part.get("type", ""), str)
        enum = part.get("enum", ["x"])
        assert enum
        assert len({json.dumps(value) for value in enum}) == len(enum)


def replies_to(schema: JsonSchema) -> st.SearchStrategy[Any]:
    """Draw what a strict decoder could write for a schema."""
    if "anyOf" in schema:
        return st.one_of([replies_to(choice) for choice in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema["type"] == "object":
        return st.fixed_dictionaries({name: replies_to(part) for name, part in schema["properties"].items()})
    if schema["type"] == "array":
        return st.lists(replies_to(schema["items"]), max_size=3)
    return {
        "string": st.text(max_size=5),
        "number": st.floats(allow_nan=False, allow_infinity=False),
        "integer": st.integers(),
        "boolean": st.booleans(),
        "null": st.none(),
    }[schema["type"]]


@LAW
@given(definitions(), st.data())
def test_a_reply_by_the_schema_is_read_whole(machine: FSMDefinition, data: st.DataObject) -> None:
    schema = schema_of(machine)
    members = data.draw(replies_to(schema))
    del members[MESSAGE]
    written = [
        (update["key"], update["value"]) if "key" in update else next(iter(update.items()))
        for update in members.get("updates", [])
    ]

    reply = read_reply(members)

    assert reply.target_state == members[TARGET]
    assert reply.updates == tuple((k, v) for k, v in written if not isinstance(v, str) or v.strip())


@LAW
@given(definitions(), st.data())
def test_no_reply_by_the_schema_is_refused_for_its_keys(machine: FSMDefinition, data: st.DataObject) -> None:
    """A closed definition offers no key that the model may not write."""
    members = data.draw(replies_to(schema_of(machine)))

    rejected = check_writes(machine, read_reply(members).updates, "model").rejected

    assert [r.key for r in rejected if r.kind == "key" and machine.context is not None] == []


@LAW
@given(CHOICES)
def test_every_choice_that_is_offered_is_taken(choices: list[Any]) -> None:
    machine = definition({"choice": {"enum": choices}}, start={"required_context_keys": ["choice"]})
    items = schema_of(machine)["properties"]["updates"]["items"]
    offered = items["anyOf"][0]["properties"]["choice"]["enum"]

    writes = check_writes(machine, [("choice", value) for value in offered], "model")

    assert writes.rejected == ()
