"""A machine is a tool in the agents of others: LangChain's with any middleware, one by hand, deepagents', a swarm's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from agents import HEARD, SAID, SIGN_UP, agent, answers, asked, asking, form, heard, passing_on, said
from langchain.agents import create_agent
from langchain.agents.middleware import (
    AgentMiddleware,
    ClearToolUsesEdit,
    ContextEditingMiddleware,
    HumanInTheLoopMiddleware,
    LLMToolEmulator,
    ModelCallLimitMiddleware,
    ModelFallbackMiddleware,
    ModelRetryMiddleware,
    PIIMiddleware,
    SummarizationMiddleware,
    TodoListMiddleware,
    ToolCallLimitMiddleware,
    ToolErrorMiddleware,
    ToolRetryMiddleware,
)
from langchain_core.messages import AIMessage
from langchain_core.tools import BaseTool
from langchain_core.tools import tool as as_tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition
from langgraph.types import Command, interrupt
from machines import CONFIG, DRIVERS, Drive, Json, awaited, given, machine, reply, state, to

from fsm_langgraph import Handlers, ScriptedModel


def by_hand(tool: BaseTool, script: list[Any], tools: Any) -> Any:
    """Write an agent's loop."""
    model = ScriptedModel(replies=script)
    loop = StateGraph(MessagesState)
    loop.add_node("model", lambda values: {"messages": [model.bind_tools([tool]).invoke(values["messages"])]})
    loop.add_node("act", tools)
    loop.add_edge(START, "model")
    loop.add_conditional_edges("model", lambda values: "act" if tools_condition(values) == "tools" else "__end__")
    loop.add_edge("act", "model")
    return loop.compile(InMemorySaver())


def with_tool_node(tool: BaseTool, script: list[Any]) -> Any:
    return by_hand(tool, script, ToolNode([tool]))


def with_a_node_of_its_own(tool: BaseTool, script: list[Any]) -> Any:
    """Call the tool from a plain function, as many loops do."""

    def act(values: MessagesState) -> Json:
        last: Any = values["messages"][-1]
        return {"messages": [tool.invoke(call) for call in last.tool_calls]}

    return by_hand(tool, script, act)


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize("script", [passing_on(*HEARD), [asking(*HEARD), "told"]], ids=["one by one", "at once"])
@pytest.mark.parametrize("make", [agent, with_tool_node, with_a_node_of_its_own])
def test_any_agent_holds_a_conversation(make: Any, script: list[Any], drive: Drive) -> None:
    called = make(form().tool("sign_up"), script)
    while len(told := said(values := drive(called, given("x"), CONFIG))) < len(HEARD):
        pass
    assert told == SAID
    assert values["messages"][-1].text == "told"


# A middleware of each kind


class Everywhere(AgentMiddleware[Any, Any, Any]):
    """A middleware with every hook."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def before_agent(self, state: Any, runtime: Any) -> None:  # noqa: ARG002 - LangChain's signature
        self.seen.append("before_agent")

    def before_model(self, state: Any, runtime: Any) -> None:  # noqa: ARG002 - LangChain's signature
        self.seen.append("before_model")

    def after_model(self, state: Any, runtime: Any) -> None:  # noqa: ARG002 - LangChain's signature
        self.seen.append("after_model")

    def after_agent(self, state: Any, runtime: Any) -> None:  # noqa: ARG002 - LangChain's signature
        self.seen.append("after_agent")

    def wrap_model_call(self, request: Any, handler: Any) -> Any:
        return handler(request)

    async def awrap_model_call(self, request: Any, handler: Any) -> Any:
        return await handler(request)

    def wrap_tool_call(self, request: Any, handler: Any) -> Any:
        return handler(request)

    async def awrap_tool_call(self, request: Any, handler: Any) -> Any:
        return await handler(request)


def summary() -> AgentMiddleware[Any, Any, Any]:
    """Sum up the agent's conversation again and again."""
    model = ScriptedModel(replies=["a summary"], repeat=True)
    return SummarizationMiddleware(model, trigger=("messages", 3), keep=("messages", 1))


MIDDLEWARE: dict[str, Callable[[], AgentMiddleware[Any, Any, Any]]] = {
    "every hook": Everywhere,
    "summarization": summary,
    "limit of tool calls": lambda: ToolCallLimitMiddleware(thread_limit=3),
    "limit of model calls": lambda: ModelCallLimitMiddleware(thread_limit=9),
    "tool retry": ToolRetryMiddleware,
    "tool errors": lambda: ToolErrorMiddleware(lambda error, _: str(error)),
    "model retry": ModelRetryMiddleware,
    "model fallback": lambda: ModelFallbackMiddleware(ScriptedModel(replies=[])),
    "personal data": lambda: PIIMiddleware("ip", apply_to_output=True, apply_to_tool_results=True),
    "to-do list": TodoListMiddleware,
    "context editing": lambda: ContextEditingMiddleware(edits=[ClearToolUsesEdit(trigger=1, keep=0)]),
    "a person who is not asked": lambda: HumanInTheLoopMiddleware({"other": True}),
}


@pytest.mark.parametrize("make", MIDDLEWARE.values(), ids=MIDDLEWARE)
def test_it_works_with_any_middleware(make: Any) -> None:
    graph = form()
    called = agent(graph.tool("sign_up"), passing_on(*HEARD), middleware=[make()])
    told = [answers(awaited(called, given(text), CONFIG))[-1].artifact for text in HEARD]
    assert [artifact["message"] for artifact in told] == SAID
    assert heard(graph, told[-1]) == [words for pair in zip(HEARD, SAID, strict=True) for words in pair]


@pytest.mark.parametrize(
    ("decisions", "told"),
    [
        pytest.param(["approve", "approve"], SAID[:2], id="both approved"),
        pytest.param(["edit", "approve"], SAID[:2], id="one edited"),
        pytest.param(["reject", "approve"], [None, SAID[0]], id="the first rejected"),
        pytest.param(["approve", "reject"], [SAID[0], None], id="the second rejected"),
    ],
)
@pytest.mark.parametrize("drive", DRIVERS)
def test_a_person_decides_on_calls(decisions: list[str], told: list[Any], drive: Drive) -> None:
    edited = {"name": "sign_up", "args": {"message": "Sign me up!"}}
    resume = [{"type": kind, **({"edited_action": edited} if kind == "edit" else {})} for kind in decisions]
    middleware = [HumanInTheLoopMiddleware({"sign_up": True})]
    called = agent(form().tool("sign_up"), [asking(*HEARD[:2]), "told"], middleware=middleware)
    drive(called, given("x"), CONFIG)
    values = drive(called, Command(resume={"decisions": resume}), CONFIG)
    by_call = sorted(answers(values), key=lambda message: message.tool_call_id)
    assert [message.artifact and message.artifact["message"] for message in by_call] == told


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_call_over_the_limit_is_not_waited_for(drive: Drive) -> None:
    middleware = [ToolCallLimitMiddleware(tool_name="sign_up", run_limit=1)]
    called = agent(form().tool("sign_up"), [asking(*HEARD[:2]), "told"], middleware=middleware)
    assert [message.status for message in answers(drive(called, given("x"), CONFIG))] == ["error", "success"]


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_middleware_tries_a_turn_again_that_failed(drive: Drive) -> None:
    graph = form(["no JSON"] * 3 + SIGN_UP[:1])
    middleware = [ToolRetryMiddleware(max_retries=1, initial_delay=0)]
    called = agent(graph.tool("sign_up", handle_tool_error=False), passing_on(*HEARD), middleware=middleware)
    artifact = answers(drive(called, given("x"), CONFIG))[0].artifact
    assert heard(graph, artifact) == [HEARD[0], SAID[0]]


def test_a_middleware_may_stand_in_for_the_tool() -> None:
    graph = form()
    emulator = LLMToolEmulator(tools=["sign_up"], model=ScriptedModel(replies=["made up"]))
    called = agent(graph.tool("sign_up"), passing_on(*HEARD), middleware=[emulator])
    assert answers(called.invoke(given("x"), CONFIG))[0].content == "made up"


# Agents in graphs and in tools


@pytest.mark.parametrize("drive", DRIVERS)
def test_an_agent_that_is_a_node_goes_on_in_every_turn(drive: Drive) -> None:
    around: Any = StateGraph(MessagesState)
    around.add_node("desk", create_agent(ScriptedModel(replies=passing_on(*HEARD)), [form().tool("sign_up")]))
    around.add_edge(START, "desk")
    graph = around.compile(InMemorySaver())
    for text in HEARD:
        values = drive(graph, given(text), CONFIG)
    assert said(values) == SAID


@pytest.mark.parametrize("drive", DRIVERS)
def test_two_threads_have_a_conversation_each(drive: Drive) -> None:
    called = agent(form([SIGN_UP[0], *SIGN_UP]).tool("sign_up"), passing_on(HEARD[0], *HEARD))
    threads = [
        answers(drive(called, given("x"), {"configurable": {"thread_id": thread}}))[-1].artifact["thread_id"]
        for thread in ("1", "2", "2")
    ]
    assert len(set(threads)) == 2
    assert threads[1] == threads[2]


def delegating(*tasks: str) -> AIMessage:
    """Write a message by which an agent of deepagents starts subagents."""
    calls = [
        {"name": "task", "args": {"description": task, "subagent_type": "clerk"}, "id": f"task_{task}"}
        for task in tasks
    ]
    return AIMessage("", tool_calls=calls)


class Threads(AgentMiddleware[Any, Any, Any]):
    """Notes the conversations of an agent whose caller sees none of them."""

    def __init__(self) -> None:
        self.of_each: list[list[str]] = []

    def after_agent(self, state: Any, runtime: Any) -> None:  # noqa: ARG002 - LangChain's signature
        self.of_each.append([message.artifact["thread_id"] for message in answers(state)])


@pytest.mark.parametrize("drive", DRIVERS)
def test_each_subagent_of_deepagents_has_a_conversation_of_its_own(drive: Drive) -> None:
    deepagents = pytest.importorskip("deepagents")
    tool, threads = form([SIGN_UP[0]] * 5).tool("sign_up"), Threads()
    clerk = {
        "name": "clerk",
        "description": "Signs up",
        "system_prompt": "Sign the user up.",
        "tools": [tool],
        "model": ScriptedModel(replies=[asking("hi"), asking("well", first=1), "done", asking("hi"), "done"]),
        "middleware": [threads],
    }
    script = [asking("hi"), "told", delegating("a"), "told", delegating("b"), "told", asking("well", first=1), "told"]
    called = deepagents.create_deep_agent(
        model=ScriptedModel(replies=script), tools=[tool], subagents=[clerk], checkpointer=InMemorySaver()
    )
    for _ in range(4):
        values = drive(called, given("x"), CONFIG)
    first, second = threads.of_each
    own = [message.artifact["thread_id"] for message in answers(values) if message.artifact]
    assert [len(own), len(first), len(second)] == [2, 2, 1]
    assert [len({*own}), len({*first}), len({*own, *first, *second})] == [1, 1, 3]


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_question_of_a_subagents_conversation_is_asked(drive: Drive) -> None:
    handlers = Handlers()
    handlers.on("CONTEXT_UPDATE")(lambda _: {"note": interrupt("May I?")})
    graph = form([SIGN_UP[1], "Your e-mail?"], handlers=handlers)
    clerk: Any = create_agent(ScriptedModel(replies=passing_on("Ann")), [graph.tool("sign_up")])

    @as_tool
    def delegate(message: str) -> str:
        """Delegate."""
        return str(answers(clerk.invoke(given(message)))[0].artifact["context"]["note"])

    called = agent(delegate, [asking("go", tool="delegate"), "told"])
    assert asked(drive(called, given("x"), CONFIG)) == ["May I?"]
    assert [message.text for message in answers(drive(called, Command(resume="yes"), CONFIG))] == ["yes"]


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_machine_has_another_one_as_a_tool(drive: Drive) -> None:
    handlers = Handlers()
    handlers.on("CONTEXT_UPDATE")(lambda _: {"note": interrupt("May I?")})
    inner = form([SIGN_UP[0], SIGN_UP[1], "Your e-mail?"], checkpointer=None, handlers=handlers)
    desk = machine(state("talk", to("end", "x"), tools=["sign_up"], required_context_keys=["x"]), state("end"))
    replies = [asking("hi"), reply("talk", "Name?"), asking("Ann", first=1), reply("talk", "E-mail?")]
    graph = form(replies, desk, tools=[inner.tool("sign_up")])
    drive(graph, given("hi"), CONFIG)
    assert asked(drive(graph, given("Ann"), CONFIG)) == ["May I?"]
    values = drive(graph, Command(resume="yes"), CONFIG)
    assert [message.text for message in values["messages"]] == ["hi", "Name?", "Ann", "E-mail?"]
