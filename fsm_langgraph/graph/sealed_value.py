"""A value of the store that is kept as the checkpoints of its conversation are: encrypted where they are.

    {"messages": …, "before": …}      as it is, where the checkpointer writes in clear
    {"form": …, "sealed": <base64>}   through the checkpointer's own serializer, where that does not

Whether it does is seen by what it makes of a word, so that this holds for any serializer that hides or packs.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from fsm_langgraph.errors import EncryptionError

Saver = BaseCheckpointSaver[Any]


def seal(value: dict[str, Any], saver: Saver | None) -> dict[str, Any]:
    """Return a value as it is stored.

    Args:
        value: The value, which is JSON.
        saver: The checkpointer of its conversation.
    """
    if saver is None or _WORD.encode() in saver.serde.dumps_typed(_WORD)[1]:
        return value
    # In ASCII, so that every serializer gives it back to the letter.
    form, data = saver.serde.dumps_typed(json.dumps(value))
    return {"form": form, "sealed": base64.b64encode(data).decode()}


_WORD = "fsm_messages"


def unseal(stored: Mapping[str, Any], saver: Saver | None) -> Mapping[str, Any]:
    """Return a value that was stored.

    Raises:
        EncryptionError: It is sealed, and there is no checkpointer, or its serializer has not the key.
    """
    if "sealed" not in stored:
        return stored
    if saver is None:
        raise EncryptionError("it is encrypted.", "Read it through the graph that has its checkpointer.")
    text = saver.serde.loads_typed((stored["form"], base64.b64decode(stored["sealed"])))
    value: Mapping[str, Any] = json.loads(text)
    return value
