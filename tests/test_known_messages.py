"""A message is known by its id: whether it is stored, and what was answered to it."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langgraph.types import Command

from fsm_langgraph import TurnConflict
from fsm_langgraph.graph.before.known_messages import answer_to, look_up

Json = dict[str, Any]


def user(message_id: str, text: str = "") -> HumanMessage:
    """Write a message of the user's."""
    return HumanMessage(text or message_id, id=message_id)


def said(text: str) -> AIMessage:
    """Write an answer."""
    return AIMessage(text, id=text)


def stored(*messages: AnyMessage, read: str | None = "u1", **turn: Any) -> Json:
    """Write what is stored when a turn has landed that has read a message."""
    return {"messages": [*messages], "last_turn": {"path": []}, "turn": {"read": read, **turn}}


TALK = stored(user("u1"), said("A"))
ONWARD: Json = {"before": {"read": "u1"}}
"""A turn after that which has failed."""
SENT: dict[str, tuple[Json, list[Any], tuple[bool, list[str] | None] | None]] = {
    "nothing is stored": ({}, [user("u1")], (False, None)),
    "no message": (TALK, [], None),
    "without an id": (TALK, ["u1"], None),
    "answered": (TALK, [user("u1")], (True, ["A"])),
    "as a block": (TALK, [HumanMessage([{"type": "text", "text": "u1"}], id="u1")], (True, ["A"])),
    "new": (TALK, [user("u2")], (False, None)),
    "a new one behind it": (TALK, [user("u1"), user("u2")], (False, None)),
    "a new one before it": (TALK, [user("u2"), user("u1")], (False, None)),
    "one without an id before it": (TALK, ["Hello", user("u1")], (False, None)),
    "an answer behind it": (TALK, [user("u1"), said("A")], (True, ["A"])),
    "only an answer": (TALK, [said("A")], None),
    "failed": (stored(user("u1"), said("A"), user("u2"), **ONWARD), [user("u2")], (True, None)),
    "answered before one that failed": (
        stored(user("u1"), said("A"), user("u2"), **ONWARD),
        [user("u1")],
        (True, ["A"]),
    ),
    "the first turn has failed": ({"messages": [user("u1")], "turn": {"message_id": "m"}}, [user("u1")], (True, None)),
    "a copy that was taken out": (stored(user("u1"), said("A"), copies=["u0"]), [user("u0", "u1")], (True, ["A"])),
    "of an older release, answered": (stored(user("u1"), said("A"), read=None), [user("u1")], (True, ["A"])),
    "of an older release, failed": (stored(user("u1"), read=None), [user("u1")], (True, None)),
    "closed": (stored(user("u1"), said("A"), read=None, closed=True), [user("u1")], (True, ["A"])),
}


@pytest.mark.parametrize(("values", "messages", "expected"), SENT.values(), ids=SENT.keys())
def test_a_message_is_known_by_its_id(values: Json, messages: list[Any], expected: Any) -> None:
    known = look_up({"messages": messages}, values)
    answer = [each.text for each in known.answer] if known is not None and known.answer is not None else None
    assert (None if known is None else (known.is_stored, answer)) == expected


CONFLICTS: dict[str, tuple[Json, list[Any]]] = {
    "answered": (TALK, [user("u1", "else")]),
    "failed": (stored(user("u1"), said("A"), user("u2"), **ONWARD), [user("u2", "else")]),
    "before a new one": (TALK, [user("u1", "else"), user("u2")]),
    "a copy": (stored(user("u1"), said("A"), copies=["u0"]), [user("u0", "else")]),
    "that of an answer": (TALK, [user("A", "else")]),
    "twice in one input": ({}, [user("u1"), user("u1", "else")]),
}


@pytest.mark.parametrize(("values", "messages"), CONFLICTS.values(), ids=CONFLICTS.keys())
def test_an_id_stands_for_one_content(values: Json, messages: list[Any]) -> None:
    with pytest.raises(TurnConflict, match="not 'else'"):
        look_up({"messages": messages}, values)
    with pytest.raises(TurnConflict, match="not 'else'"):
        look_up(Command(resume="yes", update={"messages": messages}), values)


ANSWERS: dict[str, tuple[list[AnyMessage], list[str]]] = {
    "one": ([user("u1"), said("A")], ["A"]),
    "several": ([user("u1"), said("A"), said("B")], ["A", "B"]),
    "up to the next turn": ([user("u1"), said("A"), user("u2"), said("B")], ["A"]),
    "read with others": ([user("u1"), user("u2"), said("A"), user("u3")], ["A"]),
    "behind a tool": ([user("u1"), ToolMessage("12", tool_call_id="1"), said("A")], ["A"]),
    "none": ([user("u1")], []),
}


@pytest.mark.parametrize(("messages", "expected"), ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_is_all_that_was_said_up_to_the_users_next_turn(messages: list[Any], expected: list[str]) -> None:
    assert [each.text for each in answer_to("u1", messages)] == expected
