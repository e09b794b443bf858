"""A tool's command to the graph around the machine: `Command(graph=Command.PARENT, goto=…, update=…)`.

It hands the user over. Its goto and its update are for the graph around. Of its messages those are left out that are
the conversation's already, by their ids: such tools return all that they were given. In the journal it is JSON data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ToolMessage,
    convert_to_messages,
    message_to_dict,
    messages_from_dict,
)
from langgraph.types import Command, Send


@dataclass(frozen=True, slots=True)
class ToolCommand:
    """The parts of such a command that are not the machine's own."""

    goto: list[Any]
    """The agents by their names, or `{"node": …, "arg": …}` for a `Send`."""
    update: dict[str, Any]


def read_parent_command(
    command: Command[Any], call_id: str | None, injected: Mapping[str, Any]
) -> tuple[ToolCommand, ToolMessage | None]:
    """Read a command; return it with the message that answers the call, if it has one.

    Args:
        command: The command.
        call_id: The id of the call.
        injected: The values that the tool was given.

    Raises:
        TypeError: It is no command that hands the user over; the error says what is wrong with it.
    """
    given = command.update or {}
    if not isinstance(given, Mapping):
        raise TypeError(f"gave the graph around an update of type {type(given).__name__}")
    targets = [command.goto] if isinstance(command.goto, str | Send) else [*command.goto]
    goto = [{"node": each.node, "arg": each.arg} if isinstance(each, Send) else str(each) for each in targets]
    if not goto:
        raise TypeError("returned a command for the graph around that names no agent in 'goto'")
    known = {message.id for message in injected["messages"]}
    answer: ToolMessage | None = None
    added: list[BaseMessage] = []
    for message in _messages(given.get("messages")):
        if isinstance(message, ToolMessage) and message.tool_call_id == call_id:
            answer = message
        elif message.id is None or message.id not in known:
            added.append(message)
    if strays := [*_without_partner(added)]:
        raise TypeError(f"gave the graph around a call or an answer that lacks its other half: {', '.join(strays)}")
    # What it gives back as it was given is the machine's, and may have changed when the turn lands.
    others = {
        key: value
        for key, value in given.items()
        if key != "messages" and not (key in injected and injected[key] == value)
    }
    if forged := sorted(_THE_MACHINES & others.keys()):
        raise TypeError(f"gave the graph around {', '.join(map(repr, forged))}, which the machine itself gives to it")
    return ToolCommand(goto, {**others, "messages": added} if added else others), answer


def to_entry(command: ToolCommand) -> dict[str, Any]:
    """Write a command as JSON data, as far as it is any; its messages are written as LangChain does."""
    return {"goto": _written(command.goto), "update": _written(command.update)}


def from_entry(entry: Mapping[str, Any]) -> ToolCommand:
    """Read a command that was written as JSON data."""
    return ToolCommand(_read(entry["goto"]), _read(entry["update"]))


_THE_MACHINES = frozenset(("context", "current_state", "last_turn", "older_messages", "sub_machine"))
"""The channels that a machine gives to the graph around it; a context from there is news to it, as the caller's."""
_MESSAGE = "langchain message"


def _without_partner(messages: Sequence[BaseMessage]) -> Iterator[str]:
    """Yield the ids of calls without an answer, and of answers without a call: no provider takes such a history."""
    called = {str(each["id"]) for message in messages if isinstance(message, AIMessage) for each in message.tool_calls}
    answered = {message.tool_call_id for message in messages if isinstance(message, ToolMessage)}
    yield from sorted(called ^ answered)


def _messages(given: Any) -> list[BaseMessage]:
    if given is None:
        return []
    return convert_to_messages(given if isinstance(given, Sequence) and not isinstance(given, str) else [given])


def _written(value: Any) -> Any:
    if isinstance(value, BaseMessage):
        return {_MESSAGE: message_to_dict(value)}
    if isinstance(value, dict):
        return {key: _written(item) for key, item in value.items()}
    return [_written(item) for item in value] if isinstance(value, list | tuple) else value


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {_MESSAGE}:
            return messages_from_dict([value[_MESSAGE]])[0]
        return {key: _read(item) for key, item in value.items()}
    return [_read(item) for item in value] if isinstance(value, list) else value
