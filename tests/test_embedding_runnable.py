"""A machine's graph is an ordinary Runnable: every way to run one shows the message, and never a reply's JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk
from langchain_core.runnables import Runnable, RunnableConfig, RunnableGenerator, RunnableLambda
from langgraph.types import StreamMode
from machines import CONFIG, FORM, Json, Talk, given, reply

from fsm_langgraph import Graph, ScriptedModel

ANSWER = "Your e-mail address, please?"
MODES: list[StreamMode] = ["values", "updates", "messages", "custom", "tasks", "checkpoints", "debug"]


def vetoed() -> Talk:
    """Bring a conversation to a turn whose first reply is refused."""
    talk = Talk(FORM, ["?", reply("done", "REFUSED", name="Ann"), ANSWER])
    talk.say()
    return talk


def streamed(graph: Graph, mode: Any, **options: Any) -> list[Any]:
    return list(graph.stream(given("Ann"), CONFIG, stream_mode=mode, **options))


def awaited(graph: Graph, mode: Any, **options: Any) -> list[Any]:
    async def read() -> list[Any]:
        return [part async for part in graph.astream(given("Ann"), CONFIG, stream_mode=mode, **options)]

    return asyncio.run(read())


BY_EACH = pytest.mark.parametrize("stream", [streamed, awaited])


@BY_EACH
@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("mode", [*MODES, MODES], ids=[*MODES, "all"])
def test_no_stream_shows_a_reply_or_a_message_that_was_refused(mode: Any, version: str, stream: Any) -> None:
    talk = vetoed()
    seen = str(stream(talk.graph, mode, version=version))
    assert "fsm-" in seen or "last_turn" in seen
    assert '"updates"' not in seen
    assert "REFUSED" not in seen
    assert talk.values["messages"][-1].text == ANSWER


@BY_EACH
def test_each_mode_tells_what_it_is_for(stream: Any) -> None:
    parts: dict[str, list[Any]] = {mode: [] for mode in MODES}
    for mode, part in stream(vetoed().graph, MODES):
        parts[mode].append(part)
    assert "".join(chunk.text for chunk, _ in parts["messages"]) == ANSWER
    assert [next(iter(update)) for update in parts["updates"]] == ["ask_name", "ask_email"]
    assert parts["values"][-1]["current_state"] == "ask_email"
    assert [part["last_turn"]["landing"] for part in parts["custom"]] == ["ask_email"]
    assert [part["name"] for part in parts["tasks"] if "input" in part] == ["ask_name", "ask_email"]
    assert parts["checkpoints"][-1]["values"]["context"] == {"name": "Ann"}
    assert {part["type"] for part in parts["debug"]} == {"checkpoint", "task", "task_result"}


@BY_EACH
def test_typed_parts_say_what_they_are(stream: Any) -> None:
    parts = stream(vetoed().graph, MODES, version="v2")
    assert {part["type"] for part in parts} == set(MODES)
    assert {part["ns"] for part in parts} == {()}


async def test_the_events_of_a_turn_name_its_states_and_its_model_calls() -> None:
    events = [event async for event in vetoed().graph.astream_events(given("Ann"), CONFIG, version="v2")]
    begun = [event["name"] for event in events if event["event"] == "on_chain_start"]
    calls = [event["metadata"]["fsm_mode"] for event in events if event["event"] == "on_chat_model_start"]
    assert [name for name in begun if name in FORM["states"]] == ["ask_name", "ask_email"]
    assert calls == ["understand", "speak"]
    assert '"updates"' not in str([event["data"] for event in events if event["event"].endswith("_stream")])
    assert "REFUSED" not in str(events)


def conversations(count: int) -> tuple[Talk, list[Any], list[RunnableConfig]]:
    """Write a turn for each of several conversations, with a model that says which one it answers."""
    model = ScriptedModel(replies=[_echo], repeat=True)
    turns = [given(f"n{number}") for number in range(count)]
    configs: list[RunnableConfig] = [{"configurable": {"thread_id": str(number)}} for number in range(count)]
    return Talk(FORM, model=model), turns, configs


def _echo(messages: list[Any], _: Json | None) -> Json:
    return reply("ask_email", f"Hello {messages[-1].text}", name=messages[-1].text)


EACH = [(f"n{number}", f"Hello n{number}", "ask_email") for number in range(20)]


def _outcome(values: Json) -> tuple[str, str, str]:
    return values["context"]["name"], values["messages"][-1].text, values["current_state"]


def test_a_batch_holds_many_conversations() -> None:
    talk, turns, configs = conversations(20)
    assert [_outcome(values) for values in talk.graph.batch(turns, configs)] == EACH
    assert [_outcome(talk.graph.get_state(config).values) for config in configs] == EACH


async def test_an_awaited_batch_holds_many_conversations() -> None:
    talk, turns, configs = conversations(20)
    assert [_outcome(values) for values in await talk.graph.abatch(turns, configs)] == EACH
    assert [_outcome((await talk.graph.aget_state(config)).values) for config in configs] == EACH


def test_a_batch_can_be_run_with_a_run_context() -> None:
    talk, turns, configs = conversations(2)
    chosen = ScriptedModel(replies=["Chosen"], repeat=True)
    answers = talk.graph.batch([given()] * 2, configs, context={"model": chosen})
    assert [values["messages"][-1].text for values in answers] == ["Chosen"] * 2
    assert talk.model.calls == []
    assert len(turns) == len(chosen.calls)


def test_a_config_can_be_bound() -> None:
    talk = Talk(FORM, ["?"])
    bound = talk.graph.with_config(configurable={"thread_id": "7"}, tags=["shop"])
    bound.invoke(given())
    assert talk.graph.get_state({"configurable": {"thread_id": "7"}}).values["messages"][-1].text == "?"
    assert talk.graph.get_state(CONFIG).values == {}


def texts(graph: Graph) -> Runnable[str, str]:
    """Make a Runnable of texts, which streams them; the config comes along by itself."""

    def say(parts: Iterator[str]) -> Iterator[str]:
        for chunk, _ in graph.stream(given("".join(parts)), stream_mode="messages"):
            if isinstance(chunk, AIMessageChunk):
                yield chunk.text

    async def asay(parts: AsyncIterator[str]) -> AsyncIterator[str]:
        text = "".join([part async for part in parts])
        async for chunk, _ in graph.astream(given(text), stream_mode="messages"):
            if isinstance(chunk, AIMessageChunk):
                yield chunk.text

    return RunnableGenerator(say, asay)


def test_a_chain_takes_and_gives_text() -> None:
    talk = vetoed()
    last = RunnableLambda(lambda values: values["messages"][-1].text)
    chain: Runnable[str, str] = RunnableLambda(given) | talk.graph | last | str.upper
    assert chain.invoke("Ann", CONFIG) == ANSWER.upper()


def test_a_chain_streams_text() -> None:
    chain = RunnableLambda(str.title) | texts(vetoed().graph)
    pieces = list(chain.stream("ann", CONFIG))
    assert "".join(pieces) == ANSWER
    assert len(pieces) > 5


async def test_an_awaited_chain_streams_text() -> None:
    talk = vetoed()
    pieces = [piece async for piece in (RunnableLambda(str.title) | texts(talk.graph)).astream("ann", CONFIG)]
    assert "".join(pieces) == ANSWER
    assert len(pieces) > 5
    assert talk.values["context"] == {"name": "Ann"}


def test_the_schemas_can_be_written_as_json() -> None:
    graph = Talk(FORM).graph
    for schema in (graph.get_input_jsonschema(), graph.get_output_jsonschema(), graph.get_context_jsonschema()):
        assert json.dumps(schema)
