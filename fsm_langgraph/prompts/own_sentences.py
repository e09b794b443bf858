"""The sentences of our own prompts, none of which is a message to a user: small models repeat what they read last."""

from __future__ import annotations

import re
from collections.abc import Sequence

from langchain_core.messages import BaseMessage

from fsm_langgraph.prompts.wording import FIXED_TEXTS, REFUSED

REPEATED = "it repeats a sentence of its prompt"
"""The fault of a message that is one of them."""

_FEWEST_WORDS = 3
"""Shorter ones might be said by anybody."""
_SENTENCE_END = re.compile(r"(?<=\.)\)?\s+")

OWN_SENTENCES = frozenset(
    sentence
    for text in FIXED_TEXTS
    for sentence in _SENTENCE_END.split(text.removeprefix("- "))
    if len(sentence.split()) >= _FEWEST_WORDS
)
"""Those that are the same in every prompt."""
_WITH_COMPLAINT = OWN_SENTENCES | {REFUSED}


def own_sentences(prompt: Sequence[BaseMessage]) -> frozenset[str]:
    """Return the sentences that a message may not be; that of a complaint only where there is one."""
    is_asked_again = bool(prompt) and prompt[-1].text.startswith(f"({REFUSED}")
    return _WITH_COMPLAINT if is_asked_again else OWN_SENTENCES
