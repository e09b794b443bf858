"""A stored conversation is brought over at once, as one edit, and once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from changes import TABLE, held, patched, renamed_state, staying, under
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import interrupt
from machines import CONFIG, Json, Talk, given, reply

from fsm_langgraph import (
    LLM_FSM,
    ContextError,
    ConversationError,
    DefinitionChange,
    DefinitionError,
    Graph,
    Handlers,
    Migration,
    ModelError,
    ScriptedModel,
    StaleDefinition,
    compile_fsm,
)

PARTY = renamed_state("guests", "party")
AWAY = ModelError("guests", OSError("away"), transient=False)


def migrate(graph: Graph, given: Any = None, **options: Any) -> DefinitionChange | None:
    """Bring the conversation over."""
    return graph.migrate(CONFIG, given, **options)


def amigrate(graph: Graph, given: Any = None, **options: Any) -> DefinitionChange | None:
    """Bring the conversation over, in an event loop."""
    return asyncio.run(graph.amigrate(CONFIG, given, **options))


by_each = pytest.mark.parametrize("bring", [migrate, amigrate])


@by_each
@pytest.mark.parametrize("given", [{"states": {"guests": "party"}}, Migration(states={"guests": "party"})], ids=type)
def test_it_is_stored_at_once_and_the_next_turn_tells_it(bring: Any, given: Any) -> None:
    now = under(PARTY, held("guests").graph.checkpointer)
    change = bring(now.graph, given)

    assert change is not None
    assert change["states"] == {"guests": "party"}
    assert (now.values["current_state"], now.graph.get_state(CONFIG).next) == ("party", ())
    now.say("and?")
    assert (now.record["definition"], now.record["path"]) == (change, ["party"])


@by_each
def test_the_second_time_there_is_nothing_to_do(bring: Any) -> None:
    now = under({**PARTY, "migrate": {"states": {"guests": "party"}}}, held("guests").graph.checkpointer)
    bring(now.graph)
    stored = now.graph.get_state(CONFIG)

    assert bring(now.graph) is None
    assert now.graph.get_state(CONFIG) == stored


@by_each
def test_a_dry_run_stores_nothing(bring: Any) -> None:
    talk = held("guests")
    stored = talk.graph.get_state(CONFIG)

    assert bring(under(PARTY, talk.graph.checkpointer).graph, {"states": {"guests": "party"}}, dry_run=True)
    assert talk.graph.get_state(CONFIG) == stored


def test_what_goes_on_as_it_is_is_left_to_its_next_turn() -> None:
    talk = held("guests")
    stored = talk.graph.get_state(CONFIG)

    assert migrate(under(patched({"persona": "A pirate"}), talk.graph.checkpointer).graph) is None
    assert talk.graph.get_state(CONFIG) == stored


def test_what_the_call_says_comes_before_what_the_definition_says() -> None:
    definition = {**PARTY, "migrate": {"states": {"guests": "sure"}}}
    now = under(definition, held("guests").graph.checkpointer)
    migrate(now.graph, {"states": {"guests": "party"}})

    assert now.values["current_state"] == "party"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"states": {"guests": "partie"}},
            r"migrate.states.guests: no state is named 'partie'.\n  Did you mean 'party'",
        ),
        ({"state": {}}, r"migrate.state: there is no field 'state' here"),
        ({"keys": {"note": "size"}}, r"migrate.keys.note: 'note' is a key still"),
    ],
    ids=["a state", "a field", "a key"],
)
def test_a_migration_that_does_not_fit_the_definition_is_refused(given: Json, told: str) -> None:
    with pytest.raises(DefinitionError, match=told):
        migrate(under(PARTY, held("guests").graph.checkpointer).graph, given)


def test_what_does_not_fit_all_the_same_stays_as_it_was() -> None:
    talk = held("guests")
    stored = talk.graph.get_state(CONFIG)

    with pytest.raises(StaleDefinition, match="'guests': the definition has no such state"):
        migrate(under(PARTY, talk.graph.checkpointer).graph, {"drop": ["nothing"]} | {"defaults": {"price": 5}})
    assert talk.graph.get_state(CONFIG) == stored


def test_a_turn_that_has_failed_is_given_up_and_its_message_is_read_by_the_next() -> None:
    saver = InMemorySaver()
    talk = Talk(TABLE, ["How many?", AWAY], saver=saver)
    talk.say()
    with pytest.raises(ModelError):
        talk.say("twelve")
    now = under(PARTY, saver)
    migrate(now.graph, {"states": {"guests": "party"}})

    assert now.graph.get_state(CONFIG).next == ()
    now.say("and six")
    assert [message.text for message in now.values["messages"]] == ["How many?", "twelve", "and six", "…"]
    assert now.record["path"] == ["party"]


def test_a_turn_that_is_paused_keeps_it_from_being_brought_over() -> None:
    handlers = Handlers()
    handlers.on("POST_PROCESSING")(lambda _: interrupt("May I?"))
    talk = Talk(TABLE, ["How many?", reply("guests", "Hm?", note="window")], handlers=handlers)
    talk.say()
    talk.graph.invoke(given("the window"), CONFIG)

    with pytest.raises(StaleDefinition, match="a turn is under way"):
        migrate(under(PARTY, talk.graph.checkpointer).graph, {"states": {"guests": "party"}})


def test_a_graph_that_keeps_nothing_brings_nothing_over() -> None:
    with pytest.raises(ConversationError, match="no checkpointer of its own"):
        migrate(compile_fsm(TABLE, ScriptedModel(replies=[])))


def test_conversations_are_brought_over_by_their_ids() -> None:
    saver: Any = held("guests").graph.checkpointer
    fsm = LLM_FSM(PARTY, staying(), checkpointer=saver)

    with pytest.raises(ConversationError, match="no such conversation"):
        fsm.migrate("2")
    with pytest.raises(ConversationError, match="no such conversation"):
        asyncio.run(fsm.amigrate("2"))
    change = fsm.migrate("1", {"states": {"guests": "party"}})
    assert change is not None
    assert asyncio.run(fsm.amigrate("1")) is None
    assert fsm.get_current_state("1") == "party"


@by_each
def test_values_over_limits_that_were_lowered_are_brought_over_as_a_turn_would(bring: Any) -> None:
    before = held("guests", InMemorySaver())
    before.graph.update_state(CONFIG, {"context": {"note": "x" * 500}})
    keys = {"note": None, "wish": {"type": "string"}}
    now = patched({"context": keys, "states": {"guests": {"optional_context_keys": ["size", "wish"]}}})
    moved = {**now, "migrate": {"keys": {"note": "wish"}}}
    saver: Any = before.graph.checkpointer
    talk = Talk(moved, model=staying(), saver=saver, limits={"value": 100, "context": 200})
    assert bring(talk.graph) is not None
    assert talk.values["context"]["wish"] == "x" * 500
    with pytest.raises(ContextError, match="too large"):
        talk.graph.update_state(CONFIG, {"context": {"wish": "y" * 500}})
