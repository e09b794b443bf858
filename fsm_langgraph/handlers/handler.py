"""A handler, and the handlers of a graph: user code, and when it runs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar

from fsm_langgraph.errors import suggest
from fsm_langgraph.handlers.event import MOMENTS, Action, Event, Moment
from fsm_langgraph.logic import is_present

ActionT = TypeVar("ActionT", bound=Action)


@dataclass(frozen=True, slots=True)
class Handler:
    """User code, and when it runs. Made by `Handlers.on` or `create_handler`."""

    name: str
    """What records and errors call it."""
    action: Action
    moments: frozenset[Moment] = frozenset()
    states: frozenset[str] = frozenset()
    """The states in which it runs; every one where it is empty."""
    not_states: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()
    """The targets of a transition for which it runs; every one where it is empty."""
    has: frozenset[str] = frozenset()
    """Keys that must be present."""
    keys: frozenset[str] = frozenset()
    """Keys of which one must have changed in the turn; what `RejectValue` refuses."""
    conditions: tuple[Callable[[Event], bool], ...] = ()
    priority: int = 100
    errors: Literal["raise", "continue"] = "raise"
    """What an error in it does: it fails the turn, or it is logged."""
    is_critical: bool = False
    """Whether an error in it fails the turn whatever `errors` says."""
    timeout: float | None = None
    """Seconds after which it has failed."""

    def applies(self, event: Event) -> bool:
        """Say whether it runs for this event, as far as its `conditions` agree."""
        return (
            (not self.states or event.state in self.states)
            and event.state not in self.not_states
            and (not self.targets or event.target in self.targets)
            and all(is_present(event.context.get(key)) for key in self.has)
            and (not self.keys or not self.keys.isdisjoint(event.updated))
        )

    def conditions_hold(self, event: Event) -> bool:
        """Ask its `conditions`, which are user code and may fail like it."""
        return all(condition(event) for condition in self.conditions)


class Handlers:
    """The handlers of a graph, by moment."""

    def __init__(self, handlers: Iterable[Handler] = ()) -> None:
        self._by_moment: dict[Moment, list[Handler]] = {}
        for handler in handlers:
            self.add(handler)

    def add(self, handler: Handler) -> Handler:
        """Add a handler.

        Raises:
            ValueError: It names no moment to run at, or one that there is not.
            TypeError: One of its conditions is an async function.
        """
        if not handler.moments:
            raise ValueError(f"handler {handler.name!r} names no moment; there are: {', '.join(MOMENTS)}")
        if any(map(inspect.iscoroutinefunction, handler.conditions)):
            raise TypeError(f"handler {handler.name!r}: a condition is a plain function; ask in the handler instead")
        for moment in known_moments(handler.moments):
            registered = self._by_moment.setdefault(moment, [])
            registered.append(handler)
            registered.sort(key=lambda other: other.priority)
        return handler

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
        errors: Literal["raise", "continue"] = "raise",
        critical: bool = False,
        timeout: float | None = None,
        name: str | None = None,
    ) -> Callable[[ActionT], ActionT]:
        """Make a handler of the function below; the conditions are those of `Handler`."""

        def register(action: ActionT) -> ActionT:
            self.add(
                Handler(
                    name=name or str(getattr(action, "__name__", "handler")),
                    action=action,
                    moments=known_moments(moments),
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
        return self._by_moment.get(moment, [])

    def may_run(self, moment: Moment, state: str) -> bool:
        """Say whether any handler of this moment might run in this state."""
        return any((not h.states or state in h.states) and state not in h.not_states for h in self.at(moment))

    def __iter__(self) -> Iterator[Handler]:
        return iter({id(handler): handler for handlers in self._by_moment.values() for handler in handlers}.values())

    def __len__(self) -> int:
        return sum(1 for _ in self)


def known_moments(moments: Iterable[Moment]) -> frozenset[Moment]:
    """Return the moments; raise `ValueError` for one that there is not."""
    for moment in moments:
        if moment not in MOMENTS:
            raise ValueError(f"there is no moment {moment!r}. {suggest(moment, MOMENTS, noun='moments')}")
    return frozenset(moments)


def _names(given: str | Iterable[str]) -> frozenset[str]:
    return frozenset([given] if isinstance(given, str) else given)
