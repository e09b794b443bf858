"""What the offline model makes of a definition's texts, and whole conversations for people to read."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from fsm_langgraph import LLM_FSM
from fsm_langgraph.offline.authored import DescribedState, conditional, literal, statements
from fsm_langgraph.offline.phrasing import direct, to_user
from fsm_langgraph.offline.prompt_content import DescribedKey
from fsm_langgraph.offline.questions import question_for, question_of_purpose

SEED = Path(__file__).parent / "data" / "definitions" / "valid" / "personal_information.json"


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
    ],
)
def test_a_key_is_asked_for_in_plain_words(key: DescribedKey, question: str) -> None:
    assert question_for(key) == question


@pytest.mark.parametrize(
    ("text", "to_the_user"),
    [
        ("the user's name", "your name"),
        ("what the user wants", "what you want"),
        ("whether the customer is happy with their order", "whether you are happy with your order"),
        ("if the user has finished", "if you have finished"),
        ("what they need", "what you need"),
        ("the caller tries again", "you try again"),
        ("the user interface", "the user interface"),
        ("update user preferences", "update your preferences"),
    ],
)
def test_it_speaks_to_the_user_and_not_about_the_user(text: str, to_the_user: str) -> None:
    assert to_user(text) == to_the_user


@pytest.mark.parametrize(
    ("indirect", "question"),
    [
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


CONVERSATIONS = {
    "straight on": ["", "hi", "Ann Lee", "ann@example.com", "3 May 1990", "yes"],
    "all at once, with corrections": [
        *("Hi!", "I'm Ann Lee, ann@example.com, born 3 May 1990", "actually my e-mail is ann@example.org"),
        *("no", "the birthdate", "4 May 1990", "perfect, thanks"),
    ],
    "reluctant": [
        *(
            "",
            "ok",
            "who made you?",
            "Ann",
            "just Ann",
            "why do you need that?",
            "I'd rather not say",
            "ann at home",
        ),
        *(
            "ann@example.com",
            "asdfgh",
            "31 February 1990",
            "05/31/1990",
            "what's the weather like?",
            "no",
            "my name",
        ),
        *("Anna Lee", "yes", "yes", "looks good", "bye"),
    ],
}


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_conversation_reads_as_it_did(name: str, snapshot: SnapshotAssertion) -> None:
    fsm = LLM_FSM.from_file(SEED, "offline")
    lines = []
    for said in CONVERSATIONS[name]:
        _, message = fsm.converse(said, name)
        lines += [f"> {said}", message] if said else [message]

    assert "\n".join(lines) == snapshot
