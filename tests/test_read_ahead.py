"""A conversation's checkpoint is read once a turn, whatever has to be known before the run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from machines import CONFIG, FORM, reply

from fsm_langgraph import LLM_FSM, FSMInput
from fsm_langgraph.graph.langgraph_internals import checkpointer_of, with_checkpointer
from fsm_langgraph.graph.read_ahead import ReadAhead
from fsm_langgraph.models.scripted import ScriptedModel


class Counting(InMemorySaver):
    """A checkpointer that counts how often it is read."""

    reads = 0

    def get_tuple(self, config: RunnableConfig) -> Any:
        self.reads += 1
        return super().get_tuple(config)


GIVEN = FSMInput(messages=[HumanMessage("Hm", id="u1")])
TURNS: dict[str, Callable[[LLM_FSM], Any]] = {
    "invoke": lambda fsm: fsm.graph.invoke(GIVEN, CONFIG),
    "ainvoke": lambda fsm: asyncio.run(fsm.graph.ainvoke(GIVEN, CONFIG)),
    "converse": lambda fsm: fsm.converse("Hm", "1"),
    "aconverse": lambda fsm: asyncio.run(fsm.aconverse("Hm", "1")),
    "without an input": lambda fsm: fsm.graph.invoke(None, CONFIG),
}


@pytest.mark.parametrize("turn", TURNS.values(), ids=TURNS.keys())
def test_a_turn_reads_its_conversation_once(turn: Callable[[LLM_FSM], Any]) -> None:
    saver = Counting()
    fsm = LLM_FSM(FORM, ScriptedModel(replies=[reply("ask_name", "Your name?")], repeat=True), checkpointer=saver)
    fsm.converse("Hello", "1")
    saver.reads = 0
    turn(fsm)
    assert saver.reads == 1


def test_a_message_that_was_answered_is_one_reading_too() -> None:
    saver = Counting()
    fsm = LLM_FSM(FORM, ScriptedModel(replies=[reply("ask_name", "Your name?")]), checkpointer=saver)
    fsm.converse("Hm", "1", message_id="u1")
    saver.reads = 0
    fsm.converse("Hm", "1", message_id="u1")
    assert saver.reads == 1


def test_all_but_one_reading_is_the_other_checkpointers_own() -> None:
    saver = InMemorySaver()
    ahead: Any = ReadAhead(saver, None)
    for name in [name for name in vars(BaseCheckpointSaver) if name[0] != "_"]:
        if name not in ("config_specs", "get", "aget", "get_tuple", "aget_tuple"):
            assert getattr(ahead, name) == getattr(saver, name), name


def test_a_node_is_told_the_checkpointer_of_its_graph() -> None:
    saver = InMemorySaver()
    assert checkpointer_of(with_checkpointer({}, ReadAhead(saver, None))) is saver
