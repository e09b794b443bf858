"""Tokens that are not known are not 0: in the record, in its sums, and in LangChain's counters."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from langchain_core.callbacks import UsageMetadataCallbackHandler
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.runnables import Runnable
from machines import CONFIG, DRIVERS, FORM, Drive, Talk, given, machine, reply, state, to
from pandas import NA
from test_models_gate import ProviderError, Whole
from test_traced_reply import KINDS, Kind

from fsm_langgraph import ReplyError, conversations, turns
from fsm_langgraph.models.scripted import Cut, ScriptedModel
from fsm_langgraph.models.token_count import TokenCount
from fsm_langgraph.turn.record import ModelCall, tokens_of, tokens_used

BY_EACH = pytest.mark.parametrize("drive", DRIVERS)
VETOED = reply("done", "VETOED " * 9, name=None)
NAME = reply("ask_email", "Your e-mail?", name="Ann")


def usage(read: int, written: int) -> UsageMetadata:
    return UsageMetadata(input_tokens=read, output_tokens=written, total_tokens=read + written)


class Named(ScriptedModel):
    """A model that tells its name with its tokens, which LangChain's counters ask for."""

    def _usage(self, messages: list[BaseMessage], output: int) -> ChatGenerationChunk:
        chunk = super()._usage(messages, output)
        chunk.message.response_metadata = {"model_name": "named-1"}
        return chunk


class Early(ScriptedModel):
    """A provider that tells the tokens of the prompt first, and those of the answer last."""

    def _stream(self, *args: Any, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        yield ChatGenerationChunk(message=AIMessageChunk(content="", usage_metadata=usage(90, 0)))
        yield from super()._stream(*args, **kwargs)

    async def _astream(self, *args: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
        yield ChatGenerationChunk(message=AIMessageChunk(content="", usage_metadata=usage(90, 0)))
        async for chunk in super()._astream(*args, **kwargs):
            yield chunk

    def _usage(self, messages: list[BaseMessage], output: int) -> ChatGenerationChunk:  # noqa: ARG002 - its signature
        return ChatGenerationChunk(message=AIMessageChunk(content="", usage_metadata=usage(0, output)))


class Mute(ScriptedModel):
    """A provider that never tells any tokens."""

    def _usage(self, messages: list[BaseMessage], output: int) -> ChatGenerationChunk:  # noqa: ARG002 - its signature
        return ChatGenerationChunk(message=AIMessageChunk(content=""))


@dataclass(frozen=True)
class Row:
    """A provider, and what is known of the tokens of each call of a turn."""

    model: Callable[[], Runnable[Any, Any]]
    told: list[str]


ALL = "# tokens in, # out"
ROWS = {
    "a stream that is closed": Row(lambda: ScriptedModel(replies=[VETOED, "Name?"]), ["tokens unknown", ALL]),
    "one that told the prompt first": Row(lambda: Early(replies=[VETOED, "Name?"]), ["at least # tokens in", ALL]),
    "a provider that never tells": Row(lambda: Mute(replies=[NAME]), ["tokens unknown"]),
    "a whole answer": Row(lambda: Whole(text=json.dumps(VETOED)), [ALL, ALL]),
    "a bad reply": Row(lambda: ScriptedModel(replies=["no JSON", NAME]), [ALL, ALL]),
    "a connection that broke": Row(
        lambda: ScriptedModel(replies=[Cut("{ ", 2, TimeoutError("away"))]).with_fallbacks(
            [ScriptedModel(replies=[NAME])]
        ),
        [f"at least {ALL}"],
    ),
    "a request that was refused": Row(
        lambda: ScriptedModel(replies=[ProviderError("response_format is not supported", {}), NAME]), [ALL]
    ),
}


@BY_EACH
@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_what_a_provider_has_not_told_is_unknown(row: Row, drive: Drive) -> None:
    talk = Talk(FORM, model=row.model(), drive=drive)
    talk.say("Ann")
    told = [str(tokens_of(call)) for call in talk.record["model_calls"]]
    assert [re.sub(r"[\d,]*\d", "#", tokens) for tokens in told] == row.told


def call(read: int | None, written: int | None, *, replayed: bool = False, at_least: bool = False) -> ModelCall:
    made = ModelCall(state="ask", mode="speak", input_tokens=read, output_tokens=written, error="", replayed=replayed)
    if at_least:
        made["at_least"] = True
    return made


SUMS = {
    "no call": ([], TokenCount(0, 0, is_all=True)),
    "calls that told all": ([call(1200, 30), call(34, 5)], TokenCount(1234, 35, is_all=True)),
    "one of two unknown": ([call(None, None, at_least=True), call(34, 5)], TokenCount(34, 5)),
    "one of two half known": ([call(90, None, at_least=True), call(34, 5)], TokenCount(124, 5)),
    "all unknown": ([call(None, None, at_least=True)], TokenCount()),
    "one that was replayed": ([call(0, 0, replayed=True), call(34, 5)], TokenCount(34, 5, is_all=True)),
    "one of an earlier release, where 0 was unknown": ([call(0, 0), call(34, 5)], TokenCount(34, 5)),
}


@pytest.mark.parametrize(("calls", "used"), SUMS.values(), ids=SUMS)
def test_a_sum_knows_whether_it_is_all(calls: list[ModelCall], used: TokenCount) -> None:
    assert tokens_used(calls) == used


WORDS = {
    "tokens unknown": TokenCount(),
    "at least 1,200 tokens in": TokenCount(1200),
    "at least 7 tokens out": TokenCount(None, 7),
    "at least 1,200 tokens in, 7 out": TokenCount(1200, 7),
    "1,200 tokens in, 7 out": TokenCount(1200, 7, is_all=True),
}


@pytest.mark.parametrize(("words", "tokens"), WORDS.items(), ids=WORDS)
def test_a_count_in_words_does_not_claim_more_than_is_known(words: str, tokens: TokenCount) -> None:
    assert str(tokens) == words


@BY_EACH
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_langchain_s_counters_count_what_is_known_once(kind: Kind, drive: Drive) -> None:
    counter = UsageMetadataCallbackHandler()
    talk = Talk(kind.definition, model=Named(replies=["?", *kind.replies]), drive=drive, **kind.options)
    talk.say()
    talk.drive(talk.graph, given("Ann"), {**CONFIG, "callbacks": [counter]})
    used = counter.usage_metadata["named-1"]
    known = tokens_used(talk.record["model_calls"])
    assert (used["input_tokens"], used["output_tokens"]) == (known.read, known.written)


@BY_EACH
def test_words_of_the_machine_s_own_tell_what_led_to_them(drive: Drive) -> None:
    counter = UsageMetadataCallbackHandler()
    definition = machine(state("ask", to("bye", "name"), required_context_keys=["name"]), state("bye", say="Goodbye."))
    talk = Talk(definition, model=Named(replies=["?", "no JSON", reply("bye", "", name="Ann")]), drive=drive)
    talk.say()
    talk.drive(talk.graph, given("Ann"), {**CONFIG, "callbacks": [counter]})
    assert talk.values["messages"][-1].text == "Goodbye."
    assert counter.usage_metadata["named-1"]["input_tokens"] == tokens_used(talk.record["model_calls"]).read


@BY_EACH
def test_a_message_is_stored_with_what_it_has_cost_itself(drive: Drive) -> None:
    talk = Talk(FORM, ["no JSON", NAME], drive)
    talk.say("Ann")
    stored = talk.values["messages"][-1].usage_metadata
    assert stored["input_tokens"] == talk.record["model_calls"][-1]["input_tokens"]


def test_the_tables_agree_with_the_record() -> None:
    talk = Talk(FORM, ["?", VETOED, "Name?", "no JSON", "none", NAME])
    talk.say()
    talk.say("Ann")
    used = tokens_used(talk.record["model_calls"])
    with pytest.raises(ReplyError):
        talk.say("Ann")
    talk.say("Ann")
    table, whole = turns(talk.graph), conversations(talk.graph)
    assert [*table["at_least"], *whole["at_least"]] == [False, True, True, False, True]
    assert [number is NA for number in table["input_tokens"]] == [False, False, True, False]
    assert (table["input_tokens"][1], table["output_tokens"][1]) == (used.read, used.written)
    assert whole["input_tokens"][0] == table["input_tokens"].sum()
    assert {str(table[name].dtype) for name in ("input_tokens", "output_tokens")} == {"Int64"}
