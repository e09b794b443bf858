"""The multi-hop example with a model of one's own: what that writes holds, and the rules in its stead are silent."""

from __future__ import annotations

from pathlib import Path

import pytest
from machines import DRIVERS, Drive, Talk, reply

FILE = Path(__file__).parent.parent / "graphs" / "multi_hop" / "fsm.yaml"
QUESTION = "Where was the one who drew the plans of the lighthouse born?"


@pytest.mark.parametrize("drive", DRIVERS)
def test_what_a_model_writes_takes_the_place_of_the_rules(drive: Drive) -> None:
    replies = [
        reply("begin", "…", question=QUESTION),
        reply("search", None, sub_question="Who designed the Harrow Lighthouse?"),
        reply("judge", None, finding="the architect Mirela Voss", open_question="Where was Mirela Voss born?"),
        reply("decompose", None, enough=False),
        reply("search", None, sub_question="Where was Mirela Voss born?"),
        reply("judge", None, finding="in Tellin", open_question=None),
        reply("answer", None, enough=True),
        "She was born in Tellin.",
    ]
    talk = Talk(FILE, ["Yes?", *replies], drive, handlers="beside")
    talk.say()

    assert talk.say(QUESTION) == "She was born in Tellin."
    assert talk.record["path"] == ["question", "begin", *2 * ["decompose", "search", "revise", "judge"], "answer"]
    assert talk.values["context"]["findings"] == [
        {"asked": "Who designed the Harrow Lighthouse?", "found": "the architect Mirela Voss"},
        {"asked": "Where was Mirela Voss born?", "found": "in Tellin"},
    ]


def test_a_model_that_never_has_enough_is_stopped() -> None:
    hop = [
        reply("search", None, sub_question="Who designed the Harrow Lighthouse?"),
        reply("judge", None, finding="Mirela Voss"),
        reply("decompose", None, enough=False),
    ]
    talk = Talk(FILE, ["Yes?", reply("begin", "…", question=QUESTION), *4 * hop, "Sorry."], handlers="beside")
    talk.say()

    assert talk.say(QUESTION) == "Sorry."
    assert talk.values["current_state"] == "unknown"
