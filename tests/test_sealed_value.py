"""A value of the store is encrypted where the checkpointer of its conversation encrypts, and as it is elsewhere."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from fsm_langgraph import EncryptionError, safe_serializer
from fsm_langgraph.graph.sealed_value import seal, unseal

VALUE = {"messages": "ZEBRA \ud83d \0 ä", "before": {"thread_id": "c", "key": "k", "count": 3}}
KEY = bytes(16)


class Packing:
    """A serializer of somebody's own that packs."""

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        return "z", zlib.compress(json.dumps(obj).encode())

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        return json.loads(zlib.decompress(data[1]))


class Json:
    """A serializer of somebody's own that writes JSON."""

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        return "j", json.dumps(obj).encode()

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        return json.loads(data[1])


def saver(serde: Any) -> Any:
    return InMemorySaver(serde=serde)


@pytest.mark.parametrize("serde", [safe_serializer(), JsonPlusSerializer(), Json()], ids=["ours", "theirs", "json"])
def test_beside_one_that_writes_in_clear_it_is_as_it_is(serde: Any) -> None:
    assert seal(VALUE, saver(serde)) is VALUE
    assert seal(VALUE, None) is VALUE
    assert unseal(VALUE, saver(serde)) is VALUE


@pytest.mark.parametrize("serde", [safe_serializer(encryption_key=KEY), Packing()], ids=["encrypting", "packing"])
def test_beside_one_that_does_not_it_is_sealed_and_comes_back_to_the_letter(serde: Any) -> None:
    sealed = seal(VALUE, saver(serde))
    assert sorted(sealed) == ["form", "sealed"]
    assert b"ZEBRA" not in base64.b64decode(sealed["sealed"])
    assert unseal(json.loads(json.dumps(sealed)), saver(serde)) == VALUE


@pytest.mark.parametrize(
    ("reader", "found"),
    [
        (None, "it is encrypted.\n  Read it through the graph that has its checkpointer."),
        (saver(safe_serializer()), "it is encrypted, and no key was given."),
        (saver(safe_serializer(encryption_key=bytes(32))), "it is of another key, or was changed"),
    ],
)
def test_without_its_key_it_is_told(reader: Any, found: str) -> None:
    sealed: Mapping[str, Any] = seal(VALUE, saver(safe_serializer(encryption_key=KEY)))
    with pytest.raises(EncryptionError) as told:
        unseal(sealed, reader)
    assert found in str(told.value)
