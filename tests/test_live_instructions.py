"""Instructions that the store has in place of the file's: they hold at once, and only if they can."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import pytest
from handling import handling, plain, writing
from machines import DRIVERS, Drive, Talk, machine, reply, state, to
from stores import MENU, NotingStore, stocked

from fsm_langgraph.handlers import Moment

PLACE = ("fsm", "test", "instructions")
SHOP = machine(
    state("order", to("served", "drink"), to("order", "x"), required_context_keys=["drink"], instructions="Be kind."),
    state("served", instructions="Thank them."),
    live_instructions=True,
)
"""A shop whose owner rewords what is said, without a deployment."""
WITH_MENU = {**SHOP, "store": {"menu": MENU, "wine": {**MENU, "key": "wine", "required": True}}}


def shop(*, order: Any = None, served: Any = None) -> NotingStore:
    """Make a store that has these instructions."""
    store = stocked()
    store.put(("menus",), "wine", {"red": "Merlot"})
    for name, value in (("order", order), ("served", served)):
        if value is not None:
            store.put(PLACE, name, value if isinstance(value, dict) else {"instructions": value})
    store.asked.clear()
    return store


def section(prompt: str, tag: str) -> str | None:
    found = re.search(rf"<{tag}>\n(.*?)\n</{tag}>", prompt, re.DOTALL)
    return found[1] if found else None


def told(prompt: str) -> list[Any]:
    targets = {target["to"]: target for target in json.loads(section(prompt, "targets") or "[]")}
    entries = json.loads(section(prompt, "transitions") or "[]")
    return [targets.get(entry["to"], {}).get("instructions") for entry in entries]


@pytest.mark.parametrize("drive", DRIVERS)
def test_stored_instructions_hold_in_the_state_and_where_it_is_told_of(drive: Drive) -> None:
    talk = Talk(SHOP, [reply("order", "Well?")], drive, store=shop(order="Be brief.", served="Say {{drink}}."))
    talk.say("Hm")
    assert section(talk.prompts[0], "instructions") == "Be brief."
    assert told(talk.prompts[0]) == ["Say {{drink}}.", None]
    assert "Instead of {{key}}" in talk.prompts[0]


@pytest.mark.parametrize("drive", DRIVERS)
def test_they_hold_from_the_next_prompt_on(drive: Drive) -> None:
    store = shop()
    talk = Talk(SHOP, [reply("order", "Well?")] * 3, drive, store=store)
    talk.say("Hm")
    store.put(PLACE, "order", {"instructions": "Be brief."})
    talk.say("Hm")
    store.delete(PLACE, "order")
    talk.say("Hm")
    found = [section(prompt, "instructions") for prompt in talk.prompts]
    assert found == ["Be kind.", "Be brief.", "Be kind."]


@pytest.mark.parametrize("drive", DRIVERS)
def test_one_batch_brings_those_of_the_state_and_of_its_targets(drive: Drive) -> None:
    store = shop()
    talk = Talk(SHOP, [reply("served", "Cheers!", drink="tea")], drive, store=store)
    talk.say("Tea")
    assert store.store_keys == [[(PLACE, "order"), (PLACE, "served")]]


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_prompt_without_a_store_has_the_file_s(drive: Drive) -> None:
    talk = Talk(SHOP, [reply("order", "Well?")], drive)
    talk.say("Hm")
    assert section(talk.prompts[0], "instructions") == "Be kind."
    assert told(talk.prompts[0]) == ["Thank them.", None]


@pytest.mark.parametrize("drive", DRIVERS)
def test_stored_instructions_may_be_empty_or_stand_where_the_file_has_none(drive: Drive) -> None:
    bare = {**SHOP, "states": {**SHOP["states"], "served": state("served")}}
    talk = Talk(bare, [reply("order", "Well?")], drive, store=shop(order="", served="Thank them twice."))
    talk.say("Hm")
    assert section(talk.prompts[0], "instructions") is None
    assert told(talk.prompts[0]) == ["Thank them twice.", None]


@pytest.mark.parametrize("drive", DRIVERS)
def test_stored_instructions_are_templates_over_the_context_and_the_store(drive: Drive) -> None:
    text = "{{mood}}: {{store.menu.goodbye}}{{#store}}, {{menu.goodbye}}{{/store}}"
    talk = Talk(WITH_MENU, [reply("order", "Well?")], drive, store=shop(order=text, served=text))
    talk.say("Hm", context={"mood": "<happy>"})
    assert section(talk.prompts[0], "instructions") == "&lt;happy>: cheers, cheers"
    assert told(talk.prompts[0]) == ["<happy>: cheers, cheers", None]


@pytest.mark.parametrize("drive", DRIVERS)
def test_only_what_the_texts_read_in_the_end_is_required(drive: Drive) -> None:
    store = shop(order="Offer {{store.menu.goodbye}}.")
    talk = Talk(WITH_MENU, [reply("order", "Well?")], drive, store=store)
    store.delete(("menus",), "wine")
    talk.say("Hm")
    assert section(talk.prompts[0], "instructions") == "Offer cheers."


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        pytest.param({"instructions": 3}, "not of the form", id="no text"),
        pytest.param({"text": "Be brief."}, "not of the form", id="no instructions"),
        pytest.param("Say {{drink", "the tag '{{drink' is not closed", id="no template"),
        pytest.param("{{> other}}", "partials are not supported", id="a partial"),
        pytest.param("{{store.wien.red}}", "no lookup is named 'wien'", id="a lookup that is not declared"),
    ],
)
def test_stored_instructions_that_cannot_be_used_are_told_and_left(
    stored: Any, reason: str, drive: Drive, caplog: pytest.LogCaptureFixture
) -> None:
    talk = Talk(WITH_MENU, [reply("order", "Well?")], drive, store=shop(order=stored, served=stored))
    with caplog.at_level(logging.WARNING, "fsm_langgraph.store"):
        talk.say("Hm")
    assert section(talk.prompts[0], "instructions") == "Be kind."
    assert told(talk.prompts[0]) == ["Thank them.", None]
    assert [record.name for record in caplog.records] == ["fsm_langgraph.store"] * 2
    assert "the stored instructions of state 'order' are not used: " in caplog.messages[0]
    assert reason in caplog.messages[0]


@pytest.mark.parametrize("drive", DRIVERS)
def test_no_stored_instructions_open_or_close_a_tag_with_what_they_are_filled_with(drive: Drive) -> None:
    talk = Talk(SHOP, [reply("order", "Well?")], drive, store=shop(order="Say {{tip}}.", served="Say {{tip}}."))
    talk.say("Hm", context={"tip": "</instructions>"})
    assert section(talk.prompts[0], "instructions") == "Say &lt;/instructions>."
    assert told(talk.prompts[0]) == ["Say </instructions>.", None]


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_message_that_was_written_by_stored_instructions_is_shown(drive: Drive) -> None:
    talk = Talk(SHOP, [reply("served", "Cheers!", drink="tea")], drive, store=shop(served="Say cheers."))
    assert talk.say("Tea") == "Cheers!"
    assert talk.outcome["modes"] == ["understand"]


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize(
    ("said", "replies", "shown"),
    [
        ("", ["Hello {{nick}}!"], "Hello …!"),
        ("Hm", [reply("order", "Hello {{nick}}!")], "Hello …!"),
        ("Tea", [reply("served", "Cheers {{nick}}!", drink="tea"), "Cheers!"], "Cheers!"),
    ],
    ids=["spoken", "streamed", "held"],
)
@pytest.mark.parametrize("moment", ["START_CONVERSATION", "POST_TRANSITION"], ids=["early", "late"])
def test_no_tag_of_stored_instructions_is_shown(
    drive: Drive, said: str, replies: list[Any], shown: str, moment: Moment
) -> None:
    store = shop(order="Call them {{nick}}.", served="Call them {{nick}}.")
    talk = Talk(SHOP, replies, drive, store=store, handlers=handling(plain, writing(), moment))
    assert talk.say(said) == shown
