"""The costs of a large machine: to load and compile, and at every turn; and of importing the package.

Forms of 10 to 10,000 states, each of which asks for one item, hold the same conversation: the user asks to wait, and
the state stays. Their turns are taken in turns, in memory, with a scripted model that answers at once. Beside them
stands LangGraph itself: graphs of as many nodes, written by hand, of which one calls the model in the same way.

The CPU of importing is measured in new interpreters, of which the quickest counts: all that a program needs to compile
a definition and to hold a conversation, against what LangGraph and LangChain need for a graph with a chat model.

    python -m benchmarks.scale [--states 10 100 1000 10000] [--turns 100]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure
from fsm_langgraph import FSMInput, ScriptedModel, compile_fsm, load_definition

REPLY = {"target_state": "ask_0", "updates": [], "message": "Of course. Whenever you are ready: what is item 0?"}
TURNS_PER_THREAD = 10
IMPORTS = 15
"""How many interpreters are started for each side."""

OURS = "from fsm_langgraph import LLM_FSM, build_graph, compile_fsm, load_definition"
THEIRS = (
    "from langchain_core.language_models import BaseChatModel; from langgraph.checkpoint.memory import InMemorySaver; "
    "from langgraph.graph import MessagesState, StateGraph"
)


@dataclass(frozen=True, slots=True)
class Size:
    """The costs of a machine of one size, in seconds."""

    load: float
    compile: float
    turn: float
    node_turn: float
    """A turn of a graph with as many nodes, written by hand."""


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--states", type=int, nargs="+", default=[10, 100, 1_000, 10_000])
    parser.add_argument("--turns", type=int, default=100, help="turns of each size")
    arguments = parser.parse_args()

    sizes = measure(arguments.states, arguments.turns)
    smallest = sizes[min(sizes)]
    table = Table(title="Machines of several sizes (medians)")
    for column in ("states", "load, s", "compile, s", "turn, ms", "to the smallest", "by hand, ms", "to the smallest"):
        table.add_column(column, justify="right")
    for states, size in sizes.items():
        table.add_row(
            f"{states:,}",
            f"{size.load:.3f}",
            f"{size.compile:.3f}",
            f"{size.turn * 1000:.2f}",
            f"{size.turn / smallest.turn:.2f}",
            f"{size.node_turn * 1000:.2f}",
            f"{size.node_turn / smallest.node_turn:.2f}",
        )
    Console().print(table)
    theirs, more = import_times()
    print(f"Importing takes {more * 1000:.0f} ms of CPU beside the {theirs * 1000:.0f} ms of LangGraph and LangChain.")


def figures() -> Iterator[Figure]:
    """Measure the sizes that have aims, and importing."""
    sizes = measure([10, 1_000, 10_000], turns=30)
    ratio = sizes[1_000].turn / sizes[10].turn
    yield Figure("turn of 1,000 states to one of 10", f"{ratio:.2f}", "at most 2", ratio <= 2)
    for states, limit in ((1_000, 1), (10_000, 10)):
        seconds = sizes[states].load + sizes[states].compile
        yield Figure(
            f"loading and compiling {states:,} states", f"{seconds:.2f} s", f"under {limit} s", seconds < limit
        )
    more = import_times()[1] * 1000
    yield Figure("importing, beyond LangGraph's own", f"{more:.0f} ms", "under 150 ms", more < 150)


def measure(states: list[int], turns: int) -> dict[int, Size]:
    """Time machines of these sizes, their turns in turns."""
    built: dict[int, tuple[float, float]] = {}
    graphs: dict[tuple[int, str], Any] = {}
    for number in states:
        form = long_form(number)
        started = time.perf_counter()
        loaded = load_definition(form)
        between = time.perf_counter()
        graphs[number, "fsm"] = compile_fsm(loaded, _model(), checkpointer=InMemorySaver())
        built[number] = (between - started, time.perf_counter() - between)
        graphs[number, "node"] = _by_hand(number)
    taken: dict[tuple[int, str], list[float]] = {key: [] for key in graphs}
    for turn in range(-2, turns):
        for key, graph in graphs.items():
            seconds = _turn(graph, turn // TURNS_PER_THREAD)
            if turn >= 0:
                taken[key].append(seconds)
    turn_times = {key: statistics.median(times) for key, times in taken.items()}
    return {number: Size(*built[number], turn_times[number, "fsm"], turn_times[number, "node"]) for number in states}


def import_times() -> tuple[float, float]:
    """Return the seconds of CPU that LangGraph alone takes to import, and how many more the package takes.

    Each is the least of some new interpreters, as whatever disturbs one only adds to it.
    """
    taken: dict[str, list[float]] = {THEIRS: [], OURS: []}
    for _ in range(IMPORTS):
        for code, times in taken.items():
            timed = f"import time; started = time.process_time(); {code}; print(time.process_time() - started)"
            run = subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True)
            times.append(float(run.stdout))
    return min(taken[THEIRS]), min(taken[OURS]) - min(taken[THEIRS])


def long_form(states: int) -> dict[str, Any]:
    """Make a form of so many questions, one after the other."""
    return {
        "name": "long form",
        "description": "Asks for many items",
        "initial_state": "ask_0",
        "states": {f"ask_{number}": _question(number, number == states - 1) for number in range(states)},
    }


def _question(number: int, is_last: bool) -> dict[str, Any]:
    item = f"item_{number}"
    onward = {
        "target_state": f"ask_{number + 1}",
        "description": f"Item {number} is known",
        "conditions": [
            {
                "description": f"Item {number} has been given",
                "requires_context_keys": [item],
                "logic": {"!=": [{"var": item}, ""]},
            }
        ],
    }
    return {
        "id": f"ask_{number}",
        "description": f"Ask for item {number}",
        "purpose": f"Learn item {number}",
        "instructions": f"Ask for item {number}, and take it as it comes.",
        "required_context_keys": [item],
        "transitions": [] if is_last else [onward],
    }


def _by_hand(nodes: int) -> Any:
    """Make a graph of so many nodes, of which the first calls the model and waits."""
    model = _model()

    def talk(state: MessagesState) -> Mapping[str, Any]:
        return {"messages": [model.invoke(state["messages"][-10:])]}

    builder = StateGraph(MessagesState)
    for number in range(nodes):
        builder.add_node(f"ask_{number}", talk)
        onward: dict[Any, str] = {"go on": f"ask_{number + 1}"} if number + 1 < nodes else {}
        builder.add_conditional_edges(f"ask_{number}", _wait, {"wait": END, **onward})
    builder.add_edge(START, "ask_0")
    return builder.compile(InMemorySaver())


def _wait(_: MessagesState) -> str:
    return "wait"


def _turn(graph: Any, thread: int) -> float:
    started = time.perf_counter()
    turn_input = FSMInput(messages=[HumanMessage("Wait a moment, please.")])
    for _ in graph.stream(turn_input, {"configurable": {"thread_id": str(thread)}}, stream_mode="messages"):
        pass
    return time.perf_counter() - started


def _model() -> ScriptedModel:
    return ScriptedModel(replies=[json.dumps(REPLY)], repeat=True)


if __name__ == "__main__":
    main()
