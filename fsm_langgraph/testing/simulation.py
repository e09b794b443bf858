"""Simulated users, who hold conversations with a machine before a real one does.

A simulated user is data: its words for each key, and its manners. It can tell more than it was asked, make mistakes and
correct them, digress, and leave when its patience ends. It says the same every time; for a crowd, draw its users from a
random generator with a seed.

    user ──> message ──> graph ──> landing state ──> the keys that it asks for ──> the next message …

The conversations are kept by the graph's checkpointer, as all are, and `turns` and `conversations` list
them. Turns are made durable at their ends (`exit`), which is quickest; how long each took is not stored then.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig
from pydantic import JsonValue

from fsm_langgraph.definition import FSMDefinition, State
from fsm_langgraph.errors import SetupError, TurnError
from fsm_langgraph.graph.channels import FSMInput
from fsm_langgraph.graph.graph import Graph
from fsm_langgraph.graph.options import check_options, whole_number


@dataclass(frozen=True, slots=True)
class SimulatedUser:
    """Somebody who talks to a machine."""

    facts: Mapping[str, str | Sequence[str]]
    """The words for each key that a state asks for; or, by a state's id, for a state that asks for none. Of several
    wordings each is said once, and the last one from then on."""
    mistakes: Mapping[str, str] = field(default_factory=dict)
    """The wrong words for a key, said the first time; the fact follows in the next message."""
    at_once: int = 1
    """How many facts a message tells: first the one asked for, then others that have not been told."""
    asides: Sequence[str] = ()
    """Words beside the point, said before anything that was asked for, one in each message."""
    patience: int = 20
    """After how many messages the user leaves."""
    context: Mapping[str, JsonValue] = field(default_factory=dict)
    """The data that the caller knows of the user, from the start."""


def simulate(graph: Graph, users: Iterable[SimulatedUser], *, prefix: str = "user-") -> list[str]:
    """Have users talk to a machine, one after the other, until the conversation ends or they leave.

    A turn that fails ends a conversation too.

    Args:
        graph: The machine, compiled with a checkpointer. The machine speaks first.
        users: The users.
        prefix: What the conversations' ids begin with; the user's number follows.

    Returns:
        The ids of the conversations.

    Raises:
        SetupError: The graph has no checkpointer.
    """
    _check(graph)
    ids: list[str] = []
    for number, user in enumerate(users, start=1):
        config = _config(f"{prefix}{number}")

        def hold(turn: FSMInput, config: RunnableConfig = config) -> str | None:
            try:
                return _landing(graph.invoke(turn, config, durability="exit"))
            except TurnError:
                return None

        talk = _talk(graph.builder.definition, user)
        with suppress(StopIteration):  # the user has left
            turn = next(talk)
            while True:
                turn = talk.send(hold(turn))
        ids.append(f"{prefix}{number}")
    return ids


async def asimulate(
    graph: Graph, users: Iterable[SimulatedUser], *, prefix: str = "user-", at_once: int = 10
) -> list[str]:
    """Have users talk to a machine; the twin of `simulate`.

    Args:
        graph: The machine.
        users: The users.
        prefix: What the conversations' ids begin with.
        at_once: How many conversations are under way at the same time.

    Raises:
        SetupError: The graph has no checkpointer, or `at_once` is less than one.
    """
    _check(graph)
    check_options({"at_once": at_once}, {"at_once": whole_number(1)}, ["at_once"])
    # Shared by all workers: each takes the next user as soon as its last one is done.
    numbered = enumerate(users, start=1)
    ids: dict[int, str] = {}

    async def work() -> None:
        for number, user in numbered:
            ids[number] = f"{prefix}{number}"
            config = _config(ids[number])

            async def hold(turn: FSMInput, config: RunnableConfig = config) -> str | None:
                try:
                    return _landing(await graph.ainvoke(turn, config, durability="exit"))
                except TurnError:
                    return None

            talk = _talk(graph.builder.definition, user)
            with suppress(StopIteration):  # the user has left
                turn = next(talk)
                while True:
                    turn = talk.send(await hold(turn))

    await asyncio.gather(*(work() for _ in range(at_once)))
    return [ids[number] for number in sorted(ids)]


def _check(graph: Graph) -> None:
    if not isinstance(graph, Graph):
        raise SetupError(
            f"graph: it is of type {type(graph).__name__}, not a compiled graph.\n"
            "  Give what compile_fsm returns, or the graph of an LLM_FSM: fsm.graph."
        )
    if not graph.checkpointer:
        raise SetupError(
            f"the graph {graph.name!r} has no checkpointer, so every message would begin a conversation anew.\n"
            "  Compile it with one: compile_fsm(…, checkpointer=…)."
        )


def _talk(definition: FSMDefinition, user: SimulatedUser) -> Generator[FSMInput, str | None, None]:
    """Yield each turn's input, and be sent the path of the state that it landed in."""
    comes_back = {transition.target_state for transition in definition.global_transitions if transition.returns}
    told: Counter[str] = Counter()
    asides, wrong = [*user.asides], list[str]()
    path = yield FSMInput(messages=[], context=user.context)
    for _ in range(user.patience):
        if path is None:
            return
        state = definition.by_path[path]
        # The target of a digression has no transitions either, but the conversation goes on from it.
        if state.is_final and state.id not in comes_back:
            return
        if wrong:
            text = f"Sorry, that was wrong: {_fact(user, wrong.pop(), told)}"
        elif asides:
            text = asides.pop(0)
        else:
            text = ", ".join(_tell(user, key, told, wrong) for key in _chosen(user, state, told)) or "ok"
        path = yield FSMInput(messages=[HumanMessage(text)])


def _chosen(user: SimulatedUser, state: State, told: Counter[str]) -> list[str]:
    """Choose the keys to tell: of those asked for here the one told least often, then others that were never told."""
    asked = [key for key in state.own_keys if key in user.facts] or [key for key in (state.id,) if key in user.facts]
    first = sorted(asked, key=lambda key: told[key])[:1]
    others = [key for key in user.facts if key not in first and not told[key]]
    return [*first, *others][: user.at_once] if first else []


def _tell(user: SimulatedUser, key: str, told: Counter[str], wrong: list[str]) -> str:
    if key in user.mistakes and not told[key]:
        told[key] += 1
        wrong.append(key)
        return user.mistakes[key]
    return _fact(user, key, told)


def _fact(user: SimulatedUser, key: str, told: Counter[str]) -> str:
    wordings = user.facts[key]
    wordings = [wordings] if isinstance(wordings, str) else wordings
    said = told[key] - (key in user.mistakes)
    told[key] += 1
    return wordings[min(max(said, 0), len(wordings) - 1)]


def _landing(values: Mapping[str, object]) -> str:
    record = values["last_turn"]
    return str(record["landing"])  # type: ignore[index]  # a turn record, as LangGraph hands it back


def _config(thread: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread}}
