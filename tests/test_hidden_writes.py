"""The secrets that code and models write: hidden where they are journalled, and there when the turn is run again."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from langchain_core.messages import ToolMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool, InjectedToolCallId, StructuredTool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.prebuilt import InjectedState, ToolNode
from langgraph.types import Command, interrupt
from machines import CONFIG, DRIVERS, Drive, Json, given, machine, reply, state, to
from orders import calling
from telling_secrets import IBAN, NOTE, OTP, PIN, Tracer, found_in
from test_secret_input import everything

from fsm_langgraph import Event, Graph, HandlerError, Handlers, ScriptedModel, ToolError, compile_fsm
from fsm_langgraph.tools.hidden_writes import hiding

KEYS = {
    "otp": {"type": "string", "secret": True},
    "iban": {"type": "string", "secret": True, "written_by": "handler"},
    "note": {"type": "string", "secret": True, "written_by": "handler"},
    "seen": {"type": "array", "written_by": "handler"},
}
DESK = {
    **machine(state("ask", to("end", "otp", "iban"), required_context_keys=["otp"], tools=["write"]), state("end")),
    "context": KEYS,
}


def desk(saver: Any, *replies: Any, tools: Any = (), handlers: Handlers | None = None) -> Graph:
    given_tools = tools or [tool_that(note=NOTE)]
    return compile_fsm(
        DESK, ScriptedModel(replies=[*replies]), checkpointer=saver, handlers=handlers, tools=given_tools
    )


def tool_that(**writes: Any) -> BaseTool:
    def write(tool_call_id: Annotated[str, InjectedToolCallId]) -> Command[Any]:
        """Write."""
        return Command(update={"context": writes, "messages": [ToolMessage("Done.", tool_call_id=tool_call_id)]})

    return StructuredTool.from_function(write, name="write")


class Office:
    """Handlers of which the second one asks a person, in a turn that has written secrets before."""

    def __init__(self) -> None:
        self.runs: list[str] = []
        self.handlers = Handlers()
        self.handlers.on("CONTEXT_UPDATE", priority=1)(self.look_up)
        self.handlers.on("CONTEXT_UPDATE", priority=2)(self.ask)

    def look_up(self, event: Event) -> Json:
        """Write a secret."""
        self.runs.append(f"look up for {event.context['otp']}")
        return {"iban": IBAN}

    def ask(self, event: Event) -> None:
        """Ask, by a secret of the handler before."""
        self.runs.append(f"ask about {event.context['iban']}")
        assert interrupt("Is it fine?") == "yes"


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_turn_that_is_resumed_elsewhere_has_what_it_had_written(drive: Drive) -> None:
    saver, office, again = InMemorySaver(), Office(), Office()
    begun = desk(saver, calling("write"), reply("end", "Bye.", otp=OTP), handlers=office.handlers)
    drive(begun, given("hi"), CONFIG)
    assert office.runs == [f"look up for {OTP}", f"ask about {IBAN}"]
    assert found_in(everything(saver)) == []

    resumed = desk(saver, "Bye.", handlers=again.handlers)
    drive(resumed, Command(resume="yes"), CONFIG)

    assert again.runs == [f"ask about {IBAN}"]
    assert resumed.secrets(CONFIG) == {"note": NOTE, "otp": OTP, "iban": IBAN}
    assert found_in(everything(saver)) == []


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_message_that_is_sent_again_has_what_was_written(drive: Drive) -> None:
    saver, fails, runs = InMemorySaver(), [True], list[str]()
    handlers = Handlers()

    @handlers.on("POST_PROCESSING", priority=1)
    def look_up(_: Event) -> Json:
        runs.append("look up")
        return {"iban": IBAN}

    @handlers.on("POST_PROCESSING", priority=2)
    def fail(event: Event) -> None:
        assert event.context["iban"] == IBAN
        if fails.pop():
            raise RuntimeError("no")

    graph = desk(saver, reply("end", "Bye.", otp=OTP), "Bye.", handlers=handlers)
    with pytest.raises(HandlerError):
        drive(graph, {"messages": [{"role": "user", "content": "hi", "id": "1"}]}, CONFIG)
    fails.append(False)
    drive(graph, {"messages": [{"role": "user", "content": "hi", "id": "1"}]}, CONFIG)

    assert runs == ["look up"]
    assert graph.secrets(CONFIG) == {"otp": OTP, "iban": IBAN}
    assert found_in(everything(saver)) == []


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize("kind", ["function", "tool", "node"])
def test_no_trace_tells_what_a_tool_writes(kind: str, drive: Drive) -> None:
    def write(
        tool_call_id: Annotated[str, InjectedToolCallId], state: Annotated[dict[str, Any], InjectedState]
    ) -> Command[Any]:
        """Write."""
        seen.append(state["context"].get("otp"))
        return Command(
            update={"context": {"note": NOTE}, "messages": [ToolMessage("Done.", tool_call_id=tool_call_id)]}
        )

    seen: list[Any] = []
    made = StructuredTool.from_function(write)
    graph = desk(
        saver := InMemorySaver(),
        calling("write"),
        reply("ask"),
        "…",
        tools={"function": [write], "tool": [made], "node": ToolNode([made])}[kind],
    )
    config: RunnableConfig = {**CONFIG, "callbacks": [tracer := Tracer()]}

    drive(graph, given("hi", {"otp": PIN}), config)

    assert seen == [PIN]
    assert graph.secrets(CONFIG) == {"otp": PIN, "note": NOTE}
    assert found_in("".join(tracer.told) + everything(saver)) == []


async def test_a_tool_that_is_async_or_a_class_of_its_own_is_hidden_too() -> None:
    class Write(BaseTool):
        name: str = "write"
        description: str = "Write."

        def _run(self) -> list[Any]:
            return [Command(update={"context": {"note": NOTE}, "messages": [ToolMessage("…", tool_call_id="call-0")]})]

    async def write(tool_call_id: Annotated[str, InjectedToolCallId], config: RunnableConfig) -> Command[Any]:
        """Write."""
        assert config["configurable"]["thread_id"] == "1"
        return Command(
            update={"context": {"note": NOTE}, "messages": [ToolMessage("Done.", tool_call_id=tool_call_id)]}
        )

    for made in (Write(), StructuredTool.from_function(coroutine=write, name="write")):
        tracer = Tracer()
        graph = desk(InMemorySaver(), calling("write"), reply("ask"), "…", tools=[made])
        await graph.ainvoke(given("hi"), {**CONFIG, "callbacks": [tracer]})
        assert graph.secrets(CONFIG) == {"note": NOTE}
        assert found_in("".join(tracer.told)) == []


def test_outside_of_a_turn_a_tool_returns_what_it_returns() -> None:
    made = tool_that(note=NOTE)
    answer = hiding(made).invoke({"name": "write", "args": {}, "id": "1", "type": "tool_call"})

    assert answer.update["context"] == {"note": NOTE}
    assert isinstance(hiding(made), StructuredTool)
    assert type(hiding(hiding(made))) is type(hiding(made))


@pytest.mark.parametrize("value", [5.25, {1, 2}, "one two", "12.345"], ids=repr)
def test_a_value_of_a_tools_that_does_not_fit_is_refused_without_a_word_of_it(value: Any) -> None:
    definition = {**DESK, "context": {**KEYS, "note": {"type": "integer", "secret": True, "written_by": "handler"}}}
    model = ScriptedModel(replies=[calling("write")])
    graph = compile_fsm(definition, model, checkpointer=InMemorySaver(), tools=[tool_that(note=value)])

    with pytest.raises(ToolError, match="tool 'write' writes 'note', but its value ") as error:
        graph.invoke(given("hi"), CONFIG)
    assert str(value).strip("'{}") not in str(error.value)
