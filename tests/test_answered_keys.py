"""A key is answered where anyone has written it; a default is no answer, until somebody says the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from machines import DRIVERS, Drive, Json, Talk, machine, reply, state, to

from fsm_langgraph.context.answered_keys import is_answered, written_defaults

DEFAULTS: Json = {"size": "M", "person": {"name": "Ann", "age": None}}


@pytest.mark.parametrize(
    ("context", "path", "written", "answered"),
    [
        pytest.param({}, "wish", [], False, id="what nobody wrote is not"),
        pytest.param({"wish": False}, "wish", [], True, id="false is an answer"),
        pytest.param({"wish": []}, "wish", [], True, id="an empty list is"),
        pytest.param({"wish": None}, "wish", [], True, id="none is"),
        pytest.param({"size": "M"}, "size", [], False, id="a default is not"),
        pytest.param({"size": "M"}, "size", ["size"], True, id="a default that somebody wrote is"),
        pytest.param({"size": "L"}, "size", [], True, id="another value than the default is"),
        pytest.param({}, "size", ["size"], False, id="what was removed is not"),
        pytest.param({"wish": {"hat": 0}}, "wish.hat", [], True, id="a path may lead to it"),
        pytest.param({"wish": {"hat": 0}}, "wish.coat", [], False, id="a path may lead nowhere"),
        pytest.param({"person": {"name": "Ann"}}, "person.name", [], False, id="a default has parts"),
        pytest.param(
            {"person": {"name": "Ann"}}, "person.name", ["person"], True, id="which count once it was written"
        ),
        pytest.param({"person": {"name": "Bo"}}, "person.name", [], True, id="or where they differ"),
        pytest.param({"a.b": 1}, "a.b", [], True, id="a name may have dots"),
        pytest.param({"size": True}, "size", [], True, id="true is not 1"),
    ],
)
def test_what_counts_as_answered(context: Json, path: str, written: list[str], answered: bool) -> None:
    assert is_answered(context, path, DEFAULTS, frozenset(written)) is answered


@given(st.dictionaries(st.sampled_from("abc"), st.none() | st.booleans() | st.integers(0, 2)), st.data())
def test_what_is_remembered_is_enough(context: Json, data: st.DataObject) -> None:
    defaults = data.draw(st.dictionaries(st.sampled_from("abc"), st.booleans() | st.integers(0, 2)))
    written = frozenset(data.draw(st.lists(st.sampled_from("abc"))))
    known = frozenset(written_defaults(context, defaults, written))
    for key in "abc":
        assert is_answered(context, key, defaults, known) is is_answered(context, key, defaults, written)


def answered(target: str, *keys: str) -> Json:
    """Write a transition that wants some keys answered."""
    return {**to(target), "conditions": [{"description": "answered", "answered_context_keys": [*keys]}]}


FORM = machine(
    state("ask", answered("end", "milk", "size"), required_context_keys=["milk", "size"]),
    state("end", answered("ask", "more")),
    context={"milk": {"type": "boolean"}, "size": {"default": "M"}, "more": {}},
)


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_no_and_a_default_that_is_told_lead_on(drive: Drive) -> None:
    talk = Talk(FORM, ["?", reply("end", milk=False), "And the size?", reply("end", "Done.", size="M")], drive)
    talk.say()
    assert talk.say("no milk") == "And the size?"
    assert talk.record["steps"][0]["candidates"][0]["unanswered"] == ["size"]
    assert talk.say("M") == "Done."


@pytest.mark.parametrize("drive", DRIVERS)
def test_what_was_answered_is_known_turns_later(drive: Drive) -> None:
    talk = Talk(FORM, ["?", reply("ask", "And milk?", size="M"), reply("end", "Done.", milk=True)], drive)
    talk.say()
    talk.say("M")
    assert talk.values["turn"]["answered"] == ["size"]
    assert talk.say("with milk") == "Done."


@pytest.mark.parametrize(
    ("given", "landing"), [({"milk": False, "size": "M"}, "end"), ({"milk": False}, "ask")], ids=["all", "some"]
)
def test_the_caller_answers_as_well(given: Json, landing: str) -> None:
    talk = Talk(FORM, ["…"])
    talk.say(context=given)
    assert talk.record["landing"] == landing


def test_conversations_of_before_answers_were_remembered_go_by_the_default() -> None:
    talk = Talk(FORM, ["?", reply("ask", "And milk?", size="L"), reply("end", "Done.", milk=True)])
    talk.say()
    talk.say("L")
    assert "answered" not in talk.values["turn"]
    assert talk.say("with milk") == "Done."


@pytest.mark.parametrize(("told", "landing"), [({"size": "M"}, "end"), ({}, "ask")], ids=["told", "default"])
def test_a_state_is_passed_where_its_default_was_told(told: Json, landing: str) -> None:
    form = machine(
        state("first", to("ask", "go"), required_context_keys=["go"]),
        state("ask", answered("end", "size"), required_context_keys=["size"], ask="missing"),
        state("end"),
        context={"go": {}, "size": {"default": "M"}},
    )
    talk = Talk(form, ["?", reply("ask", go=1, also=told), "…"])
    talk.say()
    talk.say("go")
    assert talk.record["landing"] == landing


def test_a_forgotten_answer_is_none() -> None:
    form = machine(
        state("ask", answered("again", "size"), required_context_keys=["size"]),
        state("again", answered("end", "size"), forget=["size"], required_context_keys=["size"]),
        state("end"),
        context={"size": {"default": "M"}},
    )
    talk = Talk(form, ["?", reply("again", "Once more?", size="M")])
    talk.say()
    talk.say("M")
    assert (talk.record["landing"], "answered" in talk.values["turn"]) == ("again", False)


@pytest.mark.parametrize("told", [{"size": "M"}, {}], ids=["told outside", "a default outside"])
def test_an_input_is_answered_where_it_was_outside(told: Json) -> None:
    inner = machine(
        state("in", answered("out", "size"), required_context_keys=["size"], ask="missing"),
        state("out"),
        context={"size": {"default": "M"}},
    )
    outer = machine(
        state("first", to("sub", "go"), required_context_keys=["go", "size"]),
        state("sub", to("end"), subflow="inner", inputs=["size"]),
        state("end"),
        context={"go": {}, "size": {"default": "M"}},
        subflows={"inner": inner},
    )
    talk = Talk(outer, ["?", reply("first", "Go?", also=told), reply("sub", go=1), "…"])
    talk.say()
    talk.say("a size")
    talk.say("go")
    assert talk.record["landing"] == ("end" if told else "sub/in")


@pytest.mark.parametrize("also", [{}, {"depends_on": ["kind"]}], ids=["an input alone", "one that depends on others"])
def test_a_default_that_is_taken_around_goes_in(also: Json) -> None:
    talk = with_a_size_around(also)
    talk.say("and?", context={"place": "Graz"})
    assert talk.values["sub_machine"]["context"] == {"size": "M"}
    assert talk.record["news"] == {"place": "caller"}


def test_a_default_that_is_taken_around_is_no_answer_inside() -> None:
    talk = with_a_size_around({})
    talk.say("and?", context={"place": "Graz"})
    talk.say("it is red")
    assert talk.record["steps"][-1]["candidates"][0]["unanswered"] == ["size"]
    assert "answered" not in talk.values["sub_machine"]


def with_a_size_around(also: Json) -> Talk:
    """Bring a conversation into a sub-machine with a size that depends, around, on the place."""
    inner = machine(
        state("in", answered("out", "kind", "size"), required_context_keys=["kind"]),
        state("out"),
        context={"kind": {}, "size": {"default": "M", **also}},
    )
    outer = machine(
        state("first", to("sub", "size"), required_context_keys=["place", "size"]),
        state("sub", to("end"), subflow="inner", inputs=["size"]),
        state("end"),
        context={"place": {}, "size": {"default": "M", "depends_on": ["place"]}},
        subflows={"inner": inner},
    )
    replies = [reply("sub", "Kind?", place="Linz", size="L"), reply("in", "And?"), reply("in", "So?", kind="red")]
    talk = Talk(outer, ["?", *replies])
    talk.say()
    talk.say("an L, in Linz")
    return talk


def test_the_model_is_told_what_has_to_be_answered() -> None:
    talk = Talk(FORM, ["?", reply("ask", "And?")])
    talk.say()
    talk.say("hm")
    assert '"answered":["milk","size"]' in talk.prompts[1]
    assert '"answered"' not in talk.prompts[0]


def test_a_machine_that_asks_for_none_remembers_none() -> None:
    talk = Talk(machine(state("a", to("b", "x")), state("b")), ["?", reply("a", x=0)])
    talk.say()
    talk.say("0")
    assert "answered" not in talk.values["turn"]
