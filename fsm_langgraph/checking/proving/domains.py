"""Domains: what a key of the context can hold, as writing it allows.

A value is one that coercing leaves as it is: a number key never holds a text, an enum's value is one of its members, a
text that must not be empty is none. Without a declaration it is any JSON value. Null stands only where a state collects
the key ("none" is an answer). A key may be absent, unless it has a default that nobody can remove.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.context.machine_keys import NOW, STAYS
from fsm_langgraph.context.values import coerce, identity, same
from fsm_langgraph.definition import ContextKey, FSMDefinition

ANY = ContextKey()
"""The declaration of a value that may be anything."""


@dataclass(frozen=True)
class Domain:
    """The values that a place can hold: a key of the context, or a part of its value."""

    declaration: ContextKey | None
    """Its declaration."""
    may_be_absent: bool
    """Whether there may be nothing."""
    may_be_null: bool
    """Whether it may be null."""
    is_key: bool = True
    """Whether it is a key: a word such as "true" that is written under one that is not declared is no text."""
    default: JsonValue = None
    """Its value when a conversation starts."""

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The types of the values that have no cases of their own."""
        declared = self.declaration or ANY
        if declared.enum is not None:
            return ()
        return _ALL if declared.type is None else (declared.type,)

    def is_apart(self, value: JsonValue) -> bool:
        """Say whether a value has a case of its own; a number has none where any number may stand."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return not is_number or not {"number", "integer"}.intersection(self.kinds)

    @cached_property
    def members(self) -> tuple[JsonValue, ...]:
        """The values of which each is a case of its own, whatever the guards ask."""
        declared = self.declaration or ANY
        found: list[JsonValue] = [*(declared.enum or ())]
        if "boolean" in self.kinds:
            found += [False, True]
        if "array" in self.kinds:
            found += [[]]
        if "object" in self.kinds:
            found += [{}]
        if "string" in self.kinds and declared.type is None:
            found += ["", "no", "false", "true"]
        return self.storable((*found, self.default) if self.default is not None else found)

    def storable(self, values: Iterable[JsonValue]) -> tuple[JsonValue, ...]:
        """Return those of the values that can be stored here, each once."""
        found: dict[Hashable, JsonValue] = {}
        for value in values:
            name = identity(value)
            if name not in found and self.holds(value):
                found[name] = value
        return tuple(found.values())

    def holds(self, value: Any) -> bool:
        """Say whether a value, not null, can be stored here."""
        if value is None:
            return False
        if self.default is not None and same(value, self.default):
            return True
        if not self.is_key and self.declaration is None:
            value, declaration = [value], None  # words are read as truth values only where they stand alone
        else:
            declaration = self.declaration
        try:
            return same(coerce(value, declaration), value)
        except ValueError:
            return False


class Domains:
    """The domains of one machine's keys."""

    def __init__(self, view: MachineView) -> None:
        self._definition = definition = view.definition
        self._declared = definition.context or {}
        states = definition.states.values()
        hearing = [state for state in states if state.hears]
        self._collected = {key for state in hearing for key in state.own_keys}
        self._collected_everywhere = set.intersection(*(set(state.own_keys) for state in hearing)) if hearing else set()
        self._removed = {key for state in states for key in state.forget}
        self._given = {key for state in view.runs_in for key in state.inputs}
        self._returned = {key for state in states for key in state.outputs.values()}

    def of_key(self, key: str) -> Domain:
        """Return the domain of a key of the context."""
        if key == STAYS:
            return Domain(ContextKey(type="integer", minimum=0), may_be_absent=False, may_be_null=False)
        if key == NOW:
            return Domain(ContextKey(type="string", format="date-time"), may_be_absent=False, may_be_null=False)
        declaration = self._declared.get(key)
        default = declaration.default if declaration is not None else None
        return Domain(
            declaration,
            may_be_absent=default is None or self._is_removable(key, declaration),
            may_be_null=key in self._collected or key in self._given or key in self._returned,
            default=default,
        )

    def _is_removable(self, key: str, declaration: ContextKey | None) -> bool:
        """Say whether somebody can take a key away that has a default."""
        if key in self._removed or key in self._given or key in self._returned:
            return True
        if declaration is not None and declaration.written_by != "model":
            return True
        return key not in self._collected_everywhere


def inside(declaration: ContextKey | None) -> Domain:
    """Return the domain of an item of a list, or of a member of an object, that a declaration may describe."""
    is_open = declaration is None or (
        declaration.type is None and (declaration.enum is None or None in declaration.enum)
    )
    return Domain(declaration, may_be_absent=True, may_be_null=is_open, is_key=False)


def has_literal(definition: FSMDefinition, path: str) -> bool:
    """Say whether a key may have dots in its own name, and be this path."""
    if definition.context is not None:
        return path in definition.context
    return True


_ALL = ("boolean", "number", "string", "array", "object")
