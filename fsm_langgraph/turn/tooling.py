"""The tool calls of a turn: which may be made, what they may write, and what is told of them.

A tool may write the keys that are declared as written by handlers, and no others: it does what a handler does, at a
moment that a model chooses. So without a `context` section there is nothing for it to write. A call that may not be
made is not: the model is told why, as it is told a result, and it counts like one that was made.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from langchain_core.messages import BaseMessage, ToolCall, ToolMessage

from fsm_langgraph.context.writes import apply, check_writes
from fsm_langgraph.data.reply_members import REPLY
from fsm_langgraph.data.surrogates import mended, mended_json
from fsm_langgraph.definition import FSMDefinition, State
from fsm_langgraph.errors import ToolError
from fsm_langgraph.machine import Machine
from fsm_langgraph.models.call import Call
from fsm_langgraph.tools.toolbox import ToolResult, UseTool
from fsm_langgraph.turn.record import ToolUse
from fsm_langgraph.turn.turn import Turn


def use_tools(
    machine: Machine, state: State, turn: Turn, call: Call, history: Sequence[BaseMessage]
) -> Generator[UseTool, ToolResult, list[BaseMessage]]:
    """Make the calls of a message that calls tools; return that message and the answer to each of its calls.

    Args:
        machine: The machine, which has the tools.
        state: The state that they are made in.
        turn: The turn that they change.
        call: The model call that came to the message.
        history: The conversation, and what tools were called for before.

    Raises:
        ToolError: A tool failed, or wrote what it may not.
    """
    message, node = call.tool_calls, machine.toolbox.node
    assert message is not None and node is not None  # noqa: S101, PT018 - it calls tools, so there are some
    answers: list[BaseMessage] = []
    for tool_call in message.tool_calls:
        refusal = _refusal(state, turn, call, tool_call)
        if refusal:
            answer = ToolMessage(f"Error: {refusal}.", tool_call_id=tool_call["id"], status="error")
        else:
            alone = message.model_copy(update={"tool_calls": [tool_call]})
            values = {"messages": [*history, alone], "context": deepcopy(turn.context)}
            deed = turn.deed(call.state, "tool", tool_call["name"], len(turn.tool_uses))
            result = yield UseTool(call.state, tool_call, values, node, deed)
            _write(machine.definition, call.state, turn, tool_call["name"], result.writes)
            answer = _plain(result.message)
        turn.tool_uses = [*turn.tool_uses, _noted(turn, call.state, tool_call["name"], answer, refusal)]
        answers.append(answer)
    return [message, *answers]


def calls_left(state: State, path: str, turn: Turn) -> int:
    """Count the tool calls that this stay in the state at this path may still make."""
    made = sum(use["state"] == path and use["step"] == len(turn.path) for use in turn.tool_uses)
    return state.max_tool_calls - made


def tool_results(turn: Turn, first: int | None = None) -> list[dict[str, str]]:
    """Tell what tools have answered in this turn, up to the first so many calls."""
    uses = turn.tool_uses[:first]
    return [{"tool": use["tool"], "result": use["result"]} for use in uses if use["result"] is not None]


def note_late_tools(turn: Turn, call: Call) -> None:
    """Note the tools that were called when the reply was decided already."""
    for name in call.late_tools:
        turn.tool_uses = [*turn.tool_uses, _noted(turn, call.state, name, None, "it came after the reply")]


def _refusal(state: State, turn: Turn, call: Call, tool_call: ToolCall) -> str:
    """Say why a call is not made; empty where it is."""
    names = [tool.name for tool in call.tools]
    if calls_left(state, call.state, turn) <= 0:
        return "no more tools can be called now"
    if tool_call["name"] == REPLY:
        return "a reply cannot come with tool calls; give it again now that they are answered"
    if tool_call["name"] not in names:
        return f"there is no such tool here, only {', '.join(names)}"
    if tool_call["id"] in call.unreadable:
        return "the arguments are not a JSON object"
    return ""


def _write(definition: FSMDefinition, state: str, turn: Turn, tool: str, update: Mapping[str, Any]) -> None:
    for key in update:
        declaration = definition.declared(key)
        if declaration is None or declaration.written_by != "handler":
            advice = f'Declare it: "context": {{{json.dumps(str(key))}: {{"written_by": "handler"}}}}.'
            raise ToolError(state, tool, f"writes {key!r}, which is not declared as written by handlers.", advice)
    writes = check_writes(definition, update.items(), "handler")
    for rejection in writes.rejected:
        raise ToolError(state, tool, f"writes {rejection.key!r}, but its value {rejection.reason}.")
    turn.context = apply(turn.context, writes.accepted)


def _plain(message: ToolMessage) -> ToolMessage:
    """Return the message with whole characters; half of one breaks the request that it travels in."""
    return message.model_copy(update={"content": mended_json(message.content)})


def _noted(turn: Turn, state: str, tool: str, answer: ToolMessage | None, refusal: str) -> ToolUse:
    has_failed = answer is not None and answer.status == "error"
    return ToolUse(
        state=state,
        tool=mended(tool)[:_LONGEST_NAME],
        error=refusal or ("it failed" if has_failed else ""),
        result=answer.text if answer is not None and not refusal else None,
        step=len(turn.path),
    )


_LONGEST_NAME = 64
"""How much is kept of a name; one that a model made up may be of any length."""
