"""A machine's graph as LangGraph's own, but for its looks: in a notebook it shows the machine, offline.

LangGraph's graphs ask a service on the web for their picture. `GraphBuilder` compiles to a graph that draws itself
from the definition it was built from, and that can show where a conversation stands in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.graph import StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import StateSnapshot

from fsm_langgraph.channels import FSMInput, FSMState
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.drawing import Picture, mime_bundle
from fsm_langgraph.run_context import FSMContext
from fsm_langgraph.turn import place_of


class Graph(CompiledStateGraph[FSMState, FSMContext, FSMInput, FSMState]):
    """A compiled machine: a LangGraph graph that shows itself, and where a conversation stands in it."""

    builder: GraphBuilder

    def picture(self, config: RunnableConfig | None = None, *, xray: bool = True) -> Picture:
        """Draw the machine; with the config of a conversation, where that is and which states it has been in.

        Args:
            config: The config with the conversation's `thread_id`.
            xray: Whether sub-machines are drawn inside the states that run them.
        """
        history = [] if config is None else [*self.get_state_history(config)]
        return _picture(self.builder.definition, history, xray)

    async def apicture(self, config: RunnableConfig | None = None, *, xray: bool = True) -> Picture:
        """Draw the machine; the twin of `picture`."""
        history = [] if config is None else [snapshot async for snapshot in self.aget_state_history(config)]
        return _picture(self.builder.definition, history, xray)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return mime_bundle(self.picture(), f"{type(self).__name__} {self.name!r}")


class GraphBuilder(StateGraph[FSMState, FSMContext, FSMInput, FSMState]):
    """A machine's graph before it is compiled, for those who add nodes of their own.

    Args:
        definition: The definition that it is built from.
        schema: What LangGraph's own class takes, in this order and by these names.
        schemas: The same.
    """

    def __init__(self, definition: FSMDefinition, *schema: Any, **schemas: Any) -> None:
        super().__init__(*schema, **schemas)
        self.definition = definition

    def compile(self, *args: Any, **options: Any) -> Graph:
        """Compile it; the arguments are those of LangGraph's `StateGraph.compile`."""
        compiled: Any = super().compile(*args, **options)
        compiled.__class__ = Graph  # LangGraph names the class that it makes in the middle of this method
        graph: Graph = compiled
        return graph


def current_place(definition: FSMDefinition, values: Mapping[str, Any]) -> str:
    """Return the path of the state that a stored conversation is in: `payment/card`."""
    current, frame = str(values.get("current_state", definition.initial_state)), values.get("sub_machine")
    return place_of(current, frame if frame is not None and frame["of"] == current else None)


def _picture(definition: FSMDefinition, history: Iterable[StateSnapshot], xray: bool) -> Picture:
    line = _lineage(history)
    begun = bool(line) and "current_state" in line[-1].values
    current = current_place(definition, line[-1].values) if begun else None
    return Picture(definition, current=current, visits=_visits(line), xray=xray)


def _lineage(history: Iterable[StateSnapshot]) -> list[StateSnapshot]:
    """Return the snapshots that led to the newest one, oldest first: a history tells of branches too."""
    line: list[StateSnapshot] = []
    for snapshot in history:
        parent = line[-1].parent_config if line else snapshot.config
        if parent is not None and _id_of(snapshot.config) == _id_of(parent):
            line.append(snapshot)
    return line[::-1]


def _visits(line: Iterable[StateSnapshot]) -> dict[str, int]:
    """Count how often each state was entered, in the order in which they first were."""
    visits: Counter[str] = Counter()
    landing: str | None = None
    for snapshot in line:
        if (snapshot.metadata or {}).get("source") == "loop" and not snapshot.next and "last_turn" in snapshot.values:
            path = snapshot.values["last_turn"]["path"]
            # A turn begins where the one before it has landed, unless somebody has moved the conversation.
            visits.update(path[1:] if path[0] == landing else path)
            landing = path[-1]
    return dict(visits)


def _id_of(config: RunnableConfig) -> str | None:
    checkpoint_id: str | None = config.get("configurable", {}).get("checkpoint_id")
    return checkpoint_id
