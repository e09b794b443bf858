"""The pieces of a turn's messages as they are streamed: one after another, or as one text.

A turn has several messages where the machine says something itself. Each piece knows which one it is of.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessageChunk

BLANK_LINE = "\n\n"
"""Divides two messages that are shown as one text."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a message's text."""

    message_id: str
    """The id of the message, by which it is stored when the turn has landed."""
    text: str


def read_piece(streamed: Any) -> Piece | None:
    """Read what LangGraph streams of a message; `None` where it has no text, or is no piece."""
    if not isinstance(streamed, AIMessageChunk) or not streamed.text:
        return None
    return Piece(str(streamed.id), str(streamed.text))


def joined(pieces: Iterator[Piece]) -> Iterator[str]:
    """Make one text of the messages; yield it piece by piece."""
    before: Piece | None = None
    for piece in pieces:
        yield from _following(before, piece)
        before = piece


async def ajoined(pieces: AsyncIterator[Piece]) -> AsyncIterator[str]:
    """Make one text of the messages; the twin of `joined`."""
    before: Piece | None = None
    async for piece in pieces:
        for text in _following(before, piece):
            yield text
        before = piece


def _following(before: Piece | None, piece: Piece) -> list[str]:
    is_next = before is not None and before.message_id != piece.message_id
    return [BLANK_LINE, piece.text] if is_next else [piece.text]
