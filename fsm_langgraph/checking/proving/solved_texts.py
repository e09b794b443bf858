"""Texts, and what is true of them, written for z3, whose theory of strings has all that `cat` and `substr` do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from fsm_langgraph.checking.proving.terms import Linear, Term
from fsm_langgraph.checking.proving.text_terms import (
    CutText,
    JoinedText,
    KnownText,
    Numeral,
    TextFact,
    TextTerm,
    TextVariable,
    known_in,
    names_in,
)


class FactsByName:
    """The facts of one machine's texts, found by the variables in them.

    Args:
        names_in: Names the variables in a term.
    """

    def __init__(self, names_in: Callable[[Term], frozenset[str]]) -> None:
        self._names_in = names_in
        self._by_name: dict[str, list[TextFact]] = {}
        self._taken = 0

    def about(self, names: Iterable[str], facts: Sequence[TextFact]) -> list[TextFact]:
        """Return the facts that concern these variables, and those that concern the variables in them.

        None are returned where one of them has a character that z3 does not know.

        Args:
            names: The variables.
            facts: All facts, of which there may be new ones since the last time.
        """
        for fact in facts[self._taken :]:
            for name in self.names_of(fact):
                self._by_name.setdefault(name, []).append(fact)
        self._taken = len(facts)
        found: dict[int, TextFact] = {}
        waiting = [*dict.fromkeys(name for name in names if name in self._by_name)]
        seen = {*waiting}
        for name in waiting:  # it grows while it is walked
            for fact in self._by_name.get(name, ()):
                if id(fact) not in found:
                    found[id(fact)] = fact
                    fresh = self.names_of(fact) - seen
                    seen |= fresh
                    waiting += sorted(fresh)
        known = (text for fact in found.values() for each in fact.texts for text in known_in(each))
        return [] if any(sign > _LAST_SIGN for text in known for sign in text) else [*found.values()]

    def names_of(self, fact: TextFact) -> frozenset[str]:
        """Name the variables in a fact."""
        of_length = frozenset(name for name, _ in fact.length.summands)
        return self._names_in(fact.term).union(of_length, *map(names_in, fact.texts))


class SolverTexts:
    """Writes texts for z3.

    Args:
        z3: The module.
        context: The context in which all is written.
        write_sum: Writes a sum.
    """

    def __init__(self, z3: Any, context: Any, write_sum: Callable[[Linear], Any]) -> None:
        self._z3 = z3
        self._context = context
        self._write_sum = write_sum
        self.variables: dict[str, Any] = {}
        """The variables that were written."""

    def write(self, fact: TextFact, term: Any) -> Any:
        """Write a fact, whose term is written like this."""
        first, *others = map(self._text, fact.texts)
        match fact.relation:
            case "is":
                return term == (first == others[0])
            case "has part":
                return term == self._z3.Contains(first, others[0])
        return self._z3.Length(first) == self._write_sum(fact.length)

    def _text(self, text: TextTerm) -> Any:
        match text:
            case KnownText(value):
                return self._z3.StringVal(escaped(value), self._context)
            case TextVariable(name):
                if name not in self.variables:
                    self.variables[name] = self._z3.String(f"t{len(self.variables)}", self._context)
                return self.variables[name]
            case Numeral(number):
                return self._numeral(self._write_sum(number))
            case JoinedText(parts):
                return self._z3.Concat(*map(self._text, parts))
            case CutText(whole, start, length):
                return self._cut(self._text(whole), start, length)

    def _numeral(self, number: Any) -> Any:
        z3 = self._z3
        minus = z3.StringVal("-", self._context)
        return z3.If(number < 0, z3.Concat(minus, z3.IntToStr(-number)), z3.IntToStr(number))

    def _cut(self, whole: Any, start: int, length: int | None) -> Any:
        """Cut a part out of a text: z3 counts from the beginning alone, and from beyond it cuts nothing."""
        z3 = self._z3
        size = z3.Length(whole)
        first = self._whole(start) if start >= 0 else z3.If(size + start < 0, self._whole(0), size + start)
        rest = z3.SubString(whole, first, size)
        if length is None:
            return rest
        many = self._whole(length) if length >= 0 else z3.Length(rest) + length
        return z3.SubString(rest, self._whole(0), many)

    def _whole(self, number: int) -> Any:
        return self._z3.IntVal(number, self._context)


def escaped(text: str) -> str:
    """Write a text so that z3 reads it as it is."""
    return "".join(sign if " " <= sign <= "~" and sign != "\\" else f"\\u{{{ord(sign):x}}}" for sign in text)


def read_text(value: Any) -> str:
    """Read a text that z3 has found."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value.as_string())


_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_LAST_SIGN = "\U0002ffff"
"""The last character that a text of z3's can have."""
