"""Messages of a model, made as copies of one: LangChain looks at each field of those that it makes, in every turn."""

from __future__ import annotations

from typing import Any, TypeVar

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration

from fsm_langgraph.data.model_copies import copied_with

MessageT = TypeVar("MessageT", bound=AIMessage)


def fresh_message(kind: type[MessageT], text: str, message_id: str, name: str | None, **values: Any) -> MessageT:
    """Make a message; it shares nothing that could be changed with any other.

    Args:
        kind: Its class: `AIMessage` or `AIMessageChunk`.
        text: Its content.
        message_id: Its id.
        name: The name of its speaker.
        values: The values of other fields.
    """
    blank: Any = _BLANKS[kind]
    own: dict[str, Any] = {field: make() for field, make in _OWN[kind]}
    fresh: MessageT = copied_with(blank, content=text, id=message_id, name=name, **(own | values))
    return fresh


def generation_of(message: AIMessage) -> ChatGeneration:
    """Make LangChain's outcome of a run with a message of text."""
    return copied_with(_GENERATION, message=message, text=message.content)


_BLANKS: dict[type[AIMessage], AIMessage] = {
    kind: kind(content="", id="", name=None, usage_metadata=None, response_metadata={})
    for kind in (AIMessage, AIMessageChunk)
}
_OWN: dict[type[AIMessage], list[tuple[str, type]]] = {
    kind: [(field, type(value)) for field, value in vars(blank).items() if isinstance(value, dict | list)]
    for kind, blank in _BLANKS.items()
}
_GENERATION = ChatGeneration(message=AIMessage(""))
