"""All conversations of a database under a definition that has changed: which fit, and which are to be brought over.

The graph that they are edited with is made here, of the definition alone: no model is asked, no handler and no tool is
run for that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool, StructuredTool
from langgraph.checkpoint.base import CheckpointTuple

from fsm_langgraph.conversation.held_with import held_with, is_of
from fsm_langgraph.conversation.keeping.storage import ConversationStorage, Holder, opened_storage
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import FSMError, StaleDefinition, StorageError
from fsm_langgraph.graph.compiler import build_graph
from fsm_langgraph.graph.graph import Graph
from fsm_langgraph.locking import storage_errors_told
from fsm_langgraph.models.scripted import ScriptedModel
from fsm_langgraph.turn.definition_change import told_change

Status = Literal["fine", "migratable", "migrated", "blocked", "another machine"]


@dataclass(frozen=True, slots=True)
class MigrationFinding:
    """One conversation under a definition."""

    conversation: str
    machine: str
    """The name of the machine that it was held with; empty where it is not known."""
    status: Status
    """Whether it goes on as it is, can be brought over, was brought over, cannot be, or is another machine's."""
    why: tuple[str, ...] = ()
    """The changes that bring it over, or the differences that keep it from that."""


def bring_all_over(
    definition: FSMDefinition,
    db: Holder,
    *,
    stores: bool,
    allow_types: Collection[type] = (),
    encryption_key: bytes | str | None = None,
) -> Iterator[MigrationFinding]:
    """Bring over the conversations of a database, each for itself; yield what is found of each, the newest first.

    Args:
        definition: The definition of today.
        db: A SQLite file by its path, PostgreSQL by its address, an `LLM_FSM`, or a compiled graph with a checkpointer.
        stores: Whether they are stored; else nothing is changed.
        allow_types: As `LLM_FSM` takes it, for a file or an address.
        encryption_key: The key that a file or a database was stored with.

    Raises:
        SetupError: There is no such database, or a type or the key cannot be used.
        EncryptionError: It is encrypted, and no key was given, or another one.
        StorageError: The database failed.
    """
    # No store: a required lookup is for turns, and none is held.
    builder = build_graph(definition, ScriptedModel(replies=[]), tools=_tools(definition), busy="reject")
    with opened_storage(db, allow_types=allow_types, encryption_key=encryption_key) as storage, storage_errors_told():
        graph = builder.compile(storage.saver)
        for ends in sorted(storage.rows.ends(), key=lambda ends: ends.newest, reverse=True):
            found = _find(graph, storage, ends.thread_id, stores=stores)
            if found is not None:
                yield found


def _find(graph: Graph, storage: ConversationStorage, thread_id: str, *, stores: bool) -> MigrationFinding | None:
    config: RunnableConfig = {"configurable": {"thread_id": thread_id}}
    try:
        saved = storage.outline.get_tuple(config)  # of another machine's nothing is built
        held = held_with(saved) if saved is not None else None
    except StorageError as error:
        return MigrationFinding(thread_id, "", "blocked", (str(error),))
    except (TypeError, ValueError, LookupError, AttributeError) as error:  # somebody else's row may be anything
        return MigrationFinding(thread_id, "", "blocked", (f"it cannot be read: {type(error).__name__}",))
    if saved is None or held is None:
        return None
    return _bring_over(graph, config, saved, held.name, stores=stores)


def _bring_over(
    graph: Graph, config: RunnableConfig, saved: CheckpointTuple, machine: str, *, stores: bool
) -> MigrationFinding:
    thread_id = str(config["configurable"]["thread_id"])
    if not is_of(graph.builder.definition, machine):
        return MigrationFinding(thread_id, machine, "another machine", (machine,))
    foreign = [name for name in saved.checkpoint["channel_values"] if _is_foreign(graph, name)]
    try:
        change = graph.migrate(config, dry_run=True)
        if change is None:
            return MigrationFinding(thread_id, machine, "fine")
        if foreign:
            found = f"its graph has channels of its own: {', '.join(sorted(foreign))}. Use that graph's migrate()"
            return MigrationFinding(thread_id, machine, "blocked", (found,))
        if stores:
            change = graph.migrate(config) or change
    except StaleDefinition as error:
        return MigrationFinding(thread_id, machine, "blocked", error.differences)
    except FSMError as error:
        return MigrationFinding(thread_id, machine, "blocked", (str(error),))
    return MigrationFinding(thread_id, machine, "migrated" if stores else "migratable", tuple(told_change(change)))


def _is_foreign(graph: Graph, channel: str) -> bool:
    """Say whether a channel is one of somebody's own, which an edit by this graph would lose."""
    is_known = channel in graph.channels or channel in ("sub_machine", "older_messages")
    return not is_known and not channel.startswith(("__", "branch:"))


def _tools(definition: FSMDefinition) -> list[BaseTool]:
    """Make tools of the names that states use: they are not called, but must be there."""
    names = dict.fromkeys(name for state in definition.by_path.values() for name in state.tools)
    return [StructuredTool.from_function(lambda: "", name=name, description=name) for name in names]
