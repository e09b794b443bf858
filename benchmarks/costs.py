"""The costs of conversations of 20 turns, in model calls and input tokens; no clocks, so every run prints the same.

Each example holds the longest of its conversations, stretched to 20 turns by remarks beside the point, or to fewer
where three of them lead to a person; forms made of copies of one question show what a larger machine changes. The
input tokens of all calls stand against two prompts that would do the same with every state in them and the whole
history:

    the file      the definition as it is, as compact JSON, after the same words on how to answer
    by hand       all its states as briefly as our own prompts tell one, what they share told once: the hardest rival

Both are called once a turn, and once more for each step of thought, which is a call of its own for them too. Tokens are
those of LangChain's `count_tokens_approximately` everywhere: four characters each, and three for each message; schemas
are left out. "alike" is the share of the characters of a prompt that begin like those of the one before it in the same
state, which is what a provider remembers. The model is the offline one, which reads prompts and follows rules. The
assistant is left out, as it has a measurement of its own.

    python -m benchmarks.costs
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os.path import commonprefix
from pathlib import Path
from statistics import fmean
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.messages.utils import count_tokens_approximately
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from rich.console import Console
from rich.table import Table
from ruamel.yaml import YAML

from benchmarks.examples import ASIDES, FORM, GRAPHS
from benchmarks.figures import Figure
from benchmarks.long_prompts import by_hand_prompt, file_prompt
from fsm_langgraph import FSMInput, Graph, compile_fsm, load_definition
from fsm_langgraph.offline import OfflineModel

TURNS = 20
MOST_ASIDES = 2
"""How many remarks beside the point may follow one another where a third would lead to a person."""
LONGER = "a longer form"


class Prompts(BaseCallbackHandler):
    """Notes the messages of every model call."""

    def __init__(self) -> None:
        self.seen: list[list[BaseMessage]] = []

    def on_chat_model_start(
        self,
        serialized: dict[str, Any],  # noqa: ARG002 - LangChain's signature
        messages: list[list[BaseMessage]],
        **_: Any,
    ) -> None:
        """Note one; a message that is written already is shown without a prompt."""
        self.seen += [prompt for prompt in messages if prompt]


@dataclass(frozen=True, slots=True)
class Cost:
    """The costs of one conversation."""

    states: int
    turns: int
    calls: int
    tokens: int
    the_file: int
    """The tokens that one long prompt with the definition's file would have taken."""
    by_hand: int
    """The tokens that one long prompt with all states, written by hand, would have taken."""
    alike: float | None
    """The share of a prompt that begins like the one before it in the same state; `None` where no state spoke twice."""


def main() -> None:
    """Count, and print one table."""
    table = Table(title=f"Model calls and input tokens of {TURNS} turns at most")
    columns = ("machine", "states", "turns", "calls/turn", "tokens", "the file", "less", "by hand", "less", "alike")
    for column in columns:
        table.add_column(column, justify="left" if column == "machine" else "right")
    for name, cost in costs():
        alike = "" if cost.alike is None else f"{cost.alike:.0%}"
        rivals = [(str(rival), f"{1 - cost.tokens / rival:.0%}") for rival in (cost.the_file, cost.by_hand)]
        own = (name, str(cost.states), str(cost.turns), f"{cost.calls / cost.turns:.2f}", str(cost.tokens))
        table.add_row(*own, *rivals[0], *rivals[1], alike)
    console = Console(width=120)
    console.print(table)
    console.print(f"The form's prompt at turn 20 has {prompt_size(20)} tokens, at turn 500 {prompt_size(500)}.")


def figures() -> Iterator[Figure]:
    """Tell what the prompts of single states save, and how much of them is the same."""
    found = list(costs())
    examples, (form, *_) = [c for n, c in found if n != LONGER], [c for n, c in found if n == LONGER]
    for name, of in (("the examples, 7 to 13 states", examples), (f"a form of {form.states} states", [form])):
        tokens = sum(cost.tokens for cost in of)
        for rival, theirs in (("its file", sum(c.the_file for c in of)), ("by hand", sum(c.by_hand for c in of))):
            less = 1 - tokens / theirs
            what = f"Input tokens of {TURNS} turns against one long prompt, {rival}: {name}"
            yield Figure(what, f"{less:.0%} less", "at least 60% less", less >= 0.6)
    early, late = prompt_size(20), prompt_size(500)
    yield Figure("Tokens of the prompt at turn 500, to turn 20", f"{late / early:.2f}", "1.00", late == early)
    alike = fmean(cost.alike for cost in examples if cost.alike is not None)
    what = "Share of a prompt that begins like the one before it in the same state"
    yield Figure(what, f"{alike:.0%}", "at least 80%", alike >= 0.8)


def costs() -> Iterator[tuple[str, Cost]]:
    """Hold a conversation of 20 turns with each example, and with forms of several sizes."""
    for path in sorted(path for path in GRAPHS.glob("*/fsm.*") if path.parent.name != "assistant"):
        yield path.parent.name, converse(path, *_longest(path))
    for states in (20, 50, 100):
        said = ["", *(f"it is {number}" for number in range(TURNS - 1))]
        yield LONGER, converse(_long_form(states), said, {})


def converse(machine: Path | dict[str, Any], said: Sequence[str], context: Mapping[str, Any]) -> Cost:
    """Hold a conversation, and count its tokens and those of the long prompts."""
    prompts = Prompts()
    graph, config, loaded = _graph(machine, prompts), _config("1"), load_definition(machine)
    the_file, by_hand, calls = 0, 0, list[str]()
    file_text, hand_text, known = file_prompt(loaded), by_hand_prompt(loaded), context
    for number, text in enumerate(said):
        given = FSMInput(messages=[HumanMessage(text)] if text else [])
        out = graph.invoke(given if number else {**given, "context": dict(context)}, config)
        made, history = out["last_turn"]["model_calls"], out["messages"][:-1]
        needed = 1 + sum(call["mode"] == "think" for call in made)
        the_file += needed * count_tokens_approximately([SystemMessage(f"{file_text}\n{_compact(known)}"), *history])
        by_hand += needed * count_tokens_approximately([SystemMessage(f"{hand_text}\n{_compact(known)}"), *history])
        known = out["context"]
        calls += (f"{call['state']} {call['mode']}" for call in made)
    tokens = sum(map(count_tokens_approximately, prompts.seen))
    return Cost(len(loaded.states), len(said), len(calls), tokens, the_file, by_hand, _alike(calls, prompts.seen))


def _alike(calls: Sequence[str], prompts: Sequence[list[BaseMessage]]) -> float | None:
    """Say how much of a prompt begins like the one before it of the same state and kind, on average."""
    shares: list[float] = []
    before: dict[str, str] = {}
    for call, prompt in zip(calls, prompts, strict=True):
        text = "".join(str(message.text) for message in prompt)
        if call in before:
            beginning = commonprefix([text, before[call]])  # noqa: RUF071 - of texts, not of paths
            shares.append(len(beginning) / len(text))
        before[call] = text
    return fmean(shares) if shares else None


def prompt_size(turn: int) -> int:
    """Count the tokens of the form's prompt at a turn, where everybody's messages are of one length."""
    prompts = Prompts()
    history: list[AnyMessage] = [HumanMessage("Yes, that is so."), AIMessage("Thank you! What is your full name?")]
    form = {**json.loads(FORM.read_text(encoding="utf-8")), "initial_state": "collect_name"}
    _graph(form, prompts).invoke({"messages": [*history * (turn - 1), HumanMessage("Ann Lee")]}, _config("1"))
    return count_tokens_approximately(prompts.seen[-1])


def _graph(machine: Path | dict[str, Any], prompts: Prompts) -> Graph:
    code: dict[str, Any] = (
        {"handlers": "beside"} if isinstance(machine, Path) and (machine.parent / "handlers.py").is_file() else {}
    )
    return compile_fsm(machine, OfflineModel(callbacks=[prompts]), checkpointer=InMemorySaver(), **code)


def _longest(path: Path) -> tuple[list[str], dict[str, Any]]:
    """Return what is said in an example's longest conversation, stretched, and what the caller knows."""
    cases = YAML(typ="safe", pure=True).load(path.parent / "scenarios.yaml")
    case = max(cases, key=lambda case: len(case["turns"]))
    most = MOST_ASIDES if "_stays" in path.read_text(encoding="utf-8") else TURNS
    messages = [turn["user"] for turn in case["turns"]][:TURNS]
    spare, gaps = TURNS - len(messages), len(messages) - 1
    said = messages[:1]
    for number, text in enumerate(messages[1:]):
        here = spare * (number + 1) // gaps - spare * number // gaps
        said += [*(ASIDES[aside % len(ASIDES)] for aside in range(min(here, most))), text]
    return said, case.get("context", {})


def _long_form(states: int) -> dict[str, Any]:
    """Make a form of one question after the other, each as the example's form asks for the e-mail address."""
    asking = json.loads(FORM.read_text(encoding="utf-8"))["states"]["collect_email"]
    names = [f"collect_item_{number}" for number in range(states)]
    form: dict[str, Any] = {}
    for number, name in enumerate(names):
        text = (
            _compact(asking).replace("e-mail address", f"item number {number}").replace('"email"', f'"item_{number}"')
        )
        state = {**json.loads(text), "id": name}
        transition = {**state["transitions"][1], "target_state": names[min(number + 1, states - 1)]}
        form[name] = {**state, "transitions": [transition] if number + 1 < states else []}
    return {"name": "long form", "description": "A long form", "initial_state": names[0], "states": form}


def _compact(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _config(thread: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread}}


if __name__ == "__main__":
    main()
