"""Two ranges that share the one number at which they meet: `age <= 18` beside `age >= 18`.

Told here where a model chooses among the transitions; where the first open one is taken, `proved_order` tells it.
Ranges that share more are cases that the model is to tell apart by their words. So are those of two priorities.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.guards.gap_keys import compared_numbers, keys_of
from fsm_langgraph.checking.guards.guard_parts import Guard
from fsm_langgraph.checking.guards.proof_questions import Questions
from fsm_langgraph.checking.guards.proved_order import MOST_TRANSITIONS
from fsm_langgraph.checking.proving.formulas import Impossible, Not, Possible, Truthy


def prove_meeting_ranges(questions: Questions, own: list[Guard]) -> Iterator[Finding]:
    """Find the transitions of a state that are open together at one number alone, the end of both ranges.

    Args:
        questions: The prover.
        own: The guards of the state's own transitions.
    """
    for one, other in combinations(own[:MOST_TRANSITIONS], 2):
        keys = keys_of((one, other))
        is_rival = one.transition.target_state != other.transition.target_state
        if len(keys) != 1 or not is_rival or one.transition.priority != other.transition.priority:
            continue
        (key,) = keys
        shared = {*compared_numbers(key, (one,))[0]} & {*compared_numbers(key, (other,))[0]}
        for number in sorted(shared):
            is_it, both = Truthy({"==": [{"var": key}, number]}), (*one.formulas, *other.formulas)
            answer = questions.find((*both, is_it))
            if isinstance(answer, Possible) and isinstance(questions.find((*both, Not(is_it))), Impossible):
                message = (
                    f"{other.name} and {one.name} ({one.path}) are open together where {key!r} is {number}, and "
                    "nowhere else: the model takes either."
                )
                yield Finding(other.path, "shared-value", message, "Let one of them leave it out.", answer.witness)
