"""Checkpointers of the caller's own that build whatever a row names: each is tried once, and that is said once.

The trial is harmless. A type that is on no list is written and read by the checkpointer's serializer, in memory. Where
it comes back built, so would anything that somebody else has put into the database.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any, NamedTuple
from weakref import WeakSet

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.serde.jsonplus import logger as langgraphs_log

_log = logging.getLogger("fsm_langgraph.storage")


class Probe(NamedTuple):
    """A type that is on no list."""

    is_built: bool = True


def warn_if_permissive(saver: Any) -> None:
    """Warn, once in a process, of a checkpointer that builds whatever is stored; one in memory is nobody else's."""
    if not isinstance(saver, BaseCheckpointSaver) or isinstance(saver, InMemorySaver):
        return
    with suppress(TypeError):  # one that has no hash is tried at each graph
        if saver in _TRIED:
            return
        _TRIED.add(saver)
    if builds_anything(saver.serde):
        _tell()


_TRIED: WeakSet[BaseCheckpointSaver[Any]] = WeakSet()


def builds_anything(serializer: SerializerProtocol) -> bool:
    """Say whether a serializer builds a type that is on no list."""
    with _unlogged():
        try:
            return isinstance(serializer.loads_typed(serializer.dumps_typed(Probe())), Probe)
        except Exception:  # noqa: BLE001 - a serializer may refuse it in any way, and has built nothing then
            return False


@contextmanager
def _unlogged() -> Iterator[None]:
    """Keep LangGraph from logging that the trial's type is unknown to it."""
    langgraphs_log.addFilter(_is_of_others)
    try:
        yield
    finally:
        langgraphs_log.removeFilter(_is_of_others)


def _is_of_others(record: logging.LogRecord) -> bool:
    return not (isinstance(record.args, tuple) and __name__ in record.args)


@cache
def _tell() -> None:
    """Say it; the cache has it said once."""
    _log.warning(
        "A checkpointer builds whatever its database names, so whoever can write there runs code here."
        " Give it a serializer that builds listed types only: serde=fsm_langgraph.safe_serializer();"
        " or set LANGGRAPH_STRICT_MSGPACK=true in the environment."
    )
