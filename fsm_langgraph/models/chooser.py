"""The choice of the model that answers in a run: the one that the graph was built with, or another for this run.

    the run context    model, temperature                            any graph
    the run's config   configurable_fields, configurable_alternatives, init_chat_model(configurable_fields=…)

A choice is remembered, so that neither the model is made anew every turn, nor its provider asked again for a form of
structured output that it has refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.tools import BaseTool

from fsm_langgraph.effects import Deadlines
from fsm_langgraph.errors import ModelSetupError, RunContextError
from fsm_langgraph.models.arguments import Method
from fsm_langgraph.models.candidates import ModelCandidate, check_is_model, choosers_inside, unwrap
from fsm_langgraph.models.choice import make_model
from fsm_langgraph.models.gate import GatedModel
from fsm_langgraph.models.gate_setup import gate
from fsm_langgraph.models.run_context import Settings

_KEPT = 64
"""How many choices are remembered."""


class Chooser:
    """Finds the gated model of a run.

    Args:
        model: The chat model that the graph was built with, bare or wrapped.
        method: The method of structured output; found out where it is left out.
        tools: The tools that calls will come with, together in one call each.
        speaker: The name that the machine's messages carry.
        trace_replies: Whether traces tell the replies as they were written.
        deadlines: The deadlines of turns, for the clients of models that runs choose by name.

    Raises:
        ModelSetupError: There is something else than a chat model inside, or one that cannot call the tools.
    """

    def __init__(
        self,
        model: Runnable[Any, Any],
        *,
        method: Method | None = None,
        tools: Iterable[tuple[BaseTool, ...]] = (),
        speaker: str | None = None,
        trace_replies: bool = True,
        deadlines: Deadlines | None = None,
    ) -> None:
        self._method, self._tools, self._speaker = method, [*tools], speaker
        self._traces_replies, self._deadlines = trace_replies, deadlines
        self._built_with = _Model(model)
        self._named: dict[str | int, _Model] = {}
        self._gates: dict[Hashable, GatedModel] = {}
        self.default = self._gate([] if self._built_with.is_configurable else unwrap(model))
        """The model of runs that choose nothing. Where each run must choose, it has no candidates, and can only show
        messages that are written already."""

    def has_to_choose(self, settings: Settings) -> bool:
        """Say whether a run with these settings has to choose its model; the default one answers where not."""
        return settings.model is not None or settings.temperature is not None or self._built_with.is_configurable

    def choose(self, settings: Settings, config: RunnableConfig | None, state: str) -> GatedModel:
        """Return the gated model that answers in a run.

        Args:
            settings: What the run context asks for.
            config: The run's config, which decides where the model is configurable.
            state: The state that the turn is in.

        Raises:
            RunContextError: There is no such model.
        """
        if not self.has_to_choose(settings):
            return self.default
        try:
            return self._known(settings, config) or self._make(settings, config)
        except ModelSetupError as error:
            raise _refused(error, settings, state) from error

    async def achoose(self, settings: Settings, config: RunnableConfig | None, state: str) -> GatedModel:
        """Return the gated model of a run; the twin of `choose`."""
        if not self.has_to_choose(settings):
            return self.default
        try:
            known = self._known(settings, config)
            # In a thread, as making a model may import packages and read files.
            return known if known is not None else await asyncio.to_thread(self._make, settings, config)
        except ModelSetupError as error:
            raise _refused(error, settings, state) from error

    def _known(self, settings: Settings, config: RunnableConfig | None) -> GatedModel | None:
        model = self._named.get(_key(settings.model)) if settings.model is not None else self._built_with
        if model is None:
            return None
        with suppress(TypeError):  # a value that cannot be a key cannot be remembered
            return self._gates.get((model, settings.temperature, model.chosen_by(config)))
        return None

    def _make(self, settings: Settings, config: RunnableConfig | None) -> GatedModel:
        model, temperature = self._model(settings.model), settings.temperature
        candidates = unwrap(model.given, config)
        if temperature is not None:
            candidates = [_at(temperature, candidate) for candidate in candidates]
        made = self._gate(candidates)
        _make_room(self._gates)
        with suppress(TypeError):
            self._gates[model, temperature, model.chosen_by(config)] = made
        return made

    def _gate(self, candidates: Sequence[ModelCandidate]) -> GatedModel:
        return gate(
            candidates,
            method=self._method,
            tools=self._tools,
            speaker=self._speaker,
            trace_replies=self._traces_replies,
        )

    def _model(self, chosen: str | Runnable[Any, Any] | None) -> _Model:
        if chosen is None:
            return self._built_with
        found = self._named.get(_key(chosen))
        if found is None:
            _make_room(self._named)
            found = self._named[_key(chosen)] = _Model(make_model(chosen, deadlines=self._deadlines))
        return found


class _Model:
    """A model, and the keys of a run's config that choose in it."""

    def __init__(self, given: Runnable[Any, Any]) -> None:
        check_is_model(given)
        self.given = given
        self._keys = [spec.id for spec in given.config_specs]
        self._choosers = choosers_inside(given)
        self.is_configurable = bool(self._keys or self._choosers)

    def chosen_by(self, config: RunnableConfig | None) -> tuple[Any, ...]:
        """Return a run's choices in the model, as a key under which they are remembered."""
        configurable = (config or {}).get("configurable", {})
        params = (chooser(config) for chooser in self._choosers)
        return (*map(configurable.get, self._keys), *(tuple(sorted(given.items())) for given in params))


def _key(chosen: str | Runnable[Any, Any]) -> str | int:
    return chosen if isinstance(chosen, str) else id(chosen)  # many models cannot be a key


def _refused(error: ModelSetupError, settings: Settings, state: str) -> RunContextError:
    return RunContextError(state, str(error) if settings.model is None else f"context['model']: {error}")


def _at(temperature: float, candidate: ModelCandidate) -> ModelCandidate:
    """Set a model's temperature: on a copy of it, or with each call where its class has no such field."""
    model = candidate.model
    if "temperature" in type(model).model_fields and "temperature" not in candidate.kwargs:
        return replace(candidate, model=model.model_copy(update={"temperature": temperature}))
    return replace(candidate, kwargs={**candidate.kwargs, "temperature": temperature})


def _make_room(kept: dict[Any, Any]) -> None:
    if len(kept) >= _KEPT:
        kept.clear()
