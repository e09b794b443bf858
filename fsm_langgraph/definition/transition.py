"""Transitions out of a state, and the conditions under which they are open."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

from pydantic import (
    ConfigDict,
    Field,
    JsonValue,
)

from fsm_langgraph.definition.section import Flag, Section, WholeNumber
from fsm_langgraph.logic import variables

EVERYTHING = ""
"""Stands among the keys that a condition reads, where its logic takes all of the context or computes a key's name."""


class Condition(Section):
    """Something that must hold before a transition is open."""

    description: str
    """The condition in words; shown to the model and in the turn record."""
    requires_context_keys: tuple[str, ...] = ()
    """Keys that must be present: there, and not null, "", [], {} or false."""
    answered_context_keys: tuple[str, ...] = ()
    """Keys that must have been answered by anyone, be it with false, with none or with an empty list; a default is no
    answer."""
    confirms: tuple[str, ...] = ()
    """Keys that what it requires confirms: it counts only where it was told in answer to this state, in a message that
    changed none of these, and for as long as none of them changes."""
    logic: JsonValue = None
    """A JsonLogic expression over the context that must be truthy."""

    @cached_property
    def reads(self) -> frozenset[str]:
        """The context keys that it depends on; `EVERYTHING` where it may read any."""
        paths = variables(self.logic) if self.logic is not None else frozenset()
        named = (*self.requires_context_keys, *self.answered_context_keys, *paths)
        return frozenset(path.split(".", 1)[0] for path in named)

    @cached_property
    def confirming(self) -> tuple[str, ...]:
        """The keys that confirm: those that it requires or, where it requires none, those that its logic reads.

        A path is told by its first part, and as a whole, since a key may have dots in its own name.
        """
        if not self.confirms:
            return ()
        paths = (*self.requires_context_keys, *self.answered_context_keys)
        if not paths and self.logic is not None:
            paths = tuple(sorted(variables(self.logic)))
        keys = dict.fromkeys(key for path in paths for key in (path, path.split(".", 1)[0]))
        return tuple(key for key in keys if key not in (EVERYTHING, *self.confirms) and not key.startswith("_"))


class Transition(Section):
    """A transition out of a state."""

    target_state: str
    """The id of the state that it leads to."""
    description: str
    """When to take it, in words: what the model chooses by."""
    conditions: tuple[Condition, ...] = ()
    """All of them must hold."""
    priority: WholeNumber = 100
    """Lower is tried first; ties are tried in document order."""
    ask: Literal["always", "missing"] | None = None
    """Whether its target asks on being entered by it: `missing` passes a target whose questions are answered. Left
    out, it is `always` for an unconditional transition among several, else as the target says."""
    handoff: Annotated[str, Field(min_length=1)] | None = None
    """The agent of the graph around that gets the user when it is taken; the machine waits in its target."""
    privileged: Flag = False
    """Whether it opens what not everybody may have: `check` tells who can open it, and warns of a model that can
    alone."""
    fires: Flag | None = None
    """Whether news takes it: `false` leaves it to the model's proposal. Left out, news does; but where the model meant
    to stay, what it noted itself leads into no final and no silent state. `true` lifts that."""

    @cached_property
    def reads(self) -> frozenset[str]:
        """The context keys that its conditions depend on."""
        return frozenset().union(*(condition.reads for condition in self.conditions))


class GlobalTransition(Transition):
    """A transition out of every state in which the user is heard, save those that opt out."""

    model_config = ConfigDict(serialize_by_alias=True)

    returns: Flag = Field(default=False, alias="return")
    """Whether it is a digression: where that ends, the conversation goes on where it left."""
