"""Who opens a transition: whether its guard can hold though no handler and no caller has written anything.

    model    there is such a context, or no key but the model's is read: the model alone opens it
    others   there is none: somebody else has to write a key that it reads
    unknown  nobody could decide that; z3 is not there, or cannot

In a silent state, and where conditions decide, the first open transition is taken. So one that stands below others is
open only where those are closed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from fsm_langgraph.checking.finding import Witness
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.proving.prover import (
    AnyOf,
    Formula,
    Holds,
    Not,
    Possible,
    Prover,
    Undecided,
    Untouched,
    make_prover,
)
from fsm_langgraph.checking.trial import takes_the_first
from fsm_langgraph.definition import EVERYTHING, State, Transition
from fsm_langgraph.guards import Guards

MAX_PROOFS = 500
"""How many guards of a machine the prover is asked about, so that a large one does not take minutes."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Who opens a transition."""

    by: Literal["model", "others", "unknown"]
    """Whether the model alone does, others have to, or nobody knows."""
    witness: Witness | None = None
    """A context in which it is open, and which the model alone has made."""
    needs: frozenset[str] = frozenset()
    """The keys of others that its guard reads."""
    reason: str = ""
    """Why nobody knows."""


class Openings:
    """Who opens the transitions of one machine.

    Args:
        view: The machine.
        may_write: Says whether the model may write a key of it.
        make: Makes the prover, where one is needed; `None` stands for none.
    """

    def __init__(
        self,
        view: MachineView,
        may_write: Callable[[str], bool],
        make: Callable[[MachineView], Prover | None] = make_prover,
    ) -> None:
        self._view = view
        self._definition = view.definition
        self._may_write = may_write
        self._make = make
        self._known: dict[tuple[str, int], Opening] = {}
        self._proofs = 0

    def of(self, transition: Transition, state: State | None = None) -> Opening:
        """Say who opens a transition out of a state; without one, of a global transition wherever it is open.

        A guard that reads what the model writes and nothing else is taken for one that can hold.
        """
        place = (state.id if state is not None else "", id(transition))
        if place not in self._known:
            self._known[place] = self._judged(transition, _above(transition, state))
        return self._known[place]

    def witness(self, transition: Transition, state: State | None = None) -> Opening:
        """Say the same of one that the model opens, with a context that shows it, where a prover can make one."""
        found, above = self.of(transition, state), _above(transition, state)
        if found.by != "model" or found.witness is not None or self._prover is None:
            return found
        proved = self._proved(self._prover, transition, above, found.needs)
        return found if proved.by == "unknown" else proved

    def _judged(self, transition: Transition, above: tuple[Transition, ...]) -> Opening:
        if any(not each.conditions for each in above):
            return Opening("others", reason="a transition without conditions hides it")
        read = transition.reads.union(*(each.reads for each in above))
        if EVERYTHING in read:
            return Opening("unknown", reason="its logic computes the name of a key")
        needs = frozenset(key for key in read if not self._may_write(key))
        if not read:
            return Opening("model", Witness({}))
        if not needs:
            return Opening("model")
        if self._waits_for(transition, needs):
            return Opening("others", needs=needs)
        if self._prover is not None:
            return self._proved(self._prover, transition, above, needs)
        if self._is_open(transition) and not any(map(self._is_open, above)):
            return Opening("model", Witness(self._definition.defaults), needs)
        return Opening("unknown", None, needs, "z3 is not installed")

    def _proved(
        self, prover: Prover, transition: Transition, above: tuple[Transition, ...], needs: frozenset[str]
    ) -> Opening:
        self._proofs += 1
        if self._proofs > MAX_PROOFS:
            return Opening("unknown", None, needs, f"more than {MAX_PROOFS} guards would have to be proved")
        formulas: list[Formula] = [Holds(condition) for condition in transition.conditions]
        formulas += [AnyOf(tuple(Not(Holds(condition)) for condition in each.conditions)) for each in above]
        answer = prover.find([*formulas, *map(Untouched, sorted(needs))])
        if isinstance(answer, Possible):
            return Opening("model", answer.witness, needs)
        if isinstance(answer, Undecided):
            return Opening("unknown", None, needs, answer.reason)
        return Opening("others", needs=needs)

    def _waits_for(self, transition: Transition, needs: frozenset[str]) -> bool:
        """Say whether a transition wants a key of others by name, one that is not there before they write it."""
        for condition in transition.conditions:
            if not needs.isdisjoint(condition.answered_context_keys):
                return True
            if any(key in needs and key not in self._definition.defaults for key in condition.requires_context_keys):
                return True
        return False

    def _is_open(self, transition: Transition) -> bool:
        """Say whether a transition is open as the conversation begins."""
        guards = Guards(self._definition, transition, "closures")
        return not guards.shortcomings(self._definition.defaults, frozenset())

    @cached_property
    def _prover(self) -> Prover | None:
        return self._make(self._view)


def _above(transition: Transition, state: State | None) -> tuple[Transition, ...]:
    """Return the transitions that are taken rather than this one, where they are open too."""
    if state is None or not takes_the_first(state):
        return ()
    place = next((index for index, each in enumerate(state.by_priority) if each is transition), 0)
    return state.by_priority[:place]
