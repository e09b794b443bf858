"""The cost of handlers that do not apply to a turn: in other states, for other keys, at other moments.

Four graphs of one machine, which take turns so that a noisy machine disturbs all alike: one without handlers, and three
with twenty handlers each, none of which ever runs. Every turn changes a key and takes an edge, so it passes five of the
eight moments; the context has twenty keys besides. The scripted model answers at once, so that all that is left to
measure is the turn itself.

    python -m benchmarks.handlers [--turns 1000]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from pydantic import JsonValue
from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure
from fsm_langgraph import Event, Graph, Handlers, ScriptedModel, compile_fsm
from fsm_langgraph.handlers import MOMENTS, Moment

HANDLERS = 20
TURNS_PER_THREAD = 10
CONTEXT: dict[str, JsonValue] = {f"key_{number}": {"text": "some text", "numbers": [1, 2, 3]} for number in range(20)}
"""The caller's data, known from the start."""


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=1000, help="turns of each graph")

    table = Table(title=f"Turns with {HANDLERS} handlers that do not apply (medians)")
    for column in ("handlers", "turn, ms", "to none"):
        table.add_column(column, justify="left" if column == "handlers" else "right")
    times = measure(parser.parse_args().turns)
    for name, seconds in times.items():
        table.add_row(name, f"{seconds * 1000:.3f}", f"{seconds / times['none']:.3f}")
    Console().print(table)


def figures() -> Iterator[Figure]:
    """Measure the quick set."""
    times = measure(200)
    for name in ("in another state", "for another key", "at another moment"):
        ratio = times[name] / times["none"]
        yield Figure(f"turn with {HANDLERS} handlers {name}, to none", f"{ratio:.2f}")


def measure(turns: int) -> dict[str, float]:
    """Hold as many turns with each graph, one after the other; return the median time of a turn, in seconds."""
    never_at: tuple[Moment, ...] = ("END_CONVERSATION", "ERROR")
    graphs = {
        "none": _graph(Handlers()),
        "in another state": _graph(_handlers(MOMENTS, state="end")),
        "for another key": _graph(_handlers(MOMENTS, keys=["never", "written"])),
        "at another moment": _graph(_handlers(never_at)),
    }
    taken: dict[str, list[float]] = {name: [] for name in graphs}
    order = list(graphs)
    for turn in range(-TURNS_PER_THREAD, turns):  # what comes before the first one warms up
        config: RunnableConfig = {"configurable": {"thread_id": str(turn // TURNS_PER_THREAD)}}
        if turn % TURNS_PER_THREAD == 0:  # a conversation begins with a message of the machine's own
            for graph in graphs.values():
                graph.invoke({"messages": [], "context": CONTEXT}, config)
        order = [*order[1:], order[0]]
        for name in order:
            seconds = _timed(graphs[name], ("right", "left")[turn % TURNS_PER_THREAD % 2], config)
            if turn >= 0:
                taken[name].append(seconds)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def _timed(graph: Graph, side: str, config: RunnableConfig) -> float:
    """Send the conversation to a side; return the seconds that it took."""
    started = time.perf_counter()
    found = graph.invoke({"messages": [("user", side)]}, config)
    seconds = time.perf_counter() - started
    assert found["last_turn"]["path"][1:] == [side], "the turn has not taken the edge"
    assert found["last_turn"]["changed"] == ["side"], "the turn has not changed the key"
    return seconds


def _graph(handlers: Handlers) -> Graph:
    return compile_fsm(
        _DEFINITION, ScriptedModel(replies=[_answer], repeat=True), checkpointer=InMemorySaver(), handlers=handlers
    )


def _answer(messages: Sequence[Any], schema: dict[str, Any] | None) -> str | dict[str, Any]:
    """Go where the user says, and write it down; where plain text is asked for, ask where to."""
    if schema is None:
        return "Left or right?"
    side = messages[-1].text
    return {"target_state": side, "updates": [{"side": side}], "message": f"Now you are on the {side}."}


def _handlers(moments: Sequence[Moment], **conditions: Any) -> Handlers:
    handlers = Handlers()
    for number in range(HANDLERS):
        handlers.on(*moments, name=f"handler_{number}", **conditions)(_must_not_run)
    return handlers


def _must_not_run(event: Event) -> None:
    raise AssertionError(f"it ran at {event.moment}")


def _side(name: str, other: str) -> dict[str, Any]:
    return {
        "id": name,
        "description": f"The {name} side",
        "purpose": f"Stand on the {name}",
        "optional_context_keys": ["side"],
        "transitions": [{"target_state": target, "description": f"Go to {target}"} for target in (other, "end")],
    }


_DEFINITION: dict[str, Any] = {
    "name": "Two sides",
    "description": "Goes from one side to the other",
    "initial_state": "left",
    "states": {
        "left": _side("left", "right"),
        "right": _side("right", "left"),
        "end": {"id": "end", "description": "The end", "purpose": "Say goodbye", "transitions": []},
    },
}


if __name__ == "__main__":
    main()
