"""Schemas with more enum values than a provider takes ask for a described string instead."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_openai import ChatOpenAI
from machines import Talk, machine, reply, state, to
from openai_server import OpenAIServer, close
from pydantic import SecretStr
from strict_schema import strict_schema_fault

from fsm_langgraph.models.enum_limits import enum_limit, within


def schema(**sizes: int) -> dict[str, Any]:
    """Make a schema of members with so many values each."""
    members = {
        name: {"type": "string", "enum": [f"{name}_{index}" for index in range(size)]} for name, size in sizes.items()
    }
    closed = {"type": "object", "required": list(members), "additionalProperties": False}
    return {"title": "reply", **closed, "properties": members}


def enums(made: dict[str, Any]) -> set[str]:
    return {name for name, member in made["properties"].items() if "enum" in member}


@pytest.mark.parametrize(
    ("sizes", "kept"),
    [
        ({"a": 1000}, {"a"}),
        ({"a": 1001}, set()),
        ({"a": 600, "b": 300, "c": 101}, {"b", "c"}),
        ({"a": 700, "b": 600, "c": 500}, {"c"}),
    ],
    ids=["at the limit", "beyond it", "the longest goes first", "as many as it takes"],
)
def test_the_longest_enums_are_described_in_words(sizes: dict[str, int], kept: set[str]) -> None:
    made = within(1000, schema(**sizes))
    assert enums(made) == kept
    assert strict_schema_fault(made) is None


def test_a_description_says_what_the_enum_was() -> None:
    member = within(1000, schema(a=1001))["properties"]["a"]
    assert member["description"] == "One of the 1001 names told in the prompt, written exactly as there, such as 'a_0'."


def test_long_names_count_too() -> None:
    long = {"type": "object", "properties": {"a": {"type": "string", "enum": [f"{i:060}" for i in range(251)]}}}
    assert enums(within(1000, long)) == set()


def test_a_schema_within_the_limits_is_the_same_object() -> None:
    given = schema(a=1000)
    assert within(1000, given) is given
    assert within(None, schema(a=5000)) == schema(a=5000)


@pytest.mark.parametrize(
    ("model", "limit"),
    [(ChatOpenAI(api_key=SecretStr("sk-test")), 1000), (FakeListChatModel(responses=[]), None)],
    ids=["OpenAI", "no provider"],
)
def test_a_limit_is_its_providers(model: Any, limit: int | None) -> None:
    assert enum_limit(model) == limit


HUB = machine(
    state("hub", *(to(f"desk_{index}") for index in range(1000))),
    *(state(f"desk_{index}", to("hub")) for index in range(1000)),
)


@pytest.mark.parametrize(
    ("target", "landing"), [("desk_999", "desk_999"), ("desk_1000", "hub")], ids=["a desk", "no such desk"]
)
def test_a_hub_of_a_thousand_targets_is_asked_for_in_strict_mode_and_checked(target: str, landing: str) -> None:
    with OpenAIServer([json.dumps(reply(target, "Here you are.")), "Which desk?"]) as server:
        model = server.chat_model()
        talk = Talk(HUB, model=model)
        talk.say("hi")
        close(model)
    assert talk.values["current_state"] == landing
    sent = server.requests[0]["response_format"]["json_schema"]
    assert (sent["strict"], sent["schema"]["properties"]["target_state"].get("enum")) == (True, None)
