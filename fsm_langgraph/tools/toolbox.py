"""The tools that the model may call in a state: checked when the graph is built, run by LangGraph's `ToolNode`.

    "states": {"track": {"tools": ["find_order"], …}}        compile_fsm("order.json", tools=[find_order, refund])

A state's model calls are offered the tools that it names, and no others ever run in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from fsm_langgraph.data.json_data import at
from fsm_langgraph.data.reply_members import REPLY
from fsm_langgraph.definition import FSMDefinition, State
from fsm_langgraph.errors import Problem, ToolSetupError, suggest
from fsm_langgraph.tools.hidden_writes import hiding

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
    """LangGraph's node that runs them; `None` where there are none."""

    def offer(self, state: State) -> tuple[BaseTool, ...]:
        """Return what a state may call."""
        return self.offers.get(state.tools, ())


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
    if definition.has_secrets:
        known |= {name: hiding(one) for name, one in known.items()}
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


def _node(given: Tools | ToolNode) -> tuple[ToolNode, list[Problem]]:
    """Make the node that runs what was given, and say what cannot be used."""
    # Only machines with tools wait for these to be imported.
    from langchain_core.tools import BaseTool, tool
    from langgraph.prebuilt import ToolNode

    if isinstance(given, ToolNode):
        known = given.tools_by_name
        return given, _bad_names(list(known)) + _asked_keys(known.values())
    if not isinstance(given, list | tuple):
        fault = f"it is of type {type(given).__name__}, not a list of tools or a ToolNode."
        raise ToolSetupError([Problem("tools", "no-tools", fault, "Write tools=[look_up, …].")])
    made: list[BaseTool] = []
    problems: list[Problem] = []
    for one in given:
        try:
            made.append(one if isinstance(one, BaseTool) else tool(one))
        except (TypeError, ValueError) as error:
            name = getattr(one, "__name__", type(one).__name__)
            problems.append(Problem(at("tools", name), "no-tool", f"no tool can be made of it: {error}", _TOOL))
    return ToolNode(made), problems + _bad_names([one.name for one in made]) + _asked_keys(made)


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


def _asked_keys(tools: Iterable[BaseTool]) -> list[Problem]:
    """Tell of the arguments that LangChain would have the model fill in, as their type is a union with a key's."""
    from fsm_langgraph.tools.tool_key import ToolIdempotencyKey  # which imports LangGraph's tools

    return [
        Problem(
            at("tools", tool.name),
            "asked-key",
            f"the model would be asked for its argument {name!r}, an idempotency key.",
            f"Write {name}: ToolIdempotencyKey, with no | None around it: there always is one.",
        )
        for tool in tools
        for name, field in getattr(tool.args_schema, "model_fields", {}).items()
        if ToolIdempotencyKey in get_args(field.annotation)
    ]
