"""A solver ends with whoever has it: the garbage collector would free z3's context in any thread."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any
from weakref import ref

import pytest

from fsm_langgraph.checking import examine
from fsm_langgraph.checking.proving.solver import Solver

COACH = Path(__file__).parents[2] / "graphs" / "coach" / "fsm.yaml"


def test_no_solver_is_left_to_the_garbage_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[ref[Solver]] = []
    begin = Solver.__init__

    def noted(solver: Solver, *given: Any) -> None:
        begin(solver, *given)
        made.append(ref(solver))

    monkeypatch.setattr(Solver, "__init__", noted)
    gc.disable()
    try:
        examine(COACH)
        assert made
        assert [solver() for solver in made] == [None] * len(made)
    finally:
        gc.enable()
