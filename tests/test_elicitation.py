"""Where the client has forms, the machine asks the user itself, in both ways that the protocol has for it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from machines import DECLARED, FORM, machine, reply, state, to
from mcp import Client, types
from mcp_client import HANDSHAKE, LATEST, Answer, Asked, client_of, machine_of, noted, said

from fsm_langgraph.mcp.elicitation import MOST_QUESTIONS

REPLIES = (
    "Your name?",
    reply("ask_email", "Your e-mail address?", name="Ann"),
    reply("done", "Thanks, Ann!", email="a@b.c"),
)
MODES = pytest.mark.parametrize("mode", [LATEST, HANDSHAKE])
BLANK = types.ElicitResult(action="accept", content={"reply": "  "})
EMPTY = types.ElicitResult(action="accept")
CANCELLED = types.ElicitResult(action="cancel")


@MODES
async def test_one_call_holds_the_conversation_to_its_end(mode: str) -> None:
    user = Asked(["Ann", "a@b.c"])
    async with client_of(machine_of(FORM, *REPLIES), mode=mode, user=user) as client:
        result = await client.call_tool("test", {})

    assert user.questions == ["Your name?", "Your e-mail address?"]
    assert said(result) == "Thanks, Ann!"
    assert result.structured_content["finished"]
    assert result.structured_content["data"] == {"name": "Ann", "email": "a@b.c"}


@pytest.mark.parametrize("answer", [None, CANCELLED, BLANK, EMPTY], ids=["declined", "cancelled", "blank", "empty"])
@MODES
async def test_where_the_user_does_not_answer_the_conversation_can_go_on_later(mode: str, answer: Answer) -> None:
    user = Asked(["Ann", answer, "a@b.c"])
    async with client_of(machine_of(FORM, *REPLIES), mode=mode, user=user) as client:
        left = await client.call_tool("test", {})
        ended = await client.call_tool("test", {"conversation_id": left.structured_content["conversation_id"]})

    assert said(left) == "Your e-mail address?"
    assert noted(left).startswith("The user was asked this, and did not answer. To go on later: conversation_id test-")
    assert not left.structured_content["finished"]
    assert user.questions == ["Your name?", "Your e-mail address?", "Your e-mail address?"]
    assert said(ended) == "Thanks, Ann!"


@MODES
async def test_it_can_be_turned_off(mode: str) -> None:
    user = Asked([])
    async with client_of(machine_of(FORM, *REPLIES), mode=mode, user=user, elicits=False) as client:
        assert said(await client.call_tool("test", {})) == "Your name?"
    assert user.questions == []


@MODES
async def test_no_form_asks_for_what_is_secret(mode: str) -> None:
    declared = {**DECLARED, "context": {**DECLARED["context"], "email": {"type": "string", "secret": True}}}
    user = Asked(["Ann"])
    async with client_of(machine_of(declared, *REPLIES), mode=mode, user=user) as client:
        result = await client.call_tool("test", {})

    assert user.questions == ["Your name?"]
    assert said(result) == "Your e-mail address?"
    assert noted(result).startswith("To go on: conversation_id test-")


@MODES
async def test_no_form_in_a_sub_machine_asks_for_what_is_secret(mode: str) -> None:
    pay = machine(
        state("pin", to("paid", "pin"), required_context_keys=["pin"]),
        state("paid"),
        context={"pin": {"type": "string", "secret": True}},
    )
    shop = machine(state("payment", to("thanks"), subflow="pay"), state("thanks"), subflows={"pay": pay})
    user = Asked([])
    async with client_of(machine_of(shop, "Your PIN?"), mode=mode, user=user) as client:
        result = await client.call_tool("test", {})

    assert result.structured_content["state"] == "payment/pin"
    assert user.questions == []


async def test_a_call_ends_before_the_client_gives_it_up() -> None:
    stays = [reply("ask_name", f"Your name? ({number})") for number in range(MOST_QUESTIONS)]
    user = Asked(["Hm"] * MOST_QUESTIONS)
    async with client_of(machine_of(FORM, "Your name?", *stays), user=user) as client:
        result = await client.call_tool("test", {})

    assert len(user.questions) == MOST_QUESTIONS
    assert said(result) == f"Your name? ({MOST_QUESTIONS - 1})"
    assert noted(result).startswith("To go on: conversation_id test-")


async def test_a_conversation_of_any_length_is_held_where_the_server_asks() -> None:
    stays = [reply("ask_name", f"Your name? ({number})") for number in range(12)]
    user = Asked([*["Hm"] * 12, None])
    async with client_of(machine_of(FORM, "Your name?", *stays), mode=HANDSHAKE, user=user) as client:
        result = await client.call_tool("test", {})

    assert len(user.questions) == 13
    assert said(result) == "Your name? (11)"


@MODES
async def test_a_turn_that_fails_on_the_way_names_the_conversation_that_goes_on(mode: str) -> None:
    user = Asked(["Ann", None])
    async with client_of(machine_of(FORM, REPLIES[0], *["no reply"] * 3, REPLIES[1]), mode=mode, user=user) as client:
        failed = await client.call_tool("test", {})
        conversation_id = noted(failed).removeprefix("conversation_id ")
        held = await client.call_tool("test", {"conversation_id": conversation_id, "message": "Ann"})

    assert failed.is_error
    assert "gave no usable reply" in said(failed)
    assert said(held) == "Your e-mail address?"


async def test_a_client_that_cannot_show_the_form_leaves_the_question_to_the_model() -> None:
    user = Asked([types.ErrorData(code=types.INTERNAL_ERROR, message="no screen")])
    async with client_of(machine_of(FORM, *REPLIES), mode=HANDSHAKE, user=user) as client:
        result = await client.call_tool("test", {})

    assert said(result) == "Your name?"
    assert noted(result).startswith("The user was asked this")


async def by_hand(client: Client, **given: Any) -> types.CallToolResult | types.InputRequiredResult:
    """Call the tool without what the client does by itself with a question."""
    result = await client.session.call_tool("test", {}, **given, allow_input_required=True)
    assert isinstance(result, types.CallToolResult | types.InputRequiredResult)
    return result


ANN: types.InputResponses = {"reply": types.ElicitResult(action="accept", content={"reply": "Ann"})}


async def test_an_answer_that_is_sent_twice_is_heard_once() -> None:
    fsm = machine_of(FORM, *REPLIES)
    async with client_of(fsm, user=Asked([])) as client:
        first = await by_hand(client)
        assert isinstance(first, types.InputRequiredResult)
        results = [await by_hand(client, input_responses=ANN, request_state=first.request_state) for _ in range(2)]

    assert results[0] == results[1]
    assert isinstance(results[1], types.InputRequiredResult)
    assert len(fsm.model.calls) == 2  # type: ignore[attr-defined]  # the scripted model has them


@pytest.mark.parametrize("state", ["", "{", '{"conversation_id": "test-1"}', "42"])
async def test_a_request_state_of_somebody_elses_making_is_told(state: str) -> None:
    async with client_of(machine_of(FORM), user=Asked([])) as client:
        result = await by_hand(client, input_responses=ANN, request_state=state)

    assert isinstance(result, types.CallToolResult)
    assert result.is_error
    assert said(result).startswith("requestState is not as this server has written it.")


async def test_a_question_of_a_conversation_that_is_gone_is_told() -> None:
    fsm = machine_of(FORM, *REPLIES)
    async with client_of(fsm, user=Asked([])) as client:
        first = await by_hand(client)
        assert isinstance(first, types.InputRequiredResult)
        await fsm.adelete_conversation(json.loads(first.request_state or "")["conversation_id"])
        result = await by_hand(client, input_responses=ANN, request_state=first.request_state)

    assert isinstance(result, types.CallToolResult)
    assert "test has no such conversation" in said(result)
