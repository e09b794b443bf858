"""From what a user calls "the model" to the chat models that may answer.

LangChain wraps models: `bind` adds arguments, `with_fallbacks` adds other models, `with_retry` and
`with_config` change how they are run; `configurable_fields`, `configurable_alternatives` and `init_chat_model` leave a
choice to the run's config. A provider's stream is called directly, so the wrappers are taken off here, and their
contents are kept:

    a.bind(stop=["END"]).with_fallbacks([b])   ->   ModelCandidate(a, stop=["END"]), ModelCandidate(b)

The retries of `with_retry` are not kept: LangGraph's own retry policy repeats a node.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import Runnable, RunnableConfig, RunnableWithFallbacks
from langchain_core.runnables.base import RunnableBindingBase
from langchain_core.runnables.config import merge_configs
from langchain_core.runnables.configurable import DynamicRunnable

from fsm_langgraph.errors import ModelSetupError
from fsm_langgraph.models.langchain_internals import choice_of, is_init_chat_model, model_chosen

ChosenT = TypeVar("ChosenT")


@dataclass(frozen=True, slots=True)
class ModelCandidate:
    """A chat model that may answer, with the arguments that were bound to it."""

    model: BaseChatModel
    """The provider's model."""
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    """The bound arguments, for `_stream` and `_astream`; `stop` is not among them."""
    stop: list[str] | None = None
    """The stop words that were bound to it."""
    yields_to_next_on: tuple[type[BaseException], ...] = ()
    """The errors after which the next candidate is asked; empty for the last one."""
    config: RunnableConfig = field(default_factory=RunnableConfig)
    """The callbacks, tags and metadata of its calls, and their name, that `with_config` has given it."""
    listeners: tuple[Callable[[RunnableConfig], RunnableConfig], ...] = ()
    """Make what `with_listeners` adds to the config of a call."""


def unwrap(model: Runnable[Any, Any], config: RunnableConfig | None = None) -> list[ModelCandidate]:
    """List the chat models inside a model, the first to be asked first.

    Args:
        model: A chat model, bare or wrapped.
        config: The run's config, which decides where the model is configurable.

    Raises:
        ModelSetupError: There is something else than a chat model inside.
    """
    match model:
        case BaseChatModel():
            return [ModelCandidate(model)]
        case RunnableWithFallbacks():
            return _with_fallbacks(model, config)
        case RunnableBindingBase():
            inner = unwrap(model.bound, merge_configs(model.config, config))
            return [_bind(candidate, model) for candidate in inner]
        case DynamicRunnable():
            return unwrap(*_chosen(model, lambda: model.prepare(config)))
    if is_init_chat_model(model):
        return unwrap(_chosen(model, lambda: model_chosen(model, config)), config)
    raise _no_model(model)


def check_is_model(model: Runnable[Any, Any]) -> None:
    """Refuse anything but a chat model, before any choice in it is made.

    Raises:
        ModelSetupError: There is something else than a chat model inside.
    """
    match model:
        case RunnableWithFallbacks():
            for runnable in model.runnables:
                check_is_model(runnable)
        case RunnableBindingBase():
            check_is_model(model.bound)
        case DynamicRunnable():
            check_is_model(model.default)
        case _ if not isinstance(model, BaseChatModel) and not is_init_chat_model(model):
            raise _no_model(model)


def choosers_inside(model: Runnable[Any, Any]) -> list[Callable[[RunnableConfig | None], dict[str, Any]]]:
    """List functions that read from a run's config the choice that `init_chat_model` leaves to it."""
    match model:
        case RunnableWithFallbacks():
            return [found for runnable in model.runnables for found in choosers_inside(runnable)]
        case RunnableBindingBase():
            return choosers_inside(model.bound)
    if not is_init_chat_model(model):
        return []
    return [partial(choice_of, model)]


def _chosen(model: Runnable[Any, Any], choose: Callable[[], ChosenT]) -> ChosenT:
    try:
        return choose()
    except Exception as error:
        # The edge to a provider's class: it may raise anything.
        raise ModelSetupError(
            type(model).__name__,
            f"the run's config chooses no model that can be made. {type(error).__name__}: {error}",
            "Correct what it has under 'configurable', or give the model a default.",
        ) from error


def _no_model(model: Runnable[Any, Any]) -> ModelSetupError:
    return ModelSetupError(
        type(model).__name__,
        "it is not a chat model.",
        "Give a chat model, or one wrapped by bind(), with_fallbacks(), with_retry(), with_config(),"
        " configurable_fields() or configurable_alternatives(). A chain cannot be asked for a reply.",
    )


def _with_fallbacks(model: RunnableWithFallbacks[Any, Any], config: RunnableConfig | None) -> list[ModelCandidate]:
    groups = [unwrap(runnable, config) for runnable in model.runnables]
    candidates: list[ModelCandidate] = []
    # A fallback may hold fallbacks itself; only when its last one has failed is the next group asked.
    for group in groups[:-1]:
        candidates += group[:-1]
        candidates.append(replace(group[-1], yields_to_next_on=tuple(model.exceptions_to_handle)))
    return candidates + groups[-1]


def _bind(candidate: ModelCandidate, wrapper: RunnableBindingBase[Any, Any]) -> ModelCandidate:
    """Add what an outer wrapper holds; as in LangChain, it overrides what is bound nearer to the model."""
    merged = {**candidate.kwargs, **wrapper.kwargs}
    # Every call streams, and brings its own structured output.
    for ours in ("stream", "ls_structured_output_format"):
        merged.pop(ours, None)
    return replace(
        candidate,
        kwargs=merged,
        stop=merged.pop("stop", candidate.stop),
        config=_told(merge_configs(candidate.config, wrapper.config)),
        listeners=(*candidate.listeners, *wrapper.config_factories),
    )


def _told(config: RunnableConfig) -> RunnableConfig:
    """Return the part of a config by which callbacks and traces know a call."""
    told: RunnableConfig = {}
    for name in ("callbacks", "tags", "metadata", "run_name"):
        if config.get(name):
            told[name] = config[name]
    return told
