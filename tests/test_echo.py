"""A sentence of the prompt is no message to a user, however it is written and cut."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from machines import DRIVERS, FORM, Drive, Talk, reply

from fsm_langgraph import Handlers
from fsm_langgraph.errors import ReplyError
from fsm_langgraph.models.scripted import ScriptedModel
from fsm_langgraph.prompts.own_sentences import OWN_SENTENCES, REPEATED
from fsm_langgraph.prompts.wording import BEGIN, STAND_INS
from fsm_langgraph.replies.echo import Echo

SENTENCES = frozenset({"(Begin the conversation.)", "Never ask what is known."})


def read(*pieces: str) -> tuple[list[str], bool]:
    """Return what each piece lets out, and the end, and whether it was an echo."""
    echo = Echo(SENTENCES)
    return [*(echo.feed(piece) for piece in pieces), echo.feed("", is_whole=True)], echo.is_found


@pytest.mark.parametrize(
    "text",
    [
        "(Begin the conversation.)",
        "Begin the conversation",
        " BEGIN the  conversation!\n",
        '"Begin the conversation."',
        "**Begin the conversation:**",
        "`Begin the conversation.`",
        "👋 Begin the conversation.",
        "(Begin the conversation.) Hi!",
        "Begin the conversation\nHi!",
        "Never ask what is known. Hi!",
    ],
)
@pytest.mark.parametrize("size", [1, 5, 100])
def test_an_echo_is_not_let_out(text: str, size: int) -> None:
    shown, is_found = read(*(text[at : at + size] for at in range(0, len(text), size)))

    assert is_found
    assert "".join(shown) == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello!",
        "Begin",
        "Begin the conversation with a smile.",
        "Begin the conversation, and smile.",
        "Begin the conversations.",
        "Hi! Begin the conversation.",
        "(Begin",
        "👋",
    ],
)
@pytest.mark.parametrize("size", [1, 5, 100])
def test_all_else_is_let_out_as_it_is(text: str, size: int) -> None:
    shown, is_found = read(*(text[at : at + size] for at in range(0, len(text), size)))

    assert not is_found
    assert "".join(shown) == text


def test_text_is_held_no_longer_than_it_may_become_an_echo() -> None:
    assert read("Be", "gin", " now", ", please")[0] == ["", "", "Begin now", ", please", ""]
    assert read("He", "llo")[0] == ["He", "llo", ""]
    assert read("-" * 1000, "Begin the conversation.")[0] == ["-" * 1000, "Begin the conversation.", ""]


# In a conversation.


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize(
    "echo",
    [
        BEGIN,
        BEGIN.strip("()"),
        f"{BEGIN} Your name?",
        f"User: {BEGIN}",
        *sorted(OWN_SENTENCES)[:3],
        *sorted(OWN_SENTENCES)[-1:],
    ],
)
def test_a_spoken_echo_is_refused_and_asked_for_again(echo: str, drive: Drive) -> None:
    talk = Talk(FORM, [echo, "Your name?"], drive)

    assert talk.watch() == talk.said[-1] == "Your name?"
    assert [call["error"] for call in talk.record["model_calls"]] == [REPEATED, ""]


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_model_that_repeats_whatever_comes_last_says_nothing_of_ours(drive: Drive) -> None:
    model = ScriptedModel(replies=[lambda messages, _: messages[-1].text.strip("()")], repeat=True)
    talk = Talk(FORM, drive=drive, model=model)

    assert talk.watch() == "Hello."
    assert REPEATED in model.calls[-1].messages[0].text


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize(
    "said",
    [
        pytest.param(lambda complaint: complaint, id="all of it"),
        pytest.param(lambda complaint: complaint.partition(". ")[2], id="its end"),
    ],
)
def test_a_complaint_is_not_repeated_to_the_user(said: Callable[[str], str], drive: Drive) -> None:
    replies = ["?", reply("ask_email", "", name="Ann"), "", lambda messages, _: said(messages[-1].text)]
    talk = Talk(FORM, replies, drive)
    talk.say()

    with pytest.raises(ReplyError, match=REPEATED):
        talk.say("Ann")


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_complaint_before_the_conversation_is_not_repeated_either(drive: Drive) -> None:
    with pytest.raises(ReplyError, match=REPEATED):
        Talk(FORM, [BEGIN, lambda messages, _: messages[0].text.splitlines()[-1]], drive).say()


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_model_that_does_nothing_but_repeat_fails_the_turn(drive: Drive) -> None:
    with pytest.raises(ReplyError, match=REPEATED):
        Talk(FORM, [BEGIN] * 2, drive).say()


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize("has_handler", [False, True], ids=["shown", "held"])
def test_an_echo_in_a_reply_leaves_the_message_to_the_landing_state(has_handler: bool, drive: Drive) -> None:
    handlers = Handlers()
    if has_handler:
        handlers.on("POST_TRANSITION")(lambda _: None)
    talk = Talk(FORM, ["?", reply("ask_email", STAND_INS[1], name="Ann"), "Your e-mail?"], drive, handlers=handlers)
    talk.say()

    assert talk.watch("Ann") == talk.said[-1] == "Your e-mail?"
    assert talk.values["context"] == {"name": "Ann"}
    assert [call["error"] for call in talk.record["model_calls"]] == [REPEATED, ""]
