"""The drawing that `get_graph()` returns: LangGraph's own, in which every transition is told.

LangGraph draws one edge for two states, however many transitions join them, and only edges that its own trial run comes
upon. Here the label of an edge tells all of its transitions, and what the trial run has missed is added:

    ask ── "The user complains / The user wants a person" ──> desk

Nodes tell their states and transitions as data too, in the form of the file, for tools that read drawings: conditions,
JsonLogic, priorities. That stands in the drawing alone, since the metadata of the nodes that run goes into every chunk
that is streamed and into every trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from langchain_core.runnables.graph import Edge, Node
from langchain_core.runnables.graph import Graph as DrawnGraph
from langgraph.graph import END, START

from fsm_langgraph.definition import FSMDefinition, GlobalTransition, State, Transition
from fsm_langgraph.drawing.texts import one_line
from fsm_langgraph.graph.machine_drawing import MachineDrawing

Json = dict[str, Any]


def tell_transitions(drawn: DrawnGraph, definition: FSMDefinition) -> MachineDrawing:
    """Add to LangGraph's drawing of a machine's graph what its definition says; nodes of one's own stay as they are.

    Args:
        drawn: The drawing. Where it looks inside sub-machines, these have been told already.
        definition: The definition of the outermost machine in it.
    """
    joining = _joining(definition)
    edges = [_told(edge, joining) for edge in drawn.edges]
    there = {_ends(edge) for edge in edges}
    for (source, target), transitions in joining.items():
        if (source, target) not in there and source in drawn.nodes and target in drawn.nodes:
            label = EdgeLabel.of(transitions) if transitions else None
            edges.append(Edge(source, target, label, conditional=label is not None))
    return MachineDrawing({name: _described(node, definition) for name, node in drawn.nodes.items()}, edges)


class EdgeLabel(str):
    """The label of an edge: a text, and the transitions that it tells."""

    transitions: tuple[Json, ...]
    """The transitions as data, in the order of trial."""

    def __new__(cls, text: str, transitions: Iterable[Json] = ()) -> Self:
        """Make a label of a text."""
        label = super().__new__(cls, text)
        label.transitions = tuple(transitions)
        return label

    @classmethod
    def of(cls, transitions: Iterable[Transition]) -> Self:
        """Make the label of the transitions from one state to another."""
        listed = tuple(transitions)
        described = dict.fromkeys(one_line(transition.description).removesuffix(".") for transition in listed)
        return cls(" / ".join(filter(None, described)), map(transition_data, listed))


def transition_data(transition: Transition) -> Json:
    """Write a transition as JSON data in the form of the file; a global one is marked."""
    data = {**transition.model_dump(mode="json", exclude_defaults=True), "priority": transition.priority}
    return {**data, "global": True} if isinstance(transition, GlobalTransition) else data


def _state_data(state: State) -> Json:
    """Write a state as JSON data in the form of the file, without its transitions and what only the model is told."""
    return {**state.model_dump(mode="json", exclude_defaults=True, exclude=_LEFT_OUT), "is_final": state.is_final}


_LEFT_OUT = {"transitions", "instructions", "response_instructions", "extraction_instructions", "example_dialogue"}


def _joining(definition: FSMDefinition) -> dict[tuple[str, str], list[Transition]]:
    """Return the transitions from each state to each other, in the order of trial; final states lead to END by none."""
    joining: dict[tuple[str, str], list[Transition]] = {}
    for state in definition.states.values():
        leading_out = definition.transitions_from(state)
        for transition in leading_out:
            joining.setdefault((state.id, transition.target_state), []).append(transition)
        if not leading_out:
            joining[state.id, END] = []
    return joining


def _told(edge: Edge, joining: Mapping[tuple[str, str], list[Transition]]) -> Edge:
    is_inside = isinstance(edge.data, EdgeLabel) or _name(edge.source) == START or _name(edge.target) == END
    transitions = joining.get(_ends(edge))
    return edge if is_inside or transitions is None else edge._replace(data=EdgeLabel.of(transitions))


def _ends(edge: Edge) -> tuple[str, str]:
    """Return the states that an edge joins; what is inside a sub-machine stands for the state that runs it."""
    return edge.source.partition(":")[0], edge.target.partition(":")[0]


def _name(node: str) -> str:
    return node.rpartition(":")[2]


def _described(node: Node, definition: FSMDefinition) -> Node:
    state = definition.states.get(node.id)
    if state is None:
        return node
    # LangChain writes plain values into the boxes of its picture; mappings, and lists of them, it leaves out.
    told: Json = {"state": _state_data(state)}
    if transitions := definition.transitions_from(state):
        told["transitions"] = [transition_data(transition) for transition in transitions]
    return node._replace(metadata={**(node.metadata or {}), **told})
