"""The names of the variables in terms, found once for each term."""

from __future__ import annotations

from fsm_langgraph.checking.proving.terms import Term, parts_first


class TermNames:
    """Names the variables in terms, and remembers them."""

    def __init__(self) -> None:
        self._names: dict[int, frozenset[str]] = {}
        self._kept: list[Term] = []  # an id is given anew once its owner is gone

    def of(self, term: Term) -> frozenset[str]:
        """Name the variables in a term."""
        for each in parts_first([term]):
            if id(each) not in self._names:
                own = (
                    [each.name]
                    if each.kind == "variable"
                    else [name for name, _ in each.sum.summands]
                    if each.sum
                    else []
                )
                self._names[id(each)] = frozenset(own).union(*(self._names[id(part)] for part in each.of))
                self._kept.append(each)
        return self._names[id(term)]
