"""A tool call: made by LangGraph's `ToolNode`, once in a turn, and what may come of it.

The calls of one reply run one after the other, in the order written. So what `interrupt()` asks a person in a tool
belongs to that very call, and a later call finds what an earlier one wrote. A tool returns what LangGraph's tools
return: text, JSON data, or `Command(update={"context": {...}, "messages": [ToolMessage(...)]})` to write keys as well.
One for the graph around (`graph=Command.PARENT`) hands the user over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from langchain_core.messages import ToolCall, ToolMessage
from langgraph.errors import GraphBubbleUp, ParentCommand
from langgraph.types import Command

from fsm_langgraph.effects import Composite, Effect, Entry, IdempotencyKey, Outside
from fsm_langgraph.errors import ToolError
from fsm_langgraph.tools.hidden_writes import HIDE, Hide
from fsm_langgraph.tools.parent_command import ToolCommand, from_entry, read_parent_command, to_entry

if TYPE_CHECKING:
    from langgraph.prebuilt import ToolNode

KEY = "idempotency_key"
"""Where the state that a tool is given has the idempotency key of its call, see `tool_key.py`."""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """The outcome of a tool call."""

    message: ToolMessage
    """The answer that the model gets to read."""
    writes: Mapping[str, Any]
    """The keys of the context that the tool writes, unchecked."""
    handoff: ToolCommand | None = None
    """The command that hands the user over, where it is one."""


@dataclass(frozen=True, slots=True)
class UseTool(Composite[ToolResult]):
    """A tool call that a turn waits for.

    Raises:
        ToolError: It failed, and nothing was said about how to handle that; or it wants what no tool may do.
    """

    state: str
    """The path of the state that it is made in."""
    call: ToolCall
    values: Mapping[str, Any] = field(repr=False)
    """The graph's state as it is injected: `messages`, of which the last has this call alone, and `context`."""
    node: ToolNode
    """LangGraph's node that runs the tools."""
    key: IdempotencyKey
    hidden: Hide
    """Puts tokens in the places of the secrets that it writes."""

    async def steps(self, outside: Outside) -> ToolResult:
        """Make the call, unless the journal has its result."""
        journal = outside.journal
        name = journal.name(self.key)
        entry = await journal.find(name, self.key)
        if entry is not None:
            handoff = from_entry(entry["handoff"]) if "handoff" in entry else None
            return ToolResult(ToolMessage(**entry["message"]), entry.get("writes", {}), handoff)
        if outside.time is not None:
            outside.time.check(self.state)
        await journal.begin()  # the reply that asks for it is stored first, so that a further run makes the same call
        result = await _CallTool(self, {**self.values, KEY: name})
        result = replace(result, writes=self.hidden(dict(result.writes)))
        if (entry := _entry(result)) is not None:
            await journal.record(name, entry)
        return result


def _entry(result: ToolResult) -> Entry | None:
    """Make the journal's entry; `None` where a tool gives what is no JSON data: as a key it fails the turn at once."""
    message = result.message.model_dump(include={"content", "tool_call_id", "name", "status"})
    given = {"handoff": to_entry(result.handoff)} if result.handoff is not None else {}
    with suppress(TypeError, ValueError):
        entry: Entry = json.loads(json.dumps({"message": message, "writes": dict(result.writes), **given}))
        return entry
    return None


@dataclass(frozen=True, slots=True)
class _CallTool(Effect[ToolResult]):
    """The run of the tool's own code."""

    use: UseTool
    values: Mapping[str, Any] = field(repr=False)
    """The graph's state as it is injected, with the idempotency key of the call."""

    def run(self, outside: Outside) -> ToolResult:
        outside.end_if_superseded()
        try:
            with _hiding(self.use.hidden):
                output = self.use.node.invoke(self.values, outside.hidden_config)
        except ParentCommand as command:
            raise _refused(self.use, _RAISED, _RETURN) from command
        except GraphBubbleUp:  # `interrupt()` raises it to pause the turn: no failure
            raise
        except Exception as error:
            raise _failed(self.use, error) from error
        return _read(self.use, output, outside)

    async def arun(self, outside: Outside) -> ToolResult:
        outside.end_if_superseded()
        try:
            with _hiding(self.use.hidden):
                output = await self.use.node.ainvoke(self.values, outside.hidden_config)
        except ParentCommand as command:
            raise _refused(self.use, _RAISED, _RETURN) from command
        except GraphBubbleUp:
            raise
        except Exception as error:
            raise _failed(self.use, error) from error
        return _read(self.use, output, outside)


@contextmanager
def _hiding(hide: Hide) -> Iterator[None]:
    token = HIDE.set(hide)
    try:
        yield
    finally:
        HIDE.reset(token)


def _failed(use: UseTool, error: Exception) -> ToolError:
    return ToolError(use.state, use.call["name"], f"failed: {type(error).__name__}: {error}")


def _read(use: UseTool, output: Any, outside: Outside) -> ToolResult:
    """Read what the node gives back: the message that answers the call, the keys to write, and who gets the user."""
    messages: list[Any] = []
    writes: dict[str, Any] = {}
    handoff: ToolCommand | None = None
    for part in output if isinstance(output, list) else [output]:
        if isinstance(part, Command) and part.graph == Command.PARENT and handoff is None:
            handoff, answer = _read_handoff(use, part, outside)
            messages += [answer] if answer is not None else []
            continue
        update = _update(use, part)
        messages += update.get("messages") or ()
        written = update.get("context") or {}
        if not isinstance(written, Mapping):
            raise _refused(use, "returned a 'context' that is no object of keys and values")
        writes |= written
    match messages:
        case [ToolMessage() as message] if message.tool_call_id == use.call["id"]:
            return ToolResult(message, writes, handoff)
        case [] if handoff is not None:
            told = ToolMessage("The user was handed over.", tool_call_id=use.call["id"], name=use.call["name"])
            return ToolResult(told, writes, handoff)
    raise _refused(use, "did not answer with one ToolMessage for its call, and no other message")


def _read_handoff(use: UseTool, command: Command[Any], outside: Outside) -> tuple[ToolCommand, ToolMessage | None]:
    """Read a command that hands the user over to the graph around."""
    if outside.around is None:
        raise _refused(use, "hands the user over to the graph around, and there is none", _NEST)
    if command.resume is not None:
        raise _refused(use, "returned a command that resumes")
    try:
        return read_parent_command(command, use.call["id"], use.values)
    except TypeError as error:
        raise _refused(use, str(error), _GIVE) from error


def _update(use: UseTool, part: Any) -> Mapping[str, Any]:
    if isinstance(part, Command):
        if part.goto or part.graph or part.resume is not None:
            raise _refused(use, "returned a command to go elsewhere: the machine alone decides that")
        part = part.update or {}
    if not isinstance(part, Mapping):
        raise _refused(use, f"returned an update of type {type(part).__name__}")
    for name in part.keys() - {"messages", "context"}:
        raise _refused(use, f"returned an update of {name!r}")
    return part


def _refused(use: UseTool, reason: str, advice: str = "") -> ToolError:
    return ToolError(use.state, use.call["name"], f"{reason}.", advice or _FORM)


_RAISED = "runs a graph that gives a command to this one, which would move the conversation past its conditions"
_RETURN = "Return Command(graph=Command.PARENT, goto=…) from the tool itself, to hand the user over."
_NEST = "Make the machine's graph a node of another one, such as a swarm; or let the tool answer with text."
_GIVE = 'Return Command(graph=Command.PARENT, goto=<agent>, update={"messages": [ToolMessage(…)], <its own channels>}).'
_FORM = 'Return text, or Command(update={"context": {<key>: <value>}, "messages": [ToolMessage(…)]}).'
