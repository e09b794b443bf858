"""A railway's database, and the store that makes its rows readable for prompts.

`SqlStore` is a LangGraph store over tables that are there already: a namespace is a table, a key the primary key of a
row, and the item's value the row. It gets and puts, which is all that lookups and handlers need.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from langgraph.store.base import BaseStore, GetOp, Item, Op, PutOp, Result
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, String, Table, create_engine, select
from sqlalchemy.pool import StaticPool

METADATA = MetaData()
CUSTOMERS = Table(
    "customers", METADATA, Column("id", String, primary_key=True), Column("name", String), Column("status", String)
)
TRIPS = Table(
    "trips",
    METADATA,
    Column("id", String, primary_key=True),
    *(Column(name, String) for name in ("train", "destination", "departure", "platform", "seat")),
    Column("delay", Integer),
)
CLAIMS = Table(
    "claims",
    METADATA,
    Column("id", String, primary_key=True),
    *(Column(name, String) for name in ("number", "reason", "progress")),
)
INSTRUCTIONS = Table("instructions", METADATA, Column("id", String, primary_key=True), Column("instructions", String))

ROWS: dict[Table, list[dict[str, Any]]] = {
    CUSTOMERS: [{"id": "7", "name": "Ann Lee", "status": "gold"}, {"id": "8", "name": "Bob Stone", "status": "basic"}],
    TRIPS: [
        {
            "id": "7",
            "train": "IC 204",
            "destination": "Lyon",
            "departure": "9:12",
            "platform": "4",
            "seat": "31 (aisle)",
        },
        {
            "id": "8",
            "train": "RE 17",
            "destination": "Basel",
            "departure": "9:40",
            "platform": "1",
            "seat": "8 (window)",
        },
    ],
}


def make_database() -> Engine:
    """Make the database, in memory, with a few rows."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    METADATA.create_all(engine)
    with engine.begin() as connection:
        for table, rows in ROWS.items():
            connection.execute(table.insert(), rows)
    return engine


def make_store() -> SqlStore:
    """Make a store over a database of its own, which is closed when the store is gone."""
    database = make_database()
    store = SqlStore(database)
    weakref.finalize(store, database.dispose)
    return store


class SqlStore(BaseStore):
    """Reads and writes rows as items.

    Args:
        engine: The database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        """Do what is asked for in one transaction."""
        with self._engine.begin() as connection:
            return [_do(connection, op) for op in ops]

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        """Do what is asked for in a thread, so that the event loop goes on."""
        return await asyncio.to_thread(self.batch, ops)


def _do(connection: Connection, op: Op) -> Result:
    match op:
        case GetOp():
            return _get(connection, op)
        case PutOp():
            _put(connection, op)
            return None
    raise NotImplementedError(f"{type(op).__name__}: rows are only read and written")


def _get(connection: Connection, op: GetOp) -> Item | None:
    table = METADATA.tables[op.namespace[-1]]
    row = connection.execute(select(table).where(table.c.id == op.key)).mappings().first()
    now = datetime.now(UTC)
    return (
        None
        if row is None
        else Item(value=dict(row), key=op.key, namespace=op.namespace, created_at=now, updated_at=now)
    )


def _put(connection: Connection, op: PutOp) -> None:
    table = METADATA.tables[op.namespace[-1]]
    row = _get(connection, GetOp(op.namespace, op.key))
    connection.execute(table.delete().where(table.c.id == op.key))
    if op.value is not None:
        connection.execute(table.insert(), {**(row.value if row else {}), **op.value, "id": op.key})
