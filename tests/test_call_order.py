"""The calls of one conversation run one after the other, as the agent's model has made them."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from langgraph.checkpoint.memory import InMemorySaver
from real_time import WAIT

from fsm_langgraph import TurnConflict
from fsm_langgraph.graph.as_tool.call_order import CallOrder
from fsm_langgraph.graph.as_tool.tool_caller import PassedMessage, read_call
from fsm_langgraph.locking import Hold

IDS = ("1", "2", "3")
ASKING = AIMessage("", id="m", tool_calls=[{"name": "t", "args": {}, "id": each} for each in IDS])
SAVER = InMemorySaver()


def hold(caller: str = "caller") -> Hold:
    return Hold(SAVER, caller, patience=WAIT)


def message(call_id: str) -> PassedMessage:
    return read_call("t", "x", call_id, {"messages": [ASKING]})


def in_threads(order: CallOrder, came: Any) -> list[str]:
    """Run calls in threads, which begin in this order; return the order in which they had their turns."""
    ran: list[str] = []

    def run(call_id: str) -> None:
        with order.turn("caller", message(call_id), hold()):
            ran.append(call_id)
            time.sleep(0.005)

    threads = [threading.Thread(target=run, args=(call_id,)) for call_id in came]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ran


def in_tasks(order: CallOrder, came: Any) -> list[str]:
    """Run calls in tasks of one event loop."""
    ran: list[str] = []

    async def run(call_id: str) -> None:
        async with order.aturn("caller", message(call_id), hold()):
            ran.append(call_id)
            await asyncio.sleep(0.005)

    async def run_all() -> None:
        await asyncio.gather(*(run(call_id) for call_id in came))

    asyncio.run(run_all())
    return ran


RUNS = pytest.mark.parametrize("run", [in_threads, in_tasks])


@RUNS
@pytest.mark.parametrize("came", ["123", "321", "231"])
def test_they_run_as_the_model_has_made_them(run: Any, came: str) -> None:
    assert run(CallOrder(), came) == ["1", "2", "3"]


@RUNS
@pytest.mark.parametrize("came", ["32", "3", "13"])
def test_one_that_never_comes_is_not_waited_for(run: Any, came: str) -> None:
    assert run(CallOrder(), came) == sorted(came)


@RUNS
def test_one_that_is_run_again_by_itself_runs(run: Any) -> None:
    order = CallOrder()
    run(order, "1")
    assert run(order, "1") == ["1"]


def test_one_that_failed_lets_the_next_one_in() -> None:
    order = CallOrder()
    with pytest.raises(ValueError, match="failed"), order.turn("caller", message("1"), hold()):
        raise ValueError("failed")
    assert in_threads(order, "23") == ["2", "3"]


def test_another_conversation_does_not_wait() -> None:
    order = CallOrder()
    with order.turn("caller", message("1"), hold()), order.turn("other", message("1"), hold("other")):
        pass


@pytest.mark.parametrize("call_id", ["2", "9"])
def test_the_patience_ends(call_id: str) -> None:
    order = CallOrder()
    with (
        order.turn("caller", message("1"), hold()),
        pytest.raises(TurnConflict, match="has not ended"),
        order.turn("caller", message(call_id), Hold(SAVER, "caller", patience=0.01)),
    ):
        pass
