"""A secret is told nowhere: not by streams, callbacks, traces, states, history, errors, logs, tables and pictures."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from command_line import call
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from machines import CONFIG
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from telling_secrets import PIN, Code, Tracer, Watcher, bank, found_in, hold
from test_secret_store import SAFE, safe
from test_tracing import spans

from fsm_langgraph import Graph, SimulatedUser, conversations, decisions, simulate, timeline, turns

__all__ = ["spans"]

MODES: Any = ["values", "updates", "messages", "custom", "debug", "tasks", "checkpoints"]


def streaming(**options: Any) -> Callable[..., Iterable[Any]]:
    return lambda graph, given, config: graph.stream(given, config, **options)


def awaiting(run: Callable[[Graph, Any, RunnableConfig], Any]) -> Callable[..., Iterable[Any]]:
    async def gathered(graph: Graph, given: Any, config: RunnableConfig) -> list[Any]:
        found = run(graph, given, config)
        if isinstance(found, AsyncIterator):
            return [part async for part in found]
        return [await found]

    return lambda graph, given, config: asyncio.run(gathered(graph, given, config))


async def third_events(graph: Graph, given: Any, config: RunnableConfig) -> list[Any]:
    run = await graph.astream_events(given, config, version="v3")
    return [[event async for event in run], await run.output()]


WAYS: dict[str, Callable[..., Iterable[Any]]] = {
    "invoke": lambda graph, given, config: [graph.invoke(given, config)],
    "ainvoke": awaiting(lambda graph, given, config: graph.ainvoke(given, config)),
    "batch": lambda graph, given, config: graph.batch([given], config),
    "abatch": awaiting(lambda graph, given, config: graph.abatch([given], config)),
    "stream": streaming(stream_mode=MODES),
    "stream with sub-machines": streaming(stream_mode=MODES, subgraphs=True),
    "stream v2": streaming(stream_mode=MODES, subgraphs=True, version="v2"),
    "astream": awaiting(lambda graph, given, config: graph.astream(given, config, stream_mode=MODES, subgraphs=True)),
    "astream_events v1": awaiting(lambda graph, given, config: graph.astream_events(given, config, version="v1")),
    "astream_events v2": awaiting(lambda graph, given, config: graph.astream_events(given, config, version="v2")),
    "astream_events v3": awaiting(third_events),
    "stream_events v3": lambda graph, given, config: graph.stream_events(given, config, version="v3"),
    "astream_log": awaiting(lambda graph, given, config: graph.astream_log(given, config)),
}


@pytest.mark.filterwarnings("ignore:.*(deprecated|experimental)")
@pytest.mark.parametrize("way", WAYS)
def test_nothing_that_a_conversation_emits_tells_a_secret(way: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    graph, code, watcher, tracer = bank(InMemorySaver(), code := Code()), code, Watcher(), Tracer()
    config: RunnableConfig = {**CONFIG, "callbacks": [watcher, tracer]}

    parts = [*hold(graph, WAYS[way], config)]

    assert code.seen[0]["pin"] == PIN
    assert graph.get_state(CONFIG).values["current_state"] == "end"
    told = [*parts, graph.get_state(CONFIG, subgraphs=True), *graph.get_state_history(CONFIG), caplog.text]
    assert {"streams": found_in(as_text(told)), "callbacks": found_in("".join(watcher.told))} == {
        "streams": [],
        "callbacks": [],
    }
    assert found_in("".join(tracer.told)) == []


def test_what_is_shown_of_stored_conversations_tells_no_secret(spans: InMemorySpanExporter) -> None:
    graph = bank(saver := InMemorySaver(), Code())
    assert [*hold(graph, WAYS["invoke"], CONFIG)]

    tables = [table.to_string() for table in (conversations(graph), turns(graph), turns(saver), decisions(graph))]
    tables.append(timeline(graph, "1").to_string())
    picture = graph.picture(CONFIG)
    pictures = [picture.mermaid, picture.svg, graph.get_graph(xray=True).to_json(), graph.get_input_jsonschema()]
    traced = [span.to_json() for span in spans.get_finished_spans()]

    assert len(traced) > 30
    assert "•••" in tables[1]
    assert "•••" in tables[2]
    assert found_in(as_text([tables, pictures, traced])) == []


def test_simulated_users_the_command_line_and_mcp_tell_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "safe.json"
    file.write_text(json.dumps(SAFE), encoding="utf-8")
    graph = safe(InMemorySaver())
    ids = simulate(graph, [SimulatedUser({"name": "Ann"}, context={"pin": PIN}, patience=2)])
    ran = call("run", str(file), "--model", "offline", "--trace", "-c", f"pin={PIN}", lines="hi\n/data\n/state\n/why\n")
    artifact = graph.tool().invoke(
        {"name": "test", "args": {"message": "hi"}, "id": "1", "type": "tool_call"},
        {"configurable": {"thread_id": "3"}},
    )

    assert graph.secrets({"configurable": {"thread_id": ids[0]}}) == {"pin": PIN}
    assert "•••" in ran.output
    assert found_in(as_text([ran.output, artifact, graph.get_state({"configurable": {"thread_id": ids[0]}})])) == []


def as_text(told: Any) -> str:
    return repr(told) + json.dumps(told, default=str, ensure_ascii=False)
