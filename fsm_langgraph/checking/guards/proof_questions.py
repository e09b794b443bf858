"""The questions that the checks of guards ask a prover: each one once, and no more than a machine may cost."""

from __future__ import annotations

from collections.abc import Sequence

from fsm_langgraph.checking.proving.formulas import Answer, Formula, Undecided
from fsm_langgraph.checking.proving.prover import Prover

MAX_QUESTIONS = 1_500
"""How many questions of one machine a prover solves: some twenty seconds, for thousands of guards."""


class Questions:
    """A prover that remembers its answers.

    Args:
        prover: The prover.
        most: How many questions it solves; what comes after is undecided.
    """

    def __init__(self, prover: Prover, most: int = MAX_QUESTIONS) -> None:
        self._prover = prover
        self.most = most
        self._answers: dict[str, Answer] = {}
        self.undecided: dict[str, None] = {}
        """The reasons for which questions were not decided since this was emptied."""

    def find(self, formulas: Sequence[Formula]) -> Answer:
        """Look for a context in which all of these hold."""
        asked = repr(formulas)
        answer = self._answers.get(asked)
        if answer is None:
            if self.is_over:
                return Undecided("what was asked before")
            answer = self._answers[asked] = self._prover.find(formulas)
        if isinstance(answer, Undecided):
            self.undecided[answer.reason] = None
        return answer

    @property
    def is_over(self) -> bool:
        """Whether no more is asked."""
        return self._prover.solved >= self.most
