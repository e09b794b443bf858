"""The reasoning that models write into their text: `<think>`, `<thinking>` and `<reasoning>` blocks, in pieces.

    <think>They want a lamp. I could say {"target_state": …} <think>…</think> hm</think>{"target_state": …}

A block ends with the tag that closes the one which opened it; blocks of the same name nest. Some servers write the
opening tag into the prompt, so that only the closing one comes: then all before it was reasoning. That cannot be known
beforehand, so it is remembered of a model (`ReasoningHabit`), and from then on its text is waited for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_TAG = 300
"""How many characters a tag has at most; what is longer is none."""
MAX_KEPT = 10_000
"""How many characters of what is hidden are kept; records are stored with every turn."""

_NAMES = ("thinking", "think", "reasoning")
_ANY = "|".join(_NAMES)
_PREFIXES = "|".join(sorted({name[:end] for name in _NAMES for end in range(1, len(name) + 1)}, key=len, reverse=True))
_VALUE = r"\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>=/]+"
_BEGUN_VALUE = r"\"[^\"<>]*|'[^'<>]*|[^\s\"'<>=/]*"
_ATTRIBUTES = rf"(?:\s+[\w:.-]+\s*=\s*(?:{_VALUE}))*"

TAG = re.compile(rf"<[ \t]*(?P<closing>/?)[ \t]*(?P<name>{_ANY}){_ATTRIBUTES}\s*(?P<empty>/?)>", re.IGNORECASE)
"""A tag that opens or closes a reasoning block."""
TAG_BEGUN = re.compile(
    rf"<[ \t]*(?:/?[ \t]*(?:{_PREFIXES})?"
    rf"|/?[ \t]*(?:{_ANY}){_ATTRIBUTES}(?:\s+(?:[\w:.-]+\s*(?:=\s*(?:{_BEGUN_VALUE})?)?)?)?\s*/?)",
    re.IGNORECASE,
)
"""All that such a tag may begin with, as a whole."""


@dataclass(slots=True)
class ReasoningHabit:
    """How a model marks its reasoning, as far as it was seen."""

    closes_only: bool = False
    """Whether its reasoning begins with its text, without a tag that opens it."""


class Thoughts:
    """The hidden parts of a text, up to a limit."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._left = MAX_KEPT

    def note(self, text: str) -> None:
        """Keep a piece of what was hidden."""
        if text and self._left > 0:
            self._parts.append(text[: self._left])
            self._left -= len(text)

    def end(self) -> None:
        """Say that the piece after this one stood elsewhere."""
        if self._parts and self._parts[-1] != "\n":
            self._parts.append("\n")

    def clear(self) -> None:
        """Forget what was noted."""
        self._parts.clear()
        self._left = MAX_KEPT

    @property
    def text(self) -> str:
        """All that was kept."""
        return "".join(self._parts).strip() + ("…" if self._left < 0 else "")


class ReasoningBlocks:
    """Reads the inside of reasoning blocks.

    Args:
        thoughts: Takes what stands in them.
        is_implied: Whether the text begins within a block that nothing opens.
    """

    def __init__(self, thoughts: Thoughts, *, is_implied: bool = False) -> None:
        self._thoughts = thoughts
        self._open = [_IMPLIED] if is_implied else []
        self._is_at_start = True

    @property
    def is_open(self) -> bool:
        """Whether the text stands within a block."""
        return bool(self._open)

    @property
    def is_implied(self) -> bool:
        """Whether that is the block that nothing has opened."""
        return self._open[:1] == [_IMPLIED]

    def open(self, tag: re.Match[str]) -> None:
        """Begin a block, unless its tag ends it at once."""
        if self.is_implied and self._is_at_start:
            self._open.clear()  # this reply opens its reasoning itself
        if not tag["empty"]:
            self._open.append(tag["name"].lower())

    def skip(self, text: str, at: int, *, is_whole: bool) -> int:
        """Read on inside a block.

        Args:
            text: The text.
            at: A place in it, within a block.
            is_whole: Whether the text has ended.

        Returns:
            Where the block ends, or where something begins that may be a tag when more has come.
        """
        while at < len(text) and self._open:
            start = text.find("<", at)
            end = start if start >= 0 else len(text)
            self._note(text[at:end])
            if start < 0:
                return end
            tag = tag_at(text, start)
            if tag is not None:
                self._take(tag)
                at = tag.end()
            elif not is_whole and may_become_tag(text, start):
                return start
            else:
                self._note("<")
                at = start + 1
        return at

    def _take(self, tag: re.Match[str]) -> None:
        name = tag["name"].lower()
        if not tag["closing"]:
            self.open(tag)
        elif name in self._open:
            del self._open[len(self._open) - 1 - self._open[::-1].index(name) :]
        elif self.is_implied:
            self._open.clear()
        if not self._open:
            self._thoughts.end()

    def _note(self, text: str) -> None:
        self._thoughts.note(text)
        self._is_at_start = self._is_at_start and not text.strip()


_IMPLIED = ""
"""The name of the block that nothing has opened."""


def tag_at(text: str, at: int) -> re.Match[str] | None:
    """Return the tag of a reasoning block that stands at this place."""
    return TAG.match(text, at, at + MAX_TAG)


def may_become_tag(text: str, at: int) -> bool:
    """Say whether what stands here to the end may become such a tag when more has come."""
    return len(text) - at < MAX_TAG and TAG_BEGUN.fullmatch(text, at) is not None
