"""A machine's graph before it is compiled, for those who add nodes of their own.

    builder = build_graph("shop.yaml")
    builder.add_node("crm", look_up)
    builder.add_sequence(["order", "crm", "confirm"])
    graph = builder.compile()

It is LangGraph's `StateGraph`. An edge into a state begins a turn there; one out of a state is taken where the turn
lands in it. A jump to nothing, which LangGraph passes over in silence, is an error (`own_edges.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

from langgraph.graph import END, START, StateGraph

from fsm_langgraph.data.size_limits import USUAL
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import GraphSetupError, suggest
from fsm_langgraph.graph.channels import FSMInput, FSMState
from fsm_langgraph.graph.edges import begin_at, join_writers
from fsm_langgraph.graph.graph import Graph, UnkeptGraph
from fsm_langgraph.graph.own_edges import Written, add_from_state, guard
from fsm_langgraph.locking import Busy
from fsm_langgraph.models.run_context import FSMContext
from fsm_langgraph.stored_data.permissive_savers import warn_if_permissive


@dataclass(frozen=True, slots=True)
class BusyRules:
    """How a turn meets another one of its conversation that runs."""

    busy: Busy = "wait"
    patience: float = 120
    """How many seconds it waits."""


_START_IS_TAKEN = "START leads to the state that the conversation is in, and to no other."


class GraphBuilder(StateGraph[FSMState, FSMContext, FSMInput, FSMState]):
    """A machine's graph before it is compiled, for those who add nodes of their own.

    Args:
        definition: The definition that it is built from.
        name: The name of the graph, which the machine's messages carry too.
        schema: The schemas by position, as LangGraph's `StateGraph` takes them.
        schemas: The schemas by name.
    """

    def __init__(self, definition: FSMDefinition, name: str, *schema: Any, **schemas: Any) -> None:
        super().__init__(*schema, **schemas)
        self.definition = definition
        self.name = name
        self.busy_rules = BusyRules()
        """How runs of the graph meet others of their conversation."""
        self.limits = USUAL
        """How large the things may be that a caller hands over."""

    def add_edge(self, start_key: str | list[str], end_key: str) -> Self:
        """Lead from one node to another; out of a state where the turn lands in it.

        Raises:
            GraphSetupError: The edge leads from START into a state, or waits for several nodes with a state among them.
        """
        states = self.definition.states
        if not isinstance(start_key, str) and (state := next((key for key in start_key if key in states), None)):
            raise GraphSetupError(
                f"an edge from {start_key!r} waits for the state {state!r}, also where a turn only passes it.",
                "Wait for a node that the state leads to where the turn lands in it: "
                f"add_edge({state!r}, node).add_edge([node, …], {end_key!r}).",
            )
        if start_key == START and end_key in states:
            raise GraphSetupError(
                f"an edge from START into the state {end_key!r}: {_START_IS_TAKEN}",
                "The first state is the definition's initial_state. To begin elsewhere once, jump: "
                f"invoke(Command(goto={end_key!r}), config).",
            )
        if isinstance(start_key, str) and start_key in states and end_key != END:
            add_from_state(self, start_key, end_key)
            return self
        return super().add_edge(start_key, end_key)

    def add_conditional_edges(self, source: str, path: Any, path_map: Any = None) -> Self:
        """Lead from a node to wherever a function says; out of a state where the turn lands in it."""
        known = set(self.branches[source])
        super().add_conditional_edges(source, path, path_map)
        for name in self.branches[source].keys() - known:
            guard(self, source, name)
        return self

    def add_sequence(self, nodes: Sequence[Any]) -> Self:
        """Add nodes that run one after the other; a state, or a node that is there already, is given by its name.

        Raises:
            GraphSetupError: A name is no state's and no node's.
        """
        names = [self._known(node) if isinstance(node, str) else self._added(node) for node in nodes]
        for name, following in pairwise(names):
            self.add_edge(name, following)
        return self

    def set_entry_point(self, key: str) -> Self:
        """Begin each run at a node of one's own, in place of the state that the conversation is in.

        Lead on from it, for instance by a conditional edge that returns `current_state`.

        Raises:
            GraphSetupError: The node is a state, or is not there.
        """
        if key in self.definition.states:
            return self.add_edge(START, key)
        begin_at(self, self._known(key))
        return self

    def set_conditional_entry_point(self, path: Any, path_map: Any = None) -> Self:  # noqa: ARG002 - LangGraph's arguments
        """Refuse: START leads to one node.

        Raises:
            GraphSetupError: Always.
        """
        raise GraphSetupError(
            f"a conditional entry point: {_START_IS_TAKEN}",
            "Add a node that decides: set_entry_point(node), and add_conditional_edges(node, …).",
        )

    def compile(self, *args: Any, name: str | None = None, **options: Any) -> Graph:
        """Compile it; the arguments are those of LangGraph's `StateGraph.compile`.

        Args:
            args: LangGraph's.
            name: The name of the graph; that of the machine's messages where it is left out.
            options: LangGraph's.

        Raises:
            GraphSetupError: An edge or a pause is of a node that is not there.
        """
        self._check_edges()
        for option in ("interrupt_before", "interrupt_after"):
            self._check_pauses(option, options.get(option))
        compiled: Any = super().compile(*args, name=name or self.name, **options)
        for node in self.nodes.keys() - self.definition.states.keys():
            compiled.nodes[node].writers.insert(0, Written(self))
        for node in (START, *self.definition.states):
            join_writers(compiled.nodes[node].writers)
        # LangGraph names the class that it makes in the middle of this method.
        compiled.__class__ = UnkeptGraph if compiled.checkpointer is None else Graph
        # Runs and checkpoints carry it, so that traces and what is stored tell which machine they are of.
        compiled.config = {"metadata": {"fsm_name": self.definition.name}}
        graph: Graph = compiled
        warn_if_permissive(graph.checkpointer)
        return graph

    def _added(self, node: Any) -> str:
        """Add a node, and return the name that LangGraph gives it."""
        super().add_sequence([node])
        return next(reversed(self.nodes))

    def _known(self, name: str) -> str:
        if name not in self.nodes:
            raise GraphSetupError(
                f"no state and no node is named {name!r}.", suggest(name, self.nodes, noun="states and nodes")
            )
        return name

    def _check_edges(self) -> None:
        """See that every edge joins nodes; LangGraph would name the first that does not, and no remedy."""
        for start, end in self.edges:
            self._known_in_edge(start, end)
        for starts, end in self.waiting_edges:
            self._known_in_edge(*starts, end)
        for source, branches in self.branches.items():
            for branch in branches.values():
                self._known_in_edge(source, *(branch.ends or {}).values())

    def _known_in_edge(self, *names: str) -> None:
        for name in names:
            if name not in (START, END):
                self._known(name)

    def _check_pauses(self, option: str, names: Sequence[str] | None) -> None:
        if names is None or names == "*":
            return
        if isinstance(names, str):
            raise GraphSetupError(
                f"{option}: it is {names!r}, not a list of names.", f"Write {option}=[{names!r}], or '*' for all."
            )
        for name in names:
            self._known(name)
