"""A prompt once more, with what was wrong with the last reply."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from fsm_langgraph.prompts.own_sentences import REPEATED
from fsm_langgraph.prompts.wording import WORDS_OF_THE_SILENT, complaint


def asked_again(prompt: Sequence[BaseMessage], error: str) -> list[BaseMessage]:
    """Return a prompt with a complaint about the last reply.

    A model that has repeated the words that stand for a silent user would repeat any that come last. So it is given
    others, which may be said to a user, and the complaint stands before the conversation.

    Args:
        prompt: The prompt that was replied to, its system message first.
        error: Why the reply was refused.
    """
    system, *history = prompt
    words = WORDS_OF_THE_SILENT.get(history[-1].text) if history and error == REPEATED else None
    if words is None:
        return [*prompt, HumanMessage(complaint(error))]
    return [SystemMessage(f"{system.text}\n{complaint(error)}"), *history[:-1], HumanMessage(words)]
