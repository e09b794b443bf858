"""A prompt is measured at its worst: with the longest values that declarations allow."""

from __future__ import annotations

from typing import Any

import pytest
from checking.machine_of_states import made, to, told

from fsm_langgraph.checking import findings
from fsm_langgraph.checking.longest_prompts import longest_value
from fsm_langgraph.checking.state_rows import state_rows
from fsm_langgraph.definition import ContextKey


@pytest.mark.parametrize(
    ("declared", "length"),
    [
        pytest.param({}, 82, id="a text"),
        pytest.param({"enum": ["s", "medium"]}, 8, id="the longest choice"),
        pytest.param({"type": "boolean"}, 5, id="false"),
        pytest.param({"type": "integer"}, 7, id="a million"),
        pytest.param({"type": "integer", "minimum": 1, "maximum": 14}, 2, id="the largest"),
        pytest.param({"type": "integer", "minimum": -1000, "maximum": 1}, 5, id="the smallest"),
        pytest.param({"type": "integer", "minimum": 1}, 7, id="no largest"),
        pytest.param({"format": "date"}, 12, id="a date"),
        pytest.param({"type": "array"}, 5 * 82 + 4 * 2 + 2, id="five items"),
        pytest.param({"type": "array", "items": {"enum": ["a", "bb"]}}, 2 * 4 + 2 + 2, id="every choice"),
        pytest.param({"type": "object"}, 96, id="an object"),
    ],
)
def test_a_value_is_as_long_as_its_declaration_allows(declared: Any, length: int) -> None:
    import json

    assert len(json.dumps(longest_value(ContextKey.model_validate(declared)))) == length


def tokens(state: Any, **fields: Any) -> int:
    """Return the tokens of the first state of a machine."""
    found = state_rows(made({"a": {**to("b"), **state}, "b": {}}, **fields))[0].prompt_tokens
    assert found is not None
    return found


TEXT: Any = {"context": {"note": {"type": "string"}, "size": {"enum": ["s"]}}}


def test_the_prompt_is_longer_by_what_a_text_has_more() -> None:
    more = tokens({"instructions": "x" * 400}) - tokens({})

    assert 100 <= more <= 110


def test_a_key_that_is_not_shown_costs_nothing() -> None:
    shown = tokens({}, **TEXT) - tokens({"visible_context_keys": ["size"]}, **TEXT)

    assert 20 <= shown <= 30


def test_a_prompt_that_is_longer_than_allowed_is_told_with_its_tokens() -> None:
    states = {"a": to("b", instructions="x" * 8_000), "b": {}}
    allowed = {"check": {"max_prompt_tokens": 2_000}}

    assert told(made(states, **allowed)) == []
    [finding] = [each for each in findings(made(states, **allowed)) if each.number == "FSM501"]
    [row, _] = state_rows(made(states))

    assert finding.path == "states.a"
    assert f"about {row.prompt_tokens:,} tokens, and 2,000 are allowed" in finding.message
    assert "prompt-too-long" not in {each.code for each in findings(made(states))}
