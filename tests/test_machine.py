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

    with pytest.raises(HandlerSetupError, match="handler 'audit': no state is named 'ask_nmae'") as told:
        make_machine(load_definition(FORM), handlers=handlers)

    assert "Did you mean 'ask_name'?" in str(told.value)


def test_handlers_are_given_as_one_thing() -> None:
    with pytest.raises(TypeError, match="make one of them: Handlers"):
        make_machine(load_definition(FORM), handlers=[])  # type: ignore[arg-type]
