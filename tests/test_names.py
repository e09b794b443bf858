"""Names are read, and answers without the words around them."""

from __future__ import annotations

import pytest

from fsm_langgraph.offline.hearing import hear
from fsm_langgraph.offline.names import find_name, short_answer


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ann Lee", "Ann Lee"),
        ("ann lee", "Ann Lee"),
        ("ANN LEE", "Ann Lee"),
        ("I'm Ann Lee", "Ann Lee"),
        ("I\u2019m Ann Lee, nice to meet you", "Ann Lee"),
        ("im ann lee", "Ann Lee"),
        ("Hi, I'm Ann Lee, ann@example.com, born 3 May 1990", "Ann Lee"),
        ("my name is Ann Lee", "Ann Lee"),
        ("My name's Ann", "Ann"),
        ("my full name is ann maria lee.", "Ann Maria Lee"),
        ("Ann Lee here", "Ann Lee"),
        ("Ann Lee speaking", "Ann Lee"),
        ("call me Bob", "Bob"),
        ("Ann Lee is my name", "Ann Lee"),
        ("this is Ann Lee", "Ann Lee"),
        ("It's Ann Lee", "Ann Lee"),
        ("sure, Ann Lee", "Ann Lee"),
        ("Yes, I'm Ann Lee", "Ann Lee"),
        ("Ludwig van Beethoven", "Ludwig van Beethoven"),
        ("Mary-Jane O'Neil", "Mary-Jane O'Neil"),
        ("Dr. Ann Lee", "Dr. Ann Lee"),
        ("José Álvarez", "José Álvarez"),
        ("Иван Петров", "Иван Петров"),
        ("Ann Lee and my email is ann@example.com", "Ann Lee"),
        ("yes", None),
        ("no", None),
        ("ok", None),
        ("hello", None),
        ("thanks", None),
        ("what is this?", None),
        ("who are you", None),
        ("I don't want to say", None),
        ("I'd rather not", None),
        ("I'm not sure", None),
        ("I'm hungry", None),
        ("I'm from Paris", None),
        ("I am looking for a book", None),
        ("asdfgh", None),
        ("qwerty", None),
        ("12345", None),
        ("that's none of your business", None),
        ("why do you ask", None),
        ("ann@example.com", None),
        ("", None),
    ],
)
def test_a_name_that_was_asked_for_is_found_and_nothing_else_is_a_name(text: str, name: str | None) -> None:
    said = hear(text)
    refused = said.declines or said.asks or said.answer is not None or said.goes_on or said.thanks

    assert (None if refused and name is None else find_name(said.text, asked=True)) == name


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("I'd like Bali, please", "Bali"),
        ("I want to go to New York", "New York"),
        ("it's a pizza", "pizza"),
        ("maybe the museum", "museum"),
        ("I want to run a marathon", "run a marathon"),
        ("The handle of the vase is broken off", "The handle of the vase is broken off"),
        ("12 High Street", "12 High Street"),
    ],
)
def test_an_answer_loses_the_words_around_it(text: str, answer: str) -> None:
    assert short_answer(text) == answer
