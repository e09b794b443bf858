"""The signs by which calls of tools that are written as text, and tags of our own prompt, are known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from fsm_langgraph.replies.reasoning import MAX_TAG

CALLS = {
    "<tool_call>": "</tool_call>",
    "<function=": "</function>",
    "<|python_tag|>": "",
    "[TOOL_CALLS]": "",
    "<｜tool▁calls▁begin｜>": "<｜tool▁calls▁end｜>",  # noqa: RUF001 - DeepSeek's own signs
}
"""How models write calls of tools into their text: the beginning, and the end; empty where it is that of the text."""
AROUND_THE_MESSAGE = frozenset({"response", "response_format"})
"""Tags of our own prompt whose inside, where a model writes them, is its message."""
EVERYDAY = frozenset({"context", "example", "keys", "purpose", "targets", "transitions"})
"""Tags of our own prompt that a message may write about: within a line, where no prompt has them, they are content."""


class Signs:
    """The signs by which something hidden is seen to begin."""

    def __init__(self, tags: frozenset[str], *, has_tools: bool) -> None:
        calls = [*CALLS] if has_tools else []
        names = "|".join(map(re.escape, sorted(tags))) or "(?!)"
        told = "|".join(map(re.escape, calls)) or "(?!)"
        within = [*calls, *(f"</{tag}>" for tag in tags), *(f"<{tag}>" for tag in tags - EVERYDAY)]
        self._begun_within = _beginnings(within)
        self._begun = self._begun_within | _beginnings(f"<{tag}>" for tag in tags & EVERYDAY)
        self.any = re.compile(r"[<`{\[]" if has_tools else r"[<`{]")
        """A character with which it begins."""
        self.opening = re.compile(rf"<(?P<closing>/?)(?P<name>{names})>|{told}")
        """The beginning of a call of a tool, or a tag of our own prompt."""

    def may_open(self, text: str, at: int, *, begins_line: bool) -> bool:
        """Say whether what stands here to the end may become such a beginning when more has come."""
        return len(text) - at < MAX_TAG and text[at:] in (self._begun if begins_line else self._begun_within)


def _beginnings(openings: Iterable[str]) -> frozenset[str]:
    return frozenset(opening[:end] for opening in openings for end in range(1, len(opening)))


def is_everyday_tag(text: str) -> bool | None:
    """Say whether a text opens a tag that a message may write about; `None` where it is only the beginning of one."""
    if text in _EVERYDAY_BEGUN:
        return None
    return text[1:-1] in EVERYDAY and text == f"<{text[1:-1]}>"


_EVERYDAY_BEGUN = _beginnings(f"<{tag}>" for tag in EVERYDAY)


@cache
def signs_of(tags: frozenset[str], has_tools: bool) -> Signs:
    """Return the signs for these tags of our own prompt, and those of calls where there are tools."""
    return Signs(tags, has_tools=has_tools)
