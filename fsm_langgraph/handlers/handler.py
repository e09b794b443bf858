"""A handler, and the handlers of a graph: user code, and when it runs."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Literal, TypeVar, get_args

from fsm_langgraph.context.presence import has_key
from fsm_langgraph.data.json_data import at
from fsm_langgraph.errors import Problem, suggest
from fsm_langgraph.handlers.action_place import place_of
from fsm_langgraph.handlers.action_signature import fault_of
from fsm_langgraph.handlers.event import MOMENTS, Action, Answer, Event, Moment

ActionT = TypeVar("ActionT", bound=Action)
OnError = Literal["raise", "continue"]
"""The effect of an error in a handler."""
_ERRORS: tuple[OnError, ...] = get_args(OnError)


@dataclass(frozen=True, slots=True)
class Handler:
    """User code, and when it runs. Made by `Handlers.on` or `create_handler`."""

    name: str
    """The name that records and errors use."""
    action: Action
    moments: frozenset[Moment] = frozenset()
    states: frozenset[str] = frozenset()
    """The states in which it runs; every one where it is empty."""
    not_states: frozenset[str] = frozenset()
    """The states in which it does not run."""
    within: str = ""
    """The sub-machine in whose states it runs, by its path; everywhere where it is empty."""
    targets: frozenset[str] = frozenset()
    """The targets of a transition for which it runs; every one where it is empty."""
    has: frozenset[str] = frozenset()
    """Keys that must be present."""
    keys: frozenset[str] = frozenset()
    """Keys of which one must have changed in the turn; the same are refused by `RejectValue`."""
    conditions: tuple[Callable[[Event], bool], ...] = ()
    """Functions that must all agree."""
    priority: int = 100
    """Its place among the handlers of a moment: the lower runs first."""
    errors: OnError = "raise"
    """The effect of an error in it: the turn fails, or the error is logged."""
    is_critical: bool = False
    """Whether an error in it fails the turn whatever `errors` says."""
    timeout: float | None = None
    """Seconds after which it has failed; more than none."""

    def __post_init__(self) -> None:
        """Refuse what would not be what it says: an error that is never raised, a time that is over at once.

        Raises:
            ValueError: `errors` or `timeout` has a value that there is not.
            TypeError: It or one of its conditions cannot be called with an event.
        """
        for what, function in (("it", self.action), *(("its condition", each) for each in self.conditions)):
            if fault := fault_of(function):
                raise TypeError(f"handler {self.name!r}: {what} {fault}")
        if self.errors not in _ERRORS:
            told = " and ".join(map(repr, _ERRORS))
            raise ValueError(f"handler {self.name!r}: there is no errors={self.errors!r}; there are {told}")
        if self.timeout is not None and not _is_time(self.timeout):
            told = f"timeout={self.timeout!r} is no time to wait"
            raise ValueError(f"handler {self.name!r}: {told}; give a number of seconds above 0, or leave it out")

    def runs_in(self, state: str) -> bool:
        """Say whether it runs in this state at all."""
        return (
            (not self.states or state in self.states)
            and state not in self.not_states
            and (not self.within or state.startswith(f"{self.within}/"))
        )

    def applies(self, event: Event, declared: Collection[str] = ()) -> bool:
        """Say whether it runs for this event, as far as its `conditions` agree.

        Args:
            event: The event.
            declared: The keys of the context with declarations, on which presence depends.
        """
        return (
            self.runs_in(event.state)
            and (not self.targets or event.target in self.targets)
            and all(has_key(event.context, key, declared) for key in self.has)
            and (not self.keys or not self.keys.isdisjoint(event.updated))
        )

    def conditions_hold(self, event: Event) -> bool:
        """Ask its `conditions`, which are user code and may fail like it."""
        return all(condition(event) for condition in self.conditions)


class Handlers:
    """The handlers of a graph, by moment."""

    def __init__(self, handlers: Iterable[Handler] = ()) -> None:
        self._added: list[Handler] = []
        self._in_state: dict[tuple[Moment, str], tuple[Handler, ...]] = {}
        for handler in handlers:
            self.add(handler)

    def add(self, handler: Handler) -> Handler:
        """Add a handler.

        Raises:
            ValueError: It names no moment to run at, or one that there is not.
            TypeError: One of its conditions is an async function, whose coroutine would count as agreement.
        """
        if not handler.moments:
            raise ValueError(_no_moment(handler.name))
        if any(map(inspect.iscoroutinefunction, handler.conditions)):
            raise TypeError(f"handler {handler.name!r}: a condition is a plain function; ask in the handler instead")
        known_moments(handler.moments)
        self._added.append(handler)
        self._in_state = {}  # another one, as a turn in another thread may still be filling this one
        return handler

    def include(self, other: Handlers, under: str = "") -> None:
        """Add the handlers of others, as they are now.

        Args:
            other: The handlers to add.
            under: The sub-machine that they were written for, such as `payment`. The states that they name are its
                own: `card` becomes `payment/card`. A handler that names no state runs in all of its states, and in
                no other.

        Raises:
            ValueError: `under` is no path of states.
        """
        if under and not all(under.split("/")):
            raise ValueError(f"{under!r} is no path of states; write it like 'payment' or 'shop/payment'")
        for handler in list(other):
            self.add(_placed(handler, under) if under else handler)

    def on(
        self,
        *moments: Moment,
        state: str | Iterable[str] = (),
        not_state: str | Iterable[str] = (),
        target: str | Iterable[str] = (),
        has: str | Iterable[str] = (),
        keys: str | Iterable[str] = (),
        when: Callable[[Event], bool] | None = None,
        priority: int = 100,
        errors: OnError = "raise",
        critical: bool = False,
        timeout: float | None = None,
        name: str | None = None,
    ) -> Callable[[ActionT], ActionT]:
        """Make a handler of the function below; the conditions are those of `Handler`.

        Raises:
            ValueError: A moment, `errors` or `timeout` has a value that there is not, or the decorator stands without
                parentheses and takes the function for a moment.
        """
        at_moments = known_moments(moments)

        def register(action: ActionT) -> ActionT:
            self.add(
                Handler(
                    name=name or str(getattr(action, "__name__", "handler")),
                    action=action,
                    moments=at_moments,
                    states=_names(state),
                    not_states=_names(not_state),
                    targets=_names(target),
                    has=_names(has),
                    keys=_names(keys),
                    conditions=(when,) if when is not None else (),
                    priority=priority,
                    errors=errors,
                    is_critical=critical,
                    timeout=timeout,
                )
            )
            return action

        return register

    def at(self, moment: Moment) -> list[Handler]:
        """Return the handlers of a moment, in the order in which they run."""
        return sorted((h for h in self._added if moment in h.moments), key=lambda handler: handler.priority)

    def in_state(self, moment: Moment, state: str) -> tuple[Handler, ...]:
        """Return the handlers of a moment that may run in a state, in order; the answer is remembered."""
        remembered = self._in_state
        found = remembered.get((moment, state))
        if found is None:
            found = remembered[moment, state] = tuple(h for h in self.at(moment) if h.runs_in(state))
        return found

    def heard_by(self, hear: Callable[[Handler, Event], None]) -> Handlers:
        """Return the handlers as they are now, with somebody who hears of each before it runs."""
        return Handlers(replace(each, action=_heard(each, hear)) for each in self)

    def problems(self, states: Collection[str]) -> list[Problem]:
        """Return the problems of the handlers in a machine of these states: a handler for any other would never run."""
        return [problem for handler in self for problem in _problems(handler, states)]

    def __iter__(self) -> Iterator[Handler]:
        return iter(self._added)

    def __len__(self) -> int:
        return len(self._added)


def _heard(handler: Handler, hear: Callable[[Handler, Event], None]) -> Action:
    """Return the action of a handler, after somebody has heard of it; an async one stays async."""
    action: Any = handler.action
    if inspect.iscoroutinefunction(action):

        @wraps(action)
        async def arun(event: Event) -> Answer:
            hear(handler, event)
            answer: Answer = await action(event)
            return answer

        return arun

    @wraps(action)
    def run(event: Event) -> Any:
        hear(handler, event)
        return action(event)

    return run


def _problems(handler: Handler, states: Collection[str]) -> Iterator[Problem]:
    where = at("handlers", handler.name)
    machines = {state.rpartition("/")[0] for state in states} - {""}
    if handler.within and handler.within not in machines:
        advice = suggest(handler.within, machines, noun="sub-machines")
        message = f"no sub-machine runs in {handler.within!r}."
        yield Problem(where, "unknown-sub-machine", message, advice, place=place_of(handler.action))
        return
    for name in sorted((handler.states | handler.not_states | handler.targets).difference(states)):
        message, advice = f"no state is named {name!r}.", suggest(name, states, noun="states")
        yield Problem(where, "unknown-state", message, advice, place=place_of(handler.action))


def _placed(handler: Handler, under: str) -> Handler:
    """Return a sub-machine's handler for the machine around it, with the paths that its states have there."""

    def below(names: Iterable[str]) -> frozenset[str]:
        return frozenset(f"{under}/{name}" for name in names)

    return replace(
        handler,
        states=below(handler.states),
        not_states=below(handler.not_states),
        targets=below(handler.targets),
        within=f"{under}/{handler.within}" if handler.within else under,
    )


def known_moments(moments: Iterable[Moment]) -> frozenset[Moment]:
    """Return the moments; raise `ValueError` for one that does not exist."""
    for moment in moments:
        if callable(moment):  # a decorator without parentheses
            name = getattr(moment, "__name__", "handler")
            raise ValueError(f'{_no_moment(name)}. Write it like @handlers.on("POST_TRANSITION").')
        if moment not in MOMENTS:
            raise ValueError(f"there is no moment {moment!r}. {suggest(moment, MOMENTS, noun='moments')}")
    return frozenset(moments)


def _no_moment(name: str) -> str:
    return f"handler {name!r} names no moment; there are: {', '.join(MOMENTS)}"


def _is_time(seconds: object) -> bool:
    return isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 < seconds < math.inf


def _names(given: str | Iterable[str]) -> frozenset[str]:
    return frozenset([given] if isinstance(given, str) else given)
