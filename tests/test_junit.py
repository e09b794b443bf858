"""Outcomes as JUnit's XML: valid by the schema that CI servers go by, with each failure's report."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from rehearsals import ASKED, run, turn

from fsm_langgraph.scenarios.junit import junit

ALLOWED = {
    "testsuites": (set[str](), {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "time"}, {"testcase"}),
    "testcase": ({"classname", "name", "time"}, {"failure", "error"}),
    "failure": ({"message"}, set[str]()),
    "error": ({"message"}, set[str]()),
}
"""The part of the usual schema that is written: the attributes of each element, and the elements in it."""


def _written(tmp_path: Path) -> ET.Element:
    outcomes = run(tmp_path, turn(ASKED % "") + (turn(ASKED % "state: served").replace("one", '"two <&>"')))
    return ET.fromstring(junit({Path("a.yaml"): outcomes}, {Path("b.yaml"): "b.yaml: 1 problem\nline 1"}))  # noqa: S314 - our own


def test_every_element_is_one_that_readers_know(tmp_path: Path) -> None:
    for element in _written(tmp_path).iter():
        attributes, inner = ALLOWED[element.tag]
        assert element.keys() == [*attributes] or {*element.keys()} == attributes
        assert {each.tag for each in element} <= inner


def test_each_scenario_is_a_case_and_each_failure_has_its_report(tmp_path: Path) -> None:
    root = _written(tmp_path)
    cases = {case.get("name"): [each.tag for each in case] for case in root.iter("testcase")}
    assert cases == {"one": [], "two <&>": ["failure"], "the file": ["error"]}
    failure = root.find(".//failure")
    assert failure is not None
    assert failure.get("message") == "state: expected 'served', found 'order'"
    assert "It stayed in 'order'" in (failure.text or "")


def test_the_counts_are_those_of_the_file(tmp_path: Path) -> None:
    counts = [[suite.get(name) for name in ("tests", "failures", "errors")] for suite in _written(tmp_path)]
    assert counts == [["2", "1", "0"], ["1", "0", "1"]]
