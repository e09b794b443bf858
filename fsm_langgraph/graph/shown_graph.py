"""How a machine's graph shows itself: to LangGraph's tools with every transition, in a notebook as a picture.

LangGraph's graphs ask a service on the web for their picture, and draw one edge for two states.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph

from fsm_langgraph.drawing import Picture, mime_bundle
from fsm_langgraph.graph.channels import FSMInput, FSMState
from fsm_langgraph.graph.drawn_graph import tell_transitions
from fsm_langgraph.graph.machine_drawing import MachineDrawing
from fsm_langgraph.graph.standing import draw_standing
from fsm_langgraph.models.run_context import FSMContext

if TYPE_CHECKING:
    from fsm_langgraph.graph.graph_builder import GraphBuilder


class ShownGraph(CompiledStateGraph[FSMState, FSMContext, FSMInput, FSMState]):
    """A compiled machine that shows itself, and where a conversation stands in it."""

    builder: GraphBuilder

    def picture(self, config: RunnableConfig | None = None, *, xray: bool = True) -> Picture:
        """Draw the machine; with the config of a conversation, where that is and which states it has been in.

        Args:
            config: The config with the conversation's `thread_id`.
            xray: Whether sub-machines are drawn inside the states that run them.
        """
        history = [] if config is None else [*self.get_state_history(config)]
        return draw_standing(self.builder.definition, history, xray)

    async def apicture(self, config: RunnableConfig | None = None, *, xray: bool = True) -> Picture:
        """Draw the machine; the twin of `picture`."""
        history = [] if config is None else [snapshot async for snapshot in self.aget_state_history(config)]
        return draw_standing(self.builder.definition, history, xray)

    def get_graph(self, config: RunnableConfig | None = None, *, xray: int | bool = False) -> MachineDrawing:
        """Draw it for LangGraph's tools; each edge tells its transitions, each node its state as data.

        Args:
            config: As LangGraph takes it.
            xray: Whether sub-machines are drawn from inside, or how deep.
        """
        return tell_transitions(super().get_graph(config, xray=xray), self.builder.definition)

    async def aget_graph(self, config: RunnableConfig | None = None, *, xray: int | bool = False) -> MachineDrawing:
        """Draw it for LangGraph's tools; the twin of `get_graph`."""
        return tell_transitions(await super().aget_graph(config, xray=xray), self.builder.definition)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return mime_bundle(self.picture(), f"Graph {self.name!r}")
