"""What is meant so is accepted with a reason, and an acceptance that accepts nothing is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fsm_langgraph.checking import CHECKS, QUICK_CHECKS, Finding, examine
from fsm_langgraph.checking.guards import GUARD_CHECKS
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.data.json_data import at

ISLAND = {"id": "island", "description": "Nothing leads here", "purpose": "Say that it is lonely"}


def machine(*accept: tuple[str, str], **more: Any) -> dict[str, Any]:
    """A definition with a state that nothing leads to, and with these acceptances: a code and a path."""
    written = [{"code": code, "at": path, "reason": "It is meant so"} for code, path in accept]
    states = {"end": {"id": "end", "description": "The end", "purpose": "Say goodbye"}, "island": ISLAND}
    base = {"name": "Isle", "description": "An island", "initial_state": "end", "states": states}
    return {**base, "check": {"accept": written}, **more}


def told(data: Any) -> list[tuple[str, str]]:
    """The code and the path of each finding that is left."""
    return [(finding.code, finding.path) for finding in examine(data).findings]


@pytest.mark.parametrize("code", ["unreachable-state", "FSM101"])
@pytest.mark.parametrize("path", ["states.island", "states", "", 'states["island"]'])
def test_a_finding_is_accepted_by_its_name_or_number_there_or_around(code: str, path: str) -> None:
    report = examine(machine((code, path)))

    assert report.findings == ()
    assert [(each.finding.code, each.finding.path) for each in report.accepted] == [
        ("unreachable-state", "states.island")
    ]
    assert [each.acceptance.reason for each in report.accepted] == ["It is meant so"]


def test_the_nearest_acceptance_tells_the_reason_and_a_wider_one_is_not_stale() -> None:
    report = examine(machine(("unreachable-state", "states"), ("unreachable-state", "states.island")))

    assert report.findings == ()
    assert [each.acceptance.at for each in report.accepted] == ["states.island"]


@pytest.mark.parametrize(
    ("accepted", "found"),
    [
        pytest.param(("unreachable-state", "states.end"), ("stale-acceptance", "check.accept[0]"), id="elsewhere"),
        pytest.param(("silent-ring", "states.island"), ("stale-acceptance", "check.accept[0]"), id="another code"),
        pytest.param(("unreachable-sate", ""), ("unknown-acceptance", "check.accept[0].code"), id="a misspelt code"),
        pytest.param(("FSM1O1", ""), ("unknown-acceptance", "check.accept[0].code"), id="a misspelt number"),
        pytest.param(("unknown-target", ""), ("unknown-acceptance", "check.accept[0].code"), id="an error"),
        pytest.param(("stale-acceptance", ""), ("unknown-acceptance", "check.accept[0].code"), id="of acceptances"),
    ],
)
def test_an_acceptance_that_accepts_nothing_is_told(accepted: tuple[str, str], found: tuple[str, str]) -> None:
    assert told(machine(accepted)) == [found, ("unreachable-state", "states.island")]


@pytest.mark.parametrize(
    ("accepted", "words"),
    [
        (("unreachable-state", "states.end"), ["'unreachable-state'", "'states.end'", "found at 'states.island'"]),
        (("unreachable-state", "description"), ["'description'", "Remove this one"]),
        (("unreachable-sate", ""), ["'unreachable-sate'", "Did you mean 'unreachable-state'?"]),
        (("FSM1O1", ""), ["Did you mean 'FSM"]),
        (("FSM031", ""), ["'FSM031' cannot be accepted", "an error"]),
        (("stale-acceptance", ""), ["cannot be accepted", "of acceptances"]),
    ],
)
def test_it_is_told_with_what_to_do(accepted: tuple[str, str], words: list[str]) -> None:
    finding = examine(machine(accepted)).findings[0]

    assert [word for word in words if word not in f"{finding.message} {finding.advice}"] == []


def test_an_acceptance_that_is_written_twice_is_told_once() -> None:
    assert told(machine(("silent-ring", ""), ("FSM106", "")))[:1] == [("stale-acceptance", "check.accept[0]")]


def outer(inner: Any, *accept: tuple[str, str]) -> dict[str, Any]:
    """A definition that runs another one in its first state."""
    run = {"id": "run", "description": "Runs", "purpose": "Run", "subflow": "isle"}
    run["transitions"] = [{"target_state": "end", "description": "It has ended"}]
    end = {"id": "end", "description": "The end", "purpose": "Say goodbye"}
    return machine(*accept, initial_state="run", states={"run": run, "end": end}, subflows={"isle": inner})


def test_a_sub_machine_accepts_for_itself() -> None:
    assert told(outer(machine(("unreachable-state", "states.island")))) == []


def test_a_sub_machine_accepts_nothing_of_the_machine_around_it() -> None:
    around = outer(machine(("unreachable-state", "states.island")))
    around["states"]["island"] = ISLAND

    assert told(around) == [("unreachable-state", "states.island")]


def test_a_stale_acceptance_of_a_sub_machine_is_told_where_it_stands() -> None:
    path = "subflows.isle.check.accept[0]"
    isle = ("unreachable-state", "subflows.isle.states.island")

    assert sorted(told(outer(machine(("silent-ring", ""))))) == [("stale-acceptance", path), isle]


def test_a_machine_may_accept_what_is_found_in_one_that_it_runs() -> None:
    assert told(outer(machine(), ("unreachable-state", "subflows.isle.states"))) == []


def accepting_guards() -> dict[str, Any]:
    return machine(("never-true", "states.island"), ("unreachable-state", "states.island"))


def test_what_only_a_prover_finds_is_not_stale_where_none_was_asked() -> None:
    assert [each.code for each in examine(accepting_guards(), checks=QUICK_CHECKS).findings] == []
    assert [each.code for each in examine(accepting_guards()).findings] == ["stale-acceptance"]


@pytest.mark.parametrize(
    ("path", "is_stale"),
    [("states.island", False), ("states", False), ("states.island.transitions", False), ("states.end", True)],
)
def test_what_was_not_decided_is_not_stale_there(path: str, is_stale: bool) -> None:
    def undecided(view: MachineView) -> Iterator[Finding]:
        yield Finding(path if view.path == "" else at("states"), "undecided", "not decided, for its size.")

    found = examine(accepting_guards(), checks=(*CHECKS, *GUARD_CHECKS, undecided)).findings

    assert ("stale-acceptance" in [each.code for each in found]) == is_stale
