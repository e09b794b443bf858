"""Purposes and keys become questions to the user."""

from __future__ import annotations

import pytest

from fsm_langgraph.offline.prompt_content import DescribedKey
from fsm_langgraph.offline.questions import question_for, question_of_purpose


@pytest.mark.parametrize(
    ("purpose", "question"),
    [
        ("Ask for and record the user's email address", "What is your e-mail address?"),
        ("Ask for and record the user's date of birth", "What is your date of birth?"),
        ("Ask for and record the user's full name", "What is your full name?"),
        ("Collect the user's name and email", "What are your name and e-mail address?"),
        ("Collect shipping address", "What is your shipping address?"),
        ("Ask the user for their phone number", "What is your phone number?"),
        ("Find out where the user wants to go", "Where do you want to go?"),
        ("Determine what kind of pizza the user wants", "What kind of pizza do you want?"),
        ("Ask what the user is looking for", "What are you looking for?"),
        ("Ask which size of pizza the user wants", "Which size of pizza do you want?"),
        ("Ask the user what their favourite genre is", "What is your favourite genre?"),
        ("Ask whether the user has a reservation", "Do you have a reservation?"),
        ("Find out if the device is plugged in", "Is the device plugged in?"),
        ("Determine whether the user wants delivery", "Do you want delivery?"),
        ("Learn whether the lights come on", "Do the lights come on?"),
        ("Learn the number of guests", "How many guests?"),
        ("Learn the number of the library card", "What is the number of the library card?"),
        ("Ask how many people are coming", "How many people are coming?"),
        ("Learn how many minutes the step will take", "How many minutes will the step take?"),
        ("Ask the user to confirm the order", "Could you confirm the order?"),
        ("Ask the user to choose a drink", "Which drink would you like?"),
        ("Let the user choose between tea and coffee", "What would you like: tea or coffee?"),
        (
            "Allow the user to specify what information needs to be corrected",
            "What information needs to be corrected?",
        ),
        ("Ask about the user's hobbies", "Could you tell me about your hobbies?"),
        ("Gather details about the issue", "Could you tell me about the issue?"),
        ("Ask for feedback, then end", "What is your feedback?"),
        ("Greet the user and ask for their name", "What is your name?"),
        ("Learn which value is wrong and what it should be", "Which value is wrong, and what should it be?"),
        ("Offer tea or coffee", "Would you like tea or coffee?"),
        ("Welcome the user and explain the purpose of the conversation", None),
        ("Conclude the conversation gracefully", None),
        ("", None),
    ],
)
def test_a_purpose_becomes_a_question(purpose: str, question: str | None) -> None:
    assert question_of_purpose(purpose) == question


@pytest.mark.parametrize(
    ("key", "question"),
    [
        (DescribedKey("email"), "What is your e-mail address?"),
        (DescribedKey("birth_date"), "What is your date of birth?"),
        (DescribedKey("age"), "How old are you?"),
        (DescribedKey("number_of_guests"), "How many guests?"),
        (DescribedKey("favourite_colors"), "What are your favourite colors?"),
        (DescribedKey("order_number"), "What is your order number?"),
        (DescribedKey("wants_newsletter"), "Would you like a newsletter?"),
        (DescribedKey("size", enum=("small", "large")), "Which size would you like: small or large?"),
        (
            DescribedKey("card", type="string", description="Which card the user pays with"),
            "Which card do you pay with?",
        ),
        (
            DescribedKey("delivery", type="boolean", description="Whether the user wants delivery"),
            "Do you want delivery?",
        ),
        (DescribedKey("street", type="string", description="The user's street"), "What is your street?"),
        (
            DescribedKey("card", type="string", description="The number of the card"),
            "What is the number of the card?",
        ),
    ],
)
def test_a_key_is_asked_for_in_plain_words(key: DescribedKey, question: str) -> None:
    assert question_for(key) == question
