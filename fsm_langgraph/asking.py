"""A model call of a turn: asked again, with what was wrong, while its reply cannot be used."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage

from fsm_langgraph.errors import ReplyError
from fsm_langgraph.handlers import Handle
from fsm_langgraph.lookups import Fetch, Found
from fsm_langgraph.models.call import Call, Outcome
from fsm_langgraph.prompt import Mode
from fsm_langgraph.record import ModelCall
from fsm_langgraph.turn import Turn


@dataclass(frozen=True, slots=True)
class Ask:
    """A model call that the turn waits for; what came of it is in `call` when the answer is sent."""

    call: Call
    messages: list[BaseMessage]


@dataclass(frozen=True, slots=True)
class Descend:
    """A sub-machine that the turn goes on in; what is sent is the turn as it comes back, packed."""

    turn: dict[str, Any]
    history: list[AnyMessage]


Effect = Ask | Handle | Fetch | Descend
"""What a turn wants from the outside."""
Result = AIMessage | Outcome | Found | dict[str, Any]
"""What it is sent for it."""
Answered = tuple[Call, AIMessage]
"""The call that was answered, the last where there were several, and the message that was shown."""


def ask(
    turn: Turn, call: Call, messages: list[BaseMessage], mode: Mode, *, retries: int
) -> Generator[Effect, Result, Answered]:
    """Call the model, and note each call in the turn.

    Args:
        turn: The turn that asks.
        call: What is asked for.
        messages: The prompt.
        mode: What the call is for.
        retries: How often the model is asked again.

    Raises:
        ReplyError: No reply could be used.
    """
    reasons: list[str] = []
    while True:
        message = yield Ask(call, messages)
        assert isinstance(message, AIMessage)  # noqa: S101 - what answers an Ask; generators cannot say so
        turn.model_calls.append(_noted(call, mode))
        if not call.error:
            # Some consumers make a list of blocks of the content; the conversation keeps plain text.
            is_plain = isinstance(message.content, str)
            return call, message if is_plain else message.model_copy(update={"content": message.text})
        reasons.append(call.error)
        if len(reasons) > retries:
            raise ReplyError(call.state, reasons)
        complaint = f"(Your last reply was refused: {call.error}. Reply once more, exactly in the form asked for.)"
        messages = [*messages, HumanMessage(complaint)]
        call = Call(call.state, call.message_id, call.schema, call.decide)


def _noted(call: Call, mode: Mode) -> ModelCall:
    usage = call.usage or {"input_tokens": 0, "output_tokens": 0}
    return ModelCall(
        state=call.state,
        mode=mode,
        input_tokens=usage["input_tokens"],
        output_tokens=usage["output_tokens"],
        error=call.error or call.cut,
    )
