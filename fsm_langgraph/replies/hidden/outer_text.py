"""The text outside of all that is hidden: it goes on to the user, up to a sign that something hidden may begin."""

from __future__ import annotations

import re

from fsm_langgraph.replies.hidden.envelope import Envelope
from fsm_langgraph.replies.hidden.fences import FENCE, FENCE_BEGUN, WRAPPING
from fsm_langgraph.replies.hidden.passages import TICKS, HiddenBlock, ReasoningPassage, WrittenTag, begin_code
from fsm_langgraph.replies.hidden.passing_text import Passage, PassingText
from fsm_langgraph.replies.hidden.signs import AROUND_THE_MESSAGE, CALLS, EVERYDAY, Signs
from fsm_langgraph.replies.hidden.wrapped_message import EnvelopePassage, FencePassage, MakeReader
from fsm_langgraph.replies.reasoning import (
    MAX_TAG,
    ReasoningBlocks,
    ReasoningHabit,
    Thoughts,
    may_become_tag,
    tag_at,
)

MAX_OBJECTS = 50
"""How many objects are looked at that might have been an envelope; what begins after these is content."""
MAX_LINE = 2000
"""How far a backtick may be from the one that makes code of what is between them."""


class OuterText:
    """Gives out the text, and finds where something hidden begins.

    Args:
        signs: The signs of tools' calls and of our prompt's tags.
        habit: How the model marks its reasoning; what is seen of it is noted there.
        thoughts: Takes what is hidden.
        make_reader: Makes the reader of a message that stands in something around it.
    """

    def __init__(self, signs: Signs, habit: ReasoningHabit, thoughts: Thoughts, make_reader: MakeReader) -> None:
        self._signs, self._habit, self._thoughts, self._make_reader = signs, habit, thoughts, make_reader
        self._written_of = set[str]()
        """The tags of our own prompt that stand within a line of the message, which is about them."""
        self._objects = 0

    def read(self, text: PassingText) -> Passage | None:
        """Read on up to the next sign, and look at what begins there."""
        if text.at >= len(text.text):
            return None
        sign = self._signs.any.search(text.text, text.at)
        text.give_to(sign.start() if sign is not None else len(text.text))
        if sign is None:
            return None
        if sign[0] == "`":
            return self._at_backticks(text)
        if text.in_span and text.last == "`" and (is_code := _is_code(text)) is not False:
            return self if is_code else None
        return self._at_brace(text) if sign[0] == "{" else self._at_tag(text)

    def _at_tag(self, text: PassingText) -> Passage | None:
        whole, at = text.text, text.at
        if (tag := tag_at(whole, at)) is not None:
            text.at = tag.end()
            if tag["closing"]:
                self._close_reasoning(text)
                return self
            blocks = ReasoningBlocks(self._thoughts)
            blocks.open(tag)
            return ReasoningPassage(blocks, self._thoughts, self) if blocks.is_open else self
        begins_line = not text.has_begun or text.last in ("", "\n")
        if (opening := self._signs.opening.match(whole, at)) is not None:
            return self._at_opening(text, opening, begins_line=begins_line)
        if not text.is_whole and (
            may_become_tag(whole, at) or self._signs.may_open(whole, at, begins_line=begins_line)
        ):
            return None
        text.give_to(at + 1)
        return WrittenTag(self._written_of, self)

    def _at_opening(self, text: PassingText, opening: re.Match[str], *, begins_line: bool) -> Passage:
        """Stand at a call of a tool, or at a tag of our own prompt."""
        name = opening["name"]
        if name in EVERYDAY and (name in self._written_of if opening["closing"] else not begins_line):
            self._written_of.add(name)
            text.give_to(opening.end())
            return self
        text.at = opening.end()
        if name is None:
            return HiddenBlock(CALLS[opening[0]], self._thoughts, self)
        if opening["closing"] or name in AROUND_THE_MESSAGE:
            return self
        return HiddenBlock(f"</{name}>", self._thoughts, self)

    def _close_reasoning(self, text: PassingText) -> None:
        """Take a tag that closes what nothing has opened: all before it was reasoning."""
        self._habit.closes_only = True
        self._thoughts.note("".join(text.given))
        self._thoughts.end()
        text.given.clear()
        text.has_begun, text.in_span = text.has_shown, False

    def _at_backticks(self, text: PassingText) -> Passage | None:
        whole, at = text.text, text.at
        run = TICKS.match(whole, at)
        length = len(run[0]) if run is not None else 0
        if at + length == len(whole) and length < MAX_TAG and not text.is_whole:
            return None
        if length < 3:
            is_closing = text.in_span
            text.give_to(at + length)
            text.in_span, text.last = not is_closing, "" if is_closing else "`"
            return self
        fence = FENCE.match(whole, at)
        if fence is None:
            if not text.is_whole and len(whole) - at < MAX_TAG and FENCE_BEGUN.fullmatch(whole, at) is not None:
                return None
            return begin_code(text, length, self)
        if fence["info"].lower() not in WRAPPING:
            return begin_code(text, length, self)
        begins = self._begins_envelope(text, fence.end())
        if begins is None:
            return None
        if begins:
            return self._begin_envelope(text, fence.end(), fence=length)
        if text.has_begun or fence["info"].lower() == "json":
            return begin_code(text, length, self)
        return FencePassage(self._make_reader, self)

    def _at_brace(self, text: PassingText) -> Passage | None:
        begins = self._begins_envelope(text, text.at)
        if begins is None:
            return None
        if begins:
            return self._begin_envelope(text, text.at)
        text.give_to(text.at + 1)
        return self

    def _begins_envelope(self, text: PassingText, at: int) -> bool | None:
        """Say whether what stands here may be an envelope; `None` where more has to come."""
        return self._objects < MAX_OBJECTS and Envelope.begins(text.text, at, is_whole=text.is_whole)

    def _begin_envelope(self, text: PassingText, start: int, *, fence: int = 0) -> Passage:
        before, text.at = text.text[text.at : start], start
        self._objects += 1
        envelope = Envelope(before, fence=fence, is_first=not text.has_begun)
        return EnvelopePassage(envelope, self._thoughts, self._make_reader, self)


def _is_code(text: PassingText) -> bool | None:
    """Give out what is code within the line; return whether it was, or `None` where more has to come."""
    end = _LINE_OR_TICK.search(text.text, text.at, text.at + MAX_LINE)
    if end is not None and end[0] == "`":
        text.give_to(end.start())
        return True
    is_over = end is not None or text.is_whole or len(text.text) - text.at >= MAX_LINE
    return False if is_over else None


_LINE_OR_TICK = re.compile(r"[`\n]")
