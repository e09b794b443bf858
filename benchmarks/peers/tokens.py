"""Tokens: those of cl100k, where its table is at hand, or four characters for one.

The table comes with LiteLLM, which LLM-FSM brings, so that nothing is fetched. The model writes in these tokens, and
what is written and read is counted in them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.model_process import PIECE, Reply
from benchmarks.peers.conversation import compact
from benchmarks.peers.programs import ENVIRONMENTS

PER_MESSAGE = 3
"""The tokens that a message takes besides its text, as OpenAI counts."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """A way of splitting texts."""

    name: str
    split: Callable[[str], list[str]]

    def count(self, *texts: str) -> int:
        """Count the tokens of some texts."""
        return sum(len(self.split(text)) for text in texts)

    def read(self, body: dict[str, Any]) -> int:
        """Count what a model reads of a request: its messages, its tools and its response format."""
        asked = [body[part] for part in ("tools", "response_format") if body.get(part)]
        messages = sum(PER_MESSAGE + self.count(*_texts(message)) for message in body["messages"])
        return messages + self.count(*map(compact, asked))

    def before(self, replies: list[Reply], message: str, *, streams: bool) -> int:
        """Count what a model writes in a turn before the user sees the first of it.

        Args:
            replies: What it writes, the last of them with the message.
            message: What the user sees.
            streams: Whether that is shown while it is written.
        """
        *earlier, last = ("".join(_texts(reply)) for reply in replies)
        head = last.partition(compact(message)[1:-1])[0] if last != message else ""
        return self.count(*earlier, head if streams else last)

    def pieces(self, reply: Reply) -> Reply:
        """Split what a model writes: a text, or the arguments of calls."""
        if isinstance(reply, str):
            return self.split(reply)
        return [(part[0], self.split("".join(part[1]))) for part in reply]


def at_hand() -> Tokens:
    """Return the tokens of cl100k, or else pieces of four characters."""
    table = next(ENVIRONMENTS.glob("llm_fsm/lib/*/site-packages/litellm/litellm_core_utils/tokenizers"), None)
    if table is None:
        return Tokens("four characters", lambda text: [text[at : at + PIECE] for at in range(0, len(text), PIECE)])

    import tiktoken

    os.environ["TIKTOKEN_CACHE_DIR"] = str(table)
    encoding = tiktoken.get_encoding("cl100k_base")
    return Tokens("cl100k", lambda text: [encoding.decode([token]) for token in encoding.encode(text)])


def _texts(data: Any) -> list[str]:
    match data:
        case str():
            return [data]
        case list() | tuple():
            return [text for item in data for text in _texts(item)]
        case dict():
            return [text for item in data.values() for text in _texts(item)]
        case _:
            return []
