"""The parts of a guard: what a transition's conditions ask for, one by one, each with its path.

A guard is all conditions of a transition. It holds where each of its parts does: a key that is required, a key that is
to be answered, and each side of the `and` at the top of a condition's logic.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pydantic import JsonValue

from fsm_langgraph.checking.guards.guard_words import in_words
from fsm_langgraph.checking.placed_transitions import PlacedTransition, placed_transitions
from fsm_langgraph.checking.proving.formulas import Answered, Formula, Present, Truthy
from fsm_langgraph.data.json_data import Steps, at
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.logic import evaluate, truthy, variables
from fsm_langgraph.logic.expression import read_operation
from fsm_langgraph.logic.operators import OPERATORS


@dataclass(frozen=True, slots=True)
class GuardPart:
    """One thing that a guard asks for."""

    formula: Present | Answered | Truthy
    """It as the prover takes it."""
    steps: Steps
    """The steps to it from the root of the machine."""
    words: str
    """It in words."""
    reads: frozenset[str]
    """The keys that it depends on; the empty name where it may read any."""

    @property
    def path(self) -> str:
        """Where it stands in the machine."""
        return at(*self.steps)


@dataclass(frozen=True)
class Guard(PlacedTransition):
    """The conditions of one transition, as what they ask for."""

    @cached_property
    def parts(self) -> tuple[GuardPart, ...]:
        """All that it asks for; none where it is always open."""
        return tuple(self._parts())

    @cached_property
    def formulas(self) -> tuple[Formula, ...]:
        """Its parts, as the prover takes them."""
        return tuple(part.formula for part in self.parts)

    def _parts(self) -> Iterator[GuardPart]:
        for steps, condition in self.conditions:
            for number, key in enumerate(condition.requires_context_keys):
                here = (*steps, "requires_context_keys", number)
                yield GuardPart(Present(key), here, f"{key} is present", frozenset({key.partition(".")[0]}))
            for number, key in enumerate(condition.answered_context_keys):
                here = (*steps, "answered_context_keys", number)
                yield GuardPart(Answered(key), here, f"{key} is answered", frozenset({key.partition(".")[0]}))
            if condition.logic is not None:
                for here, each in conjuncts(condition.logic, (*steps, "logic")):
                    if not reads_data(each) and truthy(evaluate(each, {})):
                        continue  # `true`, as in a default that is spelled out
                    yield GuardPart(Truthy(each), here, in_words(each), keys_read(each))


def guards_of(definition: FSMDefinition) -> Iterator[Guard]:
    """Yield the guard of each transition of a machine, the global ones last."""
    for each in placed_transitions(definition):
        yield Guard(each.transition, each.state, each.steps)


def by_priority(guards: list[Guard]) -> list[Guard]:
    """Sort guards in the order in which their transitions are tried."""
    return sorted(guards, key=lambda guard: guard.transition.priority)


def conjuncts(logic: JsonValue, steps: Steps) -> Iterator[tuple[Steps, JsonValue]]:
    """Yield the sides of the `and` at the top of an expression, and of those in it; else the expression itself."""
    operation = read_operation(logic)
    if operation is None or operation.name != "and":
        yield steps, logic
        return
    for here, each in arguments_of(logic, steps):
        yield from conjuncts(each, here)


def arguments_of(expression: JsonValue, steps: Steps) -> Iterator[tuple[Steps, JsonValue]]:
    """Yield the arguments of an operation, each with the steps to it; nothing for what is no operation."""
    operation = read_operation(expression)
    if operation is None or not isinstance(expression, dict):
        return
    is_list = isinstance(expression[operation.name], list)
    for number, argument in enumerate(operation.arguments):
        yield (*steps, operation.name, *((number,) if is_list else ())), argument


def keys_read(expression: JsonValue) -> frozenset[str]:
    """Name the keys of the context that an expression reads."""
    return frozenset(path.partition(".")[0] for path in variables(expression))


def reads_data(expression: JsonValue) -> bool:
    """Say whether the value of an expression may depend on the context."""
    operation = read_operation(expression)
    if operation is None:
        return isinstance(expression, list) and any(map(reads_data, expression))
    operator = OPERATORS.get(operation.name)
    return (operator is not None and operator.reads_data) or any(map(reads_data, operation.arguments))
