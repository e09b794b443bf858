"""A model's stream goes wrong: the turn ends in time, and the same message goes through afterwards."""

from __future__ import annotations

import asyncio
from typing import get_args

import pytest
from crash.faulty import ANSWER, Fault, FaultyModel
from langgraph.checkpoint.memory import InMemorySaver
from machines import machine, state, to

from fsm_langgraph import LLM_FSM, DeadlineError, ModelError

WORD = machine(state("ask", to("end", "never"), required_context_keys=["word", "never"]), state("end"))

DEADLINES: dict[Fault, None] = {"dies": None}
"""What ends by itself has all the time that it takes."""


def say(fsm: LLM_FSM, text: str, *, is_async: bool) -> str:
    return asyncio.run(fsm.aconverse(text, "c"))[1] if is_async else fsm.converse(text, "c")[1]


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("fault", get_args(Fault))
def test_a_stream_that_goes_wrong_harms_nothing(fault: Fault, is_async: bool) -> None:
    model, saver = FaultyModel(fault=fault), InMemorySaver()
    with pytest.raises(ModelError) as caught:
        say(LLM_FSM(WORD, model, checkpointer=saver, deadlines=DEADLINES.get(fault, 0.3)), "yes", is_async=is_async)
    model.end()
    assert isinstance(caught.value, DeadlineError) is (fault not in DEADLINES)
    fsm = LLM_FSM(WORD, model, checkpointer=saver)
    assert (fsm.get_data("c"), fsm.get_last_turn("c")) == ({}, None)
    assert say(fsm, "yes", is_async=is_async) == ANSWER
    assert fsm.get_data("c") == {"word": "yes"}
    assert [message.type for message in fsm.get_messages("c")] == ["human", "ai"]


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_a_message_that_breaks_off_is_told_as_far_as_it_was_shown(is_async: bool) -> None:
    fsm = LLM_FSM(WORD, FaultyModel(fault="dies"))
    with pytest.raises(ModelError) as caught:
        say(fsm, "yes", is_async=is_async)
    (shown,) = caught.value.shown
    assert shown
    assert ANSWER.startswith(shown)
    assert not caught.value.transient
