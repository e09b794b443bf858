"""The author's own sentences are found in purposes and instructions."""

from __future__ import annotations

import pytest

from fsm_langgraph.offline.authored import DescribedState, conditional, literal, statements


@pytest.mark.parametrize(
    ("instructions", "said"),
    [
        ('Say: "Hello there!"', ["Hello there!"]),
        ('Greet the user. Ask: "Which one?" Be kind.', ["Which one?"]),
        ('Say: "One." or say "Two."', ["One.", "Two."]),
        ("Is the light on? Wait for the answer.", ["Is the light on?"]),
        ("Ask the user whether they are sure. Are they sure?", []),
        ('If the user refuses, say: "Fine."', []),
        ('Never say "no".', []),
        ('Say: "Hello, !"', []),
        ("Be kind.", []),
    ],
)
def test_the_authors_sentences_are_said_as_they_are(instructions: str, said: list[str]) -> None:
    assert literal(DescribedState("", instructions)) == said


def test_a_sentence_with_a_gap_is_not_said() -> None:
    assert literal(DescribedState("", 'Say: "Thank you, !"')) == []
    assert literal(DescribedState("", 'Say: "You want  of them."')) == []


def test_a_sentence_for_a_case_is_kept_for_that_case() -> None:
    state = DescribedState("", 'Ask for the number. If the user refuses, say: "Fine. Then not."')

    assert conditional(state) == [("If the user refuses, ", "Fine. Then not.")]


@pytest.mark.parametrize(
    ("instructions", "told"),
    [
        ("Explain that you'll be collecting some data.", ["I'll be collecting some data."]),
        ("Let them know their information has been saved.", ["Your information has been saved."]),
        ("Tell the user that a technician will call, and ask for a time.", ["A technician will call."]),
        ("Say that you are a bot. Be kind.", ["I am a bot."]),
        ("If they ask, explain that it is free.", []),
        ("Tell the user what to do.", []),
        ("Say goodbye.", []),
    ],
)
def test_what_the_user_is_to_be_told_is_told(instructions: str, told: list[str]) -> None:
    assert statements(DescribedState("", instructions)) == told
