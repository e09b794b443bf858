"""An envelope: the JSON object of the other calls, which some models write where only a message is wanted.

    {"target_state": "ask", "updates": [], "message": "Hello!"}   ->  Hello!
    {"message": "Hello!"}                                         ->  Hello!, if it is all that there is
    {"name": "Ann"}, {"target_state": "a", "priority": 1}         ->  content, as they are

It is known by its members: it names a target, and has a message or nothing else than such objects have. The message
streams as soon as that is certain.
"""

from __future__ import annotations

import re
from typing import Literal

from fsm_langgraph.data.reply_members import MESSAGE, REASONING, TARGET, UPDATES
from fsm_langgraph.replies.parser import ReplyParser
from fsm_langgraph.replies.reply import FORM, names_target

MAX_BEGINNING = 200
"""How many characters the beginning of an object has at most, blanks with it, up to the name of its first member."""

Verdict = Literal["open", "message", "empty", "none"]


class Envelope:
    """Reads an object that may be an envelope.

    Args:
        before: The line of a fence that stands before it.
        fence: How many backticks that has; 0 for none.
        is_first: Whether nothing of the message comes before it.
    """

    def __init__(self, before: str, *, fence: int, is_first: bool) -> None:
        self.fence = fence
        self.verdict: Verdict = "open"
        """Whether it is one: its message takes its place, it has none, or it is content."""
        self._is_first = is_first
        self._parser = ReplyParser((TARGET,))
        self._pieces = [before]
        self._object_end = 0
        self._alone = ""
        """The message of an object that is an envelope if nothing comes after it."""

    @staticmethod
    def begins(text: str, at: int, *, is_whole: bool) -> bool | None:
        """Say whether an object begins here, with a first member that an envelope has; `None` if it may."""
        if _BEGINNING.match(text, at) is not None:
            return True
        may_begin = not is_whole and len(text) - at < MAX_BEGINNING and _BEGUN.fullmatch(text, at) is not None
        return None if may_begin else False

    @property
    def text(self) -> str:
        """All that was read, the fence with it."""
        return "".join(self._pieces)

    @property
    def content_length(self) -> int:
        """How much of the text is content for certain: the object, or the brace that begins none."""
        return self._object_end or 1

    @property
    def rest(self) -> str:
        """The text after the object."""
        return self.text[self._object_end :]

    @property
    def reasoning(self) -> str:
        """Its reasons, where it has some."""
        given = {**self._parser.members, **self._parser.late}.get(REASONING)
        return given if isinstance(given, str) else ""

    def feed(self, piece: str) -> str:
        """Take the next piece of the text; return what may be shown of the message."""
        if self.verdict == "message":
            return self._parser.feed(piece)
        self._pieces.append(piece)
        if self._alone:
            self._look_after()
            return ""
        shown = self._parser.feed(piece)
        if self._parser.error is not None:
            # One that is broken is hidden with all that follows, and a message with nothing else is asked for again.
            self.verdict = "message" if names_target(self._parser.members) else "none"
        elif self._parser.is_complete:
            self._object_end = sum(map(len, self._pieces)) - len(self._parser.rest)
            self._judge(shown)
        elif self._parser.head is not None:
            self.verdict = "message"
        return shown if self.verdict == "message" else ""

    def finish(self) -> str:
        """Say that the text has ended; return what may still be shown."""
        if self.verdict != "open":
            return self._parser.finish() if self.verdict == "message" else ""
        self.verdict = "message" if self._alone or names_target(self._parser.members) else "none"
        return self._alone

    def _judge(self, message: str) -> None:
        members = self._parser.members
        has_message, is_pure = self._parser.has_message, members.keys() <= FORM
        if names_target(members) and (has_message or is_pure):
            self.verdict = "message" if message.strip() else "empty"
        elif self._is_first and is_pure and has_message and message.strip():
            self._alone = message
            self._look_after()
        else:
            self.verdict = "none"

    def _look_after(self) -> None:
        after = _CLOSING_FENCE if self.fence else _BLANK
        if after.fullmatch(self.rest) is None:
            self.verdict, self._alone = "none", ""


_FIRST = (TARGET, UPDATES, MESSAGE, REASONING, "transition")
_BEGINNING = re.compile(rf'\s*\{{\s*"(?:{"|".join(_FIRST)})"')
_PREFIXES = sorted({name[:end] for name in _FIRST for end in range(len(name) + 1)}, key=len, reverse=True)
_BEGUN = re.compile(rf'\s*(?:\{{\s*(?:"(?:{"|".join(_PREFIXES)}))?)?')
_BLANK = re.compile(r"\s*")
_CLOSING_FENCE = re.compile(r"\s*`*\s*")
