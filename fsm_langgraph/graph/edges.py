"""The edges of a machine's graph: LangGraph's conditional edges, drawn as ever, that cost no more than they need to.

With LangGraph's own a router reads the state anew. For that LangGraph copies every channel, and each node has one. And
where no edge is drawn only a `Send` leads, which stores the whole state once more. Here the router of a node reads what
the node has just written, and the router of START reads what is stored. Both may lead to any node, drawn or not.

LangGraph makes a step of each writer of a node, with callbacks of its own, and a run of several steps in a row. As what
a node writes and where it leads is one writer here, START has no run of its own, as in graphs that begin at one node.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from langchain_core.runnables import Runnable, RunnableConfig
from langgraph.graph import START, StateGraph
from langgraph.types import Command

from fsm_langgraph.graph.langgraph_internals import (
    BranchSpec,
    ChannelWrite,
    ChannelWriteEntry,
    ChannelWriteTupleEntry,
)

Values = Mapping[str, Any]
Builder = StateGraph[Any, Any, Any, Any]
Starter = Callable[[Values, RunnableConfig], tuple[str, dict[str, Any]]]
"""From what is stored, and the run's config, to the node to go to, and what is to be written on the way there."""
NextNode = Callable[[Values], str | None]
"""From what a node has written to the node to go to, if any."""
_Route = Callable[[Values, RunnableConfig], tuple[str | None, dict[str, Any]]]
Routed = TypeVar("Routed")
"""An answer of a router."""


def add_start(builder: Builder, initial: str, starter: Starter) -> None:
    """Lead from START to any node; an edge is drawn to the initial one."""
    _add(builder, START, _FromStart, "start", starter, {initial: initial})


def add_transitions(builder: Builder, source: str, router: NextNode, drawn: Mapping[str, str]) -> None:
    """Lead from a node to any other or to none; the edges that are drawn are given as labels with their targets."""
    _add(builder, source, _FromNode, f"{source} goes on", lambda values, _: (router(values), {}), drawn)


def begin_at(builder: Builder, node: str) -> None:
    """Lead from START to one node, and start the turn all the same."""
    branches = builder.branches[START]
    start: Any = branches["start"]
    router: Runnable[Values, tuple[str | None, dict[str, Any]]] = start.path
    to_node = Path("start", lambda values, config: (node, router.invoke(values, config)[1]))
    branches["start"] = _FromStart(to_node, {node: node})


def join_writers(writers: list[Runnable[Any, Any]]) -> None:
    """Make one writer of those that write what a node has returned and of the one that leads on from it."""
    leads = [isinstance(getattr(getattr(each, "func", None), "__self__", None), _FromNode) for each in writers]
    if True not in leads:
        return
    *written, leading = writers[: leads.index(True) + 1]
    if all(isinstance(each, ChannelWrite) for each in written):
        writers[: len(written) + 1] = [Leading(written, leading)]


class Path(Runnable[Values, Routed]):
    """A router as LangGraph takes it: a plain function would be given to a thread wherever a graph runs async."""

    def __init__(self, name: str, route: Callable[[Values, RunnableConfig], Routed]) -> None:
        self.name = name
        self._route = route

    def invoke(
        self,
        input: Values,  # noqa: A002 - the name is Runnable's
        config: RunnableConfig | None = None,
        **_: Any,
    ) -> Routed:
        """Say where to go."""
        return self._route(input, config or {})


class _FromNode(BranchSpec):
    """An edge whose router reads what its node has written.

    What somebody has written in the node's name need not have a turn; then it reads what is stored.
    """

    def _route(self, input: Any, config: RunnableConfig, *, reader: Any, writer: Any) -> Any:  # noqa: A002 - LangGraph's name
        path: Runnable[Values, Any] = self.path
        target, writes = path.invoke(self._values(input, config, reader), config)
        if target is not None:
            entries = [ChannelWriteEntry(channel, value) for channel, value in self._written(writes, input).items()]
            ChannelWrite.do_write(config, [*entries, *writer([target], False)])
        return input

    async def _aroute(self, input: Any, config: RunnableConfig, *, reader: Any, writer: Any) -> Any:  # noqa: A002 - LangGraph's name
        return self._route(input, config, reader=reader, writer=writer)

    def _written(self, writes: dict[str, Any], input: Any) -> dict[str, Any]:  # noqa: A002, ARG002 - LangGraph's name
        """Return what is written on the way."""
        return writes

    def _values(self, written: Any, config: RunnableConfig, reader: Any) -> Values:
        values: Values = written if isinstance(written, Mapping) and "turn" in written else reader(config)
        return values


class Leading(ChannelWrite):
    """Writes what a node has returned, and leads on from it.

    Args:
        written: LangGraph's writers of what the node has returned.
        leading: The writer that LangGraph has made of the edge.
    """

    def __init__(self, written: Sequence[Any], leading: Any) -> None:
        drawn = ChannelWriteTupleEntry(lambda _: None, None, ChannelWrite.get_static_writes(leading))
        super().__init__([*(entry for each in written for entry in each.writes), drawn])
        self._lead: Callable[[Any, RunnableConfig], Any] = partial(leading.func, **leading.kwargs)

    def _write(self, input: Any, config: RunnableConfig) -> Any:  # noqa: A002 - LangGraph's name
        super()._write(input, config)
        # LangGraph writes nothing where it only looks for the edges to draw.
        return None if input is None else self._lead(input, config)

    async def _awrite(self, input: Any, config: RunnableConfig) -> Any:  # noqa: A002 - LangGraph's name
        return self._write(input, config)


class _FromStart(_FromNode):
    """An edge whose router reads what is stored, without the input. A jump leads elsewhere by itself."""

    def _route(self, input: Any, config: RunnableConfig, *, reader: Any, writer: Any) -> Any:  # noqa: A002 - LangGraph's name
        # Only where a conversation begins with a jump does LangGraph go through START.
        jumps = isinstance(input, Command) and bool(input.goto)
        return input if jumps else super()._route(input, config, reader=reader, writer=writer)

    def _written(self, writes: dict[str, Any], input: Any) -> dict[str, Any]:  # noqa: A002 - LangGraph's name
        # The input's own writes come first, and hold.
        given = input.get("context") if "context" in writes and isinstance(input, Mapping) else None
        if not given:
            return writes
        return {**writes, "context": {key: value for key, value in writes["context"].items() if key not in given}}

    def _values(self, written: Any, config: RunnableConfig, reader: Any) -> Values:  # noqa: ARG002 - the input may be anything
        values: Values = reader(config, fresh=False)
        return values


def _add(
    builder: Builder, source: str, kind: type[BranchSpec], name: str, route: _Route, drawn: Mapping[str, str]
) -> None:
    builder.add_conditional_edges(source, Path(name, route), dict[Any, str](drawn))
    # LangGraph has made a branch of the drawn edges; it is replaced by one of ours with the same fields.
    branches = builder.branches[source]
    branches[name] = kind(*branches[name])
