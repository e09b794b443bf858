"""The reason why a model stopped is read in every provider's words, and a turn tells it as what it is."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

import pytest
from handling import handling, plain
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.tools import tool
from langgraph.types import RetryPolicy
from machines import CONFIG, DRIVERS, FORM, Drive, Talk, machine, state, to
from pydantic import Field, PrivateAttr

from fsm_langgraph import ModelError, ModelRefusal, ReplyError, ScriptedModel
from fsm_langgraph.models.scripted import Cut
from fsm_langgraph.models.stop_reasons import STOPS, Ending, Stop, length_limit

BY_EACH = pytest.mark.parametrize("drive", DRIVERS)
NO = "I can't help with that."


class Blocked(Enum):
    """Gemini's reasons for blocking a prompt are members of an enum."""

    BLOCKED_REASON_UNSPECIFIED = "BLOCKED_REASON_UNSPECIFIED"
    PROHIBITED_CONTENT = "PROHIBITED_CONTENT"
    OTHER = "OTHER"


TOLD: list[tuple[str, dict[str, Any], Stop]] = [
    ("openai", {"finish_reason": "stop", "model_name": "gpt-4o"}, "stop"),
    ("openai", {"finish_reason": "length"}, "length"),
    ("openai", {"finish_reason": "content_filter"}, "content filter"),
    ("openai", {"finish_reason": "tool_calls"}, "tool calls"),
    ("responses", {"status": "completed", "incomplete_details": None}, "unknown"),
    ("responses", {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}, "length"),
    ("responses", {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}, "content filter"),
    ("anthropic", {"stop_reason": "end_turn", "stop_sequence": None}, "stop"),
    ("anthropic", {"stop_reason": "max_tokens"}, "length"),
    ("anthropic", {"stop_reason": "model_context_window_exceeded"}, "length"),
    ("anthropic", {"stop_reason": "refusal"}, "refusal"),
    ("anthropic", {"stop_reason": "tool_use"}, "tool calls"),
    ("anthropic", {"stop_reason": "pause_turn"}, "unknown"),
    ("gemini", {"finish_reason": "STOP", "safety_ratings": []}, "stop"),
    ("gemini", {"finish_reason": "MAX_TOKENS"}, "length"),
    ("gemini", {"finish_reason": "SAFETY", "finish_message": "unsafe"}, "safety"),
    ("gemini", {"finish_reason": "RECITATION"}, "content filter"),
    ("gemini", {"finish_reason": "MALFORMED_FUNCTION_CALL"}, "unknown"),
    ("gemini", {"prompt_feedback": {"block_reason": Blocked.PROHIBITED_CONTENT}}, "safety"),
    ("gemini", {"prompt_feedback": {"block_reason": Blocked.OTHER}}, "safety"),
    ("gemini", {"prompt_feedback": {"block_reason": Blocked.BLOCKED_REASON_UNSPECIFIED}}, "unknown"),
    ("gemini", {"prompt_feedback": {"block_reason": None}}, "unknown"),
    ("ollama", {"done": True, "done_reason": "stop", "model_name": "qwen3"}, "stop"),
    ("ollama", {"done": True, "done_reason": "length"}, "length"),
    ("mistral", {"finish_reason": "model_length"}, "length"),
    ("groq", {"finish_reason": "stop", "service_tier": "on_demand"}, "stop"),
    ("deepseek", {"finish_reason": "insufficient_system_resource"}, "unknown"),
    ("openrouter", {"finish_reason": "error", "native_finish_reason": "SAFETY"}, "unknown"),
    ("bedrock", {"stopReason": "guardrail_intervened"}, "content filter"),
]


class Telling(BaseChatModel):
    """A model that says something, and then how it came to its end, as some provider's package tells it."""

    says: list[Any]
    """The text of each call, or its pieces as messages."""
    told: dict[str, Any] = Field(default_factory=dict)
    """The metadata of the last piece."""
    as_info: bool = False
    """Whether that is the generation's information, and not the message's metadata."""
    max_tokens: int | None = None

    _count: list[str] = PrivateAttr(default_factory=list)

    @property
    def calls(self) -> int:
        """How often it was asked."""
        return len(self._count)

    @property
    def _llm_type(self) -> str:
        return "telling"

    def bind_tools(self, tools: Any, **_: Any) -> Any:
        return self.bind(tools=list(tools))

    def _next(self) -> list[AIMessageChunk]:
        said = self.says[len(self._count) % len(self.says)]
        self._count.append("call")
        pieces = [AIMessageChunk(content=said)] if isinstance(said, str) else list(said)
        return pieces if self.as_info else [*pieces, AIMessageChunk(content="", response_metadata=self.told)]

    def _stream(self, *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        for piece in self._next():
            yield ChatGenerationChunk(message=piece)
        if self.as_info:
            yield ChatGenerationChunk(message=AIMessageChunk(content=""), generation_info=self.told)

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        raise NotImplementedError


class LengthFinishReasonError(Exception):
    """Named as OpenAI's streaming helper names it."""


class ContentFilterFinishReasonError(Exception):
    """Named as OpenAI's streaming helper names it."""


class Whole(Telling):
    """The same without streaming."""

    _stream = BaseChatModel._stream

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:  # noqa: ARG002 - LangChain's signature
        first = self._next()[0]
        metadata = {} if self.as_info else self.told
        message = AIMessage(first.content, additional_kwargs=first.additional_kwargs, response_metadata=metadata)
        info = self.told if self.as_info else None
        return ChatResult(generations=[ChatGeneration(message=message, generation_info=info)])


REFUSED: list[tuple[str, Any, dict[str, Any], tuple[str, str]]] = [
    (
        "openai, whole",
        [AIMessageChunk(content="", additional_kwargs={"refusal": NO})],
        {"finish_reason": "stop"},
        ("refusal", NO),
    ),
    (
        "responses",
        [AIMessageChunk(content=[{"type": "refusal", "refusal": NO}])],
        {"status": "completed"},
        ("refusal", NO),
    ),
    (
        "anthropic",
        "",
        {"stop_reason": "refusal", "stop_details": {"type": "refusal", "category": "cyber", "explanation": NO}},
        ("refusal", NO),
    ),
    ("gemini", "", {"finish_reason": "SAFETY"}, ("safety", "SAFETY")),
    ("gemini, the prompt", "", {"prompt_feedback": {"block_reason": Blocked.OTHER}}, ("safety", "OTHER")),
    (
        "gemini, the prompt with words",
        "",
        {"prompt_feedback": {"block_reason": Blocked.OTHER, "block_reason_message": NO}},
        ("safety", NO),
    ),
    ("azure", "", {"finish_reason": "content_filter"}, ("content filter", "content_filter")),
]
BY_REFUSAL = pytest.mark.parametrize(
    ("says", "told", "facts"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)


@pytest.mark.parametrize(("told", "stop"), [row[1:] for row in TOLD], ids=[f"{p}-{t}" for p, t, _ in TOLD])
def test_a_providers_word_for_its_end_is_understood(told: dict[str, Any], stop: Stop) -> None:
    ending = Ending()
    ending.read(told)
    assert ending.stop == stop


def test_the_table_is_in_small_letters() -> None:
    assert [word for word in STOPS if word != word.lower()] == []


def test_the_words_of_a_refusal_are_put_together_and_hold_on() -> None:
    ending = Ending()
    for piece in ("I can't ", "help."):
        ending.read_refusal(AIMessageChunk(content="", additional_kwargs={"refusal": piece}))
    ending.read({"finish_reason": "stop"})
    assert (ending.stop, ending.words) == ("refusal", "I can't help.")


def test_an_empty_refusal_is_none() -> None:
    ending = Ending()
    ending.read_refusal(AIMessage("Hi", additional_kwargs={"refusal": ""}))
    assert ending.refused is None


def test_a_message_that_has_no_refusal_has_none() -> None:
    ending = Ending()
    ending.read_refusal(AIMessage("", additional_kwargs={"refusal": None}))
    ending.read_refusal(AIMessage(["Hi", {"type": "text", "text": "refusal"}]))
    assert ending.refused is None


@BY_EACH
@BY_REFUSAL
@pytest.mark.parametrize("kind", [Telling, Whole])
@pytest.mark.parametrize("says_what", ["understand", "speak"])
def test_a_refusal_is_told_as_one_and_not_asked_again(
    says: Any, told: dict[str, Any], facts: tuple[str, str], kind: type[Telling], says_what: str, drive: Drive
) -> None:
    model, second = kind(says=[says], told=told), ScriptedModel(replies=["Hello!"])
    talk = Talk(FORM, drive=drive, model=model.with_fallbacks([second]))
    with pytest.raises(ModelRefusal, match="refused") as caught:
        talk.say("hi" if says_what == "understand" else "")
    assert (caught.value.reason, caught.value.words) == facts
    assert (model.calls, second.calls) == (1, [])


@BY_EACH
def test_metadata_may_come_as_the_generations_information(drive: Drive) -> None:
    model = Telling(says=[""], told={"finish_reason": "SAFETY"}, as_info=True)
    with pytest.raises(ModelRefusal, match="safety"):
        Talk(FORM, drive=drive, model=model).say("hi")


@BY_EACH
def test_a_refusal_in_the_text_is_told_in_its_words(drive: Drive) -> None:
    model = Telling(says=[NO], told={"stop_reason": "refusal"})
    with pytest.raises(ModelRefusal) as caught:
        Talk(FORM, drive=drive, model=model).say("hi")
    assert caught.value.words == NO


@BY_EACH
def test_the_words_of_a_refusal_are_told_without_the_reasoning_before_them(drive: Drive) -> None:
    model = Telling(says=[f"<think>They want a bomb.</think>{NO}"], told={"stop_reason": "refusal"})
    with pytest.raises(ModelRefusal) as caught:
        Talk(FORM, drive=drive, model=model).say("hi")
    assert caught.value.words == NO


@BY_EACH
@pytest.mark.parametrize("reason", ["refusal", "max_tokens"])
def test_a_users_retry_policy_does_not_pay_for_an_answer_twice(reason: str, drive: Drive) -> None:
    model = Telling(says=[""], told={"stop_reason": reason})
    again = RetryPolicy(initial_interval=0.001, retry_on=Exception)
    with pytest.raises((ModelRefusal, ReplyError)):
        Talk(FORM, drive=drive, model=model, retry_policy=again).say("hi")
    assert model.calls == 1


@BY_EACH
def test_an_error_handler_answers_a_refusal(drive: Drive) -> None:
    model = Telling(says=[""], told={"stop_reason": "refusal"})
    handlers = handling(plain, lambda event: f"{type(event.error).__name__}, sorry.", "ERROR")
    talk = Talk(FORM, drive=drive, model=model, handlers=handlers)
    assert talk.say("hi") == "ModelRefusal, sorry."
    assert talk.record["why"] == "failed"


@BY_EACH
def test_a_refusal_after_the_decision_is_one_as_long_as_nothing_was_shown(drive: Drive) -> None:
    begun = '<think>A plan.</think>{"target_state": "ask_email", "updates": [{"name": "Ann"}], "message": "```p'
    model = Telling(says=[begun], told={"finish_reason": "content_filter"})
    talk = Talk(FORM, drive=drive, model=model)
    with pytest.raises(ModelRefusal) as caught:
        talk.say("Ann")
    assert caught.value.words == "content_filter"
    assert (model.calls, talk.kept["context"]) == (1, {})


@BY_EACH
def test_a_refusal_after_the_first_words_leaves_them_and_is_recorded(drive: Drive) -> None:
    talk = Talk(FORM, drive=drive, model=Telling(says=["Well, "], told={"finish_reason": "content_filter"}))
    assert talk.say() == "Well, "
    assert talk.record["model_calls"][0]["error"] == "the provider's content filter refused the answer: content_filter"


@BY_EACH
@pytest.mark.parametrize("kind", [Telling, Whole])
@pytest.mark.parametrize(
    "told",
    [
        {"finish_reason": "length"},
        {"stop_reason": "max_tokens"},
        {"done_reason": "length"},
        {"finish_reason": "MAX_TOKENS"},
    ],
    ids=str,
)
def test_a_plain_message_that_was_cut_is_not_stored_as_whole(
    told: dict[str, str], kind: type[Telling], drive: Drive
) -> None:
    talk = Talk(FORM, drive=drive, model=kind(says=["Hello, which na"], told=told, max_tokens=4))
    assert talk.say() == "Hello, which na"
    assert talk.record["model_calls"][0]["error"] == (
        "it was cut at the model's length limit; raise its max_tokens, which is 4"
    )
    assert talk.values["messages"][-1].response_metadata["finish_reason"] == next(iter(told.values()))


@BY_EACH
def test_a_whole_message_has_no_such_mark(drive: Drive) -> None:
    talk = Talk(FORM, drive=drive, model=Telling(says=["Hello!"], told={"finish_reason": "stop"}))
    talk.say()
    assert talk.record["model_calls"][0]["error"] == ""
    assert "finish_reason" not in talk.values["messages"][-1].response_metadata


@BY_EACH
@pytest.mark.parametrize(
    ("says", "text"),
    [('{"target_state": "ask_em', "Ann"), ("", "Ann"), ("", "")],
    ids=["in the reply", "in the thoughts before it", "in the thoughts before a message"],
)
def test_nothing_that_was_cut_before_it_could_be_shown_is_asked_for_again(says: str, text: str, drive: Drive) -> None:
    model, second = Telling(says=[says], told={"stop_reason": "max_tokens"}), ScriptedModel(replies=["Hello!"])
    talk = Talk(FORM, drive=drive, model=model.with_fallbacks([second]))
    with pytest.raises(ReplyError, match=r"asked once .* cut at the model's length limit; raise its max_tokens"):
        talk.say(text)
    assert (model.calls, second.calls) == (1, [])


@BY_EACH
def test_a_draft_in_a_text_that_was_cut_is_not_decided_on(drive: Drive) -> None:
    draft = '{"target_state": "ask_email", "updates": [{"name": "Bo"}], "message": "DRAFT"}'
    model = Telling(says=[f"I might say {draft}, but"], told={"finish_reason": "length"})
    talk = Talk(FORM, drive=drive, model=model)
    with pytest.raises(ReplyError, match="length limit"):
        talk.say("Ann")
    assert talk.kept["context"] == {}


@BY_EACH
def test_thoughts_that_nothing_opens_are_not_shown_where_they_were_cut(drive: Drive) -> None:
    model = Telling(says=["A plan.</think>Your name?", "Another pl"])
    talk = Talk(FORM, drive=drive, model=model)
    assert talk.say() == "Your name?"
    model.told = {"finish_reason": "length"}
    with pytest.raises(ReplyError, match="length limit"):
        talk.say()


@BY_EACH
def test_a_message_that_is_cut_after_its_decision_is_recorded_as_cut(drive: Drive) -> None:
    cut = '{"target_state": "ask_email", "updates": [{"name": "Ann"}], "message": "Thanks, A'
    talk = Talk(FORM, drive=drive, model=Telling(says=[cut], told={"finish_reason": "length"}))
    assert talk.say("Ann") == "Thanks, A"
    assert talk.values["current_state"] == "ask_email"
    assert "length limit" in talk.record["model_calls"][0]["error"]


@BY_EACH
def test_a_tool_call_that_was_cut_is_not_made(drive: Drive) -> None:
    made: list[str] = []

    @tool
    def find(name: str) -> str:
        """Find a name."""
        made.append(name)
        return name

    piece = tool_call_chunk(name="find", args='{"name": "A', id="1", index=0)
    model = Telling(says=[[AIMessageChunk(content="", tool_call_chunks=[piece])]], told={"stop_reason": "max_tokens"})
    form = machine(state("ask", to("done", "name"), required_context_keys=["name"], tools=["find"]), state("done"))
    with pytest.raises(ReplyError, match="length limit"):
        Talk(form, drive=drive, model=model, tools=[find]).say("Ann")
    assert (made, model.calls) == ([], 1)


@pytest.mark.parametrize(
    ("kwargs", "limit", "advice"),
    [
        ({}, None, "raise its max_tokens"),
        ({}, 7, "raise its max_tokens, which is 7"),
        ({"max_tokens": 9}, 7, "raise its max_tokens, which is 9"),
        ({"num_predict": 3}, None, "raise its num_predict, which is 3"),
    ],
    ids=["unset", "a field", "bound over a field", "bound"],
)
def test_the_setting_to_raise_is_named(kwargs: dict[str, int], limit: int | None, advice: str) -> None:
    assert length_limit(Telling(says=[], max_tokens=limit), kwargs).endswith(advice)


def test_a_conversation_is_as_it_was_after_a_refusal() -> None:
    talk = Talk(FORM, model=Telling(says=[""], told={"stop_reason": "refusal"}))
    with pytest.raises(ModelRefusal):
        talk.say("hi")
    assert talk.kept == {"context": {}, "current_state": None, "last_turn": None}
    assert talk.graph.get_state(CONFIG).values["messages"][-1].text == "hi"


@BY_EACH
@pytest.mark.parametrize(
    ("error", "told"),
    [(LengthFinishReasonError("…"), ReplyError), (ContentFilterFinishReasonError("…"), ModelRefusal)],
    ids=["length", "content filter"],
)
def test_an_error_in_place_of_a_reason_is_read_as_that(error: Exception, told: type[Exception], drive: Drive) -> None:
    model = ScriptedModel(replies=[Cut('{"target_state"', 8, error)])
    with pytest.raises(told, match=r"length limit|content filter"):
        Talk(FORM, drive=drive, model=model).say("hi")
    assert len(model.calls) == 1


def ended(text: str, *, by: str = "") -> list[AIMessageChunk]:
    """Write a stream that says this, and tells why it ends, or does not."""
    return [
        AIMessageChunk(content=text),
        AIMessageChunk(content="", response_metadata={"finish_reason": by} if by else {}),
    ]


@BY_EACH
@pytest.mark.parametrize("by", ["", "error", "insufficient_system_resource"])
def test_a_message_whose_stream_just_ends_has_broken_off(by: str, drive: Drive) -> None:
    talk = Talk(FORM, drive=drive, model=Telling(says=[ended("Your name?", by="stop"), ended("Your na", by=by)]))
    talk.say()
    with pytest.raises(ModelError, match="ended in the middle of the message") as caught:
        talk.say()
    assert (caught.value.shown, caught.value.transient) == (("Your na",), False)


@BY_EACH
def test_a_message_of_a_model_that_never_tells_why_it_ends_is_whole(drive: Drive) -> None:
    talk = Talk(FORM, drive=drive, model=Telling(says=[ended("Your name?"), ended("Your name!")]))
    talk.say()
    assert talk.say() == "Your name!"


@BY_EACH
def test_a_reply_that_the_model_left_open_itself_stands(drive: Drive) -> None:
    open_ = '{"target_state": "ask_email", "updates": [{"name": "Ann"}], "message": "Your e-mail?'
    talk = Talk(FORM, drive=drive, model=Telling(says=[ended(open_, by="stop")]))
    assert talk.say("Ann") == "Your e-mail?"
    assert talk.record["model_calls"][0]["error"] == "it was cut short"
