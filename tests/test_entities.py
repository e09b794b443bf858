"""Values of a known form, choices and lists are found in a text."""

from __future__ import annotations

from typing import Any

import pytest

from fsm_langgraph.offline.entities import find_choice, find_choices, find_entities, split_list

SIZES = ["small", "medium", "extra large", "large"]


@pytest.mark.parametrize(
    ("text", "choices", "choice"),
    [
        ("large", SIZES, "large"),
        ("Extra large, please", SIZES, "extra large"),
        ("a big one", ["small", "large"], "large"),
        ("the smallest", ["small", "large"], "small"),
        ("lage", ["small", "large"], "large"),
        ("meduim", SIZES, "medium"),
        ("not the red one, the blue one", ["red", "blue"], "blue"),
        ("no, the blue one", ["red", "blue"], "blue"),
        ("blue instead of red", ["red", "blue"], "blue"),
        ("not red", ["red", "blue"], None),
        ("red or blue", ["red", "blue"], None),
        ("the second one", ["red", "blue", "green"], "blue"),
        ("the last one", ["red", "blue", "green"], "green"),
        ("option 1", ["red", "blue"], "red"),
        ("I have a billing question", ["billing", "technical"], "billing"),
        ("it is about my invoice", ["billing", "technical"], "billing"),
        ("credit card", ["credit_card", "cash"], "credit_card"),
        ("I'd pay by card", ["credit card", "cash"], "credit card"),
        ("not by card", ["card", "invoice"], None),
        ("I do not want to pay by card, by invoice", ["card", "invoice"], "invoice"),
        ("how do I pay", ["card", "invoice"], None),
        ("two", [1, 2, 3], 2),
        ("yes please", ["yes", "no", "maybe"], "yes"),
        ("nope", ["yes", "no", "maybe"], "no"),
        ("something else entirely", ["red", "blue"], None),
        ("", ["red", "blue"], None),
    ],
)
def test_a_choice_is_found_by_its_words(text: str, choices: list[Any], choice: Any) -> None:
    assert find_choice(text, choices) == choice


def test_several_choices_are_found() -> None:
    assert find_choices("ham, and some olives but not onions", ["ham", "onions", "olives"]) == [
        "ham",
        "olives",
    ]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("a, b and c", ["a", "b", "c"]),
        ("I'd like ham and cheese, please", ["ham", "cheese"]),
        ("mushrooms", ["mushrooms"]),
        ("", []),
    ],
)
def test_a_list_is_taken_apart(text: str, items: list[str]) -> None:
    assert split_list(text) == items


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("19.35 euros", [19.35]), ("19.35", [19.35]), ("at 19.35 for two", [2]), ("19:35", []), ("it was €8.20", [8.2])],
)
def test_what_may_be_a_number_and_a_time_is_both(text: str, numbers: list[float]) -> None:
    assert [number.value for number in find_entities(text).numbers] == numbers


@pytest.mark.parametrize(
    ("text", "kind", "values"),
    [
        ("mail me at Ann.Lee+x@mail.example.co.uk.", "email", ["Ann.Lee+x@mail.example.co.uk"]),
        ("ann at example dot com", "email", ["ann@example.com"]),
        ("ann at example", "email", []),
        ("ann@example", "email", []),
        ("call +49 30 1234567 please", "phone", ["+49 30 1234567"]),
        ("(555) 010-0199", "phone", ["(555) 010-0199"]),
        ("1990-05-31", "phone", []),
        ("see https://example.com/a?b=1.", "url", ["https://example.com/a?b=1"]),
    ],
)
def test_values_of_a_known_form_are_found(text: str, kind: str, values: list[str]) -> None:
    assert find_entities(text).of_kind(kind) == values
