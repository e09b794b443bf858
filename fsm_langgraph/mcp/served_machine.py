"""A machine as a server has it: its name for clients, and its conversations with how each of them stands.

A conversation's id is made here and says whose it is: `coffee-4f1c…`. So one database keeps the conversations of many
machines, and none goes on under the wrong one. An id that nobody was given is an error, and begins nothing.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from fsm_langgraph.conversation.llm_fsm import LLM_FSM
from fsm_langgraph.conversation.pauses import questions_of
from fsm_langgraph.conversation.pieces import BLANK_LINE
from fsm_langgraph.conversation.stored_conversations import thread_config
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import ConversationError, FSMError
from fsm_langgraph.graph.as_tool.tool_names import tool_name_of
from fsm_langgraph.graph.standing import current_path, has_ended, last_words
from fsm_langgraph.locking import Hold

Tell = Callable[[str], Awaitable[None]]
"""Takes the machine's answer as far as it has come."""

_HELD = "mcp"
"""Tells the hold of a client's call, which begins with a look at the conversation, from that of the turn in it."""


class PausedError(FSMError):
    """A turn waits for somebody's decision, which no MCP client can bring."""

    def __init__(self, conversation_id: str, asked: str) -> None:
        self.conversation_id = conversation_id
        self.asked = asked
        super().__init__(
            f"conversation {conversation_id!r}: the turn waits for a decision by a person, and has not ended: {asked}\n"
            "  Bring it where the conversation is kept, by LLM_FSM.answer() or Command(resume=…); then call again."
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """A conversation as it stands between two turns."""

    conversation_id: str
    message: str
    """The machine's last words; several messages are divided by a blank line."""
    message_id: str
    """The id of the last of these messages."""
    finished: bool
    state: str
    """The path of its state: `payment/card`."""
    data: dict[str, Any]
    """Its context, without what is secret."""
    asks_secret: bool
    """Whether its state collects something secret."""


class ServedMachine:
    """Holds the conversations of one machine for MCP clients.

    Args:
        fsm: Its conversations.
    """

    def __init__(self, fsm: LLM_FSM) -> None:
        self.definition = fsm.definition
        self.name = tool_name_of(fsm.definition.name) or "machine"
        """Its name for clients."""
        self._fsm = fsm
        self._secretive = frozenset(_secretive(fsm.definition))

    async def begin(self, message: str, tell: Tell) -> Standing:
        """Begin a conversation with what the user says; where that is nothing, the machine speaks first."""
        return await self._turn(message, f"{self.name}-{uuid.uuid4().hex}", tell)

    async def hear(self, message: str, conversation_id: str, tell: Tell) -> Standing:
        """Hold a turn of a conversation.

        Raises:
            ConversationError: There is no such conversation.
            TurnConflict: The turn before has not ended in time.
            PausedError: The turn has stopped to ask a person.
            FSMError: The turn failed, and has changed nothing.
        """
        async with self._hold(conversation_id):
            await self._values(conversation_id)
            return await self._turn(message, conversation_id, tell)

    async def hear_answer(self, message: str, conversation_id: str, question_id: str, tell: Tell) -> Standing:
        """Hold a turn with the answer to a message of the machine, unless something was said since then.

        So an answer that a client sends twice, since it has not seen the first one's effect, is heard once.
        """
        async with self._hold(conversation_id):
            standing = await self._standing(conversation_id)
            if standing.message_id != question_id:
                return standing
            return await self._turn(message, conversation_id, tell)

    async def standing(self, conversation_id: str) -> Standing:
        """Say how a conversation stands; the errors are those of `hear`."""
        async with self._hold(conversation_id):
            return await self._standing(conversation_id)

    def _hold(self, conversation_id: str) -> Hold | nullcontext[None]:
        """Return what holds a conversation for a client's call."""
        graph = self._fsm.graph
        if not isinstance(graph.checkpointer, BaseCheckpointSaver):
            return nullcontext()
        return Hold(graph.checkpointer, conversation_id, _HELD, patience=graph.builder.busy_rules.patience)

    async def _turn(self, message: str, conversation_id: str, tell: Tell) -> Standing:
        _, pieces = self._fsm.astream(message, conversation_id)
        text = ""
        async for piece in pieces:
            text += piece
            await tell(text)
        return await self._standing(conversation_id)

    async def _standing(self, conversation_id: str) -> Standing:
        values = await self._values(conversation_id)
        said = last_words(values["messages"])
        state = current_path(self.definition, values)
        secret = self.definition.secret_keys
        return Standing(
            conversation_id,
            message=BLANK_LINE.join(message.text for message in said),
            message_id=str(said[-1].id) if said else "",
            finished=has_ended(self.definition, values),
            state=state,
            data={key: value for key, value in values["context"].items() if key not in secret},
            asks_secret=state in self._secretive,
        )

    async def _values(self, conversation_id: str) -> dict[str, Any]:
        """Return what is stored of a conversation; the errors are those of `hear`."""
        # Of an id that is not of this machine nothing is looked up: it may be another's, in the same database.
        is_ours = conversation_id.rpartition("-")[0] == self.name
        snapshot = await self._fsm.graph.aget_state(thread_config(conversation_id)) if is_ours else None
        if snapshot is not None and (waiting := questions_of(snapshot)):
            asked = "; ".join(json.dumps(each.value, ensure_ascii=False, default=str) for each in waiting)
            raise PausedError(conversation_id, asked)
        if snapshot is None or not snapshot.values.get("last_turn"):
            raise ConversationError(
                conversation_id,
                f"{self.name} has no such conversation. Leave conversation_id out to begin a new one.",
            )
        values: dict[str, Any] = snapshot.values
        return values


def _secretive(definition: FSMDefinition) -> Iterator[str]:
    """Yield the paths of the states in which a user is asked for something secret."""
    for prefix, machine in definition.machines():
        secret = machine.secret_keys & frozenset(machine.model_keys or ())
        for state in machine.states.values():
            asked = frozenset(state.own_keys).union(*(transition.reads for transition in state.transitions))
            if secret & asked:
                yield f"{prefix}{state.id}"
