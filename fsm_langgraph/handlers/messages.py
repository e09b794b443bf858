"""The conversation as a handler reads it: a view that copies each message when it is looked at.

A conversation may be long and most handlers never look, so that giving one costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from langchain_core.messages import AnyMessage


class Messages(Sequence["AnyMessage"]):
    """A read-only view of messages.

    Args:
        messages: The messages, which nobody can reach through it.
    """

    def __init__(self, messages: Sequence[AnyMessage]) -> None:
        self._messages = messages

    @overload
    def __getitem__(self, index: int) -> AnyMessage: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[AnyMessage, ...]: ...
    def __getitem__(self, index: int | slice) -> AnyMessage | tuple[AnyMessage, ...]:
        if isinstance(index, slice):
            return (*map(deepcopy, self._messages[index]),)
        return deepcopy(self._messages[index])

    def __len__(self) -> int:
        return len(self._messages)

    def __repr__(self) -> str:
        return f"<{len(self)} messages>"
