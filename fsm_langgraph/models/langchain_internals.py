"""LangChain's private names: these are reached here and nowhere else, and each says why no public one will do.

The methods by which a provider's class streams are not among them, though their names begin with an underscore: they
are called in `provider_stream.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langchain_core.language_models import BaseChatModel, LangSmithParams, chat_models
from langchain_core.messages import BaseMessage
from langchain_core.runnables import Runnable, RunnableConfig


def traced_params(model: BaseChatModel) -> LangSmithParams:
    """Return what traces tell of a model, its provider among it; the module's name would miss subclasses."""
    return model._get_ls_params()


def as_providers_read(messages: list[BaseMessage]) -> list[BaseMessage]:
    """Return a prompt with its images, sounds and files in the form that LangChain's classes for providers expect."""
    normalized: list[BaseMessage] = _CHAT_MODELS._normalize_messages(messages) if _have_blocks(messages) else messages
    return normalized


def as_traces_read(messages: list[BaseMessage]) -> list[BaseMessage]:
    """Return a prompt with its images and files in the form that LangChain gives to callbacks, in a list for them."""
    formatted: list[BaseMessage] = _CHAT_MODELS._format_for_tracing(messages) if _have_blocks(messages) else [*messages]
    return formatted


def _have_blocks(messages: list[BaseMessage]) -> bool:
    for message in messages:  # noqa: SIM110 - asked twice in each call, and `any` would take three times as long
        if not isinstance(message.content, str):
            return True
    return False


_CHAT_MODELS: Any = chat_models
"""The module that brings prompts into these forms for LangChain's own calls, by functions without public names."""


def is_init_chat_model(model: Runnable[Any, Any]) -> bool:
    """Recognise the class of `init_chat_model`'s configurable models, by its name, as nothing of it is public."""
    return type(model).__name__ == "_ConfigurableModel" and {"_model", "_model_params"} <= vars(type(model)).keys()


def model_chosen(configurable: Runnable[Any, Any], config: RunnableConfig | None) -> Runnable[Any, Any]:
    """Return the model that a run's config chooses of one that `init_chat_model` has left open."""
    own: Any = configurable
    model: Runnable[Any, Any] = own._model(_without_langgraph(config))
    return model


def choice_of(configurable: Runnable[Any, Any], config: RunnableConfig | None) -> dict[str, Any]:
    """Return the options that a run's config chooses for one that `init_chat_model` has left open."""
    own: Any = configurable
    options: dict[str, Any] = own._model_params(_without_langgraph(config))
    return options


def _without_langgraph(config: RunnableConfig | None) -> RunnableConfig:
    """Leave out LangGraph's own entries, which a model with `configurable_fields="any"` would take for its options."""
    given = (config or {}).get("configurable", {})
    own = ("__", "checkpoint_", "thread_id", "langgraph_")
    return {"configurable": {key: value for key, value in given.items() if not key.startswith(own)}}


def uses_responses_api(model: BaseChatModel, kwargs: Mapping[str, Any]) -> bool:
    """Say whether a request of langchain-openai's class goes to OpenAI's Responses API.

    The class decides it by its fields, the model's name and the arguments.
    """
    own: Any = model
    return bool(own._use_responses_api({**kwargs, **own.model_kwargs}))
