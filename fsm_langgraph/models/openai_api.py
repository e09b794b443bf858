"""Peculiarities of langchain-openai, which is recognised by its module's name and never imported here.

Its `_stream` sends a request with a `response_format` through the SDK's beta helper, which copies the reply
so far for each token (150 µs of a token's 380) and takes half a second to import, on the event loop, in the
first turn. As `extra_body` the same request is an ordinary one.

Of an ordinary stream the class drops the field `refusal`. So its client is put behind one that listens to it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from langchain_core.language_models import BaseChatModel

from fsm_langgraph.models.failures import StreamRefusal
from fsm_langgraph.models.langchain_internals import uses_responses_api


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


def hearing_refusals(model: BaseChatModel) -> BaseChatModel:
    """Return the model, or a copy of one of OpenAI's whose streams end with `StreamRefusal` where it refused."""
    if not _is_own_class(model):
        return model
    clients = {name: getattr(model, name, None) for name in ("client", "async_client")}
    heard = {name: _Listening(client) for name, client in clients.items() if client is not None}
    return model.model_copy(update=heard)


class _Listening:
    """The client of chat completions, whose streams are listened to."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def create(self, **payload: Any) -> Any:
        made = self._client.create(**payload)
        if not payload.get("stream"):
            return made
        return _awaited(made) if hasattr(made, "__await__") else _Stream(made)


async def _awaited(made: Any) -> _Stream:
    return _Stream(await made)


@dataclass(slots=True)
class _Stream:
    """A stream of the client's, which ends with an error where it brought a refusal."""

    stream: Any
    words: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.stream.__enter__()
        return self

    def __exit__(self, *raised: Any) -> None:
        self.stream.__exit__(*raised)

    async def __aenter__(self) -> Self:
        await self.stream.__aenter__()
        return self

    async def __aexit__(self, *raised: Any) -> None:
        await self.stream.__aexit__(*raised)

    def __iter__(self) -> Iterator[Any]:
        for chunk in self.stream:
            self._hear(chunk)
            yield chunk
        self._end()

    async def __aiter__(self) -> AsyncIterator[Any]:
        async for chunk in self.stream:
            self._hear(chunk)
            yield chunk
        self._end()

    def _hear(self, chunk: Any) -> None:
        if chunk.choices and (words := getattr(chunk.choices[0].delta, "refusal", None)):
            self.words.append(words)

    def _end(self) -> None:
        if self.words:
            raise StreamRefusal("".join(self.words))


def talks_to_openai(model: BaseChatModel) -> bool:
    """Say whether requests go to OpenAI's own servers, those of its regions among them, and not to compatible ones."""
    client: Any = getattr(model, "root_client", None) or getattr(model, "root_async_client", None)
    host = urlsplit(str(getattr(client, "base_url", ""))).hostname or ""
    return host == "api.openai.com" or host.endswith(".api.openai.com")


def _uses_chat_completions(model: BaseChatModel, kwargs: Mapping[str, Any]) -> bool:
    """Say whether a request goes to the Chat Completions API; OpenAI's Responses API knows no `response_format`."""
    return _is_own_class(model) and not uses_responses_api(model, kwargs)


def _is_own_class(model: BaseChatModel) -> bool:
    """Say whether the class is langchain-openai's own; a subclass of another package may change the request."""
    return type(model).__module__.startswith("langchain_openai.")
