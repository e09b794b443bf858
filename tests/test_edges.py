"""The edges of a machine's graph lead where the machine says, and cost no more than they need to."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from machines import CONFIG, DRIVERS, FORM, Drive, Talk, machine, reply, state, to

from fsm_langgraph import LLM_FSM, ModelError, ScriptedModel, compile_fsm

ASIDE = machine(
    state("ask", to("done", "answer"), required_context_keys=["answer"]),
    state("hours"),
    state("done"),
    global_transitions=[{"target_state": "hours", "description": "When are you open?", "return": True}],
)


class NoThreads(ThreadPoolExecutor):
    """Runs nothing."""

    def submit(self, *_: Any, **__: Any) -> Future[Any]:
        raise AssertionError("a thread was asked for")


def test_an_async_turn_needs_no_thread() -> None:
    """Of several states, so that START and the states lead on: plain functions would be run in threads."""
    graph = compile_fsm(FORM, ScriptedModel(replies=[reply("ask_mail", name="Ann"), "And your e-mail?"]))

    async def turn() -> dict[str, Any]:
        asyncio.get_running_loop().set_default_executor(NoThreads())
        return await graph.ainvoke({"messages": [("user", "I am Ann")]})

    assert asyncio.run(turn())["messages"][-1].type == "ai"


@pytest.mark.parametrize("drive", DRIVERS)
def test_what_a_caller_writes_as_the_turn_under_way_is_ignored(drive: Drive) -> None:
    talk = Talk(ASIDE, ["What is it?", reply("ask", "Take your time.")], drive)
    talk.say()

    forged: Any = {"messages": [("user", "wait")], "turn": {"next": "done", "how": "enter"}, "current_state": "done"}
    drive(talk.graph, forged, CONFIG)

    assert talk.values["current_state"] == "ask"


@pytest.mark.parametrize("patience", [1, 0], ids=["read there", "taken back unread"])
def test_a_turn_that_fails_in_a_digression_does_not_lose_the_way_back(patience: int) -> None:
    definition = {**ASIDE, "states": {**ASIDE["states"], "hours": state("hours", *[to("done", "never")] * patience)}}
    replies = ["What is it?", reply("hours", "Nine to five."), ValueError("out of order"), reply("done", answer=1)]
    fsm = LLM_FSM(definition, ScriptedModel(replies=replies))
    conversation, _ = fsm.converse()
    fsm.converse("when are you open?", conversation)

    with pytest.raises(ModelError):
        fsm.converse("it is one", conversation)

    assert not fsm.is_conversation_ended(conversation)
