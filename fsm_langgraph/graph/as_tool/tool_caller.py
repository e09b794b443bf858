"""Who calls a machine's tool, and with which message: read from what LangGraph tells a tool.

A conversation belongs to a caller, and a caller is known by

- the thread of the outermost graph,
- the nodes that lead to the tool, by their names: an agent that is a node of a graph is the same one in every turn,
- and, where one of these nodes runs tools, that node's task: an agent that was itself started by a tool call, such as a
  subagent of deepagents, has a conversation for each such call.

LangGraph tells the nodes and their tasks in its `checkpoint_ns`: `shop:<task>|tools:<task>|tools:<task>`. A node runs
tools if it is named `tools`, as in LangChain's agents, or as the node is that runs this tool. The last one is left out.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langchain_core.runnables import RunnableConfig

from fsm_langgraph.errors import CallerError

CALL = "fsm_tool_call"
"""The key of a call's identity in the metadata of its runs and checkpoints."""
CALLER = "fsm_tool_caller"
"""The key of the caller's thread there, by which a checkpointer lists the conversations of an agent's thread."""
AROUND = "fsm_tool_namespace"
"""The key of LangGraph's name of the task that runs the tool there; model calls stream under it."""

_NAMES = uuid.UUID("0d6c6a4e-0d1f-4c55-9a3b-5b7c1c2f7a90")
"""The namespace of all ids that are made here. It never changes: stored conversations would not be found again."""
_NODE_OF_TOOLS = "tools"
"""The name of the node that runs an agent's tools, in all of LangChain's agents."""
_LANGGRAPHS_OWN = ("thread_id", "checkpoint_id", "checkpoint_ns", "checkpoint_map")


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller of a machine's tool, who has one conversation at a time."""

    tool: str
    """The tool's name."""
    thread_id: str
    """The thread of the outermost graph."""
    within: tuple[str, ...]
    """The nodes that lead to the tool, those that run tools with their tasks."""
    namespace: str
    """LangGraph's own name of the task that runs the tool; empty outside of graphs."""
    configurable: Mapping[str, Any]
    """The keys of the run's config that are not LangGraph's own."""

    @property
    def key(self) -> str:
        """Tells the caller from all others."""
        return _id(self.thread_id, *self.within, self.tool)

    def conversation(self, number: int) -> str:
        """Return the thread of one of the caller's conversations, which are numbered from 1 on."""
        return _id(self.thread_id, *self.within, self.tool, number)


@dataclass(frozen=True, slots=True)
class PassedMessage:
    """One call of the tool: a message that is passed on to the machine."""

    text: str
    """The user's words; none where the machine is to begin."""
    call: str
    """The identity of the call: the same when it is run again."""
    step: str
    """The id of the model's message that the call is part of; empty where that is not known."""
    before: tuple[str, ...]
    """The calls of the same step that the model has made before this one, and that are not answered."""

    @property
    def message_id(self) -> str:
        """The id of the user's message in the machine's conversation."""
        return _id(self.call, self.text)

    @property
    def messages(self) -> list[AnyMessage]:
        """The input of the turn."""
        return [HumanMessage(self.text, id=self.message_id)] if self.text.strip() else []


def read_caller(tool: str, config: RunnableConfig) -> Caller:
    """Find out who calls.

    Args:
        tool: The tool's name.
        config: The config that the tool was called with.

    Raises:
        CallerError: The config names no thread.
    """
    configurable = config.get("configurable", {})
    thread_id = configurable.get("thread_id")
    if thread_id is None:
        raise CallerError(
            tool,
            "its caller has no thread, by which its conversation would be found again.",
            'Run the agent with {"configurable": {"thread_id": …}}, and give it a checkpointer.',
        )
    # Inside a node the key `checkpoint_ns` is that of the graph around it.
    namespace = str((config.get("metadata") or {}).get("langgraph_checkpoint_ns") or "")
    own = {name: v for name, v in configurable.items() if not name.startswith("__") and name not in _LANGGRAPHS_OWN}
    return Caller(tool, str(thread_id), _ancestry(namespace), namespace, own)


def read_call(tool: str, text: str, call_id: str | None, state: Any) -> PassedMessage:
    """Read a call of the tool.

    Args:
        tool: The tool's name.
        text: The user's words.
        call_id: The id of the call; `None` where it is called by hand, which makes each call another one.
        state: The state of the graph that calls it, where it is known.
    """
    messages = _messages_in(state)
    asking = next((m for m in reversed(messages) if isinstance(m, AIMessage) and call_id in _calls(m, tool)), None)
    if call_id is None:
        return PassedMessage(text, _id(str(uuid.uuid4())), "", ())
    if asking is None:
        return PassedMessage(text, _id("", call_id), "", ())
    # Some servers number the calls of each message anew, so the message's own id is needed too.
    step, calls = str(asking.id), _calls(asking, tool)
    answered = {message.tool_call_id for message in messages if isinstance(message, ToolMessage)}
    earlier = [other for other in calls[: calls.index(call_id)] if other not in answered]
    return PassedMessage(text, _id(step, call_id), step, tuple(_id(step, str(other)) for other in earlier))


def _ancestry(namespace: str) -> tuple[str, ...]:
    """Keep of a namespace what is the same in every turn, and the tasks of the nodes that run tools."""
    *around, last = namespace.split("|")
    of_tools = {_NODE_OF_TOOLS, last.partition(":")[0]}
    return tuple(part if part.partition(":")[0] in of_tools else part.partition(":")[0] for part in around)


def _messages_in(state: Any) -> Sequence[AnyMessage]:
    if isinstance(state, list):
        return state
    found = state.get("messages") if isinstance(state, Mapping) else getattr(state, "messages", None)
    return found or ()


def _calls(message: AIMessage, tool: str) -> list[str | None]:
    return [call["id"] for call in message.tool_calls if call["name"] == tool]


def _id(*parts: str | int) -> str:
    return str(uuid.uuid5(_NAMES, json.dumps(parts)))
