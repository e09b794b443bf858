"""What depends on a key that has changed is forgotten, save what was written anew in the same turn."""

from __future__ import annotations

from typing import Any

import pytest
from handling import handling, plain, raising
from hypothesis import given
from hypothesis import strategies as st
from machines import DRIVERS, Drive, Json, Talk, machine, reply, state, to

from fsm_langgraph import Event, RejectValue
from fsm_langgraph.context.dependents import stale_keys
from fsm_langgraph.definition import FSMDefinition

CHAIN: Json = {
    "city": {},
    "hotel": {"depends_on": ["city"], "default": "any"},
    "room": {"depends_on": ["hotel"]},
    "guests": {},
}


def defined(context: Json) -> FSMDefinition:
    return FSMDefinition.model_validate(machine(state("a"), context=context))


ROME: Json = {"city": "Rome", "hotel": "Roma", "room": 7, "guests": 2}


@pytest.mark.parametrize(
    ("after", "written", "stale"),
    [
        pytest.param({**ROME}, [], {}, id="nothing has changed"),
        pytest.param({**ROME, "guests": 3}, ["guests"], {}, id="nothing depends on it"),
        pytest.param({**ROME, "city": "Oslo"}, ["city"], {"hotel": "any", "room": None}, id="down the chain"),
        pytest.param({**ROME, "city": "Oslo"}, ["city", "hotel"], {}, id="what is written anew is kept"),
        pytest.param({**ROME, "city": "Oslo", "hotel": "Bly"}, ["city", "hotel"], {"room": None}, id="and is a change"),
        pytest.param({**ROME, "hotel": "Bly"}, ["hotel"], {"room": None}, id="from the middle on"),
        pytest.param({"hotel": "Roma", "room": 7}, [], {"hotel": "any", "room": None}, id="to be gone is a change"),
        pytest.param({"city": "Oslo", "hotel": "any"}, ["city"], {}, id="what has its default stays"),
        pytest.param({"city": "Oslo", "hotel": "any", "room": None}, ["city"], {"room": None}, id="none is an answer"),
    ],
)
def test_what_is_stale(after: Json, written: list[str], stale: Json) -> None:
    before = ROME if after.get("hotel") != "any" else {**after, "city": "Rome"}
    if after.get("room", 0) is None:  # an answer of a hotel that was told
        before = {**ROME, "room": None}
    assert stale_keys(defined(CHAIN), before, after, written) == stale


values = st.none() | st.integers(0, 2)
contexts = st.fixed_dictionaries({}, optional=dict.fromkeys("abcd", values))


@given(before=contexts, after=contexts, written=st.sets(st.sampled_from("abcd")), default=values)
def test_nothing_stale_is_left(before: Json, after: Json, written: set[str], default: Any) -> None:
    needs = {"b": ["a"], "c": ["b", "a"], "d": ["c"]}
    keys = {key: {"depends_on": needs.get(key, [])} for key in "abcd"}
    keys["c"]["default"] = default
    definition = defined(keys)
    now = {**after, **stale_keys(definition, before, after, written)}
    for key, others in needs.items():
        has_changed = any(before.get(other) != now.get(other) for other in others)
        if key in written or not has_changed:
            assert now.get(key) == after.get(key)
        else:
            assert now.get(key) == definition.defaults.get(key)


TRAVEL = machine(
    state("plan", to("book", "hotel", fires=False), required_context_keys=["city", "hotel"]),
    state("book", to("plan", "room"), required_context_keys=["room"]),
    context=CHAIN,
)


def in_rome(*replies: Any, drive: Drive, **options: Any) -> Talk:
    """Bring a conversation to where a hotel in Rome is known."""
    talk = Talk(TRAVEL, ["?", reply("plan", "And?", city="Rome", hotel="Roma", room=7), *replies], drive, **options)
    talk.say()
    talk.say("the Roma in Rome, room 7")
    return talk


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize(
    ("told", "context", "changed"),
    [
        ({"city": "Oslo"}, {"city": "Oslo", "hotel": "any"}, ["city", "hotel", "room"]),
        ({"city": "Oslo", "hotel": "Bly"}, {"city": "Oslo", "hotel": "Bly"}, ["city", "hotel", "room"]),
        ({"city": "Oslo", "hotel": "Roma"}, {"city": "Oslo", "hotel": "Roma", "room": 7}, ["city"]),
        ({"city": "Rome"}, {"city": "Rome", "hotel": "Roma", "room": 7}, []),
    ],
    ids=["a change", "with a new one", "with the same one", "no change"],
)
def test_a_change_leaves_nothing_stale(drive: Drive, told: Json, context: Json, changed: list[str]) -> None:
    talk = in_rome(reply("plan", "Well?", **told), drive=drive)
    talk.say("another city")
    assert talk.values["context"] == context
    assert talk.record["changed"] == changed


def test_the_record_tells_of_an_answer_none_that_has_become_stale() -> None:
    keys = {"city": {}, "room": {"depends_on": ["city"]}}
    asks = machine(state("ask", to("end", "never"), required_context_keys=["city", "room"]), state("end"), context=keys)
    asks["context"]["never"] = {}
    talk = Talk(asks, ["?", reply("ask", city="Rome", also={"room": None}), reply("ask", city="Oslo")])
    for text in ("", "Rome, no room", "Oslo"):
        talk.say(text)
    assert (talk.values["context"], talk.record["changed"]) == ({"city": "Oslo"}, ["city", "room"])


@pytest.mark.parametrize("drive", DRIVERS)
def test_what_was_forgotten_is_no_news(drive: Drive) -> None:
    booking = machine(
        state("plan", to("book", logic={"==": [{"var": "hotel"}, "any"]}), required_context_keys=["city"]),
        state("book", to("plan", "never")),
        context={**CHAIN, "never": {}},
    )
    talk = Talk(booking, ["?", reply("plan", "Well?", city="Oslo")], drive)
    talk.say(context={"hotel": "Roma"})
    talk.say("Oslo")
    assert (talk.record["landing"], talk.values["context"]) == ("plan", {"city": "Oslo", "hotel": "any"})


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_change_of_the_callers_is_judged_in_the_turn_that_begins(drive: Drive) -> None:
    talk = in_rome(reply("plan", "Well?"), drive=drive)
    talk.say("so?", context={"city": "Oslo"})
    assert talk.values["context"] == {"city": "Oslo", "hotel": "any"}
    assert "Roma" not in talk.prompts[-1]


@pytest.mark.parametrize(
    ("moment", "writes", "context"),
    [
        ("POST_PROCESSING", {"city": "Oslo"}, {"city": "Oslo", "hotel": "any", "guests": 2}),
        ("POST_PROCESSING", {"city": "Oslo", "hotel": "Bly"}, {"city": "Oslo", "hotel": "Bly", "guests": 2}),
        (
            "CONTEXT_UPDATE",
            {"city": "Oslo", "hotel": "Roma"},
            {"city": "Oslo", "hotel": "Roma", "room": 7, "guests": 2},
        ),
    ],
    ids=["a change", "with a new one", "with the same one"],
)
def test_handlers_change_keys_too(moment: Any, writes: Json, context: Json) -> None:
    handlers = handling(plain, lambda event: writes if event.context.get("guests") else None, moment)
    talk = in_rome(reply("plan", "Well?", guests=2), drive=DRIVERS[0], handlers=handlers)
    talk.say("two guests")
    assert talk.values["context"] == context


def _is_in(event: Event, city: str) -> bool:
    return event.context.get("city") == city


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize("moment", ["CONTEXT_UPDATE", "POST_PROCESSING"])
def test_what_depends_on_a_refused_value_holds_again(moment: Any, drive: Drive) -> None:
    refuse = handling(
        plain, raising(RejectValue("is too far", "city")), moment, when=lambda event: _is_in(event, "Oslo")
    )
    talk = in_rome(reply("plan", "Well?", city="Oslo"), "Not Oslo.", drive=drive, handlers=refuse)
    assert talk.say("to Oslo") == "Not Oslo."
    assert (talk.values["context"], talk.record["changed"]) == ({"city": "Rome", "hotel": "Roma", "room": 7}, [])


def test_a_message_that_tells_what_is_stale_is_not_shown() -> None:
    telling = {**TRAVEL["states"]["plan"], "instructions": "The hotel is {{hotel}}"}
    travel = {**TRAVEL, "states": {**TRAVEL["states"], "plan": telling}}
    replies = ["?", reply("plan", "And?", city="Rome", hotel="Roma"), reply("plan", "The Roma.", city="Oslo"), "Any."]
    talk = Talk(travel, replies)
    talk.say()
    talk.say("Roma")
    assert talk.say("Oslo") == "Any."


def test_an_input_that_changes_makes_keys_inside_stale() -> None:
    inner = machine(
        state("in", to("out", "room"), required_context_keys=["hotel"]),
        state("out"),
        context={"city": {}, "hotel": {"depends_on": ["city"]}, "room": {}},
    )
    outer = machine(
        state("sub", to("end"), subflow="inner", inputs=["city"]),
        state("end"),
        context={"city": {}},
        subflows={"inner": inner},
    )
    talk = Talk(outer, ["?", reply("in", "Well?", hotel="Roma"), "And now?"])
    talk.say(context={"city": "Rome"})
    talk.say("Roma")
    talk.say(context={"city": "Oslo"})
    assert talk.values["sub_machine"]["context"] == {"city": "Oslo"}
    assert talk.record["changed"] == ["city", "sub/city", "sub/hotel"]
