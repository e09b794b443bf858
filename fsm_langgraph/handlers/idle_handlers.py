"""Handlers that never run in a definition, though the states that they name are there: `check --handlers` tells them.

    @handlers.on("POST_PROCESSING", target="done")     only PRE_TRANSITION has a target
    @handlers.on("END_CONVERSATION", state="ask")      the conversation ends in final states
    @handlers.on("POST_PROCESSING", state="book")      in a silent state no model decides
    @handlers.on("CONTEXT_UPDATE", keys="emial")       nobody has such a key

A moment that a conversation may come to in one of the states is not told: `START_CONVERSATION` runs wherever a node of
somebody's own begins one, and with `keys` of what the caller has given.

Of keys it is told in definitions that declare them, and by what `check` assumes: that handlers write declared ones. One
may write another key all the same, so nothing is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition, State
from fsm_langgraph.errors import Problem, suggest
from fsm_langgraph.handlers.action_place import place_of
from fsm_langgraph.handlers.event import MOMENTS, Moment
from fsm_langgraph.handlers.handler import Handler, Handlers


def idle_handlers(handlers: Handlers, definition: FSMDefinition) -> list[Problem]:
    """Return what keeps handlers from ever running, of those that name no state that there is not.

    Args:
        handlers: The handlers.
        definition: The outermost definition.
    """
    house = _House(definition.by_path, dict(definition.machines()))
    found: list[Problem] = []
    for handler in handlers:
        states = {path: state for path, state in house.states.items() if handler.runs_in(path)}
        place = place_of(handler.action)
        problems = (*_idle_moments(handler, states, house), *_unknown_keys(handler, states, house))
        found += (replace(problem, place=place) for problem in problems)
    return found


@dataclass(frozen=True)
class _House:
    """A definition with those inside it, as handlers name what is in them."""

    states: Mapping[str, State]
    """Every state by its path."""
    machines: Mapping[str, FSMDefinition]
    """Every machine by the prefix of its states' paths."""

    @cached_property
    def entered(self) -> frozenset[str]:
        """The paths of the states that are entered: by a transition, or as the first of a sub-machine."""
        first = (f"{prefix}{machine.initial_state}" for prefix, machine in self.machines.items() if prefix)
        return self.led_to.union(first)

    @cached_property
    def led_to(self) -> frozenset[str]:
        """The paths of the states that transitions lead to."""
        return frozenset(
            f"{prefix}{transition.target_state}"
            for prefix, machine in self.machines.items()
            for transitions in (machine.global_transitions, *(state.transitions for state in machine.states.values()))
            for transition in transitions
        )

    def advice_in(self, states: Mapping[str, State]) -> str:
        """Say at which moment a handler runs in one of these states, whatever kind it is of."""
        if not self.entered.isdisjoint(states):
            return _ENTERING
        if self.machines[""].initial_state in states:
            return "Run it at START_CONVERSATION, as the conversation begins there."
        return "Let a transition lead there."

    def keys(self, prefix: str) -> frozenset[str]:
        """Name the keys of a machine: its own, those that come in, those of exits, which may be told in there."""
        inputs = self.states[prefix[:-1]].inputs if prefix else {}
        exits = (
            transition.reads
            for around, machine in self.machines.items()
            if around != prefix and prefix.startswith(around)
            for transition in machine.global_transitions
        )
        return self.machines[prefix].named_keys.union(inputs, *exits)


def _idle_moments(handler: Handler, states: Mapping[str, State], house: _House) -> Iterator[Problem]:
    """Yield what keeps a handler from running at its moments in these states."""
    where = at("handlers", handler.name)
    if not states:
        yield Problem(where, "idle-handler", "each 'state' of it is a 'not_state' too.", "Leave one of the two out.")
        return
    for target in sorted(handler.targets - house.led_to):
        yield Problem(where, "idle-handler", f"no transition leads to {target!r}, its 'target'.", "Leave that out.")
    for moment in MOMENTS:
        if moment in handler.moments and (found := _never(moment, handler, states, house)) is not None:
            reason, advice = found
            yield Problem(where, "idle-handler", f"it never runs at {moment}: {reason}", advice)


def _never(moment: Moment, handler: Handler, states: Mapping[str, State], house: _House) -> tuple[str, str] | None:
    """Say why a moment never comes for a handler in these states, and what to do; `None` where it may come."""
    if handler.targets and moment == "POST_TRANSITION":
        return "the state that was entered is its 'state', and there is no 'target'.", "Name it as 'state'."
    if handler.targets and moment != "PRE_TRANSITION":
        return "there is a 'target' at PRE_TRANSITION only.", "Run it there."
    # Out of a final state of a sub-machine a global transition of a machine around may lead.
    if moment == "PRE_TRANSITION" and all(state.is_final and "/" not in path for path, state in states.items()):
        return "no transition leads out of a final state.", house.advice_in(states)
    if moment == "POST_TRANSITION" and house.entered.isdisjoint(states):
        return "no transition leads to its 'state'.", house.advice_in(states)
    if moment in _OF_REPLIES and not any(map(_OF_REPLIES[moment], states.values())):
        kinds = {"silent" if state.silent else "final": None for state in states.values()}
        reason = f"no reply of a model's is judged in a {' or a '.join(kinds)} state."
        return reason, house.advice_in(states)
    outermost = [state for path, state in states.items() if "/" not in path]
    if moment in ("START_CONVERSATION", "END_CONVERSATION") and not outermost:
        return "it is the conversation of the outermost machine.", _ENTERING
    if moment == "ERROR" and not outermost:
        around = "it runs in the state of the outermost machine that runs the sub-machine."
        return around, "Name that state, by `state`; what `include` brings with `under` cannot run there."
    if moment == "END_CONVERSATION" and not any(state.is_final for state in outermost):
        return "the conversation ends in a final state.", "Name one, or run it at PRE_TRANSITION, before it is entered."
    return None


_ENTERING = "Run it at POST_TRANSITION, when a state has been entered."


def _decides(state: State) -> bool:
    """Say whether a model's reply may decide there: to a message, or in a step of thought."""
    return state.hears or not state.listens


_OF_REPLIES: Mapping[Moment, Callable[[State], bool]] = {
    "PRE_PROCESSING": _decides,
    "CONTEXT_UPDATE": lambda state: _decides(state) or bool(state.tools),  # with which a final state may speak
    "POST_PROCESSING": _decides,
}
"""The moments about a model's replies, and whether they may come in a state."""


def _unknown_keys(handler: Handler, states: Mapping[str, State], house: _House) -> Iterator[Problem]:
    """Yield the keys that a handler waits for and that no machine has in which it runs."""
    prefixes = {path[: path.rfind("/") + 1] for path in states}
    if any(house.machines[prefix].context is None for prefix in prefixes):
        return  # any key may be there
    known = frozenset[str]().union(*map(house.keys, prefixes))
    where = at("handlers", handler.name)
    for option, keys in (("has", handler.has), ("keys", handler.keys)) if states else ():
        for key in sorted(keys - known):
            root = key.partition(".")[0]
            if root not in known:
                advice = (
                    f"{suggest(key, known, noun='keys')} What handlers alone write is declared under 'context' too."
                )
                yield Problem(where, "unknown-key", f"no key is named {key!r}, for which {option!r} waits.", advice)
            elif option == "keys":  # while what stands at a path may be present
                message = f"{key!r} is a path, and {option!r} is told of whole keys."
                yield Problem(where, "unknown-key", message, f"Name {root!r}.")
