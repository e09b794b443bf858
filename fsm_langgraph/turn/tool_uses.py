"""The tool calls of a turn: which may be made, what they may write, and what is told of them.

A tool does what a handler does, at a moment that a model chooses. So it may write the keys that are declared as written
by handlers, and no others. Without a `context` section there are none. A call that may not be made is refused: the
model is told why in place of a result, and the call counts like one that was made.

A tool may hand the user over to the graph around. Then the calls after it are not made, and the turn lands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolCall, ToolMessage

from fsm_langgraph.context.growth import within
from fsm_langgraph.context.writes import check_writes
from fsm_langgraph.data.reply_members import REPLY
from fsm_langgraph.data.size_limits import Limits
from fsm_langgraph.data.surrogates import mended, mended_json
from fsm_langgraph.definition import State
from fsm_langgraph.errors import ToolError
from fsm_langgraph.models.request import ModelAnswer
from fsm_langgraph.prompts.bounded_history import content_in_part
from fsm_langgraph.tools import ToolCommand, UseTool
from fsm_langgraph.turn.handoff import Handoff
from fsm_langgraph.turn.part import Part
from fsm_langgraph.turn.record import ToolUse, rejected_write
from fsm_langgraph.turn.turn import Turn


async def use_tools(part: Part, answer: ModelAnswer[Any], history: Sequence[BaseMessage]) -> list[BaseMessage]:
    """Make the calls of an answer that calls tools; return that message and the answer to each of its calls.

    Args:
        part: The state that they are made in.
        answer: The model's answer.
        history: The conversation, and what tools were called for before.

    Raises:
        ToolError: A tool failed, wrote what it may not, or hands the user over where no turn can rest.
    """
    message, node, turn = answer.tool_calls, part.machine.toolbox.node, part.turn
    if message is None or node is None:
        return []
    # What is injected has ids, so that a tool that gives it back to the graph around adds nothing.
    message = message.model_copy(update={"id": message.id or f"{turn.message_id}-calls-{len(turn.tool_uses)}"})
    answers: list[ToolMessage] = []
    command: ToolCommand | None = None
    for tool_call in message.tool_calls:
        refusal = _HANDED_OVER if command is not None else _refusal(part, answer, tool_call)
        if refusal:
            told = ToolMessage(f"Error: {refusal}.", tool_call_id=tool_call["id"], status="error")
        else:
            # The node runs every call of the last message, and the tool must not reach into the turn.
            alone = message.model_copy(update={"tool_calls": [tool_call]})
            values = {"messages": [*history, alone], "context": deepcopy(part.scope.revealed)}
            key = turn.key(part.path, "tool", tool_call["name"], len(turn.tool_uses))
            result = await UseTool(part.path, tool_call, values, node, key, part.scope.hidden)
            _write(part, tool_call["name"], result.writes)
            told, command = _whole(result.message, part.machine.limits), result.handoff
            if command is not None:
                _check_rest(part, tool_call["name"])
        told.id = told.id or f"{message.id}-{len(answers)}"
        turn.tool_uses = [*turn.tool_uses, _noted(part, tool_call["name"], told, refusal)]
        answers.append(told)
    part.settle()
    if command is not None:
        _hand_over(part, command, message, answers)
    return [message, *answers]


def _check_rest(part: Part, tool: str) -> None:
    """Refuse a handoff by a tool of a state in which the machine could not wait."""
    if not (part.state.hears or part.state.is_final):
        advice = "Call it in a state that hears the user; the conversation waits there."
        raise ToolError(part.path, tool, "hands the user over, and no turn can rest in a step of thought.", advice)


def _hand_over(part: Part, command: ToolCommand, message: AIMessage, answers: Sequence[ToolMessage]) -> None:
    """Note that the user is handed over, with the calls and their answers as the next agent gets to see them."""
    calls = [each for each in message.tool_calls if each["name"] != REPLY]
    ids = {each["id"] for each in calls}
    # A text before the calls was not shown.
    called = AIMessage("", id=message.id, name=part.model.speaker, tool_calls=calls)
    told = [each for each in answers if each.tool_call_id in ids]
    part.turn.handoff = Handoff(command.goto, command.update, [called, *told])


def calls_left(state: State, path: str, turn: Turn) -> int:
    """Count the tool calls that this stay in the state at this path may still make."""
    made = sum(use["state"] == path and use["step"] == len(turn.path) for use in turn.tool_uses)
    return state.max_tool_calls - made


def tool_results(turn: Turn, first: int | None = None) -> list[dict[str, str]]:
    """Tell what tools have answered in this turn, up to the first so many calls."""
    uses = turn.tool_uses[:first]
    return [{"tool": use["tool"], "result": use["result"]} for use in uses if use["result"] is not None]


def note_late_tools(part: Part, answer: ModelAnswer[Any]) -> None:
    """Note the tools that were called when the reply was decided on already."""
    late = [_noted(part, name, None, "it came after the reply") for name in answer.late_tools]
    part.turn.tool_uses = [*part.turn.tool_uses, *late]


def _refusal(part: Part, answer: ModelAnswer[Any], tool_call: ToolCall) -> str:
    """Say why a call is not made; empty where it is."""
    if calls_left(part.state, part.path, part.turn) <= 0:
        return "no more tools can be called now"
    if tool_call["name"] == REPLY:
        return "a reply cannot come with tool calls; give it again now that they are answered"
    if tool_call["name"] not in part.state.tools:
        return f"there is no such tool here, only {', '.join(part.state.tools)}"
    if tool_call["id"] in answer.unreadable:
        return "the arguments are not a JSON object"
    return ""


def _write(part: Part, tool: str, update: Mapping[str, Any]) -> None:
    definition, scope = part.machine.definition, part.scope
    for key in update:
        declaration = definition.declared(key)
        if declaration is None or declaration.written_by != "handler":
            advice = f'Declare it: "context": {{{json.dumps(str(key))}: {{"written_by": "handler"}}}}.'
            raise ToolError(part.path, tool, f"writes {key!r}, which is not declared as written by handlers.", advice)
    writes = check_writes(definition, scope.read(update).items(), "handler", known=scope.revealed)
    for rejection in writes.rejected:
        raise ToolError(part.path, tool, f"writes {rejection.key!r}, but its value {rejection.reason}.")
    kept, refused = within(part.machine.limits, definition, scope.context, writes.accepted, "handler")
    part.turn.rejected = [*part.turn.rejected, *map(rejected_write, refused)]
    scope.write(scope.hidden(kept), "tool")


def _whole(message: ToolMessage, limits: Limits) -> ToolMessage:
    """Return the message, a long one in part, with whole characters: half of one breaks the request it travels in."""
    content = content_in_part(mended_json(message.content), limits.user_message)
    return message.model_copy(update={"content": content})


def _noted(part: Part, tool: str, answer: ToolMessage | None, refusal: str) -> ToolUse:
    has_failed = answer is not None and answer.status == "error"
    return ToolUse(
        state=part.path,
        tool=mended(tool)[:_LONGEST_NAME],
        error=refusal or ("it failed" if has_failed else ""),
        result=answer.text if answer is not None and not refusal else None,
        step=len(part.turn.path),
    )


_HANDED_OVER = "it was not made: the user was handed over"
_LONGEST_NAME = 64
"""How much is kept of a name; one that a model made up may be of any length."""
