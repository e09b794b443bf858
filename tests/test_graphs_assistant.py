"""The real-time assistant: what another system writes into its database is in the next message, in either driver."""

from __future__ import annotations

from pathlib import Path

import pytest
from machines import DRIVERS, Drive, Talk

from fsm_langgraph.offline import OfflineModel
from graphs.assistant.database import make_store
from graphs.assistant.measure import count

FILE = Path(__file__).parent.parent / "graphs" / "assistant" / "fsm.yaml"
TRAVELLER = {"customer_id": "7"}


@pytest.mark.parametrize("drive", DRIVERS)
def test_what_has_changed_in_the_database_is_in_the_next_message(drive: Drive) -> None:
    store = make_store()
    talk = Talk(FILE, drive=drive, model=OfflineModel(), handlers="beside", store=store)
    talk.say(context=TRAVELLER)

    before = talk.say("my train")
    store.put(("trips",), "7", {"delay": 25})

    assert "late" not in before
    assert "25 minutes late" in talk.say("my train")


@pytest.mark.parametrize("drive", DRIVERS)
def test_instructions_are_changed_in_the_database(drive: Drive) -> None:
    store = make_store()
    talk = Talk(FILE, drive=drive, model=OfflineModel(), handlers="beside", store=store)
    talk.say(context=TRAVELLER)
    store.put(("fsm", "Trip assistant", "instructions"), "refund", {"instructions": 'Say: "Which train was it?"'})

    assert "Which train was it?" in talk.say("a refund")


def test_a_state_is_shown_the_data_that_it_names_and_no_other() -> None:
    talk = Talk(FILE, ["Hello!"], handlers="beside", store=make_store())
    talk.say(context=TRAVELLER)

    assert "Ann Lee" in talk.prompts[-1]
    assert "Lyon" not in talk.prompts[-1]


def test_the_prompts_do_not_grow_with_the_conversation_while_one_long_prompt_does() -> None:
    counts = count(40)
    early, late = counts[20:25], counts[35:40]

    assert sum(states for states, *_ in late) < 1.02 * sum(states for states, *_ in early)
    assert sum(whole for _, whole, _ in late) > 1.15 * sum(whole for _, whole, _ in early)
    assert all(large > 5 * states for states, _, large in counts)
