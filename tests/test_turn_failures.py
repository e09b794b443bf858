"""A turn that fails leaves the conversation as it was, and can be sent again or resumed."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from crash.zygote import Zygote
from dying_turn import die_while_the_second_state_speaks
from handling import raising
from langchain_core.messages import HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.store.memory import InMemoryStore
from langgraph.types import RetryPolicy
from machines import AT_ONCE, CARD, CONFIG, DECLARED, DRIVERS, FORM, SEED, Drive, Talk, given, machine, reply, state, to

from fsm_langgraph import FSMError, HandlerError, Handlers, ModelError, ReplyError, ScriptedModel, compile_fsm
from fsm_langgraph.conversation.sqlite_file import SqliteFile
from fsm_langgraph.graph.journal_entries import CHANNEL
from fsm_langgraph.models.scripted import Cut

pytestmark = pytest.mark.parametrize("drive", DRIVERS)

ANN = reply("ask_email", "Your e-mail?", name="Ann")
MOVED_ON = reply("ask_name", "REFUSED", name="Ann")
"""Fires the transition to ask_email, which has to speak then."""
FAILURES = {
    "bad replies": ["no JSON", "no JSON either"],
    "replies cut short": [Cut(ANN, 30), Cut(ANN, 60)],
    "no targets": [{"message": "Hi!"}, '{"target_state": null, "message": "Hi!"}'],
    "provider away": [TimeoutError("away")] * 3,
    "provider refuses": [PermissionError("key")],
    "provider away in the second state": [MOVED_ON, *[ConnectionError("away")] * 3],
    "empty messages in the second state": [MOVED_ON, "", " \n"],
    "broken definition of a model": [KeyError("bug")],
}
"""What goes wrong in a turn, and the replies that it uses up."""
EACH_FAILURE = pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())


@EACH_FAILURE
def test_a_failed_turn_stores_nothing(failure: list[Any], drive: Drive) -> None:
    talk = Talk(FORM, ["?", *failure], drive)
    talk.say()
    before = talk.kept
    with pytest.raises((ReplyError, ModelError)):
        talk.say("Ann")
    assert talk.kept == before
    assert talk.said == ["?"]


@EACH_FAILURE
def test_a_failed_turn_shows_nothing(failure: list[Any], drive: Drive) -> None:
    talk = Talk(FORM, ["?", *failure], drive)
    talk.say()
    with pytest.raises(FSMError):
        talk.watch("Ann")
    assert "".join(text for _, text in talk.shown) == ""


@EACH_FAILURE
def test_a_message_sent_again_is_counted_once(failure: list[Any], drive: Drive) -> None:
    talk = Talk(FORM, ["?", *failure, ANN], drive)
    talk.say()
    with pytest.raises(FSMError):
        talk.say("I am Ann")
    assert talk.say("I am Ann") == "Your e-mail?"
    assert [message.text for message in talk.values["messages"]] == ["?", "I am Ann", "Your e-mail?"]
    assert talk.heard[-1].count("I am Ann") == 1
    assert talk.record["path"] == ["ask_name", "ask_email"]
    assert talk.record["changed"] == ["name"]


@EACH_FAILURE
def test_another_message_after_a_failure_does_not_hide_the_first(failure: list[Any], drive: Drive) -> None:
    talk = Talk(FORM, ["?", *failure, ANN], drive)
    talk.say()
    with pytest.raises(FSMError):
        talk.say("I am Ann")
    talk.say("Hello?")
    assert talk.heard[-1][-2:] == ["I am Ann", "Hello?"]


def test_the_first_turn_can_be_sent_again_too(drive: Drive) -> None:
    talk = Talk(DECLARED, [MOVED_ON, ValueError("bug"), ANN], drive)
    with pytest.raises(ModelError):
        talk.say("Ann", context={"customer": "c1"})
    talk.say("Ann")
    assert talk.values["context"] == {"plan": "free", "customer": "c1", "name": "Ann"}
    assert talk.record["changed"] == ["customer", "name"]


def test_a_turn_that_failed_in_its_second_state_is_resumed_there(drive: Drive) -> None:
    talk = Talk(FORM, ["?", MOVED_ON, ValueError("away"), "Your e-mail?"], drive)
    talk.say()
    with pytest.raises(ModelError):
        talk.say("Ann")
    assert talk.resume() == "Your e-mail?"
    assert talk.record["path"] == ["ask_name", "ask_email"]
    assert [call["mode"] for call in talk.record["model_calls"]] == ["understand", "speak"]
    assert talk.values["context"] == {"name": "Ann"}


def test_what_the_caller_wrote_stays_news_until_a_turn_lands(drive: Drive) -> None:
    talk = Talk(FORM, ["?", ValueError("away"), reply("ask_name", "REFUSED"), "Your e-mail?"], drive)
    talk.say()
    with pytest.raises(ModelError):
        talk.say("hm", context={"name": "Ann"})
    talk.say("hm")
    assert talk.record["changed"] == ["name"]
    assert talk.values["current_state"] == "ask_email"


def test_a_passing_failure_of_the_provider_is_not_seen(drive: Drive) -> None:
    talk = Talk(FORM, ["?", TimeoutError("away"), ConnectionError("away"), ANN], drive)
    talk.say()
    assert talk.say("Ann") == "Your e-mail?"


def test_a_state_that_is_run_again_begins_where_it_stood(drive: Drive) -> None:
    talk = Talk(FORM, ["?", MOVED_ON, TimeoutError("away"), TimeoutError("away"), "Your e-mail?"], drive)
    talk.say()
    talk.say("Ann")
    assert talk.record["path"] == ["ask_name", "ask_email"]
    assert [step["state"] for step in talk.record["steps"]] == ["ask_name", "ask_email"]


def test_a_state_that_is_run_again_writes_the_same_message(drive: Drive) -> None:
    talk = Talk(FORM, ["?", reply("done", "REFUSED"), TimeoutError(), reply("done"), "Your name?"], drive)
    talk.say()
    assert talk.watch("hm") == "Your name?"
    assert {message_id for message_id, _ in talk.shown} == {talk.values["messages"][-1].id}


def test_a_lasting_failure_is_not_tried_again(drive: Drive) -> None:
    talk = Talk(FORM, [PermissionError("key"), "?"], drive)
    with pytest.raises(ModelError) as caught:
        talk.say()
    assert not caught.value.transient
    assert len(talk.model.calls) == 1


def test_a_reply_error_tells_every_reason(drive: Drive) -> None:
    talk = Talk(FORM, ["no JSON", {"message": "Hi!"}], drive)
    with pytest.raises(ReplyError) as caught:
        talk.say("hm")
    assert caught.value.state == "ask_name"
    assert caught.value.reasons == ("it is not a JSON object", "it has no 'target_state'")


BEGUN = '{"target_state": "ask_email", "updates": [{"name": "Ann"}], "message": "Your e-'
BROKEN = {
    "an error": Cut(BEGUN, 999, TimeoutError("away")),
    "no word": Cut(BEGUN, 999),
}
"""Streams that die in the middle of a message, by what ends them."""
EACH_BREAK = pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())


@EACH_BREAK
def test_a_message_that_broke_off_fails_the_turn_and_tells_what_was_read(broken: Cut, drive: Drive) -> None:
    talk = Talk(FORM, ["?", broken, ANN], drive)
    talk.say()
    before = talk.kept
    with pytest.raises(ModelError, match="broke off") as caught:
        talk.watch("Ann")
    assert (caught.value.transient, caught.value.broke_off) == (False, True)
    assert caught.value.shown == ("Your e-",)
    assert {message_id for message_id, _ in talk.shown} == {*caught.value.shown_ids}
    assert talk.kept == before
    assert talk.say("Ann") == "Your e-mail?"
    assert [message.text for message in talk.values["messages"]] == ["?", "Ann", "Your e-mail?"]


def test_a_message_that_broke_off_is_told_after_what_the_machine_had_said(drive: Drive) -> None:
    hello = state("hello", to("ask"), silent=True, say="Welcome!")
    greeted = machine(hello, state("ask", to("end", "x")), state("end"))
    talk = Talk(greeted, [Cut("Which x?", 7, OSError("gone"))], drive)
    with pytest.raises(ModelError) as caught:
        talk.watch()
    assert caught.value.shown == ("Welcome!", "Which x")


def test_an_error_handler_answers_after_what_was_read(drive: Drive) -> None:
    handlers = Handlers()
    handlers.on("ERROR")(lambda _: "Sorry, once more.")
    talk = Talk(FORM, ["?", BROKEN["an error"], ANN], drive, handlers=handlers)
    talk.say()
    assert talk.watch("Ann") == "Your e-Sorry, once more."
    assert talk.said == ["?", "Your e-", "Sorry, once more."]
    assert len({message.id for message in talk.values["messages"]}) == 4


def test_a_message_that_was_whole_before_the_stream_died_stands(drive: Drive) -> None:
    talk = Talk(FORM, ["?", Cut(BEGUN + 'mail?"', 999, OSError("gone"))], drive)
    talk.say()
    assert talk.say("Ann") == "Your e-mail?"
    assert "gone" in talk.record["model_calls"][0]["error"]


@pytest.mark.parametrize("policy", [RetryPolicy(retry_on=Exception), RetryPolicy(retry_on=lambda _: True)])
def test_no_policy_repeats_a_message_that_broke_off(policy: RetryPolicy, drive: Drive) -> None:
    talk = Talk(FORM, ["?", BROKEN["an error"]], drive, retry_policy=policy)
    talk.say()
    with pytest.raises(ModelError, match="broke off"):
        talk.say("Ann")


FALLBACK = {**FORM, "fallback_message": "{{name}}{{^name}}Friend{{/name}}, please try again later."}
UNANSWERED = {name: FAILURES[name] for name in ("bad replies", "provider away", "provider refuses")}


@pytest.mark.parametrize("failure", UNANSWERED.values(), ids=UNANSWERED.keys())
def test_the_fallback_message_is_said_where_no_model_answers(failure: list[Any], drive: Drive) -> None:
    talk = Talk(FALLBACK, ["?", *failure, ANN], drive)
    talk.say()
    assert talk.watch("Ann") == talk.said[-1] == "Friend, please try again later."
    assert (talk.record["why"], talk.record["landing"], talk.values["context"]) == ("failed", "ask_name", {})
    assert talk.record["failure"] in (
        "ReplyError in ask_name",
        "ModelError in ask_name: TimeoutError",
        "ModelError in ask_name: PermissionError",
    )
    assert talk.say("Ann") == "Your e-mail?"


def test_after_the_fallback_message_an_effect_is_repeated_under_another_id_alone(drive: Drive) -> None:
    keys: list[str] = []
    handlers = Handlers()
    handlers.on("CONTEXT_UPDATE")(lambda event: keys.append(event.idempotency_key))
    told = reply("ask_name", name="Ann")
    talk = Talk(FALLBACK, ["?", told, PermissionError("key"), told, "Your e-mail?"], drive, handlers=handlers)
    talk.say()
    said = []
    for message_id in ("m-1", "m-1", "m-2"):
        drive(talk.graph, {"messages": HumanMessage("Ann", id=message_id)}, CONFIG)
        said.append((talk.said[-1], len(keys)))

    sorry = "Friend, please try again later."
    assert said == [(sorry, 1), (sorry, 1), ("Your e-mail?", 2)]
    assert len({*keys}) == 2


def test_an_error_handler_is_asked_before_the_fallback_message(drive: Drive) -> None:
    handlers = Handlers()
    handlers.on("ERROR")(lambda _: "Sorry.")
    talk = Talk(FALLBACK, [PermissionError("key")], drive, handlers=handlers)
    assert talk.say() == "Sorry."


def test_the_fallback_message_is_not_said_in_the_middle_of_another(drive: Drive) -> None:
    talk = Talk(FALLBACK, ["?", BROKEN["an error"]], drive)
    talk.say()
    with pytest.raises(ModelError, match="broke off"):
        talk.say("Ann")


def test_the_fallback_message_is_not_said_for_a_handler(drive: Drive) -> None:
    handlers = Handlers()
    handlers.on("PRE_PROCESSING", critical=True)(raising(KeyError("gone")))
    with pytest.raises(HandlerError):
        Talk(FALLBACK, [ANN], drive, handlers=handlers).say("Ann")


def test_a_sub_machine_that_fails_says_the_fallback_message_of_the_outermost(drive: Drive) -> None:
    card = {**CARD, "fallback_message": "CARD"}
    paying = machine(state("pay", to("end"), subflow="pay"), state("end"), subflows={"pay": card})
    talk = Talk({**paying, "fallback_message": "Later."}, [PermissionError("key")], drive)
    assert talk.say() == "Later."


def test_a_fallback_message_that_the_store_does_not_let_be_said_leaves_the_error(drive: Drive) -> None:
    lookups = {"hours": {"namespace": ["shop"], "key": "{{name}}", "required": True}}
    told = {**FORM, "store": lookups, "fallback_message": "{{store.hours.text}}"}
    talk = Talk(told, [PermissionError("key")], drive, store=InMemoryStore())
    with pytest.raises(ModelError, match="key"):
        talk.say()


def test_a_killed_process_is_resumed_by_another(zygote: Zygote, tmp_path: Path, drive: Drive) -> None:
    file = tmp_path / "conversations.db"
    assert zygote.ended(die_while_the_second_state_speaks, file) == 9
    with closing(SqliteFile(file)) as saver:
        talk = Talk(SEED, ["Your e-mail?"], drive, saver=saver)
        assert talk.values["context"] == {}
        assert talk.resume() == "Your e-mail?"
        assert talk.said == ["Hi!", "Your e-mail?"]
        assert talk.values["context"] == {"name": "Ann"}
        assert talk.record["path"] == ["welcome", "collect_name", "collect_email"]


def test_a_first_turn_that_fails_on_the_way_leaves_the_conversation_to_begin(drive: Drive) -> None:
    form = {
        **FORM,
        "context": {"name": {}, "email": {}, "tier": {"default": "free"}, "seen": {"written_by": "handler"}},
    }
    handlers = Handlers()
    handlers.on("START_CONVERSATION")(lambda _: {"seen": True})
    handlers.on("POST_TRANSITION", state="ask_email")(raising(KeyError("gone")))
    handlers.on("ERROR")(lambda _: "Sorry.")
    talk = Talk(form, [reply("ask_email", name="Ann"), reply("ask_name", "Your name?")], drive, handlers=handlers)
    assert talk.say("fail") == "Sorry."
    assert talk.say("hello") == "Your name?"
    assert talk.values["context"] == {"tier": "free", "seen": True}


class FullDisk(InMemorySaver):
    """A saver that cannot write what a run has done."""

    def put_writes(self, config: Any, writes: Any, task_id: str, task_path: str = "") -> None:
        if any(channel == CHANNEL for channel, _ in writes):
            raise OSError("the disk is full")
        super().put_writes(config, writes, task_id, task_path)

    async def aput_writes(self, config: Any, writes: Any, task_id: str, task_path: str = "") -> None:
        self.put_writes(config, writes, task_id, task_path)


def test_an_error_in_the_middle_of_a_reply_is_not_the_providers(drive: Drive) -> None:
    handlers = Handlers()
    handlers.on("POST_PROCESSING")(lambda _: None)
    second = ScriptedModel(replies=[reply("ask_email", "PAID TWICE")])
    model = ScriptedModel(replies=[reply("ask_email", "…", name="Ann")]).with_fallbacks([second])
    talk = Talk(FORM, drive=drive, model=model, saver=FullDisk(), handlers=handlers)
    with pytest.raises(OSError, match="the disk is full"):
        talk.say("Ann")
    assert second.calls == []


def test_a_message_that_waits_for_handlers_and_breaks_off_is_written_anew(drive: Drive) -> None:
    handlers = Handlers()
    handlers.on("POST_TRANSITION")(lambda _: None)
    whole = reply("ask_email", "Your number is 1234567, keep it well.", name="Ann")
    talk = Talk(FORM, [Cut(whole, 85, ConnectionError("gone")), "Your e-mail?"], drive, handlers=handlers)
    assert talk.say("Ann") == "Your e-mail?"


def test_a_handler_in_a_sub_machine_runs_once_where_the_provider_is_tried_again(drive: Drive) -> None:
    ran: list[str] = []
    handlers = Handlers()
    handlers.on("PRE_PROCESSING", state="pay/card")(lambda event: ran.append(event.idempotency_key))
    paying = machine(state("pay", to("end"), subflow="pay"), state("end"), subflows={"pay": CARD})
    model = ScriptedModel(replies=[TimeoutError("away"), reply("card", "Your card?")])
    graph = compile_fsm(paying, model, handlers=handlers, retry_policy=AT_ONCE)
    assert drive(graph, given("hello"), {})["messages"][-1].text == "Your card?"
    assert len(ran) == 1
