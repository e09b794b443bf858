"""One process that holds a conversation, or goes on with one: through a graph or `LLM_FSM`, in any of its ways."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.types import Durability

from crash.keepers import Writes
from crash.shop import SHOP, handlers, model, tools
from fsm_langgraph import LLM_FSM, Graph, compile_fsm

T = TypeVar("T")

_UNSAFE = "PRAGMA synchronous=OFF"
"""What a killed process has written the system keeps; only a power cut would need more, and that takes its time."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conversation is kept, and by what means it is held."""

    database: str
    """The path of a SQLite file, or the address of a PostgreSQL server."""
    thread: str = "c"
    is_async: bool = False
    durability: Durability = "async"
    has_ids: bool = True
    """Whether each message carries an id."""
    api: Literal["graph", "LLM_FSM"] = "graph"
    """`LLM_FSM` opens the database by itself."""

    def __str__(self) -> str:
        kept, driven = self.database.partition(":")[0], "async" if self.is_async else "sync"
        return f"{self.api}, {driven}, {kept}, {self.durability}, {'ids' if self.has_ids else 'no ids'}"


class Player:
    """Holds a conversation of the shop.

    Args:
        place: Where and how.
        writes: Notes the writes.
    """

    def __init__(self, place: Place, writes: Writes) -> None:
        self.place = place
        self.writes = writes
        self.config: RunnableConfig = {"configurable": {"thread_id": place.thread}}

    @contextmanager
    def opened(self) -> Iterator[Player]:
        """Open the database and the graph; close them afterwards."""
        with asyncio.Runner() as self._runner:
            options: Any = {
                "model": model(),
                "handlers": handlers(self.writes.ledger),
                "tools": tools(self.writes.ledger),
            }
            if self.place.api == "LLM_FSM":
                with LLM_FSM(SHOP, db=self.place.database, **options) as self.fsm:
                    self.graph: Graph = self.fsm.graph
                    self._watch()
                    yield self
                return
            with self._saver() as saver:
                self.graph = compile_fsm(SHOP, checkpointer=saver, **options)
                self._watch()
                yield self

    def say(self, text: str, message_id: str | None = None) -> str:
        """Send a message; return the answer."""
        if self.place.api == "LLM_FSM":
            given: dict[str, Any] = {} if message_id is None else {"message_id": message_id}
            if self.place.is_async:
                return self._wait(self.fsm.aconverse(text, self.place.thread, **given))[1]
            return self.fsm.converse(text, self.place.thread, **given)[1]
        turn: Any = {"messages": [HumanMessage(text, id=message_id)]}
        if self.place.is_async:
            found = self._wait(self.graph.ainvoke(turn, self.config, durability=self.place.durability))
        else:
            found = self.graph.invoke(turn, self.config, durability=self.place.durability)
        return str(found["messages"][-1].text)

    def read(self) -> dict[str, Any]:
        """Read how the conversation stands, as anybody may who has the database."""
        graph = self.graph
        values = (
            self._wait(graph.aget_state(self.config)).values
            if self.place.is_async
            else graph.get_state(self.config).values
        )
        messages = values.get("messages", [])
        return {
            "messages": [(message.type, message.text) for message in messages],
            "ids": [message.id for message in messages],
            "context": {key: value for key, value in values.get("context", {}).items() if key != "receipt"},
            "state": values.get("current_state"),
            "path": (values.get("last_turn") or {}).get("path"),
        }

    def _wait(self, awaited: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(awaited)

    def _watch(self) -> None:
        saver = self.graph.checkpointer
        if isinstance(saver, BaseCheckpointSaver):
            self.writes.watch(saver)

    @contextmanager
    def _saver(self) -> Iterator[BaseCheckpointSaver[Any]]:
        database, is_server = self.place.database, "://" in self.place.database
        if self.place.is_async:
            kind: Any = AsyncPostgresSaver if is_server else AsyncSqliteSaver
            opened = kind.from_conn_string(database)
            saver = self._wait(opened.__aenter__())
            if not is_server:
                self._wait(saver.conn.execute(_UNSAFE))
            try:
                yield saver
            finally:
                self._wait(opened.__aexit__(None, None, None))
        elif is_server:
            with PostgresSaver.from_conn_string(database) as saver:
                yield saver
        else:
            connection = sqlite3.connect(database, check_same_thread=False)
            connection.execute(_UNSAFE)
            yield SqliteSaver(connection)
            connection.close()
