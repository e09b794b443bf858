"""A turn with handlers can fail: by their own errors, which `ERROR` handlers may answer for, and by interruptions."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from handling import KINDS, Kind, handling, noting, raising, writing
from langchain_core.messages import HumanMessage, RemoveMessage
from langgraph.types import Command, interrupt
from machines import CONFIG, DECLARED, DRIVERS, FORM, WHIRL, Drive, Talk, given, machine, reply, state, to

from fsm_langgraph import Event, FSMError, HandlerError, ModelError, ReplyError, TurnLimit
from fsm_langgraph.handlers import MOMENTS

pytestmark = [pytest.mark.parametrize("drive", DRIVERS), pytest.mark.parametrize("kind", KINDS)]

ANN = reply("ask_email", "Your e-mail?", name="Ann")
AT_ONCE_OVER = machine(state("ask", to("done", "name"), required_context_keys=["name"]), state("done"))
"""One turn goes through every moment."""
OVER = reply("done", "Bye!", name="Ann")
IN_TURN = [moment for moment in MOMENTS if moment != "ERROR"]
BEFORE_THE_REPLY = ["START_CONVERSATION", "PRE_PROCESSING"]
"""The moments at which no reply is lost; later on it is decided on again, and another message is written for it."""
SORRY = "Sorry, please say that again."


def once(error: Exception) -> Any:
    """Make a function that fails the first time."""
    errors = [error]

    def fail(_: Event) -> None:
        if errors:
            raise errors.pop()

    return fail


# Errors of handlers


@pytest.mark.parametrize("moment", IN_TURN)
def test_a_handler_that_fails_leaves_the_conversation_as_it_was(moment: Any, kind: Kind, drive: Drive) -> None:
    talk = Talk(AT_ONCE_OVER, [OVER, OVER], drive, handlers=handling(kind, once(KeyError("gone")), moment))
    with pytest.raises(HandlerError, match=f"handler 'it' failed at {moment}: KeyError: 'gone'") as caught:
        talk.watch("Ann")
    assert isinstance(caught.value.__cause__, KeyError)
    assert talk.kept == {"context": {}, "current_state": None, "last_turn": None}
    assert "".join(text for _, text in talk.shown) == ""


@pytest.mark.parametrize("moment", IN_TURN)
def test_the_message_can_be_sent_again_after_a_handler_has_failed(moment: Any, kind: Kind, drive: Drive) -> None:
    replies = [OVER, OVER if moment in BEFORE_THE_REPLY else "Bye!"]
    talk = Talk(AT_ONCE_OVER, replies, drive, handlers=handling(kind, once(KeyError("gone")), moment))
    with pytest.raises(HandlerError):
        talk.say("Ann")
    talk.say("Ann")
    assert [message.text for message in talk.values["messages"]] == ["Ann", "Bye!"]


@pytest.mark.parametrize("moment", IN_TURN)
def test_a_turn_goes_on_over_an_error_that_is_only_logged(
    moment: Any, kind: Kind, drive: Drive, caplog: pytest.LogCaptureFixture
) -> None:
    handlers = handling(kind, raising(KeyError("gone")), moment, errors="continue")
    talk = Talk(AT_ONCE_OVER, [OVER], drive, handlers=handlers)
    with caplog.at_level(logging.WARNING, "fsm_langgraph.handlers"):
        assert talk.say("Ann") == "Bye!"
    assert caplog.messages[0].startswith(f"handler 'it' failed at {moment} in state ")


def test_a_handlers_error_is_never_taken_for_the_models(kind: Kind, drive: Drive) -> None:
    handlers = handling(kind, raising(ConnectionError("the database is away")), "CONTEXT_UPDATE")
    talk = Talk(FORM, ["?", ANN], drive, handlers=handlers)
    talk.say()
    with pytest.raises(HandlerError, match="the database is away"):
        talk.say("Ann")
    assert len(talk.model.calls) == 2


def test_a_condition_that_fails_within_a_reply_is_the_handlers_error(kind: Kind, drive: Drive) -> None:
    handlers = handling(kind, writing(), "CONTEXT_UPDATE", when=lambda event: bool(event.context["gone"]))
    with pytest.raises(HandlerError, match="handler 'it' failed at CONTEXT_UPDATE: KeyError: 'gone'"):
        Talk(FORM, [ANN], drive, handlers=handlers).say("Ann")


@pytest.mark.parametrize("before", [[], ["?"]], ids=["the first turn", "a later turn"])
def test_a_message_on_which_a_handler_fails_is_read_with_the_next_until_it_is_dropped(
    before: list[Any], kind: Kind, drive: Drive
) -> None:
    def fail(event: Event) -> None:
        if "!" in event.message:
            raise ValueError("an exclamation mark")

    talk = Talk(FORM, [*before, ANN], drive, handlers=handling(kind, fail, "PRE_PROCESSING"))
    for _ in before:
        talk.say()
    with pytest.raises(HandlerError, match=r"(?s)each later turn reads it too.*RemoveMessage\(<its id>\)"):
        drive(talk.graph, {"messages": [HumanMessage("Hey!", id="m-1")]}, CONFIG)
    with pytest.raises(HandlerError):
        talk.say("Ann")

    talk.graph.update_state(CONFIG, {"messages": [RemoveMessage("m-1")]})
    assert talk.say("Ann") == "Your e-mail?"
    assert talk.heard[-1][-1] == "Ann"
    assert "m-1" not in [message.id for message in talk.values["messages"]]


# ERROR handlers

FAILURES: dict[str, tuple[type[FSMError], list[Any]]] = {
    "a reply": (ReplyError, ["no JSON", "no JSON either"]),
    "a provider that is away": (ModelError, [ConnectionError("away")] * 3),
    "a provider that refuses": (ModelError, [PermissionError("key")]),
    "the second state's call": (ModelError, [reply("ask_name", "…", name="Ann"), PermissionError("key")]),
}
each_failure = pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)


@each_failure
def test_an_error_handler_sees_what_is_raised_then(failure: Any, kind: Kind, drive: Drive) -> None:
    seen: list[Event] = []
    talk = Talk(FORM, ["?", *failure[1]], drive, handlers=handling(kind, seen.append, "ERROR"))
    talk.say(context={"source": "web"})
    before = talk.kept
    with pytest.raises(failure[0]) as caught:
        talk.say("Ann")
    assert [(event.error, event.message, event.context) for event in seen] == [(caught.value, "Ann", {"source": "web"})]
    assert talk.kept == before


@each_failure
def test_what_an_error_handler_says_ends_the_turn_where_it_began(failure: Any, kind: Kind, drive: Drive) -> None:
    talk = Talk(FORM, ["?", *failure[1], ANN], drive, handlers=handling(kind, lambda _: SORRY, "ERROR"))
    talk.say(context={"source": "web"})
    assert talk.watch("Ann") == SORRY
    assert {message_id for message_id, _ in talk.shown} == {talk.values["messages"][-1].id}
    assert talk.values["context"] == {"source": "web"}
    record = talk.record
    assert (record["why"], record["path"], record["landing"]) == ("failed", ["ask_name"], "ask_name")
    assert record["changed"] == []
    assert talk.say("Ann") == "Your e-mail?"
    assert talk.said == ["?", SORRY, "Your e-mail?"]


def test_an_error_that_passes_is_seen_by_no_handler(kind: Kind, drive: Drive) -> None:
    handlers, notes = noting(kind)
    talk = Talk(FORM, ["?", ConnectionError("away"), ConnectionError("away"), ANN], drive, handlers=handlers)
    talk.say()
    talk.say("Ann")
    assert "ERROR ask_name" not in notes


@pytest.mark.parametrize("moment", IN_TURN)
def test_an_error_handler_answers_for_another_handler(moment: Any, kind: Kind, drive: Drive) -> None:
    handlers = handling(kind, raising(KeyError("gone")), moment)
    handlers.on("ERROR")(kind(lambda event: f"{type(event.error).__name__}!"))
    talk = Talk(AT_ONCE_OVER, [OVER], drive, handlers=handlers)
    assert talk.watch("Ann") == "HandlerError!"
    assert (talk.record["why"], talk.values["current_state"]) == ("failed", "ask")


def test_an_error_handler_answers_for_a_turn_without_an_end(kind: Kind, drive: Drive) -> None:
    seen: list[Event] = []

    def answer(event: Event) -> str:
        seen.append(event)
        return SORRY

    talk = Talk(WHIRL, [], drive, max_steps=5, handlers=handling(kind, answer, "ERROR"))
    assert talk.say("go") == SORRY
    assert isinstance(seen[0].error, TurnLimit)
    assert talk.values["current_state"] == "a"


def test_the_last_error_handler_that_says_something_has_the_word(kind: Kind, drive: Drive) -> None:
    handlers = handling(kind, lambda _: "second", "ERROR")
    handlers.on("ERROR", priority=1)(kind(lambda _: "first"))
    handlers.on("ERROR", priority=200)(kind(writing()))
    assert Talk(FORM, [PermissionError("key")], drive, handlers=handlers).say("hm") == "second"


def test_an_error_handler_may_write_as_well(kind: Kind, drive: Drive) -> None:
    handlers = handling(kind, writing(failures=1), "ERROR")
    handlers.on("ERROR")(kind(lambda _: SORRY))
    talk = Talk(FORM, ["?", PermissionError("key")], drive, handlers=handlers)
    talk.say()
    talk.say("hm")
    assert (talk.values["context"], talk.record["changed"]) == ({"failures": 1}, ["failures"])


def test_an_error_handler_that_fails_is_told_with_what_it_was_to_handle(kind: Kind, drive: Drive) -> None:
    talk = Talk(FORM, [PermissionError("key")], drive, handlers=handling(kind, raising(KeyError("x")), "ERROR"))
    with pytest.raises(HandlerError, match="failed at ERROR: KeyError") as caught:
        talk.say("hm")
    assert isinstance(caught.value.__cause__, KeyError)


def test_a_conversation_whose_first_turn_was_answered_for_has_still_to_begin(kind: Kind, drive: Drive) -> None:
    handlers, notes = noting(kind)
    handlers.on("START_CONVERSATION")(kind(writing(score=7)))
    handlers.on("ERROR")(kind(lambda _: SORRY))
    talk = Talk(DECLARED, [PermissionError("key"), ANN], drive, handlers=handlers)
    assert talk.say("Ann") == SORRY
    assert talk.values["context"] == {}
    notes.clear()
    assert talk.say("Ann") == "Your e-mail?"
    assert notes[0] == "START_CONVERSATION ask_name"
    assert talk.values["context"]["score"] == 7


def test_what_the_caller_wrote_is_still_news_after_a_turn_was_answered_for(kind: Kind, drive: Drive) -> None:
    replies = ["?", PermissionError("key"), reply("ask_name", "…"), "Your e-mail?"]
    talk = Talk(FORM, replies, drive, handlers=handling(kind, lambda _: SORRY, "ERROR"))
    talk.say()
    talk.say("hm", context={"name": "Ann"})
    talk.say("hm")
    assert (talk.record["why"], talk.values["current_state"]) == ("fired", "ask_email")


# Interruptions


@pytest.mark.parametrize("moment", IN_TURN)
def test_a_handler_can_ask_a_person_and_go_on(moment: Any, kind: Kind, drive: Drive) -> None:
    handlers = handling(kind, lambda _: {"approved": interrupt("May it?")}, moment)
    replies = [OVER, OVER if moment in BEFORE_THE_REPLY else "Bye!"]
    talk = Talk(AT_ONCE_OVER, replies, drive, handlers=handlers)
    interrupted = drive(talk.graph, given("Ann"), CONFIG)
    assert [asked.value for asked in interrupted["__interrupt__"]] == ["May it?"]
    assert talk.kept == {"context": {}, "current_state": None, "last_turn": None}
    drive(talk.graph, Command(resume="yes"), CONFIG)
    assert talk.said == ["Bye!"]
    assert talk.values["context"] == {"name": "Ann", "approved": "yes"}


def test_an_interruption_is_no_error(kind: Kind, drive: Drive) -> None:
    handlers, notes = noting(kind)
    handlers.on("PRE_TRANSITION", errors="continue")(kind(lambda _: interrupt("May it?")))
    talk = Talk(FORM, [ANN], drive, handlers=handlers)
    assert drive(talk.graph, given("Ann"), CONFIG)["__interrupt__"]
    assert "ERROR ask_name" not in notes


def test_a_message_instead_of_an_answer_begins_the_turn_anew(kind: Kind, drive: Drive) -> None:
    handlers = handling(kind, lambda _: interrupt("May it?"), "PRE_TRANSITION", when=lambda e: e.message == "Ann")
    talk = Talk(FORM, ["?", ANN, reply("ask_name", "Hm?")], drive, handlers=handlers)
    talk.say()
    drive(talk.graph, given("Ann"), CONFIG)
    assert talk.say("wait") == "Hm?"
    assert [message.text for message in talk.values["messages"]] == ["?", "Ann", "wait", "Hm?"]
