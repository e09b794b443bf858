"""The context grows up to its limits, and beyond them it only shrinks."""

from __future__ import annotations

from typing import Any

import pytest
from machines import FORM, machine, state, to

from fsm_langgraph import Limits, load_definition
from fsm_langgraph.context.growth import within
from fsm_langgraph.context.writes import Writer
from fsm_langgraph.data.name_signs import MAX_NAME
from fsm_langgraph.data.size_limits import UNLIMITED

OPEN = load_definition(FORM)
CLOSED = load_definition({**FORM, "context": {"name": {}, "email": {}, "log": {"written_by": "handler"}}})
SMALL = Limits(value=20, undeclared_keys=2, context=100)
FULL = {"name": "n" * 18, "a": "a" * 18, "b": "b" * 18}


def sorted_out(
    context: dict[str, Any],
    writes: dict[str, Any],
    limits: Limits = SMALL,
    writer: Writer = "model",
    definition: Any = OPEN,
) -> tuple[list[str], dict[str, str]]:
    """Return the keys that are written, and those that are refused with the kind of the refusal."""
    kept, refused = within(limits, definition, context, writes, writer)
    return [*kept], {each.key: each.kind for each in refused}


@pytest.mark.parametrize(
    ("context", "writes", "kept", "refused"),
    [
        pytest.param({}, {}, [], {}, id="nothing"),
        pytest.param({}, {"name": "Ann", "x": 1}, ["name", "x"], {}, id="little"),
        pytest.param({}, {"name": "n" * 19, "x": 1}, ["x"], {"name": "value"}, id="a value too large"),
        pytest.param({}, {"name": "é" * 10}, [], {"name": "value"}, id="by its bytes"),
        pytest.param({"name": "n" * 90}, {"name": "n" * 90}, ["name"], {}, id="one that is there"),
        pytest.param({"a": 1, "b": 1}, {"c": 1, "email": 1}, ["email"], {"c": "key"}, id="a key too many"),
        pytest.param({"a": 1, "b": 1}, {"a": None, "c": 1}, ["a", "c"], {}, id="a key in place of another"),
        pytest.param({"a": 1, "b": 1, "c": 1}, {"a": 2, "b": None}, ["a", "b"], {}, id="over, changed and removed"),
        pytest.param({}, {"k" * (MAX_NAME + 1): 1}, [], {"k" * MAX_NAME + "…": "key"}, id="a name too long"),
        pytest.param(FULL, {"email": "e" * 18}, [], {"email": "value"}, id="no room"),
        pytest.param(FULL, {"name": "n" * 9, "email": "e" * 9}, ["name", "email"], {}, id="room that was made"),
        pytest.param({**FULL, "email": "e" * 90}, {"email": "e"}, ["email"], {}, id="over, and smaller"),
        pytest.param({"a": "a" * 18}, {"b": "b" * 18}, ["b"], {}, id="half the room for what is not named"),
        pytest.param({"a": "a" * 18, "b": "b"}, {"b": "b" * 18}, ["b"], {}, id="just half"),
    ],
)
def test_writes_are_sorted(context: Any, writes: Any, kept: list[str], refused: dict[str, str]) -> None:
    assert sorted_out(context, writes) == (kept, refused)


def test_what_is_not_named_fills_half_of_the_room() -> None:
    limits = Limits(value=40, undeclared_keys=None, context=100)

    assert sorted_out({"a": "a" * 30}, {"b": "b" * 30}, limits) == ([], {"b": "value"})
    assert sorted_out({"a": "a" * 30}, {"name": "n" * 30}, limits) == (["name"], {})


def test_handlers_may_make_up_keys() -> None:
    assert sorted_out({"a": 1, "b": 1}, {"c": 1, "d": 2}, writer="handler") == (["c", "d"], {})
    assert sorted_out({"a": 1, "b": 1}, {"c": 1}, writer="caller") == ([], {"c": "key"})


def test_declared_keys_are_named() -> None:
    assert sorted_out({"name": 1, "email": 1}, {"log": 1}, definition=CLOSED) == (["log"], {})


def test_an_answer_none_takes_room_and_what_is_removed_does_not() -> None:
    full = {"a": 1, "b": 1}

    assert within(SMALL, OPEN, full, {"c": None, "a": None}, "model")[0] == {"c": None, "a": None}
    assert within(SMALL, OPEN, full, {"c": None}, "model", none={"c"})[0] == {}


def test_without_limits_only_a_name_is_refused() -> None:
    assert sorted_out(FULL, {"x": "x" * 10**6, "y" * 300: 1}, UNLIMITED) == (["x"], {"y" * MAX_NAME + "…": "key"})


def test_named_are_the_keys_that_a_definition_speaks_of() -> None:
    inner = machine(state("p", to("q", "inside")), state("q"))
    definition = load_definition(
        machine(
            state("a", to("b", "read"), to("c", logic={"var": "path.of"}), required_context_keys=["asked"]),
            state("b", to("a"), subflow="sub", inputs={"inside": "given"}, outputs={"inside": "back"}),
            state("c", optional_context_keys=["more"]),
            subflows={"sub": inner},
            global_transitions=[to("c", "watched")],
        )
    )

    assert definition.named_keys == {"read", "path", "asked", "given", "back", "more", "watched"}
