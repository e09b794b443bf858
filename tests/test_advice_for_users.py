"""What errors advise those who hold a conversation: nothing that takes a program."""

from __future__ import annotations

import pytest

from fsm_langgraph import FSMError, HandlerError, SizeError, StateError, ToolError, TurnLimit
from fsm_langgraph.errors.advice_for_users import for_users

BAD = ValueError("bad")


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (
            HandlerError("ask", "translate", "PRE_PROCESSING", BAD),
            "the next one is read together with it.\n  Where each",
        ),
        (ToolError("ask", "look", "failed: ValueError: bad"), "the next one is read together with it.\n  Where each"),
        (
            StateError("old", ["ask"]),
            "Restore it, or say where it goes on: under 'migrate', in the definition.",
        ),
        (SizeError("the message", 9, 5, "user_message"), "Nothing was stored; send it shorter."),
        (TurnLimit("a", ["a", "b"]), "Let a state on the way wait for the user."),
    ],
    ids=lambda given: type(given).__name__ if isinstance(given, FSMError) else "",
)
def test_the_advice_takes_no_program(error: FSMError, advice: str) -> None:
    told = for_users(str(error))
    assert advice in told
    assert told.splitlines()[0] == str(error).splitlines()[0]
    for written in ("update_state", "RemoveMessage", "limits=", "max_steps"):
        assert written not in told
