"""A state as a LangGraph node: the two drivers of a turn's generator.

Each pulls the generator in `turn.py` along, makes the model calls that it asks for, and hands its update to LangGraph.
When the update ends the turn, the turn record goes out on the `custom` stream as `{"last_turn": record}`.

A `Runnable` of our own, since LangGraph runs one as it is, where a plain function costs a wrapper at every turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig
from langgraph.config import get_stream_writer

from fsm_langgraph.definition import State
from fsm_langgraph.models.gate import GatedModel
from fsm_langgraph.turn import Machine, play

Update = dict[str, Any]


class StateNode(Runnable[Any, Update]):
    """One state of a machine, as a node of its graph."""

    def __init__(self, machine: Machine, state: State, model: GatedModel) -> None:
        self.name = state.id
        self._machine = machine
        self._state = state
        self._model = model

    def invoke(self, input: Mapping[str, Any], config: RunnableConfig | None = None, **kwargs: Any) -> Update:  # noqa: A002, ARG002 - the names and arguments are Runnable's
        """Play the state's part in the turn."""
        part = play(self._machine, self._state, input)
        try:
            ask = next(part)
            while True:
                ask = part.send(self._model.ask(ask.call, ask.messages, config or {}))
        except StopIteration as stop:
            return _told(stop.value)

    async def ainvoke(self, input: Mapping[str, Any], config: RunnableConfig | None = None, **kwargs: Any) -> Update:  # noqa: A002, ARG002 - the names and arguments are Runnable's
        """Play the state's part in the turn; the twin of `invoke`."""
        part = play(self._machine, self._state, input)
        try:
            ask = next(part)
            while True:
                ask = part.send(await self._model.aask(ask.call, ask.messages, config or {}))
        except StopIteration as stop:
            return _told(stop.value)


def _told(update: Update) -> Update:
    if "last_turn" in update:
        get_stream_writer()({"last_turn": update["last_turn"]})
    return update
