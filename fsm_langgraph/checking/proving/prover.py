"""The prover: it is asked for a context of a machine in which formulas hold.

It asks over what each key can hold, so what it says of a key holds for every model and every user. A key with a default
may be absent where somebody can take it away, be it a handler; who does not mean that case asks for `Not(Absent(key))`.
`formulas.py` has the words of question and answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Protocol

from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.proving.formulas import (
    Absent,
    AllOf,
    Answer,
    Answered,
    AnyOf,
    Formula,
    Holds,
    Impossible,
    Not,
    Possible,
    Present,
    Truthy,
    Undecided,
    Untouched,
)
from fsm_langgraph.checking.proving.guard_prover import GuardProver

__all__ = [
    "Absent",
    "AllOf",
    "Answer",
    "Answered",
    "AnyOf",
    "Formula",
    "Holds",
    "Impossible",
    "Not",
    "Possible",
    "Present",
    "Prover",
    "Truthy",
    "Undecided",
    "Untouched",
    "make_prover",
]


class Prover(Protocol):
    """Answers for one machine, over the declared types of its keys."""

    solved: int
    """How many questions took more than a few contexts that were tried."""

    def find(self, formulas: Sequence[Formula]) -> Answer:
        """Look for a context in which all of these hold."""


def make_prover(view: MachineView) -> Prover | None:
    """Make the prover of a machine; none where z3 is not installed."""
    return GuardProver(view) if find_spec("z3") is not None else None
