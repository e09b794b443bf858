"""What is found out when a definition is made ready to run."""

from __future__ import annotations

from typing import Any

import pytest
from machines import FORM

from fsm_langgraph import Handlers, HandlerSetupError, load_definition
from fsm_langgraph.machine import make_machine


@pytest.mark.parametrize("place", ["state", "not_state", "target"])
def test_a_handler_for_a_state_that_there_is_not_is_refused(place: str) -> None:
    handlers, where = Handlers(), dict[str, Any]({place: "ask_nmae"})
    handlers.on("PRE_TRANSITION", name="audit", **where)(lambda _: None)

    with pytest.raises(HandlerSetupError, match=r"handlers\.audit: no state is named 'ask_nmae'") as told:
        make_machine(load_definition(FORM), handlers=handlers)

    assert "Did you mean 'ask_name'?" in str(told.value)


def test_every_state_that_there_is_not_is_told_at_once() -> None:
    handlers = Handlers()
    handlers.on("PRE_TRANSITION", name="a", state="ask_nmae", target="don")(lambda _: None)
    handlers.on("PRE_TRANSITION", name="my b", not_state=["ask_name", "emial"])(lambda _: None)

    with pytest.raises(HandlerSetupError) as told:
        make_machine(load_definition(FORM), handlers=handlers)

    assert [(problem.path, problem.code, problem.message) for problem in told.value.problems] == [
        ("handlers.a", "unknown-state", "no state is named 'ask_nmae'."),
        ("handlers.a", "unknown-state", "no state is named 'don'."),
        ('handlers["my b"]', "unknown-state", "no state is named 'emial'."),
    ]


def test_handlers_are_given_as_one_thing() -> None:
    with pytest.raises(HandlerSetupError, match="Make one of them: Handlers"):
        make_machine(load_definition(FORM), handlers=[])  # type: ignore[arg-type]
