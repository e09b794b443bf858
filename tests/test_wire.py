"""Whole turns through each provider's own package, against a local server that speaks its wire format."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langgraph.checkpoint.memory import InMemorySaver
from machines import AT_ONCE, CONFIG, Json, machine, reply, state, to
from model_table import PAGE, written
from orders import ORDERS, SHOP
from wire.answers import Answer, Fault, Reaction, Script, count
from wire.behaviours import BEHAVIOURS, NOT_YET, table
from wire.packages import PACKAGES, Package
from wire.server import WireServer

from fsm_langgraph import DeadlineError, FSMError, FSMInput, Graph, ModelError, compile_fsm
from fsm_langgraph.models.servers import forbids_tools_with_schema

MESSAGE = "Thank you, Ann! And what is your e-mail address?"
REPLY = json.dumps(reply("ask", MESSAGE, name="Ann"))
GREETING = "Welcome! What is your name, please?"
FOUND = json.dumps(reply("track", "Order 7 is on its way."))
FIND = Answer("Let me look.", calls=(("find", '{"order": "7"}'),))
THOUGHT = "They said Ann. Perhaps {"
DRAFT = f"<think>They may want to stop: {json.dumps(reply('end', 'Goodbye!'))}</think>\n\n"
CANNOT = "I can't help with that."

PIECE = 12
"""How many characters a piece has."""

SAID: FSMInput = {"messages": [("user", "Ann")]}
NOTHING: FSMInput = {}
DESK = machine(state("ask", to("end", "bye"), required_context_keys=["name"]), state("end"))


def streamed(graph: Graph, given: FSMInput) -> list[str]:
    stream: Any = graph.stream(given, CONFIG, stream_mode="messages")
    return [chunk.text for chunk, _ in stream if chunk.text]


def astreamed(graph: Graph, given: FSMInput) -> list[str]:
    async def pieces() -> list[str]:
        stream: Any = graph.astream(given, CONFIG, stream_mode="messages")
        return [chunk.text async for chunk, _ in stream if chunk.text]

    return asyncio.run(pieces())


@dataclass
class Talk:
    """A conversation over the wire."""

    server: WireServer
    graph: Graph
    read: Callable[[Graph, FSMInput], list[str]]

    def say(self, given: FSMInput = SAID) -> list[str]:
        """Take a turn; return the pieces that were shown."""
        return self.read(self.graph, given)

    @property
    def values(self) -> Json:
        return dict(self.graph.get_state(CONFIG).values)

    @property
    def calls(self) -> list[Json]:
        return list(self.values["last_turn"]["model_calls"])

    def told(self, given: FSMInput = SAID) -> str:
        """Take a turn; return what is told of its faults, by an error or in the record."""
        try:
            self.say(given)
        except FSMError as error:
            return str(error)
        return " ".join(call["error"] for call in self.calls)


Opening = Callable[..., Talk]


@cache
def client(package: Package, root: str, thinks: bool) -> BaseChatModel:
    """Make a package's client once for each server, as that takes longer than a turn."""
    make = package.thinks if thinks and package.thinks else package.make
    return make(root)


@pytest.fixture(params=[streamed, astreamed], ids=["sync", "async"])
def opened(request: pytest.FixtureRequest, served: tuple[Package, WireServer]) -> Opening:
    """Opens a conversation whose model answers by a script."""
    package, server = served

    def open_talk(script: Script, definition: Json = DESK, *, thinks: bool = False, **options: Any) -> Talk:
        server.play(script)
        options = {"checkpointer": InMemorySaver(), "retry_policy": AT_ONCE, **options}
        return Talk(server, compile_fsm(definition, client(package, server.root, thinks), **options), request.param)

    return open_talk


@pytest.fixture(scope="module")
def served(request: pytest.FixtureRequest) -> Iterator[tuple[Package, WireServer]]:
    """A package and the server that speaks its format."""
    package: Package = request.param
    with WireServer(package.format, piece_size=PIECE, keeps_connections=False) as server:
        yield package, server


def holds(name: str) -> pytest.MarkDecorator:
    """Try a behaviour with every package that has words for it."""
    assert name in BEHAVIOURS
    tried = [
        pytest.param(
            package,
            id=package.name,
            marks=[pytest.mark.xfail(reason=reason)] if (reason := NOT_YET.get(name, {}).get(package.name)) else [],
        )
        for package in PACKAGES
        if name not in package.lacks
    ]
    return pytest.mark.parametrize("served", tried, indirect=True)


@holds("reply")
def test_a_reply_streams_its_message_alone(opened: Opening) -> None:
    talk = opened([REPLY])
    pieces = talk.say()
    assert "".join(pieces) == MESSAGE
    assert len(pieces) >= 3
    assert talk.values["context"] == {"name": "Ann"}


@holds("message")
def test_a_message_streams(opened: Opening) -> None:
    pieces = opened([GREETING]).say(NOTHING)
    assert "".join(pieces) == GREETING
    assert len(pieces) >= 3


@holds("usage")
def test_tokens_are_counted(opened: Opening) -> None:
    talk = opened([REPLY])
    talk.say()
    assert [call["output_tokens"] for call in talk.calls] == [count(REPLY)]
    assert talk.calls[0]["input_tokens"] > 100


@holds("usage")
def test_tokens_of_a_stream_that_was_closed_are_unknown_and_not_0(opened: Opening) -> None:
    talk = opened([json.dumps(reply("end", "Goodbye! " * 99)), GREETING])
    talk.say()
    closed, whole = talk.calls
    assert (closed["at_least"], 0 in (closed["input_tokens"], closed["output_tokens"])) == (True, False)
    assert ("at_least" in whole, whole["output_tokens"]) == (False, count(GREETING))


@holds("tool")
def test_a_tool_is_called(opened: Opening) -> None:
    talk = opened([FIND, FOUND], ORDERS, tools=SHOP, structured_output="json_schema")
    assert "".join(talk.say()) == "Order 7 is on its way."
    assert talk.values["last_turn"]["tool_calls"] == [{"state": "track", "tool": "find", "error": ""}]
    assert len(talk.server.requests) == 2


@holds("held")
def test_a_tool_is_called_on_a_server_that_holds_to_the_schema(
    opened: Opening, served: tuple[Package, WireServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served[1], "holds_to_schema", True)
    talk = opened([FIND, FOUND], ORDERS, tools=SHOP)
    assert "".join(talk.say()) == "Order 7 is on its way."
    assert talk.values["last_turn"]["tool_calls"] == [{"state": "track", "tool": "find", "error": ""}]


@holds("thought")
@pytest.mark.parametrize(("given", "text", "shown"), [(SAID, REPLY, MESSAGE), (NOTHING, GREETING, GREETING)])
def test_reasoning_that_is_told_apart_is_not_shown(opened: Opening, given: FSMInput, text: str, shown: str) -> None:
    talk = opened([Answer(text, reasoning=THOUGHT)], thinks=True)
    assert "".join(talk.say(given)) == shown
    assert talk.values["messages"][-1].text == shown


@holds("thinks")
def test_reasoning_in_the_text_of_a_reply_is_not_shown_and_decides_nothing(opened: Opening) -> None:
    talk = opened([DRAFT + REPLY], structured_output="prompt")
    assert "".join(talk.say()) == MESSAGE
    assert talk.values["current_state"] == "ask"


@holds("muses")
def test_reasoning_in_the_text_of_a_message_is_not_shown(opened: Opening) -> None:
    talk = opened([DRAFT + GREETING])
    assert "".join(talk.say(NOTHING)) == GREETING
    assert talk.values["messages"][-1].text == GREETING


@holds("refusal")
def test_a_refusal_is_told_and_asked_once(opened: Opening) -> None:
    talk = opened([Answer("", refusal=CANNOT)])
    with pytest.raises(FSMError, match=CANNOT) as told:
        talk.say()
    assert (type(told.value).__name__, len(talk.server.requests)) == ("ModelRefusal", 1)


@holds("filter")
def test_a_content_filter_is_told_and_asked_once(opened: Opening) -> None:
    talk = opened([Answer(REPLY[:20], finish_reason="content_filter")])
    with pytest.raises(FSMError) as told:
        talk.say()
    assert (type(told.value).__name__, len(talk.server.requests)) == ("ModelRefusal", 1)


@holds("cut reply")
def test_a_reply_that_reaches_the_length_limit_is_told_as_cut(opened: Opening) -> None:
    talk = opened([Answer(REPLY[:-20], finish_reason="length")])
    assert "limit" in talk.told()


@holds("cut message")
def test_a_message_that_reaches_the_length_limit_is_told_as_cut(opened: Opening) -> None:
    talk = opened([Answer(GREETING[:-9], finish_reason="length")])
    assert "limit" in talk.told(NOTHING)


@holds("busy")
def test_a_fault_that_passes_is_tried_again(opened: Opening) -> None:
    talk = opened([Fault(429, "slow down", headers={"retry-after": "0"}), Fault(529, "overloaded"), REPLY])
    assert "".join(talk.say()) == MESSAGE
    assert len(talk.server.requests) == 3


@holds("down")
@pytest.mark.parametrize(("status", "requests"), [(500, 3), (401, 1)])
def test_a_fault_that_stays_leaves_the_conversation_as_it_was(opened: Opening, status: int, requests: int) -> None:
    talk = opened([REPLY, Fault(status, "go away")])
    talk.say()
    before = {name: talk.values[name] for name in ("context", "current_state", "last_turn")}
    with pytest.raises(ModelError, match="go away") as told:
        talk.say({"messages": [("user", "And now?")]})
    assert told.value.transient is (status == 500)
    assert len(talk.server.requests) == 1 + requests
    assert {name: talk.values[name] for name in before} == before


@holds("lost")
def test_a_connection_that_breaks_before_the_message_is_tried_again(opened: Opening) -> None:
    lost: list[Reaction] = [Answer(REPLY, cut_after=3), REPLY]
    talk = opened(lost)
    assert "".join(talk.say()) == MESSAGE
    assert talk.values["context"] == {"name": "Ann"}


@holds("broken")
def test_a_connection_that_breaks_within_the_message_fails_the_turn(opened: Opening) -> None:
    talk = opened([Answer(REPLY, cut_after=len(REPLY) // PIECE - 2)])
    with pytest.raises(ModelError, match="broke off") as told:
        talk.say()
    [read] = told.value.shown
    assert MESSAGE.startswith(read)
    assert "last_turn" not in talk.values
    assert len(talk.server.requests) == 1


@holds("late")
def test_a_hang_ends_the_turn_in_time(opened: Opening) -> None:
    talk = opened([Answer(REPLY, hold_after=1)], deadlines=0.3)
    with pytest.raises(DeadlineError):
        talk.say()
    assert "last_turn" not in talk.values


@pytest.mark.parametrize(
    ("package", "host"),
    [
        ("OpenAI", "api.openai.com"),
        ("OpenAI Responses", "api.openai.com"),
        ("Anthropic", "api.anthropic.com"),
        ("Gemini", "generativelanguage.googleapis.com"),
        ("Mistral", "api.mistral.ai"),
        ("Groq", "api.groq.com"),
        ("DeepSeek", "api.deepseek.com"),
    ],
)
def test_a_providers_own_server_is_asked_by_a_schema_and_offered_tools(package: str, host: str) -> None:
    model = next(one for one in PACKAGES if one.name == package).make(f"https://{host}")
    assert not forbids_tools_with_schema(model)


@pytest.mark.parametrize(
    ("package", "host"), [("Ollama", "ollama.com"), ("OpenRouter", "openrouter.ai"), ("Anthropic", "127.0.0.1")]
)
def test_a_server_of_any_engine_is_asked_by_functions_where_there_are_tools(package: str, host: str) -> None:
    model = next(one for one in PACKAGES if one.name == package).make(f"https://{host}")
    assert forbids_tools_with_schema(model)


def test_the_docs_have_the_table() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert written(page) == page
    assert table() in page
