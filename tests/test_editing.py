"""Conversations that are edited from outside: the next turn goes by what was written, and nothing else changes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from handling import noting
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import Command
from machines import (
    CONFIG,
    DECLARED,
    DRIVERS,
    FORM,
    WELCOME,
    Drive,
    Json,
    Talk,
    awaited,
    given,
    machine,
    reply,
    state,
    to,
)

from fsm_langgraph import (
    ArgumentError,
    ContextError,
    FSMError,
    ModelError,
    ScriptedModel,
    StateError,
    build_graph,
    compile_fsm,
)

BY_EACH = pytest.mark.parametrize("drive", DRIVERS)

PAYMENT = machine(
    state("card", to("paid", "card"), required_context_keys=["card"]),
    state("paid"),
)
SHOP = machine(
    state("cart", to("pay", "item"), required_context_keys=["item"]),
    state("pay", to("thanks"), to("cart", "more"), subflow="payment", inputs=["item"], outputs=["card"]),
    state("thanks", to("cart", "more")),
    state("hours"),
    state("cancelled"),
    global_transitions=[
        {"target_state": "hours", "description": "The user asks when we are open", "return": True},
        {"target_state": "cancelled", "description": "The user wants to stop"},
    ],
    subflows={"payment": PAYMENT},
)


def edit(talk: Talk, update: Any, **options: Any) -> None:
    """Change the state, with the method that belongs to the driver."""
    if talk.drive is awaited:
        asyncio.run(talk.graph.aupdate_state(CONFIG, update, **options))
    else:
        talk.graph.update_state(CONFIG, update, **options)


# The state


@BY_EACH
def test_the_next_turn_begins_in_the_state_that_was_set(drive: Drive) -> None:
    talk = Talk(FORM, ["?", reply("done", "Bye!", email="a@b.org")], drive)
    talk.say()
    edit(talk, {"current_state": "ask_email"})

    assert talk.graph.get_state(CONFIG).next == ()
    assert talk.say("a@b.org") == "Bye!"
    assert talk.record["path"] == ["ask_email", "done"]


@BY_EACH
def test_it_is_so_after_a_turn_that_has_moved(drive: Drive) -> None:
    talk = Talk(FORM, ["?", reply("ask_email", name="Ann"), reply("ask_email", name="Bob")], drive)
    talk.say()
    talk.say("Ann")
    edit(talk, {"current_state": "ask_name"})
    talk.say("Bob")

    assert talk.record["path"] == ["ask_name", "ask_email"]
    assert talk.values["context"] == {"name": "Bob"}


@BY_EACH
def test_a_conversation_can_begin_in_another_state(drive: Drive) -> None:
    handlers, notes = noting()
    talk = Talk(FORM, [reply("done", "Bye!", email="a@b.org")], drive, handlers=handlers)
    edit(talk, {"current_state": "ask_email", "context": {"name": "Ann"}})

    assert talk.say("a@b.org") == "Bye!"
    assert notes[0] == "START_CONVERSATION ask_email"
    assert talk.values["context"] == {"name": "Ann", "email": "a@b.org"}


@BY_EACH
def test_the_next_message_is_read_in_the_state_that_was_written(drive: Drive) -> None:
    replies = ["Welcome!", reply("ask_name", name="Ann"), "E-mail?", reply("ask_name", name="Bob"), "E-mail?"]
    talk = Talk(WELCOME, replies, drive)
    talk.say()
    talk.say("Ann")
    edit(talk, {"current_state": "welcome"})
    talk.say("Bob")

    assert talk.record["path"] == ["welcome", "ask_name", "ask_email"]


@BY_EACH
def test_a_final_state_answers_and_stays(drive: Drive) -> None:
    talk = Talk(FORM, ["?", "It is over."], drive)
    talk.say()
    edit(talk, {"current_state": "done"})

    assert talk.say("hello?") == "It is over."
    assert (talk.record["path"], talk.record["why"]) == (["done"], "ended")


@BY_EACH
@pytest.mark.parametrize("written", ["ask_emial", ["ask_email"]], ids=str)
def test_a_state_that_there_is_not_cannot_be_written(written: Any, drive: Drive) -> None:
    talk = Talk(FORM, ["?", reply("ask_email", name="Ann")], drive)
    talk.say()
    before = talk.graph.get_state(CONFIG)

    with pytest.raises(
        StateError, match=r"(?s)the current_state, and there is no such state.*Did you mean 'ask_email'"
    ):
        edit(talk, {"current_state": written})
    with pytest.raises(StateError, match="written as the current_state"):
        edit(talk, {"current_state": written}, as_node="ask_name")
    with pytest.raises(StateError, match="written as the current_state"):
        drive(talk.graph, Command(update={"current_state": written}), CONFIG)
    assert talk.graph.get_state(CONFIG) == before


@BY_EACH
@pytest.mark.parametrize("written", ["pay/card", "pay/crad"])
def test_a_sub_machines_state_cannot_be_written_and_what_can_is_told(written: str, drive: Drive) -> None:
    talk = at_the_card(drive=drive)
    before = talk.graph.get_state(CONFIG)

    with pytest.raises(StateError, match=r"\n  Write 'pay': its sub-machine goes on where it stands, or begins.\n"):
        edit(talk, {"current_state": written})
    assert talk.graph.get_state(CONFIG) == before


@BY_EACH
@pytest.mark.parametrize("options", [{}, {"as_node": "ask_name"}], ids=["as none", "as a node"])
def test_no_state_at_all_cannot_be_written(options: Json, drive: Drive) -> None:
    talk = Talk(FORM, ["?", reply("ask_email", name="Ann")], drive)
    talk.say()
    talk.say("Ann")
    before = talk.graph.get_state(CONFIG)

    with pytest.raises(StateError, match=r"(?s)null was written as the current_state.*Write 'ask_name'"):
        edit(talk, {"current_state": None}, **options)
    with pytest.raises(StateError, match="null was written as the current_state"):
        drive(talk.graph, Command(update={"current_state": None}), CONFIG)
    assert talk.graph.get_state(CONFIG) == before


PAIRS: Any = [("current_state", "ask_emial")]


@BY_EACH
@pytest.mark.parametrize(
    ("update", "options", "error", "told"),
    [
        (
            {"context": {"name": "A"}},
            {"as_node": "ask_emial"},
            StateError,
            "to be made as it.*Did you mean 'ask_email'",
        ),
        (Command(goto="ask_emial"), {}, StateError, "a jump leads to it.*Did you mean 'ask_email'"),
        (Command(goto="ask_emial"), {"as_node": "ask_name"}, StateError, "a jump leads to it"),
        (Command(update=PAIRS), {}, StateError, "written as the current_state"),
        (Command(update=PAIRS * 2), {}, ArgumentError, "several of its pairs write one channel"),
        ({"curent_state": "ask_email"}, {}, ArgumentError, "Did you mean 'current_state'"),
    ],
    ids=["no such node", "a jump", "a jump from a node", "pairs", "pairs of one channel", "a misspelt channel"],
)
def test_an_edit_that_names_what_there_is_not_leaves_no_trace(
    update: Any, options: Json, error: type[FSMError], told: str, drive: Drive
) -> None:
    talk = Talk(FORM, ["?"], drive)
    talk.say()
    before = talk.graph.get_state(CONFIG)

    with pytest.raises(error, match=f"(?s){told}"):
        edit(talk, update, **options)
    assert talk.graph.get_state(CONFIG) == before


@BY_EACH
def test_an_edit_may_be_made_as_what_is_langgraphs_own(drive: Drive) -> None:
    talk = Talk(FORM, ["?"], drive)
    talk.say()
    edit(talk, {"context": {"name": "Ann"}}, as_node=START)

    assert talk.values["context"] == {"name": "Ann"}


@BY_EACH
def test_a_state_that_there_is_not_cannot_be_written_from_the_graph_around_either(drive: Drive) -> None:
    builder = StateGraph(MessagesState)
    builder.add_node("form", compile_fsm(FORM, ScriptedModel(replies=["?"]), checkpointer=True))
    builder.add_edge(START, "form")
    parent: Any = builder.compile(InMemorySaver())
    drive(parent, given(), CONFIG)
    inside = {"configurable": {"thread_id": "1", "checkpoint_ns": "form"}}

    with pytest.raises(StateError, match="Did you mean 'ask_email'"):
        parent.update_state(inside, {"current_state": "ask_emial"})


# The state, where there are sub-machines and digressions


def at_the_card(*replies: Any, drive: Drive) -> Talk:
    """Bring a conversation into the sub-machine."""
    talk = Talk(SHOP, ["Item?", reply("pay", "Your card?", item="book"), *replies], drive)
    talk.say()
    talk.say("a book")
    return talk


@BY_EACH
def test_a_sub_machine_is_left_for_the_state_that_was_set(drive: Drive) -> None:
    talk = at_the_card(reply("pay", "And now?", item="pen"), drive=drive)
    edit(talk, {"current_state": "cart"})
    talk.say("a pen")

    assert talk.record["path"] == ["cart", "pay", "pay/card"]
    assert talk.values["sub_machine"]["context"] == {"item": "pen"}


@BY_EACH
def test_a_sub_machine_begins_in_the_state_that_was_set(drive: Drive) -> None:
    talk = Talk(SHOP, ["Item?", reply("paid", card="7"), "Thank you."], drive)
    talk.say()
    edit(talk, {"current_state": "pay", "context": {"item": "book"}})

    assert talk.say("card 7") == "Thank you."
    assert talk.record["path"] == ["pay", "pay/card", "pay/paid", "thanks"]
    assert talk.values["context"] == {"item": "book", "card": "7"}


@BY_EACH
def test_a_sub_machine_that_was_left_and_set_again_goes_on(drive: Drive) -> None:
    talk = at_the_card(reply("paid", card="7"), "Thank you.", drive=drive)
    edit(talk, {"current_state": "cart"})
    edit(talk, {"current_state": "pay"})
    talk.say("card 7")

    assert talk.record["path"] == ["pay/card", "pay/paid", "thanks"]


@BY_EACH
def test_a_digression_is_forgotten_where_the_conversation_was_moved_out_of_it(drive: Drive) -> None:
    talk = Talk(SHOP, ["Item?", reply("hours", "From 8 to 6."), "It is over."], drive)
    talk.say()
    talk.say("when are you open?")
    edit(talk, {"current_state": "cancelled"})

    assert talk.say("hello?") == "It is over."
    assert talk.record["path"] == ["cancelled"]


# The context


@BY_EACH
def test_an_edited_context_is_what_the_caller_wrote(drive: Drive) -> None:
    talk = Talk(DECLARED, ["?", reply("ask_name"), "Your e-mail?"], drive)
    talk.say(context={"customer": "c1", "age": "30"})
    edit(talk, {"context": {"name": "Ann", "customer": None, "age": "31"}})
    assert talk.values["context"] == {"plan": "free", "name": "Ann", "age": 31}

    talk.say("hm")
    assert talk.record["changed"] == ["age", "customer", "name"]
    assert talk.values["current_state"] == "ask_email"


@BY_EACH
@pytest.mark.parametrize("context", [{"age": 5}, {"_x": 1}, "text"], ids=str)
def test_what_the_caller_may_not_write_cannot_be_edited_in_either(context: Any, drive: Drive) -> None:
    talk = Talk(DECLARED, ["?"], drive)
    talk.say()
    before = talk.values

    with pytest.raises(ContextError):
        edit(talk, {"context": context, "current_state": "ask_email"})
    assert talk.values == before


@BY_EACH
def test_a_key_that_nobody_has_declared_is_the_callers_in_an_edit_as_in_an_input(drive: Drive) -> None:
    told, edited = Talk(DECLARED, ["?"], drive), Talk(DECLARED, ["?"], drive)
    told.say(context={"source": "web"})
    edited.say()
    edit(edited, {"context": {"source": "web"}})

    assert edited.values["context"] == told.values["context"] == {"plan": "free", "source": "web"}


# A turn that is paused


def pause(talk: Talk, text: str, before: str) -> None:
    """Send a message, and stop before a state."""
    talk.graph.invoke(given(text), CONFIG, interrupt_before=[before])
    assert talk.graph.get_state(CONFIG).next == (before,)


@BY_EACH
@pytest.mark.parametrize(
    ("before", "name"),
    [("ask_name", "Ann"), ("ask_email", "Anna")],  # of the first state, the user's message has the last word
)
def test_a_paused_turn_goes_on_with_the_context_that_was_edited(before: str, name: str, drive: Drive) -> None:
    talk = Talk(FORM, ["?", reply("ask_email", "Your e-mail?", name="Ann")], drive)
    talk.say()
    pause(talk, "I am Ann", before)
    edit(talk, {"context": {"vip": True, "name": "Anna"}})
    assert talk.graph.get_state(CONFIG).next == (before,)

    assert talk.resume() == "Your e-mail?"
    assert talk.values["context"] == {"vip": True, "name": name}
    assert [message.text for message in talk.values["messages"]] == ["?", "I am Ann", "Your e-mail?"]


@BY_EACH
def test_a_turn_that_is_paused_before_it_began_begins_in_the_state_that_was_set(drive: Drive) -> None:
    talk = Talk(FORM, ["?", reply("done", "Bye!", email="a@b.org")], drive)
    talk.say()
    pause(talk, "a@b.org", "ask_name")
    edit(talk, {"current_state": "ask_email"})
    assert talk.graph.get_state(CONFIG).next == ("ask_email",)

    assert talk.resume() == "Bye!"
    assert talk.record["path"] == ["ask_email", "done"]


@BY_EACH
def test_an_edit_of_nothing_takes_the_edges_out_of_its_node(drive: Drive) -> None:
    talk = Talk(FORM, ["?"], drive)
    talk.say()
    edit(talk, None, as_node="ask_name")
    assert talk.graph.get_state(CONFIG).next == ()
    edit(talk, None, as_node=START)
    assert talk.graph.get_state(CONFIG).next == ("ask_name",)


@BY_EACH
@pytest.mark.parametrize("options", [{"as_node": "ask_name"}, {}], ids=["as its node", "as none"])
def test_an_edit_of_nothing_leaves_a_turn_on_its_way(options: Json, drive: Drive) -> None:
    talk = Talk(FORM, ["?", reply("ask_email", "Your e-mail?", name="Ann")], drive)
    talk.say()
    pause(talk, "I am Ann", "ask_email")
    edit(talk, None, **options)

    assert talk.graph.get_state(CONFIG).next == ("ask_email",)
    assert talk.resume() == "Your e-mail?"


@BY_EACH
def test_a_turn_that_has_failed_can_be_edited_and_goes_on(drive: Drive) -> None:
    talk = Talk(FORM, ["?", ModelError("ask_name", OSError("down"), transient=False), reply("done", "Bye!")], drive)
    talk.say()
    with pytest.raises(ModelError):
        talk.say("a@b.org")
    edit(talk, {"current_state": "ask_email", "context": {"email": "a@b.org"}})

    assert talk.resume() == "Bye!"
    assert talk.record["path"] == ["ask_email", "done"]


@BY_EACH
def test_a_node_of_one_s_own_that_is_due_stays_due(drive: Drive) -> None:
    builder = build_graph(FORM, ScriptedModel(replies=["?"]))
    builder.add_node("audit", lambda _: {"context": {"audited": True}})
    builder.add_node("report", lambda _: {"context": {"reported": True}})
    builder.add_edge("ask_name", "audit")
    builder.add_edge("audit", "report")
    graph = builder.compile(InMemorySaver(), interrupt_before=["report"])
    graph.invoke(given(), CONFIG)
    graph.update_state(CONFIG, {"context": {"vip": True}})
    assert graph.get_state(CONFIG).next == ("report",)

    assert drive(graph, None, CONFIG)["context"] == {"audited": True, "vip": True, "reported": True}


def due_to_move() -> Any:
    """Bring a conversation to where an edge of one's own is about to lead out of a state into another one."""
    builder = build_graph(FORM, ScriptedModel(replies=["Name?", "E-mail?"]))
    builder.add_node("audit", lambda _: {"context": {"audited": True}})
    builder.add_sequence(["ask_name", "audit", "ask_email"])
    return builder


@BY_EACH
@pytest.mark.parametrize(("before", "due"), [(["audit"], "audit"), (["ask_email"], "ask_email")], ids=str)
def test_a_node_that_somebody_s_own_edge_has_made_due_stays_due(before: list[str], due: str, drive: Drive) -> None:
    graph = due_to_move().compile(InMemorySaver(), interrupt_before=before)
    drive(graph, given(), CONFIG)
    graph.update_state(CONFIG, {"context": {"vip": True}})
    assert graph.get_state(CONFIG).next == (due,)

    found = drive(graph, None, CONFIG)
    assert (found["current_state"], found["context"]) == ("ask_email", {"vip": True, "audited": True})


@BY_EACH
def test_a_state_that_is_due_gives_way_to_the_one_that_was_written(drive: Drive) -> None:
    graph = due_to_move().compile(InMemorySaver(), interrupt_before=["ask_email"])
    drive(graph, given(), CONFIG)
    graph.update_state(CONFIG, {"current_state": "done"})
    assert graph.get_state(CONFIG).next == ("done",)

    assert drive(graph, None, CONFIG)["last_turn"]["path"] == ["done"]


# What is refused


@BY_EACH
def test_a_refused_context_leaves_nothing_behind(drive: Drive) -> None:
    talk = Talk(DECLARED, ["?", "Well?"], drive)
    talk.say()
    before = talk.graph.get_state(CONFIG)

    with pytest.raises(ContextError, match="below 18"):
        talk.say("hello", context={"age": 5})
    assert talk.graph.get_state(CONFIG) == before


@BY_EACH
def test_it_leaves_nothing_behind_in_a_command_either(drive: Drive) -> None:
    talk = Talk(DECLARED, ["?"], drive)
    talk.say()
    before = talk.graph.get_state(CONFIG)

    with pytest.raises(ContextError, match="below 18"):
        drive(talk.graph, Command(update={"context": {"age": 5}}), CONFIG)
    assert talk.graph.get_state(CONFIG) == before


def test_an_edit_is_another_checkpoint_and_the_one_before_can_be_gone_on_from() -> None:
    talk = Talk(FORM, ["?", reply("ask_email", name="Ann")], saver=InMemorySaver())
    talk.say()
    before = talk.graph.get_state(CONFIG)
    edit(talk, {"current_state": "ask_email"})
    assert talk.graph.get_state(CONFIG).parent_config == before.config

    found = talk.graph.invoke(given("Ann"), before.config)
    assert found["last_turn"]["path"] == ["ask_name", "ask_email"]
