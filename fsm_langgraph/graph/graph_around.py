"""The graph around a machine's: a swarm, a supervisor, a graph of one's own. It gets the user when a turn hands over.

    the run begins, nested in another ── GraphAround travels in its config
    a turn lands                      ── its node notes what landed, and whether it hands the user over
    the run has ended                 ── the landing is stored, and LangGraph's `ParentCommand` is raised
    a run is resumed that had ended   ── nothing lands any more, so what is stored of the last landing says the same

A node that raised that command itself would lose its own landing. LangGraph delivers it to the graph directly around:
the one whose node runs this graph, as it is or within a function. The messages end there as the field's convention has
it, with a call of `transfer_to_<agent>` and its answer: the next agent's provider takes them, and its model knows what
has happened. The machine itself stores what was said, and no call.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.messages.tool import tool_call
from langchain_core.runnables import RunnableConfig
from langgraph.config import get_config
from langgraph.errors import ParentCommand
from langgraph.graph import END
from langgraph.graph.message import add_messages
from langgraph.types import Command, Send, StateSnapshot

from fsm_langgraph.graph.langgraph_internals import (
    KEPT_OUT,
    begun_anew,
    config_of_run,
    is_kept,
    is_nested,
    is_resuming,
    is_within_a_run,
    nodes_around,
)
from fsm_langgraph.prompts.speakers import speaker_of
from fsm_langgraph.turn.handoff import Handoff, unpack_handoff

if TYPE_CHECKING:
    from fsm_langgraph.graph.graph import Graph

KEY = f"{KEPT_OUT}fsm_graph_around"
"""Its place in a run's config."""


@dataclass(slots=True)
class GraphAround:
    """The graph around a run, and the command that it gets when the run has ended."""

    namespace: str
    """The namespace of the node that runs this graph."""
    agents: frozenset[str] | None
    """The names of its nodes; `None` where they cannot be told."""
    channels: frozenset[str]
    """The channels that this graph gives to it."""
    speaker: str | None
    """The name that the machine's messages carry."""
    may_have_landed: bool
    """Whether the run may go on where nothing is left to be done."""
    command: Command[Any] | None = None

    def note_landing(self, values: Mapping[str, Any], update: Mapping[str, Any]) -> None:
        """Note whether a landing hands the user over.

        Args:
            values: The machine's state before it.
            update: The update by which the turn ends.
        """
        landed = {**values, **update}
        if "handoff" in update["turn"]:
            landed["context"] = update["turn"]["base"]
            landed["messages"] = add_messages([*values["messages"]], [*update["messages"]])
        self.note_landed(landed)

    def note_landed(self, landed: Mapping[str, Any]) -> None:
        """Note whether the last turn has handed the user over, by the machine's state since."""
        self.command, self.may_have_landed = None, False
        stored = (landed.get("turn") or {}).get("handoff")
        handoff = unpack_handoff(stored)
        if stored is None or handoff is None:
            return
        given = {name: value for name, value in landed.items() if name in self.channels}
        others = {name: value for name, value in handoff.update.items() if name != "messages"}
        added = handoff.update.get("messages", ())
        messages = [*landed["messages"], *handoff.messages]
        if not handoff.messages:
            messages = _transferred(messages, handoff, stored["turn"], stored["last"], self.speaker)
        is_one = len(handoff.agents) == 1 and handoff.agents != [END]
        active = {"active_agent": handoff.agents[0]} if is_one else {}
        self.command = Command(
            graph=self.namespace,
            goto=[Send(each["node"], each["arg"]) if isinstance(each, dict) else each for each in handoff.goto],
            update={**active, **given, **others, "messages": [*messages, *added]},
        )


def find_graph_around(graph: Graph, config: RunnableConfig | None) -> GraphAround | None:
    """Return the graph around a run; `None` where there is none.

    Args:
        graph: The machine's graph.
        config: The config that the run begins with.
    """
    if not is_within_a_run(config):
        return None
    merged = config_of_run(graph.config, config)
    configurable = merged.get("configurable", {})
    # One that is not nested has a conversation of its own, in a thread that the config names.
    if not is_nested(configurable) or _is_in_a_state(merged.get("metadata") or {}):
        return None
    return GraphAround(
        str(configurable.get("checkpoint_ns", "")),
        nodes_around(configurable),
        frozenset(graph.output_channels),
        speaker_of(graph.builder.name),
        may_have_landed=is_resuming(merged) and is_kept(configurable) and graph.checkpointer is not False,
    )


def graph_around(config: RunnableConfig) -> GraphAround | None:
    """Return the graph around the machine's, as a node of that finds it in its config."""
    around: GraphAround | None = config.get("configurable", {}).get(KEY)
    return around


def with_graph_around(config: RunnableConfig | None, around: GraphAround) -> RunnableConfig:
    """Return the config of a run with the graph around it."""
    given = config or RunnableConfig()
    return {**given, "configurable": {**given.get("configurable", {}), KEY: around}}


def then_leave(
    run: Callable[[RunnableConfig], Iterator[Any]], graph: Graph, around: GraphAround, config: RunnableConfig | None
) -> Iterator[Any]:
    """Give the parts of a run; when it has ended and handed the user over, give the graph around its command.

    Args:
        run: Runs the machine's graph.
        graph: The machine's graph.
        around: The graph around the run.
        config: The config that the run begins with.

    Raises:
        ParentCommand: The user is handed over.
    """
    begun = around.may_have_landed and _has_begun(graph.get_state(config or get_config()), graph, config)
    yield from run(_of_run(around, config, has_begun=begun))
    if around.may_have_landed:
        around.note_landed(graph.get_state(config or get_config()).values)
    if around.command is not None:
        raise ParentCommand(around.command)


async def athen_leave(
    run: Callable[[RunnableConfig], AsyncGenerator[Any]],
    graph: Graph,
    around: GraphAround,
    config: RunnableConfig | None,
) -> AsyncIterator[Any]:
    """Give the parts of a run; the twin of `then_leave`."""
    begun = around.may_have_landed and _has_begun(await graph.aget_state(config or get_config()), graph, config)
    async with aclosing(run(_of_run(around, config, has_begun=begun))) as parts:  # closed where reading stops
        async for part in parts:
            yield part
    if around.may_have_landed:
        around.note_landed((await graph.aget_state(config or get_config())).values)
    if around.command is not None:
        raise ParentCommand(around.command)


def _of_run(around: GraphAround, config: RunnableConfig | None, *, has_begun: bool) -> RunnableConfig:
    """Return the config of a run, which takes its input where the graph around is resumed and this one had not begun.

    LangGraph would have it go on where its last run has ended, and never look at the input.
    """
    inside = with_graph_around(config, around)
    if has_begun or not around.may_have_landed:
        return inside
    around.may_have_landed = False
    return begun_anew(inside)


def _has_begun(stored: StateSnapshot, graph: Graph, config: RunnableConfig | None) -> bool:
    """Say whether what is stored is of the run of the graph around that is resumed, or is paused."""
    ancestors = config_of_run(graph.config, config).get("configurable", {}).get("checkpoint_map") or {}
    is_paused = any(task.error is None and task.result is None for task in stored.tasks)
    return is_paused or (stored.metadata or {}).get("parents") == ancestors


_NAMES = uuid.UUID("3d0f5a52-7c38-4f0b-9d0e-5b6a1f0b7c11")
"""The namespace of the ids of calls, so that a turn that is run again makes the same."""


def _is_in_a_state(metadata: Mapping[str, Any]) -> bool:
    """Say whether the run belongs to a handler or a tool of another machine, which alone decides where it goes."""
    path, node = f"/{metadata.get('fsm_state')}", metadata.get("langgraph_node")
    return isinstance(node, str) and path.endswith(f"/{node}")


def _transferred(
    messages: Sequence[BaseMessage], handoff: Handoff, turn_id: str, last_id: str | None, speaker: str | None
) -> list[BaseMessage]:
    """Return the messages with the call that transfers the user: in the turn's last one, or in one of its own.

    Args:
        messages: The messages.
        handoff: The handoff of a transition.
        turn_id: An id that the turn alone has.
        last_id: The id of the last message that the turn has said; `None` where it has said nothing.
        speaker: The name that the machine's messages carry.
    """
    (agent,) = handoff.agents
    name = "transfer_to_" + re.sub(r"[^a-zA-Z0-9_-]+", "_", agent.strip()).lower()[:_LONGEST]
    call = tool_call(name=name, args={}, id=f"call_{uuid.uuid5(_NAMES, turn_id).hex}")
    told = ToolMessage(f"Successfully transferred to {agent}", name=name, tool_call_id=str(call["id"]))
    told.id = f"{turn_id}-transferred"
    last = messages[-1] if messages else None
    if isinstance(last, AIMessage) and last.id == last_id:
        return [*messages[:-1], last.model_copy(update={"tool_calls": [call]}), told]
    return [*messages, AIMessage("", id=f"{turn_id}-transfers", name=speaker, tool_calls=[call]), told]


_LONGEST = 52
"""How much is kept of an agent's name in the name of the call, which has 64 characters at most."""
