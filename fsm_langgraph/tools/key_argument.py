"""The idempotency key of a tool call, as an argument of the tool that its model knows nothing of.

    @tool
    def book(room: str, key: Annotated[str, IdempotencyKeyArg]) -> str: ...

A turn may be run again after the tool has done its work and before that was written down. A system that the tool calls
can tell by the key that it has done it. It is the same in every run of the turn, and no other call's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from langchain_core.messages import AIMessage, ToolCall
from langchain_core.tools import BaseTool, InjectedToolArg
from langchain_core.tools.base import get_all_basemodel_annotations


class IdempotencyKeyArg(InjectedToolArg):
    """Marks the argument of a tool that gets the idempotency key of the call: `Annotated[str, IdempotencyKeyArg]`."""


def key_arguments(tools: Iterable[BaseTool]) -> dict[str, tuple[str, ...]]:
    """Return the names of the arguments that get the key, by the names of the tools that have any."""
    found = {tool.name: tuple(_key_arguments(tool)) for tool in tools}
    return {name: arguments for name, arguments in found.items() if arguments}


def with_key(message: AIMessage, call: ToolCall, arguments: Iterable[str], key: str) -> AIMessage:
    """Return the message of a tool call with the key in its arguments, whatever a model has written there."""
    filled = call | {"args": {**call["args"], **dict.fromkeys(arguments, key)}}
    return message.model_copy(update={"tool_calls": [filled]})


def _key_arguments(tool: BaseTool) -> Iterable[str]:
    schema: Any = tool.get_input_schema()
    for name, annotation in get_all_basemodel_annotations(schema).items():
        if any(each is IdempotencyKeyArg or isinstance(each, IdempotencyKeyArg) for each in get_args(annotation)[1:]):
            yield name
