"""Conversations in databases of both kinds, for the tests of housekeeping."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import BaseMessage
from machines import AT_ONCE, FORM, reply
from postgresql import new_database_with_tables

from fsm_langgraph import LLM_FSM, ScriptedModel


def echo(messages: list[BaseMessage], schema: Any) -> Any:
    """Answer a message by saying it again, and stay; `Ann` and an address lead on."""
    said = messages[-1].text
    if schema is None:
        return "Your name?"
    if said == "Ann":
        return reply("ask_email", "Your e-mail?", name="Ann")
    return reply("done", "Bye!", email=said) if "@" in said else reply("ask_name", f"You said {said}.")


def held(db: Any, definition: Any = FORM, **options: Any) -> LLM_FSM:
    """Hold conversations with a model that answers by what was said."""
    kept = {"db": db} if db is not None else {}
    model = options.pop("model", None) or ScriptedModel(replies=[echo], repeat=True)
    return LLM_FSM(definition, model, retry_policy=AT_ONCE, **kept, **options)


def say(fsm: LLM_FSM, conversation_id: str, *said: str) -> None:
    """Hold turns, one for each text."""
    for text in said:
        fsm.converse(text, conversation_id)


def config(conversation_id: str) -> Any:
    """Write the config of a conversation."""
    return {"configurable": {"thread_id": conversation_id}}


def database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str | Path]:
    """Make a database of the kind that a fixture's parameter names."""
    if request.param == "sqlite":
        yield folder / "talks.sqlite"
        return
    yield new_database_with_tables(request.getfixturevalue("postgres"))
