"""Conversations whose paused turns are answered: a turn that asks a person by `interrupt()` goes on with the answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any

from fsm_langgraph.conversation.caller_input import checked_id
from fsm_langgraph.conversation.migrating_conversations import MigratingConversations
from fsm_langgraph.conversation.pauses import check_answer, resumed_by, said_before
from fsm_langgraph.conversation.pieces import Piece, arun_in_pieces, run_in_pieces
from fsm_langgraph.conversation.stored_conversations import thread_config
from fsm_langgraph.graph.exclusive import hold_for_edit, with_hold


class AnsweredConversations(MigratingConversations):
    """Reads conversations, and goes on with their turns that are paused."""

    def answer(self, value: Any, conversation_id: str) -> str:
        """Answer a turn that is paused at `interrupt()`; return the message to the user.

        The turn goes on where it asked, and `interrupt()` returns the answer there. Where it asks again, the message is
        what was said meanwhile, and mostly empty; `get_questions` tells what it waits for.

        Args:
            value: The answer to the first of `get_questions`, of any kind that can be stored. Several that wait at once
                are answered together by a mapping of their ids, which `graph.get_state` tells, to the answers.
            conversation_id: The conversation that waits.

        Returns:
            The message, without what was said before the pause. Only what a state itself says before it asks, as one
            with `say` may, is said again; in `stream_answer` its pieces have the id that they had.

        Raises:
            ConversationError: No question waits, or none of an id that is given; or there is no such conversation.
            ArgumentError: The answer cannot be stored.
            TurnError: The turn failed; its message can be sent again. A handler that has come to its end asks no more,
                one that has failed asks again.
            StaleDefinition: The definition has changed, and the conversation does not fit it; nothing was stored.
            TurnConflict: Another turn of the conversation runs, and is not waited for or has not ended in time.
            StorageError: The database failed.
        """
        return "".join(self.stream_answer(value, conversation_id))

    async def aanswer(self, value: Any, conversation_id: str) -> str:
        """Answer a turn that is paused; the twin of `answer`."""
        return "".join([piece async for piece in self.astream_answer(value, conversation_id)])

    def stream_answer(self, value: Any, conversation_id: str) -> Iterator[Piece]:
        """Answer a turn that is paused; return the message piece by piece as it comes.

        The turn runs while the pieces are read. The arguments and errors are those of `answer`.
        """
        return self._answer_pieces(value, checked_id(conversation_id))

    def astream_answer(self, value: Any, conversation_id: str) -> AsyncIterator[Piece]:
        """Answer a turn that is paused; the twin of `stream_answer`, whose pieces are read with `async for`."""
        return self._aanswer_pieces(value, checked_id(conversation_id))

    def _answer_pieces(self, value: Any, conversation_id: str) -> Iterator[Piece]:
        config = thread_config(conversation_id)
        check_answer(value, self.graph.checkpointer)
        with hold_for_edit(self.graph, config) as hold:  # from the look at the question on
            snapshot = self._snapshot(conversation_id, subgraphs=True)
            command = resumed_by(value, conversation_id, snapshot)
            yield from run_in_pieces(self.graph, command, with_hold(config, hold), said_before(snapshot))

    async def _aanswer_pieces(self, value: Any, conversation_id: str) -> AsyncIterator[Piece]:
        config = thread_config(conversation_id)
        check_answer(value, self.graph.checkpointer)
        async with hold_for_edit(self.graph, config) as hold:
            snapshot = await self._asnapshot(conversation_id, subgraphs=True)
            command, held = resumed_by(value, conversation_id, snapshot), with_hold(config, hold)
            async with aclosing(arun_in_pieces(self.graph, command, held, said_before(snapshot))) as pieces:
                async for piece in pieces:
                    yield piece
