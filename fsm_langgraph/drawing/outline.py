"""What every picture of a definition shows: boxes and arrows, their texts cleaned, wrapped and cut short.

A definition's texts are written by people and may hold anything: line breaks, quotes, markup, pages of prose.
Past this module they are short lines of printable characters; what a format must escape, it escapes itself.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Literal

from fsm_langgraph.definition import EVERYTHING, FSMDefinition, State, Transition

Kind = Literal["listens", "thinks", "silent", "final"]
Direction = Literal["LR", "TB"]

_MOST_LINES = 3
_SHORT_CHAIN = 4
"""How many states one after the other still fit beside each other on a page."""


@dataclass(frozen=True, slots=True)
class Box:
    """A state as it is drawn."""

    state: State
    name: str
    """A name that every format can use for it: s0, s1, … in document order."""
    kind: Kind
    title: str
    about: tuple[str, ...]
    """Its description, in lines."""
    collects: tuple[str, ...]
    """The keys collected in it, in lines."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """A transition as it is drawn."""

    transition: Transition
    source: str
    target: str
    about: tuple[str, ...]
    """Its description, in lines; its place in the order of trial before it, where that matters."""
    guard: str
    """The keys that its conditions read."""
    is_guarded: bool
    """Whether it has conditions."""
    is_spine: bool
    """Whether it belongs to the longest way on from its source, which is drawn straight."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A definition as it is drawn."""

    direction: Direction
    start: str
    """The name of the box that the conversation begins in."""
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def outline(definition: FSMDefinition, *, width: int) -> Outline:
    """Say what is to be drawn, in lines of at most this many characters, and which way it runs."""
    names = {state_id: f"s{index}" for index, state_id in enumerate(definition.states)}
    distances = _distances(definition)
    spine = _spine(definition, distances)
    return Outline(
        direction="LR" if max(distances.values()) < _SHORT_CHAIN else "TB",
        start=names[definition.initial_state],
        boxes=tuple(_box(state, names[state.id], width) for state in definition.states.values()),
        arrows=tuple(
            _arrow(state, transition, names, spine, width)
            for state in definition.states.values()
            for transition in state.transitions
        ),
    )


def one_line(text: str) -> str:
    """Put a text on one line, without characters that cannot be seen."""
    return " ".join("".join(c if c.isprintable() or c in _JOINERS else " " for c in text).split())


def shortened(text: str, width: int) -> str:
    """Put a text on one line of at most this many characters."""
    line = one_line(text)
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


_JOINERS = "\u200c\u200d"
"""Invisible, but emoji and several scripts are spelt with them."""


def _box(state: State, name: str, width: int) -> Box:
    required = list(state.required_context_keys)
    optional = [f"{key}?" for key in state.own_keys if key not in required]
    return Box(
        state=state,
        name=name,
        kind=_kind(state),
        title=shortened(state.id, 40) or "…",
        about=_lines(state.description, width),
        collects=_lines(", ".join([*required, *optional]), width),
    )


def _kind(state: State) -> Kind:
    if state.is_final:
        return "final"
    if state.silent:
        return "silent"
    return "listens" if state.listens else "thinks"


def _arrow(state: State, transition: Transition, names: dict[str, str], spine: dict[str, str], width: int) -> Arrow:
    number = f"{state.by_priority.index(transition) + 1} · " if _order_matters(state) else ""
    required = dict.fromkeys(key for c in transition.conditions for key in c.requires_context_keys)
    reads = [*required, *sorted(transition.reads - required.keys() - {EVERYTHING})]
    return Arrow(
        transition=transition,
        source=names[state.id],
        target=names[transition.target_state],
        about=_lines(number + transition.description, width),
        guard=shortened(", ".join(reads), width),
        is_guarded=bool(transition.conditions),
        is_spine=spine.get(state.id) == transition.target_state,
    )


def _order_matters(state: State) -> bool:
    """Say whether two of the transitions can be open to the same rule, so that the first of them is taken."""
    if state.silent or state.decision == "logic":
        return len(state.transitions) > 1
    return sum(bool(transition.conditions) for transition in state.transitions) > 1


def _lines(text: str, width: int) -> tuple[str, ...]:
    """Break a text into few lines of about the same length."""
    line = one_line(text)
    lines = textwrap.wrap(line, width)
    if len(lines) > _MOST_LINES:
        return (*lines[: _MOST_LINES - 1], shortened(" ".join(lines[_MOST_LINES - 1 :]), width))
    narrower = (textwrap.wrap(line, narrow) for narrow in range(width // 2, width))
    return tuple(next((wrapped for wrapped in narrower if len(wrapped) == len(lines)), lines))


def _distances(definition: FSMDefinition) -> dict[str, int]:
    """Count how many transitions each state is away from the start; leave out what cannot be reached."""
    distances = {definition.initial_state: 0}
    waiting = [definition.initial_state]
    for state_id in waiting:
        for transition in definition.states[state_id].transitions:
            if transition.target_state not in distances:
                distances[transition.target_state] = distances[state_id] + 1
                waiting.append(transition.target_state)
    return distances


def _spine(definition: FSMDefinition, distances: dict[str, int]) -> dict[str, str]:
    """Map each state to the next one on the longest way that leads ever further from the start."""
    spine: dict[str, str] = {}
    length: dict[str, int] = {}
    for state_id in sorted(distances, key=distances.__getitem__, reverse=True):
        onward = [
            t.target_state
            for t in definition.states[state_id].by_priority
            if distances[t.target_state] > distances[state_id]
        ]
        if onward:
            spine[state_id] = max(onward, key=length.__getitem__)
        length[state_id] = 1 + length[spine[state_id]] if onward else 0
    return spine
