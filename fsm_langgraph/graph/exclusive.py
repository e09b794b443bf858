"""One turn at a time: which runs and edits of a graph hold their conversation, and how the hold travels.

    the outermost graph            holds its conversation, for all of a run and for each edit
    a machine within another graph
      that keeps its own state     holds that: `checkpointer=True`, or a thread of its own
      that shares its parent's     cannot: its parent begins it anew, and stores what it has done
    a sub-machine                  is a part of the turn that runs it

A hold travels in the config of its run. So the states' nodes find it, a caller that has one already is not made to
wait for itself, and a handler that calls its own conversation is refused at once.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnableConfig

from fsm_langgraph.effects import Effect, Outside
from fsm_langgraph.errors import TurnConflict
from fsm_langgraph.graph.kept_thread import Thread, find_thread
from fsm_langgraph.graph.langgraph_internals import internal_key, running_config
from fsm_langgraph.locking import Hold, storage_errors_told

if TYPE_CHECKING:
    from fsm_langgraph.graph.graph_builder import BusyRules
    from fsm_langgraph.graph.shown_graph import ShownGraph

KEY = internal_key("hold")
"""Its place in a run's config."""


def hold_for_run(graph: ShownGraph, thread: Thread | None, config: RunnableConfig | None) -> Hold | None:
    """Return what holds the conversation of a run, for `with` and `async with`.

    Args:
        graph: The machine's graph.
        thread: Where the conversation is kept, if it is.
        config: The config that the run begins with.

    Returns:
        `None` where there is nothing to hold, or whoever gave the config holds it already.
    """
    return _hold(thread, config, graph.builder.busy_rules)


def hold_for_edit(graph: ShownGraph, config: RunnableConfig) -> Hold | nullcontext[None]:
    """Return what holds the conversation of an edit, for `with` and `async with`; an edit supersedes no turn."""
    rules = graph.builder.busy_rules
    if rules.busy == "latest":
        rules = replace(rules, busy="wait")
    return _hold(find_thread(graph, config), config, rules) or nullcontext()


def _hold(thread: Thread | None, config: RunnableConfig | None, rules: BusyRules) -> Hold | None:
    if thread is None:
        return None
    given = hold_in(config or {})
    if given is not None and given.is_of(thread.saver, thread.thread_id, thread.namespace):
        return None
    return Hold(
        thread.saver,
        thread.thread_id,
        thread.namespace,
        busy=rules.busy,
        patience=rules.patience,
        around=hold_in(running_config()),
        is_fork=thread.checkpoint_id is not None,
    )


def hold_in(config: RunnableConfig) -> Hold | None:
    """Return the hold that a config carries."""
    hold: Hold | None = (config.get("configurable") or {}).get(KEY)
    return hold


def with_hold(config: RunnableConfig | None, hold: Hold | None) -> RunnableConfig:
    """Return a config that carries a hold."""
    given = config or RunnableConfig()
    if hold is None:
        return given
    return {**given, "configurable": {**given.get("configurable", {}), KEY: hold}}


def run_held(
    hold: Hold | None, run: Callable[[RunnableConfig], Iterator[Any]], config: RunnableConfig | None
) -> Iterator[Any]:
    """Give the parts of a run that holds its conversation, if there is one to hold, until reading stops.

    Raises:
        TurnConflict: Another turn has the conversation.
        StorageError: The database failed.
    """
    with hold or nullcontext(), storage_errors_told():
        yield from run(with_hold(config, hold))


async def arun_held(
    hold: Hold | None, run: Callable[[RunnableConfig], Awaitable[AsyncGenerator[Any]]], config: RunnableConfig | None
) -> AsyncIterator[Any]:
    """Give the parts of a run that holds its conversation; the twin of `run_held`."""
    async with hold or nullcontext():
        with storage_errors_told():
            async with aclosing(await run(with_hold(config, hold))) as parts:
                async for part in parts:
                    yield part


@dataclass(frozen=True, slots=True)
class ConfirmHold(Effect[None]):
    """A look, as a turn is about to land, whether it has had the conversation for itself all the time.

    Raises:
        TurnConflict: Another turn may have landed since.
    """

    hold: Hold
    config: RunnableConfig
    """The config of the node in which the turn lands."""

    def run(self, outside: Outside) -> None:  # noqa: ARG002 - a hold knows its own database
        """Look."""
        if self.hold.has_lost(_stands_on(self.config)):
            raise _lost(self.hold)

    async def arun(self, outside: Outside) -> None:  # noqa: ARG002 - a hold knows its own database
        """Look; the twin of `run`."""
        if await self.hold.ahas_lost(_stands_on(self.config)):
            raise _lost(self.hold)


def _lost(hold: Hold) -> TurnConflict:
    return TurnConflict(
        f"conversation {hold.thread_id!r}: the turn was not stored, as another one may have been in the meantime: the "
        "session that had the lock has ended, or another process has stored something without one.",
        "Send the message again.",
    )


def _stands_on(config: RunnableConfig) -> str:
    """Return the id of the newest checkpoint of a node's run."""
    return str((config.get("configurable", {}).get("checkpoint_map") or {}).get("", ""))
