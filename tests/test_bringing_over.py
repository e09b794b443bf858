"""A conversation whose definition has changed goes on where it fits, and the record says so; else it is refused."""

from __future__ import annotations

from typing import Any

import pytest
from changes import PAY, TABLE, held, kept_by, patched, renamed_state, under
from langgraph.checkpoint.memory import InMemorySaver
from machines import CONFIG, DRIVERS, Drive, Json, Talk, reply, state, to

from fsm_langgraph import StaleDefinition, load_definition

by_each = pytest.mark.parametrize("drive", DRIVERS)


def key(name: str, **declaration: Any) -> Json:
    """Write a change of one key's declaration."""
    return {"context": {name: declaration or None}}


def without(*keys: str) -> Json:
    """Return the definition without some of the first state's optional keys."""
    return patched(
        {"context": dict.fromkeys(keys), "states": {"guests": {"optional_context_keys": [*{"size", "note"} - {*keys}]}}}
    )


GOES_ON = [
    pytest.param("guests", patched({"states": {"guests": {"instructions": "Ask."}}}), {}, id="an instruction"),
    pytest.param("guests", patched({"revision": "2", "persona": "A pirate"}), {}, id="another revision"),
    pytest.param("guests", patched(key("note", type="array")), {"coerced": ["note"]}, id="a key of another type"),
    pytest.param("guests", patched(key("size", enum=["large", "huge"])), {}, id="an enum with its value in it"),
    pytest.param("guests", patched(key("size", enum=["LARGE"])), {"coerced": ["size"]}, id="an enum in other letters"),
    pytest.param("guests", patched(key("note", secret=True)), {}, id="a key that is secret now"),
    pytest.param("card", patched(key("ok", description="Sure?")), {}, id="the words about a key"),
    pytest.param("card", patched(key("size", written_by="handler"), without("size")), {}, id="a key's writer"),
    pytest.param("guests", patched(key("note", depends_on=["size"])), {}, id="a key that depends on another"),
    pytest.param("guests", patched(key("pets", type="boolean")), {}, id="a new key"),
    pytest.param("guests", patched(key("pets", default=False)), {"defaults": ["pets"]}, id="a new key with a default"),
    pytest.param("guests", patched(key("price", default=5)), {}, id="a default of a key that there was"),
    pytest.param("guests", without("note"), {"undeclared": ["note"]}, id="a key that is declared no more"),
    pytest.param(
        "guests", patched({"states": {"sure": {"required_context_keys": ["ok", "card"]}}}), {}, id="a required key"
    ),
    pytest.param("guests", patched({"states": {"guests": {"transitions": [to("end", "ok")]}}}), {}, id="a guard"),
    pytest.param("guests", patched({"states": {"guests": {"decision": "logic"}}}), {}, id="conditions decide now"),
    pytest.param("guests", patched({"initial_state": "sure"}), {}, id="another initial state"),
    pytest.param("guests", patched({"states": {"hours": None}, "global_transitions": []}), {}, id="a state elsewhere"),
    pytest.param("card", patched({"states": {"pay": {"inputs": {"sum": "price", "code": "note"}}}}), {}, id="inputs"),
    pytest.param(
        "card",
        patched({"subflows": {"pay": {"context": {"tip": {"default": 1}, "sum": {"type": "number"}}}}}),
        {"defaults": ["pay/tip"]},
        id="a new key inside",
    ),
    pytest.param("end", patched({"states": {"end": {"purpose": "Say goodbye"}}}), {}, id="the text of the end"),
    pytest.param(
        "end", patched({"states": {"end": {"transitions": [to("guests", "guests")]}}}), {}, id="an end no more"
    ),
    pytest.param("hours", patched({"states": {"guests": {"purpose": "Ask"}}}), {}, id="the text of a way back"),
]


@pytest.mark.parametrize(("place", "definition", "noted"), GOES_ON)
def test_what_fits_goes_on_and_the_record_says_so(place: str, definition: Json, noted: Json) -> None:
    before = held(place)
    now = under(definition, before.graph.checkpointer)
    now.say("and?")

    had, has = load_definition(TABLE), load_definition(definition)
    assert now.record["definition"] == {
        "revision": "1",
        "fingerprint": had.fingerprint,
        "now": has.fingerprint,
        **noted,
    }
    now.say("and now?")
    assert "definition" not in now.record


REFUSED = [
    pytest.param("guests", {**TABLE, "name": "Refund"}, r"another machine: 'Table'.*names: \[Table\]", id="a name"),
    pytest.param("guests", renamed_state("guests", "guest"), r"state 'guests'.*no such.*mean 'guest'\?", id="a state"),
    pytest.param("card", renamed_state("pay", "paying"), r"state 'pay': .*Did you mean 'paying'\?", id="a nesting one"),
    pytest.param(
        "card",
        {**TABLE, "subflows": {"pay": renamed_state("card", "cards", PAY)}},
        r"state 'pay/card'.*mean 'pay/cards'\?.*migrate: \{states: \{pay/card: …\}\}",
        id="a state inside",
    ),
    pytest.param(
        "hours", renamed_state("guests", "guest"), r"state 'guests': the definition has no such", id="a way back"
    ),
    pytest.param(
        "guests",
        patched(
            {
                "states": {
                    "guests": {
                        "silent": True,
                        "required_context_keys": None,
                        "optional_context_keys": None,
                        "transitions": [to("sure")],
                    }
                }
            }
        ),
        r"'guests'.*silent now",
        id="silent",
    ),
    pytest.param("guests", patched({"states": {"guests": {"listens": False}}}), r"step of thought now", id="thought"),
    pytest.param("guests", patched({"states": {"guests": {"transitions": []}}}), r"it is final now", id="final"),
    pytest.param(
        "guests",
        patched(
            {
                "states": {
                    "guests": {"subflow": "pay", "required_context_keys": None, "optional_context_keys": None},
                }
            }
        ),
        r"runs a sub-machine now",
        id="with a sub-machine",
    ),
    pytest.param(
        "card",
        patched({"states": {"pay": {"subflow": None, "inputs": None, "outputs": None}}}),
        r"inside it, at 'pay/card', and it runs no sub-machine",
        id="without its sub-machine",
    ),
    pytest.param(
        "card",
        patched({"subflows": {"pay": {"states": {"card": {"transitions": []}}}}}),
        r"state 'pay/card'.*final now",
        id="final inside",
    ),
    pytest.param("guests", patched(key("note", type="integer")), r"context\['note'\].*not a number", id="a type"),
    pytest.param("guests", patched(key("size", enum=["small"])), r"context\['size'\].*not one of", id="an enum"),
    pytest.param("card", patched(key("guests", type="integer", minimum=20)), r"'guests'\].*below 20", id="a range"),
    pytest.param("guests", patched(key("note", format="email")), r"drop: \[note\]", id="a format"),
    pytest.param(
        "guests",
        patched(key("note", type="integer", secret=True)),
        r"'note'\]: its value does not fit its declaration",
        id="a secret",
    ),
    pytest.param(
        "guests",
        patched({"context": {"notes": {"type": "string"}}}, without("note")),
        r"context\['note'\].*Is it 'notes' now\?.*keys: \{note: notes\}",
        id="a key under another name",
    ),
]


@pytest.mark.parametrize(("place", "definition", "told"), REFUSED)
def test_what_does_not_fit_is_refused_and_stays_as_it_was(place: str, definition: Json, told: str) -> None:
    before = held(place)
    stored = before.graph.get_state(CONFIG)
    now = under(definition, before.graph.checkpointer)

    with pytest.raises(StaleDefinition, match=f"(?s){told}") as caught:
        now.say("and?")
    assert len(caught.value.differences) == 1
    assert before.graph.get_state(CONFIG) == stored


def test_all_that_differs_is_told_at_once() -> None:
    before = held("card")
    now = under(
        patched(
            {
                "context": {"guests": {"type": "integer", "minimum": 20}, "size": {"enum": ["small"]}},
            },
            {**TABLE, "subflows": {"pay": renamed_state("card", "cards", PAY)}},
        ),
        before.graph.checkpointer,
    )

    with pytest.raises(StaleDefinition) as caught:
        now.say("and?")
    assert [difference.split(":")[0] for difference in caught.value.differences] == [
        "state 'pay/card'",
        "context['guests']",
        "context['size']",
    ]


# Brought over as `migrate` says


NOTE = {"note": {"type": "string"}}
MIGRATED = [
    pytest.param(
        "guests",
        {"names": ["Table"]},
        {**TABLE, "name": "Tables"},
        {"name": "Table"},
        {"note": "window", "size": "large"},
        id="a name",
    ),
    pytest.param(
        "guests",
        {"states": {"guests": "party"}},
        renamed_state("guests", "party"),
        {"states": {"guests": "party"}},
        {"note": "window", "size": "large"},
        id="a state",
    ),
    pytest.param(
        "card",
        {"states": {"pay": "payment", "payment/card": "payment/number"}, "keys": {"payment/sum": "payment/amount"}},
        {
            **patched(
                {"states": {"payment": {"inputs": {"amount": "price", "sum": None}}}}, renamed_state("pay", "payment")
            ),
            "subflows": {
                "pay": patched(
                    {"context": {"sum": None, "amount": {"type": "integer"}}}, renamed_state("card", "number", PAY)
                )
            },
        },
        {"states": {"pay": "payment", "payment/card": "payment/number"}},
        {"guests": "12", "size": "large"},
        id="a state that runs a sub-machine, and one inside",
    ),
    pytest.param(
        "hours",
        {"states": {"guests": "party"}, "keys": {"note": "wish"}},
        patched({"context": {"wish": {"type": "string"}}}, renamed_state("guests", "party", without("note"))),
        {"states": {"guests": "party"}, "keys": {"note": "wish"}},
        {"wish": "window"},
        id="a way back",
    ),
    pytest.param(
        "guests",
        {"keys": {"note": "wish", "notice": "wish"}},
        patched({"context": {"wish": {"type": "array"}}}, without("note")),
        {"keys": {"note": "wish"}, "coerced": ["wish"]},
        {"wish": ["window"], "size": "large"},
        id="a key, and its type",
    ),
    pytest.param(
        "guests",
        {"drop": ["note", "size"]},
        patched({"context": {"size": {"enum": ["small"]}}}, without("note")),
        {"dropped": ["note", "size"]},
        {},
        id="a key that is gone, and a value that does not fit",
    ),
    pytest.param(
        "guests",
        {"drop": ["size", "note"], "defaults": {"size": "small"}},
        patched({"context": {"size": {"enum": ["small"]}}}),
        {"dropped": ["size"], "defaults": ["size"]},
        {"size": "small", "note": "window"},
        id="a value that fits stays, another one is put in the place of one that does not",
    ),
    pytest.param(
        "guests",
        {"defaults": {"plan": "classic", "ok": True}},
        patched({"context": {"plan": {"type": "string", "default": "new"}}}),
        {"defaults": ["plan"]},
        {"size": "large", "note": "window", "plan": "classic"},
        id="a default of those that began before; none for a key that there was",
    ),
]


@by_each
@pytest.mark.parametrize(("place", "migrate", "definition", "noted", "context"), MIGRATED)
def test_a_turn_brings_it_over_as_migrate_says(
    place: str, migrate: Json, definition: Json, noted: Json, context: Json, drive: Drive
) -> None:
    before = held(place)
    now = under({**definition, "migrate": migrate}, before.graph.checkpointer, drive)
    now.say("and?")

    changed = {name: told for name, told in now.record["definition"].items() if name not in _VERSIONS}
    assert changed == noted
    assert now.values["context"] == context
    assert "caller" not in now.record["news"].values()
    now.say("and now?")
    assert "definition" not in now.record


_VERSIONS = ("revision", "fingerprint", "now")


def test_a_conversation_two_revisions_behind_is_brought_over_at_once() -> None:
    saver = InMemorySaver()
    held("guests", saver)
    middle = patched({"migrate": {"states": {"guests": "party"}}}, renamed_state("guests", "party"))
    last = {**renamed_state("guests", "people"), "migrate": {"states": {"guests": "people", "party": "people"}}}

    for definitions in ([last], [middle, last]):
        saver = InMemorySaver()
        held("guests", saver)
        for definition in definitions:
            now = under(definition, saver)
            now.say("and?")
        assert now.record["path"] == ["people"]


def test_a_value_that_the_caller_sends_along_holds() -> None:
    before = held("guests")
    definition = patched({"context": {"wish": {}}, "migrate": {"keys": {"note": "wish"}}}, without("note"))
    now = under(definition, before.graph.checkpointer)
    now.say("and?", context={"wish": "aisle"})

    assert now.values["context"] == {"wish": "aisle", "size": "large"}
    assert now.record["news"] == {"wish": "caller"}


def test_a_sub_machine_says_itself_how_it_is_brought_over() -> None:
    before = held("card")
    inside = {**renamed_state("card", "number", PAY), "migrate": {"states": {"card": "number"}, "names": ["Other"]}}
    now = under({**TABLE, "subflows": {"pay": inside}}, before.graph.checkpointer)
    now.say("and?")

    assert now.record["path"] == ["pay/number"]


PRICED = patched({"context": {"price": {"type": "string", "written_by": "caller"}}})
"""A sub-machine is given the price, a text, as a number."""


@pytest.mark.parametrize(
    ("change", "given"),
    [
        ({}, {"price": "5"}),
        (key("price", type="integer"), {"price": 5}),
        (
            {
                "context": {"price": None, "cost": {"type": "string", "written_by": "caller"}},
                "states": {"pay": {"inputs": {"sum": "cost"}}},
                "migrate": {"keys": {"price": "cost"}},
            },
            {"cost": "5"},
        ),
        (
            {
                "context": {"fee": {"type": "string", "default": "1", "written_by": "caller"}},
                "states": {"pay": {"inputs": {"sum": "fee"}}},
            },
            {"fee": "1"},
        ),
    ],
    ids=["anything else", "of another type", "under another name", "another key, which is new"],
)
@by_each
def test_the_inputs_of_a_sub_machine_are_none_the_newer_for_it(change: Json, given: Json, drive: Drive) -> None:
    before = Talk(PRICED, ["How many?", reply("pay", "Card?", guests="12"), reply("card", "Card?")])
    before.say(context={"price": "5"})
    before.say("12")
    now = under(patched({"persona": "A pirate", **change}, PRICED), before.graph.checkpointer, drive)
    now.say("and?")

    assert (now.record["changed"], now.record["news"]) == ([], {})
    assert now.values["sub_machine"]["context"]["sum"] == 5
    assert now.values["sub_machine"]["given"] == given


def test_a_state_can_be_replaced_by_one_that_runs_a_sub_machine_and_that_begins() -> None:
    before = held("guests")
    definition = {
        **patched({"states": {"guests": None}, "initial_state": "sure"}),
        "migrate": {"states": {"guests": "pay"}},
    }
    now = under(definition, before.graph.checkpointer)
    now.say("and?")

    assert now.record["path"] == ["pay", "pay/card"]


def test_what_is_inside_goes_where_a_state_that_ran_it_is_replaced_by_one_that_does_not() -> None:
    before = held("card")
    definition = {
        **patched({"states": {"pay": None, "guests": {"transitions": [to("sure", "guests")]}}, "subflows": None}),
        "migrate": {"states": {"pay": "sure"}},
    }
    now = under(definition, before.graph.checkpointer)
    now.say("and?")

    assert now.record["path"] == ["sure"]
    assert "sub_machine" not in now.values


# Stored by the release before


def forget_identity(talk: Talk) -> None:
    """Store the conversation as the release before has: without its definition's identity."""
    turn = {name: value for name, value in talk.values["turn"].items() if name != "definition"}
    talk.graph.update_state(CONFIG, {"turn": turn}, as_node=talk.values["current_state"])


@pytest.mark.parametrize("place", ["guests", "card", "hours", "end"])
def test_what_an_earlier_release_has_stored_goes_on_and_nothing_is_told(place: str) -> None:
    talk = held(place)
    forget_identity(talk)
    now = under(TABLE, talk.graph.checkpointer)
    now.say("and?")

    assert "definition" not in now.record
    assert load_definition(TABLE).identity == now.values["turn"]["definition"]


@pytest.mark.parametrize(
    ("definition", "told"),
    [
        (renamed_state("guests", "party"), "no such state"),
        (patched(key("note", type="integer")), "not a number"),
    ],
    ids=["a state", "a value"],
)
def test_what_an_earlier_release_has_stored_is_judged_by_its_data(definition: Json, told: str) -> None:
    talk = held("guests")
    forget_identity(talk)

    with pytest.raises(StaleDefinition, match=f"a definition of earlier days.*(?s:.*){told}"):
        under(definition, talk.graph.checkpointer).say("and?")


def test_of_what_an_earlier_release_has_stored_nobody_knows_which_keys_are_new() -> None:
    talk = held("guests")
    forget_identity(talk)
    definition = patched(
        {"context": {"plan": {"default": "new"}, "notes": {}}, "migrate": {"defaults": {"price": 5}}}, without("note")
    )
    now = under(definition, talk.graph.checkpointer)
    now.say("and?")

    assert now.values["context"] == {"note": "window", "size": "large", "price": 5}


# Without declarations


def test_an_open_definition_keeps_what_it_has() -> None:
    open_one = {name: part for name, part in TABLE.items() if name not in ("context", "subflows")}
    plain = {**open_one, "states": {name: raw for name, raw in TABLE["states"].items() if name != "pay"}}
    plain["states"]["guests"] = state("guests", to("sure", "guests"), required_context_keys=["guests", "note"])
    talk = Talk(plain, ["How many?", reply("guests", "Hm?", note="window")])
    talk.say()
    talk.say("at the window")
    changed = patched({"states": {"guests": {"required_context_keys": ["guests", "wish"]}}}, plain)

    now = under({**changed, "migrate": {"keys": {"note": "wish"}}}, talk.graph.checkpointer)
    now.say("and?")
    assert now.values["context"] == {"wish": "window"}


# Where a sub-machine has ended


OVER = patched({"states": {"pay": {"transitions": [to("sure", "price")]}}})
"""Waits in the state that has run the sub-machine, for a price."""


def after_the_end(digression: bool) -> Talk:
    """Hold a conversation until its sub-machine has ended, in the state that has run it, or in a digression there."""
    talk = under(OVER, held("card", definition=OVER).graph.checkpointer)
    replies = [reply("code", "Code?", card="4711"), reply("done", None, code="0"), "And?", reply("hours", "At nine.")]
    paying = Talk(OVER, replies, saver=kept_by(talk))
    paying.say("4711")
    paying.say("0")
    assert paying.values["current_state"] == "pay"
    if digression:
        paying.say("when?")
    return paying


@pytest.mark.parametrize("digression", [False, True], ids=["there", "away"])
def test_a_state_whose_sub_machine_has_ended_is_one_like_any_other(digression: bool) -> None:
    talk = after_the_end(digression)
    now = under(patched({"persona": "A pirate"}, OVER), talk.graph.checkpointer)
    now.say("and?")

    assert "definition" in now.record
    assert now.record["path"][-1] == "pay"
