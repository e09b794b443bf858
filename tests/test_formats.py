"""A format is recognised by what a person would call such a thing."""

from __future__ import annotations

import pytest

from fsm_langgraph.data.formats import FORMATS, has_format

EXAMPLES = {
    "email": (["ann@example.com", "a.b+c@d-e.co.uk"], ["ann", "ann@example", "a b@c.de", "a@b@c.de", "@c.de"]),
    "date": (["1990-05-31", "2024-02-29"], ["1990-5-31", "2023-02-29", "31.05.1990", "1990-05-31T10:00", "19900531"]),
    "time": (["14:30", "14:30:05", "14:30:05.5"], ["2:30", "25:00", "14h30", "14:30 and"]),
    "date-time": (["1990-05-31T14:30", "1990-05-31 14:30:00+02:00"], ["1990-05-31", "14:30", "1990-05-31T25:00"]),
    "uri": (["https://example.com/a?b#c", "mailto:ann@example.com"], ["example.com", "https:", "https://a b"]),
    "uuid": (["123e4567-e89b-12d3-a456-426614174000"], ["123e4567", "123e4567e89b12d3a456426614174000"]),
}
GOOD = [(form, text) for form, (good, _) in EXAMPLES.items() for text in good]
BAD = [(form, text) for form, (_, bad) in EXAMPLES.items() for text in [*bad, ""]]


def test_every_format_has_examples() -> None:
    assert EXAMPLES.keys() == FORMATS.keys()


@pytest.mark.parametrize(("form", "text"), GOOD)
def test_a_text_of_the_format_is_recognised(form: str, text: str) -> None:
    assert has_format(text, form)


@pytest.mark.parametrize(("form", "text"), BAD)
def test_any_other_text_is_not(form: str, text: str) -> None:
    assert not has_format(text, form)
