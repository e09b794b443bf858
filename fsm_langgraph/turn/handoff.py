"""A handoff: an agent of the graph around the machine gets the user, once the turn has landed.

    a transition's `handoff`                           the turn comes to rest in its target, where the machine waits
    a tool's `Command(graph=Command.PARENT, goto=…)`   the turn lands where it is

No model speaks where it lands: the agent does. The turn only notes the handoff. The graph of the machine gives the user
over when the landing is stored (`graph/graph_around.py`). Where there is no graph around, the turn record tells it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import BaseMessage

from fsm_langgraph.effects import Effect, Outside
from fsm_langgraph.errors import HandoffError


@dataclass(frozen=True, slots=True)
class Handoff:
    """Who gets the user, and with what."""

    goto: list[Any]
    """The agents by their names, or `{"node": …, "arg": …}` for one that is sent something else than the state."""
    update: dict[str, Any] = field(default_factory=dict)
    """The values that a tool gives to the graph around."""
    messages: list[BaseMessage] = field(default_factory=list)
    """The calls of a reply that called such a tool, and their answers; none where a transition hands over."""

    @property
    def agents(self) -> list[str]:
        """The names of the agents."""
        return [target["node"] if isinstance(target, dict) else target for target in self.goto]


def pack_handoff(handoff: Handoff) -> dict[str, Any]:
    """Write a handoff down."""
    return {"goto": handoff.goto, "update": handoff.update, "messages": handoff.messages}


def unpack_handoff(stored: Mapping[str, Any] | None) -> Handoff | None:
    """Read a handoff that was written down."""
    if stored is None:
        return None
    return Handoff(stored["goto"], stored.get("update", {}), stored.get("messages", []))


@dataclass(frozen=True, slots=True)
class FindAgents(Effect[None]):
    """The agents of a handoff, which the graph around has to have, if there is one.

    Raises:
        HandoffError: It lacks one.
    """

    state: str
    """The path of the state where the turn is about to land."""
    agents: list[str]

    def run(self, outside: Outside) -> None:
        """Look for them."""
        around = outside.around
        if around is None or around.agents is None:
            return
        for agent in self.agents:
            if agent not in around.agents:
                raise HandoffError(self.state, agent, around.agents)

    async def arun(self, outside: Outside) -> None:
        """Look for them; the twin of `run`."""
        self.run(outside)
