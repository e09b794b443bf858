"""Sentences about the user are turned into sentences to the user."""

from __future__ import annotations

import pytest

from fsm_langgraph.offline.phrasing import direct, to_user


@pytest.mark.parametrize(
    ("text", "to_the_user"),
    [
        ("the user's name", "your name"),
        ("what the user wants", "what you want"),
        ("whether the customer is happy with their order", "whether you are happy with your order"),
        ("if the user has finished", "if you have finished"),
        ("what they need", "what you need"),
        ("the caller tries again", "you try again"),
        ("which plan the user wants: a day or a month", "which plan you want: a day or a month"),
        ("the user interface", "the user interface"),
        ("update user preferences", "update your preferences"),
    ],
)
def test_it_speaks_to_the_user_and_not_about_the_user(text: str, to_the_user: str) -> None:
    assert to_user(text) == to_the_user


@pytest.mark.parametrize(
    ("indirect", "question"),
    [
        ("which coffee it is", "Which coffee is it?"),
        ("what you want", "What do you want?"),
        ("where you are going", "Where are you going?"),
        ("how many guests you expect", "How many guests do you expect?"),
        ("what the problem is", "What is the problem?"),
        ("whether you have been here", "Have you been here?"),
        ("if it works", "Could you tell me whether it works?"),
    ],
)
def test_an_indirect_question_is_turned_round(indirect: str, question: str) -> None:
    assert direct(indirect) == question
