"""A key's name says whether a no, or a none, is a plausible answer to it."""

from __future__ import annotations

import pytest

from fsm_langgraph.checking.keys.plausible_noes import is_never_no, is_often_none, is_yes_or_no


@pytest.mark.parametrize(
    "key", ["has_pets", "wantsBreakfast", "needs_help", "consent", "privacy_consent", "breakfast", "callback_ok"]
)
def test_a_yes_or_a_no_answers(key: str) -> None:
    assert is_yes_or_no(key)
    assert not is_often_none(key)
    assert not is_never_no(key)


@pytest.mark.parametrize("key", ["allergies", "special_requests", "dietary_restrictions", "preferences", "medications"])
def test_none_often_answers(key: str) -> None:
    assert is_often_none(key)
    assert not is_yes_or_no(key)
    assert not is_never_no(key)


@pytest.mark.parametrize("key", ["name", "email", "E-Mail", "userAge", "departure-city", "num_rooms", "issue_type"])
def test_a_no_answers_none_of_what_everybody_has_or_chooses(key: str) -> None:
    assert is_never_no(key)
    assert not is_yes_or_no(key)
    assert not is_often_none(key)


@pytest.mark.parametrize(
    "key", ["wish", "ready", "done", "renamed", "island", "wants", "condition", "promo_code", "人数", "_", ""]
)
def test_of_any_other_name_nobody_knows(key: str) -> None:
    assert not is_yes_or_no(key)
    assert not is_often_none(key)
    assert not is_never_no(key)
