"""`LLM_FSM`: conversations without any knowledge of LangGraph.

It holds a compiled graph and a checkpointer. A conversation's id is its thread in the checkpointer: under the same id
it goes on after a restart. Turns of one conversation wait for each other, so that two messages sent at once are two
turns and nothing is lost; in a database so do those of other processes (`locking/`).

Every method has an async twin; both work on the same conversations, from any thread and any event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from langchain_core.runnables import Runnable
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.store.base import BaseStore
from langgraph.store.memory import InMemoryStore
from langgraph.types import StateSnapshot
from pydantic import JsonValue

from fsm_langgraph.conversation.answered_conversations import AnsweredConversations
from fsm_langgraph.conversation.caller_input import checked_id, id_of_turn, turn_input
from fsm_langgraph.conversation.pieces import Piece, arun_in_pieces, run_in_pieces
from fsm_langgraph.conversation.stored_conversations import thread_config
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.effects.deadlines import read_deadlines
from fsm_langgraph.errors import SetupError
from fsm_langgraph.graph.compiler import build_graph
from fsm_langgraph.graph.exclusive import hold_for_edit, with_hold
from fsm_langgraph.graph.options import SAVER, options_checked
from fsm_langgraph.graph.standing import stored_state
from fsm_langgraph.handlers.references import load_code
from fsm_langgraph.loading import Source, load_definition
from fsm_langgraph.models.choice import make_model
from fsm_langgraph.prompts.fetching import check_store
from fsm_langgraph.stored_data.safe_serializer import safe_serializer
from fsm_langgraph.turn.frames import before_turn

if TYPE_CHECKING:
    from langgraph.checkpoint.serde.base import SerializerProtocol

    from fsm_langgraph.conversation.database import Database


class LLM_FSM(AnsweredConversations):  # noqa: N801 - the name is the established one of this API
    """Holds conversations that follow one definition.

    Args:
        definition: A definition, or where it is: a path, JSON or YAML text, a dict.
        model: A chat model or the name of one; where it is left out, the one that the environment names, else the
            offline one.
        api_key: The provider's key; its environment variable where it is left out.
        temperature: The model's temperature; the provider's default where it is left out.
        db: The database that keeps the conversations: a SQLite file by its path, or PostgreSQL by its address,
            `postgresql://user:password@host/name`; memory where it is left out.
        checkpointer: Another LangGraph checkpointer to keep them in.
        store: LangGraph's long-term memory, which templates and handlers may read, and into which the older messages of
            long conversations go; where it is left out, and no checkpointer is given, one in the same place.
        allow_types: Classes of yours whose objects channels of your own (`state_schema`) and answers to `interrupt()`
            may hold; of what is stored only these are built, and LangGraph's own.
        encryption_key: Encrypts what `db` keeps: 16, 24 or 32 bytes, as bytes or as text in hex or base64. What was
            stored in clear before is still read.
        subflows: The definitions of sub-machines; see `compile_fsm`.
        **options: See `build_graph`.

    Raises:
        DefinitionError: The definition has problems; the error lists all of them.
        SetupError: The graph cannot be built with the other arguments.
        EncryptionError: The database is encrypted, and no key was given, or another one.
    """

    @options_checked(hands_on_to=build_graph, checkpointer=SAVER)
    def __init__(
        self,
        definition: FSMDefinition | Mapping[str, Any] | str | Path,
        model: Runnable[Any, Any] | str | None = None,
        api_key: str | None = None,
        temperature: float | None = None,
        *,
        db: str | Path | None = None,
        checkpointer: BaseCheckpointSaver[Any] | None = None,
        store: BaseStore | None = None,
        allow_types: Collection[type] = (),
        encryption_key: bytes | str | None = None,
        subflows: Mapping[str, Source] | None = None,
        **options: Any,
    ) -> None:
        if db is not None and checkpointer is not None:
            raise SetupError("db and checkpointer: each of them keeps the conversations.\n  Give one of the two.")
        if checkpointer is not None and (allow_types or encryption_key is not None):
            raise SetupError(_OF_THE_CHECKPOINTER)
        if encryption_key is not None and db is None:
            raise SetupError("encryption_key: there is nothing to encrypt.\n  Give db, which keeps the conversations.")
        loaded = load_definition(definition, subflows=subflows)
        check_store(loaded, store)
        limits = read_deadlines(options.get("deadlines"))
        self.model = make_model(model, api_key=api_key, temperature=temperature, deadlines=limits)
        builder = build_graph(loaded, self.model, **load_code(definition, options))
        # After the definition and the model are known to be good, so that a mistake in them leaves no file behind.
        serde = safe_serializer(allow_types=allow_types, encryption_key=encryption_key)
        self._database = _open(db, serde) if db is not None else None
        if store is None and checkpointer is None:
            store = self._database.store if self._database is not None else InMemoryStore()
        saver = checkpointer or self._database or InMemorySaver(serde=serde)
        super().__init__(builder.compile(saver, store=store))

    @classmethod
    def from_file(
        cls,
        path: str | Path,
        model: Runnable[Any, Any] | str | None = None,
        api_key: str | None = None,
        temperature: float | None = None,
        **options: Any,
    ) -> Self:
        """Hold the conversations of a definition file; the arguments are those of the class."""
        return cls(Path(path) if isinstance(path, str) else path, model, api_key, temperature, **options)

    def converse(
        self,
        user_message: str = "",
        conversation_id: str | None = None,
        initial_context: Mapping[str, JsonValue] | None = None,
        *,
        message_id: str | None = None,
    ) -> tuple[str, str]:
        """Hold one turn; return the conversation's id and the message to the user.

        Where the machine says something itself a turn may have several messages, which a blank line divides. One that
        pauses at `interrupt()` has no message yet, or only what the machine said before it asked: `get_questions` tells
        what it asks, and `answer` goes on with it. Another message gives up the turn that is paused.

        Args:
            user_message: What the user wrote; left out, empty or blank to let the machine speak.
            conversation_id: The conversation that it belongs to. A new one begins where it is left out or empty, or
                where there is none of this id yet.
            initial_context: Data that the caller knows; merged into the context.
            message_id: An id of the message, which no other message of the conversation has. Where it is sent again
                under its id, a turn that has answered it gives the same answer, and nothing runs; one that failed runs
                again, and does not repeat what a handler or a tool has done. No message has none.

        Raises:
            TurnError: The turn failed; the same message can be sent again.
            TurnConflict: Another message of the conversation has this `message_id`; nothing was stored.
            ArgumentError: The message or an id is no text, or an id cannot be kept.
            SizeError: The message is larger than its limit; nothing was stored.
            ContextError: A value of `initial_context` was refused, or a key misspells a declared one.
            ConversationError: The conversation was closed by `end_conversation`.
            StaleDefinition: The definition has changed, and the conversation does not fit it; nothing was stored.
            TurnConflict: Another turn of the conversation runs, and is not waited for or has not ended in time.
            StorageError: The database failed; the same message can be sent again.
        """
        conversation_id, pieces = self.stream(user_message, conversation_id, initial_context, message_id=message_id)
        return conversation_id, "".join(pieces)

    async def aconverse(
        self,
        user_message: str = "",
        conversation_id: str | None = None,
        initial_context: Mapping[str, JsonValue] | None = None,
        *,
        message_id: str | None = None,
    ) -> tuple[str, str]:
        """Hold one turn; the twin of `converse`."""
        conversation_id, pieces = self.astream(user_message, conversation_id, initial_context, message_id=message_id)
        return conversation_id, "".join([piece async for piece in pieces])

    def stream(
        self,
        user_message: str = "",
        conversation_id: str | None = None,
        initial_context: Mapping[str, JsonValue] | None = None,
        *,
        message_id: str | None = None,
    ) -> tuple[str, Iterator[Piece]]:
        """Hold one turn; return the conversation's id, and the message piece by piece as it comes.

        The turn runs while the pieces are read. A piece is a `str` that knows its message's id; the blank line between
        two messages is a piece without one. The arguments and errors are those of `converse`.
        """
        conversation_id = id_of_turn(conversation_id)
        given = turn_input(self.definition, user_message, initial_context, message_id)
        return conversation_id, run_in_pieces(self.graph, given, thread_config(conversation_id))

    def astream(
        self,
        user_message: str = "",
        conversation_id: str | None = None,
        initial_context: Mapping[str, JsonValue] | None = None,
        *,
        message_id: str | None = None,
    ) -> tuple[str, AsyncIterator[Piece]]:
        """Hold one turn; the twin of `stream`, whose pieces are read with `async for`."""
        conversation_id = id_of_turn(conversation_id)
        given = turn_input(self.definition, user_message, initial_context, message_id)
        return conversation_id, arun_in_pieces(self.graph, given, thread_config(conversation_id))

    def end_conversation(self, conversation_id: str) -> None:
        """Close the conversation: its data stays readable, and it takes no more messages."""
        config = thread_config(conversation_id)
        with hold_for_edit(self.graph, config) as hold:
            closing = _closing(self.definition, self._snapshot(conversation_id))
            self.graph.update_state(with_hold(config, hold), *closing)

    async def aend_conversation(self, conversation_id: str) -> None:
        """Close the conversation; the twin of `end_conversation`."""
        config = thread_config(conversation_id)
        async with hold_for_edit(self.graph, config) as hold:
            closing = _closing(self.definition, await self._asnapshot(conversation_id))
            await self.graph.aupdate_state(with_hold(config, hold), *closing)

    def delete_conversation(self, conversation_id: str) -> None:
        """Delete the conversation and all that it holds; an id that is not there is ignored."""
        self.graph.delete_thread(checked_id(conversation_id))

    async def adelete_conversation(self, conversation_id: str) -> None:
        """Delete the conversation; the twin of `delete_conversation`."""
        await self.graph.adelete_thread(checked_id(conversation_id))

    def close(self) -> None:
        """Let go of the database."""
        if self._database is not None:
            self._database.close()

    async def aclose(self) -> None:
        """Let go of the database; the twin of `close`."""
        await asyncio.to_thread(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _closing(definition: FSMDefinition, snapshot: StateSnapshot) -> tuple[dict[str, Any], str]:
    """Return the update that closes a conversation, and the state as whose node it is made."""
    turn, state = snapshot.values.get("turn") or {}, stored_state(definition, snapshot.values)
    # Where a turn has failed, what was before it tells how many have landed.
    told = {"definition": turn.get("definition"), "turns": before_turn(turn)["turns"]}
    kept = {name: value for name, value in told.items() if value is not None}
    update = {"turn": {"base": snapshot.values["context"], "closed": True, **kept}}
    return update, state if state in definition.states else definition.initial_state


_OF_THE_CHECKPOINTER = (
    "allow_types and encryption_key are for what db opens, and the checkpointer was opened before.\n"
    "  Give it the serializer: serde=fsm_langgraph.safe_serializer(allow_types=…, encryption_key=…)."
)


def _open(db: str | Path, serde: SerializerProtocol) -> Database:
    from fsm_langgraph.conversation.database import open_database  # whose drivers nobody needs who keeps none

    return open_database(db, serde)
