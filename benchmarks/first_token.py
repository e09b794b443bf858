"""How soon the first visible token is there, over HTTP, against the bare chat model and a hand-written graph.

Three ways to get the same reply of the same `ChatOpenAI` from the same server, run in turns so that a noisy machine
disturbs all alike. All send the same prompt and schema, and are read up to the same character:

    bare    the chat model's own `astream`
    node    a LangGraph graph of one node, written by hand, that calls the model; its `astream`, as messages
    fsm     the graph that `compile_fsm` makes, read in the same way

A turn stays where it is, or fills in one key and moves on, or has no message and only speaks. The model answers at
once, or 300 ms after the question, and then writes 50 or 100 tokens a second: as many before the message as `heads.py`
has counted, and in it one for four characters.

    python -m benchmarks.first_token [--turns 300] [--paced-turns 10] [--sync]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from langchain_core.messages import AnyMessage
from langchain_core.runnables import Runnable, RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from rich.console import Console
from rich.table import Table

from benchmarks.examples import FORM
from benchmarks.figures import Figure
from benchmarks.heads import COUNTED
from benchmarks.model_process import PIECE
from benchmarks.model_server import ModelServer
from fsm_langgraph import FSMInput, compile_fsm

DEFINITION = json.loads(FORM.read_text(encoding="utf-8").replace("collect_email", "email"))
"""The form; the state that asks for the e-mail address is called as in the heads that are counted."""
MESSAGE = "Thank you very much! And at which e-mail address can we reach you, if we may ask?"
PACES: dict[str, dict[str, Any]] = {
    "at once": {},
    "50 tokens/s": {"first_delay": 0.3, "delay": 1 / 50},
    "100 tokens/s": {"first_delay": 0.3, "delay": 1 / 100},
}


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of turn."""

    begins_in: str
    said: str
    head: str
    """The model's output before the message."""

    @property
    def pieces(self) -> list[str]:
        """The model's output, token by token."""
        number = COUNTED[self.head]
        cuts = [len(self.head) * cut // number for cut in range(number + 1)] if number else []
        head = [self.head[begin:end] for begin, end in pairwise(cuts)]
        message = [MESSAGE[at : at + PIECE] for at in range(0, len(MESSAGE), PIECE)]
        return [*head, *message, *(['"}'] if head else [])]


CASES = {
    "stays": Case("email", "Wait a moment.", '{"target_state":"email","updates":[],"message":"'),
    "one key": Case("collect_name", "Ann", '{"target_state":"email","updates":[{"name":"Ann"}],"message":"'),
    "speaks": Case("welcome", "", ""),
}


@dataclass(frozen=True, slots=True)
class Timing:
    """One turn, in seconds."""

    first: float
    """Until the first visible character."""
    whole: float
    """Until the turn is over."""


@dataclass(slots=True)
class Way:
    """One way to have a turn."""

    runnable: Runnable[Any, Any]
    given: Any
    skip: int
    """How many characters come before the first visible one."""
    options: dict[str, Any] = field(default_factory=dict)

    def read(self, thread: str, *, sync: bool) -> AsyncIterator[Any]:
        """Begin a turn, and read what it streams."""
        config: RunnableConfig = {"configurable": {"thread_id": thread}}
        if sync:
            return _as_async(self.runnable.stream(self.given, config, **self.options))
        return self.runnable.astream(self.given, config, **self.options)

    async def time(self, thread: str, *, sync: bool) -> Timing:
        """Have a turn, and time it."""
        started, length, first = time.perf_counter(), 0, None
        async for part in self.read(thread, sync=sync):
            length += len((part[0] if isinstance(part, tuple) else part).text)
            if first is None and length > self.skip:
                first = time.perf_counter() - started
        assert first is not None, "nothing visible was streamed"
        assert length >= self.skip + len(MESSAGE), "the message is not whole"
        return Timing(first, time.perf_counter() - started)


@dataclass(frozen=True, slots=True)
class Result:
    """The medians of one kind of turn, in milliseconds."""

    bare: float
    """Until the bare model's first visible character."""
    node: float
    """How much later that of the hand-written graph is."""
    fsm: float
    """How much later that of the compiled one is."""
    turn: float
    """How long a turn of the compiled graph takes."""
    to_node: float
    """Its ratio to one of the hand-written graph."""


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=300, help="turns of each kind with the instant model")
    parser.add_argument("--paced-turns", type=int, default=10, help="turns of each kind with the paced models")
    parser.add_argument("--sync", action="store_true", help="`stream` instead of `astream`")
    arguments = parser.parse_args()

    table = Table(title="First visible token, and the whole turn, in ms (medians)")
    for column in ("model", "turn", "tokens before", "bare", "node", "fsm", "turn of fsm", "to node"):
        table.add_column(column, justify="left" if column in ("model", "turn") else "right")
    with ModelServer() as server:
        for pace in PACES:
            turns = arguments.paced_turns if PACES[pace] else arguments.turns
            for name, case in CASES.items():
                found = asyncio.run(measure(server, case, pace, turns, sync=arguments.sync))
                times = (f"{found.bare:.1f}", f"{found.node:+.1f}", f"{found.fsm:+.1f}", f"{found.turn:.1f}")
                table.add_row(pace, name, str(COUNTED[case.head]), *times, f"{found.to_node:.2f}")
    Console().print(table)


def figures() -> Iterator[Figure]:
    """Measure the quick set."""
    with ModelServer() as server:
        for name, case in CASES.items():
            found = asyncio.run(measure(server, case, "at once", 60))
            later = f"{found.fsm:+.1f} ms"
            yield Figure(
                f"first visible token, turn {name!r}, to the bare client", later, "at most +3 ms", found.fsm <= 3
            )
        paced = asyncio.run(measure(server, CASES["one key"], "50 tokens/s", 5))
        first = paced.bare + paced.fsm
        yield Figure("first visible token at 50 tokens/s, one key", f"{first:.0f} ms", "under 700 ms", first < 700)


async def measure(server: ModelServer, case: Case, pace: str, turns: int, *, sync: bool = False) -> Result:
    """Have as many turns in each way, one after the other; what comes of them."""
    server.script("benchmark", [case.pieces], repeat=True, **PACES[pace])
    ways = await _ways(server, case, sync=sync)
    taken: dict[str, list[Timing]] = {name: [] for name in ways}
    for turn in range(-3, turns):  # what comes before the first one warms up
        for name, way in ways.items():
            timing = await way.time(f"{name} {turn}", sync=sync)
            if turn >= 0:
                taken[name].append(timing)
    bare, node, fsm = taken["bare"], taken["node"], taken["fsm"]
    return Result(
        _median(timing.first for timing in bare),
        _median(one.first - other.first for one, other in zip(node, bare, strict=True)),
        _median(one.first - other.first for one, other in zip(fsm, bare, strict=True)),
        _median(timing.whole for timing in fsm),
        _median(timing.whole for timing in fsm) / _median(timing.whole for timing in node),
    )


async def _ways(server: ModelServer, case: Case, *, sync: bool) -> dict[str, Way]:
    """Make the three ways; what the compiled graph sends, the other two send as well."""
    model = server.chat_model("benchmark")
    graph = compile_fsm({**DEFINITION, "initial_state": case.begins_in}, model, checkpointer=InMemorySaver())
    turn = FSMInput(messages=[("user", case.said)] if case.said else [])
    await graph.ainvoke(turn, {"configurable": {"thread_id": "sent"}})
    sent = server.body("benchmark")
    same = {key: sent[key] for key in ("response_format",) if key in sent}
    bare = model.bind(extra_body=same) if same else model
    node = _one_node_graph(bare, sent["messages"][:1], sync=sync)
    streamed = {"stream_mode": "messages"}
    return {
        "bare": Way(bare, sent["messages"], len(case.head)),
        "node": Way(node, {"messages": sent["messages"][1:]}, len(case.head), streamed),
        "fsm": Way(graph, turn, 0, streamed),
    }


def _one_node_graph(model: Runnable[Any, Any], prompt: Sequence[Any], *, sync: bool) -> Runnable[Any, Any]:
    """Build what one would write by hand: a node that calls the model on the conversation."""

    def answer(state: MessagesState) -> dict[str, list[AnyMessage]]:
        return {"messages": [model.invoke([*prompt, *state["messages"]])]}

    async def aanswer(state: MessagesState) -> dict[str, list[AnyMessage]]:
        return {"messages": [await model.ainvoke([*prompt, *state["messages"]])]}

    builder = StateGraph(MessagesState)
    builder.add_node("answer", answer if sync else aanswer)
    builder.add_edge(START, "answer")
    builder.add_edge("answer", END)
    return builder.compile(InMemorySaver())


async def _as_async(parts: Iterator[Any]) -> AsyncIterator[Any]:
    for part in parts:
        yield part


def _median(seconds: Iterable[float]) -> float:
    return statistics.median(seconds) * 1000


if __name__ == "__main__":
    main()
