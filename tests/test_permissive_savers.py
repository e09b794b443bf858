"""A checkpointer that builds whatever is stored is told once; the trial for that is harmless."""

from __future__ import annotations

import json
import logging
import pickle
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver
from machines import FORM

from fsm_langgraph import LLM_FSM, compile_fsm, safe_serializer
from fsm_langgraph.stored_data import permissive_savers


class Pickling:
    """A serializer of somebody's own."""

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        return "pickle", pickle.dumps(obj)

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        return pickle.loads(data[1])  # noqa: S301 - it is what is to be found out


class Plain:
    """A serializer of somebody's own that knows JSON only."""

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        return "j", json.dumps(obj).encode()

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        return json.loads(data[1])


class Failing(Plain):
    """A serializer that takes nothing that it does not know."""

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        raise KeyError(type(obj))


KEY = bytes(16)
PERMISSIVE = JsonPlusSerializer(allowed_msgpack_modules=True)
SERIALIZERS = {
    "LangGraph's": (PERMISSIVE, True),
    "LangGraph's, encrypted": (EncryptedSerializer.from_pycryptodome_aes(PERMISSIVE, key=KEY), True),
    "pickle": (Pickling(), True),
    "LangGraph's, with a list": (JsonPlusSerializer(allowed_msgpack_modules=None), False),
    "ours": (safe_serializer(), False),
    "ours, encrypted": (safe_serializer(encryption_key=KEY), False),
    "JSON": (Plain(), False),
    "one that fails": (Failing(), False),
}


@pytest.fixture(autouse=True)
def _nothing_told_yet() -> Iterator[None]:
    permissive_savers._tell.cache_clear()
    yield
    permissive_savers._tell.cache_clear()


def saver(serializer: Any) -> BaseCheckpointSaver[Any]:
    return SqliteSaver(sqlite3.connect(":memory:", check_same_thread=False), serde=serializer)


@pytest.mark.parametrize("name", SERIALIZERS)
def test_a_checkpointer_is_told_where_it_builds_anything(name: str, caplog: pytest.LogCaptureFixture) -> None:
    serializer, is_told = SERIALIZERS[name]
    compile_fsm(FORM, "offline", checkpointer=saver(serializer))
    # Nothing else is logged: LangGraph does not warn of the trial's own type.
    assert [record.name for record in caplog.records] == ["fsm_langgraph.storage"] * is_told


def test_it_is_told_once_with_what_to_do(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        LLM_FSM(FORM, "offline", checkpointer=saver(PERMISSIVE))
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "serde=fsm_langgraph.safe_serializer()" in record.getMessage()


def test_one_in_memory_and_those_that_are_opened_here_are_never_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    compile_fsm(FORM, "offline", checkpointer=InMemorySaver(serde=PERMISSIVE))
    LLM_FSM(FORM, "offline")
    LLM_FSM(FORM, "offline", db=tmp_path / "talks.sqlite").close()
    assert caplog.records == []


def test_what_langgraph_says_of_other_types_is_still_logged(caplog: pytest.LogCaptureFixture) -> None:
    compile_fsm(FORM, "offline", checkpointer=saver(safe_serializer()))
    logging.getLogger("langgraph.checkpoint.serde.jsonplus").warning("%s.%s", "shop", "Basket")
    assert [record.getMessage() for record in caplog.records] == ["shop.Basket"]


def test_a_checkpointer_without_a_hash_is_tried_too(caplog: pytest.LogCaptureFixture) -> None:
    class Unhashable(SqliteSaver):
        __hash__ = None  # type: ignore[assignment]  # as a data class has it

    graph = compile_fsm(FORM, "offline", checkpointer=Unhashable(sqlite3.connect(":memory:")))

    assert graph.checkpointer is not None
    assert "builds whatever its database names" in caplog.text
