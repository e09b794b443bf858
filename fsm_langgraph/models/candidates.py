"""From what a user calls "the model" to the chat models that may answer.

LangChain wraps models: `bind` adds arguments, `with_fallbacks` adds other models, `with_retry` and
`with_config` change how they are run, `configurable_fields` and `configurable_alternatives` leave a choice to
the run's config. We call a provider's stream directly, so the wrappers are taken off here and what they
hold is kept:

    a.bind(stop=["END"]).with_fallbacks([b])   ->   Candidate(a, stop=["END"]), Candidate(b)

The retries of `with_retry` are not kept: LangGraph's own retry policy repeats a node.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import Runnable, RunnableConfig, RunnableWithFallbacks
from langchain_core.runnables.base import RunnableBindingBase
from langchain_core.runnables.config import merge_configs
from langchain_core.runnables.configurable import DynamicRunnable

from fsm_langgraph.errors import ModelSetupError

_KEPT_CHOICES = 64
"""How many choices of a configurable model are remembered."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chat model that may answer, and what goes with it."""

    model: BaseChatModel
    """The provider's model."""
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    """What was bound to it, for `_stream` and `_astream`; `stop` is not among them."""
    stop: list[str] | None = None
    """The stop words that were bound to it."""
    yields_to_next_on: tuple[type[BaseException], ...] = ()
    """The errors after which the next candidate is asked; empty for the last one."""


def unwrap(model: Runnable[Any, Any], config: RunnableConfig | None = None) -> list[Candidate]:
    """List the chat models inside a model, the first to be asked first.

    Args:
        model: A chat model, bare or wrapped.
        config: The run's config, which decides where the model is configurable.

    Raises:
        ModelSetupError: There is something else than a chat model inside.
    """
    match model:
        case BaseChatModel():
            return [Candidate(model)]
        case RunnableWithFallbacks():
            return _with_fallbacks(model, config)
        case RunnableBindingBase():
            inner = unwrap(model.bound, merge_configs(model.config, config))
            return [_bind(candidate, model.kwargs) for candidate in inner]
        case DynamicRunnable():
            return unwrap(*model.prepare(config))
    name = type(model).__name__
    raise ModelSetupError(
        name,
        "it is not a chat model.",
        "Give a chat model, or one wrapped by bind(), with_fallbacks(), with_retry(), with_config() or"
        " configurable_alternatives(). A chain cannot be asked for a reply; a model that init_chat_model"
        " leaves configurable has to be made without configurable_fields.",
    )


def _with_fallbacks(model: RunnableWithFallbacks[Any, Any], config: RunnableConfig | None) -> list[Candidate]:
    groups = [unwrap(runnable, config) for runnable in model.runnables]
    candidates: list[Candidate] = []
    for group in groups[:-1]:
        candidates += group[:-1]
        candidates.append(replace(group[-1], yields_to_next_on=tuple(model.exceptions_to_handle)))
    return candidates + groups[-1]


def _bind(candidate: Candidate, kwargs: Mapping[str, Any]) -> Candidate:
    """Add what an outer wrapper binds: as in LangChain, what stands nearer to the model is overridden."""
    merged = {**candidate.kwargs, **kwargs}
    for ours in ("stream", "ls_structured_output_format"):
        merged.pop(ours, None)
    return replace(candidate, kwargs=merged, stop=merged.pop("stop", candidate.stop))


class Chooser:
    """Finds the candidates for a run, and remembers them: a configurable model is not made anew every turn.

    Args:
        model: A chat model, bare or wrapped.

    Raises:
        ModelSetupError: There is something else than a chat model inside.
    """

    def __init__(self, model: Runnable[Any, Any]) -> None:
        self._model = model
        self._fixed = None if model.config_specs else unwrap(model)
        self._choices: dict[tuple[Any, ...], list[Candidate]] = {}

    def choose(self, config: RunnableConfig | None = None) -> list[Candidate]:
        """List the candidates for this run."""
        if self._fixed is not None:
            return self._fixed
        key = self._key(config)
        try:
            found = self._choices.get(key)
        except TypeError:  # a value that cannot be a key cannot be remembered
            return unwrap(self._model, config)
        if found is None:
            if len(self._choices) >= _KEPT_CHOICES:
                self._choices.clear()
            found = self._choices[key] = unwrap(self._model, config)
        return found

    def _key(self, config: RunnableConfig | None) -> tuple[Any, ...]:
        configurable = (config or {}).get("configurable", {})
        return tuple((spec.id, configurable.get(spec.id)) for spec in self._model.config_specs)
