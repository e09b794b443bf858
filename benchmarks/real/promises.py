"""The hard promises, held against one turn with a real model: what they are broken by is told in a sentence each.

They hold whatever a model writes, be it as small as it likes. How far it gets is no promise, and counted elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fsm_langgraph.errors import TurnError
from fsm_langgraph.prompts import wording
from fsm_langgraph.prompts.tags import TAGS

Stored = Mapping[str, Any]
"""The stored state of a conversation."""


def broken(before: Stored, after: Stored, shown: Mapping[str, str], error: Exception | None) -> Iterator[str]:
    """Tell which promises a turn broke.

    Args:
        before: What was stored before it, with what the caller gave.
        after: What is stored now.
        shown: What the user was shown, by the ids of the messages.
        error: What the turn ended with, where it failed.
    """
    for text in shown.values():
        yield from hidden_in(text)
    if error is None:
        yield from _not_stored(before, after, shown)
        yield from _not_counted(after)
    elif not isinstance(error, TurnError):
        yield f"{type(error).__name__} is no error of ours: {error}"
    else:
        for name in ("current_state", "context", "last_turn"):
            if (before.get(name) or None) != (after.get(name) or None):
                yield f"a failed turn has changed {name}: {before.get(name)} is {after.get(name)}"
        if sorted(error.shown) != sorted(filter(None, shown.values())):
            yield f"the error tells that {error.shown} was shown, and it was {tuple(shown.values())}"


def hidden_in(text: str) -> Iterator[str]:
    """Tell what a message has in it that is not meant for a user."""
    if found := _HIDDEN.search(text):
        yield f"{found[0]!r} was shown"
    said = " ".join(text.split())
    yield from (f"our own sentence {sentence!r} was shown" for sentence in _OURS if sentence in said)


def _not_stored(before: Stored, after: Stored, shown: Mapping[str, str]) -> Iterator[str]:
    known = {message.id for message in before.get("messages", [])}
    new = {
        message.id: message.text for message in after["messages"] if message.type == "ai" and message.id not in known
    }
    if {key: text for key, text in shown.items() if text} != new:
        yield f"{list(shown.values())} was shown, and {list(new.values())} is stored"


def _not_counted(after: Stored) -> Iterator[str]:
    record = after["last_turn"]
    calls = [] if record["said"] else record["model_calls"]  # the machine has said something in its own words
    if calls and not calls[-1]["replayed"] and not (calls[-1]["input_tokens"] and calls[-1]["output_tokens"]):
        yield "the tokens of the call that wrote the message are not counted"


def _own_sentences() -> list[str]:
    """List the sentences of our prompts that are no common phrases, and what stands for a silent user."""
    texts = [text for name, text in vars(wording).items() if isinstance(text, str) and not name.startswith("__")]
    sentences = [each for text in (*texts, *wording.TASKS.values()) for each in re.split(r"(?<=[.:;])\s", text)]
    stand_ins = [text for text in texts if text.startswith("(")]
    found = (each.strip("() -") for each in (*stand_ins, *(each for each in sentences if len(each) > _COMMON)))
    return sorted({*found})


_COMMON = 30
"""How long a sentence of ours may be that a model writes of its own accord."""
_HIDDEN = re.compile(
    rf"</?(?:{'|'.join(sorted(TAGS))}|think|thinking|reasoning|tool_call)>|\"(?:target_state|updates)\"\s*:|\A\s*```"
)
_OURS = _own_sentences()
