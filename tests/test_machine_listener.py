"""What a conversation covers: each kind of item, in the outermost machine and in one inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from handling import KINDS, Kind, handling
from machines import BRANCH, FORM, SHOP, Talk, machine, reply, state, to

from fsm_langgraph import Event, StuckError, load_definition
from fsm_langgraph.testing.coverage.measured import Measured
from fsm_langgraph.testing.coverage.measuring import Measuring

Script = Sequence[tuple[str, Sequence[Any]]]

ORDER = machine(
    state(
        "basket",
        {
            "target_state": "sure",
            "description": "It is known what to order",
            "conditions": [
                {
                    "description": "A thing, and how many or for how much",
                    "requires_context_keys": ["thing"],
                    "answered_context_keys": ["note"],
                    "logic": {"or": [{">": [{"var": "count"}, 1]}, {"<": [{"var": "price"}, 9]}]},
                }
            ],
        },
        required_context_keys=["thing", "note", "count", "price"],
    ),
    state(
        "sure",
        {
            "target_state": "done",
            "description": "Yes",
            "conditions": [{"description": "yes", "requires_context_keys": ["yes"], "confirms": ["count"]}],
        },
        required_context_keys=["yes"],
    ),
    state("done", say="Ordered."),
)
AT_BASKET = "basket.transitions[0].conditions[0]"
REQUIRES, ANSWERED = "requires_context_keys[0]", "answered_context_keys[0]"
COUNT, PRICE = "logic.or[0]", "logic.or[1]"
AT_SURE = "sure.transitions[0].conditions[0]"


def cover(definition: Any, script: Script, **options: Any) -> Measured:
    """Hold a conversation, each message with the replies to it; return what it has covered."""
    measuring = Measuring()
    measured = measuring.add("m.json", load_definition(definition))
    with measuring.listens():
        talk = Talk(definition, [answer for _, answers in script for answer in answers], **options)
    for text, _ in script:
        talk.say(text)
    return measured


def seen(measured: Measured, kind: str) -> dict[str, set[str]]:
    """Return the outcomes that were seen of a kind, by place."""
    found: dict[str, set[str]] = {}
    for each, place, outcome in measured.seen:
        if each == kind:
            found.setdefault(place, set()).add(outcome)
    return found


@pytest.mark.parametrize(
    ("told", "condition", "comparisons"),
    [
        ({"count": 1}, "false", {REQUIRES: "false", ANSWERED: "false", COUNT: "false", PRICE: "false"}),
        ({"thing": "cup", "note": False, "count": 2}, "true", {REQUIRES: "true", ANSWERED: "true", COUNT: "true"}),
        ({"thing": "cup", "price": 7}, "false", {REQUIRES: "true", ANSWERED: "false", COUNT: "false", PRICE: "true"}),
    ],
    ids=["nothing holds", "all that is looked at holds", "one does not"],
)
def test_a_condition_is_seen_with_all_that_it_compares(
    told: dict[str, Any], condition: str, comparisons: dict[str, str]
) -> None:
    measured = cover(ORDER, [("hi", [reply("basket", **told), "I see."])])

    assert seen(measured, "condition")[AT_BASKET] == {condition}
    found = {place: each for place, each in seen(measured, "comparison").items() if place.startswith(AT_BASKET)}
    assert found == {f"{AT_BASKET}.{below}": {each} for below, each in comparisons.items()}


def test_a_confirmation_is_seen_to_count_or_not() -> None:
    begun = ("two cups", [reply("sure", thing="cup", note=False, count=2)])
    yes, changed = (
        ("yes", [reply("done", None, yes=True)]),
        ("yes, but three", [reply("sure", yes=True, count=3), "Three?"]),
    )

    assert seen(cover(ORDER, [begun, yes]), "comparison")[f"{AT_SURE}.confirms"] == {"true"}
    assert seen(cover(ORDER, [begun, changed]), "comparison")[f"{AT_SURE}.confirms"] == {"false"}


def test_states_transitions_and_words_are_seen_where_the_turn_has_landed() -> None:
    measured = cover(
        ORDER, [("two", [reply("sure", thing="cup", note=False, count=2)]), ("yes", [reply("done", None, yes=True)])]
    )

    assert seen(measured, "state").keys() == {"basket", "sure", "done"}
    assert seen(measured, "transition").keys() == {"basket.transitions[0]", "sure.transitions[0]"}
    assert seen(measured, "words") == {"done": {"said"}}


def test_a_silent_state_on_the_way_is_covered_by_the_context_that_it_saw() -> None:
    measured = cover(BRANCH, [("I am 20", [reply("sort", None, age=20), "Hello!"])])

    assert "sort" in seen(measured, "state")
    assert seen(measured, "condition")["sort.transitions[0].conditions[0]"] == {"true"}
    assert seen(measured, "condition")["sort.transitions[1].conditions[0]"] == {"false"}


def test_of_two_transitions_to_one_state_the_one_that_was_taken_is_seen() -> None:
    twice = machine(
        state("ask", to("end", "x"), to("end", "y"), required_context_keys=["x", "y"]),
        state("end"),
    )

    assert seen(cover(twice, [("y", [reply("end", y=1)])]), "transition") == {"ask.transitions[1]": {"taken"}}


def test_what_a_failed_turn_went_through_does_not_count_and_what_it_judged_does() -> None:
    stuck = machine(
        state("ask", to("mute", "x"), required_context_keys=["x"]), state("mute", to("ask", "never"), silent=True)
    )
    measuring = Measuring()
    measured = measuring.add("m.json", load_definition(stuck))
    with measuring.listens():
        talk = Talk(stuck, [reply("mute", x=1)])

    with pytest.raises(StuckError):
        talk.say("x")

    assert seen(measured, "state") == {}
    assert seen(measured, "condition")["mute.transitions[0].conditions[0]"] == {"false"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_handler_is_seen_at_its_moments_and_in_the_states_that_it_names(kind: Kind) -> None:
    def note(_: Event) -> None:
        return None

    handlers = handling(kind, note, "CONTEXT_UPDATE", "END_CONVERSATION", state=["ask_name", "done"])

    measured = cover(FORM, [("Ann", [reply("ask_email", name="Ann")])], handlers=handlers)

    assert seen(measured, "handler") == {"it at CONTEXT_UPDATE in ask_name": {"ran"}}
    assert {item.place for item in measured.of_kind("handler")} == {
        f"it at {moment} in {name}"
        for moment in ("CONTEXT_UPDATE", "END_CONVERSATION")
        for name in ("ask_name", "done")
    }


def test_a_sub_machine_is_covered_by_its_paths() -> None:
    measured = cover(
        SHOP,
        [
            ("a cup", [reply("payment", None, item="cup"), "Which card?"]),
            ("4711", [reply("code", None, card="4711"), "And its code?"]),
            ("when are you open?", [reply("hours", None), "At nine."]),
            ("12", [reply("paid", None, code="12"), "Thank you!"]),
        ],
    )

    inside = {"payment", "payment/card", "payment/code", "payment/paid"}
    assert seen(measured, "state").keys() == {"cart", *inside, "thanks", "hours"}
    assert seen(measured, "sub-machine") == {"payment": {"entered", "ended"}}
    assert seen(measured, "digression") == {"global_transitions[1]": {"returned"}}
    assert seen(measured, "transition").keys() == {
        "cart.transitions[0]",
        "payment/card.transitions[0]",
        "payment/code.transitions[0]",
        "payment.transitions[0]",
        "global_transitions[1]",
    }


def test_a_machine_whose_definition_was_not_added_is_not_heard() -> None:
    measuring = Measuring()
    measured = measuring.add("m.json", load_definition(FORM))
    with measuring.listens():
        Talk(ORDER, [reply("basket")]).say("hi")

    assert measured.seen == set()
