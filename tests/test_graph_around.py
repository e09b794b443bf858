"""The graph around a machine's: it gets the user when the machine's landing is stored, by a transition or by a tool."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Annotated, Any

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool, InjectedToolCallId, StructuredTool, tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import ParentCommand
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import InjectedState
from langgraph.types import Command, Send
from machines import CONFIG, DRIVERS, Drive, Json, given, machine, reply, state, to
from orders import calling

from fsm_langgraph import (
    Graph,
    HandlerError,
    Handlers,
    HandoffError,
    ScriptedModel,
    ToolError,
    build_graph,
    compile_fsm,
)
from fsm_langgraph.graph.graph_around import GraphAround, athen_leave

by_each = pytest.mark.parametrize("drive", DRIVERS)

SHOP = machine(
    state("ask", to("waits", handoff="desk"), required_context_keys=["x"], tools=["leave", "look"]),
    state("waits", to("ask"), required_context_keys=["x"]),
    name="shop",
)
OVER = reply("waits", "To the desk.", x="1")


class Around(MessagesState):
    """The state of the graph around."""

    context: dict[str, Any]
    notes: list[str]


@tool
def leave(tool_call_id: Annotated[str, InjectedToolCallId]) -> Command[Any]:
    """Hand the user back to the desk."""
    told = ToolMessage("Off to the desk", tool_call_id=tool_call_id)
    return Command(goto="desk", graph=Command.PARENT, update={"messages": [told], "notes": ["left"]})


@tool
def look() -> str:
    """Look around."""
    return "Nothing to see."


def shop_of(
    replies: list[Any], definition: Json = SHOP, *, checkpointer: Any = True, leaving: BaseTool = leave
) -> Graph:
    tools = [leaving, look]
    return compile_fsm(definition, ScriptedModel(replies=replies), checkpointer=checkpointer, tools=tools)


def desk(values: Around) -> dict[str, Any]:
    """Answer with what is known, and what the messages are."""
    return {"messages": [AIMessage(f"{len(values['messages'])} messages", name="desk")]}


def around(shop: Any, *, name: str = "desk") -> Any:
    """Make a graph with a machine and a desk to which nothing but the machine leads."""
    builder: Any = StateGraph(Around)
    builder.add_node("shop", shop)
    builder.add_node(name, desk)
    builder.add_edge(START, "shop")
    return builder.compile(InMemorySaver())


def within_a_function(shop: Graph) -> Any:
    """Run the machine within a function, as a supervisor does."""

    def run(values: Around, config: RunnableConfig) -> dict[str, Any]:
        return shop.invoke({"messages": values["messages"]}, config)

    return run


def without_its_config(shop: Graph) -> Any:
    """Run the machine within a function that leaves the config to LangChain."""
    return lambda values: shop.invoke({"messages": values["messages"]})


def told(values: Json) -> list[tuple[str, str, str]]:
    """Return the messages after the first: kind, text, and what is called or answered."""
    return [(message.type, message.text, _about(message)) for message in values["messages"][1:]]


def _about(message: AnyMessage) -> str:
    if isinstance(message, ToolMessage):
        return message.name or ""
    return " ".join(call["name"] for call in message.tool_calls) if isinstance(message, AIMessage) else ""


TRANSFERRED = ("tool", "Successfully transferred to desk", "transfer_to_desk")
PLACES: dict[str, Callable[[Graph], Any]] = {
    "a node": lambda shop: shop,
    "a function": within_a_function,
    "a function without a config": without_its_config,
}


@by_each
@pytest.mark.parametrize("checkpointer", [True, None])
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_the_graph_around_gets_the_user_with_what_has_landed(
    place: Callable[[Graph], Any], checkpointer: Any, drive: Drive
) -> None:
    graph = around(place(shop_of([OVER], checkpointer=checkpointer)))
    values = drive(graph, given("1 at the desk"), CONFIG)
    assert told(values) == [("ai", "To the desk.", "transfer_to_desk"), TRANSFERRED, ("ai", "3 messages", "")]
    assert values["context"] == {"x": "1"}
    assert values["messages"][1].name == "shop"


@by_each
def test_without_a_message_the_call_alone_is_told(drive: Drive) -> None:
    values = drive(around(shop_of([reply("waits", None, x="1")])), given("the desk"), CONFIG)
    assert told(values) == [("ai", "", "transfer_to_desk"), TRANSFERRED, ("ai", "3 messages", "")]


@by_each
def test_a_turn_that_hands_nobody_over_goes_on_by_the_edges(drive: Drive) -> None:
    values = drive(around(shop_of([reply("ask", "X?")])), given("hi"), CONFIG)
    assert told(values) == [("ai", "X?", "")]


@by_each
def test_the_machine_goes_on_where_it_waits(drive: Drive) -> None:
    graph = around(shop_of([OVER, reply("waits", "Again: x?")]))
    drive(graph, given("1 at the desk"), CONFIG)
    assert told(drive(graph, given("back"), CONFIG))[-1] == ("ai", "Again: x?", "")


@by_each
def test_what_was_read_is_not_read_again_where_the_user_is_handed_straight_back(drive: Drive) -> None:
    model = ScriptedModel(replies=[reply("waits", None, x="1"), "What else?"])
    builder: Any = StateGraph(MessagesState)
    builder.add_node("shop", compile_fsm(SHOP, model, checkpointer=True, tools=[leave, look]))
    builder.add_node("desk", lambda _: Command(goto="shop"))
    builder.add_edge(START, "shop")
    values = drive(builder.compile(InMemorySaver()), given("1 at the desk"), CONFIG)
    assert told(values)[-1] == ("ai", "What else?", "")
    assert [call.schema is None for call in model.calls] == [False, True]


@by_each
def test_what_was_not_read_is_read_where_the_user_comes_back_with_a_remark(drive: Drive) -> None:
    definition = machine(
        state("sort", to("waits", handoff="desk"), silent=True),
        state("waits", to("sort", "never"), required_context_keys=["x"]),
        name="shop",
    )
    model = ScriptedModel(replies=[reply("waits", "Hello!")])
    builder: Any = StateGraph(Around)
    builder.add_node("shop", compile_fsm(definition, model, checkpointer=True)).add_node("desk", desk)
    builder.add_edge(START, "shop").add_edge("desk", "shop")
    values = drive(builder.compile(InMemorySaver()), given("hi"), CONFIG)
    assert [message.text for message in values["messages"][-2:]] == ["3 messages", "Hello!"]
    assert [call.schema is None for call in model.calls] == [False]


@by_each
def test_two_machines_read_the_same_message(drive: Drive) -> None:
    other = compile_fsm(SHOP, ScriptedModel(replies=[reply("ask", "Which x?")]), tools=[leave, look], name="desk")
    builder: Any = StateGraph(MessagesState)
    builder.add_node("shop", shop_of([OVER]))
    builder.add_node("desk", other)
    builder.add_edge(START, "shop")
    values = drive(builder.compile(InMemorySaver()), given("1 at the desk"), CONFIG)
    assert [(message.name, message.text) for message in values["messages"] if message.type == "ai"] == [
        ("shop", "To the desk."),
        ("desk", "Which x?"),
    ]


@by_each
def test_the_message_to_read_comes_last_for_the_second_machine(drive: Drive) -> None:
    model = ScriptedModel(replies=[reply("ask", "Which x?")])
    builder: Any = StateGraph(MessagesState)
    builder.add_node("shop", shop_of([OVER]))
    builder.add_node("desk", compile_fsm(SHOP, model, tools=[leave, look], name="desk"))
    builder.add_edge(START, "shop")
    drive(builder.compile(InMemorySaver()), given("1 at the desk"), CONFIG)
    said = [(message.name, message.text) for message in model.calls[0].messages[1:]]
    assert said[-2:] == [("shop", "To the desk."), (None, "1 at the desk")]


@by_each
def test_an_agent_that_the_graph_around_does_not_have_fails_the_turn(drive: Drive) -> None:
    graph = around(shop_of([OVER, reply("ask", "X?")]), name="desks")
    with pytest.raises(HandoffError, match="Did you mean 'desks'") as failed:
        drive(graph, given("1 at the desk"), CONFIG)
    assert (failed.value.agent, failed.value.known) == ("desk", ("desks", "shop"))
    assert drive(graph, given("then not"), CONFIG)["messages"][-1].text == "X?"


@by_each
def test_within_two_graphs_the_one_directly_around_gets_the_user(drive: Drive) -> None:
    inner: Any = StateGraph(MessagesState)
    inner.add_node("shop", shop_of([OVER]))
    inner.add_node("desk", lambda _: {"messages": [AIMessage("the inner desk")]})
    inner.add_edge(START, "shop")
    values = drive(around(inner.compile()), given("1 at the desk"), CONFIG)
    assert told(values)[-1] == ("ai", "the inner desk", "")


def test_a_stream_shows_the_message_and_nothing_of_the_transfer() -> None:
    graph = around(shop_of([OVER]))
    parts = [*graph.stream(given("1 at the desk"), CONFIG, stream_mode="messages", subgraphs=True)]
    assert "".join(chunk.text for (_, (chunk, _)) in parts if chunk.name == "shop") == "To the desk."
    assert not [chunk for (_, (chunk, _)) in parts if isinstance(chunk, ToolMessage)]


def test_an_async_stream_hands_over_too() -> None:
    async def values() -> list[Any]:
        parts = around(shop_of([OVER])).astream(given("1"), CONFIG, stream_mode="values", subgraphs=True)
        return [part async for part in parts]

    assert asyncio.run(values())[-1][1]["messages"][-1].text == "3 messages"


def test_an_async_stream_that_is_no_longer_read_ends_the_run_at_once() -> None:
    ended: list[str] = []

    async def parts() -> AsyncGenerator[str]:
        try:
            yield "one"
            yield "two"
        finally:
            ended.append("ended")

    async def read_one() -> list[str]:
        leaving: Any = athen_leave(
            lambda _: parts(), shop_of([]), GraphAround("", None, frozenset(), None, False), None
        )
        part = await anext(leaving)
        await leaving.aclose()
        return [part, *ended]

    assert asyncio.run(read_one()) == ["one", "ended"]


def test_a_conversation_in_a_thread_of_its_own_has_no_graph_around() -> None:
    shop: Any = shop_of([OVER], checkpointer=InMemorySaver()).with_config(configurable={"thread_id": "its own"})
    values = around(without_its_config(shop)).invoke(given("1 at the desk"), CONFIG)
    assert told(values) == [("ai", "To the desk.", "")]


def test_a_graph_that_was_built_by_name_says_so_in_all_its_messages() -> None:
    model = ScriptedModel(replies=[reply("waits", None, x="1")])
    shop = build_graph(SHOP, model, tools=[leave, look], name="the_shop").compile(checkpointer=True)
    values = around(shop).invoke(given("the desk"), CONFIG)
    assert (shop.name, values["messages"][1].name) == ("the_shop", "the_shop")


@by_each
def test_a_handoff_that_was_cut_off_is_delivered_when_the_run_goes_on(drive: Drive) -> None:
    model, faults = ScriptedModel(replies=[OVER]), [KeyError("gone")]
    shop = compile_fsm(SHOP, model, checkpointer=True, tools=[leave, look])

    def run(values: Around, config: RunnableConfig) -> dict[str, Any]:
        try:
            return shop.invoke({"messages": values["messages"]}, config)
        except ParentCommand:
            if faults:
                raise faults.pop() from None
            raise

    graph = around(run)
    with pytest.raises(KeyError):
        drive(graph, given("1 at the desk"), CONFIG)
    values = drive(graph, None, CONFIG)
    assert told(values) == [("ai", "To the desk.", "transfer_to_desk"), TRANSFERRED, ("ai", "3 messages", "")]
    assert len(model.calls) == 1


@by_each
def test_a_tool_hands_the_user_over_and_later_calls_are_not_made(drive: Drive) -> None:
    model = ScriptedModel(replies=[calling("look", "leave", "look", text="Let me see.")])
    graph = around(compile_fsm(SHOP, model, checkpointer=True, tools=[leave, look]))
    values = drive(graph, given("the desk"), CONFIG)
    assert told(values) == [
        ("ai", "", "look leave look"),
        ("tool", "Nothing to see.", "look"),
        ("tool", "Off to the desk", "leave"),
        ("tool", "Error: it was not made: the user was handed over.", ""),
        ("ai", "5 messages", ""),
    ]
    assert (values["notes"], len(model.calls)) == (["left"], 1)


def test_the_turn_of_a_tool_lands_and_tells_who_got_the_user() -> None:
    graph = around(shop_of([calling("leave")]))
    (record,) = [
        part["last_turn"] for _, part in graph.stream(given("bye"), CONFIG, stream_mode="custom", subgraphs=True)
    ]
    assert (record["handoff"], record["landing"], record["path"]) == ("desk", "ask", ["ask"])
    assert record["tool_calls"] == [{"state": "ask", "tool": "leave", "error": ""}]


def test_a_tool_is_given_the_conversations_own_messages_and_gives_no_other_back() -> None:
    @tool("leave")
    def back(call: Annotated[str, InjectedToolCallId], state: Annotated[Any, InjectedState]) -> Command[Any]:
        """Give all back, and a task."""
        assert [message.id for message in state["messages"]].count(None) == 0
        added = [ToolMessage("Off", tool_call_id=call), HumanMessage("Tell the weather")]
        return Command(goto="desk", graph=Command.PARENT, update={**state, "messages": [*state["messages"], *added]})

    graph = around(shop_of([reply("ask", "X?", x="1"), calling("look"), calling("leave")], leaving=back))
    graph.invoke(given("hi"), CONFIG)
    values = graph.invoke(given("the desk"), CONFIG)
    assert told(values) == [
        ("ai", "X?", ""),
        ("human", "the desk", ""),
        ("ai", "", "leave"),
        ("tool", "Off", "leave"),
        ("human", "Tell the weather", ""),
        ("ai", "6 messages", ""),
    ]
    assert values["context"] == {"x": "1"}


def test_a_tool_sends_the_user_to_several() -> None:
    @tool("leave")
    def scatter() -> Command[Any]:
        """Send."""
        return Command(goto=[Send("desk", {"messages": [HumanMessage("a task")]}), "desk"], graph=Command.PARENT)

    values = around(shop_of([calling("leave")], leaving=scatter)).invoke(given("bye"), CONFIG)
    assert sorted(text for _, text, _ in told(values)) == ["", "1 messages", "3 messages", "The user was handed over."]


NESTING = machine(
    state("runs", to("over"), subflow="inner"),
    state("over"),
    name="shop",
    subflows={
        "inner": machine(state("inside", to("end", "x"), required_context_keys=["x"], tools=["leave"]), state("end"))
    },
)


@by_each
def test_a_tool_in_a_sub_machine_hands_over_and_the_sub_machine_waits(drive: Drive) -> None:
    shop = compile_fsm(
        NESTING, ScriptedModel(replies=[calling("leave"), reply("inside", "X?")]), checkpointer=True, tools=[leave]
    )
    graph = around(shop)
    assert told(drive(graph, given("the desk"), CONFIG))[-1] == ("ai", "3 messages", "")
    assert told(drive(graph, given("back"), CONFIG))[-1] == ("ai", "X?", "")


@by_each
def test_a_handoff_is_journalled_like_any_tool(drive: Drive) -> None:
    left: list[str] = []

    @tool("leave")
    def once() -> Command[Any]:
        """Leave."""
        left.append("left")
        return Command(goto="desk", graph=Command.PARENT, update={"messages": [HumanMessage("a task", id="task")]})

    faults = [KeyError("gone")]
    handlers: Any = _failing_once(faults)
    shop = compile_fsm(
        SHOP, ScriptedModel(replies=[calling("leave")]), checkpointer=True, tools=[once, look], handlers=handlers
    )
    graph = around(shop)
    with pytest.raises(Exception, match="gone"):
        drive(graph, given("the desk"), CONFIG)
    values = drive(graph, None, CONFIG)
    assert (left, [text for _, text, _ in told(values)]) == (
        ["left"],
        ["", "The user was handed over.", "a task", "4 messages"],
    )


def _failing_once(faults: list[KeyError]) -> Any:
    handlers = Handlers()

    @handlers.on("POST_PROCESSING")
    def fail(_: Any) -> None:
        if faults:
            raise faults.pop()

    return handlers


REFUSED: dict[str, tuple[Command[Any], str]] = {
    "to nobody": (Command(graph=Command.PARENT), "names no agent in 'goto'"),
    "to somebody unknown": (Command(graph=Command.PARENT, goto="bar"), "handed over to 'bar'"),
    "and resumes": (Command(graph=Command.PARENT, goto="desk", resume=1), "returned a command that resumes"),
}


@pytest.mark.parametrize(("command", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_command_that_cannot_be_carried_out_fails_the_turn(command: Command[Any], sentence: str) -> None:
    @tool("leave")
    def wrong() -> Command[Any]:
        """Leave."""
        return command

    with pytest.raises((ToolError, HandoffError), match=sentence):
        around(shop_of([calling("leave")], leaving=wrong)).invoke(given("bye"), CONFIG)


def test_a_step_of_thought_is_no_place_to_hand_over_from() -> None:
    thinking = machine(state("think", to("done"), listens=False, tools=["leave", "look"]), state("done"), name="shop")
    with pytest.raises(ToolError, match="tool 'leave' hands the user over, and no turn can rest in a step of thought"):
        around(shop_of([calling("look", "leave")], thinking)).invoke(given("bye"), CONFIG)


VAULT = machine(
    state("hall", to("desk", "pin"), required_context_keys=["x"], tools=["leave"]),
    state("desk", to("hall")),
    context={"x": {}, "pin": {"written_by": "handler"}},
)
"""A machine with a state behind a condition, which is named like an agent."""


def _leaving_agent() -> Any:
    agent = StateGraph(MessagesState)
    agent.add_node("goes", lambda _: Command(goto="desk", graph=Command.PARENT, update={"current_state": "desk"}))
    agent.add_edge(START, "goes")
    return agent.compile()


def _held_by(place: str, inner: Any, seen: list[Any]) -> Graph:
    """Compile a machine of which a handler or a tool runs another graph."""

    def run() -> str:
        seen.append(inner.invoke(given("the desk")))
        return "ran"

    handlers = Handlers()
    if place == "handler":
        handlers.on("POST_PROCESSING")(lambda _: {"pin": run()[:0]})
    runs = StructuredTool.from_function(run, name="leave", description="Leave.") if place == "tool" else leave
    model = ScriptedModel(replies=[calling("leave"), reply("hall", "X?")] if place == "tool" else [reply("hall", "X?")])
    return compile_fsm(VAULT, model, checkpointer=InMemorySaver(), tools=[runs], handlers=handlers)


@by_each
@pytest.mark.parametrize("place", ["handler", "tool"])
def test_a_machine_that_a_handler_or_a_tool_runs_does_not_move_the_one_around_it(place: str, drive: Drive) -> None:
    seen: list[Any] = []
    values = drive(_held_by(place, shop_of([OVER], checkpointer=None), seen), given("x"), CONFIG)
    assert (values["current_state"], values["last_turn"]["path"]) == ("hall", ["hall"])
    assert [each["last_turn"]["handoff"] for each in seen] == ["desk"]


@by_each
@pytest.mark.parametrize(("place", "error"), [("handler", HandlerError), ("tool", ToolError)])
def test_a_graph_that_a_handler_or_a_tool_runs_gives_no_command(
    place: str, error: type[Exception], drive: Drive
) -> None:
    graph = _held_by(place, _leaving_agent(), [])
    with pytest.raises(error, match="runs a graph that gives a command"):
        drive(graph, given("x"), CONFIG)
    assert "current_state" not in graph.get_state(CONFIG).values
