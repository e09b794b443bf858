"""Who is given the values of secrets: guards, confirmations, lookups, the machines inside and around."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.store.memory import InMemoryStore
from machines import CONFIG, DRIVERS, Drive, Json, Talk, machine, reply, state, to
from telling_secrets import OTP, PIN, found_in

from fsm_langgraph import Event, Handlers
from fsm_langgraph.context.secret_tokens import is_token

pytestmark = pytest.mark.parametrize("drive", DRIVERS)

CALLERS: Json = {"type": "boolean", "secret": True, "written_by": "caller"}


def landing(drive: Drive, value: Any, *transitions: Json, key: Json = CALLERS, **options: Any) -> str:
    """Say where a machine goes whose guards read a secret."""
    definition = {**machine(state("ask", *transitions, silent=True), state("yes"), state("no")), "context": {"x": key}}
    talk = Talk({**definition, **options}, ["Well."], drive)
    talk.say("hi", context={"x": value})
    assert is_token(talk.values["context"]["x"])
    return str(talk.record["landing"])


@pytest.mark.parametrize("value", [True, False])
def test_presence_is_that_of_the_value(drive: Drive, value: bool) -> None:
    assert landing(drive, value, to("yes", "x"), to("no")) == ("yes" if value else "no")


def test_false_is_an_answer(drive: Drive) -> None:
    answered = {"description": "It was said", "answered_context_keys": ["x"]}
    assert landing(drive, False, {**to("yes"), "conditions": [answered]}, to("no")) == "yes"


@pytest.mark.parametrize(("value", "end"), [(10, "yes"), (9, "no")])
def test_logic_reads_the_value(drive: Drive, value: int, end: str) -> None:
    key = {"type": "integer", "secret": True, "written_by": "caller"}
    assert landing(drive, value, to("yes", logic={">": [{"var": "x"}, 9]}), to("no"), key=key) == end


@pytest.mark.parametrize(("value", "end"), [({"y": {"z": 1}}, "yes"), ({"y": {}}, "no")])
def test_a_path_leads_into_the_value(drive: Drive, value: Json, end: str) -> None:
    key = {"type": "object", "secret": True, "written_by": "caller"}
    assert landing(drive, value, to("yes", "x.y.z"), to("no"), key=key) == end


def test_a_state_is_passed_whose_question_a_secret_answers(drive: Drive) -> None:
    states = (
        state("a", to("b", "name", ask="missing"), required_context_keys=["name"]),
        state("b", to("c", "pin"), required_context_keys=["pin"]),
        state("c", to("a", "never")),
    )
    keys = {"name": {}, "never": {}, "pin": {"secret": True}}
    talk = Talk({**machine(*states), "context": keys}, [reply("b", "REFUSED", name="Ann"), "C."], drive)
    talk.say("Ann", context={"pin": PIN})

    assert talk.record["path"] == ["a", "b", "c"]


@pytest.mark.parametrize(("again", "kept"), [("one", True), ("two", False)])
def test_a_key_is_stale_where_the_secret_that_it_depends_on_has_changed(drive: Drive, again: str, kept: bool) -> None:
    keys = {"card": {"secret": True}, "expiry": {"secret": True, "depends_on": ["card"]}, "name": {}}
    definition = {**machine(state("ask", to("end", "name")), state("end")), "context": keys}
    talk = Talk(definition, [reply("ask"), reply("ask")], drive)
    talk.say("hi", context={"card": "one", "expiry": "05/30"})
    talk.say("hi", context={"card": again})

    assert ("expiry" in talk.graph.secrets(CONFIG)) is kept


@pytest.mark.parametrize(("account", "ends"), [({"iban": "1", "bank": "b"}, True), ({"iban": "2", "bank": "a"}, False)])
def test_a_confirmation_is_of_the_part_of_a_secret_that_was_read_back(drive: Drive, account: Json, ends: bool) -> None:
    condition = {"description": "ok", "requires_context_keys": ["ok"], "confirms": ["account.iban"]}
    states = (state("ask", {**to("end"), "conditions": [condition]}, required_context_keys=["ok"]), state("end"))
    keys = {"ok": {"type": "boolean"}, "account": {"type": "object", "secret": True, "written_by": "handler"}}
    talk = Talk({**machine(*states), "context": keys}, ["Is it?", reply("end", "Bye.", ok=True), "Hm?"], drive)
    talk.say(context={"account": {"iban": "1", "bank": "a"}})
    talk.say("yes", context={"account": account})

    assert (talk.record["landing"] == "end") is ends


def test_a_secret_no_is_no_confirmation_that_was_not_asked_for(drive: Drive) -> None:
    condition = {"description": "ok", "requires_context_keys": ["ok"], "confirms": ["name"]}
    states = (state("ask", {**to("end"), "conditions": [condition]}, required_context_keys=["ok"]), state("end"))
    keys = {"ok": {"type": "boolean", "secret": True}, "name": {}}
    talk = Talk({**machine(*states), "context": keys}, ["Name?", reply("ask", ok=False, name="Ann")], drive)
    talk.say()
    talk.say("no, I am Ann")

    assert talk.record["rejected"] == []


def test_a_lookup_is_made_by_the_value(drive: Drive) -> None:
    store = InMemoryStore()
    store.put(("guests", PIN), "profile", {"name": "Ann"})
    lookup = {"guest": {"namespace": ["guests", "{{pin}}"], "key": "profile"}}
    definition = {**machine(state("ask", to("end", "x"), purpose="Greet {{store.guest.name}}"), state("end"))}
    keys = {"pin": {"secret": True, "written_by": "caller"}, "x": {}}
    talk = Talk({**definition, "context": keys, "store": lookup}, ["Hi!"], drive, store=store)
    talk.say(context={"pin": PIN})

    assert "Greet Ann" in talk.prompts[0]
    assert found_in(talk.prompts[0]) == []


def test_a_handler_that_answers_for_a_failed_turn_has_them_too(drive: Drive) -> None:
    handlers, seen = Handlers(), list[Any]()

    @handlers.on("ERROR")
    def answer(event: Event) -> str:
        seen.append(dict(event.context))
        assert PIN not in repr(event)
        return "Sorry."

    definition = {**machine(state("ask", to("end", "x")), state("end")), "context": {"pin": {"secret": True}, "x": {}}}
    talk = Talk(definition, [TimeoutError("away")] * 9, drive, handlers=handlers)
    talk.say("hi", context={"pin": PIN})

    assert talk.said == ["Sorry."]
    assert seen == [{"pin": PIN}]
    assert talk.graph.secrets(CONFIG) == {"pin": PIN}
    assert found_in(repr(talk.values)) == []


INNER = {
    **machine(state("card", to("paid", "code"), required_context_keys=["code"]), state("paid"), name="payment"),
    "context": {"code": {"secret": True}, "amount": {"type": "number", "secret": True, "written_by": "caller"}},
}
OUTER = {
    **machine(
        state("pay", to("end", "receipt"), subflow="pay", inputs={"amount": "sum"}, outputs={"code": "receipt"}),
        state("end"),
        state("alarm"),
        global_transitions=[{**to("alarm", "duress", logic={"==": [{"var": "duress"}, OTP]}), "fires": True}],
    ),
    "context": {
        "sum": {"written_by": "caller"},
        "receipt": {"secret": True, "written_by": "handler"},
        "duress": {"secret": True},
    },
    "subflows": {"pay": INNER},
}


def test_what_goes_into_a_sub_machine_and_comes_back_is_secret_there(drive: Drive) -> None:
    seen, handlers = list[Any](), Handlers()
    handlers.on("PRE_PROCESSING", state="pay/card")(lambda event: seen.append(dict(event.context)))
    talk = Talk(OUTER, [reply("card"), reply("paid", "REFUSED", code=PIN), "Bye."], drive, handlers=handlers)
    talk.say("hi", context={"sum": "12.50"})
    within = talk.graph.secrets(CONFIG)
    talk.say("here")

    assert seen[0] == {"amount": 12.5}
    assert within == {"pay/amount": 12.5}
    assert talk.graph.secrets(CONFIG) == {"receipt": PIN}
    assert found_in(repr([*talk.graph.get_state_history(CONFIG)])) == []


@pytest.mark.parametrize(("word", "end"), [(OTP, "alarm"), ("another", "pay/card")])
def test_an_exit_reads_a_secret_that_is_told_inside(drive: Drive, word: str, end: str) -> None:
    talk = Talk(OUTER, [reply("card"), reply("card", "Hm?", duress=word), "Well."], drive)
    talk.say("hi")
    talk.say("help")

    assert talk.record["landing"] == end
    assert talk.graph.secrets(CONFIG) == {"duress": word}
    assert found_in(repr([*talk.graph.get_state_history(CONFIG)])) == []
