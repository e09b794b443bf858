"""The pieces of a turn's answer as they are streamed: one text, in which each piece knows the message that it is of.

A turn has several messages where the machine says something itself. A blank line divides them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Iterator
from contextlib import aclosing
from typing import Any, Self

from langchain_core.messages import AIMessageChunk
from langchain_core.runnables import RunnableConfig

from fsm_langgraph.graph.graph import Graph

BLANK_LINE = "\n\n"
"""Divides two messages that are shown as one text."""


class Piece(str):
    """A piece of a turn's answer."""

    __slots__ = ("message_id",)

    message_id: str
    """The id of its message, by which that is stored when the turn has landed; empty between two messages."""

    def __new__(cls, text: str, message_id: str = "") -> Self:
        """Make a piece of a text."""
        piece = super().__new__(cls, text)
        piece.message_id = message_id
        return piece


def run_in_pieces(graph: Graph, given: Any, config: RunnableConfig, said: Collection[str] = ()) -> Iterator[Piece]:
    """Run a graph while the pieces of its answer are read.

    Args:
        graph: The machine's graph.
        given: Its input.
        config: The config that the run begins with.
        said: The ids of messages that the user has read already.
    """
    shown = ""
    parts: Any = graph.stream(given, config, stream_mode="messages")
    for chunk, _ in parts:
        for piece in read_pieces(chunk, shown) if chunk.id not in said else ():
            yield piece
            shown = piece.message_id or shown


async def arun_in_pieces(
    graph: Graph, given: Any, config: RunnableConfig, said: Collection[str] = ()
) -> AsyncGenerator[Piece]:
    """Run a graph while the pieces of its answer are read; the twin of `run_in_pieces`."""
    shown = ""
    parts: Any = graph.astream(given, config, stream_mode="messages")
    async with aclosing(parts):  # the conversation is held until then
        async for chunk, _ in parts:
            for piece in read_pieces(chunk, shown) if chunk.id not in said else ():
                yield piece
                shown = piece.message_id or shown


def read_pieces(streamed: Any, shown: str) -> list[Piece]:
    """Read what LangGraph streams: a piece of a message, and a blank line before it where another message begins.

    Args:
        streamed: The message's chunk.
        shown: The id of the message that was shown before it; empty where none was.
    """
    if not isinstance(streamed, AIMessageChunk) or not streamed.text:
        return []
    piece = Piece(str(streamed.text), str(streamed.id))
    return [Piece(BLANK_LINE), piece] if shown not in ("", piece.message_id) else [piece]
