"""A machine's graph: LangGraph's own, made by `GraphBuilder`, which knows the definition that it was built from.

Five things differ:

- Its drawing, `get_graph()`, tells every transition, and the definition's states as data.
- In a notebook it shows the machine, offline, and where a conversation stands in it. LangGraph's graphs ask a service
  on the web for their picture.
- A conversation can be edited from outside without naming a node. LangGraph goes by the edge that was last taken, and
  would take the edit for input where a turn took none.
- What a caller may not write is refused before a run begins. LangGraph would keep it, and fail at it again whenever the
  state is read.
- A conversation whose older messages have moved to the store can be read, and deleted, as a whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AnyMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command, StateSnapshot, StateUpdate

from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.drawing import Picture, mime_bundle
from fsm_langgraph.graph.channels import FSMInput, FSMState, callers_writes
from fsm_langgraph.graph.drawn_graph import tell_transitions
from fsm_langgraph.graph.machine_drawing import MachineDrawing
from fsm_langgraph.graph.older_messages import adelete_messages, aread_messages, delete_messages, read_messages
from fsm_langgraph.models.run_context import FSMContext
from fsm_langgraph.turn.frames import path_of


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

    def messages(self, config: RunnableConfig) -> list[AnyMessage]:
        """Return all messages of a conversation, the oldest first: those that have moved to the store, and the newest.

        Args:
            config: The config with the conversation's `thread_id`; with a `checkpoint_id`, how it was then.

        Raises:
            MissingMessagesError: Some are not in the store.
        """
        return read_messages(self.store, _thread_of(config), self.get_state(config).values)

    async def amessages(self, config: RunnableConfig) -> list[AnyMessage]:
        """Return all messages of a conversation; the twin of `messages`."""
        return await aread_messages(self.store, _thread_of(config), (await self.aget_state(config)).values)

    def delete_thread(self, thread_id: str) -> None:
        """Delete a conversation, with those of its messages that have moved to the store."""
        saver = self._saver()
        if self.store is not None:
            delete_messages(self.store, thread_id)
        saver.delete_thread(thread_id)

    async def adelete_thread(self, thread_id: str) -> None:
        """Delete a conversation; the twin of `delete_thread`."""
        saver = self._saver()
        if self.store is not None:
            await adelete_messages(self.store, thread_id)
        await saver.adelete_thread(thread_id)

    def update_state(
        self,
        config: RunnableConfig,
        values: Mapping[str, Any] | Any | None,
        as_node: str | None = None,
        task_id: str | None = None,
    ) -> RunnableConfig:
        """Change a conversation from outside; the next turn begins in the `current_state` that is given, if one is.

        The arguments are LangGraph's. Where no node is named, a turn that is paused stays paused, and goes on with what
        was written.

        Raises:
            ContextError: A value of the context was refused; nothing was stored.
        """
        if as_node is None and task_id is None and isinstance(values, Mapping):
            steps = _edit(self.builder.definition, self.get_state(config), values)
            if steps:
                return self.bulk_update_state(config, steps)
        return super().update_state(config, values, as_node, task_id)

    async def aupdate_state(
        self,
        config: RunnableConfig,
        values: Mapping[str, Any] | Any,
        as_node: str | None = None,
        task_id: str | None = None,
    ) -> RunnableConfig:
        """Change a conversation from outside; the twin of `update_state`."""
        if as_node is None and task_id is None and isinstance(values, Mapping):
            steps = _edit(self.builder.definition, await self.aget_state(config), values)
            if steps:
                return await self.abulk_update_state(config, steps)
        return await super().aupdate_state(config, values, as_node, task_id)

    if not TYPE_CHECKING:  # the types, which are many, are LangGraph's

        def stream(self, input, *args, **kwargs):  # noqa: A002 - the name is Runnable's
            """Run it; `invoke` and `batch` come through here too. The arguments are LangGraph's.

            Raises:
                ContextError: A value of the context was refused; nothing was stored.
            """
            self._check(input)
            return super().stream(input, *args, **kwargs)

        def astream(self, input, *args, **kwargs):  # noqa: A002 - the name is Runnable's
            """Run it; the twin of `stream`."""
            self._check(input)
            return super().astream(input, *args, **kwargs)

    def _saver(self) -> BaseCheckpointSaver[Any]:
        if not isinstance(self.checkpointer, BaseCheckpointSaver):
            raise ValueError(f"the graph {self.name!r} has no checkpointer of its own, so it keeps no conversations")
        return self.checkpointer

    def _check(self, given: Any) -> None:
        update = given.update if isinstance(given, Command) else given
        if isinstance(update, Mapping):
            callers_writes(self.builder.definition, update.get("context"))

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
        # Runs and checkpoints carry it, so that traces and what is stored tell which machine they are of.
        compiled.config = {"metadata": {"fsm_name": self.definition.name}}
        graph: Graph = compiled
        return graph


def current_path(definition: FSMDefinition, values: Mapping[str, Any]) -> str:
    """Return the path of the state that a stored conversation is in: `payment/card`."""
    return path_of(str(values.get("current_state", definition.initial_state)), values.get("sub_machine"))


def _edit(definition: FSMDefinition, snapshot: StateSnapshot, update: Mapping[str, Any]) -> list[list[StateUpdate]]:
    """Say as which nodes an update is made, step by step; nothing where LangGraph itself knows best."""
    flight, written = snapshot.values.get("turn") or {}, dict(update)
    if snapshot.config.get("configurable", {}).get("checkpoint_ns") or not definition.states.keys() >= {*snapshot.next}:
        return []
    if flight.get("next") in snapshot.next:  # a turn is paused on the way
        return [[StateUpdate(written, flight["at"])]]
    names = (update.get("current_state"), snapshot.values.get("current_state"), definition.initial_state)
    state = next(name for name in names if isinstance(name, str) and name in definition.states)
    # A turn that is paused before its first state begins once more, in the state that was written.
    return [[StateUpdate(written, state)], *([[StateUpdate({}, START)]] if snapshot.next else [])]


def _picture(definition: FSMDefinition, history: Iterable[StateSnapshot], xray: bool) -> Picture:
    line = _lineage(history)
    begun = bool(line) and "current_state" in line[-1].values
    current = current_path(definition, line[-1].values) if begun else None
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


def _thread_of(config: RunnableConfig) -> str:
    return str(config.get("configurable", {}).get("thread_id"))


def _id_of(config: RunnableConfig) -> str | None:
    checkpoint_id: str | None = config.get("configurable", {}).get("checkpoint_id")
    return checkpoint_id
