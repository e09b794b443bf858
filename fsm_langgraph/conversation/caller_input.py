"""The input of a turn as a caller hands it over: the message, the conversation's id and the context, checked at once.

Callers without types hand over `None` for a message that they have not got, numbers for ids, and keys with a slip of
the finger. Each would be something else in silence: an id that is a number is another conversation in one checkpointer
and the same in another.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from langchain_core.messages import HumanMessage
from pydantic import JsonValue

from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import ArgumentError, ContextError, misspelt
from fsm_langgraph.graph.before.admission import not_kept
from fsm_langgraph.graph.channels import FSMInput


def id_of_turn(conversation_id: str | None) -> str:
    """Return the id of the conversation that a turn is of: a new one where none is given, or an empty one.

    Raises:
        ArgumentError: It is no text.
    """
    return checked_id(conversation_id) if conversation_id not in (None, "") else str(uuid.uuid4())


def checked_id(conversation_id: Any) -> str:
    """Return a conversation's id; raise `ArgumentError` where it is no text."""
    if not isinstance(conversation_id, str):
        advice = "Give the id that converse() returned, or one of yours as a text: str(…)."
        raise ArgumentError("conversation_id", conversation_id, advice)
    if found := not_kept(conversation_id):
        raise ArgumentError("conversation_id", conversation_id, "Give one without it.", found=found)
    return conversation_id


def turn_input(
    definition: FSMDefinition, user_message: Any, context: Mapping[str, JsonValue] | None, message_id: Any = None
) -> FSMInput:
    """Build the graph's input; a message that is empty or blank is none, and the machine speaks.

    Raises:
        ArgumentError: The message or its id is no text.
        ContextError: A key of the context misspells a declared one.
    """
    if not isinstance(user_message, str):
        advice = "Leave it out where the user has written nothing, and the machine speaks."
        raise ArgumentError("user_message", user_message, advice)
    if isinstance(context, Mapping):
        _check_keys(definition, context)
    if message_id is not None and (not isinstance(message_id, str) or not message_id or not_kept(message_id)):
        found = (not_kept(message_id) or "it is empty.") if isinstance(message_id, str) else None
        advice = "Give one that no other message of the conversation has, such as str(uuid.uuid4()), or leave it out."
        raise ArgumentError("message_id", message_id, advice, found=found)
    messages = [HumanMessage(user_message, id=message_id)] if user_message.strip() else []
    return FSMInput(messages=messages, context=context if context is not None else {})


def _check_keys(definition: FSMDefinition, context: Mapping[Any, Any]) -> None:
    """Refuse keys that misspell declared ones; others that are not declared are the handlers' business."""
    declared = definition.context or {}
    others = sorted(declared.keys() - context.keys())
    for key in context:
        meant = misspelt(key, others) if isinstance(key, str) and key not in declared else None
        if meant is not None:
            raise ContextError(key, f"is for a key that is not declared (did you mean {meant!r}?)")
