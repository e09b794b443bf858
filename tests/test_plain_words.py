"""Two spellings of one text have the same plain words."""

from __future__ import annotations

import pytest

from fsm_langgraph.data.plain_words import folded, plain_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ann LEE", ["ann", "lee"]),
        ("the user\u2019s full-name.", ["the", "user", "s", "full", "name"]),
        ("Cafe\u0301", ["café"]),
        ("STRASSE", ["strasse"]),
        ("snake_case", ["snake", "case"]),
        ("LX-77, 1,5", ["lx", "77", "1", "5"]),
        ("我叫王伟", ["我叫王伟"]),
        ("👍 …", []),
    ],
)
def test_words_are_runs_of_letters_and_digits(text: str, words: list[str]) -> None:
    assert plain_words(text) == words


def test_a_folded_text_is_composed_and_has_no_case() -> None:
    assert folded("CAFE\u0301, Straße") == "café, strasse"
