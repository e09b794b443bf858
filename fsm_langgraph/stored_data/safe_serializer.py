"""The serializer of all that this package opens: what is read from a database is data, and listed types.

LangGraph's own serializer imports and calls what a row names. Given a list it leaves that out, and hands on the bare
arguments instead. This one raises, so that no such row is taken for data. It reads one of LangGraph's formats only:

    msgpack                  all that this package has ever written, with listed types
    null, bytes, bytearray   plain
    json, pickle             refused: the first builds LangChain's objects by their names, the second runs anything

The listed types are LangGraph's own: messages, `Send`, `Command`, `Interrupt`, dates and the like; and `allow_types`.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable
from typing import Any

from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.serde.event_hooks import SerdeEvent, register_serde_event_listener
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from fsm_langgraph.errors import EncryptionError, SetupError, StoredDataError, StoredTypeError
from fsm_langgraph.stored_data.encryption import encrypted

TYPES_WORDS = "a list of classes, each found in its module by its name"
"""The values of `allow_types`, in words."""
TYPES_ADVICE = "Write allow_types=[MyType], with a class from the top of a module."


def safe_serializer(
    *, allow_types: Iterable[type] = (), encryption_key: bytes | str | None = None
) -> SerializerProtocol:
    """Make a serializer for a checkpointer of your own: `SqliteSaver(connection, serde=safe_serializer())`.

    Args:
        allow_types: Classes, beside LangGraph's own, whose objects a conversation may hold.
        encryption_key: 16, 24 or 32 bytes, as bytes or as text in hex or base64. What is stored is encrypted with it;
            what was stored in clear before is still read.

    Raises:
        SetupError: A type or the key cannot be used, or the package for encryption is not installed.
    """
    if not are_types(allow_types):
        raise SetupError(f"allow_types: it is not {TYPES_WORDS}.\n  {TYPES_ADVICE}")
    if encryption_key is None:
        return SafeSerializer(allow_types)
    return encrypted(SealingSerializer(allow_types), encryption_key)


def are_types(value: object) -> bool:
    """Say whether it is a collection of classes that are found again by their modules and names."""
    return isinstance(value, list | tuple | set | frozenset) and all(
        isinstance(each, type) and getattr(sys.modules.get(each.__module__), each.__name__, None) is each
        for each in value
    )


class SafeSerializer(JsonPlusSerializer):
    """LangGraph's serializer, which builds listed types only and raises where a row names another one.

    Args:
        allow_types: Classes beside LangGraph's own list.
    """

    def __init__(self, allow_types: Iterable[type] = ()) -> None:
        super().__init__(allowed_msgpack_modules=[*allow_types] or None)

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """Read an object.

        Raises:
            StoredTypeError: A type is named that is not listed.
            EncryptionError: It is encrypted.
            StoredDataError: It is nothing that this package has written.
        """
        if data[0] not in _FORMATS:
            raise _refused(data[0])
        blocked = _BLOCKED.names
        blocked.clear()
        try:
            value = super().loads_typed(data)
        except Exception as error:  # somebody else's bytes may raise anything
            raise StoredDataError(f"it holds bytes that are no data: {type(error).__name__}.", _NOT_OURS) from error
        if blocked:
            raise StoredTypeError(blocked)
        return value


class SealingSerializer(SafeSerializer):
    """The same beneath a cipher: it takes what a checkpointer has sealed."""

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        """Write an object; return its format and the bytes."""
        return super().dumps_typed(obj.value if isinstance(obj, Sealed) else obj)


class Sealed:
    """A value that a checkpointer hands to its serializer, where it would write a text or a number as it is.

    Args:
        value: The value; it is stored as itself.
    """

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value


_FORMATS = frozenset(("msgpack", "null", "bytes", "bytearray"))
_NOT_OURS = "Somebody else has written it, or a part of it was lost; nothing of it was run."


def _refused(form: object) -> StoredDataError:
    if isinstance(form, str) and "+" in form:
        return EncryptionError("it is encrypted, and no key was given.", "Give the key that it was stored with.")
    return StoredDataError(f"it holds data in the format {form!r}, which is not read.", _NOT_OURS)


class _Blocked(threading.local):
    """The names of what was not built in this thread, since the last object was begun."""

    def __init__(self) -> None:
        self.names: list[str] = []


_BLOCKED = _Blocked()
_MOST = 8
"""How many names are kept; other serializers in the process tell theirs, too, and nobody asks for those."""


def _note(event: SerdeEvent) -> None:
    # A listener cannot stop LangGraph, which catches what it raises.
    if event["kind"] in ("msgpack_blocked", "msgpack_method_blocked") and len(_BLOCKED.names) < _MOST:
        method = (event["method"],) if "method" in event else ()
        _BLOCKED.names.append(".".join(map(str, (event["module"], event["name"], *method))))


register_serde_event_listener(_note)
