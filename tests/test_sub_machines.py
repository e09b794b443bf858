"""A state can run another definition inside: keys go in and come back, and the turn is one turn."""

from __future__ import annotations

import asyncio
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from handling import KINDS, Kind, handling, noted, noting, plain, raising
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.config import get_config
from langgraph.types import Command, interrupt
from machines import CARD, CONFIG, DRIVERS, SHOP, Drive, Json, Talk, machine, reply, state, sync, to

from fsm_langgraph import (
    LLM_FSM,
    ArgumentError,
    HandlerError,
    Handlers,
    HandlerSetupError,
    ModelError,
    RejectValue,
    ScriptedModel,
    StaleDefinition,
    TurnLimit,
    compile_fsm,
)
from fsm_langgraph.context.secret_tokens import is_token
from fsm_langgraph.handlers import Moment

TO_THE_CARD = ["Item?", reply("payment", "Your card?", item="book")]


def at_the_card(*replies: Any, drive: Drive = sync, definition: Json = SHOP, **options: Any) -> Talk:
    """Bring a conversation to the first state of the sub-machine."""
    talk = Talk(definition, [*TO_THE_CARD, *replies], drive, **options)
    talk.say()
    talk.say("a book")
    return talk


@pytest.mark.parametrize("drive", DRIVERS)
def test_entering_a_sub_machine_takes_one_call(drive: Drive) -> None:
    talk = at_the_card(drive=drive)

    assert talk.said[-1] == "Your card?"
    assert talk.record["path"] == ["cart", "payment", "payment/card"]
    assert talk.record["landing"] == "payment/card"
    assert len(talk.record["model_calls"]) == 1
    assert talk.values["current_state"] == "payment"
    assert talk.values["sub_machine"] == {
        "version": 1,
        "of": "payment",
        "current_state": "card",
        "context": {"item": "book"},
        "left": [],
        "sub_machine": None,
        "news": [],
        "given": {"item": "book"},
    }


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_message_in_a_sub_machine_is_shown_token_by_token(drive: Drive) -> None:
    talk = at_the_card(reply("code", "And the code?", card="4711"), drive=drive)

    assert talk.watch("4711") == "And the code?"
    assert len([text for _, text in talk.shown if text]) > 2
    assert len({message_id for message_id, _ in talk.shown}) == 1
    assert talk.record["path"] == ["payment/card", "payment/code"]
    assert talk.record["changed"] == ["payment/card"]


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_sub_machine_that_has_ended_is_left_by_the_states_own_transitions(drive: Drive) -> None:
    talk = at_the_card(reply("code", card="4711"), reply("paid", "Paid!", code="123"), "Thank you!", drive=drive)
    talk.say("4711")

    assert talk.watch("123") == "Thank you!"
    assert talk.values["context"] == {"item": "book", "paid_by": "4711"}
    assert talk.values["sub_machine"] is None
    assert talk.record["path"] == ["payment/code", "payment/paid", "thanks"]
    assert talk.record["changed"] == ["paid_by", "payment/code"]
    assert [(step["state"], step["target_state"]) for step in talk.record["steps"]] == [
        ("payment/code", "payment/paid"),
        ("payment", "thanks"),
        ("thanks", None),
    ]


@pytest.mark.parametrize("drive", DRIVERS)
def test_facts_that_are_known_already_pass_through_a_sub_machine_in_one_turn(drive: Drive) -> None:
    definition = {**SHOP, "states": {**SHOP["states"]}}
    definition["states"]["payment"] = {**SHOP["states"]["payment"], "inputs": {"card": "card", "code": "code"}}
    given = {"card": "4711", "code": "123"}
    talk = Talk(definition, ["Item?", reply("payment", "Card?", item="book", also=given), "Thank you!"], drive)
    talk.say()

    assert talk.say("a book, my card is 4711, its code 123") == "Thank you!"
    assert talk.record["path"] == ["cart", "payment", "payment/card", "payment/code", "payment/paid", "thanks"]


KNOWN = {"card": "4711"}


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize(
    ("options", "told", "told_then", "landing", "news"),
    [
        ({}, KNOWN, {}, "payment/card", {}),
        ({"decision": "logic"}, KNOWN, {}, "payment/card", {}),
        ({"ask": "missing"}, KNOWN, {}, "payment/code", {}),
        ({}, {}, KNOWN, "payment/code", {"card": "message", "payment/card": "message"}),
        ({}, KNOWN, {"card": "4712"}, "payment/code", {"card": "message", "payment/card": "message"}),
    ],
    ids=["known", "known to logic", "known, and passed", "told now", "corrected now"],
)
def test_input_is_news_inside_where_it_is_news_around(
    options: Json, told: Json, told_then: Json, landing: str, news: Json, drive: Drive
) -> None:
    card = {**CARD["states"]["card"], **options}
    pay = {**CARD, "states": {**CARD["states"], "card": card}}
    payment = {**SHOP["states"]["payment"], "inputs": ["card"]}
    definition = {**SHOP, "states": {**SHOP["states"], "payment": payment}, "subflows": {"pay": pay}}
    replies = ["Item?", reply("cart", "Which?", also=told), reply("payment", "Card?", item="book", also=told_then), "?"]
    talk = Talk(definition, replies, drive)
    talk.say()
    talk.say("I pay by card")
    talk.say("a book")

    assert talk.record["landing"] == landing
    assert {key: whence for key, whence in talk.record["news"].items() if key != "item"} == news
    assert talk.values["sub_machine"]["context"]["card"] == {**told, **told_then}["card"]


TEXT: Json = {"type": "string"}
PRICED = machine(
    state("begin", to("sub", "topic"), required_context_keys=["topic"], optional_context_keys=["price"]),
    state("sub", to("end", "z"), subflow="inner", inputs={"x": "price"}, outputs=["z"]),
    state("help", to("helped", "word"), required_context_keys=["word"], optional_context_keys=["price"]),
    state("helped"),
    state("anew", forget=["price"]),
    state("end"),
    global_transitions=[
        to("help", **{"return": True}),
        to("anew", **{"return": True}),
        to("end", logic={"==": [{"var": "price"}, "0"]}),
    ],
    context={"topic": TEXT, "price": {**TEXT, "depends_on": ["topic"]}, "word": TEXT, "z": TEXT},
    subflows={
        "inner": machine(
            state("in", to("out", "z", "x"), required_context_keys=["z"], optional_context_keys=["x", "seen"]),
            state("out"),
            context={"z": TEXT, "x": TEXT, "seen": {**TEXT, "depends_on": ["x"]}},
        )
    },
)
"""A sub-machine is given the price, which its user may tell in it and beside it."""
INSIDE = {"seen": "y"}
TOLD_INSIDE = reply("in", x="9", seen="y")
HELPED = [reply("help"), "Help?", reply("help", price="2"), reply("helped", word="y")]


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize(
    ("replies", "caller", "inside"),
    [
        ([reply("in", seen="y")], {}, {"x": "1", **INSIDE}),
        ([reply("in", price="2", seen="y")], {}, {"x": "2"}),
        ([reply("in", seen="y"), *HELPED], {}, {"x": "2"}),
        ([reply("in", seen="y"), reply("anew"), "Anew!"], {}, {}),
        ([reply("in", seen="y")], {"topic": "b"}, {}),
        ([TOLD_INSIDE], {}, {"x": "9", **INSIDE}),
        ([TOLD_INSIDE, reply("in", price="2")], {}, {"x": "2"}),
        ([reply("in", price="2"), TOLD_INSIDE], {}, {"x": "9", **INSIDE}),
        ([TOLD_INSIDE, reply("in", price="2"), reply("help", price="3"), *HELPED[1:2], HELPED[3]], {}, {"x": "3"}),
    ],
    ids=[
        "as it was",
        "told inside for around",
        "told in a digression",
        "forgotten around",
        "stale around",
        "told inside",
        "told inside, then for around",
        "told for around, then inside",
        "told inside, for around, and in a digression",
    ],
)
def test_inputs_follow_what_has_changed_around_while_nobody_was_inside_to_take_it(
    replies: list[Any], caller: Json, inside: Json, drive: Drive
) -> None:
    talk = Talk(PRICED, ["?", reply("sub", "In.", topic="a", price="1"), *replies, reply("in", "So.")], drive)
    for text in ("", "a for 1", *(f"m{at}" for at, each in enumerate(replies) if isinstance(each, dict))):
        talk.say(text)
    talk.say("so?", context=caller)

    assert talk.record["landing"] == "sub/in"
    assert "sub/x" not in talk.record["news"]
    assert talk.values["sub_machine"]["context"] == inside


def with_secret_price() -> Json:
    """Return the machine with its price secret, on both sides."""
    definition = deepcopy(PRICED)
    definition["context"]["price"]["secret"] = True
    definition["subflows"]["inner"]["context"]["x"]["secret"] = True
    return definition


def priced(*replies: Any, definition: Json = PRICED, drive: Drive = sync, **options: Any) -> Talk:
    """Bring a conversation into the sub-machine, with a price of 1."""
    talk = Talk(definition, ["?", reply("sub", "In.", topic="a", price="1"), *replies], drive, **options)
    talk.say()
    talk.say("a for 1")
    return talk


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize(
    ("replies", "caller"),
    [
        ([], {"price": "2"}),
        ([reply("in", price="2")], {}),
        (HELPED, {}),
        ([reply("anew"), "Anew!"], {}),
    ],
    ids=["changed by the caller", "told inside for around", "told in a digression", "forgotten around"],
)
def test_handlers_see_an_input_that_has_changed_around(replies: list[Any], caller: Json, drive: Drive) -> None:
    seen: list[list[str]] = []
    moments: list[Moment] = ["PRE_PROCESSING", "POST_PROCESSING"]
    handlers = handling(plain, lambda event: seen.append(sorted(event.updated)), *moments, keys=["x"], state="sub/in")
    talk = priced(*replies, reply("in", "So."), reply("in", "So."), drive=drive, handlers=handlers)
    for text in (f"m{at}" for at, each in enumerate(replies) if isinstance(each, dict)):
        talk.say(text)
    assert seen == []

    talk.say("so?", context=caller)
    talk.say("so?")

    assert seen == [["x"], ["x"]]


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize(("replies", "caller"), [([], {"price": "2"}), (HELPED, {})], ids=["by the caller", "late"])
def test_a_refused_input_is_as_it_was_inside(replies: list[Any], caller: Json, drive: Drive) -> None:
    refuse = handling(plain, raising(RejectValue("is too much")), "PRE_PROCESSING", keys=["x"])
    told = [reply("in", seen="y"), *replies]
    talk = priced(*told, reply("in", "So."), "No.", reply("in", "So."), drive=drive, handlers=refuse)
    for text in (f"m{at}" for at, each in enumerate(told) if isinstance(each, dict)):
        talk.say(text)
    talk.say("so?", context=caller)

    assert [each["key"] for each in talk.record["rejected"]] == ["x"]
    assert talk.record["changed"] == [*caller]
    assert talk.values["sub_machine"]["context"] == {"x": "1", **INSIDE}

    talk.say("so?")

    assert talk.values["sub_machine"]["context"] == {"x": "1", **INSIDE}


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize(
    ("told", "price", "news"),
    [
        ({"seen": "y"}, {}, {"sub/seen": "digression"}),
        ({"seen": "y"}, {"price": "2"}, {}),
        ({"x": "3"}, {"price": "2"}, {}),
    ],
    ids=["as it was", "stale", "overtaken by the input"],
)
def test_news_that_a_digression_interrupted_is_none_where_it_made_it_stale(
    told: Json, price: Json, news: Json, drive: Drive
) -> None:
    definition = deepcopy(PRICED)
    gone = [to("out", logic={"!": {"var": "seen"}}), to("out", logic={"==": [{"var": "x"}, "2"]})]
    definition["subflows"]["inner"]["states"]["in"]["transitions"] = [*gone, to("out", "z")]
    replies = [reply("help", **told), "Help?", reply("helped", "So.", word="y", also=price), reply("in", "So?")]
    talk = priced(*replies, definition=definition, drive=drive)
    for text in ("help", "yes", "so?"):
        talk.say(text)

    assert talk.record["path"] == ["helped", "sub/in"]
    assert talk.record["news"] == news


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_secret_input_follows_and_stays_a_token(drive: Drive) -> None:
    replies = [reply("in", "So?"), reply("in", price="2"), reply("in", "So.")]
    talk = priced(*replies, definition=with_secret_price(), drive=drive)
    found = []
    for text in ("1, then", "no, 2", "so?"):
        talk.say(text)
        found.append((talk.record["changed"], talk.graph.secrets(CONFIG)["sub/x"]))

    assert found == [([], "1"), (["price"], "1"), (["sub/x"], "2")]
    assert is_token(talk.values["sub_machine"]["given"]["price"])


def test_what_an_earlier_release_has_stored_keeps_what_was_told_inside() -> None:
    talk = priced(TOLD_INSIDE, reply("in", "So."), reply("in", "So."))
    talk.say("9")
    stored = talk.values["sub_machine"]
    del stored["given"]
    talk.graph.update_state(CONFIG, {"sub_machine": stored}, as_node="sub")
    talk.say("so?")

    assert talk.values["sub_machine"]["context"] == {"x": "9", "seen": "y"}
    assert talk.values["sub_machine"]["given"] == {"price": "1"}


@pytest.mark.parametrize("drive", DRIVERS)
def test_inputs_follow_through_a_machine_between(drive: Drive) -> None:
    between = machine(
        state("mid", to("over", "z"), subflow="deep", inputs={"x": "a"}, outputs=["z"]),
        state("over"),
        context={"a": TEXT, "z": TEXT},
        subflows={"deep": PRICED["subflows"]["inner"]},
    )
    sub = {**PRICED["states"]["sub"], "inputs": {"a": "price"}}
    definition = {**PRICED, "states": {**PRICED["states"], "sub": sub}, "subflows": {"inner": between}}
    talk = priced(reply("in", price="2"), reply("in", "So."), definition=definition, drive=drive)
    talk.say("no, 2")
    talk.say("so?")

    assert talk.values["sub_machine"]["context"] == {"a": "2"}
    assert talk.values["sub_machine"]["sub_machine"]["context"] == {"x": "2"}
    assert sorted(talk.record["changed"]) == ["sub/a", "sub/mid/x"]
    assert talk.record["news"] == {}


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_global_transition_of_the_machine_around_leads_out(drive: Drive) -> None:
    talk = at_the_card(reply("cancelled", "Cancelled?"), "All is cancelled.", drive=drive)

    assert talk.watch("stop it") == "All is cancelled."
    assert talk.values["current_state"] == "cancelled"
    assert talk.values["sub_machine"] is None
    assert talk.record["steps"][0]["target_state"] == "cancelled"
    assert talk.record["path"] == ["payment/card", "cancelled"]


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_digression_out_of_a_sub_machine_comes_back_into_it(drive: Drive) -> None:
    replies = [reply("code", card="4711"), reply("hours"), "At nine. The code?", reply("paid", code="1"), "Thanks!"]
    talk = at_the_card(*replies, drive=drive)
    talk.say("4711")
    talk.say("when do you open?")
    assert talk.values["sub_machine"] is None

    assert talk.say("1") == "Thanks!"
    assert talk.record["path"] == ["hours", "payment/code", "payment/paid", "thanks"]
    assert talk.values["context"]["paid_by"] == "4711"


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_state_that_opts_out_lets_no_global_transition_into_its_sub_machine(drive: Drive) -> None:
    states = {**SHOP["states"], "payment": {**SHOP["states"]["payment"], "global_transitions": False}}
    talk = at_the_card(reply("cancelled"), "Card, please.", definition={**SHOP, "states": states}, drive=drive)
    talk.say("stop")

    assert talk.record["why"] == "vetoed"
    assert [c["target_state"] for c in talk.record["steps"][0]["candidates"]] == ["code"]


@pytest.mark.parametrize("drive", DRIVERS)
def test_the_conditions_of_a_way_out_are_judged_in_the_machine_around(drive: Drive) -> None:
    gold = {"description": "A gold customer", "requires_context_keys": ["gold"]}
    transition = {"target_state": "cancelled", "description": "Stop", "conditions": [gold]}
    keys = {"gold": {"written_by": "caller"}, "item": {}, "paid_by": {}, "more": {}}
    definition = {**SHOP, "global_transitions": [transition], "context": keys}
    common = at_the_card(reply("cancelled", also={"gold": True}), "No.", definition=definition, drive=drive)
    gold_one = Talk(definition, [*TO_THE_CARD, reply("cancelled"), "Ended."], drive)
    gold_one.say(context={"gold": True})
    gold_one.say("a book")

    common.say("stop, I am gold")
    gold_one.say("stop")

    assert common.record["why"] == "vetoed"
    assert common.record["steps"][0]["candidates"][-1]["missing"] == ["gold"]
    assert gold_one.values["current_state"] == "cancelled"


@pytest.mark.parametrize("drive", DRIVERS)
def test_what_the_caller_writes_can_interrupt_a_sub_machine(drive: Drive) -> None:
    fraud = {"description": "Fraud", "requires_context_keys": ["fraud"]}
    transition = {"target_state": "cancelled", "description": "Fraud", "conditions": [fraud], "priority": 1}
    definition = {**SHOP, "global_transitions": [transition]}
    talk = at_the_card(reply("card", card="4711"), "We must stop here.", definition=definition, drive=drive)

    assert talk.say("4711", context={"fraud": True}) == "We must stop here."
    assert talk.record["path"] == ["payment/card", "cancelled"]
    assert talk.record["why"] == "fired"


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_nearer_state_of_the_same_name_is_meant(drive: Drive) -> None:
    inner = machine(*CARD["states"].values(), state("cancelled"))
    inner["global_transitions"] = [{"target_state": "cancelled", "description": "Pay otherwise"}]
    talk = at_the_card(
        reply("cancelled"), "Back at the cart.", definition={**SHOP, "subflows": {"pay": inner}}, drive=drive
    )

    assert talk.say("not by card") == "Back at the cart."
    assert talk.record["path"] == ["payment/card", "payment/cancelled", "cart"]


def nested(depth: int) -> Json:
    """Wrap the payment into machines of one state and an end each."""
    inner = CARD
    for level in range(depth):
        inner = machine(
            state(f"level{level}", to("end"), subflow="inner", outputs=["card"]),
            state("end"),
            subflows={"inner": inner},
        )
    transition = {"target_state": "away", "description": "Away"}
    return machine(
        state("top", to("over", "card"), subflow="inner", outputs=["card"]),
        state("over"),
        state("away"),
        subflows={"inner": inner},
        global_transitions=[transition],
    )


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize("depth", [0, 1, 3])
def test_sub_machines_nest_to_any_depth(depth: int, drive: Drive) -> None:
    replies = ["Card?", reply("code", "Code?", card="4711"), reply("paid", code="1"), "Over."]
    talk = Talk(nested(depth), replies, drive)

    assert talk.say() == "Card?"
    assert talk.watch("4711") == "Code?"
    assert talk.watch("1") == "Over."
    assert talk.values["context"] == {"card": "4711"}
    assert talk.record["path"][0].count("/") == depth + 1


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_way_out_leads_through_all_machines_between(drive: Drive) -> None:
    talk = Talk(nested(2), ["Card?", reply("away"), "Away."], drive)
    talk.say()

    assert talk.watch("go away") == "Away."
    assert talk.record["path"] == ["top/level1/level0/card", "away"]


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_conversation_that_starts_in_a_sub_machine_starts_once(drive: Drive) -> None:
    handlers, notes = noting()
    talk = Talk(nested(0), ["Card?"], drive, handlers=handlers)
    talk.say()

    assert notes == ["START_CONVERSATION top", "POST_TRANSITION top/card < top"]
    assert talk.record["why"] == "began"
    assert talk.record["path"] == ["top", "top/card"]


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize("kind", KINDS)
def test_handlers_see_the_states_of_a_sub_machine_by_their_paths(kind: Kind, drive: Drive) -> None:
    handlers, notes = noting(kind)
    talk = at_the_card(reply("paid"), "Code?", reply("cancelled"), "Bye", drive=drive, handlers=handlers)
    notes.clear()
    talk.graph.update_state(
        CONFIG, {"sub_machine": {**talk.values["sub_machine"], "current_state": "code"}}, as_node="payment"
    )
    talk.say("hm")
    talk.say("stop")

    assert notes == [
        "PRE_PROCESSING payment/code",
        "POST_PROCESSING payment/code",
        "PRE_PROCESSING payment/code",
        "POST_PROCESSING payment/code",
        "PRE_TRANSITION payment/code > cancelled",
        "POST_TRANSITION cancelled < payment/code",
        "END_CONVERSATION cancelled",
    ]


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_handler_in_a_sub_machine_writes_its_context(drive: Drive) -> None:
    handlers = handling(plain, lambda _: {"checked": True}, "CONTEXT_UPDATE", state="payment/card")
    talk = at_the_card(reply("code", card="4711"), drive=drive, handlers=handlers)
    talk.say("4711")

    assert talk.values["sub_machine"]["context"] == {"item": "book", "card": "4711", "checked": True}
    assert "checked" not in talk.values["context"]


def test_a_handler_for_a_state_that_no_sub_machine_has_is_refused() -> None:
    with pytest.raises(HandlerSetupError, match=r"'payment/crad'.*\n.*'payment/card'"):
        compile_fsm(SHOP, ScriptedModel(replies=[]), handlers=handling(plain, noted, "ERROR", state="payment/crad"))


@pytest.mark.parametrize("drive", DRIVERS)
def test_included_handlers_run_in_their_sub_machine_only(drive: Drive) -> None:
    notes: list[str] = []
    payment = handling(plain, lambda event: notes.append(f"any: {noted(event)}"), "POST_PROCESSING", "PRE_TRANSITION")
    payment.on("PRE_TRANSITION", state="card", target="code")(lambda event: notes.append(f"card: {noted(event)}"))
    handlers = Handlers()
    handlers.include(payment, under="payment")
    talk = at_the_card(reply("code", card="4711"), drive=drive, handlers=handlers)
    assert notes == []

    talk.say("4711")

    assert notes == [
        "any: POST_PROCESSING payment/card",
        "any: PRE_TRANSITION payment/card > payment/code",
        "card: PRE_TRANSITION payment/card > payment/code",
    ]


@pytest.mark.parametrize(
    ("under", "told"),
    [
        ("payment", "no state is named 'payment/crad'"),
        ("paymnt", r"no sub-machine runs in 'paymnt'.\n  Did you mean 'payment'\?  Sub-machines: 'payment'"),
        ("cart", "no sub-machine runs in 'cart'"),
    ],
)
def test_handlers_that_are_included_where_nothing_runs_are_refused(under: str, told: str) -> None:
    handlers = Handlers()
    handlers.include(handling(plain, noted, "ERROR", state="crad"), under=under)
    with pytest.raises(HandlerSetupError, match=told) as caught:
        compile_fsm(SHOP, ScriptedModel(replies=[]), handlers=handlers)
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize("drive", DRIVERS)
def test_what_comes_back_can_be_looked_at_by_a_handler(drive: Drive) -> None:
    seen: list[Any] = []
    handlers = handling(plain, lambda e: seen.append((e.state, e.context["paid_by"])), "CONTEXT_UPDATE", keys="paid_by")
    talk = at_the_card(reply("code", card="4711"), reply("paid", code="1"), "Thanks", drive=drive, handlers=handlers)
    talk.say("4711")
    talk.say("1")

    assert seen == [("payment", "4711")]


@pytest.mark.parametrize("drive", DRIVERS)
def test_an_error_in_a_sub_machine_is_asked_about_once_and_changes_nothing(drive: Drive) -> None:
    handlers, notes = noting()
    handlers.on("POST_PROCESSING", state="payment/card", name="broken")(raising(ValueError("no")))
    talk = at_the_card(reply("code", card="4711"), drive=drive, handlers=handlers)
    before = {**talk.kept, "sub_machine": talk.values["sub_machine"]}
    notes.clear()

    with pytest.raises(HandlerError, match="'payment/card'"):
        talk.say("4711")

    assert notes[-1] == "ERROR payment"
    assert notes.count("ERROR payment") == 1
    assert {**talk.kept, "sub_machine": talk.values["sub_machine"]} == before


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_handler_can_answer_for_an_error_in_a_sub_machine(drive: Drive) -> None:
    handlers = handling(plain, lambda _: "Something went wrong.", "ERROR")
    talk = at_the_card(ModelError("x", ValueError("down"), transient=False), drive=drive, handlers=handlers)
    before = talk.values["sub_machine"]

    assert talk.watch("4711") == "Something went wrong."
    assert talk.record["landing"] == "payment/card"
    assert talk.values["sub_machine"] == before


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_provider_that_fails_for_a_moment_is_asked_again_where_it_failed(drive: Drive) -> None:
    handlers, notes = noting()
    down = ConnectionError("down")
    talk = at_the_card(down, down, reply("code", "Code?", card="4711"), drive=drive, handlers=handlers)
    notes.clear()

    assert talk.watch("4711") == "Code?"
    assert talk.record["landing"] == "payment/code"


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_provider_that_stays_away_is_not_asked_more_often_than_elsewhere(drive: Drive) -> None:
    talk = at_the_card(*[ConnectionError("down")] * 9, drive=drive)
    asked = len(talk.model.calls)

    with pytest.raises(ModelError):
        talk.say("4711")

    assert len(talk.model.calls) - asked == 3


@pytest.mark.parametrize("drive", DRIVERS)
def test_an_interrupt_in_a_sub_machine_is_resumed_there(drive: Drive) -> None:
    def approve(_: Any) -> dict[str, Any]:
        return {"approved": interrupt("May I?")}

    handlers = handling(plain, approve, "PRE_TRANSITION", state="payment/card")
    talk = at_the_card(*[reply("code", "Code?", card="4711")] * 2, drive=drive, handlers=handlers)
    talk.drive(talk.graph, {"messages": [("user", "4711")]}, CONFIG)
    talk.drive(talk.graph, Command(resume="yes"), CONFIG)

    assert talk.values["sub_machine"]["context"]["approved"] == "yes"
    assert talk.record["landing"] == "payment/code"


@pytest.mark.parametrize("drive", DRIVERS)
def test_going_round_through_sub_machines_has_a_limit(drive: Drive) -> None:
    inner = machine(state("a", to("b"), silent=True), state("b"))
    outer = machine(
        state("ask", to("one", "x"), required_context_keys=["x"]),
        state("one", to("two"), subflow="inner"),
        state("two", to("one"), silent=True),
        subflows={"inner": inner},
    )
    talk = Talk(outer, ["X?", reply("one", x=1)], drive)
    talk.say()

    with pytest.raises(TurnLimit):
        talk.say("1")


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_state_whose_sub_machine_has_ended_without_a_way_on_takes_the_next_message(drive: Drive) -> None:
    states = {**SHOP["states"], "payment": {**SHOP["states"]["payment"], "outputs": {}}}
    states["payment"]["transitions"] = [to("thanks", "approved")]
    definition = {**SHOP, "states": states}
    replies = [reply("code", card="4711"), reply("paid", code="1"), "One moment.", reply("thanks", "!"), "Thanks."]
    talk = at_the_card(
        *replies[:3], reply("payment", also={"approved": True}), "Thanks.", definition=definition, drive=drive
    )
    talk.say("4711")

    assert talk.say("1") == "One moment."
    assert talk.values["sub_machine"] is None
    assert talk.say("it is approved") == "Thanks."


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_value_that_does_not_fit_stays_out(drive: Drive) -> None:
    inner = {**CARD, "context": {"item": {"type": "integer"}, "card": {}, "code": {}}}
    talk = at_the_card("No such item. Your card?", definition={**SHOP, "subflows": {"pay": inner}}, drive=drive)

    assert talk.values["sub_machine"]["context"] == {}
    assert talk.record["rejected"][0]["key"] == "item"


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize("listened", [False, True], ids=["alone", "with a handler that does nothing"])
def test_a_value_that_stays_out_is_told_whoever_listens(listened: bool, drive: Drive) -> None:
    inner = {**CARD, "context": {"item": {"type": "integer"}, "card": {}, "code": {}}}
    options = {"handlers": handling(plain, lambda _: None, "POST_TRANSITION")} if listened else {}
    definition = {**SHOP, "subflows": {"pay": inner}}
    talk = at_the_card("No such item. Your card?", definition=definition, drive=drive, **options)

    assert talk.said[-1] == "No such item. Your card?"


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_correction_from_the_caller_goes_in(drive: Drive) -> None:
    talk = at_the_card(reply("card", "Still: your card?"), drive=drive)
    talk.say("hm", context={"item": "lamp"})

    assert talk.values["sub_machine"]["context"] == {"item": "lamp"}


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed"])
def test_what_a_conditional_transition_around_waits_for_may_be_told_inside(closed: bool, drive: Drive) -> None:
    pain = {**to("cancelled", "pain"), "description": "The user has chest pain", "priority": 0}
    keys = {"context": {"pain": {"type": "boolean"}, "item": {}, "paid_by": {}, "more": {}}} if closed else {}
    inner = {**CARD, **({"context": {"item": {}, "card": {}, "code": {}}} if closed else {})}
    definition = {**SHOP, "global_transitions": [pain], "subflows": {"pay": inner}, **keys}
    talk = at_the_card(
        reply("code", "And the code?", card="visa", also={"pain": True}),
        "Call 112.",
        definition=definition,
        drive=drive,
    )
    talk.say("visa, and I have chest pain")

    assert talk.record["path"] == ["payment/card", "cancelled"]
    assert talk.record["why"] == "fired"
    assert talk.record["news"] == {"pain": "message", "payment/card": "message"}
    assert '"pain":' in talk.prompts[-2] or not closed
    assert talk.values["context"]["pain"] is True
    assert talk.said[-1] == "Call 112."


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_message_for_a_sub_machine_is_read_before_the_callers_news_leads_out_of_it(drive: Drive) -> None:
    alert = {**to("cancelled", "alert", priority=1), "description": "The shop closes"}
    definition = {**SHOP, "global_transitions": [alert]}
    talk = at_the_card(reply("card", "Noted.", card="4711"), "We close.", definition=definition, drive=drive)
    talk.say("4711", context={"alert": True})

    assert talk.record["path"] == ["payment/card", "cancelled"]
    assert talk.record["told"] == ["payment/card"]


def test_a_sub_machine_without_a_persona_speaks_with_the_one_around_it() -> None:
    talk = at_the_card(reply("card", "?"), definition={**SHOP, "persona": "A pirate"})
    talk.say("hm")

    assert "You are a pirate" in talk.prompts[-1]


def test_the_prompt_tells_what_the_first_state_inside_is_for() -> None:
    inner = {**CARD, "states": {**CARD["states"]}}
    inner["states"]["card"] = {**CARD["states"]["card"], "instructions": "Ask for the card for {{thing}}"}
    states = {**SHOP["states"], "payment": {**SHOP["states"]["payment"], "inputs": {"thing": "item"}}}
    talk = at_the_card(definition={**SHOP, "states": states, "subflows": {"pay": inner}})

    assert "Ask for the card for {{item}}" in talk.prompts[-1]
    assert '"collects":["card"]' in talk.prompts[-1]


def test_a_conversation_goes_on_in_a_sub_machine_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "talks.db"
    with LLM_FSM(SHOP, ScriptedModel(replies=TO_THE_CARD), db=file) as fsm:
        fsm.converse("", "1")
        fsm.converse("a book", "1")
        assert fsm.get_current_state("1") == "payment/card"

    with LLM_FSM(SHOP, ScriptedModel(replies=[reply("code", "Code?", card="4711")]), db=file) as fsm:
        assert fsm.converse("4711", "1") == ("1", "Code?")
        assert fsm.get_current_state("1") == "payment/code"
        assert not fsm.is_conversation_ended("1")


@pytest.mark.parametrize("depth", [0, 2])
@pytest.mark.parametrize("drive", DRIVERS)
def test_the_conversation_is_stored_around_a_sub_machine_and_not_in_it(depth: int, drive: Drive) -> None:
    saver = InMemorySaver()
    talk = Talk(nested(depth), ["Card?", reply("code", "Code?", card="4711")], drive, saver=saver)
    talk.say()
    talk.say("the yellow one")

    stored = [*saver.list(None)]
    assert {each.config["configurable"]["checkpoint_ns"].count(":") for each in stored} == {*range(depth + 2)}
    assert {each.config["configurable"]["checkpoint_ns"] for each in stored if "yellow" in str(each)} == {""}


@pytest.mark.parametrize(
    "update",
    [{"messages": ["yes"]}, {"context": {"card": "1"}}, {"current_state": "card"}, {"current_state": "cart"}, {"x": 1}],
    ids=str,
)
@pytest.mark.parametrize("drive", DRIVERS)
def test_an_edit_in_a_sub_machine_is_refused_and_says_where_to_make_it(update: Json, drive: Drive) -> None:
    handlers = handling(plain, lambda _: {"approved": interrupt("May I?")}, "PRE_TRANSITION", state="payment/card")
    talk = at_the_card(*[reply("code", "Code?", card="4711")] * 2, drive=drive, handlers=handlers)
    talk.drive(talk.graph, {"messages": [("user", "4711")]}, CONFIG)
    paused: Any = talk.graph.get_state(CONFIG, subgraphs=True).tasks[0].state
    inside = paused.config
    before = talk.graph.get_state(inside)

    with pytest.raises(ArgumentError, match=r"keeps nothing of its own.*\n.*by a config with its thread_id alone"):
        talk.graph.update_state(inside, update)
    with pytest.raises(ArgumentError, match="keeps nothing of its own"):
        asyncio.run(talk.graph.aupdate_state(inside, update))
    assert talk.graph.get_state(inside) == before


@pytest.mark.parametrize("drive", DRIVERS)
def test_what_runs_inside_sends_no_message_on_with_its_config(drive: Drive) -> None:
    configs: list[Any] = []
    handlers = handling(plain, lambda _: configs.append(get_config()), "PRE_PROCESSING", state="payment/card")
    at_the_card(reply("card", "Which one?"), drive=drive, handlers=handlers).say("the yellow one")

    (config,) = configs
    plain_data = [value for value in config["configurable"].values() if isinstance(value, str | list | tuple | dict)]
    ours = [value for name, value in config["configurable"].items() if "fsm" in name]
    assert "yellow" not in repr((plain_data, ours, config["metadata"]))


def test_a_fork_from_before_goes_on_from_there(tmp_path: Path) -> None:
    replies = [reply("code", "Code?", card="4711"), reply("code", "Code, please?", card="0815")]
    with SqliteSaver.from_conn_string(str(tmp_path / "talks.db")) as saver:
        talk = at_the_card(*replies, saver=saver)
        before = talk.graph.get_state(CONFIG).config
        talk.say("4711")
        talk.graph.invoke({"messages": [("user", "0815")]}, before)

        assert talk.values["sub_machine"]["context"]["card"] == "0815"


def test_a_state_of_a_sub_machine_that_is_gone_is_an_error_that_names_it() -> None:
    saver = InMemorySaver()
    talk = at_the_card(saver=saver)
    smaller = machine(state("account", to("paid", "iban"), required_context_keys=["iban"]), state("paid"))
    changed = Talk({**SHOP, "subflows": {"pay": smaller}}, [], saver=saver)

    with pytest.raises(StaleDefinition, match="'payment/card'"):
        changed.say("4711")
    assert talk.values["current_state"] == "payment"


def test_a_sub_machine_is_a_subgraph() -> None:
    graph = compile_fsm(SHOP, ScriptedModel(replies=[]))

    assert [name for name, _ in graph.get_subgraphs()] == ["payment"]
    nodes = graph.get_graph(xray=True).nodes
    assert {"payment:card", "payment:code", "payment:paid"} <= nodes.keys()
    assert "payment" in graph.get_graph().nodes


def test_events_of_a_sub_machine_show_the_message_once() -> None:
    talk = at_the_card(reply("code", "And the code?", card="4711"))

    async def listen() -> str:
        pieces = [
            event["data"]["chunk"].text
            async for event in talk.graph.astream_events({"messages": [("user", "4711")]}, CONFIG, version="v2")
            if event["event"] == "on_chat_model_stream"
        ]
        return "".join(pieces)

    assert asyncio.run(listen()) == "And the code?"


def test_a_graph_around_the_machine_still_sees_the_stream_of_its_subgraphs() -> None:
    talk = at_the_card(reply("code", "And the code?", card="4711"))

    parts: Any = talk.graph.stream({"messages": [("user", "4711")]}, CONFIG, stream_mode="messages", subgraphs=True)

    assert {namespace for namespace, part in parts if part[0].text} == {()}


TWO_EXITS = machine(
    state("sub", to("stop"), subflow="inner"),
    state("stop"),
    global_transitions=[
        to("stop", "pain", priority=50, fires=True, description="The user is in pain"),
        to("stop", "bored", priority=60, fires=True, description="The user is bored", **{"return": True}),
    ],
    context={"pain": {}, "bored": {}},
    subflows={"inner": machine(state("in", to("out", "x"), required_context_keys=["x"]), state("out"))},
)
"""Two global transitions lead to one state."""


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize("target", ["in", "stop"], ids=["by news", "by a proposal"])
@pytest.mark.parametrize(("told", "returns"), [("pain", False), ("bored", True)])
def test_two_exits_to_one_state_are_told_apart(drive: Drive, target: str, told: str, returns: bool) -> None:
    talk = Talk(TWO_EXITS, ["?", reply(target, "…", also={told: True}), "Stopped."], drive)
    talk.say()
    talk.say("stop")

    assert talk.record["path"] == ["sub/in", "stop"]
    judged = {each["description"]: each["missing"] for each in talk.record["steps"][0]["candidates"]}
    assert judged["The user is in pain"] == ([] if told == "pain" else ["pain"])
    assert judged["The user is bored"] == ([] if told == "bored" else ["bored"])
    assert ("left" in talk.values["turn"]) is returns


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_closed_exit_stays_closed_beside_an_open_one(drive: Drive) -> None:
    talk = Talk(TWO_EXITS, ["?", reply("stop"), "No."], drive)
    talk.say()
    talk.say("stop")
    assert (talk.record["landing"], talk.record["why"]) == ("sub/in", "vetoed")
