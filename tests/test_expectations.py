"""Everything that a scenario says of a turn is held against what was found; each expectation can fail."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import JsonValue
from rehearsals import ASKED, COFFEE, ORDERED, found, run, turn

from fsm_langgraph.scenarios.expectations import same

REFUSED = "{user: a, reply: [{target: served, updates: {coffee: latte, cups: 9}}, How many?], %s}"
STUCK = COFFEE.replace("    id: order\n", "    id: order\n    silent: true\n").replace(
    "    required_context_keys: [coffee, cups]\n", ""
)

HOLDS = {
    "state": (ORDERED, "state: served"),
    "path": (ORDERED, "path: [order, served]"),
    "some of the data": (ORDERED, "data: {cups: 2}"),
    "no such key": (ASKED, "data: {cups: null}"),
    "all of the data": (ORDERED, "all_data: {cups: 2, coffee: latte}"),
    "why": (ORDERED, "why: proposed"),
    "calls": (REFUSED, "calls: 2"),
    "says, in any case": (ORDERED, "says: 2 LATTE"),
    "says several things": (ORDERED, "says: ['2', latte]"),
    "says, as an expression": (ORDERED, "says: '/^2 \\w+, coming/'"),
    "does not say": (ORDERED, "says_not: [espresso, '/LATTE/']"),
    "ended": (ORDERED, "ended: true"),
    "goes on": (ASKED, "ended: false"),
    "closed": (ASKED, "closed: served"),
    "closed for a reason": (REFUSED, "closed: {served: missing cups}"),
    "rejected": (REFUSED, "rejected: cups"),
    "rejected for a reason": (REFUSED, "rejected: {cups: above 6}"),
    "nothing rejected": (ORDERED, "rejected: []"),
    "told": (ORDERED, "told: [cups, coffee]"),
    "changed": (ASKED, "changed: [coffee]"),
}
FAILS = {
    "state": (ORDERED, "state: order", "state: 'order' | 'served'"),
    "path": (ORDERED, "path: [order, order]", "path: order → order | order → served"),
    "a value": (ORDERED, "data: {cups: 3}", "data.cups: 3 | 2"),
    "no value": (ORDERED, "data: {cups: null}", "data.cups: nothing | 2"),
    "a value missing": (ASKED, "data: {cups: 1}", "data.cups: 1 | nothing"),
    "data besides": (ORDERED, "all_data: {cups: 2}", 'all_data.coffee: nothing | "latte"'),
    "why": (ORDERED, "why: stayed", "why: stayed | proposed"),
    "calls": (REFUSED, "calls: 1", "calls: 1 | 2: understand in order, speak in order"),
    "says": (ORDERED, "says: espresso", "says: 'espresso' | '2 latte, coming up.'"),
    "says, as an expression": (ORDERED, "says: /LATTE/", "says: /LATTE/ | '2 latte, coming up.'"),
    "does not say": (ORDERED, "says_not: latte", "says_not: no 'latte' | '2 latte, coming up.'"),
    "goes on": (ORDERED, "ended: false", "ended: it goes on | the conversation is over, in 'served'"),
    "closed": (ORDERED, "closed: served", "closed.served: not open | open: The order is complete"),
    "closed for a reason": (ASKED, "closed: {served: tea}", "closed.served: 'tea' | missing cups"),
    "closed, and not looked at": (
        ASKED,
        "closed: order",
        "closed.order: not open | no transition to it was looked at",
    ),
    "rejected": (ORDERED, "rejected: cups", "rejected: cups | nothing"),
    "rejected for a reason": (REFUSED, "rejected: {cups: tea}", "rejected.cups: 'tea' | is above 6"),
    "nothing rejected": (REFUSED, "rejected: []", "rejected: nothing | cups is above 6"),
    "told": (ASKED, "told: [cups]", "told: cups | coffee"),
    "changed": (ASKED, "changed: []", "changed: nothing | coffee"),
    "error": (ASKED, "error: StuckError", "error: StuckError | no error"),
}


@pytest.mark.parametrize(("written", "expectation"), HOLDS.values(), ids=HOLDS)
def test_what_holds_is_found_to_hold(tmp_path: Path, written: str, expectation: str) -> None:
    (outcome,) = run(tmp_path, turn(written % expectation))
    assert found(outcome) == []


@pytest.mark.parametrize(("written", "expectation", "told"), FAILS.values(), ids=FAILS)
def test_what_does_not_hold_is_told_with_what_was_found(
    tmp_path: Path, written: str, expectation: str, told: str
) -> None:
    (outcome,) = run(tmp_path, turn(written % expectation))
    (difference,) = found(outcome)
    assert difference.startswith(told)


@pytest.mark.parametrize(
    ("expected", "holds"),
    [
        ("StuckError", True),
        ("TurnError", True),
        ("'StuckError: no transition'", True),
        ("no transition out of it", True),
        ("'/state .order./'", True),
        ("ReplyError", False),
        ("'StuckError: another'", False),
        ("another", False),
    ],
)
def test_an_error_is_expected_by_its_class_its_text_or_both(tmp_path: Path, expected: str, holds: bool) -> None:
    (outcome,) = run(tmp_path, turn(f"{{user: a, error: {expected}}}"), definition=STUCK)
    assert outcome.passed is holds


def test_an_error_that_nobody_expects_is_the_one_difference(tmp_path: Path) -> None:
    (outcome,) = run(tmp_path, turn("{user: a, state: served, says: x}"), definition=STUCK)
    (told,) = found(outcome)
    assert told.startswith("error: no error | StuckError: state 'order': no transition")


def test_a_secret_value_is_told_to_nobody(tmp_path: Path) -> None:
    secret = COFFEE.replace("enum: [espresso, latte]", "secret: true")
    (outcome,) = run(tmp_path, turn(ASKED % "data: {coffee: hemlock}"), definition=secret)
    assert found(outcome) == ["data.coffee: ••• | •••, another value"]


def test_a_secret_is_compared_by_its_value(tmp_path: Path) -> None:
    secret = COFFEE.replace("enum: [espresso, latte]", "secret: true")
    (outcome,) = run(tmp_path, turn(ASKED % "data: {coffee: latte}, all_data: {coffee: latte}"), definition=secret)
    assert found(outcome) == []
    assert "latte" not in repr(outcome.turns[0].after)


def test_one_that_is_not_there_is_told_as_that(tmp_path: Path) -> None:
    secret = COFFEE.replace("{type: integer", "{secret: true, type: integer")
    (outcome,) = run(tmp_path, turn(ASKED % "data: {cups: 2}"), definition=secret)
    assert found(outcome) == ["data.cups: ••• | nothing"]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (2, 2.0, True),
        (1, True, False),
        (0, None, False),
        ([1, {"a": [2]}], [1.0, {"a": [2]}], True),
        ({"a": True}, {"a": 1}, False),
        ([1], [1, 2], False),
        ("1", 1, False),
    ],
)
def test_values_are_compared_as_json(one: JsonValue, other: JsonValue, expected: bool) -> None:
    assert same(one, other) is expected
    assert same(other, one) is expected
