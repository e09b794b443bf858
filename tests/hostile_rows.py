"""Rows that somebody else has put into a database: every form in which one can name something to be built or called.

Each that is run makes a file, `mark`. With LangGraph's permissive serializer those of `RUNNING` do.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ormsgpack
from langgraph.checkpoint.serde import jsonplus

from fsm_langgraph.errors import StoredDataError

Row = tuple[str, bytes]
"""A format and bytes, as a checkpointer stores them."""


class Touching:
    """An object that makes a file when pickle loads it."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._mark,)


def ext(code: int, *named: Any) -> ormsgpack.Ext:
    """Write what LangGraph's serializer reads as an order to build something."""
    return ormsgpack.Ext(code, ormsgpack.packb(named))


def called(mark: Path) -> ormsgpack.Ext:
    """Write a call of `os.system`."""
    return ext(jsonplus.EXT_CONSTRUCTOR_POS_ARGS, "os", "system", (f"touch '{mark}'",))


def packed(value: Any) -> Row:
    """Write a value as msgpack."""
    return "msgpack", ormsgpack.packb(value)


def message(mark: Path) -> Row:
    """Write a message with an order in it."""
    kwargs = {"content": "hi", "type": "human", "additional_kwargs": {"x": called(mark)}}
    return packed(ext(jsonplus.EXT_PYDANTIC_V2, "langchain_core.messages.human", "HumanMessage", kwargs, "x"))


def as_json(value: Any) -> Row:
    """Write a value in LangGraph's older format, which names LangChain's objects."""
    return "json", json.dumps(value).encode()


def constructor(version: int, *path: str, **kwargs: Any) -> dict[str, Any]:
    """Write an order to build one of LangChain's objects."""
    return {"lc": version, "type": "constructor", "id": [*path], "kwargs": kwargs}


FORMS: dict[str, Callable[[Path], Row]] = {
    "one argument": lambda mark: packed(
        ext(jsonplus.EXT_CONSTRUCTOR_SINGLE_ARG, "os", "system", f"touch '{mark}'"),
    ),
    "positional arguments": lambda mark: packed(called(mark)),
    "keyword arguments": lambda mark: packed(
        ext(jsonplus.EXT_CONSTRUCTOR_KW_ARGS, "subprocess", "call", {"args": ["touch", str(mark)]})
    ),
    "a method": lambda mark: packed(
        ext(jsonplus.EXT_METHOD_SINGLE_ARG, "shutil", "os", f"touch '{mark}'", "system"),
    ),
    "a model of Pydantic's first version": lambda mark: packed(
        ext(jsonplus.EXT_PYDANTIC_V1, "subprocess", "call", {"args": ["touch", str(mark)]})
    ),
    "a model of Pydantic's": lambda mark: packed(
        ext(jsonplus.EXT_PYDANTIC_V2, "subprocess", "call", {"args": ["touch", str(mark)]}, "x")
    ),
    "a delta": lambda mark: packed(
        ormsgpack.Ext(jsonplus.EXT_DELTA_SNAPSHOT, ormsgpack.packb([called(mark)])),
    ),
    "in a message": message,
    "in a listed type": lambda mark: packed(
        ext(jsonplus.EXT_CONSTRUCTOR_SINGLE_ARG, "collections", "deque", [called(mark)])
    ),
    "in a list in a mapping": lambda mark: packed({"a": [1, {"b": called(mark)}]}),
    "a module that is imported": lambda _: packed(
        ext(jsonplus.EXT_CONSTRUCTOR_SINGLE_ARG, "antigravity", "x", 1),
    ),
    "a type that is gone": lambda _: packed(ext(jsonplus.EXT_CONSTRUCTOR_SINGLE_ARG, "shop", "Basket", 1)),
    "pickle": lambda mark: ("pickle", pickle.dumps(Touching(mark))),
    "JSON, LangGraph's": lambda mark: as_json(constructor(2, "os", "system", command=f"touch '{mark}'")),
    "JSON, LangChain's": lambda _: as_json(constructor(1, "langchain", "prompts", "PromptTemplate", template="x")),
    "JSON, a secret of the environment": lambda _: as_json({"lc": 1, "type": "secret", "id": ["PATH"]}),
    "JSON, plain": lambda _: as_json({"a": 1}),
    "no format": lambda _: ("", b"x"),
    "a cipher": lambda _: ("msgpack+rot13", b"x"),
    "bytes that are no msgpack": lambda _: ("msgpack", b"\xc1\xff"),
    "no bytes": lambda _: ("msgpack", b""),
    "a thousand in each other": lambda _: packed(_nested(1000)),
}
"""All of them, by what they are."""

RUNNING = (
    "one argument",
    "positional arguments",
    "keyword arguments",
    "a model of Pydantic's first version",
    "a model of Pydantic's",
    "a delta",
    "in a message",
    "in a listed type",
    "in a list in a mapping",
)
"""Those that make the file where LangGraph's serializer is given no list."""


def _nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = ormsgpack.Ext(jsonplus.EXT_DELTA_SNAPSHOT, ormsgpack.packb(value))
    return value


def refused(read: Callable[[], object], mark: Path) -> StoredDataError:
    """Read something hostile; return the error, of which nothing was run."""
    try:
        found = read()
    except StoredDataError as error:
        assert not mark.exists()
        return error
    raise AssertionError(f"it was read: {found!r}")
