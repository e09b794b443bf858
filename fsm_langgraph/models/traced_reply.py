"""A model's reply as traces are told of it, in whichever way its run ends.

    a message was shown            the run ends with it
    the reply is taken all the same, its message held, not fit, or not asked for; or it calls tools
                                   the run ends without a message of the stream
    it is refused                  the run ends by the error `RefusedReply`
    the turn pauses on it          the run ends by LangGraph's `GraphInterrupt`

The text as it was written, the schema that it was asked in and what became of it stand in `llm_output["fsm_reply"]` of
LangChain's `LLMResult`, which callbacks see and no stream carries; those of a refused one in the error's text.
"""

from __future__ import annotations

import json
from typing import Any

from langchain_core.messages import AIMessage
from langchain_core.outputs import Generation

from fsm_langgraph.context.secret_tokens import MASK, masked
from fsm_langgraph.data.composition import composed
from fsm_langgraph.data.reply_members import MESSAGE
from fsm_langgraph.errors import RefusedReply
from fsm_langgraph.models.attempt import Attempt
from fsm_langgraph.models.attempt_end import tokens_of
from fsm_langgraph.replies.reply import with_values

REFUSED_TAG = "fsm:refused"
"""The tag of a run whose reply was refused."""


class UnshownGeneration(Generation):
    """The outcome of a run that has shown nothing; its text is the reply, where that is traced.

    Of a `ChatGeneration` LangGraph would make a message in the streams, and an empty one.
    """

    message: AIMessage
    """The message that the node gets; clients that follow LangChain's events see it, so it is empty."""


def refusal_of(attempt: Attempt) -> RefusedReply | None:
    """Return the error of a reply that was refused; `None` of one that was taken."""
    reason = attempt.error or attempt.veto
    if not reason:
        return None
    asked = attempt.asked
    if attempt.pieces is None:
        return RefusedReply(asked.state, reason, str(tokens_of(attempt)))
    return RefusedReply(asked.state, reason, str(tokens_of(attempt)), reply=_text_of(attempt), schema=asked.schema)


def facts_of_reply(attempt: Attempt) -> dict[str, Any]:
    """Tell a reply that was taken: its text, its schema, what became of it, and the tokens of the call."""
    tokens = tokens_of(attempt)
    facts: dict[str, Any] = {
        "text": _text_of(attempt),
        "schema": attempt.asked.schema,
        "outcome": _outcome(attempt),
        "tokens": {"input": tokens.read, "output": tokens.written, "at_least": not tokens.is_all},
    }
    if attempt.calls is not None and attempt.calls_tools:
        facts["tool_calls"] = [
            {"name": call["name"], "args": call["args"]} for call in attempt.calls.read()[0].tool_calls
        ]
    if attempt.cut:
        facts["cut"] = attempt.cut
    return facts


def _text_of(attempt: Attempt) -> str:
    """Return a reply as it was written; where it may tell a secret, what was read of it, with a mask for each."""
    text, keys = "".join(attempt.pieces or ()), attempt.asked.secret_keys
    if not keys or attempt.parser is None:
        return text
    head = attempt.parser.head
    if head is None:
        return f"{MASK} (it could not be read, and it may have told a secret)" if text else ""
    told = with_values(head, lambda key, value: masked(value, is_secret=composed(key) in keys))
    return text if told == head else json.dumps({**told, MESSAGE: attempt.text or attempt.held}, ensure_ascii=False)


def _outcome(attempt: Attempt) -> str:
    if attempt.text:
        return "shown"
    if attempt.calls_tools:
        return "calls tools"
    if attempt.asked.is_silent:
        return "taken"  # it has no message
    return "held" if attempt.held else "not shown"
