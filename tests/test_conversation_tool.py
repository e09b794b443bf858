"""A machine is a LangChain tool: its name, what an agent is told, what is streamed, and what becomes of errors."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from agents import CALLS, HEARD, SAID, SIGN_UP, agent, answers, asking, form, passing_on, said, thread
from langchain_core.messages import AIMessageChunk, ToolMessage
from langchain_core.tools import ToolException
from langchain_core.utils.function_calling import convert_to_openai_tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.config import get_config
from machines import CONFIG, DECLARED, DRIVERS, FORM, SHOP, Drive, given, machine, reply, state, to

from fsm_langgraph import (
    CallerError,
    FSMContext,
    GraphToolError,
    Handlers,
    OptionSetupError,
    RunContextError,
    StaleDefinition,
)
from fsm_langgraph.graph.as_tool.tool_caller import read_caller
from fsm_langgraph.locking import Hold

BAD = "no JSON"
POLITE = machine(state("hello", to("ask"), say="Good day!", silent=True), state("ask", to("ask", "x")))
"""A machine that greets."""


@pytest.mark.parametrize("drive", DRIVERS)
def test_an_agent_holds_a_conversation_over_several_turns(drive: Drive) -> None:
    called = agent(form().tool("sign_up"), passing_on(*HEARD))
    for text in HEARD:
        values = drive(called, given(text), CONFIG)
    assert said(values) == SAID


@pytest.mark.parametrize(
    ("heard", "content"),
    [
        (1, "Your name?\n\n(Not finished: pass on what the user says to this with the same tool.)"),
        (3, "Thanks!\n\n(Finished. Another call begins a new conversation.)"),
    ],
    ids=["under way", "at its end"],
)
def test_the_model_is_told_whether_it_is_finished(heard: int, content: str) -> None:
    called = agent(form().tool("sign_up"), passing_on(*HEARD))
    for text in HEARD[:heard]:
        values = called.invoke(given(text), CONFIG)
    assert answers(values)[-1].content == content


def test_the_artifact_tells_how_the_conversation_stands() -> None:
    graph = form()
    called = agent(graph.tool("sign_up"), passing_on(*HEARD))
    for text in HEARD:
        artifact = answers(called.invoke(given(text), CONFIG))[-1].artifact
    assert artifact == {
        "message": "Thanks!",
        "finished": True,
        "state": "done",
        "context": {"name": "Ann", "email": "a@b.c"},
        "thread_id": artifact["thread_id"],
    }
    assert graph.get_state(thread(artifact)).values["context"] == artifact["context"]


def test_the_artifact_names_a_state_in_a_sub_machine_by_its_path() -> None:
    tool = form([reply("payment", item="tea"), "Card?"], SHOP).tool("shop")
    assert tool.invoke({**asking("tea", tool="shop").tool_calls[0]}, CONFIG).artifact["state"] == "payment/card"


def test_the_artifact_has_no_secrets() -> None:
    graph = form(SIGN_UP, DECLARED)
    tool = graph.tool("sign_up")
    artifact = tool.invoke(asking("hi").tool_calls[0], CONFIG).artifact
    graph.update_state(thread(artifact), {"context": {"token": "hush", "customer": "7"}})
    told = tool.invoke(asking("Ann", first=1).tool_calls[0], CONFIG)
    assert told.artifact["context"] == {"plan": "free", "name": "Ann", "customer": "7"}


@pytest.mark.parametrize("drive", DRIVERS)
def test_the_user_can_be_given_the_message_as_it_is(drive: Drive) -> None:
    called = agent(form().tool("sign_up", return_direct=True), [asking("hi")])
    last = drive(called, given("hi"), CONFIG)["messages"][-1]
    assert (type(last), last.text) == (ToolMessage, "Your name?")


def test_what_the_machine_says_in_several_messages_is_one_text() -> None:
    tool = form([reply("ask", "What may it be?")], POLITE).tool("ask")
    assert tool.invoke(asking("hi", tool="ask").tool_calls[0], CONFIG).artifact["message"] == (
        "Good day!\n\nWhat may it be?"
    )


# The name, the description, the arguments


@pytest.mark.parametrize(
    ("name", "tool"),
    [
        ("test", "test"),
        ("Personal Information", "Personal_Information"),
        ("Café: orders!", "Cafe_orders"),
        ("x" * 80, "x" * 64),
    ],
)
def test_the_name_is_made_of_the_definitions(name: str, tool: str) -> None:
    assert form(definition={**FORM, "name": name}).tool().name == tool


@pytest.mark.parametrize("name", ["two words", "bestellung_für_kaffee", "x" * 65])
def test_a_name_that_no_provider_takes_is_refused(name: str) -> None:
    with pytest.raises(GraphToolError, match="no provider takes it") as refused:
        form().tool(name)
    assert refused.value.name == name


def test_options_that_make_no_sense_are_told_at_once() -> None:
    options: Any = {"name": 3, "description": 3, "return_direct": "yes", "handle_tool_error": 3}
    with pytest.raises(OptionSetupError) as refused:
        form().tool(**options)
    assert [problem.path for problem in refused.value.problems] == [*options]


def test_a_definition_whose_name_gives_none_wants_one() -> None:
    with pytest.raises(GraphToolError, match=r"of the definition's, '订单'\.\n  Give it a name of letters"):
        form(definition={**FORM, "name": "订单"}).tool()


def test_the_description_is_made_of_the_definitions_or_given() -> None:
    graph = form()
    assert graph.tool().description.startswith("A machine under test\n\nThis holds a conversation")
    assert graph.tool(description="Sign the user up.").description == "Sign the user up."


def test_a_strict_provider_takes_its_arguments() -> None:
    function = convert_to_openai_tool(form().tool("sign_up", "Sign up."), strict=True)["function"]
    assert function == {
        "name": "sign_up",
        "description": "Sign up.",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {"message": {"type": "string", "description": "What the user says, word for word."}},
            "required": ["message"],
            "additionalProperties": False,
        },
    }


# What is streamed


def test_the_text_goes_out_piece_by_piece_on_the_custom_stream() -> None:
    graph = form()
    called = agent(graph.tool("sign_up"), passing_on(*HEARD))
    parts = [part["tool_progress"] for part in called.stream(given("x"), CONFIG, stream_mode="custom")]
    artifact = answers(called.get_state(CONFIG).values)[0].artifact
    message = graph.get_state(thread(artifact)).values["messages"][-1]
    assert [part["text"] for part in parts] == ["Your", " nam", "e?"]
    assert {(part["tool"], part["tool_call_id"], part["thread_id"], part["message_id"]) for part in parts} == {
        ("sign_up", "call_0", artifact["thread_id"], message.id)
    }


async def test_the_text_goes_out_on_the_tools_stream() -> None:
    called = agent(form().tool("sign_up"), passing_on(*HEARD))
    parts = [part async for part in called.astream(given("x"), CONFIG, stream_mode="tools")]
    assert [part["delta"] for part in parts if part["event"] == "tool-output-delta"] == ["Your", " nam", "e?"]
    assert parts[0]["input"] == {"message": HEARD[0]}  # and nothing of what LangGraph has injected


def test_its_tokens_stream_as_those_of_a_subgraph() -> None:
    called = agent(form().tool("sign_up"), passing_on(*HEARD))
    parts = [*called.stream(given("x"), CONFIG, stream_mode="messages", subgraphs=True)]
    spoken = [(ns, chunk.text, told) for ns, (chunk, told) in parts if isinstance(chunk, AIMessageChunk) and chunk.text]
    inside = [(ns, text) for ns, text, told in spoken if told.get("fsm_name") == "test"]
    assert [text for _, text in inside] == ["Your", " nam", "e?"]
    assert {len(ns) for ns, _ in inside} == {1}
    assert inside[0][0][0].startswith("tools:")
    assert [(ns, text) for ns, text, told in spoken if "fsm_name" not in told] == [((), "told")]


def test_without_subgraphs_only_the_agent_streams_messages() -> None:
    called = agent(form().tool("sign_up"), passing_on(*HEARD))
    chunks = [chunk for chunk, _ in called.stream(given("x"), CONFIG, stream_mode="messages")]
    assert "".join(chunk.text for chunk in chunks if isinstance(chunk, AIMessageChunk)) == "told"


async def test_events_show_the_message_once_and_no_json() -> None:
    called = agent(form().tool("sign_up"), passing_on(*HEARD))
    events = [event async for event in called.astream_events(given("x"), CONFIG, version="v2")]
    streamed = [event["data"]["chunk"].text for event in events if event["event"] == "on_chat_model_stream"]
    assert "".join(streamed) == "Your name?told"


# The graph around


def test_the_agents_run_context_reaches_the_machine() -> None:
    class Shop(FSMContext, total=False):
        customer: str

    handlers, seen = Handlers(), list[str]()
    handlers.on("START_CONVERSATION")(lambda event: seen.append(event.runtime.context["customer"]))
    called = agent(form(handlers=handlers).tool("sign_up"), passing_on(*HEARD), context_schema=Shop)
    called.invoke(given("x"), CONFIG, context={"customer": "Ann"})
    assert seen == ["Ann"]


def test_what_else_the_agents_config_chooses_reaches_the_machine() -> None:
    handlers, seen = Handlers(), list[str]()

    handlers.on("START_CONVERSATION")(lambda _: seen.append(get_config()["configurable"]["user"]))
    called = agent(form(handlers=handlers).tool("sign_up"), passing_on(*HEARD))
    called.invoke(given("x"), {"configurable": {"thread_id": "1", "user": "u7"}})
    assert seen == ["u7"]


def test_nothing_but_the_answer_reaches_the_agent() -> None:
    called = agent(form().tool("sign_up"), passing_on(*HEARD))
    values = called.invoke(given("hi"), CONFIG)
    assert [message.type for message in values["messages"]] == ["human", "ai", "tool", "ai"]
    assert values.keys() == {"messages"}


# Errors


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_turn_that_failed_is_told_to_the_model_and_has_changed_nothing(drive: Drive) -> None:
    graph = form([SIGN_UP[0], BAD, BAD, BAD, *SIGN_UP[1:]])
    script = [asking("hi"), "told", asking("Ann", first=1), asking("Ann", first=2), "told"]
    called = agent(graph.tool("sign_up"), script)
    drive(called, given("hi"), CONFIG)
    failed, answered = answers(drive(called, given("Ann"), CONFIG))[1:]
    assert (failed.status, failed.artifact) == ("error", None)
    assert failed.content == (
        "sign_up has failed, and nothing has changed. Call it once more with the same message. "
        "If it fails again, tell the user that it does not work at the moment."
    )
    assert answered.artifact["message"] == "Your e-mail address?"
    assert [m.text for m in graph.messages(thread(answered.artifact))] == ["hi", SAID[0], "Ann", SAID[1]]


def test_the_model_is_told_what_the_user_has_been_shown_all_the_same() -> None:
    tool = form([BAD, BAD, BAD], POLITE).tool("ask")
    told = tool.invoke(asking("hi", tool="ask").tool_calls[0], CONFIG)
    assert "The user has been shown: 'Good day!'. Call it once more" in told.content


def test_a_turn_that_failed_can_be_raised_for_those_who_try_again() -> None:
    tool = form([BAD, BAD, BAD]).tool("sign_up", handle_tool_error=False)
    with pytest.raises(ToolException, match="nothing has changed") as failed:
        tool.invoke({"message": "hi"}, CONFIG)
    assert type(failed.value.__cause__).__name__ == "ReplyError"


def test_a_conversation_that_is_busy_is_told_to_the_model() -> None:
    saver = InMemorySaver()
    tool = form(checkpointer=saver, patience=0.01).tool("sign_up")
    with Hold(saver, read_caller("sign_up", CONFIG).key):
        told = tool.invoke(asking("hi").tool_calls[0], CONFIG)
    assert told.content == "sign_up is still busy with an earlier message. Call it again with the same one, later."


def test_what_no_repetition_would_mend_is_raised() -> None:
    graph = form()
    tool = graph.tool("sign_up")
    artifact = tool.invoke(asking("hi").tool_calls[0], CONFIG).artifact
    fewer = form(
        definition={**FORM, "initial_state": "done", "states": {"done": FORM["states"]["done"]}},
        checkpointer=graph.checkpointer,
    )
    graph.update_state(thread(artifact), {"current_state": "ask_email"})
    with pytest.raises(StaleDefinition, match="has no such state"):
        fewer.tool("sign_up").invoke({"message": "Ann"}, CONFIG)


def test_a_choice_for_the_run_that_cannot_be_used_is_raised() -> None:
    called = agent(form().tool("sign_up"), passing_on(*HEARD), context_schema=FSMContext)
    with pytest.raises(RunContextError, match="no provider is named 'opnai'"):
        called.invoke(given("x"), CONFIG, context={"model": "opnai:gpt-4o"})


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("config", [{}, {"configurable": {}}, {"configurable": {"user": "u7"}}])
def test_a_caller_without_a_thread_is_refused(call: Any, config: Any) -> None:
    with pytest.raises(CallerError, match="its caller has no thread") as refused:
        call(form().tool("sign_up"), {"message": "hi"}, config)
    assert refused.value.tool == "sign_up"


@pytest.mark.parametrize("call", CALLS)
def test_a_conversation_that_nothing_keeps_is_refused(call: Any) -> None:
    with pytest.raises(CallerError, match="no checkpointer that could keep its conversation"):
        call(form(checkpointer=None).tool("sign_up"), {"message": "hi"}, CONFIG)


def test_a_graph_that_wants_none_can_be_no_tool() -> None:
    with pytest.raises(GraphToolError, match="compiled with checkpointer=False"):
        form(checkpointer=False).tool("sign_up")


async def test_a_call_that_is_cancelled_lets_the_next_one_in() -> None:
    tool = form().tool("sign_up")
    task = asyncio.create_task(tool.ainvoke(asking("hi").tool_calls[0], CONFIG))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await tool.ainvoke(asking("hi").tool_calls[0], CONFIG)).artifact["message"] == "Your name?"
