"""What is checked of tools when the graph is built, and what one may return when it is run."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.tools import tool
from langgraph.prebuilt import ToolNode
from langgraph.types import Command, Send
from machines import DRIVERS, FORM, Drive, Talk, machine, reply, state, to
from orders import ORDERS, SHOP, calling, cancel, find, pay, with_tool

from fsm_langgraph import (
    LLM_FSM,
    ModelSetupError,
    ToolError,
    ToolIdempotencyKey,
    ToolSetupError,
    build_graph,
    compile_fsm,
    load_definition,
)
from fsm_langgraph.machine import make_machine
from fsm_langgraph.models.scripted import ScriptedModel

SILENT_MODEL = ScriptedModel(replies=[])


def lookup(word: str) -> str:
    """Look a word up."""
    return f"{word} is a word"


def refused(tools: Any, definition: Any = ORDERS) -> str:
    """Return the sentence in which tools are refused."""
    with pytest.raises(ToolSetupError) as told:
        compile_fsm(definition, SILENT_MODEL, tools=tools)
    return str(told.value)


def test_a_name_without_a_tool_is_refused_with_the_nearest_one() -> None:
    sentence = refused([find, cancel, tool("pays")(pay.func)])  # type: ignore[attr-defined] # it is made of a function
    assert sentence == (
        "states.paying.tools[0]: no tool named 'pay' was given.\n"
        "  Pass it to compile_fsm(tools=[…]).  Did you mean 'pays'?  Tools: 'cancel', 'find', 'pays'."
    )


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ToolSetupError) as told:
        make_machine(load_definition(ORDERS), tools=[find, find, lambda word: word])
    assert [(problem.path, problem.code) for problem in told.value.problems] == [
        ("tools.<lambda>", "no-tool"),
        ("tools.find", "duplicate-tool"),
        ("states.track.tools[1]", "unknown-tool"),
        ("states.paying.tools[0]", "unknown-tool"),
    ]


def test_a_name_without_a_tool_is_found_in_sub_machines_too() -> None:
    definition = {
        **machine(state("shop", to("end"), subflow="orders"), state("end")),
        "subflows": {"orders": ORDERS},
    }
    assert refused([], definition).startswith(
        "states.shop/track.tools[0]: no tool named 'find' was given.\n"
        "  Pass it to compile_fsm(tools=[…]).  There are no tools."
    )


def test_two_tools_of_one_name_are_refused() -> None:
    assert refused([*SHOP, find]) == "tools.find: 2 tools of this name were given.\n  Rename one of them."


@pytest.mark.parametrize("given", [list, ToolNode], ids=["a list", "a node"])
def test_a_tool_named_like_the_reply_is_refused(given: Any) -> None:
    sentence = refused(given([*SHOP, tool("reply")(lookup)]))
    assert sentence == "tools.reply: the model's reply goes by this name.\n  Choose another name."


def test_what_no_tool_can_be_made_of_is_refused() -> None:
    assert refused([*SHOP, lambda word: word]).startswith("tools.<lambda>: no tool can be made of it: ")


@pytest.mark.parametrize("given", [find, {"find": find}], ids=["a tool", "a dict"])
def test_tools_are_given_as_a_list_or_a_node(given: Any) -> None:
    with pytest.raises(ToolSetupError, match="not a list of tools or a ToolNode"):
        compile_fsm(ORDERS, SILENT_MODEL, tools=given)


@pytest.mark.parametrize("given", [[*SHOP, lookup], ToolNode(SHOP), tuple(SHOP)], ids=["a list", "a node", "a tuple"])
def test_tools_that_are_there_are_taken(given: Any) -> None:
    compile_fsm(ORDERS, SILENT_MODEL, tools=given)
    build_graph(ORDERS, SILENT_MODEL, tools=given)
    LLM_FSM(ORDERS, SILENT_MODEL, tools=given)


def test_a_plain_function_is_a_tool() -> None:
    definition = {**FORM, "states": {**FORM["states"], "done": {**FORM["states"]["done"], "tools": ["lookup"]}}}
    compile_fsm(definition, SILENT_MODEL, tools=[lookup])


def test_a_model_that_cannot_call_tools_is_refused_where_there_are_some() -> None:
    model = FakeListChatModel(responses=[])
    compile_fsm(FORM, model, tools=SHOP)
    with pytest.raises(ModelSetupError, match=r"FakeListChatModel.*has no bind_tools.*a state has 'find'"):
        compile_fsm(ORDERS, model, tools=SHOP)


def test_a_fallback_model_has_to_know_tools_too() -> None:
    model = ScriptedModel(replies=[]).with_fallbacks([FakeListChatModel(responses=[])])
    with pytest.raises(ModelSetupError, match="FakeListChatModel"):
        compile_fsm(ORDERS, model, tools=SHOP)


def of(call_id: str, text: str = "Paid.") -> ToolMessage:
    return ToolMessage(text, tool_call_id=call_id)


BAD: dict[str, tuple[Any, str]] = {
    "another state": (
        Command(goto="done", update={"messages": [of("call-0")]}),
        "returned a command to go elsewhere: the machine alone decides that.",
    ),
    "another graph": (
        Command(graph="shop", goto="desk", update={"messages": [of("call-0")]}),
        "returned a command to go elsewhere: the machine alone decides that.",
    ),
    "a send": (
        [Command(goto=[Send("done", {})]), of("call-0")],
        "returned a command to go elsewhere: the machine alone decides that.",
    ),
    "the graph around, where there is none": (
        Command(graph=Command.PARENT, goto="desk", update={"messages": [of("call-0")]}),
        "hands the user over to the graph around, and there is none.",
    ),
    "another channel": (
        Command(update={"current_state": "done", "messages": [of("call-0")]}),
        "returned an update of 'current_state'.",
    ),
    "a context that is none": (
        Command(update={"context": ["paid"], "messages": [of("call-0")]}),
        "returned a 'context' that is no object of keys and values.",
    ),
    "further messages": (
        Command(update={"messages": [of("call-0"), HumanMessage("Thanks!")]}),
        "did not answer with one ToolMessage for its call, and no other message.",
    ),
    "no message for the call": (
        Command(update={"messages": [of("call-9")]}),
        "failed: ValueError: Expected to have a matching ToolMessage in Command.update",
    ),
    "a key of the model's": (
        Command(update={"context": {"order": "8"}, "messages": [of("call-0")]}),
        "writes 'order', which is not declared as written by handlers.\n"
        '  Declare it: "context": {"order": {"written_by": "handler"}}.',
    ),
    "a key that is not declared": (
        Command(update={"context": {"total": 8}, "messages": [of("call-0")]}),
        "writes 'total', which is not declared as written by handlers.\n"
        '  Declare it: "context": {"total": {"written_by": "handler"}}.',
    ),
    "a key of the machine's": (
        Command(update={"context": {"_x": 8}, "messages": [of("call-0")]}),
        "writes '_x', which is not declared as written by handlers.",
    ),
    "a key that is no text": (
        Command(update={"context": {7: 8}, "messages": [of("call-0")]}),
        "writes 7, which is not declared as written by handlers.",
    ),
    "a value that does not fit": (
        Command(update={"context": {"seen": 0}, "messages": [of("call-0")]}),
        "writes 'seen', but its value is below 1.",
    ),
    "a value that is no JSON": (
        Command(update={"context": {"paid": pathlib.Path()}, "messages": [of("call-0")]}),
        "writes 'paid', but its value",
    ),
}


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize(("returned", "sentence"), BAD.values(), ids=BAD)
def test_what_a_tool_may_not_do_fails_the_turn(returned: Any, sentence: str, drive: Drive) -> None:
    tools = with_tool("pay", lambda: returned)
    talk = Talk(ORDERS, [reply("paying", "REFUSED", order="7"), calling("pay")], drive, tools=tools)
    with pytest.raises(ToolError) as told:
        talk.say("pay 7")
    assert f"state 'paying': tool 'pay' {sentence}" in str(told.value)
    assert (told.value.state, told.value.tool) == ("paying", "pay")
    assert talk.kept == {"context": {}, "current_state": None, "last_turn": None}


def test_without_a_context_section_a_tool_has_nothing_to_write() -> None:
    definition = {name: part for name, part in ORDERS.items() if name != "context"}
    talk = Talk(definition, [calling("cancel")], tools=SHOP)
    with pytest.raises(ToolError, match=r'"context": \{"cancelled": \{"written_by": "handler"\}\}'):
        talk.say("cancel it")


GOOD: dict[str, tuple[Any, str]] = {
    "text": ("Paid.", "Paid."),
    "JSON data": ({"paid": True}, '{"paid": true}'),
    "nothing": (None, "null"),
    "a message": (of("call-0"), "Paid."),
    "a list of a command and a message": ([Command(update={"context": {"seen": 1}}), of("call-0")], "Paid."),
    "a command without a context": (Command(update={"messages": [of("call-0")]}), "Paid."),
    "half a character": ("Paid \ud83d.", "Paid \ufffd."),
}


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize(("returned", "text"), GOOD.values(), ids=GOOD)
def test_what_a_tool_returns_is_what_the_model_gets(returned: Any, text: str, drive: Drive) -> None:
    tools = with_tool("pay", lambda: returned)
    talk = Talk(ORDERS, [reply("paying", order="7"), calling("pay"), "There."], drive, tools=tools)
    talk.say("pay 7")
    *_, asked, answered = talk.model.calls[-1].messages
    assert isinstance(asked, AIMessage)
    assert (type(answered), answered.text) == (ToolMessage, text)


def test_a_key_that_the_model_would_be_asked_for_is_refused() -> None:
    def track(order: str, key: ToolIdempotencyKey | None = None) -> str:
        """Track an order."""
        return f"{order} {key}"

    for tools in ([tool("find")(track)], ToolNode([tool("find")(track)])):
        with pytest.raises(ToolSetupError, match=r"tools\.find: the model would be asked for its argument 'key'"):
            compile_fsm(FORM, "offline", tools=tools)
