"""Routing: which transition is taken, and why.

One pure function of a state, the context, what changed in it in this turn, and what the model proposed. The model
proposes; guards dispose: nothing that a reply says opens a transition whose conditions do not hold. Every answer
carries its reasons, one verdict for each transition.

    proposed, and an open transition leads there      take it                        proposed
    else a conditional open transition reads a        take the first of these        fired
         key that changed in this turn
    else                                              stay                           stayed, or vetoed

A `Router` is made once for each state, when the graph is built, with the guards compiled. Beside the transitions out of
its state it knows the exits: global transitions of the machines around this one, judged where their keys are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import JsonValue

from fsm_langgraph.context.presence import missing_keys
from fsm_langgraph.definition import EVERYTHING, GlobalTransition, State, Transition
from fsm_langgraph.logic import Engine, compile_logic, truthy

Why = Literal["proposed", "fired", "first", "vetoed", "stayed"]
"""The reason of a route; `first` is the first open transition of a state whose conditions alone decide."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The findings about one transition."""

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
    """The outcome of routing: the transition that is taken, and why."""

    transition: Transition | None
    """The transition that is taken; `None` to stay."""
    why: Why
    verdicts: tuple[Verdict, ...]
    """One for each transition, by priority; the exits last."""
    is_exit: bool = False
    """Whether it leads out of the machine, along a transition of one around it."""


class Router:
    """The transitions of one state, with their guards compiled.

    Args:
        state: The state.
        transitions: The transitions out of it, in the order of trial; its own where they are left out.
        engine: The evaluator of the conditions' JsonLogic.
    """

    def __init__(
        self, state: State, transitions: Sequence[Transition] | None = None, *, engine: Engine = "closures"
    ) -> None:
        self.state = state
        transitions = state.by_priority if transitions is None else transitions
        self._guards = [(transition, _guards(transition, engine)) for transition in transitions]

    def route(
        self,
        context: Mapping[str, JsonValue],
        changed: Set[str],
        proposed: str | None,
        *,
        visited: Collection[str] = (),
        exits: Sequence[Verdict] = (),
    ) -> Route:
        """Say which transition this turn takes, and why the others were not.

        Args:
            context: The context as it is now.
            changed: The keys that were changed in this turn.
            proposed: The target that the reply names, this state's own id to stay; `None` when the state is
                entered, where no reply speaks for it yet.
            visited: The listening states that this turn has entered already: no transition leads there again.
            exits: The verdicts on the transitions that lead out of the machine; they are only ever proposed.
        """
        own = tuple(self._judge(context, visited))
        verdicts = (*own, *exits)
        enabled = [verdict.transition for verdict in own if verdict.enabled]
        decides = self.state.silent or self.state.decision == "logic" or self.state.subflow is not None
        for transition in enabled:
            # Guards alone decide among such a state's own transitions; a global one is the user's wish in any state.
            if transition.target_state == proposed and not (decides and not isinstance(transition, GlobalTransition)):
                return Route(transition, "proposed", verdicts)
        for verdict in exits:
            if verdict.enabled and verdict.transition.target_state == proposed:
                return Route(verdict.transition, "proposed", verdicts, is_exit=True)
        if decides and (first := self._first(enabled, entering=proposed is None)) is not None:
            return Route(first, "first", verdicts)
        for transition in enabled:
            if transition.conditions and _reads_any(transition, changed):
                return Route(transition, "fired", verdicts)
        stays = decides or proposed in (None, self.state.id)
        return Route(None, "stayed" if stays else "vetoed", verdicts)

    def interrupt(self, context: Mapping[str, JsonValue], changed: Set[str]) -> Route:
        """Say whether a global transition fires while a sub-machine runs in the state.

        The arguments are those of `route`.
        """
        verdicts = self.judge_globals(context)
        for verdict in verdicts:
            transition = verdict.transition
            if verdict.enabled and transition.conditions and _reads_any(transition, changed):
                return Route(transition, "fired", verdicts)
        return Route(None, "stayed", verdicts)

    def judge_globals(self, context: Mapping[str, JsonValue]) -> tuple[Verdict, ...]:
        """Return the verdicts on the global transitions alone."""
        return tuple(v for v in self._judge(context, ()) if isinstance(v.transition, GlobalTransition))

    def _judge(self, context: Mapping[str, JsonValue], visited: Collection[str]) -> Iterator[Verdict]:
        for transition, guards in self._guards:
            yield _judge(transition, guards, context, transition.target_state in visited)

    def _first(self, enabled: list[Transition], *, entering: bool) -> Transition | None:
        """Return the first open transition of the state's own.

        A state that is to listen is not left on entering by one without conditions: it could hear nothing.
        """
        waits = entering and self.state.hears and self.state.subflow is None
        own = (transition for transition in enabled if not isinstance(transition, GlobalTransition))
        return next((transition for transition in own if transition.conditions or not waits), None)


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
        missing += (key for key in missing_keys(context, keys) if key not in missing)
        if holds is not None and not truthy(holds(context)):
            failed.append(description)
    return Verdict(transition, tuple(missing), tuple(failed), visited)


def _reads_any(transition: Transition, changed: Set[str]) -> bool:
    return bool(changed) and (EVERYTHING in transition.reads or not changed.isdisjoint(transition.reads))
