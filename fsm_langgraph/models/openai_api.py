"""Peculiarities of langchain-openai, which is recognised by its module's name and never imported here.

Its `_stream` sends a request with a `response_format` through the SDK's beta helper, which copies the reply
so far for each token (150 µs of a token's 380) and takes half a second to import, on the event loop, in the
first turn. As `extra_body` the same request is an ordinary one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from langchain_core.language_models import BaseChatModel


def sent_plainly(model: BaseChatModel, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Move `response_format` into `extra_body`, for a class whose requests stay the same by that."""
    sent = dict(kwargs)
    if "response_format" not in sent or not _uses_chat_completions(model, sent):
        return sent
    sent["extra_body"] = {
        **(getattr(model, "extra_body", None) or {}),
        **(sent.get("extra_body") or {}),
        "response_format": sent.pop("response_format"),
    }
    return sent


def warm_up(model: BaseChatModel) -> None:
    """Import now the modules that the first call would import; for most models there are none."""
    for name in ("root_client", "root_async_client"):
        client: Any = getattr(model, name, None)
        if type(client).__module__.partition(".")[0] == "openai":
            # Each is a module of the SDK that is imported when it is first looked at.
            _ = client.chat.completions
            if getattr(model, "use_responses_api", None):
                _ = client.responses
            elif not _is_own_class(model):
                _ = client.beta.chat.completions


def talks_to_openai(model: BaseChatModel) -> bool:
    """Say whether requests go to OpenAI's own servers, those of its regions among them, and not to compatible ones."""
    client: Any = getattr(model, "root_client", None) or getattr(model, "root_async_client", None)
    host = urlsplit(str(getattr(client, "base_url", ""))).hostname or ""
    return host == "api.openai.com" or host.endswith(".api.openai.com")


def _uses_chat_completions(model: BaseChatModel, kwargs: Mapping[str, Any]) -> bool:
    """Say whether a request goes to the Chat Completions API; OpenAI's Responses API knows no `response_format`.

    The class decides it by its fields, the model's name and the arguments, in a method that is not public.
    """
    if not _is_own_class(model):
        return False
    own: Any = model
    return not own._use_responses_api({**kwargs, **own.model_kwargs})


def _is_own_class(model: BaseChatModel) -> bool:
    """Say whether the class is langchain-openai's own; a subclass of another package may change the request."""
    return type(model).__module__.startswith("langchain_openai.")
