"""A conversation's checkpoint is read once a turn, whatever has to be known before the run."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, empty_checkpoint
from langgraph.checkpoint.memory import InMemorySaver
from machines import CONFIG, FORM, reply

from fsm_langgraph import LLM_FSM, FSMInput, Handlers
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
# Where what the turn begins with is stored in the background, it may have to be looked for in the conversation.
TURNS: dict[str, Callable[[LLM_FSM], Any]] = {
    "invoke": lambda fsm: fsm.graph.invoke(GIVEN, CONFIG, durability="sync"),
    "ainvoke": lambda fsm: asyncio.run(fsm.graph.ainvoke(GIVEN, CONFIG, durability="sync")),
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


@pytest.mark.parametrize("call", ["invoke", "ainvoke", "converse", "aconverse"])
def test_a_turn_with_a_handler_reads_it_once_too(call: str) -> None:
    saver, handlers, ran = Counting(), Handlers(), []
    handlers.on("PRE_PROCESSING")(lambda _: ran.append(1))
    model = ScriptedModel(replies=[reply("ask_name", "Your name?")], repeat=True)
    fsm = LLM_FSM(FORM, model, checkpointer=saver, handlers=handlers)
    fsm.converse("Hello", "1")
    saver.reads, ran[:] = 0, []
    TURNS[call](fsm)
    assert (saver.reads, ran) == (1, [1])


def test_a_message_that_was_answered_is_one_reading_too() -> None:
    saver = Counting()
    fsm = LLM_FSM(FORM, ScriptedModel(replies=[reply("ask_name", "Your name?")]), checkpointer=saver)
    fsm.converse("Hm", "1", message_id="u1")
    saver.reads = 0
    fsm.converse("Hm", "1", message_id="u1")
    assert saver.reads == 1


OWN = ("config_specs", "get", "aget", "get_tuple", "aget_tuple", "put", "aput")
SIGNED = ("put_writes", "aput_writes")


def test_all_but_one_reading_and_the_storing_is_the_other_checkpointers_own() -> None:
    saver = InMemorySaver()
    ahead: Any = ReadAhead(saver, None)
    for name in [name for name in vars(BaseCheckpointSaver) if name[0] != "_"]:
        if name not in (*OWN, *SIGNED):
            assert getattr(ahead, name) == getattr(saver, name), name


@pytest.mark.parametrize("name", SIGNED)
def test_the_methods_whose_signature_is_asked_for_tell_it(name: str) -> None:
    saver = InMemorySaver()
    ahead = getattr(ReadAhead(saver, None), name)
    assert (ahead.func, inspect.signature(ahead)) == (getattr(saver, name), inspect.signature(getattr(saver, name)))


def test_a_method_that_is_a_function_of_the_checkpointer_is_handed_on_as_it_is() -> None:
    saver: Any = InMemorySaver()
    saver.put_writes = print
    assert ReadAhead(saver, None).put_writes is saver.put_writes


async def test_it_knows_what_was_stored_by_way_of_it() -> None:
    ahead = ReadAhead(InMemorySaver(), None)
    first, second = empty_checkpoint(), empty_checkpoint()
    config: RunnableConfig = {"configurable": {"thread_id": "1", "checkpoint_ns": ""}}
    ahead.put(config, first, {}, {})
    await ahead.aput(config, second, {}, {})
    assert ahead.stored == {first["id"], second["id"]}
    assert [each.checkpoint["id"] for each in ahead.saver.list(config)] == [second["id"], first["id"]]


def test_a_node_is_told_the_checkpointer_of_its_graph() -> None:
    saver = InMemorySaver()
    assert checkpointer_of(with_checkpointer({}, ReadAhead(saver, None))) is saver
