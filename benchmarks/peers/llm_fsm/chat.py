"""The form as LLM-FSM runs it: the definition is the same file, which this format was made for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from llm_fsm import LLM_FSM

DEFINITION = Path(__file__).parents[3] / "graphs" / "personal_information" / "fsm.json"
FSM = LLM_FSM.from_file(str(DEFINITION), model="gpt-4o-mini")


class Chat:
    """One conversation."""

    def __init__(self) -> None:
        self._id: str | None = None

    async def say(self, text: str) -> AsyncIterator[str]:
        """Take what the user says, and yield the answer, which comes as a whole."""
        self._id, message = FSM.converse(text, self._id)
        yield message

    async def data(self) -> dict[str, Any]:
        """Return what is known."""
        assert self._id is not None
        return FSM.get_data(self._id)
