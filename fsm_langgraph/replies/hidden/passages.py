"""The passages of a message besides its plain text: reasoning, hidden blocks, code, and tags that it writes about."""

from __future__ import annotations

import re

from fsm_langgraph.replies.hidden.passing_text import Passage, PassingText
from fsm_langgraph.replies.hidden.signs import is_everyday_tag
from fsm_langgraph.replies.reasoning import ReasoningBlocks, Thoughts

TICKS = re.compile("`+")


class ReasoningPassage:
    """Hides reasoning.

    Args:
        blocks: The blocks that are open.
        thoughts: Takes what stands in them.
        outside: The passage that follows.
    """

    def __init__(self, blocks: ReasoningBlocks, thoughts: Thoughts, outside: Passage) -> None:
        self._blocks, self._thoughts, self._outside = blocks, thoughts, outside
        self._waited: list[str] = []
        """The text of a block that nothing has opened: it is none where nothing closes it."""

    def read(self, text: PassingText) -> Passage | None:
        """Read on up to the tag that closes the last block."""
        blocks, start = self._blocks, text.at
        if blocks.is_implied and text.is_whole:
            # Nothing has closed it, so there was none.
            self._thoughts.clear()
            text.go_back_to("".join(self._waited) + text.text[start:])
            return self._outside
        text.at = blocks.skip(text.text, start, is_whole=text.is_whole)
        if blocks.is_implied:
            self._waited.append(text.text[start : text.at])
        return None if blocks.is_open else self._outside


class HiddenBlock:
    """Hides all up to a certain end, or to that of the text.

    Args:
        end: The end; empty where it is that of the text.
        thoughts: Takes what is hidden.
        outside: The passage that follows.
    """

    def __init__(self, end: str, thoughts: Thoughts, outside: Passage) -> None:
        self._end, self._thoughts, self._outside = end, thoughts, outside

    def read(self, text: PassingText) -> Passage | None:
        """Read on up to the end."""
        found = text.text.find(self._end, text.at) if self._end else -1
        if found >= 0:
            self._thoughts.note(text.text[text.at : found])
            self._thoughts.end()
            text.at = found + len(self._end)
            return self._outside
        end = len(text.text) - (0 if text.is_whole else _overlap(text.text[text.at :], self._end))
        self._thoughts.note(text.text[text.at : end])
        text.at = end
        return None


def _overlap(text: str, end: str) -> int:
    """Return how many characters at the end of a text may be the beginning of another."""
    return next((length for length in range(len(end) - 1, 0, -1) if text.endswith(end[:length])), 0)


def begin_code(text: PassingText, length: int, outside: Passage) -> Passage:
    """Give out the fence that opens a block of code; return the passage in it.

    Args:
        text: The text, where the fence stands.
        length: How many backticks the fence has.
        outside: The passage that follows.
    """
    text.in_span = False
    text.give_to(text.at + length)
    return CodeBlock(length, outside)


class CodeBlock:
    """Gives out a block of code up to the fence that closes it, whatever stands in it.

    Args:
        fence: How many backticks the fence has that opens it.
        outside: The passage that follows.
    """

    def __init__(self, fence: int, outside: Passage) -> None:
        self._fence, self._outside = fence, outside
        self._run = 0
        """How many backticks were given out last."""

    def read(self, text: PassingText) -> Passage | None:
        """Read on up to the fence."""
        whole, at = text.text, text.at
        if at >= len(whole):
            return None
        if self._run and whole[at] != "`":
            has_ended, self._run = self._run >= self._fence, 0
            if has_ended:
                text.last = ""
                return self._outside
        ticks = TICKS.search(whole, at)
        if ticks is None:
            text.give_to(len(whole))
            return None
        self._run = len(ticks[0]) + (self._run if ticks.start() == at else 0)
        text.give_to(ticks.end())
        return self


class WrittenTag:
    """Gives out a tag that the message may be about, whose `<` was given out.

    Args:
        written_of: Takes the name of the tag, if it is one of those of our own prompt that people write too.
        outside: The passage that follows.
    """

    def __init__(self, written_of: set[str], outside: Passage) -> None:
        self._written_of, self._outside = written_of, outside
        self._tag = "<"

    def read(self, text: PassingText) -> Passage | None:
        """Read on up to the end of the tag, or to where it shows to be none."""
        while text.at < len(text.text):
            self._tag += text.text[text.at]
            is_tag = is_everyday_tag(self._tag)
            if is_tag is False:
                return self._outside
            text.give_to(text.at + 1)
            if is_tag:
                self._written_of.add(self._tag[1:-1])
                return self._outside
        return None
