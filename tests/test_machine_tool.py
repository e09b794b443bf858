"""A machine as a tool: turns by a conversation's id, results with a schema, and errors in words."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import anyio
import pytest
from handling import handling, plain, raising
from langchain_core.messages import BaseMessage
from machines import DECLARED, FORM, machine, reply, state, to
from mcp import types
from mcp_client import HANDSHAKE, LATEST, client_of, machine_of, noted, said

from fsm_langgraph import LLM_FSM, ScriptedModel

REPLIES = (
    "Your name?",
    reply("ask_email", "Your e-mail address?", name="Ann"),
    reply("done", "Thanks, Ann!", email="a@b.c"),
)
MODES = pytest.mark.parametrize("mode", [LATEST, HANDSHAKE])


def conversation_of(result: types.CallToolResult) -> str:
    return str(result.structured_content["conversation_id"])


@MODES
async def test_a_conversation_is_held_over_several_calls(mode: str) -> None:
    async with client_of(machine_of(FORM, *REPLIES), mode=mode) as client:
        first = await client.call_tool("test", {})
        going_on = {"conversation_id": conversation_of(first)}
        later = [await client.call_tool("test", {**going_on, "message": message}) for message in ("Ann", "a@b.c")]

    assert [said(result) for result in (first, *later)] == ["Your name?", "Your e-mail address?", "Thanks, Ann!"]
    assert [result.structured_content for result in later] == [
        {
            **going_on,
            "message": "Your e-mail address?",
            "finished": False,
            "state": "ask_email",
            "data": {"name": "Ann"},
        },
        {
            **going_on,
            "message": "Thanks, Ann!",
            "finished": True,
            "state": "done",
            "data": {"name": "Ann", "email": "a@b.c"},
        },
    ]
    assert noted(first).startswith(f"To go on: conversation_id {going_on['conversation_id']}")
    assert noted(later[1]).endswith('It has collected: {"name": "Ann", "email": "a@b.c"}')


async def test_a_conversation_may_begin_with_what_the_user_says() -> None:
    async with client_of(machine_of(FORM, REPLIES[1])) as client:
        assert said(await client.call_tool("test", {"message": "I am Ann"})) == "Your e-mail address?"


async def test_a_call_without_a_message_says_how_a_conversation_stands_and_asks_no_model() -> None:
    fsm = machine_of(FORM, *REPLIES)
    async with client_of(fsm) as client:
        first = await client.call_tool("test", {"message": None, "conversation_id": None})
        again = await client.call_tool("test", {"conversation_id": conversation_of(first)})

    assert again == first
    assert len(fsm.model.calls) == 1  # type: ignore[attr-defined]  # the scripted model has them


async def test_the_tool_is_described_with_its_schemas() -> None:
    async with client_of(machine_of({**FORM, "name": "Sign-up: the café", "description": "Signs up."})) as client:
        (tool,) = (await client.list_tools()).tools

    assert (tool.name, tool.title) == ("Sign-up_the_cafe", "Sign-up: the café")
    assert (tool.description or "").startswith("Signs up.\n\nHolds a conversation with the user")
    assert {name: field["type"] for name, field in tool.input_schema["properties"].items()} == {
        "message": "string",
        "conversation_id": "string",
    }
    assert "required" not in tool.input_schema
    assert tool.output_schema is not None
    assert tool.output_schema["required"] == ["conversation_id", "message", "finished", "state", "data"]


async def test_what_is_secret_is_not_in_the_data() -> None:
    fsm = machine_of(DECLARED, REPLIES[1])
    async with client_of(fsm) as client:
        first = await client.call_tool("test", {"message": "Ann"})
        await fsm.graph.aupdate_state(
            {"configurable": {"thread_id": conversation_of(first)}}, {"context": {"token": "hush", "score": 3}}
        )
        result = await client.call_tool("test", {"conversation_id": conversation_of(first)})

    assert result.structured_content["data"] == {"name": "Ann", "plan": "free", "score": 3}


async def test_two_conversations_at_once_do_not_know_each_other() -> None:
    def answer(messages: list[BaseMessage], _: Any) -> Any:
        return reply("ask_email", f"Hello {messages[-1].text}!", name=messages[-1].text)

    fsm = LLM_FSM(FORM, ScriptedModel(replies=[answer], repeat=True, delay=0.001))
    async with client_of(fsm) as client:
        results = await asyncio.gather(*(client.call_tool("test", {"message": name}) for name in ("Ann", "Ben")))

    assert [said(result) for result in results] == ["Hello Ann!", "Hello Ben!"]
    assert [result.structured_content["data"] for result in results] == [{"name": "Ann"}, {"name": "Ben"}]


async def test_two_calls_at_once_in_one_conversation_are_two_turns() -> None:
    fsm = LLM_FSM(FORM, ScriptedModel(replies=[*REPLIES], delay=0.001))
    async with client_of(fsm) as client:
        going_on = {"conversation_id": conversation_of(await client.call_tool("test", {}))}
        calls = (client.call_tool("test", {**going_on, "message": text}) for text in ("Ann", "a@b.c"))
        results = await asyncio.gather(*calls)

    assert sorted(said(result) for result in results) == ["Thanks, Ann!", "Your e-mail address?"]


@MODES
async def test_progress_is_told_while_the_message_comes(mode: str) -> None:
    told: list[tuple[float, float | None, str | None]] = []

    async def tell(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total, message))

    fsm = LLM_FSM(FORM, ScriptedModel(replies=["Please, what is your name?"], delay=0.06))
    async with client_of(fsm, mode=mode) as client:
        await client.call_tool("test", {}, progress_callback=tell)

    assert [progress for progress, _, _ in told] == [*range(1, len(told) + 1)]
    assert len(told) > 1
    assert all("Please, what is your name?".startswith(message or "?") for _, _, message in told)


async def test_a_call_that_is_given_up_changes_nothing() -> None:
    model = ScriptedModel(replies=["Your name?", reply("ask_email", "Hello " * 40), REPLIES[1]], delay=0.005)
    fsm = LLM_FSM(FORM, model)
    async with client_of(fsm) as client:
        first = await client.call_tool("test", {})
        going_on = {"conversation_id": conversation_of(first), "message": "Ann"}
        async with anyio.create_task_group() as group:
            group.start_soon(client.call_tool, "test", going_on)
            while len(model.calls) < 2:  # noqa: ASYNC110 - a model that is asked sets no event
                await anyio.sleep(0.001)
            group.cancel_scope.cancel()
        result = await client.call_tool("test", going_on)

    assert said(result) == "Your e-mail address?"
    messages = await fsm.aget_messages(conversation_of(first))
    assert [message.text for message in messages] == ["Your name?", "Ann", "Your e-mail address?"]


@MODES
async def test_a_turn_that_fails_is_an_error_in_words_and_can_be_held_again(mode: str) -> None:
    async with client_of(machine_of(FORM, REPLIES[0], *["no reply"] * 3, *REPLIES[1:]), mode=mode) as client:
        first = await client.call_tool("test", {})
        going_on = {"conversation_id": conversation_of(first), "message": "Ann"}
        failed = await client.call_tool("test", going_on)
        held = await client.call_tool("test", going_on)

    assert failed.is_error
    assert "gave no usable reply" in said(failed)
    assert noted(failed) == f"conversation_id {conversation_of(first)}"
    assert said(held) == "Your e-mail address?"


async def test_the_error_of_a_handler_advises_what_a_client_can_do() -> None:
    handlers = handling(plain, raising(ConnectionError("away")), "PRE_PROCESSING")
    async with client_of(machine_of(FORM, *REPLIES, handlers=handlers)) as client:
        failed = await client.call_tool("test", {"message": "Ann"})

    assert failed.is_error
    assert "Send the message again, or go on" in said(failed)
    assert "update_state" not in said(failed)


async def test_after_a_turn_that_failed_a_conversation_stands_where_it_stood() -> None:
    async with client_of(machine_of(FORM, REPLIES[0], *["no reply"] * 3)) as client:
        first = await client.call_tool("test", {})
        going_on = {"conversation_id": conversation_of(first)}
        await client.call_tool("test", {**going_on, "message": "Ann"})

        assert await client.call_tool("test", going_on) == first


async def test_a_conversation_whose_first_turn_fails_has_not_begun() -> None:
    async with client_of(machine_of(FORM, *["no reply"] * 3)) as client:
        failed = await client.call_tool("test", {"message": "Ann"})

    assert failed.is_error
    assert len(failed.content) == 1


@pytest.mark.parametrize("conversation_id", ["42", "test-42", "other-42", "test"])
@MODES
async def test_an_id_that_nobody_was_given_is_an_error_and_begins_nothing(mode: str, conversation_id: str) -> None:
    fsm = machine_of(FORM, *REPLIES)
    async with client_of(fsm, mode=mode) as client:
        for message in ("Ann", ""):
            result = await client.call_tool("test", {"conversation_id": conversation_id, "message": message})
            assert result.is_error
            assert said(result) == (
                f"conversation {conversation_id!r}: test has no such conversation. "
                "Leave conversation_id out to begin a new one."
            )
    assert not fsm.graph.get_state({"configurable": {"thread_id": conversation_id}}).values


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"message": 42}, "message: Input should be a valid string"),
        ({"text": "Ann"}, "text: Extra inputs are not permitted.\n  Known ones: 'message', 'conversation_id'."),
    ],
)
async def test_wrong_arguments_are_told(arguments: dict[str, Any], told: str) -> None:
    async with client_of(machine_of(FORM)) as client:
        result = await client.call_tool("test", arguments)

    assert result.is_error
    assert told in said(result)


async def test_a_database_that_fails_is_an_error_in_words(tmp_path: Path) -> None:
    fsm = machine_of(FORM, *REPLIES, db=tmp_path / "db.sqlite")
    async with client_of(fsm) as client:
        fsm.close()
        result = await client.call_tool("test", {})

    assert result.is_error
    assert "Cannot operate on a closed database.\n  It was closed in this program" in said(result)


async def test_a_machine_that_says_several_messages_divides_them_by_a_blank_line() -> None:
    greeting = machine(
        state("greet", to("ask_name"), silent=True, say="Good morning!"),
        *FORM["states"].values(),
    )
    async with client_of(machine_of(greeting, "Your name?")) as client:
        assert said(await client.call_tool("test", {})) == "Good morning!\n\nYour name?"


async def test_a_database_keeps_the_conversations_of_several_machines_apart_and_over_restarts(tmp_path: Path) -> None:
    db, other = tmp_path / "db.sqlite", {**FORM, "name": "other"}
    with machine_of(FORM, REPLIES[0], db=db) as one, machine_of(other, "Who are you?", db=db) as two:
        async with client_of(one, two) as client:
            first, second = await client.call_tool("test", {}), await client.call_tool("other", {})
    with machine_of(FORM, REPLIES[1], db=db) as one, machine_of(other, db=db) as two:
        async with client_of(one, two) as client:
            later = await client.call_tool("test", {"message": "Ann", "conversation_id": conversation_of(first)})
            again = await client.call_tool("other", {"conversation_id": conversation_of(second)})
            wrong = await client.call_tool("test", {"conversation_id": conversation_of(second)})

    assert (said(later), said(again)) == ("Your e-mail address?", "Who are you?")
    assert wrong.is_error
    assert "test has no such conversation" in said(wrong)
