"""What traces tell of a model's reply, and that no stream tells more than the message.

A table of kinds of call, each seen by LangChain's callbacks and by every stream.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from handling import KINDS as ACTIONS
from handling import Kind as Action
from handling import handling, plain, writing
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables import RunnableConfig
from langchain_core.tracers.run_collector import RunCollectorCallbackHandler
from langgraph.types import interrupt
from machines import CONFIG, DRIVERS, FORM, TWO_CALLS, WELCOME, Drive, Json, Talk, given, reply, sync
from orders import ORDERS, SHOP, calling

from fsm_langgraph import RefusedReply, ReplyError

End = tuple[str, str]
"""How a model run ends: with a message of the stream, hidden, unshown or by an error; and what became of the reply."""


@dataclass(frozen=True)
class Kind:
    """A kind of model call, made in a turn after the machine has spoken."""

    definition: Any
    replies: list[Any]
    ends: list[End]
    shown: str
    written: str
    """What stands in the first reply, and in no stream."""
    options: Json = field(default_factory=dict)

    def talk(self, drive: Drive = sync, **options: Any) -> Talk:
        talk = Talk(self.definition, ["?", *self.replies], drive, **self.options, **options)
        talk.say()
        return talk


NAME = reply("ask_email", "Your e-mail?", name="Ann")
KEPT_BACK = {"handlers": handling(plain, writing(), "POST_TRANSITION")}
SAID = ("message", "said")
KINDS = {
    "shown": Kind(FORM, [NAME], [("message", "shown")], "Your e-mail?", "target_state"),
    "held": Kind(FORM, [NAME], [("unshown", "held"), SAID], "Your e-mail?", "target_state", KEPT_BACK),
    "unfit": Kind(
        WELCOME, [reply("ask_name", "UNFIT", name="Ann"), "Mail?"], [("unshown", "not shown"), SAID], "Mail?", "Ann"
    ),
    "thought": Kind(TWO_CALLS, [reply("thanks", x=1), "Thanks."], [("hidden", "taken"), SAID], "Thanks.", "thanks"),
    "vetoed": Kind(
        FORM,
        [reply("ask_email", "VETOED", age=7), "Name?"],
        [("error", "it proposes 'ask_email'"), SAID],
        "Name?",
        "age",
    ),
    "unusable": Kind(
        FORM, ["UNUSABLE", NAME], [("error", "it is not a JSON"), ("message", "shown")], "Your e-mail?", "UNUSABLE"
    ),
    "tools": Kind(
        ORDERS,
        [calling(("find", {"order": "7"})), reply("track", "It is on its way.")],
        [("unshown", "calls tools"), ("message", "shown")],
        "It is on its way.",
        "",
        {"tools": SHOP},
    ),
}
BY_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
BY_EACH = pytest.mark.parametrize("drive", DRIVERS)


class Trace(BaseCallbackHandler):
    """Notes how model runs end, and what is told then."""

    def __init__(self) -> None:
        self.ends: list[End] = []
        self.told: list[str] = []
        self.facts: list[Json] = []
        self.errors: list[RefusedReply] = []
        self.tags: list[list[str]] = []
        self.hidden: dict[Any, bool] = {}

    def on_chat_model_start(self, *_: Any, **rest: Any) -> None:
        self.hidden[rest["run_id"]] = "nostream" in rest["tags"]

    def on_llm_end(self, response: Any, **rest: Any) -> None:
        ((generation,),) = response.generations
        facts = (response.llm_output or {}).get("fsm_reply", {})
        how = "message" if type(generation).__name__ == "ChatGeneration" else "unshown"
        outcome = facts.get("outcome", "shown") if facts.get("schema") is not None else "said"
        self.ends.append(("hidden" if self.hidden[rest["run_id"]] else how, outcome))
        self.told.append(json.dumps(response.llm_output))
        self.facts.append(facts)

    def on_llm_error(self, error: Any, **rest: Any) -> None:
        self.ends.append(("error", error.reason[:23] if "proposes" in error.reason else error.reason[:16]))
        self.told.append(str(error))
        self.errors.append(error)
        self.tags.append(rest["tags"])


def traced(talk: Talk, *handlers: BaseCallbackHandler, text: str = "Ann") -> Trace:
    """Hold a turn before callbacks."""
    trace = Trace()
    config: RunnableConfig = {**CONFIG, "callbacks": [trace, *handlers]}
    talk.drive(talk.graph, given(text), config)
    return trace


@BY_EACH
@BY_KIND
def test_each_reply_stands_in_the_end_of_its_run(kind: Kind, drive: Drive) -> None:
    trace = traced(kind.talk(drive))
    assert trace.ends == kind.ends
    assert kind.written in trace.told[0]


def messages(talk: Talk) -> list[Any]:
    return [chunk for chunk, _ in talk.graph.stream(given("Ann"), CONFIG, stream_mode="messages")]


def parts(talk: Talk) -> list[Any]:
    streamed = talk.graph.stream(given("Ann"), CONFIG, stream_mode="messages", version="v2")
    return [part["data"][0] for part in streamed if part["type"] == "messages"]


async def amessages(talk: Talk) -> list[Any]:
    return [chunk async for chunk, _ in talk.graph.astream(given("Ann"), CONFIG, stream_mode="messages")]


async def events(talk: Talk, version: Any) -> list[Any]:
    return [event async for event in talk.graph.astream_events(given("Ann"), CONFIG, version=version)]


STREAMS: dict[str, Callable[[Talk], list[Any]]] = {
    "messages": messages,
    "parts": parts,
    "amessages": lambda talk: asyncio.run(amessages(talk)),
}


@BY_KIND
@pytest.mark.parametrize("read", STREAMS.values(), ids=STREAMS)
def test_the_pieces_are_those_of_one_message(read: Callable[[Talk], list[Any]], kind: Kind) -> None:
    pieces = read(kind.talk())
    assert "".join(piece.text for piece in pieces) == kind.shown
    assert len({piece.id for piece in pieces}) == 1
    assert [bool(piece.text) for piece in pieces] == [True] * (len(pieces) - 1) + [False]  # the last tells the tokens
    assert "fsm_reply" not in repr(pieces)


@pytest.mark.filterwarnings("ignore:The v3 streaming protocol")
@BY_KIND
def test_the_newest_events_are_those_of_one_message(kind: Kind) -> None:
    told = [*kind.talk().graph.stream_events(given("Ann"), CONFIG, version="v3")]
    data = [event["params"]["data"][0] for event in told if event["method"] == "messages"]
    assert [event["event"] for event in data if "delta" not in event["event"]] == [
        *("message-start", "content-block-start", "content-block-finish", "message-finish")
    ]
    assert "".join(event["delta"]["text"] for event in data if "delta" in event) == kind.shown
    assert "fsm_reply" not in repr(told)


@pytest.mark.filterwarnings("ignore:The v3 streaming protocol")
@BY_KIND
async def test_the_newest_events_of_an_awaited_turn_are_one_message(kind: Kind) -> None:
    talk = Talk(kind.definition, ["?", *kind.replies], **kind.options)
    await talk.graph.ainvoke(given(), CONFIG)
    run = await talk.graph.astream_events(given("Ann"), CONFIG, version="v3")
    assert [str(await message.text) async for message in run.messages] == [kind.shown]


@pytest.mark.filterwarnings("ignore:astream_events version='v1'")
@pytest.mark.parametrize("version", ["v1", "v2"])
@BY_KIND
def test_no_event_of_langchain_s_carries_a_reply(kind: Kind, version: str) -> None:
    told = [event for event in asyncio.run(events(kind.talk(), version)) if "chat_model" in event["event"]]
    pieces = [event["data"]["chunk"].text for event in told if event["event"] == "on_chat_model_stream"]
    assert "".join(pieces) == kind.shown
    ends = [event["data"].get("output") for event in told if event["event"] == "on_chat_model_end"]
    assert not [end for end in ends if "fsm_reply" in repr(end) or "target_state" in repr(end) or "VETO" in repr(end)]


@BY_EACH
def test_what_is_told_of_a_reply_is_enough_to_read_it_again(drive: Drive) -> None:
    talk = KINDS["shown"].talk(drive)
    (facts,) = traced(talk).facts
    (call,) = talk.record["model_calls"]
    assert json.loads(facts["text"]) == NAME
    assert facts["schema"] == talk.model.calls[-1].schema
    assert facts["tokens"] == {"input": call["input_tokens"], "output": call["output_tokens"], "at_least": False}


@BY_EACH
def test_the_calls_of_tools_are_told(drive: Drive) -> None:
    facts = traced(KINDS["tools"].talk(drive)).facts[0]
    assert facts["tool_calls"] == [{"name": "find", "args": {"order": "7"}}]


class Pauses(BaseCallbackHandler):
    """Notes the errors that model runs end by, and the replies that are told with them."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Json]] = []

    def on_llm_error(self, error: BaseException, **rest: Any) -> None:
        self.told.append((type(error).__name__, rest["response"].llm_output))


@BY_EACH
@pytest.mark.parametrize("action", ACTIONS)
def test_a_reply_on_which_the_turn_pauses_is_told_with_the_pause(drive: Drive, action: Action) -> None:
    handlers = handling(action, lambda _: interrupt("May it?") and None, "CONTEXT_UPDATE")
    talk, pauses = Talk(FORM, [NAME], drive, handlers=handlers), Pauses()
    talk.drive(talk.graph, given("Ann"), {**CONFIG, "callbacks": [pauses]})

    ((error, told),) = pauses.told
    assert error == "GraphInterrupt"
    assert '"updates": [{"name": "Ann"}]' in told["fsm_reply"]["text"]


@BY_EACH
def test_a_refused_reply_is_told_whole_with_why_and_its_usage(drive: Drive) -> None:
    talk = KINDS["unusable"].talk(drive)
    ((error,), (tags,)) = (trace := traced(talk)).errors, trace.tags
    used = talk.record["model_calls"][0]
    assert (error.state, error.reason, error.reply) == ("ask_name", "it is not a JSON object", "UNUSABLE")
    assert error.schema == talk.model.calls[-1].schema
    assert f"Usage: {used['input_tokens']} tokens in, {used['output_tokens']} out" in str(error)
    assert "fsm:refused" in tags


@BY_EACH
def test_a_proposal_that_is_closed_is_told_with_what_it_lacks(drive: Drive) -> None:
    (error,) = traced(KINDS["vetoed"].talk(drive)).errors
    assert error.reason == "it proposes 'ask_email', missing name"
    assert "tokens unknown" in str(error)


@BY_EACH
def test_a_tracer_has_the_tag_and_the_error_and_the_node_is_none(drive: Drive) -> None:
    collected = RunCollectorCallbackHandler()
    traced(KINDS["vetoed"].talk(drive), collected)
    (turn,) = collected.traced_runs
    runs = [run for node in turn.child_runs for run in node.child_runs if run.run_type == "llm"]
    assert [("fsm:refused" in (run.tags or ()), "VETOED" in (run.error or "")) for run in runs] == [
        (True, False),
        (False, False),
    ]
    assert "RefusedReply" in (runs[0].error or "")
    assert [node.error for node in turn.child_runs] == [None] * len(turn.child_runs)


@BY_EACH
@BY_KIND
def test_without_traces_of_replies_runs_end_alike_and_tell_none(kind: Kind, drive: Drive) -> None:
    trace = traced(kind.talk(drive, trace_replies=False))
    assert [how for how, _ in trace.ends] == [how for how, _ in kind.ends]
    assert not [told for told in trace.told if "target_state" in told or "UNUSABLE" in told]
    assert [error.reply for error in trace.errors] == [None] * len(trace.errors)


@BY_EACH
def test_a_turn_that_fails_has_told_each_of_its_replies(drive: Drive) -> None:
    talk, trace = Talk(FORM, ["no", "none"], drive), Trace()
    with pytest.raises(ReplyError):
        talk.drive(talk.graph, given("Ann"), {**CONFIG, "callbacks": [trace]})
    assert [error.reply for error in trace.errors] == ["no", "none"]
