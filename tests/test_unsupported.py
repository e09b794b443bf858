"""Nothing that nobody said is stored in a closed machine with grounded keys, and nearly all that was said is."""

from __future__ import annotations

import pytest

from benchmarks.unsupported.playing import SAID, Reply, definition, play, replies

MACHINE = definition()
REPLIES = [*replies()]
HARD = "the day before Christmas"
"""A date that stands in none of the user's words: a grounded key does not take it."""


def test_there_are_sixty_values_that_nobody_said_and_twenty_that_the_user_did() -> None:
    told = {
        is_said: sum(len(each.told) for each in REPLIES if (each.kind == SAID) is is_said) for is_said in (False, True)
    }

    assert told == {False: 60, True: 20}


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: f"{reply.kind}: {reply.told}")
def test_what_was_said_is_stored_and_nothing_else(reply: Reply) -> None:
    outcome = play(MACHINE, reply)

    expected = len(reply.told) if reply.kind == SAID and reply.said != HARD else 0
    assert outcome.stored == expected
    assert not outcome.has_moved or expected


def test_without_grounded_keys_what_was_made_up_is_stored() -> None:
    trusting = definition(is_grounded=False)

    assert sum(play(trusting, each).stored for each in REPLIES if each.kind == "made up") == 13
