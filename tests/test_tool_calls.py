"""Tool calls in a model's stream: gathered whole, kept apart from the reply, and never shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ToolMessage
from langchain_core.messages.tool import ToolCallChunk, tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from machines import CONFIG, DRIVERS, FORM, Drive, Talk, given, reply
from orders import ORDERS, SHOP, calling, with_tool
from pydantic import PrivateAttr

from fsm_langgraph import ReplyError
from fsm_langgraph.models import attempt as attempts
from fsm_langgraph.models.arguments import METHODS, Method
from fsm_langgraph.models.scripted import Cut, ScriptedModel
from fsm_langgraph.models.tool_calls import ToolCallReader
from fsm_langgraph.replies import parser

BY_EACH = pytest.mark.parametrize("drive", DRIVERS)
BY_EVERY_METHOD = pytest.mark.parametrize("method", METHODS)
ON_ITS_WAY = reply("track", "It is on its way.")
FIND = calling(("find", {"order": "7"}), text="REFUSED")


class Chunked(BaseChatModel):
    """A model that streams whatever chunks it is given, one list for each call."""

    streams: list[list[AIMessageChunk]]

    _asked: list[list[BaseMessage]] = PrivateAttr(default_factory=list)

    @property
    def asked(self) -> list[list[BaseMessage]]:
        """The messages of each call."""
        return self._asked

    @property
    def _llm_type(self) -> str:
        return "chunked"

    def bind_tools(self, tools: Any, **kwargs: Any) -> Runnable[Any, AIMessage]:
        return self.bind(tools=tools, **kwargs)

    def with_structured_output(self, schema: Any, **_: Any) -> Runnable[Any, Any]:
        return self.bind(tools=[schema], ls_structured_output_format={"kwargs": {"method": "function_calling"}})

    def _stream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        self._asked.append(messages)
        for chunk in self.streams.pop(0):
            yield ChatGenerationChunk(message=chunk)

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        raise NotImplementedError


class Whole(BaseChatModel):
    """A model that does not stream."""

    answers: list[AIMessage]

    @property
    def _llm_type(self) -> str:
        return "whole"

    def bind_tools(self, tools: Any, **kwargs: Any) -> Runnable[Any, AIMessage]:
        return self.bind(tools=tools, **kwargs)

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self.answers.pop(0))])


def piece(args: str | None = "", name: str | None = None, index: int | None = 0, call_id: str | None = None) -> Any:
    return AIMessageChunk(content="", tool_call_chunks=[tool_call_chunk(name=name, args=args, index=index, id=call_id)])


def text(content: Any) -> AIMessageChunk:
    return AIMessageChunk(content=content)


def function(value: Any, index: int = 0) -> list[AIMessageChunk]:
    """The reply as a function call."""
    return [piece(name="reply", index=index, call_id="r"), piece(json.dumps(value), index=index)]


def track(drive: Drive, *streams: list[AIMessageChunk]) -> tuple[Talk, Chunked]:
    model = Chunked(streams=list(streams))
    return Talk(ORDERS, drive=drive, model=model, tools=SHOP), model


def answers(model: Chunked) -> list[str]:
    return [message.text for message in model.asked[-1] if isinstance(message, ToolMessage)]


@BY_EACH
@BY_EVERY_METHOD
def test_the_reply_is_read_after_a_tool_by_every_way_of_asking(method: Method, drive: Drive) -> None:
    talk = Talk(ORDERS, ["?", FIND, ON_ITS_WAY], drive, tools=SHOP, structured_output=method)
    talk.say()
    assert talk.watch("where is 7?") == "It is on its way."
    assert talk.record["tool_calls"] == [{"state": "track", "tool": "find", "error": ""}]


@BY_EACH
def test_a_tool_that_is_called_after_the_reply_was_decided_is_noted_and_not_called(drive: Drive) -> None:
    talk, model = track(drive, [*function(ON_ITS_WAY), piece("{}", "cancel", 1, "c")])
    assert talk.watch("where is 7?") == "It is on its way."
    assert talk.record["tool_calls"] == [{"state": "track", "tool": "cancel", "error": "it came after the reply"}]
    assert len(model.asked) == 1


@BY_EACH
def test_a_reply_that_comes_with_tool_calls_is_given_again(drive: Drive) -> None:
    begun = [piece("", "find", 0, "f"), piece("", "reply", 1, "r"), piece('{"order": "7"}', index=0)]
    begun.append(piece(json.dumps(reply("track", "REFUSED")), index=1))
    talk, model = track(drive, begun, function(ON_ITS_WAY))
    assert talk.watch("where is 7?") == "It is on its way."
    assert answers(model) == [
        "Order 7 is on its way.",
        "Error: a reply cannot come with tool calls; give it again now that they are answered.",
    ]


@BY_EACH
def test_a_reply_that_has_only_begun_when_a_tool_is_called_decides_nothing(drive: Drive) -> None:
    begun = [piece('{"target_state": "paying", "or', "reply", 0, "r"), piece('{"order": "7"}', "find", 1, "f")]
    talk, model = track(drive, [*begun, piece('der": "8", "message": "REFUSED"}', index=0)], function(ON_ITS_WAY))
    assert talk.watch("where is 7?") == "It is on its way."
    assert len(answers(model)) == 2
    assert talk.values["context"] == {}


@BY_EACH
def test_calls_without_ids_and_places_are_told_apart(drive: Drive) -> None:
    talk, model = track(
        drive, [piece('{"order": "1"}', "find", None), piece('{"order": "2"}', "find", None)], function(ON_ITS_WAY)
    )
    talk.say("where are they?")
    asked = next(message for message in model.asked[-1] if isinstance(message, AIMessage) and message.tool_calls)
    assert answers(model) == ["Order 1 is on its way.", "Order 2 is on its way."]
    assert len({call["id"] for call in asked.tool_calls} - {None}) == 2


@BY_EACH
@pytest.mark.parametrize("arguments", ['{"order": "7', "[7]", '"7"', "[" * 100_000, '{"order": 7}}'])
def test_arguments_that_were_cut_short_are_never_completed(arguments: str, drive: Drive) -> None:
    called: list[str] = []
    model = Chunked(streams=[[piece(arguments, "find", 0, "f")], function(ON_ITS_WAY)])
    talk = Talk(ORDERS, drive=drive, model=model, tools=with_tool("find", called.append))
    talk.say("where is 7?")
    assert (called, answers(model)) == ([], ["Error: the arguments are not a JSON object."])


@BY_EACH
@pytest.mark.parametrize("arguments", [None, "", "{}"])
def test_a_tool_without_arguments_is_called(arguments: str | None, drive: Drive) -> None:
    talk, model = track(drive, [piece(arguments, "cancel", 0, "c")], function(reply("done", "Cancelled.")))
    assert talk.watch("cancel it") == "Cancelled."
    assert answers(model) == ["Order  is cancelled."]


@BY_EACH
def test_half_a_character_in_arguments_is_mended(drive: Drive) -> None:
    talk, model = track(drive, [piece('{"order": "\\ud83d"}', "find", 0, "f")], function(ON_ITS_WAY))
    talk.say("?")
    assert answers(model) == ["Order \ufffd is on its way."]


@BY_EACH
def test_what_a_model_thought_before_the_call_goes_back_to_it(drive: Drive) -> None:
    thought = {"type": "thinking", "thinking": "hm", "signature": "s", "index": 0}
    talk, model = track(drive, [text([thought]), piece('{"order": "7"}', "find", 1, "f")], function(ON_ITS_WAY))
    talk.say("where is 7?")
    asked = next(message for message in model.asked[-1] if isinstance(message, AIMessage) and message.tool_calls)
    assert asked.content == [thought]


@BY_EACH
def test_a_model_that_does_not_stream_calls_tools_too(drive: Drive) -> None:
    model = Whole(answers=[AIMessage("Which one?"), FIND, AIMessage(json.dumps(ON_ITS_WAY))])
    talk = Talk(ORDERS, drive=drive, model=model, tools=SHOP, structured_output="prompt")
    talk.say()
    assert talk.watch("where is 7?") == "It is on its way."
    assert len(talk.record["tool_calls"]) == 1


@BY_EACH
def test_a_tool_may_be_called_after_text_that_is_no_reply(drive: Drive) -> None:
    find = calling(("find", {"order": "7"}), text='I look up {"order" 7}.')
    talk = Talk(ORDERS, [find, ON_ITS_WAY], drive, tools=SHOP)
    assert talk.watch("where is 7?") == "It is on its way."


@BY_EACH
@pytest.mark.parametrize(
    "stream",
    [
        pytest.param([piece("", "find", 0, "f"), *[piece("7" * 40)] * 30], id="arguments"),
        pytest.param([piece("{}", "find", index) for index in range(500)], id="calls"),
        pytest.param([text('Looking {"order" 7} up. ')] * 60, id="text"),
    ],
)
def test_a_stream_of_calls_that_does_not_end_is_a_bad_reply(
    stream: list[AIMessageChunk], drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (attempts, parser):
        monkeypatch.setattr(module, "MAX_LENGTH", 1000)
    talk, _ = track(drive, stream, stream)
    with pytest.raises(ReplyError, match="longer than"):
        talk.say("where is 7?")


@BY_EACH
def test_a_provider_that_fails_amid_a_call_is_asked_again(drive: Drive) -> None:
    class Failing(Chunked):
        def _stream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
            if len(self.streams) == 3:
                yield ChatGenerationChunk(message=self.streams.pop(0)[0])
                raise TimeoutError("away")
            yield from super()._stream(messages)

    streams = [[piece('{"order": "7"}', "find", 0, "f")], [piece('{"order": "7"}', "find", 0, "f")]]
    model = Failing(streams=[*streams, function(ON_ITS_WAY)])
    talk = Talk(ORDERS, drive=drive, model=model, tools=SHOP)
    assert talk.watch("where is 7?") == "It is on its way."
    assert len(talk.record["tool_calls"]) == 1


@BY_EACH
def test_speech_is_held_back_while_tools_may_be_called(drive: Drive) -> None:
    broken = Cut("Which order is it, pl", 21, TimeoutError("away"))
    talk = Talk(ORDERS, [broken, "Which order?"], drive, tools=SHOP)
    assert talk.watch() == "Which order?"


@BY_EACH
def test_speech_that_no_tool_call_followed_is_shown(drive: Drive) -> None:
    talk = Talk(ORDERS, ["  Which order? \ud83d"], drive, tools=SHOP)
    assert talk.watch() == "Which order? \ufffd"


@BY_EACH
def test_empty_speech_is_asked_for_again(drive: Drive) -> None:
    talk = Talk(ORDERS, [" ", "Which order?"], drive, tools=SHOP)
    assert talk.watch() == "Which order?"


@BY_EACH
def test_what_a_model_says_inside_a_tool_is_in_no_messages_stream(drive: Drive) -> None:
    def summarise() -> str:
        return str(ScriptedModel(replies=["REFUSED"], streaming=True).invoke("Sum it up").text)

    talk = Talk(ORDERS, [calling("find"), ON_ITS_WAY], drive, tools=with_tool("find", summarise))
    assert talk.watch("where is 7?") == "It is on its way."


def test_tokens_are_counted_call_by_call() -> None:
    talk = Talk(ORDERS, ["?", FIND, ON_ITS_WAY], tools=SHOP)
    talk.say()
    talk.watch("where is 7?")
    assert all(call["output_tokens"] > 0 for call in talk.record["model_calls"])
    stored = talk.values["messages"][-1].usage_metadata
    assert stored["output_tokens"] == talk.record["model_calls"][-1]["output_tokens"]


def test_a_reply_without_tools_is_not_read_for_calls() -> None:
    model = Chunked(streams=[function(reply("ask_email", "Hi Ann!", name="Ann"))])
    talk = Talk(FORM, model=model, tools=SHOP)
    assert talk.drive(talk.graph, given("Ann"), CONFIG)["messages"][-1].text == "Hi Ann!"


def names(*pieces: ToolCallChunk, reply: str = "reply") -> list[str]:
    reader = ToolCallReader(reply)
    for one in pieces:
        reader.take(ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=[one])))
    return reader.names


@pytest.mark.parametrize(
    ("pieces", "found"),
    [
        ([tool_call_chunk(name="find", index=0), tool_call_chunk(args="{}", index=0)], ["find"]),
        ([tool_call_chunk(name="find", index=0), tool_call_chunk(name="find", args="{}", index=0)], ["find"]),
        ([tool_call_chunk(name="find", index=0), tool_call_chunk(name="find", index=1)], ["find", "find"]),
        ([tool_call_chunk(name="reply", index=0), tool_call_chunk(args="{}", index=0)], []),
        ([tool_call_chunk(name="reply", index=0), tool_call_chunk(name="find", index=1)], ["find"]),
        ([tool_call_chunk(args="{}", index=0)], []),
    ],
    ids=["in pieces", "its name repeated", "twice", "the reply", "after the reply", "no name at all"],
)
def test_the_tools_that_are_called_are_known_by_name_and_place(pieces: list[ToolCallChunk], found: list[str]) -> None:
    assert names(*pieces) == found


def test_without_a_reply_function_every_call_is_a_tool_s() -> None:
    assert names(tool_call_chunk(name="reply", index=0), reply="") == ["reply"]
