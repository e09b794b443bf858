"""The conversations that tests in Python hold: what each expectation takes, and how one that fails is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from approvals import HANDLERS, REFUNDS
from lamp_shop import DEFINITION
from rehearsals import COFFEE

from fsm_langgraph import ScenarioError
from fsm_langgraph.testing.held_conversation import ConversationFixture, HeldConversation

TWO = {"target": "confirm", "updates": {"lamp": "desk", "count": 2}, "message": "Two desk lamps?"}
TWENTY: list[Any] = [
    {"target": "confirm", "updates": {"lamp": "desk", "count": 20}, "message": "Good"},
    "I have ten at most.",
]
WRONG_KIND: list[Any] = [{"target": "ask", "updates": {"lamp": "disco"}, "message": "Good"}, "I have no disco lamps."]

Expect = Callable[[HeldConversation], HeldConversation]


@pytest.fixture
def begin(tmp_path: Path) -> Callable[[], HeldConversation]:
    """Begin conversations with the shop."""
    (tmp_path / "fsm.yaml").write_text(DEFINITION)
    fixture = ConversationFixture("a test", tmp_path)
    return lambda: fixture("fsm.yaml")


EXPECTATIONS: dict[str, tuple[Expect, Expect]] = {
    "lands_in": (lambda c: c.lands_in("confirm"), lambda c: c.lands_in("ask")),
    "goes_through": (lambda c: c.goes_through("ask", "confirm"), lambda c: c.goes_through("ask")),
    "goes_because": (lambda c: c.goes_because("proposed"), lambda c: c.goes_because("fired")),
    "has": (lambda c: c.has(lamp="desk", sure=None), lambda c: c.has({"lamp": "floor"})),
    "has_only": (lambda c: c.has_only(lamp="desk", count=2), lambda c: c.has_only(lamp="desk")),
    "is_told": (lambda c: c.is_told("two", "/lamps\\?$/"), lambda c: c.is_told("three")),
    "is_not_told": (lambda c: c.is_not_told("three"), lambda c: c.is_not_told("two")),
    "calls_model": (lambda c: c.calls_model(1), lambda c: c.calls_model(2)),
    "not_ended": (lambda c: c.not_ended(), lambda c: c.ended()),
}


@pytest.mark.parametrize("name", EXPECTATIONS)
def test_an_expectation_holds_or_fails_the_test(begin: Callable[[], HeldConversation], name: str) -> None:
    right, wrong = EXPECTATIONS[name]
    talk = begin().says("two desk lamps", reply=TWO)

    assert right(talk) is talk
    with pytest.raises(AssertionError, match="expected"):
        wrong(talk)


def test_a_transition_that_is_closed_and_a_value_that_is_refused_are_told_with_reasons(
    begin: Callable[[], HeldConversation],
) -> None:
    begin().says("twenty", reply=TWENTY).lands_in("ask").is_closed("confirm", "sane number")
    begin().says("a disco lamp", reply=WRONG_KIND).rejects("lamp", "desk")


def test_a_conversation_goes_on_until_it_has_ended(begin: Callable[[], HeldConversation]) -> None:
    talk = begin().begins(reply="Which lamp?").says("two desk lamps", reply=TWO)

    talk.says("yes", reply={"target": "done", "updates": {"sure": True}, "message": ""}).is_told("Ordered!").ended()

    assert (talk.state, talk.message, talk.data["count"]) == ("done", "Ordered!", 2)


def test_what_the_caller_knows_goes_with_the_next_message(begin: Callable[[], HeldConversation]) -> None:
    begin().with_context(lamp="floor").begins(reply="How many?").has(lamp="floor")


def test_a_turn_without_a_reply_asks_the_offline_model(begin: Callable[[], HeldConversation]) -> None:
    begin().says("2 desk lamps").has(lamp="desk", count=2)


def test_a_turn_that_is_to_fail_fails(begin: Callable[[], HeldConversation]) -> None:
    talk = begin().begins(reply="Which lamp?")

    talk.says("hm", reply=["no JSON", "no JSON"], error="ReplyError").lands_in("ask")
    with pytest.raises(AssertionError, match="error: expected ReplyError, found no error"):
        talk.says("two desk lamps", reply=TWO, error="ReplyError")


@pytest.fixture
def refunds(tmp_path: Path) -> HeldConversation:
    """A conversation with a machine that asks a person, which waits."""
    (tmp_path / "fsm.yaml").write_text(REFUNDS)
    (tmp_path / "handlers.py").write_text(HANDLERS)
    fifty = {"target": "decide", "updates": {"amount": 50}}
    return ConversationFixture("a test", tmp_path)("fsm.yaml").says("50", reply=fifty, asks={"amount": 50})


def test_a_turn_that_asks_is_answered(refunds: HeldConversation) -> None:
    talk = refunds.answers("Why?", asks="came broken").answers(True, reply="It is paid.")

    talk.lands_in("paid").goes_through("ask", "decide", "paid").is_told("It is paid").has(approved=True).calls_model(2)


def test_of_a_turn_that_waits_no_record_is_expected(refunds: HeldConversation) -> None:
    with pytest.raises(ScenarioError, match="waits for an answer has no record yet, so that 'path'"):
        refunds.goes_through("ask")


def test_an_answer_where_nothing_is_asked_fails_the_test(refunds: HeldConversation) -> None:
    talk = refunds.answers("never", error="HandlerError")

    with pytest.raises(AssertionError, match="answer: expected a turn that waits for an answer, found nothing"):
        talk.answers(True, reply="It is paid.")


def test_no_answer_is_a_mistake_of_the_tests_author(refunds: HeldConversation) -> None:
    with pytest.raises(ScenarioError, match="nothing is answered"):
        refunds.answers(None)


def test_of_a_turn_that_fails_no_record_is_expected(begin: Callable[[], HeldConversation]) -> None:
    talk = begin().begins(reply="Which lamp?").says("hm", reply=["no JSON", "no JSON"], error="ReplyError")

    with pytest.raises(ScenarioError, match="a turn that fails has no record, so that 'calls'"):
        talk.calls_model(2)


def test_a_failure_tells_the_whole_conversation_and_the_verdicts(begin: Callable[[], HeldConversation]) -> None:
    talk = begin().begins(reply="Which lamp?").says("twenty", reply=TWENTY)

    with pytest.raises(AssertionError) as failed:
        talk.lands_in("confirm")

    told = str(failed.value)
    assert told.startswith("state: expected 'confirm', found 'ask'\n")
    assert [text for text in ("Which lamp?", "twenty", "A lamp and a sane number", "bye") if text not in told] == []


@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        (lambda c: c.lands_in("confrim"), "'confrim'.*'confirm'"),
        (lambda c: c.goes_because("fierd"), "'fierd'.*'fired'"),
        (lambda c: c.says("hi", reply={"traget": "confirm"}), "'traget'.*'target'"),
    ],
    ids=["a state", "a reason", "a field"],
)
def test_a_mistake_of_the_tests_author_is_told_with_the_near_miss(
    begin: Callable[[], HeldConversation], mistake: Expect, told: str
) -> None:
    with pytest.raises(ScenarioError, match=f"(?s){told}"):
        mistake(begin().begins(reply="Which lamp?"))


def test_nothing_is_expected_before_anybody_has_spoken(begin: Callable[[], HeldConversation]) -> None:
    with pytest.raises(ScenarioError, match=r"Begin with \.says"):
        begin().lands_in("ask")


def test_a_setting_that_there_is_not_is_told(tmp_path: Path) -> None:
    (tmp_path / "fsm.yaml").write_text(DEFINITION)

    with pytest.raises(ScenarioError, match=r"(?s)'handler'.*'handlers'"):
        ConversationFixture("a test", tmp_path)("fsm.yaml", handler="beside")


def test_a_secret_is_compared_and_masked(tmp_path: Path) -> None:
    (tmp_path / "fsm.yaml").write_text(COFFEE.replace("enum: [espresso, latte]", "secret: true"))
    talk = ConversationFixture("a test", tmp_path)("fsm.yaml")
    talk.says("hi", reply={"updates": {"coffee": "hemlock"}, "message": "How many?"}).has(coffee="hemlock")
    assert talk.data == {"coffee": "•••"}
    with pytest.raises(AssertionError, match="•••, another value") as failed:
        talk.has(coffee="nightshade")
    assert "hemlock" not in str(failed.value).partition("data.coffee")[2]
    assert "nightshade" not in str(failed.value)
