"""What a model has copied from the prompt is no value, unless the user wrote it too."""

from __future__ import annotations

from typing import Any

import pytest
from telling import definition, told

NAME = {"type": "string", "description": "The customer's full name"}
OTHERS = {"name": {}, "ticket": {}, "street": {"description": "The street and the number of the house"}}


def refused(value: Any, declaration: dict[str, Any], *, key: str = "x", said: str = "hello", **more: Any) -> bool:
    accepted, rejected = told(definition({**OTHERS, key: declaration}), (key, value), said=said, **more)
    assert rejected in ([], [(key, "placeholder")])
    return not accepted


@pytest.mark.parametrize(
    "value",
    [
        *(
            "The customer's full name",
            "the customers full name",
            "THE CUSTOMER\u2019S FULL NAME.",
            "'Full name'",
            "full name",
        ),
        *("your full name", "Please enter your full name", "Insert full name here", "customer", "the customer"),
        *("The customer's full", "The user's full name; word for word", "string"),
    ],
)
def test_a_text_that_tells_what_its_key_is_is_no_value(value: str) -> None:
    assert refused(value, NAME)


@pytest.mark.parametrize(
    "value", ["Ann Lee", "The Customer Is King", "Fuller Name", "Lee, full stop", "a string quartet"]
)
def test_a_text_that_has_some_of_the_same_words_is_a_value(value: str) -> None:
    assert not refused(value, NAME)


@pytest.mark.parametrize(
    ("declaration", "value"),
    [
        pytest.param({"format": "email"}, "an e-mail address", id="the words for the format"),
        pytest.param({"format": "email"}, "E-mail address", id="without their article"),
        pytest.param({"format": "date"}, "date", id="the format"),
        pytest.param({"format": "date"}, "1990-05-31", id="the example of a format"),
        pytest.param({"format": "date"}, "date, YYYY-MM-DD", id="the letters of a form"),
        pytest.param({"pattern": "^[A-Z]{2}$"}, "^[A-Z]{2}$", id="the pattern"),
        pytest.param({"pattern": r"^\.+$"}, r"^\.+$", id="a pattern without words"),
        pytest.param({"type": "integer"}, "integer", id="the type"),
        pytest.param({"type": "array", "description": "The sounds it makes"}, ["the sounds it makes"], id="in a list"),
        pytest.param(
            {"description": "Whether there is a lift"}, "Whether there is", id="the beginning of a description"
        ),
    ],
)
def test_a_text_that_tells_the_form_of_a_value_is_none(declaration: dict[str, Any], value: Any) -> None:
    assert refused(value, declaration)


@pytest.mark.parametrize(
    ("value", "is_refused"),
    [
        pytest.param("The street and the number of the house", True, id="the description of another key"),
        pytest.param("The customer's street number", True, id="words of several descriptions"),
        pytest.param("the customer's dog", False, id="a word that no description has"),
        pytest.param("street", False, id="the name of another key may be a choice"),
        pytest.param("Find out who calls", True, id="the purpose"),
        pytest.param("The name is asked for", True, id="what the state is"),
        pytest.param("Ask for the whole name, and nothing else.", True, id="a sentence of the instructions"),
        pytest.param("Whole wheat bread", False, id="what the instructions offer"),
        pytest.param("A very patient clerk", True, id="the persona"),
        pytest.param("jane@mail.test", True, id="an address in the example dialogue"),
        pytest.param("0171 555", True, id="a number in it"),
        pytest.param("Thank you", False, id="words in it"),
        pytest.param("for 2", False, id="a number that anybody has"),
    ],
)
def test_texts_about_the_conversation_are_no_values(value: str, is_refused: bool) -> None:
    machine = definition({**OTHERS, "x": {}}, persona="A very patient clerk")
    state = machine.states["start"].model_copy(
        update={
            "description": "The name is asked for",
            "purpose": "Find out who calls",
            "instructions": "Ask for the whole name, and nothing else. Offer:\nWhole wheat bread\nRye",
            "example_dialogue": ({"user": "jane@mail.test, 0171-555, for 2", "assistant": "Thank you!"},),
        }
    )

    accepted, _ = told(machine, ("x", value), said="hello", state=state)

    assert (accepted == {}) is is_refused


@pytest.mark.parametrize(
    ("declaration", "value", "said"),
    [
        pytest.param(NAME, "Full Name", "the band is called Full Name", id="the same words"),
        pytest.param({"format": "date"}, "1990-05-31", "31 May 1990", id="the same day"),
        pytest.param({"enum": ["string", "wind"]}, "string", "the violin", id="a choice"),
    ],
)
def test_what_the_user_wrote_and_what_can_be_chosen_are_values(declaration: Any, value: str, said: str) -> None:
    assert not refused(value, {"type": "string", **declaration} if "enum" in declaration else declaration, said=said)


@pytest.mark.parametrize("value", ["full_name", "fullName", "FULL NAME", "your full name", "name", "My name"])
def test_the_name_of_a_key_is_no_value_however_it_is_written(value: str) -> None:
    assert refused(value, {}, key="full_name")


@pytest.mark.parametrize(
    ("said", "is_told"),
    [
        *(("My name is Ann", False), ("What do you need the name for?", False), ("your name?", False)),
        *(("name is Ann", False), ("My name is Name", True), ("Name", True), ("they call me Name", True)),
    ],
)
def test_a_word_that_labels_something_is_no_answer(said: str, is_told: bool) -> None:
    for value in ("Name", "my name"):
        assert refused(value, {}, key="name", said=said) is not is_told
