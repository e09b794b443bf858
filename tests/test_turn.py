"""What one turn comes to: where it goes and why, what it stores, what it says, and with how many calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import machines
import pytest
from machines import (
    BRANCH,
    DECLARED,
    DRIVERS,
    FORM,
    LOGIC,
    WELCOME,
    WHIRL,
    Drive,
    Json,
    Talk,
    machine,
    reply,
    state,
    to,
)
from tables import read_table

from fsm_langgraph import Event, Handlers, RejectValue, StuckError, TurnLimit
from fsm_langgraph.context.secret_tokens import is_token
from fsm_langgraph.models.scripted import Cut

pytestmark = pytest.mark.parametrize("drive", DRIVERS)


@dataclass(frozen=True)
class Row:
    """One row of `data/turns.yaml`."""

    fact: str
    machine: str
    replies: list[Any]
    outcome: dict[str, Any]
    said: list[str]
    context: dict[str, Any] | None = None
    """What the caller writes with the last message."""
    options: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.fact


def written(short: Any) -> Any:
    """Write out a reply of the table."""
    match short:
        case {"cut": whole, "after": after}:
            return Cut(written(whole), after)
        case {"raw": raw}:
            return raw
        case {"to": target}:
            rest = {name: part for name, part in short.items() if name not in ("to", "say")}
            return reply(target, short.get("say", "…"), **rest)
    return short


TURNS = [Row(**row) for row in read_table(Path(__file__).parent / "data" / "turns.yaml")]


@pytest.mark.parametrize("row", TURNS, ids=str)
def test_a_turn_comes_to(row: Row, drive: Drive) -> None:
    talk = Talk(getattr(machines, row.machine), list(map(written, row.replies)), drive, **row.options)
    for text in row.said[:-1]:
        talk.say(text)
    talk.say(row.said[-1], context=row.context)
    outcome = talk.outcome
    assert {name: outcome[name] for name in row.outcome} == row.outcome
    assert len(talk.model.calls) == len(row.replies)


def test_a_message_is_read_once_in_the_first_state_that_hears(drive: Drive) -> None:
    talk = Talk(WELCOME, ["Welcome!", reply("ask_name"), "Your name?"], drive)
    talk.say()
    talk.say("hello")
    assert talk.outcome["modes"] == ["understand"]
    assert talk.heard[-1][-1] == "hello"


def test_the_speaking_state_is_told_what_was_rejected(drive: Drive) -> None:
    talk = Talk(DECLARED, ["?", reply("ask_email", name="Ann", also={"age": 5}), "How old?"], drive)
    talk.say()
    talk.say("Ann, 5")
    assert '"rejected":[{"key":"age","reason":"is below 18"}]' in talk.prompts[-1]


def test_the_speaking_state_is_told_what_was_refused(drive: Drive) -> None:
    talk = Talk(FORM, ["?", reply("done", "Done!"), "Your name?"], drive)
    talk.say()
    talk.say("hm")
    assert '"refused":"done"' in talk.prompts[-1]


def test_the_state_that_was_proposed_and_reached_is_not_told_that_it_was_refused(drive: Drive) -> None:
    talk = Talk(FORM, ["?", reply("done", "Done!", name="Ann", also={"email": "a@b.org"}), "Bye!"], drive)
    talk.say()
    talk.say("Ann, a@b.org")
    assert talk.record["landing"] == "done"
    assert '"refused":' not in talk.prompts[-1]


def test_a_state_after_the_proposed_one_is_not_told_that_it_was_refused(drive: Drive) -> None:
    ask = state("ask", to("weigh", "x"), required_context_keys=["x"])
    definition = machine(
        ask, state("weigh", to("count"), silent=True), state("count", to("told"), silent=True), state("told")
    )
    talk = Talk(definition, ["?", reply("weigh", "…", x=1), "Bye!"], drive)
    talk.say()
    talk.say("1")
    assert talk.record["path"] == ["ask", "weigh", "count", "told"]
    assert '"refused":' not in talk.prompts[-1]


def test_a_model_that_is_asked_again_is_told_why(drive: Drive) -> None:
    talk = Talk(FORM, ["?", "Sure!", reply("ask_name", "Hm?")], drive)
    talk.say()
    talk.say("hm")
    assert "it is not a JSON object" in talk.heard[-1][-1]
    assert talk.record["model_calls"][0]["error"] == "it is not a JSON object"


def test_a_turn_without_an_end_is_stopped_and_stores_nothing(drive: Drive) -> None:
    talk = Talk(WHIRL, [], drive, max_steps=5)
    with pytest.raises(TurnLimit) as caught:
        talk.say("go")
    assert caught.value.path == ("a", "b", "a", "b", "a", "b")
    assert talk.kept == {"context": {}, "current_state": None, "last_turn": None}


def test_the_record_says_what_every_transition_lacked(drive: Drive) -> None:
    talk = Talk(BRANCH, ["?", reply("sort", "", age=7), "A child."], drive)
    talk.say()
    talk.say("7")
    assert talk.record["steps"][-1] == {
        "state": "sort",
        "target_state": "child",
        "why": "first",
        "candidates": [
            {"target_state": "adult", "description": "Go to adult", "enabled": False, "missing": [],
             "failed": ["logic holds"], "passed_over": ""},
            {"target_state": "child", "description": "Go to child", "enabled": True, "missing": [],
             "failed": [], "passed_over": ""},
        ],
    }  # fmt: skip


def test_a_turn_never_rests_in_a_silent_state(drive: Drive) -> None:
    talk = Talk(BRANCH, ["?", reply("sort", "", age="old")], drive)
    talk.say()
    before = talk.values
    with pytest.raises(StuckError, match=r"state 'sort': no transition out of it is open") as caught:
        talk.say("old")
    assert caught.value.verdicts == ("'adult': does not hold: logic holds", "'child': does not hold: logic holds")
    assert (talk.values["context"], talk.values["current_state"]) == (before["context"], before["current_state"])


def test_a_thought_goes_on_where_the_model_would_stay(drive: Drive) -> None:
    thinking = machine(
        state("ask", to("think", "x"), required_context_keys=["x"]),
        state("think", to("yes", "good"), to("no"), listens=False),
        state("yes"),
        state("no"),
    )
    talk = Talk(thinking, ["?", reply("think", x=1), reply("think", None), "No."], drive)
    talk.say()
    talk.say("1")
    assert talk.record["path"] == ["ask", "think", "no"]


def test_a_secret_is_in_no_prompt_and_in_no_record(drive: Drive) -> None:
    hidden = "4711"
    told = {**DECLARED, "persona": "You know {{token}} and {{name}}."}
    talk = Talk(told, ["?", reply("done", name="Ann", also={"token": hidden}), "Well?"], drive)
    talk.say(context={"token": hidden})
    talk.say("Ann")
    assert is_token(talk.values["context"]["token"])
    assert talk.graph.secrets(machines.CONFIG) == {"token": hidden}
    assert hidden not in str(talk.prompts)
    assert hidden not in str(talk.record)


def test_the_model_sees_the_last_messages_only(drive: Drive) -> None:
    talk = Talk(FORM, ["?", *[reply("ask_name", f"Hm {n}?") for n in range(3)]], drive, history_limit=3)
    talk.say()
    talk.say("one")
    talk.say("two")
    talk.say("three")
    assert talk.heard[-1] == ["two", "Hm 1?", "three"]


FEVER = machine(
    state("ask", to("tell", "asked"), required_context_keys=["fever", "asked"]),
    state("tell", to("ask", "never"), instructions="Say: {{#fever}}a fever{{/fever}}{{^fever}}no fever{{/fever}}."),
)
"""What is said depends on a value, and not only on its words."""
TELL = FEVER["states"]["tell"]["instructions"]
SICK = machine(
    FEVER["states"]["ask"],
    state("tell", to("ask"), subflow="inner", inputs={"hot": "fever"}),
    subflows={
        "inner": machine(
            state(
                "say",
                to("end", "never"),
                instructions=TELL.replace("fever}", "hot}"),
            ),
            state("end"),
        )
    },
)
"""The same, where a sub-machine says it."""


@pytest.mark.parametrize("definition", [FEVER, SICK], ids=["state", "sub-machine"])
@pytest.mark.parametrize("before", [None, {"fever": False}], ids=["unknown", "known"])
def test_a_message_is_shown_whose_writer_was_told_both_branches(definition: Any, before: Any, drive: Drive) -> None:
    talk = Talk(definition, ["Do you?", reply("tell", "A fever.", fever=True, asked=True)], drive)
    talk.say(context=before)

    assert talk.watch("yes") == "A fever."
    assert "Say: [if fever is known and not no: a fever][if fever is not known or no: no fever]." in talk.prompts[-1]


@pytest.mark.parametrize("definition", [FEVER, SICK], ids=["state", "sub-machine"])
def test_a_message_is_written_anew_where_its_writer_was_told_the_other_branch(definition: Any, drive: Drive) -> None:
    """A key that another state asks for is told by its value, until a reply corrects it."""
    ask = {**definition["states"]["ask"], "required_context_keys": ["asked"]}
    asking = {**definition, "states": {**definition["states"], "ask": ask}}
    talk = Talk(asking, ["Do you?", reply("tell", "No fever.", fever=True, asked=True), "A fever."], drive)
    talk.say(context={"fever": False})

    assert talk.watch("yes") == "A fever."
    assert ["Say: no fever." in talk.prompts[1], "Say: a fever." in talk.prompts[2]] == [True, True]


def test_a_message_is_written_anew_where_its_own_state_branches_on_what_it_has_brought(drive: Drive) -> None:
    purpose = "{{#name}}Greet {{name}}{{/name}}{{^name}}Ask for a name{{/name}}"
    asking = machine(state("ask", to("end", "never"), purpose=purpose, required_context_keys=["name"]), state("end"))
    talk = Talk(asking, ["Your name?", reply("ask", "Your name?", name="Ann"), "Hi Ann!"], drive)
    talk.say()

    assert talk.say("Ann") == "Hi Ann!"


def test_a_message_is_not_shown_for_a_state_whose_texts_read_what_its_writer_was_not_shown(drive: Drive) -> None:
    order = state("order", to("price", "item"), required_context_keys=["item"], visible_context_keys=["item"])
    price = state("price", to("order", "never"), instructions="Say that {{item}} costs {{amount}}")
    told = Talk(machine(order, price), ["Item?", reply("price", "It costs .", item="tea"), "Tea costs 3."], drive)
    told.say(context={"amount": 3})

    assert told.say("tea") == "Tea costs 3."


def test_a_message_is_outdated_by_what_a_state_on_the_way_forgets(drive: Drive) -> None:
    forgetful = machine(
        state("ask", to("mid", "p", priority=1), to("land"), required_context_keys=["p"]),
        state("mid", to("land"), silent=True, forget=["p"]),
        state("land", purpose="Say {{p}}."),
    )
    talk = Talk(forgetful, ["?", reply("mid", "REFUSED", p="x"), "It is gone."], drive)
    talk.say()
    assert talk.say("x") == "It is gone."


def test_a_message_is_not_outdated_by_what_its_own_state_forgets(drive: Drive) -> None:
    asking = machine(
        state("ask", to("confirm", "p"), required_context_keys=["p", "sure"]),
        state("confirm", to("end", "sure"), forget=["sure"], purpose="Have it confirmed {{sure}}"),
        state("end"),
    )
    talk = Talk(asking, ["?", reply("confirm", "Sure?", p="x", sure="maybe")], drive)
    talk.say()
    assert talk.say("x") == "Sure?"


def test_a_conversation_that_has_ended_is_not_led_on_by_a_global_transition(drive: Drive) -> None:
    pain = {**to("help", "pain"), "description": "The user is in pain"}
    ending = machine(
        state("ask", to("end", "x"), required_context_keys=["x"]),
        state("end"),
        state("help"),
        global_transitions=[pain],
    )
    talk = Talk(ending, ["?", reply("end", "Bye!", x=1, also={"pain": True})], drive)
    talk.say()
    assert talk.say("x, and it hurts") == "Bye!"
    assert talk.record["landing"] == "end"


def test_only_a_proposal_leads_along_a_transition_that_does_not_fire(drive: Drive) -> None:
    shop = machine(
        state("name", to("item", "name"), required_context_keys=["name"]),
        state("item", to("sell", "item", fires=False), required_context_keys=["item"], ask="missing"),
        state("sell", to("end"), silent=True),
        state("end"),
    )
    talk = Talk(shop, ["?", reply("name", name="Ann", also={"item": "lamp"}), "The lamp?"], drive)
    talk.say()
    talk.say("Ann. Do you have a lamp?")
    assert talk.record["path"] == ["name", "item"]


def test_a_digression_out_of_a_silent_state_comes_back_to_its_conditions(drive: Drive) -> None:
    notice = {**to("notice", "alert", priority=1), "description": "There is news", "return": True}
    working = machine(
        state("work", to("end", "done"), silent=True),
        state("end"),
        state("notice", silent=True),
        global_transitions=[notice],
    )
    talk = Talk(working, [], drive)
    with pytest.raises(StuckError, match="'work'"):
        talk.say("hi", context={"alert": True})


def test_a_message_that_nobody_in_a_sub_machine_hears_is_read_after_it(drive: Drive) -> None:
    looking = machine(
        state("lookup", to("end", "name"), subflow="inner"),
        state("end"),
        subflows={"inner": machine(state("i", to("j"), silent=True), state("j"))},
    )
    talk = Talk(looking, [reply("end", "Hello Ann.", name="Ann")], drive)
    assert talk.say("I am Ann") == "Hello Ann."
    assert talk.values["context"] == {"name": "Ann"}


def test_a_refusal_to_go_round_shows_nothing_of_its_message(drive: Drive) -> None:
    basket = machine(
        state("add", to("add", "item"), to("paid"), required_context_keys=["item"], forget=["item"]), state("paid")
    )
    talk = Talk(basket, ["?", reply("again", "Noted. The next one?"), "Which item?"], drive)
    talk.say()
    assert talk.say("one more") == "Which item?"


@pytest.mark.parametrize("target", ["small", "ask"])
def test_a_guess_is_not_refused_where_conditions_decide(drive: Drive, target: str) -> None:
    talk = Talk(LOGIC, ["?", reply(target, x=10), "So big."], drive)
    talk.say()
    assert talk.say("ten") == "So big."
    assert "refused" not in talk.prompts[-1].partition("<this_turn>")[2]


def test_the_wish_to_be_elsewhere_is_refused_where_conditions_decide(drive: Drive) -> None:
    leaving = {
        **LOGIC,
        "states": {**LOGIC["states"], "stop": state("stop")},
        "global_transitions": [to("stop", "sure")],
    }
    talk = Talk(leaving, ["?", reply("stop", x=10), "So big."], drive)
    talk.say()
    talk.say("ten, and stop")
    assert '"refused":"stop"' in talk.prompts[-1]


AHEAD = machine(
    state("found", to("search"), to("size", "colour"), optional_context_keys=["note"]),
    state("search", to("found", "colour", "size"), required_context_keys=["colour", "size"], forget=["colour", "size"]),
    state("size", to("search"), required_context_keys=["size"]),
)
"""A search that begins anew forgets what was searched for."""


def test_what_is_told_ahead_is_not_forgotten(drive: Drive) -> None:
    talk = Talk(AHEAD, ["?", reply("search", "Red. And the size?", colour="red")], drive)
    talk.say(context={"size": 40})
    assert talk.say("a new search: red shoes") == "Red. And the size?"
    assert talk.values["context"] == {"colour": "red"}


def test_what_is_told_where_it_is_collected_is_forgotten(drive: Drive) -> None:
    talk = Talk({**AHEAD, "initial_state": "size"}, ["?", reply("search", "What, then?", size=42)], drive)
    talk.say()
    assert talk.say("42") == "What, then?"
    assert talk.values["context"] == {}


@pytest.mark.parametrize(
    ("initial", "context", "told", "changed"),
    [
        ("found", {"size": 40}, {"colour": "red"}, ["colour", "size"]),
        ("size", {"size": 40}, {"size": 42}, ["size"]),
        ("size", {}, {"size": 42}, []),
        ("found", {}, {"colour": "red"}, ["colour"]),
    ],
    ids=["beside what was told ahead", "told and forgotten", "not known before", "nothing to forget"],
)
def test_the_record_tells_what_was_forgotten(
    initial: str, context: Json, told: Json, changed: list[str], drive: Drive
) -> None:
    talk = Talk({**AHEAD, "initial_state": initial}, ["?", reply("search", "So?", **told)], drive)
    talk.say(context=context)
    talk.say("a new search")
    assert talk.record["changed"] == changed
    assert talk.record["news"] == dict.fromkeys(told, "message")


def test_a_text_may_tell_what_was_told_ahead(drive: Drive) -> None:
    states = {**AHEAD["states"], "search": {**AHEAD["states"]["search"], "instructions": "Say {{colour}}"}}
    talk = Talk({**AHEAD, "states": states}, ["?", reply("search", "Red.", colour="red")], drive)
    talk.say(context={"size": 40, "colour": "blue"})
    assert talk.say("a new search: red shoes") == "Red."


def test_what_a_handler_refuses_is_not_told_ahead(drive: Drive) -> None:
    refusing = Handlers()
    refusing.on("CONTEXT_UPDATE", keys=["colour"])(_refuse)
    talk = Talk(AHEAD, ["?", reply("search", "Red.", colour="red"), "Not red."], drive, handlers=refusing)
    talk.say(context={"colour": "blue", "size": 40})
    assert talk.say("a new search: red shoes") == "Not red."
    assert talk.values["context"] == {}


def _refuse(_: Event) -> None:
    raise RejectValue("is not made any more")


def test_what_is_told_ahead_goes_into_a_sub_machine(drive: Drive) -> None:
    inner = machine(
        state("in", to("out", "colour", "x"), forget=["colour", "size"], required_context_keys=["colour"]),
        state("out"),
    )
    outer = machine(
        state("found", to("sub"), to("found", "never")),
        state("sub", to("found"), subflow="inner", inputs=["colour", "size"]),
        subflows={"inner": inner},
    )
    talk = Talk(outer, ["?", reply("sub", "Red.", colour="red")], drive)
    talk.say(context={"size": 40})
    talk.say("red shoes")
    assert talk.values["sub_machine"]["context"] == {"colour": "red"}
    assert talk.record["changed"] == ["colour", "sub/colour", "sub/size"]
