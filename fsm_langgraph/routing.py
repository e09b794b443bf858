"""Which transition is taken, and why.

One pure function of a state, the context, what changed in it in this turn, and what the model proposed. The
model proposes; guards dispose: nothing that a reply says opens an edge whose conditions do not hold. Every
answer carries its reasons, one verdict for each transition.

    proposed, and an open edge leads there      take it                        proposed
    else a conditional open edge reads a        take the first of these        fired
         key that changed in this turn
    else                                        stay                           stayed, or vetoed

A `Router` is made once for each state, when the graph is built, with the guards compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Set
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import JsonValue

from fsm_langgraph.definition import EVERYTHING, State, Transition
from fsm_langgraph.logic import Engine, compile_logic, is_present, truthy

Why = Literal["proposed", "fired", "first", "vetoed", "stayed"]
"""Why a route is what it is; `first` is the first open edge of a state whose conditions alone decide."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found about one transition."""

    transition: Transition
    missing: tuple[str, ...] = ()
    """The keys that its conditions require and that are not present."""
    failed: tuple[str, ...] = ()
    """The descriptions of the conditions whose logic does not hold."""
    visited: bool = False
    """Whether it leads to a listening state that this turn has entered already."""

    @property
    def enabled(self) -> bool:
        """Whether the transition is open."""
        return not (self.missing or self.failed or self.visited)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a state leads to now."""

    transition: Transition | None
    """The transition that is taken; `None` to stay."""
    why: Why
    verdicts: tuple[Verdict, ...]
    """One for each transition, by priority."""


class Router:
    """The transitions of one state, with their guards compiled."""

    def __init__(self, state: State, *, engine: Engine = "closures") -> None:
        self.state = state
        self._guards = [(transition, _guards(transition, engine)) for transition in state.by_priority]

    def route(
        self,
        context: Mapping[str, JsonValue],
        changed: Set[str],
        proposed: str | None,
        *,
        visited: Collection[str] = (),
    ) -> Route:
        """Say which transition this turn takes, and why the others were not.

        Args:
            context: The context as it is now.
            changed: The keys that were changed in this turn.
            proposed: The target that the reply names, this state's own id to stay; `None` when the state is
                entered, where no reply speaks for it yet.
            visited: The listening states that this turn has entered already: no edge leads there again.
        """
        verdicts = tuple(
            _judge(transition, guards, context, transition.target_state in visited)
            for transition, guards in self._guards
        )
        enabled = [verdict.transition for verdict in verdicts if verdict.enabled]

        if self.state.silent or self.state.decision == "logic":
            return self._first(enabled, verdicts, entering=proposed is None)
        for transition in enabled:
            if transition.target_state == proposed:
                return Route(transition, "proposed", verdicts)
        for transition in enabled:
            if transition.conditions and _reads_any(transition, changed):
                return Route(transition, "fired", verdicts)
        return Route(None, "stayed" if proposed in (None, self.state.id) else "vetoed", verdicts)

    def _first(self, enabled: list[Transition], verdicts: tuple[Verdict, ...], *, entering: bool) -> Route:
        """Take the first open edge; but one that asks nothing leads away from no state that is to listen."""
        waits = entering and self.state.listens and not self.state.silent
        for transition in enabled:
            if transition.conditions or not waits:
                return Route(transition, "first", verdicts)
        return Route(None, "stayed", verdicts)


_Guard = tuple[tuple[str, ...], Callable[[Any], Any] | None, str]


def _guards(transition: Transition, engine: Engine) -> list[_Guard]:
    return [
        (
            condition.requires_context_keys,
            compile_logic(condition.logic, engine=engine) if condition.logic is not None else None,
            condition.description,
        )
        for condition in transition.conditions
    ]


def _judge(transition: Transition, guards: list[_Guard], context: Mapping[str, JsonValue], visited: bool) -> Verdict:
    missing: list[str] = []
    failed: list[str] = []
    for keys, holds, description in guards:
        missing += (key for key in keys if key not in missing and not is_present(context.get(key)))
        if holds is not None and not truthy(holds(context)):
            failed.append(description)
    return Verdict(transition, tuple(missing), tuple(failed), visited)


def _reads_any(transition: Transition, changed: Set[str]) -> bool:
    return bool(changed) and (EVERYTHING in transition.reads or not changed.isdisjoint(transition.reads))
