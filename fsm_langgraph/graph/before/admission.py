"""The admission of an input, before anything is stored: read with whole characters, and refused where it is too large.

    one plain message       is taken as it is, at one look
    a half of a character   is mended, in messages and in what `resume` brings; `values.py` does so in the context
    a message               too large: `SizeError`; what was read before is no matter of this one
    the context             a value too large, a key too many, no room: `ContextError`
    an id                   that not every database keeps: `ArgumentError`

Where a graph around runs the machine's, that has stored the messages and the context already. To refuse them would have
each later run fail too. So they are taken as they are, and prompts have them in part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, convert_to_messages
from langchain_core.runnables import RunnableConfig
from langgraph.types import Command, Send

from fsm_langgraph.context.growth import within
from fsm_langgraph.data.size_limits import Limits, are_short
from fsm_langgraph.data.surrogates import mended, mended_json
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import ArgumentError, ContextError, SizeError
from fsm_langgraph.graph.channels import callers_writes
from fsm_langgraph.graph.editing import update_of
from fsm_langgraph.prompts.bounded_history import size_of
from fsm_langgraph.turn.unread_messages import since_last_answer


def needs_no_check(given: Any, limits: Limits) -> bool:
    """Say whether an input is one plain message, as most are: there is nothing in it to mend or to refuse.

    It is a text in ASCII within the limit, as it is or as a user's message that has nothing besides: no id, no name. No
    check of an input may refuse one, or the check is to be made of these too.

    Args:
        given: The input.
        limits: The limits.
    """
    if not isinstance(given, dict) or [*given] != ["messages"]:
        return False
    messages = given["messages"]
    message = messages[0] if isinstance(messages, list) and len(messages) == 1 else messages
    if isinstance(message, dict):
        role, text = message.get("role"), message.get("content")
        has_more = len(message) > 2 or not isinstance(role, str) or not role.isascii()
    elif isinstance(message, HumanMessage):
        text, has_more = message.content, message.id is not None or bool(message.name or message.additional_kwargs)
    else:
        text, has_more = message, False
    if has_more or not isinstance(text, str) or not text.isascii():
        return False
    return limits.user_message is None or len(text) <= limits.user_message


def whole(given: Any) -> Any:
    """Return an input, an edit or a command with whole characters; the very same where it has no others.

    The update of a command is returned as a mapping, though LangGraph takes pairs too.

    Raises:
        ArgumentError: Several pairs write one channel.
    """
    if isinstance(given, Command):
        update, resume = _whole_update(update_of(given)), mended_json(given.resume)
        jumps = given.goto if isinstance(given.goto, list | tuple) else [given.goto]
        goto = [Send(each.node, _whole_update(each.arg)) if isinstance(each, Send) else each for each in jumps]
        leads_on = given.goto if goto == [*jumps] else goto
        is_whole = update is given.update and resume == given.resume and leads_on is given.goto
        return given if is_whole else replace(given, update=update, resume=resume, goto=leads_on)
    return _whole_update(given)


def whole_config(config: RunnableConfig | None) -> RunnableConfig | None:
    """Return a run's config with whole characters in what LangGraph stores of it: metadata, and what is configured."""
    if not config:
        return config
    metadata, configurable = config.get("metadata") or {}, config.get("configurable") or {}
    if all(not isinstance(value, str) or value.isascii() for value in (*metadata.values(), *configurable.values())):
        return config
    texts = {
        name: mended(value) for name, value in configurable.items() if isinstance(value, str) and name != "thread_id"
    }
    return {**config, "metadata": mended_json(metadata), "configurable": {**configurable, **texts}}


def check_messages(given: Any, limits: Limits) -> None:
    """See that no message of an input is too large, nor what the user has written since the last answer in it.

    Raises:
        SizeError: One is.
    """
    most = limits.user_message
    for update in _updates_of(given) if most is not None else ():
        messages = update.get("messages")
        if most is not None and messages is not None:
            _check_messages(messages if isinstance(messages, list) else [messages], most)


def _check_messages(messages: Sequence[Any], most: int) -> None:
    if are_short(map(_content_of, messages), most):
        return
    try:
        read = convert_to_messages(messages)
    except (ValueError, TypeError, NotImplementedError, KeyError):
        return  # LangGraph says what it takes for a message
    for at, message in enumerate(read):
        if (size := size_of(message)) > most:
            raise SizeError(f"messages[{at}]", size, most, "user_message")
    size = sum(size_of(message) for message in since_last_answer(read) if isinstance(message, HumanMessage))
    if size > most:
        raise SizeError("messages, read together", size, most, "user_message")


def check_room(definition: FSMDefinition, limits: Limits, given: Any, stored: Mapping[str, Any]) -> None:
    """See that the context has room for what an input or an edit writes.

    Args:
        definition: The definition.
        limits: The limits.
        given: The input.
        stored: The stored state of the graph, as far as it is known.

    Raises:
        ContextError: It has none.
    """
    context = stored.get("context") or {}
    for update in _updates_of(given):
        if not update.get("context"):
            continue
        writes = callers_writes(definition, update["context"], context)
        for rejection in within(limits, definition, context, writes, "caller")[1]:
            raise ContextError(rejection.key, f"{rejection.reason} (the option limits={{…}} says so)")


def check_thread_id(thread_id: str) -> None:
    """See that each database keeps a thread's id; raise `ArgumentError` where not."""
    if found := not_kept(thread_id):
        raise ArgumentError("thread_id", "", "Give the conversation an id such as str(uuid.uuid4()).", found=found)


def not_kept(name: str) -> str:
    """Say why not every database would keep an id; empty where each does."""
    if len(name) > _LONGEST_ID:
        return f"it has {len(name):,} characters, and no id has more than {_LONGEST_ID:,}."
    return _FOUND if _NOT_KEPT.search(name) else ""


_LONGEST_ID = 1000
_NOT_KEPT = re.compile("[\0\ud800-\udfff]")
_FOUND = "it has a character that not every database keeps: a NUL, or half of a surrogate pair."


def _updates_of(given: Any) -> Iterator[Mapping[str, Any]]:
    """Go through what an input writes: a command writes by its update, and by what it sends to a state."""
    written = [update_of(given)]
    if isinstance(given, Command):
        jumps = given.goto if isinstance(given.goto, list | tuple) else [given.goto]
        written += (each.arg for each in jumps if isinstance(each, Send))
    for update in written:
        if isinstance(update, Mapping):
            yield update


def _whole_update(update: Any) -> Any:
    if not isinstance(update, Mapping) or update.get("messages") is None:
        return update
    messages = _whole_messages(update["messages"])
    return update if messages is update["messages"] else {**update, "messages": messages}


def _whole_messages(messages: Any) -> Any:
    if not isinstance(messages, list):
        return _whole_message(messages)
    read = [_whole_message(each) for each in messages]
    return messages if all(one is other for one, other in zip(read, messages, strict=True)) else read


def _whole_message(message: Any) -> Any:
    if isinstance(message, BaseMessage):
        content, others = message.content, message.name or message.additional_kwargs
        if isinstance(content, str) and content.isascii() and not others:
            return message
        parts = {name: mended_json(getattr(message, name)) for name in ("content", "name", "additional_kwargs")}
        is_whole = all(getattr(message, name) == part for name, part in parts.items())
        return message if is_whole else message.model_copy(update=parts)
    if isinstance(message, dict):  # its id is no matter of ours: one that cannot be kept is refused
        read: Any = {name: value if name == "id" else mended_json(value) for name, value in message.items()}
    else:
        read = tuple(map(mended_json, message)) if isinstance(message, tuple) else mended_json(message)
    return message if read == message else read


def _content_of(message: Any) -> Any:
    if isinstance(message, BaseMessage):
        return message.content
    if isinstance(message, tuple) and len(message) == 2:
        return message[1]
    return message.get("content") if isinstance(message, dict) else message
