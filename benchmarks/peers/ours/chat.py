"""The form: the definition is the example's own, and the program is what it takes to run it."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver

from fsm_langgraph import FSMInput, compile_fsm

DEFINITION = Path(__file__).parents[3] / "graphs" / "personal_information" / "fsm.json"
GRAPH = compile_fsm(DEFINITION, ChatOpenAI(model="gpt-4o-mini"), checkpointer=InMemorySaver())


class Chat:
    """One conversation."""

    def __init__(self) -> None:
        self._config: RunnableConfig = {"configurable": {"thread_id": str(uuid.uuid4())}}

    async def say(self, text: str) -> AsyncIterator[str]:
        """Take what the user says, and yield the answer piece by piece."""
        given: FSMInput = {"messages": [("user", text)] if text else []}
        pieces: AsyncIterator[Any] = GRAPH.astream(given, self._config, stream_mode="messages")
        async for chunk, _ in pieces:
            yield chunk.text

    async def data(self) -> dict[str, Any]:
        """Return what is known."""
        return dict((await GRAPH.aget_state(self._config)).values["context"])
