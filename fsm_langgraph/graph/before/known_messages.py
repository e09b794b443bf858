"""The messages of an input that are known by their ids: what is stored of them, and how they were answered.

LangGraph takes a message whose id is there for an edit, and would have it read once more. Only the ids of the messages
that are given are looked at, and a turn without any costs nothing. A message that has moved to the store is found there
by an item of its id (`older_messages.py`). Beyond what is kept an id counts as new.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile, takewhile
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage, convert_to_messages
from langgraph.types import Command

from fsm_langgraph.errors import ArgumentError, TurnConflict
from fsm_langgraph.graph.before.admission import not_kept
from fsm_langgraph.turn.unread_messages import is_read


@dataclass(frozen=True, slots=True)
class Known:
    """The message that a turn is to read, and what is stored of it."""

    id: str
    """Its id, which the caller has given to it."""
    message: BaseMessage
    """The message: the last one of the user's in the input."""
    is_stored: bool = False
    """Whether the graph's state has it."""
    answer: Sequence[AIMessage] | None = None
    """The answer of the turn that has read it; `None` where none has."""


def look_up(given: Any, stored: Mapping[str, Any]) -> Known | None:
    """Look up the message that a turn is to read, by its id; return `None` where the caller gave it none.

    Args:
        given: The input.
        stored: The graph's state.

    Raises:
        TurnConflict: A message has the id of another one.
    """
    sent = _with_ids(given)
    if not sent:
        return None
    known = {message.id: message for message in stored.get("messages") or () if isinstance(message, HumanMessage)}
    last_turn = stored.get("turn") or {}
    # A turn has read the first of these, and taken its copies out.
    copied = known.get(last_turn.get("read"))
    if copied is not None:
        known |= dict.fromkeys(last_turn.get("copies", ()), copied)
    users = [message for message in sent if isinstance(message, HumanMessage)]
    _check_ids(users, {message.id: message for message in stored.get("messages") or ()} | known)
    last = users[-1] if users else None
    if last is None or last.id is None or (isinstance(given, Command) and given.resume is not None):
        return None
    stands_as = known.get(last.id)
    if stands_as is None or not is_read(stored, str(stands_as.id)):
        return Known(last.id, last, is_stored=stands_as is not None)
    if any(message.id not in known for message in users):
        return Known(last.id, last)  # another one is new, and is read
    return Known(last.id, last, is_stored=True, answer=answer_to(str(stands_as.id), stored["messages"]))


def look_up_older(known: Known, messages: Sequence[AnyMessage]) -> Known:
    """Look up a message among all of a conversation, those in the store too; the errors are those of `look_up`."""
    found = next((each for each in messages if each.id == known.id), None)
    if found is None:
        return known
    _check_content(known.message, found)
    return replace(known, is_stored=True, answer=answer_to(known.id, messages))


def answer_to(message_id: str, messages: Iterable[AnyMessage]) -> list[AIMessage]:
    """Return what was answered to a message of the user's: all up to the user's next turn."""
    after = dropwhile(lambda each: each.id != message_id, messages)
    since = dropwhile(_is_the_users, after)  # those that were read with it
    return [each for each in takewhile(lambda each: not _is_the_users(each), since) if isinstance(each, AIMessage)]


def check_ids(messages: Any) -> None:
    """See that each id of an input's messages can be kept, and that none is empty: all of them would be one message.

    Raises:
        ArgumentError: One is, or cannot.
    """
    for message in messages if isinstance(messages, list) else [messages]:
        message_id = _id_of(message)
        if message_id is None:
            continue
        fault = not_kept(message_id) if isinstance(message_id, str) else f"it is of type {type(message_id).__name__}."
        if fault or message_id == "":
            advice = "Give each message an id of its own, such as str(uuid.uuid4()), or none."
            found = f"the id of a message: {fault}" if fault else "the id of a message is empty."
            raise ArgumentError("messages", "", advice, found=found)


def _with_ids(given: Any) -> list[BaseMessage]:
    """Return the messages of an input, or of a command; none where no message has an id."""
    update = given.update if isinstance(given, Command) else given
    messages = update.get("messages") if isinstance(update, Mapping) else None
    listed: list[Any] = messages if isinstance(messages, list) else [messages]
    if not any(_id_of(each) for each in listed):
        return []
    return convert_to_messages(listed)


def _id_of(message: Any) -> Any:
    return message.get("id") if isinstance(message, dict) else getattr(message, "id", None)


def _is_the_users(message: AnyMessage) -> bool:
    return isinstance(message, HumanMessage)


def _check_ids(users: Sequence[BaseMessage], known: Mapping[str | None, AnyMessage]) -> None:
    """See that each id stands for one message, among those that are sent and those that are there."""
    seen: dict[str | None, BaseMessage] = {**known}
    for message in users:
        if message.id is not None:
            _check_content(message, seen.setdefault(message.id, message))


def _check_content(message: BaseMessage, stored: BaseMessage) -> None:
    if not isinstance(stored, HumanMessage) or _plain(message.content) != _plain(stored.content):
        raise TurnConflict(
            f"a message was sent with the id {message.id!r}, and there is another one of this id: "
            f"{_short(stored)}, not {_short(message)}.",
            "Give a new message an id of its own. To edit what was said, go on from a checkpoint before it: "
            "it is a fork then.",
        )


def _plain(content: Any) -> Any:
    """Return the text of a content that is nothing else: the same text may be written as one block."""
    is_text = isinstance(content, list) and all(
        isinstance(each, dict) and set(each) == {"type", "text"} for each in content
    )
    return "".join(each["text"] for each in content) if is_text else content


def _short(message: BaseMessage) -> str:
    text = message.text
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


_LONGEST = 60
"""How much of a message an error quotes."""
