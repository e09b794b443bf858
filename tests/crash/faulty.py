"""A model whose stream goes wrong once, in one of the ways in which streams do, and then answers.

hang        nothing comes
drip        a piece comes now and then
endless     pieces come for ever, and the reply is never complete
empty       pieces without text come for ever
dies        an error comes in the middle of the message, when the first part of it was shown
"""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any, Literal

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from pydantic import PrivateAttr

from fsm_langgraph.models.streamed import StreamedModel

Fault = Literal["hang", "drip", "endless", "empty", "dies"]

ANSWER = "It is noted, as you have said."
"""Its message, once it answers."""

_TEXT = json.dumps({"target_state": "ask", "updates": [{"word": "yes"}], "message": ANSWER})
_FOR_EVER = 20.0
"""Seconds that are as good as for ever: a test that nothing stops would end by itself, and fail."""


class FaultyModel(StreamedModel):
    """A model whose first stream goes wrong."""

    fault: Fault
    _is_mended: bool = PrivateAttr(default=False)
    _ended: threading.Event = PrivateAttr(default_factory=threading.Event)

    def end(self) -> None:
        """Let streams that hang end."""
        self._ended.set()

    @property
    def _llm_type(self) -> str:
        return "faulty"

    def _stream(
        self,
        messages: list[BaseMessage],  # noqa: ARG002 - it says the same to all
        stop: list[str] | None = None,  # noqa: ARG002 - LangChain's signature
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - LangChain's signature
        **_: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for seconds, text in self._pieces():
            if seconds and self._ended.wait(seconds):
                return
            yield ChatGenerationChunk(message=AIMessageChunk(content=text))

    async def _astream(
        self,
        messages: list[BaseMessage],  # noqa: ARG002 - it says the same to all
        stop: list[str] | None = None,  # noqa: ARG002 - LangChain's signature
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002 - LangChain's signature
        **_: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for seconds, text in self._pieces():
            await asyncio.sleep(seconds)
            yield ChatGenerationChunk(message=AIMessageChunk(content=text))

    def _pieces(self) -> Iterator[tuple[float, str]]:
        """Yield the pieces of a stream, each with the seconds before it."""
        if self._is_mended:
            yield 0, _TEXT
            return
        self._is_mended = True
        match self.fault:
            case "hang":
                yield _FOR_EVER, ""
            case "drip":
                yield from ((0.15, letter) for letter in _TEXT)
            case "endless":
                yield from zip(itertools.repeat(0.001), itertools.chain(_TEXT[:40], itertools.repeat("a")))
            case "empty":
                yield from zip(itertools.repeat(0.001), itertools.repeat(""))
            case "dies":
                yield 0, _TEXT[:-15]
                raise ConnectionError("the connection broke")
