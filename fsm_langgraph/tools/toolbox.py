"""The tools that the model may call in a state: checked when the graph is built, run by LangGraph's `ToolNode`.

    "states": {"track": {"tools": ["find_order"], …}}        compile_fsm("order.json", tools=[find_order, refund])

A state's model calls are offered the tools that it names, and no others ever run in it. The calls of one reply run one
after the other, in the order written: so what `interrupt()` asks a person in a tool belongs to that very call, and a
later call finds what an earlier one wrote. What a tool returns is LangGraph's: text, JSON data, or
`Command(update={"context": {...}, "messages": [ToolMessage(...)]})` to write keys as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from langchain_core.messages import ToolCall, ToolMessage
from langchain_core.runnables import RunnableConfig
from langgraph.errors import GraphBubbleUp
from langgraph.types import Command

from fsm_langgraph.data.json_data import at
from fsm_langgraph.data.reply_members import REPLY
from fsm_langgraph.definition import FSMDefinition, State
from fsm_langgraph.effects.idempotency_key import UNNAMED, Deed
from fsm_langgraph.errors import Problem, ToolError, ToolSetupError, suggest

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool
    from langgraph.prebuilt import ToolNode

Tools = Sequence["BaseTool | Callable[..., Any]"]


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The tools of a graph, those of its sub-machines included."""

    offers: Mapping[tuple[str, ...], tuple[BaseTool, ...]]
    """The tools that a state may call, by the names that it gives; the same object at every turn."""
    node: ToolNode | None = None
    """What runs them."""

    def offer(self, state: State) -> tuple[BaseTool, ...]:
        """Return what a state may call."""
        return self.offers.get(state.tools, ())


@dataclass(frozen=True, slots=True)
class UseTool:
    """A tool call that a turn waits for."""

    state: str
    """The state that it is made in."""
    call: ToolCall
    values: Mapping[str, Any]
    """What is injected as the graph's state: `messages`, of which the last has this call alone, and `context`."""
    node: ToolNode
    """What runs it."""
    deed: Deed = UNNAMED
    """What its result is written down as."""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of a tool call."""

    message: ToolMessage
    """What the model gets to read."""
    writes: Mapping[str, Any]
    """The keys of the context that the tool writes, unchecked."""


def make_toolbox(definition: FSMDefinition, given: Tools | ToolNode | None = None) -> Toolbox:
    """Find the tools that the states name among those that are given.

    Raises:
        ToolSetupError: A state names a tool that is not there, or what is given cannot be used.
    """
    users = [(path, state) for path, state in definition.by_path.items() if state.tools]
    if not users and not given:
        return Toolbox({})
    node, problems = _node(given if given is not None else [])
    known = node.tools_by_name
    problems += [
        Problem(
            at("states", path, "tools", index),
            "unknown-tool",
            f"no tool named {name!r} was given.",
            f"Pass it to compile_fsm(tools=[…]).  {suggest(name, known, noun='tools')}",
        )
        for path, state in users
        for index, name in enumerate(state.tools)
        if name not in known
    ]
    if problems:
        raise ToolSetupError(problems)
    return Toolbox({state.tools: tuple(known[name] for name in state.tools) for _, state in users}, node)


def use_tool(use: UseTool, config: RunnableConfig) -> ToolResult:
    """Run a tool call.

    Raises:
        ToolError: It failed, and nothing was said about how to handle that; or it wants what no tool may do.
    """
    try:
        output = use.node.invoke(use.values, config)
    except GraphBubbleUp:
        raise
    except Exception as error:
        raise _failed(use, error) from error
    return _read(use, output)


async def ause_tool(use: UseTool, config: RunnableConfig) -> ToolResult:
    """Run a tool call; the twin of `use_tool`."""
    try:
        output = await use.node.ainvoke(use.values, config)
    except GraphBubbleUp:
        raise
    except Exception as error:
        raise _failed(use, error) from error
    return _read(use, output)


def _node(given: Tools | ToolNode) -> tuple[ToolNode, list[Problem]]:
    """Make the node that runs what was given, and say what cannot be used."""
    from langchain_core.tools import BaseTool, tool
    from langgraph.prebuilt import ToolNode

    if isinstance(given, ToolNode):
        return given, _bad_names(list(given.tools_by_name))
    if not isinstance(given, list | tuple):
        raise TypeError(f"tools is a {type(given).__name__}, not a list of tools or a ToolNode")
    made: list[BaseTool] = []
    problems: list[Problem] = []
    for one in given:
        try:
            made.append(one if isinstance(one, BaseTool) else tool(one))
        except (TypeError, ValueError) as error:
            name = getattr(one, "__name__", type(one).__name__)
            problems.append(Problem(at("tools", name), "no-tool", f"no tool can be made of it: {error}", _TOOL))
    return ToolNode(made), problems + _bad_names([one.name for one in made])


_TOOL = "Give it a docstring and types, or decorate it with @tool."


def _bad_names(names: list[str]) -> list[Problem]:
    taken = [
        Problem(at("tools", REPLY), "reserved-name", "the model's reply goes by this name.", "Choose another name.")
    ]
    twice = [
        Problem(at("tools", name), "duplicate-tool", f"{count} tools of this name were given.", "Rename one of them.")
        for name, count in Counter(names).items()
        if count > 1
    ]
    return twice + (taken if REPLY in names else [])


def _failed(use: UseTool, error: Exception) -> ToolError:
    return ToolError(use.state, use.call["name"], f"failed: {type(error).__name__}: {error}")


def _read(use: UseTool, output: Any) -> ToolResult:
    """Read what the node gives back: the message that answers the call, and the keys to write."""
    messages: list[Any] = []
    writes: dict[str, Any] = {}
    for part in output if isinstance(output, list) else [output]:
        update = _update(use, part)
        messages += update.get("messages") or ()
        written = update.get("context") or {}
        if not isinstance(written, Mapping):
            raise _refused(use, "returned a 'context' that is no object of keys and values")
        writes |= written
    match messages:
        case [ToolMessage() as message] if message.tool_call_id == use.call["id"]:
            return ToolResult(message, writes)
    raise _refused(use, "did not answer with one ToolMessage for its call, and no other message")


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


def _refused(use: UseTool, reason: str) -> ToolError:
    return ToolError(use.state, use.call["name"], f"{reason}.", _FORM)


_FORM = 'Return text, or Command(update={"context": {<key>: <value>}, "messages": [ToolMessage(…)]}).'
