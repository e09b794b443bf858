"""A message is understood and answered as the tables say: the values noted, the target, and the words.

The rows are in `data/offline`; every one is a real prompt and a real schema.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from tables import read_table

from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.offline import OfflineModel
from fsm_langgraph.prompts.prompt import Prompts
from fsm_langgraph.replies.reply import read_reply
from fsm_langgraph.replies.reply_schema import reply_schema, without_message

DATA = Path(__file__).parent / "data"
SEED = DATA / "definitions" / "valid" / "personal_information.json"


def _read_yaml(name: str) -> Any:
    return read_table(DATA / "offline" / f"{name}.yaml")


def _definition(name: str, written: dict[str, Any]) -> FSMDefinition:
    """Fill in what `definitions.yaml` leaves out."""
    states = {}
    for state_id, state in written["states"].items():
        transitions = [_transition(transition) for transition in state.get("transitions", [])]
        states[state_id] = {"id": state_id, "description": state_id, **state, "transitions": transitions}
    first = next(iter(states))
    return FSMDefinition.model_validate(
        {"name": name, "description": name, "initial_state": first, **written, "states": states}
    )


def _transition(written: dict[str, Any]) -> dict[str, Any]:
    for short, field in (("requires", "requires_context_keys"), ("answered", "answered_context_keys")):
        if keys := written.pop(short, None):
            return {**written, "conditions": [{"description": f"{' and '.join(keys)} given", field: keys}]}
    return written


DEFINITIONS = {name: _definition(name, written) for name, written in _read_yaml("definitions").items()}
DEFINITIONS["seed"] = FSMDefinition.model_validate(json.loads(SEED.read_text()))


class Row(NamedTuple):
    """One message in one state."""

    definition: FSMDefinition
    state: str
    row: dict[str, Any]


ROWS = [
    pytest.param(Row(DEFINITIONS[name], state, row), id=f"{name}/{state}: {row['said']}")
    for place, rows in _read_yaml("understood").items()
    for name, _, state in [place.partition("/")]
    for row in rows
]


def understand(row: Row) -> dict[str, Any]:
    """Ask the offline model for a reply to the row's message."""
    state = row.definition.states[row.state]
    history: list[AnyMessage] = [HumanMessage(row.row["before"])] if "before" in row.row else []
    history += [AIMessage(row.row.get("told", "Hm.")), HumanMessage(row.row["said"])]
    messages = Prompts(row.definition, state).build("understand", row.row.get("known", {}), history)
    model = OfflineModel().with_structured_output(reply_schema(row.definition, state))
    reply = model.invoke(messages)
    assert isinstance(reply, dict)
    return reply


@pytest.mark.parametrize("row", ROWS)
def test_a_message_is_understood_as_the_table_says(row: Row) -> None:
    reply = understand(row)
    read = read_reply(reply)

    assert dict(read.updates) == row.row["values"]
    assert read.target_state == row.row.get("then", row.state)


@pytest.mark.parametrize("row", ROWS)
def test_a_message_is_answered_as_the_table_says(row: Row) -> None:
    message = understand(row)["message"]

    assert message.strip()
    assert [part for part in row.row.get("says", []) if part not in message] == []
    assert [part for part in row.row.get("never", []) if part in message] == []
    assert not any(mark in message for mark in ("_", "{", "<", "target", "transition", "required", "the user"))


@pytest.mark.parametrize(
    ("state", "known", "said", "values", "target"),
    [
        ("think", {"issue": "I was charged twice on my invoice"}, "", {"category": "billing"}, "billing"),
        ("think", {"issue": "it crashes"}, "it crashes", {"category": "technical"}, "technical"),
        ("think", {"issue": "I lost my hat"}, "", {"category": "other"}, "other"),
        ("think", {"category": "billing"}, "", {}, "billing"),
        ("age", {"age": 34}, "", {}, "billing"),
        ("age", {"age": 12}, "", {}, "other"),
    ],
)
def test_a_step_of_thought_is_taken_by_what_is_known(
    state: str, known: dict[str, Any], said: str, values: dict[str, Any], target: str
) -> None:
    definition = DEFINITIONS["triage"]
    messages = Prompts(definition, definition.states[state]).build("think", known, [HumanMessage(said)])
    schema = without_message(reply_schema(definition, definition.states[state]))

    reply = read_reply(json.loads(OfflineModel().with_structured_output(schema).first.invoke(messages).text))  # type: ignore[attr-defined] # the runnable is a sequence

    assert (dict(reply.updates), reply.target_state) == (values, target)
