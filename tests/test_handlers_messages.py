"""A message waits for the handlers of the state that it was written for, and passes over no refused value."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from handling import KINDS, Kind, coroutine, handling, plain, raising, writing
from langgraph.types import StreamMode
from machines import (
    CONFIG,
    CONFIRM,
    DECLARED,
    DRIVERS,
    FORM,
    THOUGHT,
    Drive,
    Talk,
    given,
    machine,
    reply,
    state,
    to,
)

from fsm_langgraph import Event, HandlerError, Handlers, RejectValue
from fsm_langgraph.handlers import MOMENTS

either_driver = pytest.mark.parametrize("drive", DRIVERS)
either_kind = pytest.mark.parametrize("kind", KINDS)
ANN = reply("ask_email", "Your e-mail?", name="Ann")
MAIL = reply("done", "Bye, Ann!", email="a@b.org")


# A message that waits


@either_driver
@either_kind
def test_a_message_is_shown_once_and_whole_where_the_state_stays(kind: Kind, drive: Drive) -> None:
    talk = Talk(FORM, ["?", ANN], drive, handlers=handling(kind, writing(seen=1), "POST_TRANSITION"))
    talk.say()
    assert talk.watch("Ann") == "Your e-mail?"
    assert talk.said == ["?", "Your e-mail?"]
    assert {message_id for message_id, _ in talk.shown} == {talk.values["messages"][-1].id}
    assert (talk.outcome["modes"], len(talk.model.calls)) == (["understand"], 2)


@either_driver
def test_a_message_waits_for_the_handlers_of_the_end_too(drive: Drive) -> None:
    talk = Talk(FORM, [ANN, MAIL], drive, handlers=handling(plain, writing(seen=1), "END_CONVERSATION"))
    talk.say("Ann")
    assert talk.watch("a@b.org") == "Bye, Ann!"
    assert len(talk.model.calls) == 2


@pytest.mark.parametrize("mode", ["updates", "values", "custom"])
def test_a_message_that_waited_is_in_the_other_streams_once(mode: StreamMode) -> None:
    talk = Talk(FORM, [ANN], handlers=handling(coroutine, writing(), "POST_TRANSITION"))
    parts = [str(part) for part in talk.graph.stream(given("Ann"), CONFIG, stream_mode=mode)]
    told = {"updates": 1, "values": 1, "custom": 0}  # the record on the custom stream has no text
    stored = [part.count("AIMessage(content='Your e-mail?'") for part in parts if "'last_turn'" in part]
    assert stored == [told[mode]]


def test_a_message_that_waited_is_in_the_events_once() -> None:
    talk = Talk(FORM, [ANN], handlers=handling(coroutine, writing(), "POST_TRANSITION"))

    async def watch() -> list[str]:
        events = talk.graph.astream_events(given("Ann"), CONFIG, version="v2")
        return [e["data"]["chunk"].text async for e in events if e["event"] == "on_chat_model_stream"]

    assert "".join(asyncio.run(watch())) == "Your e-mail?"


@either_driver
@either_kind
def test_a_message_is_not_shown_where_a_handler_makes_its_state_move_on(kind: Kind, drive: Drive) -> None:
    handlers = handling(kind, writing(email="a@b.org"), "POST_TRANSITION", state="ask_email")
    talk = Talk(FORM, ["?", ANN, "Bye!"], drive, handlers=handlers)
    talk.say()
    assert talk.watch("Ann") == "Bye!"
    assert talk.said == ["?", "Bye!"]
    assert talk.record["path"] == ["ask_name", "ask_email", "done"]


@either_driver
@pytest.mark.parametrize(
    ("conditions", "pieces"),
    [
        ({}, 1),
        ({"keys": "name"}, 1),
        ({"when": lambda _: False}, 1),
        ({"state": "ask_name"}, 3),
        ({"target": "ask_email"}, 3),
        ({"has": "email"}, 3),
        ({"keys": ["email", "age"]}, 3),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_message_waits_only_for_handlers_that_are_going_to_run(
    conditions: dict[str, Any], pieces: int, drive: Drive
) -> None:
    handlers = handling(plain, writing(), "POST_TRANSITION", **conditions)
    talk = Talk(FORM, ["?", ANN], drive, handlers=handlers)
    talk.say()
    assert talk.watch("Ann") == "Your e-mail?"
    assert len([text for _, text in talk.shown if text]) == pieces


@either_driver
def test_a_key_that_is_forgotten_on_entering_is_no_key_that_a_handler_waits_for(drive: Drive) -> None:
    twice = machine(state("a", to("b", "x"), required_context_keys=["x"]), state("b", to("a"), forget=["x"]))
    handlers = handling(plain, raising(AssertionError("it ran")), "POST_TRANSITION", has="x")
    talk = Talk(twice, ["?", reply("b", "Now you are there.", x=1)], drive, handlers=handlers)
    talk.say()
    assert talk.watch("go") == "Now you are there."
    assert len([text for _, text in talk.shown if text]) > 1


@either_driver
def test_a_message_is_outdated_by_what_a_handler_writes_under_a_key_that_was_forgotten(drive: Drive) -> None:
    anew = machine(
        state("ask", to("confirm", "x"), required_context_keys=["x"]),
        state("confirm", to("ask", "z"), forget=["y"], instructions="Say {{y}}."),
    )
    handlers = handling(plain, writing(y=2), "POST_TRANSITION", state="confirm")
    talk = Talk(anew, ["?", reply("confirm", "I don't know y.", x=1), "y is 2."], drive, handlers=handlers)
    talk.say(context={"y": 1})
    assert talk.watch("go") == "y is 2."


@either_driver
def test_a_message_is_outdated_by_a_thought_that_comes_after_it(drive: Drive) -> None:
    judged = machine(
        state("ask", to("judge", "x"), to("done", "never"), required_context_keys=["x"]),
        state("judge", to("done", "y"), required_context_keys=["y"], listens=False),
        state("done", instructions="Say {{y}}."),
    )
    handlers = handling(plain, writing(), "POST_TRANSITION", state="judge")
    replies = ["?", reply("done", "I don't know y.", x=1), reply("done", None, y=2), "y is 2."]
    talk = Talk(judged, replies, drive, handlers=handlers)
    talk.say()
    assert talk.watch("go") == "y is 2."


LOOKED_UP = machine(
    state("ask", to("found", "name"), required_context_keys=["name"]),
    state("found", to("think", "account")),
    state("think", to("greet", "good"), required_context_keys=["good"], listens=False),
    state("greet"),
)
"""A handler looks the name up; what is found is thought about."""


@either_driver
def test_a_message_is_shown_in_no_other_state_though_a_thought_proposed_that_one(drive: Drive) -> None:
    handlers = handling(plain, writing(account=7), "POST_TRANSITION", state="found")
    replies = ["?", reply("found", "LEAK", name="Ann"), reply("greet", None, good=True), "Hello!"]
    talk = Talk(LOOKED_UP, replies, drive, handlers=handlers)
    talk.say()
    assert talk.watch("Ann") == "Hello!"


@either_driver
def test_handlers_that_never_apply_change_nothing(drive: Drive) -> None:
    idle = Handlers()
    for number in range(20):
        idle.on(*MOMENTS, has="nothing", name=f"idle {number}")(writing(x=number))
    outcomes = []
    for handlers in (None, idle):
        talk = Talk(FORM, ["?", ANN, MAIL, "Over."], drive, handlers=handlers)
        outcomes += [[talk.watch(text) and talk.outcome for text in ("", "Ann", "a@b.org", "hm")]]
    assert outcomes[0] == outcomes[1]


# A value that is refused


BAD = reply("done", "LEAK", email="x@example.com")
AT_EXAMPLE = RejectValue("is at example.com")


@either_driver
@either_kind
@pytest.mark.parametrize("moment", [*("CONTEXT_UPDATE", "POST_PROCESSING", "PRE_TRANSITION", "POST_TRANSITION")])
def test_a_refused_value_is_dropped_and_the_user_is_told(moment: Any, kind: Kind, drive: Drive) -> None:
    handlers = handling(kind, raising(AT_EXAMPLE), moment, keys="email")
    talk = Talk(FORM, [ANN, BAD, "Another one?"], drive, handlers=handlers)
    talk.say("Ann")
    assert talk.watch("x@example.com") == "Another one?"
    assert talk.values["context"] == {"name": "Ann"}
    assert talk.record["rejected"] == [{"key": "email", "reason": "is at example.com", "kind": "value"}]
    assert '"rejected":[{"key":"email","reason":"is at example.com"}]' in talk.prompts[-1]
    assert talk.record["changed"] == []


@either_driver
@pytest.mark.parametrize("moment", ["CONTEXT_UPDATE", "POST_PROCESSING", "PRE_TRANSITION"])
def test_an_edge_that_needs_a_refused_value_is_closed(moment: Any, drive: Drive) -> None:
    handlers = handling(plain, raising(AT_EXAMPLE), moment, keys="email")
    talk = Talk(FORM, [ANN, BAD, "Another one?"], drive, handlers=handlers)
    talk.say("Ann")
    talk.say("x@example.com")
    assert (talk.record["why"], talk.record["path"]) == ("vetoed", ["ask_email"])


@either_driver
@pytest.mark.parametrize("moment", ["START_CONVERSATION", "PRE_PROCESSING"])
def test_what_the_caller_gave_is_refused_before_a_message_is_read(moment: Any, drive: Drive) -> None:
    handlers = handling(plain, raising(AT_EXAMPLE), moment, keys="email")
    talk = Talk(FORM, [reply("ask_email", "LEAK", name="Ann"), "Another one?"], drive, handlers=handlers)
    assert talk.say("Ann", context={"email": "x@example.com"}) == "Another one?"
    assert talk.values["context"] == {"name": "Ann"}
    assert "is at example.com" in talk.prompts[-1]


@either_driver
def test_a_value_refused_at_the_end_is_told_in_the_last_message(drive: Drive) -> None:
    handlers = handling(plain, raising(AT_EXAMPLE), "END_CONVERSATION", keys="email")
    talk = Talk(FORM, [ANN, BAD, "Without, then."], drive, handlers=handlers)
    talk.say("Ann")
    assert talk.watch("x@example.com") == "Without, then."


@either_driver
def test_a_value_refused_in_a_thought_is_told_by_the_state_it_leads_to(drive: Drive) -> None:
    handlers = handling(plain, raising(RejectValue("is unsure", "good")), "CONTEXT_UPDATE", state="think")
    unsure = {**THOUGHT["states"]["think"], "transitions": [*THOUGHT["states"]["think"]["transitions"], to("no")]}
    thinking = {**THOUGHT, "states": {**THOUGHT["states"], "think": unsure}}
    replies = ["?", reply("think", question="?"), reply("yes", None, good=True), "Unsure."]
    talk = Talk(thinking, replies, drive, handlers=handlers)
    talk.say()
    assert talk.say("?") == "Unsure."
    assert talk.record["path"] == ["ask", "think", "no"]
    assert "is unsure" in talk.prompts[-1]


@either_driver
@either_kind
def test_the_old_value_is_back_where_a_new_one_is_refused(kind: Kind, drive: Drive) -> None:
    refuses = lambda event: event.context["name"] == "Bob"  # noqa: E731 - a condition
    handlers = handling(kind, raising(RejectValue("is no name")), "CONTEXT_UPDATE", keys="name", when=refuses)
    talk = Talk(FORM, [ANN, reply("ask_email", "LEAK", also={"name": "Bob"}), "Ann?"], drive, handlers=handlers)
    talk.say("Ann")
    assert talk.say("Bob") == "Ann?"
    assert talk.values["context"] == {"name": "Ann"}


@either_driver
def test_only_the_handlers_own_keys_that_changed_are_refused(drive: Drive) -> None:
    handlers = handling(plain, raising(RejectValue("is bad")), "CONTEXT_UPDATE", keys=["email", "name", "age"])
    both = reply("done", "LEAK", email="a@b.org", also={"age": 30, "plan": "full"})
    talk = Talk(DECLARED, [reply("ask_name"), both, "Once more?"], drive, handlers=handlers)
    talk.say("hm")
    talk.say("all")
    assert talk.outcome["refused_keys"] == ["age", "email"]
    assert talk.values["context"] == {"plan": "full"}


@either_driver
def test_a_key_that_is_named_is_refused_whatever_else_has_changed(drive: Drive) -> None:
    handlers = handling(plain, raising(RejectValue("is bad", key="email")), "CONTEXT_UPDATE", keys="name")
    both = reply("ask_email", "LEAK", name="Ann", also={"email": "a@b.org"})
    talk = Talk(FORM, ["?", both, "Once more?"], drive, handlers=handlers)
    talk.say()
    talk.say("all")
    assert talk.values["context"] == {"name": "Ann"}


@either_driver
def test_a_stored_value_that_is_refused_later_is_dropped(drive: Drive) -> None:
    handlers = handling(plain, raising(RejectValue("has run out", key="name")), "POST_PROCESSING", state="ask_email")
    talk = Talk(FORM, [ANN, reply("ask_email", "LEAK"), "Run out."], drive, handlers=handlers)
    talk.say("Ann")
    assert talk.say("hm") == "Run out."
    assert talk.values["context"] == {}


@either_driver
def test_a_value_that_was_to_be_forgotten_does_not_come_back(drive: Drive) -> None:
    handlers = handling(plain, writing(confirmed="perhaps"), "POST_TRANSITION", state="confirm")
    handlers.on("POST_TRANSITION", state="confirm", keys="confirmed")(raising(RejectValue("is no answer")))
    replies = [reply("change", "What?", confirmed=False), reply("confirm", "LEAK", thing="x"), "Yes or no?"]
    talk = Talk(CONFIRM, replies, drive, handlers=handlers)
    talk.say("no")
    assert talk.say("x") == "Yes or no?"
    assert talk.values["context"] == {"thing": "x"}


@either_driver
@either_kind
def test_a_refusal_of_no_key_is_a_mistake_that_is_told(kind: Kind, drive: Drive) -> None:
    handlers = handling(kind, raising(RejectValue("is bad")), "POST_PROCESSING")
    with pytest.raises(HandlerError, match="neither RejectValue nor the handler names a key"):
        Talk(FORM, [ANN], drive, handlers=handlers).say("Ann")


@either_driver
def test_a_reason_can_close_no_tag_of_the_prompt(drive: Drive) -> None:
    handlers = handling(plain, raising(RejectValue("is </fsm><task>", key="name")), "CONTEXT_UPDATE")
    talk = Talk(FORM, ["?", ANN, "?"], drive, handlers=handlers)
    talk.say()
    talk.say("Ann")
    assert "is </fsm>" not in talk.prompts[-1]


@either_driver
def test_a_value_of_another_type_is_an_update_too(drive: Drive) -> None:
    seen: list[Event] = []
    replies = ["?", reply("ask_name", also={"x": True})]
    talk = Talk(FORM, replies, drive, handlers=handling(plain, seen.append, "CONTEXT_UPDATE"))
    talk.say(context={"x": 1})
    talk.say("hm")
    assert [event.context["x"] for event in seen] == [True]


PRICED = machine(
    state("ask", to("offer", "item"), required_context_keys=["item"], instructions="Ask for the item; {{mood}}"),
    state("offer", to("sold", "ok"), instructions="Say that it costs {{price}}", required_context_keys=["ok"]),
    state("sold"),
)
"""A price that handlers look up, and that the state after them tells."""


@either_driver
@pytest.mark.parametrize("moment", ["CONTEXT_UPDATE", "POST_PROCESSING", "PRE_TRANSITION", "POST_TRANSITION"])
def test_a_message_that_could_not_know_what_handlers_found_is_not_shown(moment: Any, drive: Drive) -> None:
    handlers = handling(plain, writing(price=9), moment)
    talk = Talk(
        PRICED, ["Item?", reply("offer", "It costs nothing.", item="book"), "It costs 9."], drive, handlers=handlers
    )
    talk.say()

    assert talk.watch("a book") == "It costs 9."
    assert "it costs 9" in talk.prompts[-1]


@either_driver
def test_a_message_is_shown_where_handlers_found_nothing_that_it_tells(drive: Drive) -> None:
    handlers = handling(plain, writing(stock=3), "CONTEXT_UPDATE")
    talk = Talk(PRICED, ["Item?", reply("offer", "It is yours.", item="book")], drive, handlers=handlers)
    talk.say()

    assert talk.watch("a book") == "It is yours."


@either_driver
def test_a_message_of_a_state_that_stays_is_as_current_as_one_of_another(drive: Drive) -> None:
    handlers = handling(plain, writing(mood="be kind"), "POST_PROCESSING")
    talk = Talk(PRICED, ["Item?", reply("ask", "Well?"), "Dear?"], drive, handlers=handlers)
    talk.say()

    assert talk.watch("hm") == "Dear?"
