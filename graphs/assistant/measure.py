"""The saving of a state's own prompt against one long prompt, in tokens, and the time to the first token.

    python -m graphs.assistant.measure [--turns 40] [--times]

Each turn of one conversation is counted three times: the prompts that the machine has sent; one long prompt in their
place, of the same rules, every state of the definition as compact JSON, all that the database has on the traveller, and
the whole conversation so far; and the same for a machine of ten times as many states, which would send the prompts that
this one does. One rule counts all: a token is four characters. What the long prompt tells of a state is shorter than
what the state's own prompt does, so the comparison is in its favour.

With `--times` the offline model takes 300 ms to its first token and then writes 50 in a second, and the first visible
token is timed: of the machine, in every turn, and of the bare model that answers in plain text. A real model also takes
longer for a longer prompt; that is not imitated.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import BaseMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver

from fsm_langgraph import FSMDefinition, Graph, compile_fsm, load_definition
from fsm_langgraph.offline import OfflineModel

from .database import ROWS, make_store

DEFINITION = Path(__file__).with_name("fsm.yaml")
SAID = ("when does my train leave?", "I want another seat", "window please", "a refund", "the heating was broken")
"""The traveller's messages, over and over."""
CONFIG: RunnableConfig = {"configurable": {"thread_id": "1"}}
FIRST_DELAY, DELAY = 0.3, 0.02


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=40, help="turns of the conversation")
    parser.add_argument("--times", action="store_true", help="time the first visible tokens too")
    arguments = parser.parse_args()

    counts = count(arguments.turns)
    print("turn   by state   one prompt          of ten times the states")
    for turn, tokens in enumerate(counts, 1):
        if turn == 1 or turn % 10 == 0:
            print(f"{turn:>4} {_row(*tokens)}")
    print(f" all {_row(*(sum(column) for column in zip(*counts, strict=True)))}")
    if arguments.times:
        bare, firsts = time_bare(), time_machine(arguments.turns)
        soon = sum(first <= 0.7 for first in firsts)
        print(
            f"\nfirst visible token: bare model {bare * 1000:.0f} ms, machine {statistics.median(firsts) * 1000:.0f} ms"
        )
        print(f"within 700 ms: {soon} of {len(firsts)} turns; the slowest took {max(firsts) * 1000:.0f} ms")


def count(turns: int) -> list[tuple[int, int, int]]:
    """Hold the conversation; return for each turn the tokens sent, and those of one long prompt, small and large."""
    definition, sent = load_definition(DEFINITION), _Sent()
    small, large = (len(everything(definition, times)) for times in (1, 10))
    graph = _graph(OfflineModel())
    _begin(graph)
    counts = []
    for text in islice(cycle(SAID), turns):
        sent.characters = 0
        values = graph.invoke({"messages": [("user", text)]}, {**CONFIG, "callbacks": [sent]})
        whole = len(sent.rules) + sum(len(message.text) for message in values["messages"][:-1])
        counts.append((_tokens(sent.characters), _tokens(whole + small), _tokens(whole + large)))
    return counts


def everything(definition: FSMDefinition, times: int = 1) -> str:
    """Write what a long prompt has beside rules and history: every state, and all the data of one traveller."""
    states = [state.model_dump(exclude_defaults=True) for state in definition.states.values()]
    rows = [rows[0] for rows in ROWS.values()]
    return json.dumps([*states * times, rows], separators=(",", ":"))


def _row(states: int, small: int, large: int) -> str:
    return f"{states:>10} {small:>8} ({small / states:.1f} x) {large:>10} ({large / states:.1f} x)"


def _tokens(characters: int) -> int:
    return characters // 4


def time_machine(turns: int) -> list[float]:
    """Return the seconds to each turn's first visible token."""
    graph = _graph(OfflineModel(first_delay=FIRST_DELAY, delay=DELAY))
    _begin(graph)
    return [
        _first(graph.stream({"messages": [("user", text)]}, CONFIG, stream_mode="messages"))
        for text in islice(cycle(SAID), turns)
    ]


def time_bare() -> float:
    """Return the seconds to the first token of the model alone."""
    return _first((chunk,) for chunk in OfflineModel(first_delay=FIRST_DELAY, delay=DELAY).stream("Hello"))


def _first(stream: Any) -> float:
    started, first = time.perf_counter(), 0.0
    for chunk, *_ in stream:
        if chunk.text and not first:
            first = time.perf_counter() - started
    return first


def _graph(model: OfflineModel) -> Graph:
    store = make_store()  # of the railway's tables, with none for messages
    return compile_fsm(
        DEFINITION, model, handlers="beside", checkpointer=InMemorySaver(), store=store, messages_limit=None
    )


def _begin(graph: Graph) -> None:
    graph.invoke({"messages": [], "context": {"customer_id": "7"}}, CONFIG)


class _Sent(BaseCallbackHandler):
    """Counts the characters that are sent to the model, and keeps the rules that every prompt begins with."""

    characters = 0
    rules = ""

    def on_chat_model_start(
        self,
        serialized: dict[str, Any],  # noqa: ARG002 - LangChain gives it by name
        messages: list[list[BaseMessage]],
        **_: Any,
    ) -> None:
        """Count one call's messages."""
        self.rules = self.rules or messages[0][0].text.partition("<current_state>")[0]
        self.characters += sum(len(message.text) for (*sent,) in messages for message in sent)


if __name__ == "__main__":
    main()
