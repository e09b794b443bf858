"""A definition's fingerprint is the same however the file is laid out, and another one for any change that counts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from changes import PAY, TABLE, patched
from machines import Json, to

from fsm_langgraph import load_definition
from fsm_langgraph.definition import read_identity

YAML = "\n".join(
    (
        "# A comment",
        f"states: {json.dumps(TABLE['states'])}",
        *(f"{name}: {json.dumps(part)}" for name, part in reversed(TABLE.items()) if name != "states"),
    )
)


@pytest.mark.parametrize(
    "same",
    [
        pytest.param(json.dumps(TABLE, indent=8), id="white space"),
        pytest.param(YAML, id="YAML, comments, another order"),
        pytest.param(patched({"revision": "2", "$schema": "fsm.schema.json"}), id="the revision"),
        pytest.param(patched({"metadata": {"a": 1}, "states": {"end": {"metadata": {"b": 2}}}}), id="metadata"),
        pytest.param(patched({"migrate": {"names": ["Old"], "states": {"old": "end"}}}), id="migrate"),
        pytest.param(
            patched({"version": "3.0", "states": {"end": {"transitions": []}}}), id="what goes without saying"
        ),
        pytest.param(patched({"states": {"end": {"silent": False, "instructions": None}}}), id="null and defaults"),
        pytest.param(patched({"states": {"hours": {"max_tool_calls": 5.0}}}), id="10.0 is 10"),
    ],
)
def test_what_means_the_same_has_one_fingerprint(same: Any) -> None:
    assert load_definition(same).fingerprint == load_definition(TABLE).fingerprint


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"name": "Tables"}, id="the name"),
        pytest.param({"states": {"end": {"instructions": "Be kind."}}}, id="instructions"),
        pytest.param({"persona": "A pirate"}, id="a persona"),
        pytest.param({"context": {"note": {"type": "array"}}}, id="a type"),
        pytest.param({"context": {"size": {"enum": ["large", "small"]}}}, id="the order of a list"),
        pytest.param({"context": {"metadata": {"type": "string"}}}, id="a key that is named metadata"),
        pytest.param({"states": {"sure": {"transitions": [to("end", "ok", "card")]}}}, id="a condition"),
        pytest.param({"subflows": {"pay": {"states": {"card": {"purpose": "Ask"}}}}}, id="a sub-machine"),
        pytest.param({"initial_state": "sure"}, id="the initial state"),
    ],
)
def test_a_change_that_counts_makes_another_fingerprint(other: Json) -> None:
    assert load_definition(patched(other)).fingerprint != load_definition(TABLE).fingerprint


def test_an_identity_tells_the_definition_and_its_keys() -> None:
    definition = load_definition(TABLE)
    identity = read_identity(definition.identity)

    assert (identity.name, identity.revision, identity.fingerprint) == ("Table", "1", definition.fingerprint)
    assert identity.keys == {*TABLE["context"], *(f"pay/{key}" for key in PAY["context"])}


def test_what_a_later_release_adds_to_an_identity_is_passed_over() -> None:
    assert read_identity('{"name": "Table", "colour": "red"}').name == "Table"
