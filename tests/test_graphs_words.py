"""The examples hold against replies that the offline model never writes: values made up, and an answer that is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from machines import DRIVERS, Drive, Talk, reply

GRAPHS = Path(__file__).parent.parent / "graphs"


@pytest.mark.parametrize("drive", DRIVERS)
def test_who_does_not_know_whether_there_is_a_fever_is_asked_once(drive: Drive) -> None:
    model = [
        "What troubles you?",
        reply("severity", "How bad is it?", complaint="a cough", severity=5, days=2),
        "Do you have a fever?",
        reply("notes", "Is that right?", also={"fever": None}),
        "I have noted: a cough; no known fever. Is that right?",
    ]
    talk = Talk(GRAPHS / "triage" / "fsm.json", model, drive=drive)
    talk.say()
    talk.say("A cough, five of ten, for two days")

    talk.say("No idea, I have no thermometer")

    assert talk.values["current_state"] == "notes"
    assert "no known fever" in talk.prompts[-1]


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_model_does_not_answer_in_the_place_of_the_student(drive: Drive) -> None:
    model = [
        "What would you like to practise?",
        reply("next_question", "Good.", topic="planets"),
        reply("judge", "Right!", answer="Mercury"),
        "Which planet do you think it is?",
    ]
    talk = Talk(GRAPHS / "tutor" / "fsm.yaml", model, drive=drive, handlers="beside")
    talk.say()
    talk.say("planets")

    shown = talk.say("Just tell me, please")

    assert (talk.values["current_state"], talk.values["context"]["tries"]) == ("ask", 0)
    assert shown == "Which planet do you think it is?"


@pytest.mark.parametrize("drive", DRIVERS)
def test_no_receipt_goes_to_an_address_that_a_model_made_up(drive: Drive) -> None:
    model = [
        "Welcome!",
        reply("basket", "Two desk lamps.", product="desk lamp", quantity=2),
        "That is 79 euros. Shall I place the order?",
        reply("payment", "It goes to ann@example.com.", confirmed=True, email="ann@example.com"),
        "To which address do I send the receipt?",
    ]
    talk = Talk(GRAPHS / "order_desk" / "fsm.json", model, drive=drive, handlers="beside")
    talk.say()
    talk.say("Two desk lamps")

    shown = talk.say("Yes, please")

    assert talk.values["current_state"] == "confirm"
    assert shown == "To which address do I send the receipt?"
