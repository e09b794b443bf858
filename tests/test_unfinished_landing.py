"""A turn that was seen after a crash stays: what it has written is landed before anything else comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END
from langgraph.types import Command, interrupt
from machines import CONFIG, DRIVERS, FORM, SHOP, Drive, Json, Talk, reply

from fsm_langgraph import LLM_FSM, FSMInput, Handlers, ModelError, build_graph
from fsm_langgraph.models.scripted import ScriptedModel

by_each = pytest.mark.parametrize("drive", DRIVERS)
ANN = reply("ask_email", "Your e-mail?", name="Ann")
MAIL = reply("done", "Bye!", email="a@b.co")


class Died(Exception):  # noqa: N818 - it stands for the end of a process
    """The process has died."""


def has_landed(values: Json) -> bool:
    """Say whether these are the values of a turn that has landed; one on its way has a message to come."""
    turn = values.get("turn") or {}
    return "id" in turn and "message_id" not in turn


class Dying(InMemorySaver):
    """A checkpointer whose process dies before it stores a turn's landing, if it is told to."""

    dies = False

    def put(self, config: Any, checkpoint: Any, metadata: Any, *rest: Any) -> Any:
        if self.dies and metadata["source"] == "loop" and has_landed(checkpoint["channel_values"]):
            self.dies = False
            raise Died
        return super().put(config, checkpoint, metadata, *rest)


def crashed(definition: Any, *replies: Any, drive: Drive = DRIVERS[0], said: str = "Ann", **options: Any) -> Talk:
    """Hold a conversation whose last turn has written all, and has not landed."""
    saver = Dying()
    talk = Talk(definition, replies, drive, saver=saver, **options)
    saver.dies = True
    with pytest.raises(Died):
        drive(talk.graph, sent(said), CONFIG)
    return talk


def sent(text: str) -> FSMInput:
    """Write an input, whose message has an id."""
    return FSMInput(messages=[HumanMessage(text, id=text)])


@by_each
def test_a_turn_that_is_seen_after_a_crash_stays_when_the_next_message_comes(drive: Drive) -> None:
    talk = crashed(FORM, ANN, MAIL, drive=drive)
    assert talk.values["context"] == {"name": "Ann"}
    drive(talk.graph, sent("a@b.co"), CONFIG)
    assert [message.text for message in talk.values["messages"]] == ["Ann", "Your e-mail?", "a@b.co", "Bye!"]
    assert talk.values["context"] == {"name": "Ann", "email": "a@b.co"}
    assert len(talk.model.calls) == 2


@by_each
def test_a_message_that_is_sent_again_after_the_crash_gets_its_answer(drive: Drive) -> None:
    talk = crashed(FORM, ANN, drive=drive)
    assert drive(talk.graph, sent("Ann"), CONFIG)["current_state"] == "ask_email"
    assert len(talk.model.calls) == 1


def test_nothing_of_the_landing_is_streamed_or_traced() -> None:
    runs: list[str] = []

    class Watch(BaseCallbackHandler):
        def on_chain_start(self, *_: Any, parent_run_id: Any = None, **__: Any) -> None:
            runs.extend([] if parent_run_id else ["a run"])

    talk = crashed(FORM, ANN, MAIL)
    config: Any = {**CONFIG, "callbacks": [Watch()]}
    values = [*talk.graph.stream(sent("a@b.co"), config, stream_mode="values")]
    assert runs == ["a run"]
    assert values[0]["messages"][-1].text == "a@b.co"


def test_a_landing_keeps_the_metadata_of_its_run() -> None:
    saver = Dying()
    talk = Talk(FORM, [ANN, MAIL], saver=saver)
    saver.dies = True
    with pytest.raises(Died):
        talk.graph.invoke(sent("Ann"), {**CONFIG, "metadata": {"channel": "phone"}})
    talk.graph.invoke(sent("a@b.co"), {**CONFIG, "metadata": {"channel": "web"}})
    landed = [each for each in talk.graph.get_state_history(CONFIG) if has_landed(each.values)]
    assert [(each.metadata or {}).get("channel") for each in landed][-1] == "phone"


def test_a_run_that_names_the_newest_checkpoint_goes_on_from_the_landing() -> None:
    talk = crashed(FORM, ANN, MAIL)
    talk.graph.invoke(sent("a@b.co"), talk.graph.get_state(CONFIG).config)
    assert talk.values["context"] == {"name": "Ann", "email": "a@b.co"}


def test_a_fork_from_an_earlier_checkpoint_lands_nothing() -> None:
    talk = crashed(FORM, ANN, reply("ask_email", "Bob, your e-mail?", name="Bob"))
    before = [*talk.graph.get_state_history(CONFIG)][-1].config
    talk.graph.invoke(sent("Bob"), before)
    assert talk.values["context"] == {"name": "Bob"}


@by_each
def test_a_landing_out_of_a_sub_machine_is_finished(drive: Drive) -> None:
    saver = Dying()
    talk = Talk(
        SHOP,
        [reply("payment", None, item="tea"), "Your card?", reply("code", "The code?", card="1")],
        drive,
        saver=saver,
    )
    talk.say("tea")
    saver.dies = True
    with pytest.raises(Died):
        drive(talk.graph, sent("1"), CONFIG)
    assert talk.values["sub_machine"]["current_state"] == "code"
    talk.model.replies.append(reply("code", "Pardon?"))
    drive(talk.graph, sent("Hm"), CONFIG)
    assert talk.said == ["Your card?", "The code?", "Pardon?"]


def test_a_node_of_ones_own_behind_a_landing_does_not_run_as_that_is_finished() -> None:
    ran: list[str] = []

    def note(_: Any) -> Json:
        ran.append("ran")
        return {}

    saver = Dying()
    builder: Any = build_graph(FORM, ScriptedModel(replies=[ANN, MAIL]))
    builder.add_node("note", note)
    builder.add_edge("ask_email", "note")
    builder.add_edge("note", END)
    graph = builder.compile(saver)
    saver.dies = True
    with pytest.raises(Died):
        graph.invoke(sent("Ann"), CONFIG, durability="sync")
    graph.invoke(sent("a@b.co"), CONFIG)
    assert graph.get_state(CONFIG).values["context"] == {"name": "Ann", "email": "a@b.co"}
    assert ran == []


# Edits and the end


EDITS: dict[str, Callable[[Talk], Any]] = {
    "update": lambda talk: talk.graph.update_state(CONFIG, {"context": {"vip": True}}),
    "async update": lambda talk: asyncio.run(talk.graph.aupdate_state(CONFIG, {"context": {"vip": True}})),
    "jump": lambda talk: talk.graph.invoke(Command(update={"context": {"vip": True}}, goto="ask_email"), CONFIG),
    "resume": lambda talk: talk.resume() and talk.graph.update_state(CONFIG, {"context": {"vip": True}}),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_what_was_seen_stays_when_the_conversation_is_edited(edit: Callable[[Talk], Any]) -> None:
    talk = crashed(FORM, ANN, reply("ask_email", "Your e-mail, please?"))
    edit(talk)
    assert talk.values["context"] == {"name": "Ann", "vip": True}
    assert talk.said[0] == "Your e-mail?"
    assert talk.values["current_state"] == "ask_email"


def test_a_conversation_can_be_closed_after_the_crash() -> None:
    saver = Dying()
    fsm = LLM_FSM(FORM, ScriptedModel(replies=[ANN]), checkpointer=saver)
    saver.dies = True
    with pytest.raises(Died):
        fsm.converse("Ann", "1")
    fsm.end_conversation("1")
    assert fsm.get_data("1") == {"name": "Ann"}
    assert [message.text for message in fsm.get_messages("1")] == ["Ann", "Your e-mail?"]
    assert fsm.is_conversation_ended("1")


# Turns that have not landed


def test_a_turn_that_failed_is_not_landed() -> None:
    talk = Talk(FORM, [ModelError("ask_name", OSError("away"), transient=False), ANN])
    with pytest.raises(ModelError):
        talk.graph.invoke(sent("Hello"), CONFIG)
    talk.graph.invoke(sent("Ann"), CONFIG)
    assert [message.text for message in talk.values["messages"]] == ["Hello", "Ann", "Your e-mail?"]


def test_a_paused_turn_is_not_landed() -> None:
    handlers = Handlers()
    asked = [True]
    handlers.on("CONTEXT_UPDATE")(lambda _: interrupt("Sure?") if asked and asked.pop() else None)
    talk = Talk(FORM, [ANN, reply("ask_name", "What?")], handlers=handlers)
    talk.graph.invoke(sent("Ann"), CONFIG)
    talk.graph.invoke(sent("Hm"), CONFIG)
    assert talk.values["context"] == {}
    assert [message.text for message in talk.values["messages"] if isinstance(message, AIMessage)] == ["What?"]


class DyingOnTheWay(InMemorySaver):
    """A checkpointer whose process dies between the writes of a turn's first state and their checkpoint."""

    dies = True

    def put(self, config: Any, checkpoint: Any, *rest: Any) -> Any:
        if self.dies and "next" in (checkpoint["channel_values"].get("turn") or {}):
            self.dies = False
            raise Died
        return super().put(config, checkpoint, *rest)


def test_a_turn_that_is_on_its_way_is_not_landed() -> None:
    talk = Talk(FORM, [reply("ask_email", None, name="Ann"), ANN], saver=DyingOnTheWay())
    with pytest.raises(Died):
        talk.graph.invoke(sent("Ann"), CONFIG, durability="sync")
    talk.graph.invoke(sent("Ann"), CONFIG)
    assert [message.text for message in talk.values["messages"]] == ["Ann", "Your e-mail?"]
