"""Plain contexts, tried with the real evaluator before a prover is asked: most guards can hold, and it is seen at once.

A context has values that the expressions themselves name, or that lie beside them, so that what is found is easy to
read. Where none is found nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, product

from pydantic import JsonValue

from fsm_langgraph.checking.finding import Witness
from fsm_langgraph.checking.guards.compared_values import read_comparison
from fsm_langgraph.checking.guards.constant_logic import deciding
from fsm_langgraph.checking.guards.sample_values import fits, sample_values
from fsm_langgraph.checking.proving.asked_formulas import JudgedFormulas, keys_of
from fsm_langgraph.checking.proving.formulas import AllOf, AnyOf, Formula, Not, Truthy
from fsm_langgraph.definition import EVERYTHING, ContextKey, FSMDefinition

MOST_TRIED = 300
"""How many contexts are tried for one question."""


class PlainContexts:
    """Contexts of one machine.

    Args:
        definition: The machine.
    """

    def __init__(self, definition: FSMDefinition) -> None:
        self._definition = definition
        self._judged = JudgedFormulas(definition)
        self._fitting: dict[tuple[str, str], bool] = {}

    def find(self, formulas: Sequence[Formula]) -> Witness | None:
        """Return a plain context in which all of these hold, if one of those tried will do."""
        keys = sorted(frozenset().union(*map(keys_of, formulas)))
        if any(key == EVERYTHING or key.startswith("_") or self._definition.declared(key) is None for key in keys):
            return None
        values = [self._values(key, formulas) for key in keys]
        for chosen in islice(product(*values), MOST_TRIED):
            context = {key: value for key, value in zip(keys, chosen, strict=True) if value is not None}
            if all(self._judged.holds(formula, context, frozenset()) for formula in formulas):
                return Witness(context)
        return None

    def _values(self, key: str, formulas: Iterable[Formula]) -> list[JsonValue]:
        """List values of a key, `None` for its absence among them."""
        declared = self._definition.declared(key) or ContextKey()
        first = declared.default  # absence, where there is none
        found: list[JsonValue] = []
        for expression in _expressions(formulas):
            compared = read_comparison(expression)
            if compared is not None and compared.key == key:
                found += sample_values(declared, compared.constants, compared.role)
        found += (*(declared.enum or ()), *_PLAIN)
        different = {repr(value): value for value in found}
        return [first, *(value for name, value in different.items() if self._fits(key, name, value))]

    def _fits(self, key: str, name: str, value: JsonValue) -> bool:
        found = self._fitting.get((key, name))
        if found is None:
            declared = self._definition.declared(key) or ContextKey()
            found = self._fitting[key, name] = fits(value, declared)
        return found


_PLAIN: tuple[JsonValue, ...] = (True, False, 1, "a text", "2026-06-15", "12:00", ["a text"])


def _expressions(formulas: Iterable[Formula]) -> Iterator[JsonValue]:
    for formula in formulas:
        if isinstance(formula, Truthy):
            yield from (each for _, each, _ in deciding(formula.expression, ()))
        elif isinstance(formula, Not):
            yield from _expressions([formula.formula])
        elif isinstance(formula, AllOf | AnyOf):
            yield from _expressions(formula.formulas)
