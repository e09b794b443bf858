"""A slip of the hand is told from another word."""

from __future__ import annotations

import pytest

from fsm_langgraph.checking.misspelt_names import MisspeltNames


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("nihgts", "nights"),
        ("nigths", "nights"),
        ("nigts", "nights"),
        ("nightts", "nights"),
        ("nighrs", "nights"),
        ("gest", "guest"),
        ("coffe", "coffee"),
        ("userName", "user_name"),
        ("user-name", "user_name"),
        ("Nights", "nights"),
        ("siez", "size"),
        ("gest_name", "guest_name"),
    ],
)
def test_a_slip_is_found(name: str, meant: str) -> None:
    assert (
        MisspeltNames(["guest_name", "guest", "nights", "coffee", "user_name", "size", "other"]).meant_by(name) == meant
    )


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("items", "item"),
        ("item", "items"),
        ("street1", "street2"),
        ("date", "rate"),
        ("room_date", "room_rate"),
        ("user_id", "user_ip"),
        ("height", "weight"),
        ("saved", "save"),
        ("unpaid", "paid"),
        ("x", "y"),
        ("id", "ids"),
        ("nights", "nights"),
        ("hotel", "nights"),
        ("n" * 70, "n" * 71),
    ],
)
def test_another_word_is_none(name: str, known: str) -> None:
    assert MisspeltNames([known]).meant_by(name) is None
