"""What is read from a database is data and listed types; nothing that a row names is run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hostile_rows import FORMS, RUNNING, ext, packed, refused
from langchain_core.messages import AIMessage, HumanMessage, RemoveMessage, ToolMessage
from langgraph.checkpoint.serde.jsonplus import EXT_NUMPY_ARRAY, JsonPlusSerializer
from langgraph.types import Command, Interrupt, Send
from pydantic import BaseModel

from fsm_langgraph import SetupError, StoredTypeError, safe_serializer
from fsm_langgraph.stored_data.safe_serializer import Sealed


@dataclass
class Basket:
    """A type of one's own."""

    items: int


class Order(BaseModel):
    """A model of one's own."""

    basket: Basket


@pytest.mark.parametrize("form", FORMS)
def test_nothing_that_a_row_names_is_built(form: str, tmp_path: Path) -> None:
    mark = tmp_path / "it_ran"
    refused(lambda: safe_serializer().loads_typed(FORMS[form](mark)), mark)


@pytest.mark.parametrize("form", RUNNING)
def test_the_rows_are_those_that_run_where_there_is_no_list(form: str, tmp_path: Path) -> None:
    mark = tmp_path / "it_ran"
    JsonPlusSerializer(allowed_msgpack_modules=True).loads_typed(FORMS[form](mark))
    assert mark.exists()


def test_the_error_names_the_type_and_says_what_to_do(tmp_path: Path) -> None:
    error = refused(lambda: safe_serializer().loads_typed(FORMS["in a message"](tmp_path)), tmp_path / "it_ran")
    assert isinstance(error, StoredTypeError)
    assert error.types == ("os.system",)
    assert "names 'os.system', which is not on the list of what is built.\n" in str(error)
    assert "allow_types=[…]" in str(error)


def test_an_error_of_one_row_is_not_told_of_the_next(tmp_path: Path) -> None:
    serializer = safe_serializer()
    refused(lambda: serializer.loads_typed(FORMS["positional arguments"](tmp_path / "m")), tmp_path / "m")
    JsonPlusSerializer(allowed_msgpack_modules=None).loads_typed(FORMS["positional arguments"](tmp_path / "m"))
    assert serializer.loads_typed(packed({"a": 1})) == {"a": 1}


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"bytes",
        {"a": [1, 2.5, "x", None, True], 3: {"b": ("c",)}},
        [HumanMessage("hi", id="1"), AIMessage("ho", id="2", usage_metadata=None), ToolMessage("t", tool_call_id="3")],
        RemoveMessage(id="1"),
        Interrupt(value={"question": "?"}, id="i"),
        Send("node", {"a": 1}),
        Command(goto="node", update={"a": 1}),
        {"t": datetime(2026, 11, 27, tzinfo=UTC), "d": Decimal("1.5"), "u": UUID(int=1), "s": {1, 2}},
    ],
    ids=str,
)
def test_what_a_machine_stores_comes_back(value: Any) -> None:
    serializer = safe_serializer()
    assert serializer.loads_typed(serializer.dumps_typed(value)) in (value, _listed(value))


def _listed(value: Any) -> Any:
    """The same with tuples as lists, as msgpack has them."""
    return {**value, 3: {"b": ["c"]}} if isinstance(value, dict) and 3 in value else value


@pytest.mark.parametrize("key", [None, "00" * 16])
def test_types_of_one_s_own_come_back_where_they_are_named(key: str | None) -> None:
    stored = Order(basket=Basket(2))
    writer = safe_serializer(allow_types=[Order, Basket], encryption_key=key)
    assert writer.loads_typed(writer.dumps_typed(stored)) == stored
    with pytest.raises(StoredTypeError) as told:
        safe_serializer(allow_types=[Order], encryption_key=key).loads_typed(writer.dumps_typed([stored, Basket(1)]))
    assert told.value.types == (f"{Basket.__module__}.Basket",)


def test_a_sealed_value_is_stored_as_itself() -> None:
    serializer = safe_serializer(encryption_key=bytes(16))
    assert serializer.loads_typed(serializer.dumps_typed(Sealed("a"))) == "a"


@pytest.mark.parametrize("types", [Basket, ["Basket"], [type("Local", (), {})], None])
def test_what_is_no_type_or_cannot_be_found_again_is_refused(types: Any) -> None:
    with pytest.raises(SetupError, match=r"allow_types: it is not a list of classes.*\n  Write allow_types=\[MyType\]"):
        safe_serializer(allow_types=types)


@pytest.mark.parametrize("kind", ["O", "|O", "object", "O,i8", "i8,O", "(2,)O"])
def test_an_array_of_objects_is_none(kind: str) -> None:
    """Its bytes would be addresses in memory."""
    pytest.importorskip("numpy")
    assert safe_serializer().loads_typed(packed(ext(EXT_NUMPY_ARRAY, kind, (-1,), "C", bytes(16)))) is None
