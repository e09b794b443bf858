"""A failure tells the conversation so far, what was expected and found, why the step went elsewhere, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from approvals import FIFTY, after_the_pause, hold
from rehearsals import ASKED, COFFEE, ORDERED, run, turn
from syrupy.assertion import SnapshotAssertion

from fsm_langgraph.scenarios import report

AGAIN = "- {name: two, given: one, turns: [{user: '2', reply: {updates: {cups: 2}, message: Two.}, state: served}]}\n"
MOVED_ON = "{user: 'Hm, two, please', reply: {updates: {cups: 2}, message: Two?}, path: [order, order], why: vetoed}"
LONG = (
    "{user: a, reply: {message: 'It is a shop, in which one asks what there is, at length, and is told so, at length, "
    "line by line'}, says: nothing}"
)
STUCK = COFFEE.replace("    id: order\n", "    id: order\n    silent: true\n").replace(
    "    required_context_keys: [coffee, cups]\n", ""
)

FAILURES = {
    "another state": (turn(ASKED % "state: served", ORDERED % ""), COFFEE),
    "another way": (turn(ASKED % "", MOVED_ON), COFFEE),
    "from another one's end": (turn(ASKED % "") + AGAIN, COFFEE),
    "words": (turn(LONG), COFFEE),
    "a value": (turn("{reply: Hi!}", ASKED % "data: {coffee: tea, cups: 1}"), COFFEE),
    "the end": (turn(ASKED % "") + "  ended: true\n", COFFEE),
    "an error": (turn("{user: a}"), STUCK),
    "no reply": (turn("{user: a, reply: {target: served, updates: {coffee: latte}}, state: served}"), COFFEE),
}


@pytest.mark.parametrize(("written", "definition"), FAILURES.values(), ids=FAILURES)
def test_a_failure_reads_well(tmp_path: Path, written: str, definition: str, snapshot: SnapshotAssertion) -> None:
    outcomes = run(tmp_path, written, definition=definition)
    assert not outcomes[-1].passed
    assert report(outcomes[-1]).replace(str(tmp_path), "shop") == snapshot


PAUSES = {
    "a pause": turn(FIFTY % "state: paid"),
    "another question": turn(FIFTY % "asks: sure"),
    "after an answer": after_the_pause(
        "{answer: Why?, asks: came broken}", "{answer: true, reply: Paid., state: refused}"
    ),
}


@pytest.mark.parametrize("written", PAUSES.values(), ids=PAUSES)
def test_a_pause_reads_well(tmp_path: Path, written: str, snapshot: SnapshotAssertion) -> None:
    outcomes = hold(tmp_path, written)
    assert not outcomes[-1].passed
    assert report(outcomes[-1]).replace(str(tmp_path), "shop") == snapshot


def test_what_would_steer_a_terminal_is_left_out(tmp_path: Path) -> None:
    written = turn('{user: "a\\e[2J", reply: {message: "b\\a"}, state: served}')
    (outcome,) = run(tmp_path, written)
    told = report(outcome)
    assert [sign for sign in told if not (sign.isprintable() or sign == "\n")] == []
