"""The reason why a model stopped writing: one table for all providers.

Each provider has a word of its own for it, and its LangChain package has a place of its own:

    finish_reason                  OpenAI's chat, Groq, Mistral, DeepSeek, OpenRouter, Gemini (in capitals)
    stop_reason, stopReason        Anthropic, Amazon Bedrock
    done_reason                    Ollama
    incomplete_details.reason      OpenAI's Responses
    prompt_feedback.block_reason   Gemini, where the prompt itself was blocked

A refusal's words stand in `additional_kwargs`, in a block of the content, or beside the reason. langchain-openai loses
them while it streams; `openai_api.py` gets them back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage

from fsm_langgraph.errors import Refused

Stop = Literal["stop", "length", "tool calls", "refusal", "content filter", "safety", "unknown"]

STOPS: dict[str, Stop] = {
    **dict.fromkeys(("stop", "end_turn", "stop_sequence", "eos", "eos_token", "complete", "completed"), "stop"),
    # Mistral has `model_length`, Anthropic `model_context_window_exceeded` where the window was full before the limit.
    **dict.fromkeys(("length", "max_tokens", "max_output_tokens"), "length"),
    **dict.fromkeys(("model_length", "model_context_window_exceeded"), "length"),
    **dict.fromkeys(("tool_calls", "tool_call", "tool_use", "function_call"), "tool calls"),
    "refusal": "refusal",
    **dict.fromkeys(("content_filter", "content_filtered", "guardrail_intervened", "error_toxic"), "content filter"),
    **dict.fromkeys(("recitation", "language", "blocklist", "spii", "model_armor", "escalation"), "content filter"),
    **dict.fromkeys(("safety", "prohibited_content", "jailbreak"), "safety"),
    **dict.fromkeys(("image_safety", "image_prohibited_content"), "safety"),
}
"""The providers' words, in small letters; with any other word nothing is known."""

_BREAKS = frozenset({"error", "insufficient_system_resource", "network_error"})  # OpenRouter, DeepSeek, Zhipu

_PLACES = ("finish_reason", "stop_reason", "stopReason", "done_reason")
_LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens", "num_predict", "max_new_tokens")
"""The names that the classes of models have for the limit of a message's length."""


@dataclass(slots=True)
class Ending:
    """How a stream came to its end, as far as its pieces have told."""

    stop: Stop = "unknown"
    reason: str = ""
    """The provider's own word for it."""
    words: str = ""
    """The provider's words, where it refused."""

    @property
    def is_told(self) -> bool:
        """Whether the provider has told why the model stopped, be it in a word that is not known."""
        return self.stop != "unknown" or bool(self.reason and not self.is_broken)

    @property
    def is_broken(self) -> bool:
        """Whether the provider has told that the model did not stop by itself, but was interrupted."""
        return self.reason.lower() in _BREAKS

    @property
    def refused(self) -> Refused | None:
        """The way in which the provider refused, if it did."""
        return _refused(self.stop)

    def read(self, told: Mapping[str, Any]) -> None:
        """Read what came with a piece: its generation's information, and its response's metadata."""
        for place in _PLACES:
            if reason := told.get(place):
                self._take(_name(reason))
        if isinstance(details := told.get("incomplete_details"), Mapping) and (reason := details.get("reason")):
            self._take(_name(reason))
        if isinstance(feedback := told.get("prompt_feedback"), Mapping) and (reason := feedback.get("block_reason")):
            self._take_block(_name(reason))
            self.words += feedback.get("block_reason_message") or ""
        details = told.get("stop_details")
        explained = details.get("explanation") if isinstance(details, Mapping) else told.get("finish_message")
        if isinstance(explained, str):
            self.words += explained

    def read_refusal(self, message: BaseMessage) -> None:
        """Read the words of a refusal out of a piece that has something besides plain text."""
        # Some servers put an empty one beside each answer.
        words = [message.additional_kwargs.get("refusal") or None]
        if isinstance(message.content, list):
            blocks = (block for block in message.content if isinstance(block, dict))
            words += [block.get("refusal") or "" for block in blocks if block.get("type") == "refusal"]
        for said in words:
            if isinstance(said, str):
                self.stop, self.words = "refusal", self.words + said

    def _take(self, reason: str) -> None:
        stop = STOPS.get(reason.lower(), "unknown")
        # A refusal that came in a field of its own ends with the word for a whole answer.
        if self.refused is None or _refused(stop) is not None:
            self.stop, self.reason = stop, reason

    def _take_block(self, reason: str) -> None:
        if reason.upper() != "BLOCKED_REASON_UNSPECIFIED":
            self.stop, self.reason = _refused(STOPS.get(reason.lower(), "safety")) or "safety", reason


def length_limit(model: BaseChatModel, kwargs: Mapping[str, Any]) -> str:
    """Tell people that a message was cut at its length limit, and which setting to raise.

    Args:
        model: The model.
        kwargs: The arguments of the call, which may set the limit.
    """
    fields = type(model).model_fields
    values = {
        name: kwargs.get(name, getattr(model, name, None)) for name in _LIMITS if name in kwargs or name in fields
    }
    given = {name: value for name, value in values.items() if value is not None}
    name = next(iter(given or values), _LIMITS[0])
    value = f", which is {given[name]}" if name in given else ""
    return f"it was cut at the model's length limit; raise its {name}{value}"


def _refused(stop: Stop) -> Refused | None:
    return stop if stop == "refusal" or stop == "content filter" or stop == "safety" else None


def _name(reason: object) -> str:
    """Return the word of a reason, which may be a member of an enum."""
    return str(getattr(reason, "name", reason))
