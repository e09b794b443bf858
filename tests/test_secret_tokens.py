"""Tokens: what they are, and which values are put in their places."""

from __future__ import annotations

from typing import Any

import pytest

from fsm_langgraph.context.secret_tokens import MASK, Secrets, Vault, is_token, masked, reason_for_secret, tokens_in


def secrets() -> Secrets:
    return Secrets(Vault(), frozenset({"pin", "card"}))


def test_a_secret_becomes_a_token_and_comes_back() -> None:
    own = secrets()
    hidden = own.hide({"pin": "4711", "card": {"no": 1}, "name": "Ann"})

    assert is_token(hidden["pin"])
    assert is_token(hidden["card"])
    assert hidden["name"] == "Ann"
    assert own.reveal(hidden) == {"pin": "4711", "card": {"no": 1}, "name": "Ann"}


def test_the_same_value_keeps_its_token_and_another_one_gets_another() -> None:
    own = secrets()
    first, other = own.hide({"pin": 1})["pin"], own.hide({"pin": True})["pin"]

    assert own.hide({"pin": 1}) == {"pin": first}
    assert first != other


def test_equal_values_of_two_keys_have_two_tokens() -> None:
    hidden = secrets().hide({"pin": "4711", "card": "4711"})
    assert hidden["pin"] != hidden["card"]


def test_two_vaults_give_one_value_two_tokens() -> None:
    assert secrets().hide({"pin": "4711"}) != secrets().hide({"pin": "4711"})


@pytest.mark.parametrize("writes", [{"pin": None}, {"name": "4711"}], ids=["null", "no secret key"])
def test_what_is_no_secret_stays(writes: dict[str, Any]) -> None:
    assert secrets().hide(writes) == writes


def test_a_token_that_is_not_known_is_no_value() -> None:
    made_up = f"fsm-secret-{'0' * 32}"
    assert secrets().reveal({"pin": made_up, "name": made_up}) == {"name": made_up}


def test_a_machine_reads_the_tokens_of_its_own_secret_keys_alone() -> None:
    own = secrets()
    token = own.hide({"pin": "4711"})["pin"]
    assert own.of(frozenset({"code"})).reveal({"pin": token, "code": token}) == {"pin": token, "code": "4711"}


@pytest.mark.parametrize(
    "text",
    ["fsm-secret-", "fsm-secret-12", f"fsm-secret-{'0' * 33}", f"fsm-secret-{'G' * 32}", f" fsm-secret-{'0' * 32}"],
)
def test_a_text_that_resembles_a_token_is_none(text: str) -> None:
    assert not is_token(text)


def test_tokens_are_found_at_any_depth_and_in_texts() -> None:
    one, other = (f"fsm-secret-{digit * 32}" for digit in "01")
    assert tokens_in({"a": [{"b": (one,)}], "c": f'{{"d": "{other}"}}', "e": object(), "f": 1}) == {one, other}


def test_secrets_have_no_text_that_tells_them() -> None:
    own = secrets()
    own.hide({"pin": "4711"})
    assert "4711" not in f"{own!r} {own.vault!r} {own.vault.known!r}"


@pytest.mark.parametrize(
    ("reason", "value", "told"),
    [
        ("is not a whole number", "4711x", "is not a whole number"),
        ("can be read in two ways; written as 1000 or 1.0000", "1.000", "does not fit what is declared for it"),
        ("is not 'Ann Lee', as it was", ["ann lee"], "does not fit what is declared for it"),
        ("has no 'k-1'", {"K1": None}, "does not fit what is declared for it"),
        ("is not true", True, "is not true"),
    ],
)
def test_the_reason_against_a_secret_says_nothing_of_it(reason: str, value: Any, told: str) -> None:
    assert reason_for_secret(reason, value) == told


def test_people_see_a_mask_for_a_token_under_any_key_and_for_a_value_under_a_secret_one() -> None:
    token = secrets().hide({"pin": "4711"})["pin"]

    assert masked(token) == masked("4711", is_secret=True) == MASK
    assert masked("4711") == "4711"
    assert masked(None, is_secret=True) is None


def test_a_secret_that_nests_without_an_end_is_refused_like_any_other() -> None:
    deep: list[Any] = []
    circle: list[Any] = []
    circle.append(circle)
    for _ in range(5000):
        deep = [deep]
    wide: list[Any] = ["a"]
    for _ in range(20):
        wide = [wide] * 10

    reasons = [reason_for_secret("nests deeper than 32 levels", value) for value in (deep, circle, wide)]

    assert {*reasons} == {"does not fit what is declared for it"}
