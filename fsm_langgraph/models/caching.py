"""Marks by which a provider remembers the beginning of a prompt, which is the same on every turn in a state.

    cache_control      Anthropic remembers nothing unasked: the text block to be remembered carries this mark
    prompt_cache_key   OpenAI remembers beginnings by itself: the key sends those of one state to the same machine
    none               all others, as some refuse what they do not know

Which provider takes which mark stands in `providers.py`. `StructuredOutput` puts the mark on each request.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from langchain_core.messages import BaseMessage, SystemMessage

from fsm_langgraph.models.candidates import ModelCandidate
from fsm_langgraph.models.openai_api import talks_to_openai
from fsm_langgraph.models.providers import CacheMark, provider_of_model
from fsm_langgraph.prompts.prompt import stable_length


def cache_mark(candidate: ModelCandidate) -> CacheMark | None:
    """Return the mark that a model's provider takes; `None` where it is sent none."""
    provider = provider_of_model(candidate.model)
    mark = provider.cache_mark if provider is not None else None
    # OpenAI's class also talks to other servers, vLLM's and gateways among them, and sends them whatever it is given;
    # so only OpenAI's own address counts. Every server that speaks Anthropic's protocol knows `cache_control`.
    if mark == "prompt_cache_key" and (not talks_to_openai(candidate.model) or _has_key(candidate)):
        return None
    return mark


@lru_cache(maxsize=4096)
def cache_key(*names: str) -> str:
    """Make the key of what has these names: the same in every process, and within OpenAI's 64 characters."""
    return "fsm-" + hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def marked(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """Mark where the part of the system message ends that is the same on every turn."""
    first = messages[0] if messages else None
    if not isinstance(first, SystemMessage) or not isinstance(first.content, str):
        return [*messages]
    length = stable_length(first.content)
    if not length:
        return [*messages]
    blocks: list[str | dict[Any, Any]] = [
        {"type": "text", "text": first.content[:length], "cache_control": {"type": "ephemeral"}},
        {"type": "text", "text": first.content[length:]},
    ]
    return [first.model_copy(update={"content": blocks}), *messages[1:]]


def _has_key(candidate: ModelCandidate) -> bool:
    """Say whether the user has chosen a key, which then stays."""
    given: list[Mapping[str, Any] | None] = [
        candidate.kwargs,
        candidate.kwargs.get("extra_body"),
        getattr(candidate.model, "model_kwargs", None),
        getattr(candidate.model, "extra_body", None),
    ]
    return any("prompt_cache_key" in (arguments or {}) for arguments in given)
