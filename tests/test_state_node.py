"""What the streams of LangGraph show of a turn: the message, in pieces, and the record."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk
from machines import CONFIG, DECLARED, DRIVERS, FORM, THOUGHT, TWO_CALLS, Drive, Talk, given, reply
from orders import ORDERS, SHOP, calling

from fsm_langgraph import Graph
from fsm_langgraph.graph.journal import TurnJournal
from fsm_langgraph.models.attempt import Attempt
from fsm_langgraph.turn.part import Part
from fsm_langgraph.turn.scope import Scope
from fsm_langgraph.turn.turn import Turn

Pieces = list[tuple[str, str]]
"""What a stream shows: message ids and texts."""


def messages(graph: Graph, turn: Any) -> Pieces:
    return [_piece(chunk) for chunk, _ in graph.stream(turn, CONFIG, stream_mode="messages")]


def messages_awaited(graph: Graph, turn: Any) -> Pieces:
    async def read() -> Pieces:
        return [_piece(chunk) async for chunk, _ in graph.astream(turn, CONFIG, stream_mode="messages")]

    return asyncio.run(read())


def several_modes(graph: Graph, turn: Any) -> Pieces:
    parts = graph.stream(turn, CONFIG, stream_mode=["messages", "custom", "updates", "values"])
    return [_piece(part[0]) for mode, part in parts if mode == "messages"]


def typed_parts(graph: Graph, turn: Any) -> Pieces:
    parts = graph.stream(turn, CONFIG, stream_mode=["messages", "values"], version="v2")
    return [_piece(part["data"][0]) for part in parts if part["type"] == "messages"]


def events(graph: Graph, turn: Any) -> Pieces:
    async def read() -> Pieces:
        found = graph.astream_events(turn, CONFIG, version="v2")
        return [_piece(e["data"]["chunk"]) async for e in found if e["event"] == "on_chat_model_stream"]

    return asyncio.run(read())


def _piece(chunk: Any) -> tuple[str, str]:
    return chunk.id, chunk.text


STREAMS: Sequence[Callable[[Graph, Any], Pieces]] = (
    messages,
    messages_awaited,
    several_modes,
    typed_parts,
    events,
)


@dataclass(frozen=True)
class Case:
    """A second turn, after one in which the machine spoke."""

    name: str
    machine: Mapping[str, Any]
    replies: list[Any]
    shown: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


ASKED = "Thank you, Ann! What is your e-mail address?"
FIND = calling(("find", {"order": "7"}), text="REFUSED")
PAY = calling("pay", text="REFUSED")
AS_A_FUNCTION = {"structured_output": "function_calling"}
CASES = [
    Case("accepted", FORM, [reply("ask_email", ASKED, name="Ann")], ASKED),
    Case("vetoed", FORM, [reply("done", "REFUSED"), "Your name, please?"], "Your name, please?"),
    Case("fired", FORM, [reply("ask_name", "REFUSED", name="Ann"), ASKED], ASKED),
    Case("rejected", DECLARED, [reply("ask_name", "REFUSED", also={"age": 1}), "How old?"], "How old?"),
    Case("asked again", FORM, ["REFUSED", reply("ask_email", ASKED, name="Ann")], ASKED),
    Case("asked again and vetoed", FORM, ["REFUSED", reply("done", "REFUSED"), "Your name?"], "Your name?"),
    Case("message first", FORM, [{"message": ASKED, **reply("ask_email", None, name="Ann")}], ASKED),
    Case("fenced", FORM, [f"```json\n{json.dumps(reply('ask_email', ASKED, name='Ann'))}\n```"], ASKED),
    Case("two calls", TWO_CALLS, [reply("thanks", "REFUSED", x=1), "Thanks."], "Thanks."),
    Case(
        "thought",
        THOUGHT,
        [reply("think", "REFUSED", question="why"), reply("yes", "REFUSED", good=True), "Yes!"],
        "Yes!",
    ),
    Case("tools", ORDERS, [FIND, reply("track", ASKED)], ASKED, {"tools": SHOP}),
    Case("tools vetoed", ORDERS, [FIND, reply("done", "REFUSED"), FIND, ASKED], ASKED, {"tools": SHOP}),
    Case("tools that lead on", ORDERS, [reply("paying", "REFUSED", order="7"), PAY, ASKED], ASKED, {"tools": SHOP}),
    Case("tools as a function", ORDERS, [FIND, reply("track", ASKED)], ASKED, {"tools": SHOP, **AS_A_FUNCTION}),
]  # fmt: skip


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_stream_shows_the_message_and_nothing_else(case: Case, stream: Callable[[Graph, Any], Pieces]) -> None:
    talk = Talk(case.machine, ["?", *case.replies], **case.options)
    talk.say()
    pieces = stream(talk.graph, given("hello"))
    stored = talk.values["messages"][-1]
    shown = [piece for piece in pieces if piece[1]]
    assert stored.text == case.shown
    assert "".join(text for _, text in shown) == case.shown
    assert {message_id for message_id, _ in shown} == {stored.id}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_all_that_a_messages_stream_tells_belongs_to_the_one_message(case: Case) -> None:
    talk = Talk(case.machine, ["?", *case.replies], **case.options)
    talk.say()
    assert {message_id for message_id, _ in messages(talk.graph, given("hello"))} == {talk.values["messages"][-1].id}


@pytest.mark.filterwarnings("ignore:The v3 streaming protocol")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_third_event_protocol_shows_the_message_in_one_stream_that_has_text(case: Case) -> None:
    talk = Talk(case.machine, ["?", *case.replies], **case.options)
    talk.say()
    run = talk.graph.stream_events(given("hello"), CONFIG, version="v3")
    shown = [(stream.message_id, text) for stream in run.messages if (text := "".join(stream.text))]
    stored = talk.values["messages"][-1]
    assert shown == [(stored.id, case.shown)]
    assert stored.content == case.shown


@pytest.mark.filterwarnings("ignore:The v3 streaming protocol")
def test_the_third_event_protocol_shows_the_message_to_those_who_await_it() -> None:
    talk = Talk(FORM, ["?", reply("ask_email", ASKED, name="Ann")])
    talk.say()

    async def read() -> list[str]:
        run = await talk.graph.astream_events(given("Ann"), CONFIG, version="v3")
        return [piece async for stream in run.messages async for piece in stream.text]

    pieces = asyncio.run(read())
    assert "".join(pieces) == ASKED
    assert len(pieces) > 5


def test_a_thought_is_in_no_messages_stream() -> None:
    talk = Talk(THOUGHT, ["?", reply("think", "", question="why"), reply("yes", None, good=True), "Yes!"])
    talk.say()
    parts = list(talk.graph.stream(given("?"), CONFIG, stream_mode="messages"))
    assert "'langgraph_node': 'yes'" in str(parts)
    assert "'langgraph_node': 'think'" not in str(parts)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_record_is_sent_once_a_turn(case: Case) -> None:
    talk = Talk(case.machine, ["?", *case.replies], **case.options)
    talk.say()
    assert list(talk.graph.stream(given("hello"), CONFIG, stream_mode="custom")) == [{"last_turn": talk.record}]


def test_the_record_is_json() -> None:
    talk = Talk(FORM, ["?", reply("done", "REFUSED"), "Your name?"])
    talk.say()
    talk.say("hm")
    assert json.loads(json.dumps(talk.record)) == talk.record


def test_the_values_at_the_end_are_those_that_are_stored() -> None:
    talk = Talk(FORM, ["?", reply("ask_email", name="Ann")])
    talk.say()
    *_, last = talk.graph.stream(given("Ann"), CONFIG, stream_mode="values")
    assert last == talk.values


def test_no_stream_shows_an_envelope() -> None:
    talk = Talk(FORM, ["?", reply("ask_email", ASKED, name="Ann")])
    talk.say()
    seen = str(list(talk.graph.stream(given("Ann"), CONFIG, stream_mode=["messages", "custom"])))
    assert '"updates"' not in seen


@pytest.mark.parametrize("drive", DRIVERS)
def test_usage_is_in_the_message_and_in_the_record(drive: Drive) -> None:
    talk = Talk(FORM, ["?", reply("ask_email", ASKED, name="Ann")], drive)
    talk.say()
    talk.say("Ann")
    call = talk.record["model_calls"][0]
    stored = talk.values["messages"][-1].usage_metadata
    assert call["output_tokens"] > 0
    assert (stored["input_tokens"], stored["output_tokens"]) == (call["input_tokens"], call["output_tokens"])


@pytest.mark.parametrize("stream", STREAMS)
def test_the_message_is_shown_in_pieces(stream: Callable[[Graph, Any], Pieces]) -> None:
    talk = Talk(FORM, ["?", reply("ask_email", ASKED, name="Ann")])
    talk.say()
    assert len(stream(talk.graph, given("Ann"))) > len(ASKED) / talk.model.chunk_size


@pytest.mark.parametrize("drive", DRIVERS)
def test_the_stored_message_is_plain(drive: Drive) -> None:
    talk = Talk(FORM, ["?", reply("ask_email", ASKED, name="Ann")], drive)
    talk.say()
    talk.say("Ann")
    message = talk.values["messages"][-1]
    assert type(message) is AIMessage
    assert not isinstance(message, AIMessageChunk)
    assert (message.content, message.additional_kwargs, message.response_metadata) == (ASKED, {}, {})


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_turn_is_gone_when_it_is_over(drive: Drive) -> None:
    talk = Talk(FORM, ["?", reply("ask_email", ASKED, name="Ann")], drive)
    talk.say()
    gc.collect()
    before = under_way()
    gc.disable()  # whatever a cycle holds would stay until it runs
    try:
        talk.say("Ann")
        assert under_way() == before
    finally:
        gc.enable()


def under_way() -> set[int]:
    # By their very types: there are millions of objects, and `isinstance` asks some of them what they pretend to be.
    return {id(thing) for thing in gc.get_objects() if type(thing) in (TurnJournal, Turn, Scope, Part, Attempt)}
