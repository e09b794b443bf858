"""Edges of somebody's own in a machine's graph, and what their nodes may write.

    out of a state   taken where the turn lands in it; where it goes on, the machine alone says where to
    out of a node    LangGraph's own
    to nothing       an error, from a conditional edge, a `Command` or a `Send`; LangGraph would end the run there

An edge out of a state that was taken in passing would have a second turn begin while the first is on its way. What a
node writes into the machine's channels is held against the definition, as an input is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import Runnable, RunnableConfig
from langgraph.graph import END
from langgraph.types import Command, Send

from fsm_langgraph.errors import StateError
from fsm_langgraph.graph.channels import callers_writes
from fsm_langgraph.graph.edges import Path
from fsm_langgraph.graph.editing import check_state
from fsm_langgraph.graph.langgraph_internals import BranchSpec

if TYPE_CHECKING:
    from fsm_langgraph.graph.graph_builder import GraphBuilder

_NOWHERE = "a jump leads to it, and there is no such state or node. Nothing of this step was stored."


def add_from_state(builder: GraphBuilder, state: str, target: str) -> None:
    """Lead from a state to another node, where the turn lands in the state."""
    name = f"{state} leads to {target}"
    if name not in builder.branches[state]:
        builder.add_conditional_edges(state, Path(name, lambda *_: target), {target: target})


def guard(builder: GraphBuilder, source: str, name: str) -> None:
    """Have a conditional edge lead nowhere but to nodes and, out of a state, have it wait for the landing."""
    branches = builder.branches[source]
    kind = _FromLanding if source in builder.definition.states else _Guarded
    branch = branches[name] = kind(*branches[name])
    branch.nodes = builder.nodes.keys()


def check_jumps(commands: Any, nodes: Collection[str]) -> None:
    """See that the jumps of a `Command`, or of several, lead to nodes.

    Raises:
        StateError: One leads to none.
    """
    for command in commands if isinstance(commands, list | tuple) else [commands]:
        if isinstance(command, Command) and command.graph != Command.PARENT:
            _check(command.goto if isinstance(command.goto, list | tuple) else [command.goto], nodes)


def _check(targets: Iterable[Any], nodes: Collection[Any]) -> None:
    for target in targets:
        name = target.node if isinstance(target, Send) else target
        if isinstance(name, str) and name != END and name not in nodes:
            raise StateError(name, nodes, _NOWHERE, noun="states and nodes")


class Written(Runnable[Any, Any]):
    """Looks at what a node of somebody's own has written, and where its `Command`s lead, before any of it is stored.

    LangGraph would store what the channel of the context refuses, and fail at it whenever the conversation is read.

    Args:
        builder: The graph's builder.
    """

    def __init__(self, builder: GraphBuilder) -> None:
        self._definition = builder.definition
        self._nodes = builder.nodes.keys()

    def invoke(
        self,
        input: Any,  # noqa: A002 - the name is Runnable's
        config: RunnableConfig | None = None,  # noqa: ARG002 - it only reads what is written
        **_: Any,
    ) -> Any:
        """Let what was written pass.

        Raises:
            ContextError: A value of the context is not the caller's to write.
            StateError: A `Command` leads to no node, or no state is named so.
        """
        check_jumps(input, self._nodes)
        for written in input if isinstance(input, list | tuple) else [input]:
            if not (isinstance(written, Command) and written.graph == Command.PARENT):  # the graph around stores that
                for update in _updates_of(written):
                    check_state(self._definition, update)
                    callers_writes(self._definition, update.get("context"))
        return input


def _updates_of(written: Any) -> Iterator[Mapping[str, Any]]:
    """Go through what a node has written: the pairs of a command one by one, as several may write one channel."""
    update = written.update if isinstance(written, Command) else written
    if isinstance(update, Mapping):
        yield update
    elif isinstance(written, Command) and isinstance(update, list | tuple):
        yield from ({name: value} for name, value in update)


class _Guarded(BranchSpec):
    """A conditional edge that leads nowhere but to nodes."""

    nodes: Collection[str]

    def _finish(self, writer: Any, input: Any, result: Any, config: RunnableConfig) -> Any:  # noqa: A002 - LangGraph's name
        answers = result if isinstance(result, list | tuple) else [result]
        sent = [answer for answer in answers if isinstance(answer, Send)]
        named = [answer for answer in answers if not isinstance(answer, Send)]
        _check(sent, self.nodes)
        _check(named, self.ends or self.nodes)  # the router's own names, where it has some
        return super()._finish(writer, input, result, config)


class _FromLanding(_Guarded):
    """A conditional edge that is looked at where a turn has landed."""

    def _route(self, input: Any, config: RunnableConfig, *, reader: Any, writer: Any) -> Any:  # noqa: A002 - LangGraph's name
        return super()._route(input, config, reader=reader, writer=writer) if _has_landed(input) else input

    async def _aroute(self, input: Any, config: RunnableConfig, *, reader: Any, writer: Any) -> Any:  # noqa: A002 - LangGraph's name
        return await super()._aroute(input, config, reader=reader, writer=writer) if _has_landed(input) else input


def _has_landed(written: Any) -> bool:
    return isinstance(written, Mapping) and "last_turn" in written
