"""Whole conversations read as they did."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from fsm_langgraph import LLM_FSM

SEED = Path(__file__).parent / "data" / "definitions" / "valid" / "personal_information.json"


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
