"""A state as a LangGraph node: the two drivers of its part in a turn.

Each pulls the generator in `play.py` along, makes the model calls and runs the handlers that it asks for, and hands its
update to LangGraph. When the update ends the turn, the turn record goes out on the `custom` stream as
`{"last_turn": record}`.

A `Runnable` of our own, since LangGraph runs one as it is, where a plain function costs a wrapper at every turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig
from langgraph.config import get_stream_writer
from langgraph.runtime import get_runtime
from langgraph.types import RetryPolicy

from fsm_langgraph.asking import Ask, Effect, Result
from fsm_langgraph.definition import State
from fsm_langgraph.drivers import adrive, drive
from fsm_langgraph.errors import TurnError
from fsm_langgraph.handlers import Handle, arun_handler, run_handler
from fsm_langgraph.machine import Machine
from fsm_langgraph.models.call import Outcome
from fsm_langgraph.models.gate import GatedModel
from fsm_langgraph.play import play, recover

Update = dict[str, Any]


class StateNode(Runnable[Any, Update]):
    """One state of a machine, as a node of its graph."""

    def __init__(self, machine: Machine, state: State, model: GatedModel, retry_policy: RetryPolicy) -> None:
        self.name = state.id
        self._machine = machine
        self._state = state
        self._model = model
        self._retry_policy = retry_policy

    def invoke(self, input: Mapping[str, Any], config: RunnableConfig | None = None, **kwargs: Any) -> Update:  # noqa: A002, ARG002 - the names and arguments are Runnable's
        """Play the state's part in the turn."""

        def do(effect: Effect) -> Result:
            if isinstance(effect, Ask):
                return self._model.ask(effect.call, effect.messages, config or {}, _handle)
            return _handle(effect)

        try:
            return _told(drive(play(self._machine, self._state, input), do))
        except TurnError as error:
            if self._will_retry(error):
                raise
            update = drive(recover(self._machine, self._state, input, error), do)
            if update is None:
                raise
            return _told(update)

    async def ainvoke(self, input: Mapping[str, Any], config: RunnableConfig | None = None, **kwargs: Any) -> Update:  # noqa: A002, ARG002 - the names and arguments are Runnable's
        """Play the state's part in the turn; the twin of `invoke`."""

        async def do(effect: Effect) -> Result:
            if isinstance(effect, Ask):
                return await self._model.aask(effect.call, effect.messages, config or {}, _ahandle)
            return await _ahandle(effect)

        try:
            return _told(await adrive(play(self._machine, self._state, input), do))
        except TurnError as error:
            if self._will_retry(error):
                raise
            update = await adrive(recover(self._machine, self._state, input, error), do)
            if update is None:
                raise
            return _told(update)

    def _will_retry(self, error: TurnError) -> bool:
        """Say whether LangGraph is going to run the node again after this error."""
        policy = self._retry_policy
        info = get_runtime().execution_info
        if info is None or info.node_attempt >= policy.max_attempts:
            return False
        if isinstance(policy.retry_on, type | Sequence):
            kinds = policy.retry_on
            return isinstance(error, kinds if isinstance(kinds, type) else tuple(kinds))
        return policy.retry_on(error)


def _handle(handle: Handle) -> Outcome:
    return run_handler(_with_runtime(handle))


async def _ahandle(handle: Handle) -> Outcome:
    return await arun_handler(_with_runtime(handle))


def _with_runtime(handle: Handle) -> Handle:
    return replace(handle, event=replace(handle.event, runtime=get_runtime()))


def _told(update: Update) -> Update:
    if "last_turn" in update:
        get_stream_writer()({"last_turn": update["last_turn"]})
    return update
