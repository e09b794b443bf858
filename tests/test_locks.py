"""The turns of one conversation wait for each other, but not for ever."""

from __future__ import annotations

import pytest
from machines import FORM, reply

from fsm_langgraph import LLM_FSM, ConversationError, ScriptedModel
from fsm_langgraph.graph.locks import TurnLocks


def conversing(*replies: str | dict[str, object]) -> LLM_FSM:
    return LLM_FSM(FORM, ScriptedModel(replies=list(replies)), patience=0.05)


def test_a_conversation_has_one_lock_while_it_is_in_use() -> None:
    locks = TurnLocks(1)

    lock = locks.of("a")

    assert locks.of("a") is lock
    assert locks.of("b") is not lock


def test_a_stream_that_was_left_makes_the_next_turn_fail_and_not_hang() -> None:
    fsm = conversing("What is your name?", reply("ask_email", "Your e-mail?", name="Ann"))
    conversation_id, pieces = fsm.stream("")
    next(iter(pieces))

    with pytest.raises(ConversationError, match=r"has not ended for 0\.05 seconds"):
        fsm.converse("Ann", conversation_id)

    assert "".join(pieces)
    assert fsm.converse("Ann", conversation_id)[1] == "Your e-mail?"


async def test_an_awaited_stream_that_was_left_does_the_same() -> None:
    fsm = conversing("What is your name?", reply("ask_email", "Your e-mail?", name="Ann"))
    conversation_id, pieces = fsm.astream("")
    await anext(aiter(pieces))

    with pytest.raises(ConversationError, match=r"read on, or close\(\) it"):
        await fsm.aconverse("Ann", conversation_id)

    assert [piece async for piece in pieces]
    assert (await fsm.aconverse("Ann", conversation_id))[1] == "Your e-mail?"
