"""Under a changed definition a turn that is under way goes on where nothing has to be changed for it."""

from __future__ import annotations

from typing import Any

import pytest
from changes import TABLE, held, kept_by, patched, renamed_state, staying, under
from langchain_core.messages import HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import Command, interrupt
from machines import CONFIG, DRIVERS, Drive, Json, Talk, given, machine, reply, state, to

from fsm_langgraph import Handlers, ModelError, ScriptedModel, StaleDefinition, build_graph, compile_fsm

by_each = pytest.mark.parametrize("drive", DRIVERS)
AWAY = ModelError("guests", OSError("away"), transient=False)
TYPED = patched({"context": {"note": {"type": "array"}}})
WORDED = patched({"states": {"guests": {"instructions": "Ask."}, "sure": {"instructions": "Ask."}}})


def asking(moment: Any = "POST_PROCESSING") -> tuple[Handlers, list[Any]]:
    """Make a handler that asks a person first, and a list of what it has done."""
    handlers, done = Handlers(), list[Any]()

    @handlers.on(moment, state="guests")
    def ask(_: Any) -> None:
        done.append(interrupt("May I?"))

    return handlers, done


def paused() -> tuple[Talk, Handlers, list[Any]]:
    """Hold a conversation up to a turn that has paused to ask a person."""
    handlers, done = asking()
    talk = Talk(TABLE, ["How many?", reply("guests", "Hm?", note="window")])
    talk.say()
    talk.say("the window")
    pausing = Talk(TABLE, [reply("pay", "Card?", guests="2"), "Card?"], saver=kept_by(talk), handlers=handlers)
    pausing.drive(pausing.graph, given("two"), CONFIG)
    assert pausing.graph.get_state(CONFIG).interrupts
    return pausing, handlers, done


@by_each
def test_a_turn_that_is_paused_goes_on_where_nothing_has_to_be_changed(drive: Drive) -> None:
    talk, handlers, done = paused()
    now = under(WORDED, talk.graph.checkpointer, drive, handlers=handlers)
    drive(now.graph, Command(resume="yes"), CONFIG)

    assert done == ["yes"]
    assert now.record["definition"]["revision"] == "1"


@by_each
@pytest.mark.parametrize(
    ("definition", "told"),
    [
        pytest.param(TYPED, "under way at 'guests', and what it has begun with would have to be changed", id="a value"),
        pytest.param(renamed_state("guests", "party"), "state 'guests': the definition has no such", id="a state"),
        pytest.param({**TABLE, "name": "Other"}, "another machine", id="a machine"),
    ],
)
def test_else_it_is_refused_and_can_still_end_where_it_began(definition: Json, told: str, drive: Drive) -> None:
    talk, _, done = paused()
    now = under(definition, talk.graph.checkpointer, drive)

    with pytest.raises(StaleDefinition, match=told):
        drive(now.graph, Command(resume="yes"), CONFIG)
    talk.drive(talk.graph, Command(resume="yes"), CONFIG)
    assert done == ["yes"]
    assert "definition" not in talk.record


@by_each
@pytest.mark.parametrize("guests", [{"type": "integer"}, {"type": "string", "enum": ["ten"]}], ids=["type", "enum"])
def test_a_turn_whose_own_values_do_not_fit_is_refused(guests: Json, drive: Drive) -> None:
    handlers = Handlers()
    handlers.on("POST_TRANSITION", state="sure")(lambda _: {"note": interrupt("May I?")})
    states = (state("ask", to("sure", "guests"), required_context_keys=["guests"]), state("sure"))
    before = {**machine(*states), "context": {"guests": {"type": "string"}}}
    now = {**before, "context": {"guests": guests}}
    talk = Talk(before, [reply("sure", "Sure.", guests="two")], handlers=handlers)
    talk.graph.invoke(given("two"), CONFIG)

    with pytest.raises(StaleDefinition, match="a turn is under way at 'sure', and what it has found"):
        drive(under(now, kept_by(talk), handlers=handlers).graph, Command(resume="yes"), CONFIG)
    talk.drive(talk.graph, Command(resume="yes"), CONFIG)
    assert talk.values["context"] == {"guests": "two", "note": "yes"}


def test_a_new_message_begins_anew_and_is_brought_over() -> None:
    talk, _, done = paused()
    now = under(TYPED, talk.graph.checkpointer)
    now.say("three")

    assert (now.values["context"], done) == ({"note": ["window"]}, [])
    assert now.record["definition"]["coerced"] == ["note"]


def paused_inside() -> tuple[Talk, Handlers]:
    """Hold a conversation up to a turn that has paused in a sub-machine."""
    handlers = Handlers()

    @handlers.on("POST_PROCESSING", state="pay/card")
    def ask(_: Any) -> None:
        interrupt("May I?")

    pausing = Talk(TABLE, [reply("code", "Code?", card="4711")], saver=kept_by(held("card")), handlers=handlers)
    pausing.drive(pausing.graph, given("4711"), CONFIG)
    return pausing, handlers


def test_a_turn_that_is_paused_in_a_state_with_a_sub_machine_is_refused() -> None:
    talk, handlers = paused_inside()

    with pytest.raises(StaleDefinition, match="under way inside 'pay'"):
        under(WORDED, kept_by(talk), handlers=handlers).graph.invoke(Command(resume="yes"), CONFIG)


def test_it_goes_on_where_only_the_revision_is_another_one() -> None:
    talk, handlers = paused_inside()
    now = under({**TABLE, "revision": "2"}, kept_by(talk), handlers=handlers)
    now.graph.invoke(Command(resume="yes"), CONFIG)

    assert now.record["path"] == ["pay/card", "pay/code"]
    assert (now.record["revision"], "definition" in now.record) == ("2", False)


def test_a_turn_that_has_failed_on_its_way_is_begun_anew_and_brought_over() -> None:
    talk = held("guests")
    failing = Talk(TABLE, [reply("pay", None, guests="2"), AWAY], saver=kept_by(talk))
    with pytest.raises(ModelError):
        failing.say("two")
    now = under(TYPED, kept_by(talk))
    now.say("two")

    assert now.record["definition"]["coerced"] == ["note"]
    assert now.record["path"] == ["guests"]


@by_each
def test_what_was_changed_is_told_once_a_turn_lands_though_the_first_one_fails(drive: Drive) -> None:
    talk = held("guests")
    now = Talk(TYPED, [AWAY, reply("guests", "Hm?")], drive, saver=kept_by(talk))
    with pytest.raises(ModelError):
        now.say("three")
    now.say("three")

    assert now.record["definition"]["coerced"] == ["note"]
    assert now.values["context"]["note"] == ["window"]


def test_two_changes_that_no_turn_has_told_are_told_as_one() -> None:
    talk = held("guests")
    failing = Talk(TYPED, [AWAY], saver=kept_by(talk))
    with pytest.raises(ModelError):
        failing.say("three")
    twice = patched({"context": {"size": {"enum": ["SMALL", "LARGE"]}}}, TYPED)
    now = under(twice, talk.graph.checkpointer)
    now.say("three")

    assert now.record["definition"]["coerced"] == ["note", "size"]
    assert now.record["definition"]["revision"] == "1"


@by_each
def test_a_turn_that_has_failed_runs_again_under_the_changed_definition_and_repeats_nothing(drive: Drive) -> None:
    done: list[str] = []
    handlers = Handlers()
    handlers.on("PRE_PROCESSING")(lambda event: done.append(event.message))
    talk = Talk(TABLE, ["How many?", AWAY], drive, handlers=handlers)
    talk.say()
    sent = {"messages": [HumanMessage("two", id="u1")]}
    with pytest.raises(ModelError):
        drive(talk.graph, sent, CONFIG)
    now = under(WORDED, talk.graph.checkpointer, drive, handlers=handlers)
    drive(now.graph, sent, CONFIG)

    assert done == ["two"]
    assert "definition" in now.record


@by_each
def test_within_another_graph_the_turn_brings_it_over_as_it_begins(drive: Drive) -> None:
    saver = InMemorySaver()
    around(TABLE, saver, reply("guests", "Hm?", note="window"), drive=drive)
    values = around(TYPED, saver, drive=drive)

    assert values["context"] == {"note": ["window"]}
    assert values["last_turn"]["definition"]["coerced"] == ["note"]


@by_each
def test_within_another_graph_what_does_not_fit_is_refused_too(drive: Drive) -> None:
    saver = InMemorySaver()
    around(TABLE, saver, reply("guests", "Hm?"), drive=drive)

    with pytest.raises(StaleDefinition, match=r"conversation '1'(?s:.*)another machine"):
        around({**TABLE, "name": "Other"}, saver, drive=drive)


def around(definition: Json, saver: InMemorySaver, *replies: Any, drive: Drive) -> Json:
    """Hold a turn for each reply, or one, in a graph around a machine that keeps its own state; return that."""
    builder = StateGraph(MessagesState)
    model = ScriptedModel(replies=list(replies)) if replies else staying()
    builder.add_node("table", compile_fsm(definition, model, checkpointer=True))
    builder.add_edge(START, "table")
    graph: Any = builder.compile(saver)
    for _ in replies or ("and?",):
        drive(graph, given("hm"), CONFIG)
    inside = {"configurable": {"thread_id": "1", "checkpoint_ns": "table"}}
    return dict(graph.get_state(inside).values)


def test_a_jump_to_where_it_is_leaves_a_digression_as_it_is() -> None:
    talk = held("hours")
    definition = {**renamed_state("guests", "party"), "migrate": {"states": {"guests": "party"}}}
    now = under(definition, kept_by(talk))
    now.graph.invoke(Command(goto="hours"), CONFIG)

    assert now.values["turn"]["left"][0]["state"] == "party"


@by_each
@pytest.mark.parametrize("definition", [TYPED, renamed_state("guests", "party", TYPED)], ids=["there", "gone"])
def test_a_jump_puts_it_elsewhere_and_brings_the_rest_over(definition: Json, drive: Drive) -> None:
    talk = held("guests")
    now = under(definition, talk.graph.checkpointer, drive)
    drive(now.graph, Command(goto="sure"), CONFIG)

    assert (now.values["current_state"], now.values["context"]["note"]) == ("sure", ["window"])
    assert now.record["definition"]["coerced"] == ["note"]


def test_a_node_of_ones_own_before_every_turn_sees_it_brought_over() -> None:
    talk, seen = held("guests"), list[Any]()

    def look(values: Any) -> Any:
        seen.append((values["current_state"], values["context"]["note"]))
        return Command(goto=values["current_state"])

    definition = {**renamed_state("guests", "party", TYPED), "migrate": {"states": {"guests": "party"}}}
    builder = build_graph(definition, staying())
    node: Any = look
    builder.add_node("look", node, destinations=("party",))
    builder.set_entry_point("look")
    builder.compile(talk.graph.checkpointer).invoke(given("three"), CONFIG)

    assert seen == [("party", ["window"])]


def test_a_fork_from_before_the_change_is_brought_over_too() -> None:
    talk = held("guests")
    before = talk.graph.get_state(CONFIG).config
    now = under(TYPED, talk.graph.checkpointer)
    now.say("three")
    forked = now.graph.invoke(given("four"), before)

    assert forked["last_turn"]["definition"]["coerced"] == ["note"]


def test_a_conversation_that_has_not_begun_has_nothing_to_be_judged() -> None:
    talk = Talk(machine(state("a", to("b")), state("b")), ["?"])
    talk.graph.update_state(CONFIG, {"context": {"x": 1}})
    now = under(TABLE, talk.graph.checkpointer)
    now.say("hm")

    assert now.record["path"] == ["guests"]
    assert "definition" not in now.record
