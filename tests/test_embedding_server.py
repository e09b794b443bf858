"""Behind FastAPI a turn's message goes out as server-sent events, and a client that goes away loses nothing."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import uvicorn
from fastapi import Body, FastAPI
from fastapi.sse import EventSourceResponse
from machines import FORM, reply
from real_time import WAIT

from fsm_langgraph import LLM_FSM, ScriptedModel

ANSWER = "Thank you, Ann! And which e-mail address may we write to?"
STEP = reply("ask_email", ANSWER, name="Ann")


def shop(fsm: LLM_FSM) -> FastAPI:
    """Make the application."""
    app = FastAPI()

    @app.post("/conversations/{conversation_id}", response_class=EventSourceResponse)
    async def say(conversation_id: str, message: Annotated[str, Body(embed=True)]) -> AsyncIterable[str]:
        _, pieces = fsm.astream(message, conversation_id)
        async for piece in pieces:
            yield piece

    return app


@asynccontextmanager
async def serving(fsm: LLM_FSM) -> AsyncIterator[httpx.AsyncClient]:
    """Run the application on a port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(shop(fsm), log_level="error", lifespan="off"))
        running = asyncio.create_task(server.serve([listener]))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=WAIT) as client:
            yield client
        server.should_exit = True
        await running


async def send(client: httpx.AsyncClient, message: str, conversation: str = "1") -> list[str]:
    """Send a message; return the pieces of the answer."""
    return [piece async for piece in pieces(client, message, conversation)]


async def pieces(client: httpx.AsyncClient, message: str, conversation: str = "1") -> AsyncIterator[str]:
    url = f"/conversations/{conversation}"
    async with client.stream("POST", url, json={"message": message}) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        async for line in response.aiter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))
            else:
                assert line in ("", ": ping")


def texts(values: dict[str, Any]) -> list[str]:
    return [message.text for message in values["messages"]]


async def test_the_events_are_the_message_and_nothing_else() -> None:
    fsm = LLM_FSM(FORM, ScriptedModel(replies=["Your name?", reply("done", "REFUSED", name="Ann"), ANSWER]))
    async with serving(fsm) as client:
        assert "".join(await send(client, "")) == "Your name?"
        received = await send(client, "Ann")
    assert "".join(received) == ANSWER
    assert len(received) > 5
    assert await fsm.aget_current_state("1") == "ask_email"


async def test_each_client_gets_its_own_conversation() -> None:
    def answer(messages: list[Any], _: Any) -> Any:
        return reply("ask_email", f"Hello {messages[-1].text}!", name=messages[-1].text)

    fsm = LLM_FSM(FORM, ScriptedModel(replies=[answer], repeat=True))
    async with serving(fsm) as client:
        names = [f"n{number}" for number in range(10)]
        received = await asyncio.gather(*(send(client, name, conversation=name) for name in names))
    assert ["".join(each) for each in received] == [f"Hello {name}!" for name in names]


async def test_two_messages_at_once_are_two_turns() -> None:
    replies = ["Your name?", STEP, reply("done", "Thanks!", email="a@b.c")]
    fsm = LLM_FSM(FORM, ScriptedModel(replies=replies, delay=0.001))
    async with serving(fsm) as client:
        await send(client, "")
        received = await asyncio.gather(send(client, "Ann"), send(client, "a@b.c"))
    assert sorted("".join(each) for each in received) == sorted([ANSWER, "Thanks!"])
    assert await fsm.aget_current_state("1") == "done"


async def test_a_client_that_goes_away_loses_nothing() -> None:
    model = ScriptedModel(replies=["Your name?", reply("ask_email", ANSWER * 40, name="Ann"), STEP], delay=0.005)
    fsm = LLM_FSM(FORM, model)
    async with serving(fsm) as client:
        await send(client, "")
        async for _ in pieces(client, "Ann"):
            break
        assert "".join(await send(client, "Ann")) == ANSWER
    values = (await fsm.graph.aget_state({"configurable": {"thread_id": "1"}})).values
    assert texts(values) == ["Your name?", "Ann", ANSWER]
    assert values["context"] == {"name": "Ann"}
