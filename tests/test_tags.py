"""The tags of our own prompts, all of which are hidden from users."""

from __future__ import annotations

import re
from pathlib import Path

from fsm_langgraph.prompts.tags import TAGS
from fsm_langgraph.replies.hidden.signs import AROUND_THE_MESSAGE, EVERYDAY

STORED = Path(__file__).parent / "__snapshots__" / "test_prompt.ambr"


def test_no_stored_prompt_has_another_tag() -> None:
    found = set(re.findall(r"^\s*</(\w+)>$", STORED.read_text("utf-8"), re.MULTILINE))
    assert "context" in found
    assert found <= TAGS


def test_those_that_are_read_in_ways_of_their_own_are_among_them() -> None:
    assert (EVERYDAY | AROUND_THE_MESSAGE) < TAGS
    assert not EVERYDAY & AROUND_THE_MESSAGE
