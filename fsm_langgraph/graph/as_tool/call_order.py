"""The order of calls that come at once: those of one conversation run one after the other, as the model has made them.

An agent's model may call a tool twice in one message. LangGraph then runs two tasks at once, in threads or in one event
loop. A call waits for those that the same message has made before it, and then for whoever has the conversation. One
that has not come after `_GRACE` looks may never come, since a middleware can refuse it or may have answered it in an
earlier run: it is not waited for any longer.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from weakref import WeakValueDictionary

from fsm_langgraph.graph.as_tool.tool_caller import PassedMessage
from fsm_langgraph.locking import Hold

_GRACE = 50
"""How many looks a call waits for an earlier one that has not come yet; seconds may pass in which nobody can come."""
_PAUSE = 0.002
"""Seconds between two looks at the earlier ones."""


class CallOrder:
    """Lets the calls of each conversation run one at a time."""

    def __init__(self) -> None:
        self._steps: WeakValueDictionary[str, _ToolStep] = WeakValueDictionary()
        self._guard = threading.Lock()

    @contextmanager
    def turn(self, caller: str, message: PassedMessage, hold: Hold) -> Iterator[None]:
        """Wait for the call's turn, and hold the caller's conversations.

        Args:
            caller: Whose call it is.
            message: The call.
            hold: What holds the caller's conversations.

        Raises:
            TurnConflict: The call before this one has not ended in time.
        """
        step = self._join(caller, message)
        try:
            for pause in self._pauses(step, message, hold.patience):
                time.sleep(pause)
            with hold:
                yield
        finally:
            step.ended.add(message.call)

    @asynccontextmanager
    async def aturn(self, caller: str, message: PassedMessage, hold: Hold) -> AsyncIterator[None]:
        """Wait for the call's turn; the twin of `turn`."""
        step = self._join(caller, message)
        try:
            for pause in self._pauses(step, message, hold.patience):
                await asyncio.sleep(pause)
            async with hold:
                yield
        finally:
            step.ended.add(message.call)

    def _join(self, caller: str, message: PassedMessage) -> _ToolStep:
        with self._guard:
            key = f"{caller} {message.step or message.call}"
            step = self._steps.get(key)
            if step is None:
                step = self._steps[key] = _ToolStep()
            step.begun.add(message.call)
            return step

    def _pauses(self, step: _ToolStep, message: PassedMessage, patience: float) -> Iterator[float]:
        began, looks = time.monotonic(), 0
        for call in message.before:
            while call not in step.ended:
                is_late = time.monotonic() - began > patience if call in step.begun else looks >= _GRACE
                if is_late:
                    break
                looks += 1
                yield _PAUSE


class _ToolStep:
    """The calls of one message of the agent's model; it lives as long as one of them runs."""

    __slots__ = ("__weakref__", "begun", "ended")

    def __init__(self) -> None:
        self.begun: set[str] = set()
        self.ended: set[str] = set()
