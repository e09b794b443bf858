"""A reply is offered a bounded number of keys: the state's own first, and the nearest after them."""

from __future__ import annotations

from random_definitions import definition

from fsm_langgraph.context.offered_keys import MAX_ENTRIES, MAX_OFFERED, entry_keys, may_be_told, offered_keys


def to(target: str, *required: str) -> dict[str, object]:
    condition = {"description": "c", "requires_context_keys": [*required]}
    return {"target_state": target, "description": "d", "conditions": [condition] if required else []}


def test_own_keys_come_first_then_those_asked_about_then_those_ahead_and_then_the_rest() -> None:
    machine = definition(
        {key: {} for key in ("other", "far", "near", "vip", "name")},
        start={"required_context_keys": ["name"], "transitions": [to("next", "vip")]},
        next={"required_context_keys": ["near"], "transitions": [to("end")]},
        end={"required_context_keys": ["far"]},
    )

    assert offered_keys(machine, machine.states["start"]) == ("name", "vip", "near", "far", "other")


def test_only_keys_that_a_model_may_write_are_offered() -> None:
    machine = definition(
        {"score": {"written_by": "handler"}, "name": {}},
        start={"transitions": [to("end", "score", "name")]},
        end={},
    )

    assert offered_keys(machine, machine.states["start"]) == ("name",)


def test_where_nothing_is_declared_no_key_of_the_states_ahead_is_offered() -> None:
    machine = definition(
        start={"required_context_keys": ["name"], "transitions": [to("end", "vip")]},
        end={"required_context_keys": ["far"]},
    )

    assert offered_keys(machine, machine.states["start"]) == ("name", "vip")


def test_however_many_keys_there_are_a_bounded_number_is_offered_and_has_entries() -> None:
    names = [f"k{number}" for number in range(MAX_OFFERED + 1)]
    machine = definition({name: {"type": "string"} for name in names}, start={"required_context_keys": ["k9"]})

    assert len(offered_keys(machine, machine.states["start"])) == MAX_OFFERED
    assert entry_keys(machine, machine.states["start"]) == ("k9", *[n for n in names if n != "k9"][: MAX_ENTRIES - 1])


def test_with_known_keys_only_no_key_of_another_state_is_offered() -> None:
    machine = definition(
        {key: {} for key in ("other", "near", "vip", "name")},
        start={"required_context_keys": ["name"], "transitions": [to("next", "vip")]},
        next={"required_context_keys": ["near"], "transitions": [to("end")]},
        end={},
    ).model_copy(update={"other_keys": "known"})
    start = machine.states["start"]

    assert offered_keys(machine, start) == ("name", "vip")
    assert [key for key in ("name", "vip", "near", "other") if may_be_told(machine, start, key, {"near"})] == [
        "name",
        "vip",
        "near",
    ]
