"""Numbers, and sums of them, written for z3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fsm_langgraph.checking.proving.terms import Linear, Rational


class SolverNumbers:
    """Writes numbers for z3.

    Args:
        z3: The module.
        context: The context in which all is written.
        whole: Whether each numeric variable is a whole number.
    """

    def __init__(self, z3: Any, context: Any, whole: Mapping[str, bool]) -> None:
        self._z3 = z3
        self._context = context
        self._whole = whole
        self._variables: dict[str, Any] = {}

    def sum(self, total: Linear) -> Any:
        """Write a sum."""
        written = [self.variable(name) * self._value(factor, name) for name, factor in total.summands]
        are_whole = all(self._whole[name] for name, _ in total.summands)
        constant = self._constant(total.constant, is_whole=are_whole and isinstance(total.constant, int))
        return self._z3.Sum([*written, constant])

    def variable(self, name: str) -> Any:
        """Write a variable."""
        if name not in self._variables:
            make = self._z3.Int if self._whole[name] else self._z3.Real
            self._variables[name] = make(f"n{len(self._variables)}", self._context)
        return self._variables[name]

    def _value(self, factor: Rational, name: str) -> Any:
        return self._constant(factor, is_whole=self._whole[name] and isinstance(factor, int))

    def _constant(self, value: Rational, *, is_whole: bool) -> Any:
        z3 = self._z3
        return z3.IntVal(value, self._context) if is_whole else z3.RealVal(str(value), self._context)
