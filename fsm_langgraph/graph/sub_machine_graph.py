"""The graph of a sub-machine, as a state runs it: the turn goes in as its input, the conversation with the config.

LangGraph stores an input, and whatever stands in a channel. The machine around keeps the conversation already. In its
sub-machines each turn would store all of it again, at least three times in each.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import AnyMessage
from langchain_core.runnables import Runnable, RunnableConfig

from fsm_langgraph.graph.langgraph_internals import internal_key

_KEY = internal_key("history")
"""The conversation's place in a run's config."""


@dataclass(frozen=True, slots=True)
class _Conversation:
    """The conversation in a config, which LangGraph sends to remote graphs as far as it is plain data."""

    messages: list[AnyMessage] = field(repr=False)  # nor is it for a checkpointer's log


@dataclass(frozen=True, slots=True)
class SubMachineGraph:
    """The graph of a sub-machine, with the config of the node that runs it."""

    graph: Runnable[Any, Any]
    config: RunnableConfig

    def run(self, turn: dict[str, Any], history: list[AnyMessage]) -> dict[str, Any]:
        """Play a turn's part inside; return the turn as it comes out, written down like the one that goes in."""
        landed: dict[str, Any] = self.graph.invoke({"turn": turn}, self._with(history))["turn"]
        return landed

    async def arun(self, turn: dict[str, Any], history: list[AnyMessage]) -> dict[str, Any]:
        """Play a turn's part inside; the twin of `run`."""
        landed: dict[str, Any] = (await self.graph.ainvoke({"turn": turn}, self._with(history)))["turn"]
        return landed

    def _with(self, history: list[AnyMessage]) -> RunnableConfig:
        configurable = {**self.config.get("configurable", {}), _KEY: _Conversation(history)}
        return {**self.config, "configurable": configurable}


def history_in(config: RunnableConfig) -> list[AnyMessage]:
    """Return the conversation, in a node of a sub-machine."""
    conversation: _Conversation = config["configurable"][_KEY]
    return conversation.messages
