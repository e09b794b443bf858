"""A message that is passed on is read once, in the right conversation, whatever becomes of the run that does it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from agents import (
    CALLS,
    HEARD,
    SAID,
    SIGN_UP,
    agent,
    answers,
    asked,
    asking,
    form,
    heard,
    passing_on,
    resumed,
    said,
)
from langchain.agents.middleware import AgentMiddleware
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command, interrupt
from machines import CONFIG, DRIVERS, SHOP, Drive, Json, given, reply
from pydantic import BaseModel

from fsm_langgraph import CallerError, Event, Handlers

SAVERS = pytest.mark.parametrize("saver", [InMemorySaver, None], ids=["its own checkpointer", "the agent's"])
Make = Callable[[], BaseCheckpointSaver[Any]] | None


def made(saver: Make) -> BaseCheckpointSaver[Any] | None:
    return saver() if saver is not None else None


# A conversation that has ended


@SAVERS
def test_one_that_has_ended_is_followed_by_a_new_one(saver: Make) -> None:
    graph = form([*SIGN_UP, *SIGN_UP], checkpointer=made(saver))
    called = agent(graph.tool("sign_up"), passing_on(*HEARD, *HEARD))
    for text in [*HEARD, *HEARD]:
        values = called.invoke(given(text), CONFIG)
    artifacts = [message.artifact for message in answers(values)]
    assert [artifact["message"] for artifact in artifacts] == [*SAID, *SAID]
    assert len({artifact["thread_id"] for artifact in artifacts[:3]}) == 1
    assert len({artifact["thread_id"] for artifact in artifacts}) == 2


def test_the_old_one_stays_readable() -> None:
    graph = form([*SIGN_UP, *SIGN_UP])
    called = agent(graph.tool("sign_up"), passing_on(*HEARD, "Again"))
    for text in [*HEARD, "Again"]:
        values = called.invoke(given(text), CONFIG)
    *_, ended, new = (message.artifact for message in answers(values))
    assert heard(graph, ended) == [words for pair in zip(HEARD, SAID, strict=True) for words in pair]
    assert heard(graph, new) == ["Again", SAID[0]]


def test_one_that_was_deleted_begins_anew() -> None:
    graph = form([SIGN_UP[0], SIGN_UP[0]])
    tool = graph.tool("sign_up")
    artifact = tool.invoke(asking("hi").tool_calls[0], CONFIG).artifact
    graph.delete_thread(artifact["thread_id"])
    again = tool.invoke(asking("Ann", first=1).tool_calls[0], CONFIG).artifact
    assert heard(graph, again) == ["Ann", SAID[0]]
    assert again["thread_id"] == artifact["thread_id"]


# A call that is run again


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("heard_before", range(3), ids=["first", "second", "last"])
def test_a_call_that_is_run_again_has_its_answer_again(call: Any, heard_before: int) -> None:
    graph = form(SIGN_UP)
    tool = graph.tool("sign_up")
    for number in range(heard_before + 1):
        answer = call(tool, asking(HEARD[number], first=number).tool_calls[0], CONFIG)
    again = call(tool, asking(HEARD[heard_before], first=heard_before).tool_calls[0], CONFIG)
    assert (again.content, again.artifact) == (answer.content, answer.artifact)


@pytest.mark.parametrize("call", CALLS)
def test_one_that_lets_the_machine_begin_has_too(call: Any) -> None:
    tool = form(["Your name?"]).tool("sign_up")
    first = call(tool, asking("").tool_calls[0], CONFIG)
    assert call(tool, asking("").tool_calls[0], CONFIG).artifact == first.artifact
    assert first.artifact["message"] == "Your name?"


def test_an_earlier_call_has_the_answer_that_it_had() -> None:
    tool = form(SIGN_UP).tool("sign_up")
    for number, text in enumerate(HEARD[:2]):
        tool.invoke(asking(text, first=number).tool_calls[0], CONFIG)
    assert tool.invoke(asking(HEARD[0]).tool_calls[0], CONFIG).artifact["message"] == SAID[0]


def test_the_same_id_with_other_words_is_another_message() -> None:
    tool = form(SIGN_UP).tool("sign_up")
    told = [tool.invoke(asking(text).tool_calls[0], CONFIG).artifact["message"] for text in HEARD]
    assert told == SAID


def test_a_model_that_numbers_the_calls_of_each_message_anew_passes_on_every_message() -> None:
    repeated = [reply("ask_name", f"Your name, {count}?") for count in "123"]
    called = agent(form(repeated).tool("sign_up"), [asking("no"), "told", asking("no"), "told"])
    for _ in range(2):
        values = called.invoke(given("no"), CONFIG)
    assert said(values) == ["Your name, 1?", "Your name, 2?"]


class CrashError(RuntimeError):
    """The server dies."""


@SAVERS
@pytest.mark.parametrize("drive", DRIVERS)
def test_a_crash_after_the_turn_has_landed_loses_and_repeats_nothing(saver: Make, drive: Drive) -> None:
    graph = form(SIGN_UP, checkpointer=made(saver))
    tool = graph.tool("sign_up")
    crashes = [True]

    class Crash(AgentMiddleware[Any, Any, Any]):
        def wrap_tool_call(self, request: Any, handler: Any) -> Any:
            answer = handler(request)
            if crashes and crashes.pop():
                raise CrashError
            return answer

        async def awrap_tool_call(self, request: Any, handler: Any) -> Any:
            answer = await handler(request)
            if crashes and crashes.pop():
                raise CrashError
            return answer

    called = agent(tool, passing_on(*HEARD), middleware=[Crash()])
    with pytest.raises(CrashError):
        drive(called, given("x"), CONFIG)
    assert said(drive(called, None, CONFIG)) == SAID[:1]
    assert said(drive(called, given("x"), CONFIG)) == SAID[:2]


def test_a_turn_that_a_crash_has_kept_from_landing_lands_first(monkeypatch: pytest.MonkeyPatch) -> None:
    saver = InMemorySaver()
    graph = form(SIGN_UP, checkpointer=saver)
    tool = graph.tool("sign_up")
    stored = saver.put

    def dies(config: Any, checkpoint: Any, metadata: Any, versions: Any) -> Any:
        if "last_turn" in checkpoint["channel_values"]:
            raise CrashError
        return stored(config, checkpoint, metadata, versions)

    monkeypatch.setattr(saver, "put", dies)
    with pytest.raises(CrashError):
        tool.invoke(asking(HEARD[0]).tool_calls[0], CONFIG)
    monkeypatch.setattr(saver, "put", stored)
    artifact = tool.invoke(asking(HEARD[0]).tool_calls[0], CONFIG).artifact
    tool.invoke(asking(HEARD[1], first=1).tool_calls[0], CONFIG)
    assert artifact["message"] == SAID[0]
    assert heard(graph, artifact) == [HEARD[0], SAID[0], HEARD[1], SAID[1]]


# Several calls in one message of the agent's model


@SAVERS
@pytest.mark.parametrize("drive", DRIVERS)
def test_calls_that_come_at_once_are_read_in_the_order_of_the_model(saver: Make, drive: Drive) -> None:
    graph = form(SIGN_UP, checkpointer=made(saver))
    called = agent(graph.tool("sign_up"), [asking(*HEARD), "told"])
    assert said(drive(called, given("x"), CONFIG)) == SAID


@pytest.mark.parametrize("drive", DRIVERS)
def test_where_the_first_of_them_fails_the_second_is_read(drive: Drive) -> None:
    graph = form(["no JSON"] * 3 + SIGN_UP[:1])
    called = agent(graph.tool("sign_up"), [asking("hm", "Sign me up"), "told"])
    failed, answered = answers(drive(called, given("x"), CONFIG))
    assert (failed.status, answered.artifact["message"]) == ("error", SAID[0])


# What the machine asks a person by interrupt()


def asks(*moments: Any) -> Handlers:
    """Make handlers that ask a person twice at each moment, and note the answers."""
    handlers = Handlers()
    for moment in moments:

        @handlers.on(moment)
        def ask(event: Event, moment: str = moment) -> dict[str, Any]:
            answer = interrupt(f"{moment} in {event.state}?")
            return {moment: f"{answer}, {interrupt('Sure?')}"}

    return handlers


@SAVERS
@pytest.mark.parametrize("drive", DRIVERS)
def test_the_graph_around_is_asked_and_the_turn_goes_on(saver: Make, drive: Drive) -> None:
    graph = form([*SIGN_UP[1:2], "Your e-mail?"], checkpointer=made(saver), handlers=asks("CONTEXT_UPDATE"))
    called = agent(graph.tool("sign_up"), passing_on("Ann"))
    assert asked(resumed(called, drive)) == ["CONTEXT_UPDATE in ask_name?"]
    assert asked(drive(called, Command(resume="yes"), CONFIG)) == ["Sure?"]
    values = drive(called, Command(resume="sure"), CONFIG)
    assert answers(values)[0].artifact["context"] == {"name": "Ann", "CONTEXT_UPDATE": "yes, sure"}
    assert said(values) == ["Your e-mail?"]


@pytest.mark.parametrize("drive", DRIVERS)
def test_each_answer_comes_to_its_question_however_many_states_ask(drive: Drive) -> None:
    handlers = asks("CONTEXT_UPDATE", "PRE_TRANSITION", "POST_TRANSITION")
    graph = form([*SIGN_UP[1:2], "Your e-mail?"], handlers=handlers)
    called = agent(graph.tool("sign_up"), passing_on("Ann"))
    context = answers(resumed(called, drive, *"abcdef"))[0].artifact["context"]
    assert [context[moment] for moment in ("CONTEXT_UPDATE", "PRE_TRANSITION", "POST_TRANSITION")] == [
        *("a, b", "c, d", "e, f")
    ]


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_question_inside_a_sub_machine_is_asked_too(drive: Drive) -> None:
    graph = form([reply("payment", "Card?", item="tea")], SHOP, handlers=asks("POST_TRANSITION"))
    called = agent(graph.tool("sign_up"), passing_on("tea"))
    values = resumed(called, drive, *"abcd")
    assert (asked(values), said(values)) == ([], ["Card?"])
    assert answers(values)[0].artifact["context"] == {"item": "tea", "POST_TRANSITION": "a, b"}


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_call_waits_while_the_one_before_it_asks(drive: Drive) -> None:
    graph = form([*SIGN_UP[1:2], "Your e-mail?", *SIGN_UP[2:], "Bye!"], handlers=asks("CONTEXT_UPDATE"))
    called = agent(graph.tool("sign_up"), [asking("Ann", "a@b.c"), "told"])
    values = resumed(called, drive, "a", "b")
    assert asked(values) == ["CONTEXT_UPDATE in ask_email?"]
    values = drive(called, Command(resume="c"), CONFIG)
    values = drive(called, Command(resume="d"), CONFIG)
    assert said(values) == ["Your e-mail?", "Bye!"]
    assert [message.artifact["context"].get("CONTEXT_UPDATE") for message in answers(values)] == ["a, b", "c, d"]


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_question_that_nobody_answers_does_not_hold_the_conversation(drive: Drive) -> None:
    graph = form([*SIGN_UP[1:2], *SIGN_UP[1:2], "Your e-mail?"], handlers=asks("CONTEXT_UPDATE"))
    called = agent(graph.tool("sign_up"), [asking("Ann"), asking("Well?", first=1), "told"])
    resumed(called, drive)
    values = drive(called, given("Well?"), CONFIG)
    assert asked(values) == ["CONTEXT_UPDATE in ask_name?"]


def test_a_question_has_its_schema() -> None:
    class Decision(BaseModel):
        approved: bool

    handlers = Handlers()
    handlers.on("CONTEXT_UPDATE")(lambda _: {"approved": interrupt("May I?", response_schema=Decision).approved})
    graph = form([*SIGN_UP[1:2], "Your e-mail?"], handlers=handlers)
    called = agent(graph.tool("sign_up"), passing_on("Ann"))
    (question,) = called.invoke(given("x"), CONFIG)["__interrupt__"]
    assert question.response_schema == Decision.model_json_schema()
    values = called.invoke(Command(resume={"approved": True}), CONFIG)
    assert answers(values)[0].artifact["context"] == {"name": "Ann", "approved": True}


def test_a_question_outside_of_any_graph_is_an_error() -> None:
    tool = form(SIGN_UP[1:], handlers=asks("CONTEXT_UPDATE")).tool("sign_up")
    with pytest.raises(CallerError, match="no graph around that could be asked"):
        tool.invoke(asking("Ann").tool_calls[0], CONFIG)


def test_a_question_survives_the_process(tmp_path: Path) -> None:
    def run(given: Any, replies: list[Any], script: list[Any]) -> Json:
        agents, machines = (SqliteSaver.from_conn_string(str(tmp_path / name)) for name in ("a.sqlite", "m.sqlite"))
        with agents as saver, machines as kept:
            graph = form(replies, checkpointer=kept, handlers=asks("CONTEXT_UPDATE"))
            values: Json = agent(graph.tool("sign_up"), script, saver).invoke(given, CONFIG)
            return values

    run(given("x"), SIGN_UP[1:2], passing_on("Ann")[:1])
    run(Command(resume="a"), [], [])
    values = run(Command(resume="b"), ["Your e-mail?"], ["told"])
    assert answers(values)[0].artifact["context"] == {"name": "Ann", "CONTEXT_UPDATE": "a, b"}
