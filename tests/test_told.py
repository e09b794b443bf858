"""A reply's writes: what a model makes up is no value, and what is named twice is kept or told of."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from machines import DRIVERS, Talk

from fsm_langgraph import ContextError, Handlers
from fsm_langgraph.context.told import check_told
from fsm_langgraph.context.user_words import UserWords
from fsm_langgraph.context.values import same
from fsm_langgraph.context.writes import Context
from fsm_langgraph.definition import FSMDefinition

LAW = settings(deadline=None, max_examples=60)

NAMED = {"description": "d", "purpose": "p"}
MACHINE = {"name": "n", "description": "d", "initial_state": "start"}


def edge(target: str, *needs: str) -> dict[str, Any]:
    conditions = [{"description": "c", "requires_context_keys": [*needs]}] if needs else []
    return {"target_state": target, "description": "d", "conditions": conditions}


def definition(context: dict[str, Any] | None, **fields: Any) -> FSMDefinition:
    """Make a machine whose first state collects `name`, with a gate that asks for `ticket`."""
    start = {"id": "start", **NAMED, "required_context_keys": ["name"], "transitions": [edge("later", "ticket")]}
    later = {"id": "later", **NAMED, "required_context_keys": ["city"], "transitions": [edge("end", "city")]}
    end = {"id": "end", **NAMED, "transitions": []}
    states = {"start": start, "later": later, "end": end}
    return FSMDefinition.model_validate({**MACHINE, "states": states, "context": context, **fields})


CLOSED = definition(
    {
        "name": {"type": "string"},
        "city": {"type": "string"},
        "ticket": {},
        "pizzas": {"type": "array", "items": {"type": "string"}},
        "nights": {"type": "integer"},
        "desk": {"written_by": "handler"},
    }
)


def told(machine: FSMDefinition, *updates: tuple[str, Any], said: str = "", **more: Any) -> tuple[Context, list[Any]]:
    """Check writes; return those that hold, and the key and kind of each that does not."""
    writes = check_told(machine, updates, UserWords([said]), **more)
    return writes.accepted, [(each.key, each.kind) for each in writes.rejected]


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        pytest.param(["cheese"], ["ham"], ["cheese", "ham"], id="lists are joined in order"),
        pytest.param(["cheese"], ["cheese"], ["cheese"], id="the same list twice is one"),
        pytest.param(["cheese"], ["cheese", "ham"], ["cheese", "ham"], id="a list told again with more"),
        pytest.param(["ham", "ham"], ["ham"], ["ham", "ham"], id="a list may hold one thing twice"),
        pytest.param("cheese", "ham", ["cheese", "ham"], id="one value each"),
        pytest.param([], ["ham"], ["ham"], id="nothing and something"),
    ],
)
def test_a_list_that_is_told_twice_is_joined(first: Any, second: Any, joined: list[str]) -> None:
    assert told(CLOSED, ("pizzas", first), ("pizzas", second)) == ({"pizzas": joined}, [])


def test_a_list_is_joined_where_nothing_is_declared() -> None:
    assert told(definition(None), ("pizzas", ["ham"]), ("pizzas", ["brie"])) == ({"pizzas": ["ham", "brie"]}, [])


@pytest.mark.parametrize(
    ("values", "kept", "rejected"),
    [
        pytest.param(("Ann", "Bo"), "Bo", [("name", "replaced")], id="the later value holds"),
        pytest.param(("Ann", "Ann"), "Ann", [], id="the same value twice is one"),
        pytest.param(("Ann", None), None, [("name", "replaced")], id="a value that is taken back"),
        pytest.param((None, "Ann"), "Ann", [], id="a key that is cleared and told anew"),
        pytest.param((["x"], "Ann"), "Ann", [("name", "replaced")], id="what did not fit is put right"),
        pytest.param(("Ann", ["x"]), "Ann", [("name", "value")], id="what does not fit replaces nothing"),
    ],
)
def test_of_two_values_the_later_holds_and_the_other_is_told_of(
    values: tuple[Any, ...], kept: Any, rejected: list[Any]
) -> None:
    assert told(CLOSED, *(("name", value) for value in values)) == ({"name": kept}, rejected)


PLACEHOLDERS = [
    *(
        "…",
        "...",
        "-",
        "\u2013",
        "?",
        "null",
        "None",
        " NONE ",
        "nil",
        "N/A",
        "n/a",
        "n. a.",
        "unknown",
        "Unknown.",
        "TBD",
    ),
    *("undefined", "not provided", "Not specified", "not given", "not yet known", "none given", "no information"),
    *("<name>", "<your name>", "[name]", "[Your Name]", "{name}", "{{name}}", "<>", "name", "Name", "to be determined"),
    *("name unknown", "unknown name", "name not provided", "not provided by the user", "The user did not say"),
]


@pytest.mark.parametrize("value", PLACEHOLDERS)
@pytest.mark.parametrize("machine", [CLOSED, definition(None)], ids=["declared", "not declared"])
def test_a_placeholder_is_no_value(machine: FSMDefinition, value: str) -> None:
    assert told(machine, ("name", value), said="hello") == ({}, [("name", "placeholder")])


@pytest.mark.parametrize(
    "value",
    [
        *("Ann", "No", "Nan Goldin", "Null Island", "Unknown Pleasures", "1", "-1", "x", "not a morning person", "👍"),
        *("none of these", "[1]", "<3", "a - b", "The Unknown", "N", "no", "a name", "given", "data entry"),
    ],
)
def test_a_text_that_says_something_is_a_value(value: str) -> None:
    assert told(CLOSED, ("name", value)) == ({"name": value}, [])


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("My name is Null, Peter Null", "Null"),
        ("call me [name]", "[name]"),
        ("UNKNOWN", "unknown"),
        ("-", "-"),
    ],
)
def test_what_the_user_wrote_is_no_placeholder(said: str, value: str) -> None:
    assert told(CLOSED, ("name", value), said=said) == ({"name": value}, [])


def test_a_part_of_a_word_is_not_what_the_user_wrote() -> None:
    assert told(CLOSED, ("name", "unknown"), said="the unknowns") == ({}, [("name", "placeholder")])
    assert told(CLOSED, ("name", "-"), said="well - hello") == ({}, [("name", "placeholder")])


@pytest.mark.parametrize(
    ("declaration", "value", "kept"),
    [
        pytest.param({"enum": ["unknown", "late"]}, "Unknown", "unknown", id="a choice"),
        pytest.param(
            {"type": "array", "items": {"enum": ["none", "nuts"]}}, ["none"], ["none"], id="a choice in a list"
        ),
        pytest.param({"type": "array"}, ["ham", "…", "n/a"], ["ham"], id="a list keeps what says something"),
        pytest.param({"type": "array"}, [], [], id="an empty list is an answer"),
        pytest.param({"type": "object"}, {"a": "Bonn", "b": "unknown"}, {"a": "Bonn"}, id="so does an object"),
        pytest.param({"type": "object"}, '{"a": "Bonn", "b": "unknown"}', {"a": "Bonn"}, id="written as a text"),
        pytest.param({"type": "array"}, '["ham", "…"]', ["ham"], id="a list written as a text"),
        pytest.param({"type": "array"}, ["…"], None, id="a list of nothing"),
        pytest.param({"type": "array"}, '["…"]', None, id="a list of nothing as a text"),
        pytest.param({"type": "array"}, "unknown", None, id="nothing in place of a list"),
        pytest.param({"type": "object"}, {"a": {"b": ["-"]}}, None, id="an object of nothing"),
        pytest.param({"type": "integer"}, "unknown", None, id="nothing in place of a number"),
        pytest.param({"format": "email"}, "an e-mail address", None, id="the words for the format"),
        pytest.param({"format": "email"}, "email", None, id="the format"),
        pytest.param({"description": "Who travels."}, "who travels", None, id="the description"),
    ],
)
def test_choices_are_values_and_what_is_left_of_a_list_is(declaration: Any, value: Any, kept: Any) -> None:
    accepted, rejected = told(definition({"name": {}, "ticket": {}, "x": declaration}), ("x", value))

    assert accepted == ({} if kept is None else {"x": kept})
    assert rejected == ([("x", "placeholder")] if kept is None else [])


def grounded(**declaration: Any) -> FSMDefinition:
    return definition({"x": {**declaration, "grounded": True}, "name": {}, "ticket": {}})


@pytest.mark.parametrize(
    ("declaration", "said", "value", "holds"),
    [
        pytest.param({}, "I am Ann Lee.", "Ann LEE", True, id="words in any case and order"),
        pytest.param({}, "I am Ann.", "Ann Lee", False, id="a word too many"),
        pytest.param({}, "Anna", "Ann", False, id="a part of a word"),
        pytest.param({}, "Cafe\u0301 Ole", "Café", True, id="composed or not"),
        pytest.param({}, "ann@example.com", "ann@example.com", True, id="an address"),
        pytest.param({}, "ann@example.com", "bob@example.com", False, id="another address"),
        pytest.param({}, "我叫王伟", "王伟", True, id="a script without blanks"),
        pytest.param({"type": "integer"}, "for 1,000 people", 1000, True, id="a numeral that is grouped"),
        pytest.param({"type": "integer"}, "für 1.000 Leute", 1000, True, id="or grouped by dots"),
        pytest.param({"type": "number"}, "1,5 kg", 1.5, True, id="a decimal comma"),
        pytest.param({"type": "integer"}, "٣ nights", 3, True, id="a numeral of any script"),
        pytest.param({"type": "integer"}, "room 12", 2, False, id="a part of a number"),
        pytest.param({"type": "integer"}, "a few", 3, False, id="a number made up"),
        pytest.param({"type": "array"}, "ham and brie", ["brie", "ham"], True, id="each item"),
        pytest.param({"type": "array"}, "ham", ["ham", "brie"], False, id="an item made up"),
        pytest.param({"type": "object"}, "Elm Road in Bonn", {"city": "Bonn", "at": ["Elm"]}, True, id="each leaf"),
        pytest.param({"type": "object"}, "Elm Road", {"city": "Bonn"}, False, id="a leaf made up"),
        pytest.param({"enum": ["express", "slow"]}, "the EXPRESS one", "Express", True, id="a choice that was named"),
        pytest.param({"enum": ["express", "slow"]}, "quickly", "express", False, id="a choice that was inferred"),
        pytest.param({}, "yes", True, False, id="a truth value"),
        pytest.param({}, "fine 👍", "👍", True, id="a sign"),
        pytest.param({}, "fine", "👍", False, id="a sign made up"),
    ],
)  # fmt: skip
def test_a_grounded_value_is_made_of_the_users_words(declaration: Any, said: str, value: Any, holds: bool) -> None:
    accepted, rejected = told(grounded(**declaration), ("x", value), said=said)

    assert bool(accepted) is holds
    assert rejected == ([] if holds else [("x", "value")])


@pytest.mark.parametrize("context", [None, {"name": {}, "city": {}, "ticket": {}}], ids=["open", "closed"])
def test_with_known_keys_only_a_state_corrects_and_asks(context: Any) -> None:
    machine = definition(context, other_keys="known")
    here: dict[str, Any] = {"state": machine.states["start"], "known": {"city": "Ulm"}}

    assert told(machine, ("name", "Ann"), ("ticket", 7), ("city", "Bonn"), **here)[1] == []
    assert told(machine, ("city", "Bonn"), state=machine.states["start"])[1] == [("city", "key")]


def test_a_key_that_is_not_the_models_is_refused_whatever_it_says() -> None:
    assert told(CLOSED, ("desk", "unknown"), ("age", "…")) == ({}, [("desk", "key"), ("age", "key")])


# The laws.

WORDS = st.lists(st.sampled_from(["Ann", "ham", "7", "1,5", "Bonn", "unknown"]), max_size=4)
LEAVES = st.sampled_from(["Ann", "Ann ham", "brie", 7, 1.5, 2, "7", True, *PLACEHOLDERS])
TOLD = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just("k"), inner, max_size=1)
)


@LAW
@given(TOLD, WORDS)
def test_a_grounded_value_stands_in_the_users_words(value: Any, said: list[str]) -> None:
    accepted, _ = told(grounded(), ("x", value), said=" ".join(said))

    assert UserWords(said).has_all_of(accepted.get("x"))


@LAW
@given(st.lists(st.sampled_from("ab")), st.lists(st.sampled_from("ab")))
def test_joined_lists_hold_all_that_either_holds_and_no_more(one: list[str], other: list[str]) -> None:
    accepted, _ = told(CLOSED, ("pizzas", one), ("pizzas", other))

    held: Any = accepted["pizzas"]
    assert {item: held.count(item) for item in "ab"} == {item: max(one.count(item), other.count(item)) for item in "ab"}
    assert same(held[: len(one)], one)


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(PLACEHOLDERS) | st.sampled_from(["Zoe", 12, ["Zoe"], True]), st.sampled_from(["start", "end"]))
def test_a_value_that_was_refused_opens_nothing(value: Any, target: str) -> None:
    start = {"id": "start", **NAMED, "required_context_keys": ["x"], "transitions": [edge("end", "x")]}
    machine = {
        **MACHINE,
        "context": {"x": {"grounded": True}},
        "states": {"start": start, "end": {"id": "end", **NAMED, "transitions": []}},
    }
    talk = Talk(machine, [{"target_state": target, "updates": [{"x": value}], "message": "m"}, "What is it?"])

    talk.say("hello there")

    state = talk.graph.get_state({"configurable": {"thread_id": "1"}}).values
    assert state["current_state"] == "start"
    assert state["context"] == {}
    assert [each["key"] for each in state["last_turn"]["rejected"]] == ["x"]


# The answer "none".


def asking(**fields: Any) -> dict[str, Any]:
    """Make a machine that asks for allergies, and goes on when the name is known."""
    state = {"required_context_keys": ["name", "allergies"], "transitions": [edge("end", "name")], **fields}
    states = {"start": {"id": "start", **NAMED, **state}, "end": {"id": "end", **NAMED, "transitions": []}}
    return {**MACHINE, "states": states}


def null(key: str) -> dict[str, Any]:
    return {"target_state": "start", "updates": [{"key": key, "value": None}], "message": "Noted."}


def values(talk: Talk) -> dict[str, Any]:
    return dict(talk.graph.get_state({"configurable": {"thread_id": "1"}}).values)


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_null_for_a_key_that_the_state_collects_is_kept_as_the_answer_none(drive: Any) -> None:
    talk = Talk(asking(), [null("allergies"), null("allergies")], drive)

    talk.say("I have none")

    first = values(talk)
    assert first["context"] == {"allergies": None}
    assert first["last_turn"]["changed"] == ["allergies"]
    assert first["last_turn"]["news"] == {"allergies": "message"}

    talk.say("none, I said")

    again = values(talk)
    assert again["context"] == {"allergies": None}
    assert again["last_turn"]["changed"] == []
    assert again["last_turn"]["news"] == {"allergies": "message"}


def test_a_value_that_is_taken_back_where_it_is_asked_for_counts_as_answered_with_none() -> None:
    given = {"target_state": "start", "updates": [{"allergies": "nuts"}], "message": "Noted."}
    talk = Talk(asking(), [given, null("allergies")])

    talk.say("nuts")
    talk.say("no, I have none")

    assert values(talk)["context"] == {"allergies": None}
    assert values(talk)["last_turn"]["changed"] == ["allergies"]


def test_a_null_for_any_other_key_removes_it() -> None:
    talk = Talk(asking(), [null("city")])

    talk.say("forget my city", context={"city": "Bonn"})

    assert values(talk)["context"] == {}


def test_a_state_that_does_not_hear_collects_no_none() -> None:
    machine = FSMDefinition.model_validate(asking(listens=False))

    writes = check_told(machine, [("name", None)], UserWords([]), state=machine.states["start"])

    assert (writes.accepted, writes.none) == ({"name": None}, frozenset())


@pytest.mark.parametrize("writer", ["caller", "handler"])
def test_the_callers_and_a_handlers_none_still_deletes(writer: str) -> None:
    handlers = Handlers()
    if writer == "handler":
        handlers.on("PRE_PROCESSING")(lambda event: {"allergies": None} if "allergies" in event.context else None)
    talk = Talk(asking(), [null("allergies"), {"target_state": "start", "message": "Well."}], handlers=handlers)
    talk.say("none")

    talk.say("hm", context={"allergies": None} if writer == "caller" else None)

    assert values(talk)["context"] == {}


def test_no_caller_can_say_that_null_is_kept() -> None:
    with pytest.raises(ContextError):
        Talk(asking(), []).say("hi", context={"allergies": None, "_none": ["allergies"]})


def test_a_none_goes_into_a_sub_machine_and_comes_back() -> None:
    inner = asking()
    inner["states"]["start"]["transitions"] = [edge("end")]
    outer = {
        **MACHINE,
        "states": {
            "start": {"id": "start", **NAMED, "required_context_keys": ["pets"], "transitions": [edge("in")]},
            "in": {
                "id": "in",
                **NAMED,
                "subflow": "inner",
                "inputs": {"name": "pets"},
                "outputs": {"allergies": "ills", "name": "pets_again"},
                "transitions": [edge("end")],
            },
            "end": {"id": "end", **NAMED, "transitions": []},
        },
        "subflows": {"inner": inner},
    }
    go_in = {"target_state": "in", "updates": [{"key": "pets", "value": None}], "message": "Allergies?"}
    go_on = {"target_state": "end", "updates": [{"key": "allergies", "value": None}], "message": "Done."}
    talk = Talk(outer, [go_in, "Allergies?", go_on, "Done."])

    talk.say("no pets")
    talk.say("none")

    assert values(talk)["context"] == {"pets": None, "ills": None, "pets_again": None}


def test_a_time_in_another_zone_is_no_news() -> None:
    machine = definition({"at": {"format": "date-time"}, "name": {}, "ticket": {}})
    known: Context = {"at": "2026-05-03T14:00+02:00", "name": "2026-05-03T14:00+02:00"}
    same_moment, another = "2026-05-03T12:00Z", "2026-05-03T14:00Z"

    assert told(machine, ("at", same_moment), known=known)[0] == {"at": known["at"]}
    assert told(machine, ("at", another), known=known)[0] == {"at": another}
    assert told(machine, ("name", same_moment), known=known)[0] == {"name": same_moment}


def test_text_is_stored_composed_and_so_are_keys() -> None:
    assert told(definition(None), ("cafe\u0301", "Cafe\u0301"))[0] == {"café": "Café"}
    assert told(definition({"café": {}}), ("cafe\u0301", ["e\u0301"]))[0] == {"café": ["é"]}
