"""Remarks on a picture: numbered signs at states and transitions, and a legend that says what they mean.

A sign tells by its form how much it matters, so that it reads in grey and for everybody: a filled triangle for a
warning, an empty one for a note. Its number is that of the legend.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fsm_langgraph.drawing.texts import few_lines, shortened


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark on a part of a machine."""

    number: int
    """Its number in the legend."""
    is_note: bool
    """Whether it is told for completeness, and nothing has to be done."""
    text: str
    """Its words."""

    @property
    def sign(self) -> str:
        """The sign by which it is marked: `▲3`."""
        return f"{'△' if self.is_note else '▲'}{self.number}"


def signs_of(remarks: Iterable[Remark]) -> str:
    """Write the signs of remarks; empty where there are none."""
    return " ".join(remark.sign for remark in remarks)


def told_of(remarks: Iterable[Remark]) -> list[str]:
    """Write remarks as lines of a tooltip."""
    return [f"{remark.sign} {shortened(remark.text, 600)}" for remark in remarks]


def legend_of(remarks: Sequence[Remark], width: int) -> list[list[str]]:
    """Write the legend: for each remark its lines, the first of which begins with its sign."""
    told = [[*few_lines(f"{remark.sign} {remark.text}", width)] for remark in remarks[:_MOST_TOLD]]
    rest = len(remarks) - len(told)
    return [*told, [f"and {rest} more"]] if rest > 0 else told


_MOST_TOLD = 30
"""How many remarks a legend tells of; every sign has its text in a tooltip too."""
