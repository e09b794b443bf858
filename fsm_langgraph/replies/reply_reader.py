"""The reply in a model's text: the object that is decided on, told apart from what stands around it.

    {"target_state": …                              decided on while it streams
    ```json                                         so is the object in a fence
    <think>or {"target_state": …</think>{"target…   and one after closed reasoning
    Perhaps {"target_state": …} or {"target_sta…    at the end: the last complete object with a target

A draft in the thoughts looks like a reply. So behind anything else nothing is decided before the text has ended, and
reasoning that does not end makes the reply a bad one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

from fsm_langgraph.data.reply_members import TARGET
from fsm_langgraph.data.surrogates import mended
from fsm_langgraph.replies.parser import ReplyParser
from fsm_langgraph.replies.reasoning import ReasoningBlocks, ReasoningHabit, Thoughts, may_become_tag, tag_at
from fsm_langgraph.replies.reply import names_target

MAX_OBJECTS = 1000
"""How many beginnings of an object are tried in a text that is read at its end."""


class ReplyReader(ReplyParser):
    """Reads the reply in a streamed text.

    Args:
        expected: The members that have to be seen before the message may be let through.
        habit: How the model marks its reasoning in replies; what is seen of it is noted there.
    """

    def __init__(self, expected: Collection[str], habit: ReasoningHabit | None = None) -> None:
        super().__init__(expected)
        self.thoughts = Thoughts()
        """The reasoning that stood around the object."""
        self._habit = habit if habit is not None else ReasoningHabit()
        self._held = ""
        self._blocks = ReasoningBlocks(self.thoughts, is_implied=self._habit.closes_only)
        self._waited: list[str] = []
        """The text of a block that nothing has opened: it is none where nothing closes it."""
        self._rest: list[str] | None = None
        """The text that is read at its end, once something else than the object came first."""
        self._without_target: tuple[dict[str, Any], str] | None = None
        """The first object and its message, where it names no target."""

    def anew(self) -> ReplyReader:
        """Return another reader for the same reply, which begins elsewhere."""
        reader = ReplyReader(self._expected, self._habit)
        reader.thoughts = self.thoughts
        return reader

    def finish(self) -> str:
        """Say that the text has ended; return what may be shown now."""
        if self.error is not None or (self.has_begun and self._rest is None):
            return super().finish()
        if self._blocks.is_implied:
            return self._adopt(ReplyReader(self._expected), "".join(self._waited))
        found = self._last_object("".join(self._rest or ()))
        if self._blocks.is_open or self.error is not None:
            self.error = _OPEN_REASONING
        elif found is not None and (found[1] or self._without_target is None):
            return self._adopt(ReplyParser(self._expected), found[0])
        elif self._without_target is not None:
            self.head, message = self._without_target
            return message
        return super().finish()

    def _end_object(self) -> None:
        # An object that names no target is no reply, unless nothing better comes.
        if self.head is not None or TARGET not in self._expected or names_target(self._members):
            super()._end_object()
        else:
            self._without_target, self._rest = (self._members, mended("".join(self._message))), []
            self._message.clear()

    def _after(self, text: str) -> None:
        if self._rest is not None:
            self._rest.append(text)
        else:
            super()._after(text)

    def _before(self, piece: str) -> str:
        if self._rest is not None:
            self._rest.append(piece)
            return ""
        if self._blocks.is_implied:
            self._waited.append(piece)
        text, at = self._held + piece, 0
        while True:
            at = self._blocks.skip(text, at, is_whole=False)
            start = _BEFORE.match(text, at)
            at = start.end() if start is not None and not self._blocks.is_open else at
            if self._blocks.is_open or _BEGUN.fullmatch(text, at) is not None or may_become_tag(text, at):
                self._held = text[at:]
                return ""
            tag = tag_at(text, at)
            if tag is None or tag["closing"]:
                break
            self._blocks.open(tag)
            at = tag.end()
        self._held = ""
        if _OBJECT.match(text, at) is None:
            self._rest = [text[at:]]
            return ""
        return text[at:]

    def _last_object(self, text: str) -> tuple[str, bool] | None:
        """Return the last complete object, and whether it names a target; one that does goes before one that does not.

        Objects in reasoning do not count, and what comes before a tag that only closes reasoning was reasoning.
        """
        found: tuple[str, bool] | None = None
        at, tries, blocks = 0, 0, ReasoningBlocks(self.thoughts)
        while (sign := _SIGN.search(text, at)) is not None:
            start = at = sign.start()
            tag = tag_at(text, at)
            if tag is not None and tag["closing"]:
                self._habit.closes_only, found = True, None
                self.thoughts.note(text[:start])
                at = tag.end()
            elif tag is not None:
                blocks.open(tag)
                at = blocks.skip(text, tag.end(), is_whole=True)
            elif text[at] == "{" and tries < MAX_OBJECTS:
                tries += 1
                value, at = _read_object(text, at)
                if isinstance(value, dict) and (names_target(value) or found is None or not found[1]):
                    found = (text[start:at], names_target(value))
            else:
                at += 1
        self.error = _OPEN_REASONING if blocks.is_open else self.error
        return found

    def _adopt(self, parser: ReplyParser, text: str) -> str:
        """Take over all that another parser makes of a text."""
        shown = parser.feed(text) + parser.finish()
        self.head, self.late, self.error = parser.head, parser.late, parser.error
        self._position = parser._position
        if isinstance(parser, ReplyReader):
            self.thoughts = parser.thoughts
            self._habit.closes_only |= parser._habit.closes_only
        return shown


_OPEN_REASONING = "its reasoning does not end"
_BEFORE = re.compile(r"[\s\ufeff]*(?:`{3,}[ \t]*\w*\s*(?=\{))?")
_BEGUN = re.compile(r"(?:`+(?:[ \t]*\w*\s*))?(?:\{\s*)?")
"""All that may stand before the object, where more has to come to tell what it is."""
_OBJECT = re.compile(r"\{\s*[\"}]")
_SIGN = re.compile(r"<|\{(?=\s*[\"}])")
_DECODER = json.JSONDecoder(strict=False)


def _read_object(text: str, at: int) -> tuple[Any, int]:
    """Read the object that begins here; return it and where it ends, or nothing and the next place."""
    try:
        return _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None, at + 1
