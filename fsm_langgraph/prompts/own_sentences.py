"""The sentences of our own prompts, none of which is a message to a user: small models repeat what they read last."""

from __future__ import annotations

import re
from collections.abc import Sequence

from langchain_core.messages import BaseMessage

from fsm_langgraph.prompts.wording import FIXED_TEXTS, ONCE_MORE, REFUSED, STAND_INS, WORDS_OF_THE_SILENT

REPEATED = "it repeats a sentence of its prompt"
"""The fault of a message that is one of them."""

_FEWEST_WORDS = 3
"""Shorter ones might be said by anybody."""
_SPEAKERS = ("User", "Human", "Assistant", "AI")
"""Whom a model that writes a conversation on lets say it."""
_SENTENCE_END = re.compile(r"(?<=\.)\)?\s+")

OWN_SENTENCES = frozenset(
    sentence
    for text in (*FIXED_TEXTS, *(f"{speaker}: {text}" for speaker in _SPEAKERS for text in STAND_INS))
    for sentence in _SENTENCE_END.split(text.removeprefix("- "))
    if len(sentence.split()) >= _FEWEST_WORDS
)
"""Those that are the same in every prompt."""
_WITH_COMPLAINT = OWN_SENTENCES | {REFUSED, ONCE_MORE}
_COMPLAINT = f"({REFUSED}: "
_WORDS = frozenset(WORDS_OF_THE_SILENT.values())


def own_sentences(prompt: Sequence[BaseMessage]) -> frozenset[str]:
    """Return the sentences that a message may not be; those of a complaint only where there is one."""
    if not prompt:
        return OWN_SENTENCES
    last = prompt[-1].text
    # Words that stand for a silent user come last; then the complaint is before the conversation.
    where = prompt[0].text if last in _WORDS else last
    return _WITH_COMPLAINT if _COMPLAINT in where else OWN_SENTENCES
