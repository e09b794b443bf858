"""How long the first visible token and the whole turn take, against the bare model and a hand-written graph.

Three ways to get the same reply from the same model, run in turns so that a noisy machine disturbs all alike:

    bare    the chat model's own `stream`, read up to the first character of the message, and to the end
    node    a LangGraph graph of one node, written by hand, that calls the model; read in the same way
    fsm     the graph that `compile_fsm` makes, in a state that stays, so it also runs one node

The model is scripted: it writes one reply of the flat form, token by token, either at once or at a real model's pace.

    python benchmarks/first_token.py [--turns 300] [--paced-turns 10]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langchain_core.messages import AnyMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from rich.console import Console
from rich.table import Table

from fsm_langgraph import compile_fsm
from fsm_langgraph.models.scripted import ScriptedModel

DEFINITION = Path(__file__).parent.parent / "graphs" / "personal_information" / "fsm.json"
MESSAGE = "Of course, take your time. Whenever you are ready, what is your full name, please? " * 2
REPLY = json.dumps({"target_state": "collect_name", "name": None, "other_updates": [], "message": MESSAGE})
HEAD = REPLY.index(MESSAGE)
TURNS_PER_THREAD = 10

FIRST_DELAY = 0.3
"""Seconds to the paced model's first token."""
DELAY = 0.02
"""Seconds between its tokens: 50 in a second."""


@dataclass(frozen=True, slots=True)
class Timing:
    """One turn, in seconds."""

    first: float
    """Until the first visible character."""
    whole: float
    """Until the turn is over."""


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=300, help="turns of each kind with the instant model")
    parser.add_argument("--paced-turns", type=int, default=10, help="turns of each kind with the paced model")
    arguments = parser.parse_args()

    table = Table(title="First visible token and whole turn (medians)")
    for column in ("model", "way", "first, ms", "to bare", "turn, ms", "to bare", "to node"):
        table.add_column(column, justify="left" if column in ("model", "way") else "right")
    instant = _model(0, 0)
    paced = _model(FIRST_DELAY, DELAY)
    for name, model, turns in (("instant", instant, arguments.turns), ("paced", paced, arguments.paced_turns)):
        timings = measure(model, turns)
        bare, node = timings["bare"], timings["node"]
        for way, timing in timings.items():
            table.add_row(
                name,
                way,
                f"{timing.first * 1000:.2f}",
                f"{timing.first / bare.first:.2f} ({(timing.first - bare.first) * 1000:+.2f} ms)",
                f"{timing.whole * 1000:.2f}",
                f"{timing.whole / bare.whole:.2f}",
                f"{timing.whole / node.whole:.2f}",
            )
    Console().print(table)


def measure(model: ScriptedModel, turns: int) -> dict[str, Timing]:
    """Time each way as often as asked, in turns, and return the medians."""
    ways: dict[str, Callable[[int], Iterator[str]]] = {
        "bare": lambda _: _texts(model.stream("What is your name?")),
        "node": _graph_way(_one_node_graph(model), skip=HEAD),
        "fsm": _graph_way(_fsm_graph(model), skip=0),
    }
    skips = {"bare": HEAD, "node": HEAD, "fsm": 0}
    for way, read in ways.items():
        _timed(read(0), skips[way])
    timings: dict[str, list[Timing]] = {way: [] for way in ways}
    for turn in range(turns):
        for way, read in ways.items():
            timings[way].append(_timed(read(1 + turn // TURNS_PER_THREAD), skips[way]))
    return {
        way: Timing(statistics.median(t.first for t in taken), statistics.median(t.whole for t in taken))
        for way, taken in timings.items()
    }


def _timed(pieces: Iterator[str], skip: int) -> Timing:
    """Read a stream to its end; the first `skip` characters do not count as visible."""
    started, length, first = time.perf_counter(), 0, None
    for piece in pieces:
        length += len(piece)
        if first is None and length > skip:
            first = time.perf_counter() - started
    assert first is not None, "nothing visible was streamed"
    assert length - skip >= len(MESSAGE.strip()), "the message is not whole"
    return Timing(first, time.perf_counter() - started)


def _graph_way(graph: Any, skip: int) -> Callable[[int], Iterator[str]]:
    def read(thread: int) -> Iterator[str]:
        config: RunnableConfig = {"configurable": {"thread_id": f"{skip}-{thread}"}}
        turn_input = {"messages": [("user", "Wait a moment, please.")]}
        return _texts(chunk for chunk, _ in graph.stream(turn_input, config, stream_mode="messages"))

    return read


def _texts(messages: Iterator[Any]) -> Iterator[str]:
    return (str(message.text) for message in messages)


def _model(first_delay: float, delay: float) -> ScriptedModel:
    return ScriptedModel(replies=[REPLY], repeat=True, first_delay=first_delay, delay=delay)


def _one_node_graph(model: ScriptedModel) -> Any:
    """Build what one would write by hand: a node that calls the model on the conversation."""

    def answer(state: MessagesState) -> dict[str, list[AnyMessage]]:
        return {"messages": [model.invoke(state["messages"])]}

    builder = StateGraph(MessagesState)
    builder.add_node("answer", answer)
    builder.add_edge(START, "answer")
    builder.add_edge("answer", END)
    return builder.compile(InMemorySaver())


def _fsm_graph(model: ScriptedModel) -> Any:
    definition = json.loads(DEFINITION.read_text())
    definition["initial_state"] = "collect_name"
    return compile_fsm(definition, model, checkpointer=InMemorySaver())


if __name__ == "__main__":
    main()
