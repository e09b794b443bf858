"""Routing: which transition is taken, and why.

One pure function of a state and the situation of a turn. The model proposes; guards dispose: nothing that a reply says
opens a transition whose conditions do not hold. Every answer carries its reasons, one verdict for each transition.

    1  a global transition with conditions that is open, has news      fired
       and outranks what would be taken otherwise: safety first
    2  the proposed transition, if it is open                          proposed
    3  the first open one with conditions that has news                fired
    4  the state is passed, if its questions are answered              passed
    5  stay                                                            stayed, or vetoed

A state that is silent, one that runs a sub-machine, a step of thought in which nothing was chosen, and one whose
conditions decide (`decision: logic`) once it has heard a message, take their own first open transition instead of 3
and 4 (`first`).

*News* is a key that this turn changed, or that was told again in the state that asks for it. It leads along a
transition once a turn, and only where that may fire. Where the model meant to stay, what it noted itself ends nothing
and acts nowhere, unless the file says `fires: true`: neither a final nor a silent state is entered by it.

A `Router` is made once for each state, when the graph is built, with the guards compiled. Beside the transitions out of
its state it knows the global ones that are watched here though nobody can propose them, and the exits: global
transitions of the machines around this one, judged where their keys are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from pydantic import JsonValue

from fsm_langgraph.context.answered_keys import is_answered
from fsm_langgraph.definition import EVERYTHING, FSMDefinition, GlobalTransition, State, Transition
from fsm_langgraph.guards import Guards, HeardGuards
from fsm_langgraph.logic import Engine

Why = Literal["proposed", "fired", "first", "passed", "vetoed", "stayed"]
"""The reason of a route; see the rules above."""
Whence = Literal["message", "handler", "tool", "caller", "sub-machine", "digression", "machine"]
"""Where news comes from."""
PassedOver = Literal["", "not proposed", "no news", "fires false", "the model stayed", "taken in this turn"]
"""Why an open transition was not taken by news."""


@dataclass(frozen=True, slots=True)
class Situation:
    """The facts that a route depends on, besides the state."""

    context: Mapping[str, JsonValue] = field(repr=False)
    """The context as it is now, with the values of secrets."""
    news: Mapping[str, Whence] = field(default_factory=dict)
    """The keys that are news now, and where from."""
    proposed: str | None = None
    """The proposal of the reply, the state's own id to stay; `None` where no reply speaks for this step."""
    has_heard: bool = False
    """Whether a reply was decided on here: it has read the user's message, or it was thought about."""
    model_stayed: bool = False
    """Whether the model meant to stay where it heard the message of this turn."""
    may_pass: bool = False
    """Whether the state may be passed: it was entered by `ask: missing`, and no message waits."""
    taken: Set[str] = frozenset()
    """The names of the transitions that this turn has taken in the machine."""
    global_taken: bool = False
    """Whether this turn has taken a global transition: there is one in a turn."""
    written: Set[str] = frozenset()
    """Keys that were written, which count as answered though they have their default's value."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The findings about one transition."""

    transition: Transition
    missing: tuple[str, ...] = ()
    """The keys that its conditions require and that are not present."""
    unanswered: tuple[str, ...] = ()
    """The keys that its conditions want answered and that nobody has."""
    failed: tuple[str, ...] = ()
    """The descriptions of the conditions whose logic does not hold."""
    passed_over: PassedOver = ""
    """Why news did not take it, where it is open; empty for the one that is taken, and where that was not asked."""

    @property
    def enabled(self) -> bool:
        """Whether the transition is open."""
        return not (self.missing or self.unanswered or self.failed)


@dataclass(frozen=True, slots=True)
class Route:
    """The outcome of routing: the transition that is taken, and why."""

    transition: Transition | None
    """The transition that is taken; `None` to stay."""
    why: Why
    verdicts: tuple[Verdict, ...]
    """One for each transition, by priority; then those that are only watched, and the exits."""
    is_exit: bool = False
    """Whether it leads out of the machine, along a transition of one around it."""


class Router:
    """The transitions of one state, with their guards compiled.

    Args:
        definition: The definition that the state belongs to.
        state: The state.
        engine: The evaluator of the conditions' JsonLogic.
    """

    def __init__(self, definition: FSMDefinition, state: State, *, engine: Engine = "closures") -> None:
        self.state = state
        self._definition = definition
        offered = definition.transitions_from(state)
        self._guards: list[tuple[Transition, Guards]] = [(each, Guards(definition, each, engine)) for each in offered]
        known = {id(transition) for transition in offered}
        watched = [each for each in definition.watched_in(state) if id(each) not in known]
        self._watched: list[tuple[Transition, Guards]] = [(each, Guards(definition, each, engine)) for each in watched]
        self._names = {state.id, *(definition.proposal(state, each) for each in offered)}
        self._has_globals = any(isinstance(each, GlobalTransition) for each, _ in (*self._guards, *self._watched))

    def let_hear(self, hear: Callable[[Transition, Mapping[str, JsonValue], Set[str]], None]) -> None:
        """Have each judging of a transition heard: the transition, the context and the written keys."""

        def heard(pairs: Iterable[tuple[Transition, Guards]]) -> list[tuple[Transition, Guards]]:
            return [(each, HeardGuards(guards, partial(hear, each))) for each, guards in pairs]

        self._guards, self._watched = heard(self._guards), heard(self._watched)

    def route(self, situation: Situation, exits: Sequence[Verdict] = ()) -> Route:
        """Say which transition this turn takes, and why the others were not.

        Args:
            situation: The situation of the turn.
            exits: The verdicts on the transitions that lead out of the machine.
        """
        own = tuple(self._judged(self._guards, situation))
        watched = tuple(self._judged(self._watched, situation))
        usual = self._usual(own, situation, exits)
        if not (self._has_globals or exits):
            return _taking(usual.transition, usual.why, own)
        rank = usual.transition.priority if usual.transition is not None else None
        for verdict in sorted((*own, *watched, *exits), key=lambda verdict: verdict.transition.priority):
            transition = verdict.transition
            if not isinstance(transition, GlobalTransition) or (rank is not None and transition.priority >= rank):
                continue
            if self._fires(verdict):
                is_exit = any(verdict is each for each in exits)
                return _taking(transition, "fired", (*own, *watched, *exits), is_exit=is_exit)
        return _taking(usual.transition, usual.why, (*own, *watched, *exits), is_exit=usual.is_exit)

    def interrupt(self, situation: Situation) -> Route:
        """Say whether a global transition fires while a sub-machine runs in the state."""
        verdicts = self.judge_globals(situation)
        taken = next((verdict.transition for verdict in verdicts if self._fires(verdict)), None)
        return _taking(taken, "fired" if taken is not None else "stayed", verdicts)

    def judge_globals(self, situation: Situation) -> tuple[Verdict, ...]:
        """Return the verdicts on the global transitions alone."""
        judged = self._judged([*self._guards, *self._watched], situation)
        return tuple(verdict for verdict in judged if isinstance(verdict.transition, GlobalTransition))

    def judge(self, transition: Transition, situation: Situation) -> Verdict:
        """Return the verdict on one of the transitions, for a machine inside whose exit it is."""
        guarded = [pair for pair in (*self._guards, *self._watched) if pair[0] is transition]
        return next(self._judged(guarded, situation))

    def name(self, transition: Transition) -> str:
        """Name a transition as it is remembered in `Situation.taken`."""
        return self._definition.name_of(self.state, transition)

    def _usual(self, own: Sequence[Verdict], situation: Situation, exits: Sequence[Verdict]) -> Route:
        """Return the route by all rules but the first."""
        proposed, state = situation.proposed, self.state
        is_stepped = state.silent or state.subflow is not None
        decides = is_stepped or (state.decision == "logic" and situation.has_heard)
        for transition in _open(own):
            # Guards alone decide among such a state's own transitions; a global one is the user's wish in any state.
            is_global = isinstance(transition, GlobalTransition)
            is_proposed = proposed is not None and proposed == self._definition.proposal(state, transition)
            if is_proposed and not (decides and not is_global) and not (is_global and situation.global_taken):
                return Route(transition, "proposed", ())
        for verdict in exits if proposed not in self._names else ():  # a name belongs to the nearest machine
            is_proposed = verdict.transition.target_state == proposed
            if is_proposed and verdict.enabled and not situation.global_taken:
                return Route(verdict.transition, "proposed", (), is_exit=True)
        steps = [transition for transition in _open(own) if not isinstance(transition, GlobalTransition)]
        if decides and steps:
            return Route(steps[0], "first", ())
        fired = next((verdict.transition for verdict in own if self._fires(verdict)), None)
        if fired is not None:
            return Route(fired, "fired", ())
        if not state.listens and steps:
            return Route(steps[0], "first", ())
        if situation.may_pass and (passed := self._passed(steps, situation)) is not None:
            return Route(passed, "passed", ())
        stays = decides or proposed in (None, state.id)
        return Route(None, "stayed" if stays else "vetoed", ())

    def _passed(self, steps: Sequence[Transition], situation: Situation) -> Transition | None:
        """Return the transition by which the state is passed, where all that it requires is answered."""
        required, context, defaults = self.state.required_context_keys, situation.context, self._definition.defaults
        if not required or not all(is_answered(context, key, defaults, situation.written) for key in required):
            return None
        onward = (
            each for each in steps if each.conditions and each.fires is not False and each.target_state != self.state.id
        )
        if "message" not in situation.news.values():  # the model has noted nothing that could have led here
            return next(onward, None)
        return next((each for each in onward if not self._is_held_back(each, situation)), None)

    def _judged(self, guarded: Sequence[tuple[Transition, Guards]], situation: Situation) -> Iterator[Verdict]:
        for transition, guards in guarded:
            found = guards.shortcomings(situation.context, situation.written)
            reason = "" if found else self._reason(transition, situation)
            yield Verdict(transition, found.missing, found.unanswered, found.failed, reason)

    def _fires(self, verdict: Verdict) -> bool:
        """Say whether news takes a transition."""
        return verdict.enabled and not verdict.passed_over

    def _reason(self, transition: Transition, situation: Situation) -> PassedOver:
        """Say why news does not take an open transition; empty where it does."""
        is_global = isinstance(transition, GlobalTransition)
        is_step = self.state.silent or self.state.decision == "logic"
        if not transition.conditions or (transition.target_state == self.state.id and not is_step):
            return "not proposed"
        if transition.fires is False:
            return "fires false"
        if self.name(transition) in situation.taken or (is_global and situation.global_taken):
            return "taken in this turn"
        read = _read_by(transition, situation.news)
        if not read:
            return "no news"
        if self._is_held_back(transition, situation) and all(situation.news[key] == "message" for key in read):
            return "the model stayed"
        return ""

    def _is_held_back(self, transition: Transition, situation: Situation) -> bool:
        """Say whether a model that meant to stay is not led along a transition by what it noted itself."""
        if not situation.model_stayed or transition.fires is not None:
            return False
        target = self._definition.states[transition.target_state]
        return target.is_final or target.silent


def _taking(transition: Transition | None, why: Why, verdicts: tuple[Verdict, ...], *, is_exit: bool = False) -> Route:
    taken = next((each for each in verdicts if each.transition is transition and each.passed_over), None)
    if taken is not None:  # it was taken otherwise than by news
        verdicts = tuple(replace(each, passed_over="") if each is taken else each for each in verdicts)
    return Route(transition, why, verdicts, is_exit)


def _open(verdicts: Sequence[Verdict]) -> list[Transition]:
    return [verdict.transition for verdict in verdicts if verdict.enabled]


def _read_by(transition: Transition, news: Mapping[str, Whence]) -> list[str]:
    """Return the news that the conditions of a transition read."""
    if EVERYTHING in transition.reads:
        return [*news]
    # A path is read by its first part, and a key may have dots in its own name.
    return [key for key in news if key in transition.reads or key.partition(".")[0] in transition.reads]
