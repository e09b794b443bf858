"""The tags of a template, each with the sections that it stands in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from fsm_langgraph.checking.texts.key_kinds import is_plain
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.templates.filling import SECTIONS
from fsm_langgraph.templates.template import Template


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of a template."""

    kind: Literal["value", "section", "absence"]
    """Whether it shows a value, begins a section, or one for the case that there is no value."""
    name: str
    """The name in it, as it is written: `nights`, `store.customer.name`."""
    around: tuple[tuple[str, bool], ...]
    """The names of the sections that it stands in, the outermost first, each with whether it is there for a value."""
    may_be_member: bool
    """Whether its name may be that of a member: a section around it may have an object for its value."""

    @property
    def root(self) -> str:
        """The key, or what else the name begins with."""
        return self.name.partition(".")[0]

    @property
    def rest(self) -> str:
        """The path into the value; empty where the value itself is meant."""
        return self.name.partition(".")[2]

    def __str__(self) -> str:
        sign = {"value": "", "section": "#", "absence": "^"}[self.kind]
        return f"{{{{{sign}{self.name}}}}}"


def tags_of(template: Template, definition: FSMDefinition) -> Iterator[Tag]:
    """Go through the tags of a template, in their order."""
    around: list[tuple[str, bool]] = []
    may_hold: list[bool] = []
    for kind, name in template.tokens:
        if kind == "end":
            around.pop()
            may_hold.pop()
        elif kind == "no escape":
            yield Tag("value", name, tuple(around), any(may_hold))
        elif kind in SECTIONS:
            is_positive = kind == "section"
            tag = Tag("section" if is_positive else "absence", name, tuple(around), any(may_hold))
            yield tag
            around.append((name, is_positive))
            may_hold.append(is_positive and (tag.may_be_member or _may_hold_members(definition, name)))


def _may_hold_members(definition: FSMDefinition, name: str) -> bool:
    """Say whether the value of a section may be an object, or a list of objects."""
    declared = definition.declared(name)
    if declared is not None and declared.type == "array":
        return not is_plain(declared.items)
    return not is_plain(declared)  # of a path, an item of the store, or an undeclared key nobody knows
