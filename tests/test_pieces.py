"""The messages of a turn are one text, whose pieces tell one message from another."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage
from machines import machine, reply, state, to

from fsm_langgraph import LLM_FSM, ScriptedModel
from fsm_langgraph.conversation.pieces import Piece, read_pieces

GREETING = machine(
    state("hello", to("ask"), silent=True, say="Welcome to {{shop}}!"),
    state("ask", to("bye", "x"), required_context_keys=["x"]),
    state("bye", say="Goodbye."),
)
WHOLE = "Welcome to us!\n\nWhat can I do?"


def held(*replies: Any) -> LLM_FSM:
    return LLM_FSM(GREETING, ScriptedModel(replies=list(replies), chunk_size=5))


def test_a_blank_line_divides_the_messages_of_a_turn() -> None:
    fsm = held("What can I do?", reply("bye", "REFUSED", x=1))
    conversation_id, answer = fsm.converse(initial_context={"shop": "us"})
    assert answer == WHOLE
    assert fsm.converse("nothing", conversation_id)[1] == "Goodbye."


async def test_it_does_for_those_who_await_it() -> None:
    fsm = held("What can I do?", reply("bye", "REFUSED", x=1))
    conversation_id, answer = await fsm.aconverse(initial_context={"shop": "us"})
    assert answer == WHOLE
    assert (await fsm.aconverse("nothing", conversation_id))[1] == "Goodbye."


async def test_a_piece_knows_its_message() -> None:
    told: list[list[tuple[str, bool | str]]] = []
    for fsm in (held("What can I do?"), held("What can I do?")):
        if told:
            _, awaited = fsm.astream("", "1", {"shop": "us"})
            pieces = [piece async for piece in awaited]
        else:
            pieces = [*fsm.stream("", "1", {"shop": "us"})[1]]
        first, second = fsm.get_messages("1")
        assert "".join(pieces) == WHOLE
        told.append([(piece, "" if not piece.message_id else piece.message_id == second.id) for piece in pieces])
        assert {piece.message_id for piece in pieces} == {first.id, "", second.id}
    expected = [("Welcome to us!", False), ("\n\n", ""), ("What ", True), ("can I", True), (" do?", True)]
    assert told == [expected, expected]


def test_a_piece_survives_pickle() -> None:
    piece = pickle.loads(pickle.dumps(Piece("Hi", "m")))  # noqa: S301 - it was just saved
    assert (piece, piece.message_id) == ("Hi", "m")


@pytest.mark.parametrize(
    ("streamed", "shown", "pieces"),
    [
        pytest.param(AIMessageChunk(content="a", id="1"), "", [("a", "1")], id="the first piece"),
        pytest.param(AIMessageChunk(content="a", id="1"), "1", [("a", "1")], id="the next one"),
        pytest.param(AIMessageChunk(content="a", id="2"), "1", [("\n\n", ""), ("a", "2")], id="another message"),
        pytest.param(AIMessageChunk(content="", id="2"), "1", [], id="no text"),
        pytest.param(AIMessage("a", id="2"), "1", [], id="a whole message"),
        pytest.param(HumanMessage("a", id="2"), "1", [], id="the user's message"),
    ],
)
def test_a_piece_is_read_of_what_is_streamed(streamed: Any, shown: str, pieces: list[tuple[str, str]]) -> None:
    assert [(str(piece), piece.message_id) for piece in read_pieces(streamed, shown)] == pieces
