"""What stands in a prompt of the conversation is bounded: new messages are shared out, older ones give way."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from fsm_langgraph import Limits
from fsm_langgraph.prompts.bounded_history import bounded, content_in_part, left_out

SMALL = Limits(user_message=100, history_tokens=300)
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 200}}


def told(*messages: BaseMessage, limits: Limits = SMALL) -> list[str]:
    """Tell who says how much; a sign for each part of a text that was left out."""
    return [f"{each.type[0]}{len(each.text)}{'…' * each.text.count('[…')}" for each in bounded([*messages], limits)]


def user(size: int) -> HumanMessage:
    return HumanMessage("u" * size)


def machine(size: int) -> AIMessage:
    return AIMessage("m" * size)


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        pytest.param([user(5), machine(6), user(7)], ["h5", "a6", "h7"], id="short"),
        pytest.param([user(100)], ["h100"], id="as long as may be"),
        pytest.param([user(1000)], ["h131…"], id="too long"),
        pytest.param([user(30), user(1000), user(20)], ["h30", "h81…", "h20"], id="room that short ones leave"),
        pytest.param([user(600), machine(300), user(7)], ["h600", "a300", "h7"], id="history as long as may be"),
        pytest.param([user(9000), machine(100), user(7)], ["h1133…", "a100", "h7"], id="told at the edge in part"),
        pytest.param([user(9), user(900), machine(900), user(7)], ["a900", "h7"], id="too little room at the edge"),
        pytest.param([machine(9000), user(7)], ["a1233…", "h7"], id="an answer too long"),
    ],
)
def test_messages_have_room(messages: list[BaseMessage], expected: list[str]) -> None:
    assert told(*messages) == expected


def test_lifted_limits_tell_all() -> None:
    lifted = Limits(user_message=None, history_tokens=None)

    assert told(user(9000), machine(9000), user(9000), limits=lifted) == ["h9000", "a9000", "h9000"]
    assert told(user(9000), user(9000), limits=Limits(user_message=None)) == ["h9000", "h9000"]


def test_images_count_by_what_is_sent() -> None:
    (message,) = bounded([HumanMessage([{"type": "text", "text": "Look"}, IMAGE])], SMALL)

    assert message.content == [
        {"type": "text", "text": "Look"},
        {"type": "text", "text": "[image_url of 265 bytes left out]"},
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("short", "short"),
        (["a" * 9, "b" * 99], ["a" * 9, {"type": "text", "text": "bbbbb\n[… 89 characters left out …]\nbbbbb"}]),
    ],
)  # fmt: skip
def test_contents_are_told_in_part(content: Any, expected: Any) -> None:
    assert content_in_part(content, 20) == expected
    assert content_in_part(content, None) == content


def test_what_is_left_out_of_new_messages_is_counted() -> None:
    assert left_out([user(40), user(90)], SMALL) == 30
    assert left_out([HumanMessage([IMAGE])], SMALL) == 165
    assert left_out([user(25)], SMALL) == 0
    assert left_out([user(10**6)], Limits(user_message=None)) == 0
