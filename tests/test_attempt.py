"""Only what is meant for the user reaches the user, from whichever call of a turn."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk
from langchain_core.tools import tool
from machines import DRIVERS, FORM, TWO_CALLS, Drive, Talk, machine, reply, state, to

from fsm_langgraph import Event, Handlers, ReplyError
from fsm_langgraph.models.scripted import ScriptedModel

pytestmark = pytest.mark.parametrize("drive", DRIVERS)

DRAFT = json.dumps(reply("ask_name", "DRAFT", name="Bo"))
REPLY = json.dumps(reply("ask_email", "Hi Ann!", name="Ann"))


@tool
def find(what: str) -> str:
    """Find something."""
    return what


TOOLS = machine(state("ask", to("done", "x"), required_context_keys=["x"], tools=["find"]), state("done"))


@pytest.mark.parametrize(
    "text",
    [
        f"<think>Say {DRAFT}.</think>Your name?",
        "<response>Your name?</response>",
        "```\nYour name?\n```",
        json.dumps(reply("ask_name", "Your name?")),
        '{"message": "Your name?"}',
        "Your name?<this_turn>{}",
    ],
    ids=["reasoning", "tag", "fence", "envelope", "message", "prompt"],
)
def test_a_spoken_message_streams_without_what_is_hidden(text: str, drive: Drive) -> None:
    talk = Talk(FORM, [text], drive)
    assert talk.watch() == talk.said[-1] == "Your name?"


def test_a_message_with_content_that_looks_alike_streams_as_it_is(drive: Drive) -> None:
    text = "I <3 `<think>` and {this}:\n```python\nx = '<think>'\n```\n<b>Your name?</b>"
    talk = Talk(FORM, [text], drive)
    assert talk.watch() == talk.said[-1] == text
    assert len(talk.shown) > 10


def test_a_message_that_is_nothing_but_hidden_is_asked_for_again(drive: Drive) -> None:
    talk = Talk(FORM, ["<think>What now?", "Your name?"], drive)
    assert talk.say() == "Your name?"
    assert talk.record["model_calls"][0]["error"] == "it is empty"


@pytest.mark.parametrize(
    "text",
    [
        f"<think>I could say {DRAFT}, hm.</think>{REPLY}",
        f"I could say {DRAFT}, hm.</think>{REPLY}",
        f"I could say {DRAFT}. No: {REPLY}",
        f'{{"plan": "to greet"}}\n{REPLY}',
        f"{REPLY}{DRAFT}",
        json.dumps(reply("ask_email", "<think>Ann!</think>Hi Ann!", name="Ann")),
        json.dumps(reply("ask_email", "```\nHi Ann!\n```", name="Ann")),
    ],
    ids=["reasoning", "closed only", "words", "another object", "two", "in the message", "fence in the message"],
)
def test_a_draft_is_never_decided_on_nor_shown(text: str, drive: Drive) -> None:
    talk = Talk(FORM, ["?", text], drive)
    talk.say()
    assert talk.watch("Ann") == talk.said[-1] == "Hi Ann!"
    assert talk.values["context"] == {"name": "Ann"}
    assert len(talk.record["model_calls"]) == 1


def test_reasoning_that_does_not_end_makes_a_bad_reply(drive: Drive) -> None:
    talk = Talk(FORM, ["?", f"<think>Say {DRAFT}", REPLY], drive)
    talk.say()
    assert talk.say("Ann") == "Hi Ann!"
    assert talk.record["model_calls"][0]["error"] == "its reasoning does not end"
    talk = Talk(FORM, ["?", f"<think>Say {DRAFT}"], drive, reply_retries=0)
    talk.say()
    with pytest.raises(ReplyError, match="its reasoning does not end"):
        talk.say("Ann")


def test_a_message_that_waits_for_a_handler_is_without_it_too(drive: Drive) -> None:
    handlers = Handlers()

    @handlers.on("POST_TRANSITION")
    def note(event: Event) -> None:
        del event

    message = "<think>Ann!</think>Hi Ann!"
    talk = Talk(FORM, ["?", reply("ask_email", message, name="Ann")], drive, handlers=handlers)
    talk.say()
    assert talk.say("Ann") == "Hi Ann!"
    assert len(talk.record["model_calls"]) == 1


def test_what_was_hidden_is_in_the_record_where_reasons_are_asked_for(drive: Drive) -> None:
    replies = ["<think>New here.</think>Your name?", f'<think>A name.</think>{REPLY[:-1]}, "reasoning": "Told."}}']
    talk = Talk(FORM, replies, drive, reasoning=True)
    talk.say()
    assert talk.record["reasoning"] == "New here."
    talk.say("Ann")
    assert talk.record["reasoning"] == "Told.\nA name."


def test_what_was_hidden_is_not_in_the_record_where_they_are_not(drive: Drive) -> None:
    talk = Talk(FORM, ["<think>New here.</think>Your name?"], drive)
    talk.say()
    assert talk.record["reasoning"] == ""


def test_a_model_that_only_closes_its_reasoning_is_known_from_then_on(drive: Drive) -> None:
    talk = Talk(TWO_CALLS, ["x</think>?", reply("thanks", None, x=1), "A plan.</think>Thanks."], drive)
    talk.say()
    assert talk.watch("1") == talk.said[-1] == "Thanks."


def test_calls_of_tools_that_are_written_as_text_are_hidden(drive: Drive) -> None:
    call = '<tool_call>{"name": "find", "arguments": {"what": "x"}}</tool_call>'
    talk = Talk(TOOLS, [f"{call}Which x?", reply("done", None, x="1"), f"{call}Done."], drive, tools=[find])
    assert talk.watch() == "Which x?"
    assert talk.watch("1") == "Done."
    talk = Talk(FORM, [f"It is {call}"], drive)
    assert talk.watch() == f"It is {call}"


class Wordy(ScriptedModel):
    """Writes some words, and then calls the function that is the reply."""

    def _chunks(self, reply: Any, after: int | None, form: Any) -> list[AIMessageChunk]:
        words = [] if form is None else [AIMessageChunk(content=each) for each in ("Let me ", "see: {", "} …")]
        return [*words, *super()._chunks(reply, after, form)]


def test_words_before_a_function_call_do_not_delay_it(drive: Drive) -> None:
    talk = Talk(FORM, drive=drive, model=Wordy(replies=["?", REPLY]), structured_output="function_calling")
    talk.say()
    assert talk.watch("Ann") == "Hi Ann!"
    assert len(talk.shown) > 2
