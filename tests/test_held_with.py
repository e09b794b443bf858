"""The definition of a stored conversation is known by what the conversation keeps, or by its runs' metadata."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from kept_conversations import config, held, say
from langgraph.checkpoint.base import CheckpointTuple
from machines import FORM

from fsm_langgraph import LLM_FSM, conversations, export_conversations, list_conversations, load_definition
from fsm_langgraph.conversation.held_with import held_with, is_of
from fsm_langgraph.definition import Identity

OLD = {**FORM, "name": "Form", "revision": "1"}
NEW = {**FORM, "name": "Sign-up", "revision": "2", "migrate": {"names": ["Form"]}}


def saved(**changed: Any) -> CheckpointTuple:
    """Store a conversation; return its checkpoint with other values in it."""
    with held(None, OLD) as fsm:
        say(fsm, "1", "hm")
        saver: Any = fsm.graph.checkpointer
        stored: CheckpointTuple = saver.get_tuple(config("1"))
    metadata: Any = {**stored.metadata, **({} if changed.get("named", True) else {"fsm_name": None})}
    checkpoint = copy.deepcopy(stored.checkpoint)
    checkpoint["channel_values"] |= {name: value for name, value in changed.items() if name != "named"}
    return stored._replace(checkpoint=checkpoint, metadata=metadata)


@pytest.mark.parametrize(
    ("changed", "known"),
    [
        ({}, Identity("Form", "1", load_definition(OLD).fingerprint, frozenset({"name", "email"}))),
        ({"turn": {}}, Identity("Form", "1", "", frozenset())),
        ({"turn": {}, "named": False}, Identity("", "1", "", frozenset())),
        ({"turn": {}, "last_turn": None}, Identity("Form", "", "", frozenset())),
        ({"turn": {}, "last_turn": None, "named": False}, None),
    ],
    ids=["now", "an earlier release's", "without a name", "before its first turn", "another graph's"],
)
def test_a_conversation_was_held_with(changed: dict[str, Any], known: Identity | None) -> None:
    assert held_with(saved(**changed)) == known


def test_a_machine_is_known_by_its_names() -> None:
    definition = load_definition(NEW)
    assert [is_of(definition, name) for name in ("Sign-up", "Form", "", "Table")] == [True, True, True, False]


def test_listings_tell_the_definition_that_a_conversation_was_last_held_with(tmp_path: Path) -> None:
    file = tmp_path / "talks.sqlite"
    with held(file, OLD) as fsm:
        say(fsm, "old", "hm")
        say(fsm, "moved", "hm")
    with held(file, NEW) as fsm:
        say(fsm, "moved", "Ann")
        own = [each.conversation for each in fsm.list_conversations()]
    old, new = load_definition(OLD).fingerprint, load_definition(NEW).fingerprint
    found = [(each.conversation, each.machine, each.revision, each.fingerprint) for each in list_conversations(file)]
    assert found == [("moved", "Sign-up", "2", new), ("old", "Form", "1", old)]
    assert [each["fingerprint"] for each in export_conversations(file)] == [new, old]
    assert sorted(conversations(file)["definition"]) == ["Form", "Sign-up"]
    assert own == ["moved", "old"]


def test_a_holder_lists_those_of_its_earlier_names_too(tmp_path: Path) -> None:
    file = tmp_path / "talks.sqlite"
    with held(file, OLD) as fsm:
        say(fsm, "over", "Ann", "a@b.org")
    with LLM_FSM({**NEW, "states": FORM["states"]}, "offline", db=file) as fsm:
        (found,) = fsm.list_conversations()
    assert (found.machine, found.revision, found.status) == ("Form", "1", "ended")
