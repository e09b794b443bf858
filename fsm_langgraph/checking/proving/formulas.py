"""Formulas and answers: the words in which a prover is asked for a context, and in which it answers.

Possible(context, written)   there is one: here it is, and the real evaluator agrees
Impossible(parts)            there is none, whatever the context; these parts of the formula exclude each other
Undecided(reason)            nobody knows; the reason names the operator, or the limit
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import JsonValue

from fsm_langgraph.checking.finding import Witness
from fsm_langgraph.definition import Condition


@dataclass(frozen=True, slots=True)
class Holds:
    """A condition holds: what it requires is present, what it wants answered is, and its logic is truthy."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Truthy:
    """A JsonLogic expression is truthy, such as one part of a condition's logic."""

    expression: JsonValue


@dataclass(frozen=True, slots=True)
class Present:
    """A key, or a path, is present, as `requires_context_keys` asks."""

    path: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A key, or a path, was answered, as `answered_context_keys` asks."""

    path: str


@dataclass(frozen=True, slots=True)
class Absent:
    """A key is not in the context at all."""

    key: str


@dataclass(frozen=True, slots=True)
class Untouched:
    """A key is as the conversation began: its default, or absent, and never written."""

    key: str


@dataclass(frozen=True, slots=True)
class Not:
    """A formula does not hold."""

    formula: Formula


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of these holds."""

    formulas: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of these holds at least."""

    formulas: tuple[Formula, ...]


Formula = Holds | Truthy | Present | Answered | Absent | Untouched | Not | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Possible:
    """There is a context in which all hold."""

    witness: Witness


@dataclass(frozen=True, slots=True)
class Impossible:
    """There is none."""

    parts: tuple[int, ...]
    """The positions of formulas asked for that exclude each other: as few as can be."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """Nobody knows."""

    reason: str
    """The operator or the limit that it is for: "`substr`", "no answer in time"."""


Answer = Possible | Impossible | Undecided
