"""A message has the id that it is stored by in the third streaming protocol too."""

from __future__ import annotations

from typing import Any

import pytest
from handling import handling, plain, writing
from machines import CONFIG, FORM, Talk, given, reply

from fsm_langgraph.models.message_events import MessageEvents

USAGE: Any = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}


def test_the_events_are_those_of_the_pieces() -> None:
    events = MessageEvents("m")
    assert [*events.of("Hel"), *events.of("lo"), *events.last(USAGE, {"model_name": "x"})] == [
        {"event": "message-start", "role": "ai", "id": "m"},
        {"event": "content-block-start", "index": 0, "content": {"type": "text", "text": ""}},
        {"event": "content-block-delta", "index": 0, "delta": {"type": "text-delta", "text": "Hel"}},
        {"event": "content-block-delta", "index": 0, "delta": {"type": "text-delta", "text": "lo"}},
        {"event": "content-block-finish", "index": 0, "content": {"type": "text", "text": "Hello"}},
        {"event": "message-finish", "usage": USAGE, "metadata": {"model_name": "x"}},
    ]


def test_what_is_not_known_is_left_out_at_the_end() -> None:
    assert [*MessageEvents("m").last(None, {})][-1] == {"event": "message-finish"}


@pytest.mark.filterwarnings("ignore:The v3 streaming protocol")
def test_a_message_that_a_handler_kept_back_is_shown_once() -> None:
    handlers = handling(plain, writing(), "POST_TRANSITION")
    talk = Talk(FORM, ["?", reply("ask_email", "Your e-mail?", name="Ann")], handlers=handlers)
    talk.say()
    run = talk.graph.stream_events(given("Ann"), CONFIG, version="v3")
    shown = [(stream.message_id, text) for stream in run.messages if (text := "".join(stream.text))]
    assert shown == [(talk.values["messages"][-1].id, "Your e-mail?")]
