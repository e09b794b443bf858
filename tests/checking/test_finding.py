"""A finding, as Python prints it."""

from __future__ import annotations

from fsm_langgraph.checking import Finding
from fsm_langgraph.errors import Place


def test_a_finding_is_printed_with_its_place_kind_path_and_advice() -> None:
    finding = Finding("states.a", "unreachable-state", "nothing leads here.", "Lead here.", place=Place("a.yaml", 3, 5))

    assert str(finding) == ("a.yaml:3:5: warning FSM101 unreachable-state: states.a: nothing leads here.\n  Lead here.")


def test_without_a_place_and_a_path_it_is_about_the_whole() -> None:
    assert str(Finding("", "empty", "there is nothing in it.")) == "error FSM002 empty: (root): there is nothing in it."
