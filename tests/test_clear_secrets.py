"""Conversations that were stored while a key was not secret: the next turn puts tokens in the places of its values."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from machines import CARD, CONFIG, DRIVERS, SHOP, Drive, Json, Talk, given, reply, sync
from telling_secrets import OTP, PIN, RECEIPT, found_in
from test_secret_store import saver
from test_secrets import WAYS, as_text

from fsm_langgraph.context.secret_tokens import is_token

__all__ = ["saver"]

KEYS: Json = {"item": {}, "more": {}, "paid_by": {}}
INNER: Json = {"card": {}, "code": {}, "item": {}}
PLAIN: Json = {**SHOP, "context": KEYS, "subflows": {"pay": {**CARD, "context": INNER}}}


def secret() -> Json:
    """Return the shop with its keys declared secret."""
    definition = deepcopy(PLAIN)
    for key in ("item", "paid_by"):
        definition["context"][key]["secret"] = True
    for key in ("item", "card", "code"):
        definition["subflows"]["pay"]["context"][key]["secret"] = True
    return definition


BEGUN = [reply("payment", "REFUSED", item=PIN), "Your card?", reply("code", "Your code?", card=OTP)]
FURTHER: list[Any] = [reply("paid", "REFUSED", code=RECEIPT), "Thanks.", reply("thanks")]


def begun(saver: BaseCheckpointSaver[Any], *replies: Any) -> Talk:
    """Begin a conversation in the clear, in a sub-machine, and go on with it as one with secrets."""
    talk = Talk(PLAIN, BEGUN, saver=saver)
    talk.say("this")
    talk.say("that card")
    return Talk(secret(), [*replies], saver=saver)


@pytest.mark.parametrize("drive", DRIVERS)
def test_the_next_turn_emits_no_value(drive: Drive) -> None:
    talk = begun(InMemorySaver(), *FURTHER)
    assert len(found_in(repr(talk.values))) == 2

    way = WAYS["stream with sub-machines" if drive is sync else "astream"]
    told = [*way(talk.graph, given("the code"), CONFIG), drive(talk.graph, given("?"), CONFIG)]

    assert found_in(as_text([told, talk.values])) == []
    assert talk.graph.secrets(CONFIG) == {"item": PIN, "paid_by": OTP}
    assert is_token(talk.values["context"]["item"])


def test_what_was_taken_over_is_no_news() -> None:
    talk = begun(InMemorySaver(), reply("code", "Your code, please?"))
    talk.say("hm")

    assert talk.record["news"] == {}
    assert talk.record["changed"] == []
    assert talk.graph.secrets(CONFIG) == {"item": PIN, "payment/item": PIN, "payment/card": OTP}


def test_a_token_stays_from_turn_to_turn(saver: BaseCheckpointSaver[Any]) -> None:
    talk = begun(saver, *[reply("code", "Your code, please?")] * 3)
    tokens = []
    for _ in range(3):
        talk.say("hm")
        tokens.append((talk.values["context"]["item"], talk.values["sub_machine"]["context"]["card"]))

    assert len(set(tokens)) == 1


def test_a_digression_that_had_left_comes_back_with_tokens() -> None:
    saver = InMemorySaver()
    talk = Talk(PLAIN, [*BEGUN, reply("hours", "REFUSED"), "At nine."], saver=saver)
    for said in ("this", "that card", "when do you open?"):
        talk.say(said)

    later = Talk(secret(), [reply("code", "Your code?")], saver=saver)
    later.say("hm")

    assert later.record["landing"] == "payment/code"
    assert found_in(as_text(later.values)) == []
    assert later.graph.secrets(CONFIG) == {"item": PIN, "payment/item": PIN, "payment/card": OTP}
