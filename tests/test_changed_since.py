"""A conversation that does not fit its definition any more can be read, mended, closed and deleted; nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from changes import TABLE, held, patched, renamed_state, staying, under
from langchain_core.messages import HumanMessage
from machines import CONFIG, DRIVERS, Drive, Json, awaited

from fsm_langgraph import (
    LLM_FSM,
    ConversationError,
    FSMInput,
    StaleDefinition,
    conversations,
    decisions,
    timeline,
    turns,
)

GONE = renamed_state("guests", "party")
TYPED = patched({"context": {"note": {"type": "integer"}}})
by_each = pytest.mark.parametrize("drive", DRIVERS)


def opened(definition: Json, saver: Any) -> LLM_FSM:
    """Open the conversation by its id, with a model that stays."""
    return LLM_FSM(definition, staying(), checkpointer=saver)


READ: dict[str, Callable[[LLM_FSM], Any]] = {
    "data": lambda fsm: fsm.get_data("1"),
    "state": lambda fsm: fsm.get_current_state("1"),
    "messages": lambda fsm: len(fsm.get_messages("1")),
    "record": lambda fsm: fsm.get_last_turn("1"),
    "ended": lambda fsm: fsm.is_conversation_ended("1"),
    "picture": lambda fsm: fsm.picture("1").mermaid() != "",
    "history": lambda fsm: len([*fsm.graph.get_state_history(CONFIG)]),
    "tables": lambda fsm: [
        len(table) for table in (conversations(fsm), turns(fsm), timeline(fsm, "1"), decisions(fsm))
    ],
}


@pytest.mark.parametrize("read", READ.values(), ids=READ)
@pytest.mark.parametrize("definition", [GONE, TYPED, {**TABLE, "name": "Other"}], ids=["a state", "a value", "a name"])
def test_it_can_be_read(read: Callable[[LLM_FSM], Any], definition: Json) -> None:
    saver = held("guests").graph.checkpointer

    assert read(opened(definition, saver)) == read(opened(TABLE, saver))


@pytest.mark.parametrize("definition", [GONE, TYPED], ids=["a state", "a value"])
def test_one_that_has_ended_can_be_read_and_answers_where_its_end_is_there(definition: Json) -> None:
    fsm = opened(definition, held("end").graph.checkpointer)

    assert fsm.is_conversation_ended("1")
    fsm.converse("Thanks", "1")
    assert fsm.get_last_turn("1")["why"] == "ended"  # type: ignore[index]  # it has one


@by_each
def test_an_edit_is_refused(drive: Drive) -> None:
    talk = held("guests")
    stored = talk.graph.get_state(CONFIG)
    now = under(GONE, talk.graph.checkpointer, drive)

    with pytest.raises(StaleDefinition, match="no such state"):
        edit(now.graph, {"context": {"size": "small"}}, drive)
    assert talk.graph.get_state(CONFIG) == stored


@by_each
@pytest.mark.parametrize(
    ("definition", "mending"),
    [(GONE, {"current_state": "party"}), (TYPED, {"context": {"note": 5}})],
    ids=["a state", "a value"],
)
def test_an_edit_that_mends_it_is_made(definition: Json, mending: Json, drive: Drive) -> None:
    now = under(definition, held("guests").graph.checkpointer, drive)
    edit(now.graph, mending, drive)

    assert now.say("and?") == "…"
    assert now.record["definition"]["revision"] == "1"


def test_it_can_be_closed_and_deleted() -> None:
    fsm = opened(GONE, held("guests").graph.checkpointer)
    fsm.end_conversation("1")

    assert fsm.is_conversation_ended("1")
    with pytest.raises(ConversationError, match="closed"):
        fsm.converse("hm", "1")
    fsm.delete_conversation("1")
    with pytest.raises(ConversationError, match="no such conversation"):
        fsm.get_data("1")


def test_an_answer_that_was_given_is_given_again() -> None:
    talk = held("hours")
    sent = FSMInput(messages=[HumanMessage("when?", id="u1")])
    replied = under(TABLE, talk.graph.checkpointer).graph.invoke(sent, CONFIG)

    assert under(GONE, talk.graph.checkpointer).graph.invoke(sent, CONFIG) == replied


def edit(graph: Any, update: Json, drive: Drive) -> None:
    """Make an edit in the way of a driver."""
    if drive is awaited:
        import asyncio

        asyncio.run(graph.aupdate_state(CONFIG, update))
    else:
        graph.update_state(CONFIG, update)
