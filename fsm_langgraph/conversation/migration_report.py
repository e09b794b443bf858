"""All conversations of a database under a definition that has changed: which fit, and which are to be brought over.

The graph that they are edited with is made here, of the definition alone: no model is asked, no handler and no tool is
run for that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool, StructuredTool
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple

from fsm_langgraph.conversation.keeping.storage import rows_of
from fsm_langgraph.definition import FSMDefinition, read_identity
from fsm_langgraph.errors import FSMError, StaleDefinition, StoredDataError
from fsm_langgraph.graph.compiler import build_graph
from fsm_langgraph.graph.graph import Graph
from fsm_langgraph.models.scripted import ScriptedModel
from fsm_langgraph.turn.definition_change import told_change

Status = Literal["fine", "migratable", "migrated", "blocked", "another machine"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One conversation under a definition."""

    conversation: str
    machine: str
    """The name of the machine that it was held with; empty where it is not known."""
    status: Status
    """Whether it goes on as it is, can be brought over, was brought over, cannot be, or is another machine's."""
    why: tuple[str, ...] = ()
    """The changes that bring it over, or the differences that keep it from that."""


def bring_all_over(definition: FSMDefinition, saver: BaseCheckpointSaver[Any], *, stores: bool) -> Iterator[Finding]:
    """Bring over the conversations of a checkpointer, each for itself; yield what is found of each, the newest first.

    Args:
        definition: The definition of today.
        saver: The checkpointer.
        stores: Whether they are stored; else nothing is changed.
    """
    # No store: a required lookup is for turns, and none is held.
    builder = build_graph(definition, ScriptedModel(replies=[]), tools=_tools(definition), busy="reject")
    graph = builder.compile(saver)
    for thread_id in threads(saver):
        config: RunnableConfig = {"configurable": {"thread_id": thread_id}}
        try:
            saved = saver.get_tuple(config)
        except StoredDataError as error:
            yield Finding(thread_id, "", "blocked", (str(error),))
            continue
        if saved is not None and (machine := machine_of(saved)) is not None:
            yield _bring_over(graph, config, saved, machine, stores=stores)


def machine_of(saved: CheckpointTuple) -> str | None:
    """Return the name of the machine that a conversation was held with; `None` where it is none of this package's."""
    values = saved.checkpoint["channel_values"]
    identity = (values.get("turn") or {}).get("definition")
    if identity is not None:
        return read_identity(identity).name
    name = saved.metadata.get("fsm_name")  # what an earlier release has stored has that
    return str(name) if name is not None else "" if "last_turn" in values else None


def is_of(definition: FSMDefinition, machine: str) -> bool:
    """Say whether a machine of this name is this one, be it by an earlier name of it."""
    return machine in ("", definition.name, *definition.migration.names)


def threads(saver: BaseCheckpointSaver[Any]) -> list[str]:
    """List the ids of the conversations that a checkpointer has, the newest first; none of them is read for it."""
    newest_first = sorted(rows_of(saver).ends(), key=lambda ends: ends.newest, reverse=True)
    return [ends.thread_id for ends in newest_first]


def _bring_over(graph: Graph, config: RunnableConfig, saved: CheckpointTuple, machine: str, *, stores: bool) -> Finding:
    thread_id = str(config["configurable"]["thread_id"])
    if not is_of(graph.builder.definition, machine):
        return Finding(thread_id, machine, "another machine", (machine,))
    foreign = [name for name in saved.checkpoint["channel_values"] if _is_foreign(graph, name)]
    try:
        change = graph.migrate(config, dry_run=True)
        if change is None:
            return Finding(thread_id, machine, "fine")
        if foreign:
            found = f"its graph has channels of its own: {', '.join(sorted(foreign))}. Use that graph's migrate()"
            return Finding(thread_id, machine, "blocked", (found,))
        if stores:
            change = graph.migrate(config) or change
    except StaleDefinition as error:
        return Finding(thread_id, machine, "blocked", error.differences)
    except FSMError as error:
        return Finding(thread_id, machine, "blocked", (str(error),))
    return Finding(thread_id, machine, "migrated" if stores else "migratable", tuple(told_change(change)))


def _is_foreign(graph: Graph, channel: str) -> bool:
    """Say whether a channel is one of somebody's own, which an edit by this graph would lose."""
    is_known = channel in graph.channels or channel in ("sub_machine", "older_messages")
    return not is_known and not channel.startswith(("__", "branch:"))


def _tools(definition: FSMDefinition) -> list[BaseTool]:
    """Make tools of the names that states use: they are not called, but must be there."""
    names = dict.fromkeys(name for state in definition.by_path.values() for name in state.tools)
    return [StructuredTool.from_function(lambda: "", name=name, description=name) for name in names]
