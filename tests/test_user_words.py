"""A grounded value is made of what the user wrote, in whatever spelling."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telling import PLACEHOLDERS, grounded, told

from fsm_langgraph.context.user_words import UserWords


@pytest.mark.parametrize(
    ("declaration", "said", "value", "holds"),
    [
        pytest.param({}, "I am Ann Lee.", "Ann LEE", True, id="words in any case and order"),
        pytest.param({}, "I am Ann.", "Ann Lee", False, id="a word too many"),
        pytest.param({}, "Anna", "Ann", False, id="a part of a word"),
        pytest.param({}, "Cafe\u0301 Ole", "Café", True, id="composed or not"),
        pytest.param({}, "ann@example.com", "ann@example.com", True, id="an address"),
        pytest.param({}, "ann@example.com", "bob@example.com", False, id="another address"),
        pytest.param({}, "我叫王伟", "王伟", True, id="a script without blanks"),
        pytest.param({"type": "integer"}, "for 1,000 people", 1000, True, id="a numeral that is grouped"),
        pytest.param({"type": "integer"}, "für 1.000 Leute", 1000, True, id="or grouped by dots"),
        pytest.param({"type": "number"}, "1,5 kg", 1.5, True, id="a decimal comma"),
        pytest.param({"type": "number"}, "1.234,50 €", 1234.5, True, id="with groups before it"),
        pytest.param({"type": "integer"}, "٣ nights", 3, True, id="a numeral of any script"),
        pytest.param({"type": "integer"}, "room 12", 2, False, id="a part of a number"),
        pytest.param({"type": "integer"}, "a few", 3, False, id="a number made up"),
        pytest.param({"type": "integer"}, "two, please", 2, True, id="a number in a word"),
        pytest.param({"type": "integer"}, "I am twenty-five", 25, True, id="of two words"),
        pytest.param({"type": "integer"}, "five twenty", 25, False, id="in this order"),
        pytest.param({}, "2 of us", "two", True, id="and the other way round"),
        pytest.param({}, "lx 77", "LX-77", True, id="a code that is divided otherwise"),
        pytest.param({}, "+49 171 555", "+49171555", True, id="a number that is divided otherwise"),
        pytest.param({}, "alx 77", "LX-77", False, id="a part of a code"),
        pytest.param({}, "lx 775", "LX77", False, id="the beginning of a code"),
        pytest.param({"format": "date"}, "12 May 2027", "2027-05-12", True, id="a date"),
        pytest.param({"format": "date"}, "on Tuesday", "2027-05-12", False, id="a date that was worked out"),
        pytest.param({"format": "date"}, "5 June 2027", "2027-05-05", False, id="a date of the same numbers"),
        pytest.param({"format": "time"}, "2.30 pm", "14:30", True, id="a time"),
        pytest.param({"items": {"format": "date"}}, "3.5.2027", ["2027-05-03"], True, id="a list of dates"),
        pytest.param({"type": "array"}, "ham and brie", ["brie", "ham"], True, id="each item"),
        pytest.param({"type": "array"}, "ham", ["ham", "brie"], False, id="an item made up"),
        pytest.param({"type": "object"}, "Elm Road in Bonn", {"city": "Bonn", "at": ["Elm"]}, True, id="each leaf"),
        pytest.param({"type": "object"}, "Elm Road", {"city": "Bonn"}, False, id="a leaf made up"),
        pytest.param({"enum": ["express", "slow"]}, "the EXPRESS one", "Express", True, id="a choice that was named"),
        pytest.param({"enum": ["express", "slow"]}, "quickly", "express", False, id="a choice that was inferred"),
        pytest.param({}, "yes", True, False, id="a truth value"),
        pytest.param({}, "fine 👍", "👍", True, id="a sign"),
        pytest.param({}, "fine", "👍", False, id="a sign made up"),
    ],
)  # fmt: skip
def test_a_grounded_value_is_made_of_the_users_words(declaration: Any, said: str, value: Any, holds: bool) -> None:
    accepted, rejected = told(grounded(**declaration), ("x", value), said=said)

    assert bool(accepted) is holds
    assert rejected == ([] if holds else [("x", "value")])


WORDS = st.lists(st.sampled_from(["Ann", "ham", "7", "1,5", "Bonn", "unknown"]), max_size=4)
LEAVES = st.sampled_from(["Ann", "Ann ham", "brie", 7, 1.5, 2, "7", True, *PLACEHOLDERS])
TOLD = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just("k"), inner, max_size=1)
)


@settings(deadline=None, max_examples=60)
@given(TOLD, WORDS)
def test_a_grounded_value_stands_in_the_users_words(value: Any, said: list[str]) -> None:
    accepted, _ = told(grounded(), ("x", value), said=" ".join(said))

    assert UserWords(said).has_all_of(accepted.get("x"))
