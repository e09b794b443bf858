"""The admission of edits, before anything is stored: what `update_state` and its kin may write, and as which nodes.

LangGraph passes over a channel that there is not, logs a jump to no node, and knows no states. An edit that is refused
here stores nothing of its steps. One whose config names the place of a subgraph, as that of a turn which is paused in a
sub-machine does, is admitted by the graph there. A sub-machine's has nothing to edit but where the turn goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnableConfig
from langgraph.graph import START
from langgraph.types import StateUpdate

from fsm_langgraph.errors import ArgumentError, StateError
from fsm_langgraph.graph.before.admission import check_room, whole
from fsm_langgraph.graph.channels import check_names
from fsm_langgraph.graph.editing import check_edit, is_own_edit, update_of
from fsm_langgraph.graph.langgraph_internals import is_for_subgraph
from fsm_langgraph.graph.own_edges import check_jumps

if TYPE_CHECKING:
    from fsm_langgraph.graph.graph import Graph

Steps = Sequence[Sequence[StateUpdate]]


def admit_edits(graph: Graph, config: RunnableConfig, steps: Steps) -> list[list[StateUpdate]]:
    """Return edits as they may be made, with whole characters; each is held against the limits by itself.

    Args:
        graph: The graph of the machine.
        config: The config of the edits.
        steps: The edits.

    Raises:
        StateError: There is no state, or no node, of a name that one has.
        ArgumentError: One misspells a channel by one letter, writes one twice, as pairs, or writes into a sub-machine.
        ContextError: A context has no room for what one writes.
    """
    is_outermost = not config.get("configurable", {}).get("checkpoint_ns")
    admitted = [[_whole(*edit) for edit in step] for step in steps]
    if is_for_subgraph(config):
        return admitted
    for edit in (each for step in admitted for each in step):
        _check_is_kept(graph, edit)
        check_edit(graph.builder.definition, edit.values)
        if is_outermost:
            _check_names(graph, edit)
        # What brings a conversation over has its values, which may be over limits that were lowered since.
        if not is_own_edit(edit.values):
            check_room(graph.builder.definition, graph.builder.limits, edit.values, {})
    return admitted


def _whole(values: Any, as_node: str | None = None, task_id: str | None = None) -> StateUpdate:
    """Return an edit with whole characters.

    One that writes nothing is made as its node all the same, and takes the edges out of it. With `None` the node would
    lead nowhere, since LangGraph passes that where it only looks for the edges to draw (`edges.py`).
    """
    # Where none is named LangGraph finds the one that has run last.
    is_of_node = as_node is None or as_node == START or not as_node.startswith(_LANGGRAPHS)
    return StateUpdate({} if values is None and is_of_node else whole(values), as_node, task_id)


def _check_is_kept(graph: Graph, edit: StateUpdate) -> None:
    update = update_of(edit.values)
    if graph.lands_turns or not isinstance(update, Mapping):
        return
    for name in update:
        if name not in graph.channels:
            found = "a sub-machine keeps nothing of its own, and there is nothing of the kind to edit in it."
            advice = "Edit the conversation itself, of a graph that stands alone by a config with its thread_id alone."
            raise ArgumentError(f"values[{name!r}]", update[name], advice, found=found)


def _check_names(graph: Graph, edit: StateUpdate) -> None:
    nodes, author = graph.builder.nodes, edit.as_node
    if author is not None and author not in nodes and not author.startswith(_LANGGRAPHS):
        raise StateError(author, nodes, _NO_AUTHOR, noun="states and nodes")
    check_jumps(edit.values, nodes)
    update = update_of(edit.values)
    if isinstance(update, Mapping):
        check_names(update, graph.channels, [name for name in graph.stream_channels_list if name != "turn"])


_LANGGRAPHS = "__"
"""The start of the names of LangGraph's own: START, END, `__input__` and `__copy__`."""
_NO_AUTHOR = "an edit was to be made as it, and there is no such state or node. Nothing was stored."
