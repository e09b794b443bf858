"""A null told where it is asked for is the answer "none", through states, sub-machines and what is stored."""

from __future__ import annotations

from typing import Any

import pytest
from machines import CONFIG, DRIVERS, Talk
from telling import MACHINE, NAMED, edge

from fsm_langgraph import ContextError, Handlers
from fsm_langgraph.context.told import check_told
from fsm_langgraph.context.user_words import UserWords
from fsm_langgraph.definition import FSMDefinition


def asking(**fields: Any) -> dict[str, Any]:
    """Make a machine that asks for allergies, and goes on when the name is known."""
    state = {"required_context_keys": ["name", "allergies"], "transitions": [edge("end", "name")], **fields}
    states = {"start": {"id": "start", **NAMED, **state}, "end": {"id": "end", **NAMED, "transitions": []}}
    return {**MACHINE, "states": states}


def null(key: str) -> dict[str, Any]:
    return {"target_state": "start", "updates": [{"key": key, "value": None}], "message": "Noted."}


def values(talk: Talk) -> dict[str, Any]:
    return dict(talk.graph.get_state(CONFIG).values)


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
