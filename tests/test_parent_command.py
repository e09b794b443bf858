"""A tool's command to the graph around: what of it is the machine's, what is not, and how the journal keeps it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langgraph.types import Command, Send

from fsm_langgraph.tools.parent_command import ToolCommand, from_entry, read_parent_command, to_entry

HI = HumanMessage("Hi", id="1")
CALL = AIMessage("", id="2", tool_calls=[{"name": "leave", "args": {}, "id": "c"}])
ANSWER = ToolMessage("Off you go", tool_call_id="c", id="3")
TASK = HumanMessage("Tell the weather", id="4")
INJECTED: dict[str, Any] = {"messages": [HI, CALL], "context": {"x": 1}}

READ: dict[str, tuple[Any, list[Any], dict[str, Any], ToolMessage | None]] = {
    "an agent": ({"goto": "desk"}, ["desk"], {}, None),
    "several": ({"goto": ["desk", Send("bar", {"x": 1})]}, ["desk", {"node": "bar", "arg": {"x": 1}}], {}, None),
    "an answer": ({"goto": "desk", "update": {"messages": [ANSWER]}}, ["desk"], {}, ANSWER),
    "all that it was given": (
        {"goto": "desk", "update": {**INJECTED, "messages": [HI, CALL, ANSWER], "active_agent": "desk"}},
        ["desk"],
        {"active_agent": "desk"},
        ANSWER,
    ),
    "what it adds": (
        {"goto": "desk", "update": {"notes": {"x": 2}, "messages": [HI, ANSWER, TASK]}},
        ["desk"],
        {"notes": {"x": 2}, "messages": [TASK]},
        ANSWER,
    ),
    "one message": ({"goto": "desk", "update": {"messages": TASK}}, ["desk"], {"messages": [TASK]}, None),
}


@pytest.mark.parametrize(("given", "goto", "update", "answer"), READ.values(), ids=READ)
def test_what_is_the_machines_own_is_left_out(
    given: dict[str, Any], goto: list[Any], update: dict[str, Any], answer: ToolMessage | None
) -> None:
    command: Command[Any] = Command(graph=Command.PARENT, **given)
    assert read_parent_command(command, "c", INJECTED) == (ToolCommand(goto, update), answer)


BAD = {
    "no agent": (Command(graph=Command.PARENT), "names no agent in 'goto'"),
    "the machine's own data": (
        Command(graph=Command.PARENT, goto="a", update={"context": {"x": 2}, "current_state": "end"}),
        "gave the graph around 'context', 'current_state', which the machine itself",
    ),
    "an answer to another call": (
        Command(graph=Command.PARENT, goto="a", update={"messages": [ToolMessage("Off", tool_call_id="d")]}),
        "lacks its other half: d",
    ),
    "a call without an answer": (
        Command(graph=Command.PARENT, goto="a", update={"messages": [CALL.model_copy(update={"id": "9"})]}),
        "lacks its other half: c",
    ),
    "an update that is no mapping": (Command(graph=Command.PARENT, goto="a", update=[("x", 1)]), "of type list"),
}


@pytest.mark.parametrize(("command", "sentence"), BAD.values(), ids=BAD)
def test_a_command_that_hands_nobody_over_is_refused(command: Command[Any], sentence: str) -> None:
    with pytest.raises(TypeError, match=sentence):
        read_parent_command(command, "c", INJECTED)


def test_the_journal_keeps_a_command_as_json_data() -> None:
    command = ToolCommand(["desk", {"node": "bar", "arg": {"messages": [TASK]}}], {"messages": [TASK], "n": [1, {}]})
    assert from_entry(json.loads(json.dumps(to_entry(command)))) == command


def test_what_is_no_json_data_is_none_in_the_journal() -> None:
    with pytest.raises(TypeError):
        json.dumps(to_entry(ToolCommand(["desk"], {"lock": object()})))
