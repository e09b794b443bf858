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

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver

from fsm_langgraph.effects import Effect, Outside
from fsm_langgraph.errors import TurnConflict
from fsm_langgraph.graph.langgraph_internals import (
    KEPT_OUT,
    checkpointer_of,
    config_of_run,
    is_nested,
    is_within_a_run,
    running_config,
)
from fsm_langgraph.locking import Busy, Hold, storage_errors_told

if TYPE_CHECKING:
    from fsm_langgraph.graph.graph import Graph

KEY = f"{KEPT_OUT}fsm_hold"
"""Its place in a run's config."""


def hold_conversation(graph: Graph, config: RunnableConfig | None, *, is_edit: bool = False) -> Hold | None:
    """Return what holds the conversation of a run or an edit, for `with` and `async with`.

    Args:
        graph: The machine's graph.
        config: The config that the run or the edit begins with.
        is_edit: Whether it is an edit, which supersedes no turn.

    Returns:
        `None` where there is nothing to hold, or whoever gave the config holds it already.
    """
    configurable = (config or {}).get("configurable") or {}
    if "thread_id" not in configurable or is_within_a_run(config):
        merged = config_of_run(graph.config, config)
        configurable = merged.get("configurable") or {}
    lent = checkpointer_of({"configurable": configurable})
    namespace = ""
    if is_nested(configurable):
        if graph.checkpointer is not True:
            return None
        namespace = _kept_namespace(configurable.get("checkpoint_ns", ""))
    saver = lent or graph.checkpointer
    if not isinstance(saver, BaseCheckpointSaver) or configurable.get("thread_id") is None:
        return None
    thread_id = str(configurable["thread_id"])
    given = hold_in(config or {})
    if given is not None and given.is_of(saver, thread_id, namespace):
        return None
    rules = graph.builder.busy_rules
    busy: Busy = "wait" if is_edit and rules.busy == "latest" else rules.busy
    around = hold_in(running_config())
    return Hold(
        saver,
        thread_id,
        namespace,
        busy=busy,
        patience=rules.patience,
        around=around,
        is_fork=configurable.get("checkpoint_id") is not None,
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
    hold: Hold | None, run: Callable[[RunnableConfig], AsyncGenerator[Any]], config: RunnableConfig | None
) -> AsyncIterator[Any]:
    """Give the parts of a run that holds its conversation; the twin of `run_held`."""
    async with hold or nullcontext():
        with storage_errors_told():
            async with aclosing(run(with_hold(config, hold))) as parts:
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


def _kept_namespace(namespace: str) -> str:
    """Return the namespace in which a graph with `checkpointer=True` keeps its state: without the ids of tasks."""
    return "|".join(part.partition(":")[0] for part in namespace.split("|"))
