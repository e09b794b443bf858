"""Outcomes as JUnit's XML, which CI servers read: a suite for each file, a case for each scenario.

It has the elements and attributes that all readers know, in the order in which schemas of it want them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from fsm_langgraph.scenarios.failure_report import report
from fsm_langgraph.scenarios.outcome import ScenarioOutcome


def junit(outcomes: Mapping[Path, Sequence[ScenarioOutcome]], errors: Mapping[Path, str]) -> str:
    """Write outcomes as XML.

    Args:
        outcomes: The outcomes by their files.
        errors: Why a file could not be read, or its machine not be built.
    """
    root = ET.Element("testsuites")
    for path in dict.fromkeys([*outcomes, *errors]):
        held = outcomes.get(path, ())
        failed = [outcome for outcome in held if not outcome.passed]
        suite = ET.SubElement(
            root,
            "testsuite",
            name=_clean(str(path)),
            tests=str(len(held) + (path in errors)),
            failures=str(len(failed)),
            errors=str(int(path in errors)),
            time=f"{sum(outcome.seconds for outcome in held):.3f}",
        )
        for outcome in held:
            case = _case(suite, path, outcome.scenario.name, outcome.seconds)
            if not outcome.passed:
                told = report(outcome)
                _add(case, "failure", _first(outcome), told)
        if path in errors:
            _add(_case(suite, path, "the file", 0.0), "error", errors[path].splitlines()[0], errors[path])
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ET.Element, path: Path, name: str, seconds: float) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=_clean(str(path)), name=_clean(name), time=f"{seconds:.3f}")


def _add(case: ET.Element, kind: str, message: str, text: str) -> None:
    ET.SubElement(case, kind, message=_clean(message)).text = _clean(text)


def _first(outcome: ScenarioOutcome) -> str:
    turns = (*outcome.given, *outcome.turns)
    found = [each for turn in turns for each in turn.differences] + [*outcome.differences]
    return f"{found[0].what}: expected {found[0].expected}, found {found[0].found}"


def _clean(text: str) -> str:
    """Leave out the characters that XML cannot hold."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)
