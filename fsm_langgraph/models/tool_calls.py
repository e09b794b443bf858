"""The tool calls in a model's stream, told apart from its reply.

Where the reply is a function call itself, the two are told apart by name, and then by their index in the stream, since
only a call's first piece brings the name. Nothing gathered here is shown. It becomes the message that the provider has
to see again beside the tools' answers; so its content is kept as it came, signed thoughts included.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.ai import add_ai_message_chunks
from langchain_core.messages.tool import ToolCallChunk, tool_call
from langchain_core.outputs import ChatGenerationChunk

from fsm_langgraph.data.surrogates import mended, mended_json


class ToolCallReader:
    """Reads the tool calls out of one stream.

    Args:
        reply: The function that is the reply itself; empty where the reply is no function call.
    """

    def __init__(self, reply: str) -> None:
        self.has_calls = False
        """Whether a tool is called, as far as the stream has come."""
        self.names: list[str] = []
        """The tools that are called."""
        self.length = 0
        """How many characters of arguments there are, one more for each piece; it bounds what is kept."""
        self._reply = reply
        self._indices: set[int | str | None] = set()
        self._chunks: list[AIMessageChunk] = []

    def take(self, chunk: ChatGenerationChunk) -> ChatGenerationChunk:
        """Note the pieces of tool calls in a chunk; return the chunk without them."""
        message = chunk.message
        if not isinstance(message, AIMessageChunk):
            return chunk
        self._chunks.append(message)
        own = [piece for piece in message.tool_call_chunks if not self._is_a_tools(piece)]
        if len(own) == len(message.tool_call_chunks):
            return chunk
        rest = message.model_copy(update={"tool_call_chunks": own, "tool_calls": [], "invalid_tool_calls": []})
        return ChatGenerationChunk(message=rest, generation_info=chunk.generation_info)

    def read(self) -> tuple[AIMessage, frozenset[str]]:
        """Return the message that calls the tools, and the ids of the calls whose arguments are no JSON object.

        A reply that came along is one of the calls, as providers want every call answered.
        """
        whole = add_ai_message_chunks(*self._chunks)
        calls, unreadable = [], set()
        for piece in whole.tool_call_chunks:
            arguments = _arguments(piece["args"])
            # Some providers give no ids, but all want to see one.
            call = tool_call(name=mended(piece["name"] or ""), args=arguments or {}, id=piece["id"] or _new_id())
            calls.append(call)
            if arguments is None:
                unreadable.add(str(call["id"]))
        message = AIMessage(
            content=whole.content,
            additional_kwargs=whole.additional_kwargs,
            response_metadata=whole.response_metadata,
            tool_calls=calls,
            id=whole.id,
        )
        return message, frozenset(unreadable)

    def _is_a_tools(self, piece: ToolCallChunk) -> bool:
        """Say whether a piece belongs to a tool's call, and note the call where it begins."""
        name, index = piece["name"], piece["index"]
        if self._reply and (name == self._reply or not name) and index not in self._indices:
            return False
        self.has_calls = True
        self.length += 1 + len(piece["args"] or "")
        if name and (index is None or index not in self._indices):
            self.names.append(name)
        self._indices.add(index)
        return True


def _arguments(text: str | None) -> dict[str, Any] | None:
    """Read a call's arguments; LangChain's own parser would complete those that were cut short."""
    try:
        arguments = mended_json(json.loads(text or "{}"))
    except (ValueError, RecursionError):
        return None
    return arguments if isinstance(arguments, dict) else None


def _new_id() -> str:
    return f"call_{uuid.uuid4().hex}"
