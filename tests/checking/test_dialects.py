"""Placeholders of other template languages are told where they name a key, and nothing else that has braces."""

from __future__ import annotations

import pytest
from checked import DECLARED, form, found

FAULTY = [
    "{nights} nights",
    "For { nights } nights",
    "{nihgts} nights",
    "{nights:.2f}",
    "{guest!r}",
    "{stays[0]}",
    "{address.city}",
    "${nights} nights",
    "#{nights}",
    "It costs $total today",
    "%(nights)s nights",
    "%(nights)d",
    "{% if nights %}soon{% endif %}",
    "{%- for stay in stays -%}",
    "<% if guest %>",
    "<%= guest %>",
    "Dear <guest>,",
    "[[guest]]",
    "{{guest}} and {nights}",
    "Read `this` to {guest}",
    "%nights% nights",
    "%%nights%%",
    "$(nights)",
]

SOUND = [
    "{{nights}}",
    "{{{nights}}}",
    'Answer with {"nights": 3, "guest": "Ann"}',
    '{"stays": [{"nights": 3}]}',
    "{nights: 3}",
    "{nights:3}",
    "{something} or {other}",
    "${price} and $5",
    "Write ```\nprint(f'{nights}')\n``` for them",
    "In Python `{nights}` is replaced",
    r"\frac{nights}{guest} and x_{nights} or 2^{nights}",
    "$nights$",
    "100% of nights, 5%nights%",
    "at 10:nights, http://nights",
    "<guest>Ann</guest>",
    "<guest@example.org>",
    "<b>bold</b>",
    "[guest](https://example.org)",
    "a[nights]",
    "array[[0]]",
    "{{=<% %>=}}<% nights %>",
    "5 < nights > 3",
    "100%",
    "{ }",
]


@pytest.mark.parametrize("field", ["instructions", "say"])
@pytest.mark.parametrize("text", FAULTY)
def test_a_placeholder_of_another_language_is_told(field: str, text: str) -> None:
    [finding] = found(form(DECLARED, **{field: text}), "other-dialect")

    assert finding.path == f"states.end.{field}"
    assert "{{" in finding.advice


@pytest.mark.parametrize("field", ["instructions", "say"])
@pytest.mark.parametrize("text", SOUND)
def test_other_text_with_braces_is_not(field: str, text: str) -> None:
    assert found(form(DECLARED, **{field: text}), "other-dialect", "placeholder-in-words") == []


@pytest.mark.parametrize("gap", ["[guest]", ":guest"])
def test_a_gap_by_hand_is_a_note_for_a_model_and_a_warning_for_the_user(gap: str) -> None:
    told = found(form(DECLARED, instructions=f"Name: {gap}", say=f"Dear {gap},"))

    assert [(finding.code, finding.path) for finding in told if "guest" in finding.message] == [
        ("placeholder-in-words", "states.end.instructions"),
        ("other-dialect", "states.end.say"),
    ]


def test_each_form_in_which_a_text_has_a_key_is_told_at_once() -> None:
    text = "{% if guest %}Dear {guest}, or %(guest)s{% endif %}, {guest}"

    [finding] = found(form(DECLARED, say=text), "other-dialect")

    assert finding.message.startswith("'{% if guest %}' and '{guest}' and '%(guest)s' are no tags: ")
    assert finding.advice.startswith("Write {{guest}}, and a section: {{#guest}} … {{/guest}}")


def test_instructions_for_reading_tell_of_forms() -> None:
    asked = form(DECLARED)
    asked["states"]["ask"]["extraction_instructions"] = "Write {guest} as it is spelt"

    assert [finding.code for finding in found(asked, "other-dialect", "placeholder-in-words")] == [
        "placeholder-in-words"
    ]


def test_a_place_in_the_store_is_made_of_tags_too() -> None:
    kept = form(DECLARED) | {"store": {"bill": {"namespace": ["bills"], "key": "{customer}"}}}

    [finding] = found(kept, "other-dialect")

    assert finding.path == "store.bill.key"
    assert "the store is asked" in finding.message
