"""`Site`: a place in the context that a guard reads: a key, a member of an object or an item of a list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.checking.proving.domains import Domain
from fsm_langgraph.checking.proving.shapes import Cases
from fsm_langgraph.checking.proving.text_terms import TextFact, TextTerm

Facet = Callable[[Any], bool]
"""Tells from a value whether something is true of it."""


@dataclass(slots=True)
class Site:
    """A place in the context."""

    name: str
    """Its name: a key's own, or those of the steps that lead to it, with U+0000 between them."""
    domain: Domain
    """The values that it can hold."""
    cases: Cases = ()
    """The shapes that it can have."""
    choices: tuple[str, ...] = ()
    """The variables of its cases, one for each."""
    pool: tuple[JsonValue, ...] = ()
    """The values that have cases of their own."""
    facets: dict[str, Facet] = field(default_factory=dict)
    """The variables that tell something of the value that it has, where that has no case of its own."""
    members: dict[str, Site] = field(default_factory=dict)
    """Its members, where it is an object."""
    readings: dict[str, Callable[[Any], float]] = field(default_factory=dict)
    """The numeric variables that tell which number a text is read as."""
    joins: tuple[str, ...] | None = None
    """The texts of which it is made, with commas between them, where it is the text of a list of such items."""
    as_text: Site | None = None
    """The place of its text, where it is a list."""
    text: TextTerm | None = None
    """The text that it has, where a guard makes another one of it, or has made this one."""
    said: dict[str, Callable[[TextTerm], TextFact]] = field(default_factory=dict)
    """All that is said of its text, each as a fact of it, by names."""
    items: dict[int, Site] = field(default_factory=dict)
    """Its items, where it is a list."""
    depth: int = 0
    """The number of steps that lead to it from the key."""
