"""Guards: the conditions of one transition, compiled when the graph is built.

They ask the context alone, and say of everything that they miss what it is. Whether a transition is taken is the
router's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.context.answered_keys import is_answered
from fsm_langgraph.context.presence import missing_keys
from fsm_langgraph.definition import Condition, FSMDefinition, Transition
from fsm_langgraph.logic import Engine, compile_logic, truthy


@dataclass(frozen=True, slots=True)
class Shortcomings:
    """All that the conditions of a transition miss in a context."""

    missing: tuple[str, ...] = ()
    """The keys that they require and that are not present."""
    unanswered: tuple[str, ...] = ()
    """The keys that nobody has answered."""
    failed: tuple[str, ...] = ()
    """The descriptions of those whose logic does not hold."""

    def __bool__(self) -> bool:
        return bool(self.missing or self.unanswered or self.failed)


class Guards:
    """The conditions of one transition.

    Args:
        definition: The definition that the transition belongs to.
        transition: The transition.
        engine: The evaluator of the conditions' JsonLogic.
    """

    def __init__(self, definition: FSMDefinition, transition: Transition, engine: Engine) -> None:
        self._defaults = definition.defaults
        self._declared = declared = frozenset(definition.context or ())
        self._conditions = [(each, _compiled(each, engine, declared)) for each in transition.conditions]

    def shortcomings(self, context: Mapping[str, JsonValue], written: Set[str]) -> Shortcomings:
        """Say what the conditions miss.

        Args:
            context: The context.
            written: Keys that were written, of which those count as answered that have their default's value.
        """
        missing: list[str] = []
        unanswered: list[str] = []
        failed: list[str] = []
        for condition, holds in self._conditions:
            missing += missing_keys(context, condition.requires_context_keys, self._declared)
            asked = condition.answered_context_keys
            unanswered += [key for key in asked if not is_answered(context, key, self._defaults, written)]
            if holds is not None and not truthy(holds(context)):
                failed.append(condition.description)
        if not (missing or unanswered or failed):
            return _NONE
        return Shortcomings(tuple(dict.fromkeys(missing)), tuple(dict.fromkeys(unanswered)), tuple(failed))


class HeardGuards(Guards):
    """Guards whose judging somebody hears, for coverage.

    Args:
        guards: The guards.
        hear: Is given the context and the written keys before each judging.
    """

    def __init__(self, guards: Guards, hear: Callable[[Mapping[str, JsonValue], Set[str]], None]) -> None:
        self._heard = guards
        self._hear = hear

    def shortcomings(self, context: Mapping[str, JsonValue], written: Set[str]) -> Shortcomings:
        """Tell who listens, and say what the conditions miss."""
        self._hear(context, written)
        return self._heard.shortcomings(context, written)


_NONE = Shortcomings()


def _compiled(condition: Condition, engine: Engine, declared: Set[str]) -> Callable[[Any], Any] | None:
    if condition.logic is None:
        return None
    return compile_logic(condition.logic, engine=engine, declared=declared)
