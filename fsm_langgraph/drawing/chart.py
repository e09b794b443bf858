"""A chart: a machine as it is drawn, in boxes and arrows, with their texts as short lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from fsm_langgraph.definition import GlobalTransition, State, Transition
from fsm_langgraph.drawing.remarks import Remark

Kind = Literal["listens", "thinks", "silent", "nests", "returns", "final"]
"""The kind of a state; one in which digressions end is one that `returns`."""
Direction = Literal["LR", "TB"]
Mark = Literal["covered", "partly", "missed"]
"""How far conversations have covered a state or a transition."""


@dataclass(frozen=True, slots=True)
class View:
    """The parts of a definition that are to be shown, and those to be lit up."""

    current: str | None
    """The path of the state to light up."""
    visits: Mapping[str, int]
    """How often each state was entered, by their paths."""
    xray: bool
    """Whether sub-machines are drawn inside the states that run them."""
    marks: Mapping[str, Mark] = field(default_factory=dict)
    """How far states and transitions are covered, by their places: `desk`, `desk.transitions[0]`."""
    remarks: Mapping[str, tuple[Remark, ...]] = field(default_factory=dict)
    """The remarks on states and transitions, by their places."""
    legend: tuple[Remark, ...] = ()
    """All remarks, those too that are on no part of the picture."""

    def remarks_on(self, path: str, *, inside: bool) -> tuple[Remark, ...]:
        """Return the remarks on a state, and on all inside it where that is not drawn."""
        own = self.remarks.get(path, ())
        if not inside:
            return own
        below = (each for place, found in self.remarks.items() if place.startswith(f"{path}/") for each in found)
        return tuple(sorted({*own, *below}, key=lambda remark: remark.number))


@dataclass(frozen=True, slots=True)
class Box:
    """A state as it is drawn."""

    state: State
    name: str
    """A name that every format can use for it: s0, s1, … in document order; s1_0 inside of s1."""
    kind: Kind
    title: str
    about: tuple[str, ...]
    """Its description, in lines."""
    keys: tuple[str, ...]
    """The keys that are collected in it, or that go into its sub-machine and come back, in lines."""
    tools: tuple[str, ...]
    """The names of the tools that may be used in it, in lines."""
    says: tuple[str, ...]
    """The words that the machine says in it itself, in lines."""
    visits: int
    is_current: bool
    mark: Mark | None
    """How far it is covered; `None` where that is not shown."""
    remarks: tuple[Remark, ...]
    inside: Chart | None

    @property
    def entry(self) -> str:
        """The name of what an arrow that leads here points at."""
        return self.name if self.inside is None else self.inside.start

    @property
    def exit(self) -> str:
        """The name of what an arrow from here comes from."""
        if self.inside is None:
            return self.name
        boxes = self.inside.boxes
        return next((box for box in reversed(boxes) if box.kind == "final"), boxes[-1]).exit


@dataclass(frozen=True, slots=True)
class Anywhere:
    """The box that stands for every state in which the global transitions are open."""

    name: str
    about: tuple[str, ...]
    opted_out: tuple[str, ...]
    """The states in which they are not open."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """A transition as it is drawn."""

    transition: Transition
    source: Box | Anywhere
    target: Box
    about: tuple[str, ...]
    """Its description, in lines; before it its position in the order of trial, where that matters."""
    guard: str
    """The keys that its conditions read."""
    notes: tuple[str, ...]
    """How it differs from other transitions, a line for each thing."""
    is_spine: bool
    """Whether the longest walk on from its source begins with it; that is drawn straight."""
    leads_back: bool
    """Whether it leads back to a state of the walk, which is drawn before its source."""
    mark: Mark | None
    """How far it is covered; `None` where that is not shown."""
    remarks: tuple[Remark, ...]

    @property
    def is_guarded(self) -> bool:
        """Whether it has conditions."""
        return bool(self.transition.conditions)

    @property
    def comes_back(self) -> bool:
        """Whether it is a digression."""
        return isinstance(self.transition, GlobalTransition) and self.transition.returns


@dataclass(frozen=True, slots=True)
class Chart:
    """A machine as it is drawn."""

    start: str
    """The name of the point where it begins."""
    first: Box
    """The state that it begins in."""
    boxes: tuple[Box, ...]
    anywhere: Anywhere | None
    """The box from which its global transitions leave, if it has any."""
    arrows: tuple[Arrow, ...]
