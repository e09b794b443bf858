"""What makes a provider remember the beginning of a prompt, which is the same on every turn in a state.

    Anthropic   remembers nothing unasked: the text block that is to be remembered carries a `cache_control`
    OpenAI      remembers beginnings of itself: a `prompt_cache_key` sends those of one state to the same place
    others      are sent nothing, as some refuse what they do not know

Who the provider is, is told by the model's class. That of OpenAI also talks to other servers, vLLM's and gateways among
them, and sends them whatever it is given; so there only OpenAI's own address counts. Anthropic's protocol has
`cache_control` in every server that speaks it. A key that the user has chosen stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal

from langchain_core.messages import BaseMessage, SystemMessage

from fsm_langgraph.models.candidates import Candidate
from fsm_langgraph.models.openai_api import talks_to_openai
from fsm_langgraph.prompts.prompt import stable_length

CacheMark = Literal["cache_control", "prompt_cache_key"]


def cache_mark(candidate: Candidate) -> CacheMark | None:
    """Say how a model's provider is told what to remember; `None` where it is not told."""
    model = candidate.model
    provider = model._get_ls_params().get("ls_provider")
    if provider == "anthropic":
        return "cache_control"
    if provider == "openai" and talks_to_openai(model) and not _has_key(candidate):
        return "prompt_cache_key"
    return None


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


def _has_key(candidate: Candidate) -> bool:
    given: list[Mapping[str, Any] | None] = [
        candidate.kwargs,
        candidate.kwargs.get("extra_body"),
        getattr(candidate.model, "model_kwargs", None),
        getattr(candidate.model, "extra_body", None),
    ]
    return any("prompt_cache_key" in (arguments or {}) for arguments in given)
