"""What traces tell of a turn: its states and model calls can be found by machine, state and mode."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.callbacks import AsyncCallbackHandler, BaseCallbackHandler
from langchain_core.runnables import RunnableConfig
from machines import CONFIG, DRIVERS, FORM, WELCOME, Drive, Json, Talk, given, reply
from openinference.instrumentation.langchain import LangChainInstrumentor
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from test_sub_machines import at_the_card

from fsm_langgraph import ScriptedModel, compile_fsm

VERSIONED = {**FORM, "revision": "2026-05", "metadata": {"version": "7"}}


class Runs(BaseCallbackHandler):
    """Notes what the runs of a turn are told with."""

    def __init__(self) -> None:
        self.nodes: list[Json] = []
        self.calls: list[Json] = []

    def on_chain_start(self, *_: Any, metadata: Json | None = None, **rest: Any) -> None:
        if rest.get("name") == (metadata or {}).get("langgraph_node"):
            self.nodes.append(_told(metadata))

    def on_chat_model_start(self, *_: Any, metadata: Json | None = None, **rest: Any) -> None:
        tags = [tag for tag in rest["tags"] if tag.startswith("fsm:")]
        self.calls.append({**_told(metadata), "tags": tags})


def _told(metadata: Json | None) -> Json:
    return {name: value for name, value in (metadata or {}).items() if name.startswith("fsm_")}


def traced(talk: Talk, drive: Drive, text: str) -> Runs:
    runs = Runs()
    config: RunnableConfig = {**CONFIG, "callbacks": [runs]}
    drive(talk.graph, given(text), config)
    return runs


@pytest.mark.parametrize("drive", DRIVERS)
def test_every_run_tells_the_machine_and_the_state(drive: Drive) -> None:
    talk = Talk(VERSIONED, ["?", reply("done", "REFUSED", name="Ann"), "Your e-mail address?"])
    talk.say()
    runs = traced(talk, drive, "Ann")
    known = {"fsm_name": "test", "fsm_revision": "2026-05", "fsm_version": "7"}
    assert runs.nodes == [{**known, "fsm_state": "ask_name"}, {**known, "fsm_state": "ask_email"}]
    assert runs.calls == [
        {**known, "fsm_state": "ask_name", "fsm_mode": "understand", "tags": ["fsm:test"]},
        {**known, "fsm_state": "ask_email", "fsm_mode": "speak", "tags": ["fsm:test"]},
    ]


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_run_in_a_sub_machine_tells_the_outermost_machine_and_the_path(drive: Drive) -> None:
    runs = traced(at_the_card(reply("code", "Your code?", card="1")), drive, "1")
    assert runs.calls == [
        {"fsm_name": "test", "fsm_state": "payment/card", "fsm_mode": "understand", "tags": ["fsm:test"]}
    ]
    assert [*dict.fromkeys(node["fsm_state"] for node in runs.nodes)] == ["payment", "payment/card", "payment/code"]


class Tokens(BaseCallbackHandler):
    """Notes the tokens that it is told."""

    def __init__(self, *, run_inline: bool) -> None:
        self.told: list[str] = []
        self.run_inline = run_inline

    def on_llm_new_token(self, token: Any, **_: Any) -> None:
        self.told.append(token)


class AwaitedTokens(AsyncCallbackHandler):
    """Notes the tokens that it is told, each after a wait."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def on_llm_new_token(self, token: Any, **_: Any) -> None:
        await asyncio.sleep(0)
        self.told.append(token)


@pytest.mark.parametrize("drive", DRIVERS)
def test_every_kind_of_handler_is_told_the_tokens_in_their_order(drive: Drive) -> None:
    message = "Your e-mail address, please: where shall the tickets go?"
    kinds: list[list[Tokens | AwaitedTokens]] = [
        [Tokens(run_inline=True)],
        [Tokens(run_inline=True), Tokens(run_inline=False)],
        [AwaitedTokens()],
        [Tokens(run_inline=True), AwaitedTokens()],
    ]
    for handlers in kinds:
        graph = compile_fsm(FORM, ScriptedModel(replies=["Your name?", reply("ask_name", message)], chunk_size=5))
        config: RunnableConfig = {**CONFIG, "callbacks": [*handlers]}
        drive(graph, {"messages": []}, CONFIG)
        drive(graph, given("What?"), config)
        assert all("".join(handler.told) == message for handler in handlers)
        assert all(len(handler.told) > 5 for handler in handlers)


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    LangChainInstrumentor().instrument(tracer_provider=provider)
    try:
        yield exporter
    finally:
        LangChainInstrumentor().uninstrument()
        provider.shutdown()


def test_the_spans_of_a_turn_can_be_found_by_state_and_mode(spans: InMemorySpanExporter) -> None:
    talk = Talk(WELCOME, ["?", reply("ask_name", name="Ann"), "Your e-mail address?"])
    talk.say()
    spans.clear()
    talk.say("Ann")
    finished = spans.get_finished_spans()
    calls = [(span.name, _metadata(span)) for span in finished if _kind(span) == "LLM"]
    assert [(told["fsm_state"], told["fsm_mode"]) for _, told in calls] == [
        ("welcome", "understand"),
        ("ask_email", "speak"),
    ]
    states = [span.name for span in finished if _metadata(span).get("fsm_state") == span.name]
    assert states == ["welcome", "ask_name", "ask_email"]
    (turn,) = [span for span in finished if span.parent is None]
    assert turn.name == "test"
    assert {span.context.trace_id for span in finished} == {turn.context.trace_id}


async def test_the_spans_of_an_awaited_turn_hang_together(spans: InMemorySpanExporter) -> None:
    talk = Talk(FORM, [reply("ask_email", "Your e-mail address?", name="Ann")])
    await asyncio.create_task(talk.graph.ainvoke(given("Ann"), CONFIG))
    finished = spans.get_finished_spans()
    by_id = {span.context.span_id: span for span in finished}
    (call,) = [span for span in finished if _kind(span) == "LLM"]
    assert call.parent is not None
    assert by_id[call.parent.span_id].name == "ask_name"


def test_a_refused_reply_is_an_error_of_its_span_alone(spans: InMemorySpanExporter) -> None:
    talk = Talk(FORM, ["?", reply("done", "REFUSED", name=None), "Your name?"])
    talk.say()
    spans.clear()
    talk.say("Ann")
    failed = [span for span in spans.get_finished_spans() if span.status.status_code is StatusCode.ERROR]
    assert [_kind(span) for span in failed] == ["LLM"]
    assert '"target_state": "done"' in str(failed[0].status.description)


def test_a_span_has_the_reply_that_was_taken(spans: InMemorySpanExporter) -> None:
    Talk(FORM, [reply("ask_email", "Your e-mail?", name="Ann")]).say("Ann")
    (call,) = [span for span in spans.get_finished_spans() if _kind(span) == "LLM"]
    told = json.loads(str((call.attributes or {})["output.value"]))
    assert told["llm_output"]["fsm_reply"]["outcome"] == "shown"


def _kind(span: ReadableSpan) -> Any:
    return (span.attributes or {}).get("openinference.span.kind")


def _metadata(span: ReadableSpan) -> Json:
    return dict(json.loads(str((span.attributes or {}).get("metadata", "{}"))))
