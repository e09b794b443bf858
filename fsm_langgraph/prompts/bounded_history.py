"""The messages of a prompt within their limits: what the user has just written, and what was said before.

The new ones share the bytes of a user's message, and all of them are read, if need be in part. Of what was said before
the newest messages stay whole for as long as there is room. The one at the edge is told in part, and those before it
are left out. A note in the text tells the model how much is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage

from fsm_langgraph.data.in_part import in_part
from fsm_langgraph.data.size_limits import Limits, are_short, json_size, text_size

BYTES_PER_TOKEN = 4
"""How many bytes count as a token: about right for English, and too many tokens rather than too few for others."""
_WORTH_TELLING = 1000
"""How much room a message at the edge needs, in bytes, so that a part of it is worth telling."""


def bounded(messages: list[BaseMessage], limits: Limits) -> list[BaseMessage]:
    """Return the messages that are to stand in a prompt, the oldest first, within their limits.

    Args:
        messages: The messages, those that the user has just written last.
        limits: The limits.
    """
    before = limits.history_tokens * BYTES_PER_TOKEN if limits.history_tokens is not None else None
    least = min((most for most in (limits.user_message, before) if most is not None), default=None)
    if least is None or are_short([message.content for message in messages], least):
        return messages
    new = len([*takewhile(lambda message: isinstance(message, HumanMessage), reversed(messages))])
    earlier, heard = messages[: len(messages) - new], messages[len(messages) - new :]
    if before is not None:
        earlier = _newest(earlier, before)
    return [*earlier, *(_shared(heard, limits.user_message) if limits.user_message is not None else heard)]


def left_out(messages: Sequence[BaseMessage], limits: Limits) -> int:
    """Count the bytes of a user's new messages that a prompt within the limits leaves out."""
    most = limits.user_message
    if most is None or are_short([message.content for message in messages], most):
        return 0
    return max(sum(map(size_of, messages)) - most, 0)


def size_of(message: BaseMessage) -> int:
    """Count the bytes of a message: of its text, and of images and files those of what is sent for them."""
    return content_size(message.content)


def content_size(content: Any) -> int:
    """Count the bytes of a message's content, in whichever form."""
    if isinstance(content, str):
        return text_size(content)
    blocks = content if isinstance(content, list) else [content]
    return sum(text_size(text) if (text := _text_of(block)) is not None else json_size(block) for block in blocks)


def content_in_part(content: Any, most: int | None) -> Any:
    """Return a message's content, or of a longer one the parts that there is room for."""
    if isinstance(content, str) or most is None:
        return in_part(content, most) if isinstance(content, str) else content
    return _blocks_in_part(content, most)


def _newest(messages: Sequence[BaseMessage], room: int) -> list[BaseMessage]:
    kept: list[BaseMessage] = []
    for message in reversed(messages):
        size = size_of(message)
        if size > room:
            return [_in_part(message, room), *kept] if room >= _WORTH_TELLING else kept
        kept.insert(0, message)
        room -= size
    return kept


def _shared(messages: Sequence[BaseMessage], room: int) -> list[BaseMessage]:
    """Give each message its share of the room; what the short ones leave goes to the long ones."""
    sizes = [size_of(message) for message in messages]
    shares = dict.fromkeys(range(len(messages)), 0)
    for rank, at in enumerate(sorted(shares, key=sizes.__getitem__)):
        shares[at] = min(sizes[at], room // (len(messages) - rank))
        room -= shares[at]
    return [
        message if sizes[at] <= shares[at] else _in_part(message, shares[at]) for at, message in enumerate(messages)
    ]


def _in_part(message: BaseMessage, most: int) -> BaseMessage:
    return message.model_copy(update={"content": content_in_part(message.content, most)})


def _blocks_in_part(blocks: Sequence[Any], room: int) -> list[Any]:
    kept: list[Any] = []
    for block in blocks:
        text = _text_of(block)
        size = text_size(text) if text is not None else json_size(block)
        if size > room and text is not None:
            kept.append({"type": "text", "text": in_part(text, room)})
        elif size > room:
            kind = block.get("type", "block") if isinstance(block, dict) else "block"
            kept.append({"type": "text", "text": f"[{kind} of {size:,} bytes left out]"})
        else:
            kept.append(block)
        room = max(room - size, 0)
    return kept


def _text_of(block: Any) -> str | None:
    if isinstance(block, str):
        return block
    is_text = isinstance(block, dict) and set(block) <= {"type", "text", "id", "index"}
    return block["text"] if is_text and isinstance(block.get("text"), str) else None
