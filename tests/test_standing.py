"""The last words of a conversation, whatever came after them, and all of its data."""

from __future__ import annotations

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from fsm_langgraph.graph.standing import all_data, last_words
from fsm_langgraph.turn.frames import make_frame

HI, YO = HumanMessage("hi"), HumanMessage("yo")
A, B, C = AIMessage("a"), AIMessage("b"), AIMessage("c")


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        pytest.param([], [], id="nothing yet"),
        pytest.param([HI], [], id="no answer"),
        pytest.param([HI, A, YO, B, C], [B, C], id="all of one turn"),
        pytest.param([HI, A, B, YO], [A, B], id="before a message that a failed turn has left unread"),
    ],
)
def test_the_last_words_are_found(messages: list[AnyMessage], expected: list[AIMessage]) -> None:
    assert last_words(messages) == expected


def test_the_data_of_a_sub_machine_that_was_left_behind_is_not_told() -> None:
    frame = make_frame("payment", "code", {"card": "4711"})
    assert all_data({"context": {}, "current_state": "ask", "sub_machine": frame}) == {}
