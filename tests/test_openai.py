"""Whole turns with the real `ChatOpenAI`, over HTTP, against a local server that streams and can fail."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from machines import AT_ONCE, CONFIG, SEED
from openai_server import Answer, Fault, Feature, Hang, OpenAIServer, Reaction, aclose, close
from real_time import in_real_time

from fsm_langgraph import FSMInput, Graph, ModelError, ModelRefusal, ReplyError, compile_fsm

MESSAGE = "Thank you, Ann! And what is your e-mail address?"
REPLY = json.dumps({"target_state": "collect_email", "updates": [{"name": "Ann Lee"}], "message": MESSAGE})
ANSWER: FSMInput = {"messages": [("user", "Ann Lee")]}
BUSY = Fault(429, "Rate limit reached", "rate_limit_exceeded", kind="requests", headers={"retry-after": "0"})
BROKEN = Fault(500, "The server had an error", kind="server_error")

# It is right that langchain-openai warns of a refusal; these tests are about what comes after.
pytestmark = pytest.mark.filterwarnings("ignore:This model does not support:UserWarning")


@contextmanager
def conversing(
    *script: Reaction, refuses: tuple[Feature, ...] = (), **options: Any
) -> Iterator[tuple[OpenAIServer, Graph]]:
    """A graph whose model is behind a server, in a conversation that has asked for the name."""
    with OpenAIServer(["Welcome!", *script], refuses=refuses) as server:
        model = server.chat_model(**options)
        graph = compile_fsm(SEED, model, checkpointer=InMemorySaver(), retry_policy=AT_ONCE)
        graph.invoke({}, CONFIG)
        graph.update_state(CONFIG, {"current_state": "collect_name"})
        server.requests.clear()
        yield server, graph
        close(model)


def shown(graph: Graph, given: Any, config: RunnableConfig = CONFIG) -> list[str]:
    """The pieces of a turn that a user sees."""
    stream: Iterator[Any] = graph.stream(given, config, stream_mode="messages")
    pieces = (chunk.text for chunk, _ in stream)
    return [piece for piece in pieces if piece]


def values(graph: Graph) -> dict[str, Any]:
    return dict(graph.get_state(CONFIG).values)


@pytest.mark.parametrize(
    ("refuses", "requests"),
    [
        pytest.param((), 1, id="json_schema"),
        pytest.param(("json_schema",), 2, id="function_calling"),
        pytest.param(("json_schema", "tools"), 3, id="json_mode"),
        pytest.param(("json_schema", "tools", "json_object"), 4, id="prompt"),
    ],
)
def test_a_turn_shows_its_message_in_pieces_by_every_way_of_asking(refuses: tuple[Feature, ...], requests: int) -> None:
    with conversing(REPLY, refuses=refuses) as (server, graph):
        pieces = shown(graph, ANSWER)

        assert "".join(pieces) == MESSAGE
        assert len(pieces) > 5
        assert values(graph)["current_state"] == "collect_email"
        assert len(server.requests) == requests


def test_the_first_piece_is_shown_before_the_last_is_written() -> None:
    with conversing(Answer(REPLY, hold_after=len(REPLY) // 4 - 2)) as (server, graph):
        stream: Iterator[Any] = graph.stream(ANSWER, CONFIG, stream_mode="messages")

        first = next(chunk.text for chunk, _ in stream if chunk.text)
        server.go_on()
        rest = "".join(chunk.text for chunk, _ in stream)

        assert first + rest == MESSAGE
        assert not server.gave_up


def test_usage_is_counted_once() -> None:
    with conversing(REPLY) as (_, graph):
        graph.invoke(ANSWER, CONFIG)

        (call,) = values(graph)["last_turn"]["model_calls"]
        usage = values(graph)["messages"][-1].usage_metadata
        assert call["output_tokens"] == usage["output_tokens"] > 0
        assert call["input_tokens"] == usage["input_tokens"] > 0


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param([BUSY], id="429"),
        pytest.param([BROKEN, BROKEN], id="500 twice"),
        pytest.param([Answer(REPLY, cut_after=3)], id="cut before the decision"),
        pytest.param(["I am sorry, Dave."], id="no JSON"),
        pytest.param([REPLY[:30]], id="JSON cut short"),
    ],
)
def test_a_fault_that_passes_is_not_noticed(faults: list[Reaction]) -> None:
    with conversing(*faults, REPLY) as (_, graph):
        pieces = shown(graph, ANSWER)

        assert "".join(pieces) == MESSAGE
        assert values(graph)["context"] == {"name": "Ann Lee"}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param(Fault(401, "Incorrect API key provided", "invalid_api_key"), ModelError, id="401"),
        pytest.param(BUSY, ModelError, id="429 for ever"),
        pytest.param(BROKEN, ModelError, id="500 for ever"),
        pytest.param("{]", ReplyError, id="malformed JSON for ever"),
    ],
)
def test_a_fault_that_stays_leaves_the_conversation_as_it_was(fault: Reaction, error: type[Exception]) -> None:
    fails_and_leaves_it_as_it_was(fault, error)


@in_real_time(0.2)
def test_no_answer_in_time_leaves_the_conversation_as_it_was(short: float) -> None:
    fails_and_leaves_it_as_it_was(Hang(), ModelError, timeout=short)


def fails_and_leaves_it_as_it_was(fault: Reaction, error: type[Exception], **options: Any) -> None:
    with conversing(fault, **options) as (_, graph):
        before = {key: values(graph)[key] for key in ("context", "current_state", "last_turn")}

        with pytest.raises(error):
            shown(graph, ANSWER)

        assert {key: values(graph)[key] for key in before} == before


@pytest.mark.parametrize(
    ("refusal", "reason", "words"),
    [
        pytest.param(Answer("", refusal="I can't help with that."), "refusal", "I can't help with that.", id="refused"),
        pytest.param(Answer("", finish_reason="content_filter"), "content filter", "content_filter", id="filtered"),
        pytest.param(
            Fault(400, "Our content management policy forbids it.", "content_filter"),
            "content filter",
            "Our content management policy forbids it.",
            id="filtered before",
        ),
    ],
)
def test_a_refusal_is_told_in_its_words_and_is_paid_for_once(refusal: Reaction, reason: str, words: str) -> None:
    with conversing(refusal, REPLY) as (server, graph):
        with pytest.raises(ModelRefusal) as caught:
            shown(graph, ANSWER)

        assert (caught.value.reason, caught.value.words) == (reason, words)
        assert len(server.requests) == 1


async def test_a_refusal_is_heard_by_async_callers() -> None:
    with OpenAIServer([Answer("", refusal="I can't help with that.")]) as server:
        model = server.chat_model()
        graph = compile_fsm({**_seed(), "initial_state": "collect_name"}, model, checkpointer=InMemorySaver())

        with pytest.raises(ModelRefusal, match="I can't help"):
            await graph.ainvoke(ANSWER, CONFIG)

        await aclose(model)


def test_a_reply_that_was_cut_is_not_paid_for_again() -> None:
    with conversing(Answer(REPLY[:30], finish_reason="length"), REPLY, max_tokens=8) as (server, graph):
        with pytest.raises(ReplyError, match="length limit; raise its max_tokens, which is 8"):
            shown(graph, ANSWER)

        assert len(server.requests) == 1


def test_a_message_that_breaks_off_fails_the_turn_and_can_be_sent_again() -> None:
    with conversing(Answer(REPLY, cut_after=len(REPLY) // 4 - 3), REPLY) as (server, graph):
        with pytest.raises(ModelError, match="broke off") as caught:
            shown(graph, ANSWER)

        [read] = caught.value.shown
        assert read
        assert MESSAGE.startswith(read)
        assert len(server.requests) == 1
        assert not values(graph)["context"]
        assert "".join(shown(graph, ANSWER)) == MESSAGE
        assert values(graph)["context"] == {"name": "Ann Lee"}


async def test_an_awaited_turn_shows_the_same() -> None:
    with OpenAIServer([REPLY]) as server:
        model = server.chat_model()
        graph = compile_fsm({**_seed(), "initial_state": "collect_name"}, model, checkpointer=InMemorySaver())
        stream: AsyncIterator[Any] = graph.astream(ANSWER, CONFIG, stream_mode="messages")

        pieces = [chunk.text async for chunk, _ in stream if chunk.text]

        await aclose(model)
        assert "".join(pieces) == MESSAGE
        assert len(pieces) > 5


def _seed() -> dict[str, Any]:
    return dict(json.loads(SEED.read_text(encoding="utf-8")))
