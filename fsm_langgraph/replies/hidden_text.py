"""Hidden text: the parts of a model's message that are not meant for the user, taken out while it streams.

    <think>…</think>            reasoning, with `<thinking>` and `<reasoning>`; a tag that only closes it, too
    <tool_call>…</tool_call>    calls of tools written as text, where there are tools
    <this_turn>…</this_turn>    what stands in tags of our own prompt; one that people write too begins a line
    {"target_state": …}         the form of the other calls: its message takes its place
    ```                         a fence around the whole message

All else is content: blocks of code and what stands in them, tags of others, JSON. Text is held only while it may be the
beginning of something hidden, and a piece without a sign of anything goes through untouched.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from fsm_langgraph.replies.envelope import Envelope
from fsm_langgraph.replies.fences import FENCE, FENCE_BEGUN, WRAPPING, FencedMessage
from fsm_langgraph.replies.reasoning import (
    MAX_TAG,
    ReasoningBlocks,
    ReasoningHabit,
    Thoughts,
    may_become_tag,
    tag_at,
)
from fsm_langgraph.replies.signs import AROUND_THE_MESSAGE, CALLS, EVERYDAY, is_everyday_tag, signs_of

MAX_OBJECTS = 50
"""How many objects are looked at that might have been an envelope; what begins after these is content."""
MAX_LINE = 2000
"""How far a backtick may be from the one that makes code of what is between them."""


class HiddenText:
    """Takes out of a text that comes in pieces what is not meant for the user.

    Args:
        habit: How the model marks its reasoning in messages; what is seen of it is noted there.
        tags: The names of the tags of our own prompt.
        has_tools: Whether the text may have calls of tools in it.
        thoughts: Takes what is hidden.
    """

    def __init__(
        self,
        habit: ReasoningHabit | None = None,
        *,
        tags: frozenset[str] = frozenset(),
        has_tools: bool = False,
        thoughts: Thoughts | None = None,
    ) -> None:
        self.thoughts = thoughts if thoughts is not None else Thoughts()
        """The hidden parts, in the order in which they came."""
        self._habit = habit if habit is not None else ReasoningHabit()
        self._tags, self._has_tools = tags, has_tools
        self._signs = signs_of(self._tags, has_tools)
        self._blocks = ReasoningBlocks(self.thoughts, is_implied=self._habit.closes_only)
        self._waited: list[str] = []
        """The text of a block that nothing has opened: it is none where nothing closes it."""
        self._step: Callable[[HiddenText], bool] = (
            HiddenText._in_reasoning if self._habit.closes_only else HiddenText._in_text
        )
        """Reads on in what the text stands in; returns whether it has got anywhere. No bound method, as a circle of
        references would keep all this until the garbage collector comes."""
        self._text, self._at, self._is_whole = "", 0, False
        self._done: list[str] = []
        self._has_begun = self._has_shown = False
        """Whether something of the message was read, and given out with an earlier piece."""
        self._is_plain = False
        """Whether a piece without a sign can go through as it is."""
        self._last = ""
        """The last character that was given out."""
        self._written_of = set[str]()
        """The tags of our own prompt that stand within a line of the message, which is about them."""
        self._tag = ""
        """The beginning of what may be one of these."""
        self._in_span = False
        """Whether a backtick in this line may have begun a span of code."""
        self._fence = self._run = 0
        self._end = ""
        self._envelope: Envelope | None = None
        self._objects = 0
        self._fenced: FencedMessage | None = None
        self._inner: HiddenText | None = None

    def feed(self, piece: str) -> str:
        """Take the next piece of the text; return what of it is certainly meant for the user."""
        if self._is_plain and "<" not in piece and "`" not in piece and "{" not in piece and "[" not in piece:
            self._last = piece[-1:] or self._last
            return piece
        return self._read(piece)

    def finish(self) -> str:
        """Say that the text has ended; return what was held of it."""
        self._is_whole = True
        return self._read("")

    def break_off(self) -> str:
        """Say that the text was cut; return what was held of it, but for what may have been reasoning."""
        return "" if self._step is HiddenText._in_reasoning else self.finish()

    def fill(self, text: str) -> str:
        """Return what of a whole text is meant for the user."""
        return self.feed(text) + self.finish()

    def _read(self, piece: str) -> str:
        self._text, self._at = self._text[self._at :] + piece, 0
        while (self._at < len(self._text) or self._is_whole) and self._step(self):
            pass
        is_read = self._at >= len(self._text)
        self._is_plain = self._has_begun and is_read and not self._in_span and self._step is HiddenText._in_text
        self._has_shown = self._has_begun
        shown = "".join(self._done)
        self._done.clear()
        return shown

    def _give(self, text: str) -> None:
        if not text:
            return
        self._done.append(text)
        self._last = text[-1]
        self._in_span = self._in_span and "\n" not in text
        self._has_begun = self._has_begun or not text.isspace()

    def _give_to(self, end: int) -> None:
        self._give(self._text[self._at : end])
        self._at = end

    # What the text may stand in. Each returns False where more has to come, or nothing is left to do.

    def _in_text(self) -> bool:
        if self._at >= len(self._text):
            return False
        sign = self._signs.any.search(self._text, self._at)
        self._give_to(sign.start() if sign is not None else len(self._text))
        if sign is None:
            return False
        if sign[0] == "`":
            return self._at_backticks()
        if self._in_span and self._last == "`" and (is_code := self._is_code()) is not False:
            return bool(is_code)
        return self._at_brace(self._at) if sign[0] == "{" else self._at_tag()

    def _in_reasoning(self) -> bool:
        blocks, start = self._blocks, self._at
        if blocks.is_implied and self._is_whole:
            # Nothing has closed it, so there was none.
            self._blocks, self._step = ReasoningBlocks(self.thoughts), HiddenText._in_text
            self.thoughts.clear()
            self._text, self._at = "".join(self._waited) + self._text[self._at :], 0
            return True
        self._at = blocks.skip(self._text, start, is_whole=self._is_whole)
        if blocks.is_implied:
            self._waited.append(self._text[start : self._at])
        if blocks.is_open:
            return False
        self._waited.clear()
        self._step = HiddenText._in_text
        return True

    def _in_block(self) -> bool:
        """Read what is hidden up to a certain end, or to that of the text."""
        found = self._text.find(self._end, self._at) if self._end else -1
        if found >= 0:
            end, after = found, found + len(self._end)
        else:
            held = 0 if self._is_whole else _overlap(self._text[self._at :], self._end)
            end = after = len(self._text) - held
        self.thoughts.note(self._text[self._at : end])
        self._at = after
        if found >= 0:
            self.thoughts.end()
            self._step = HiddenText._in_text
        return found >= 0

    def _in_code(self) -> bool:
        """Give out a block of code up to the fence that closes it."""
        text, at = self._text, self._at
        if at >= len(text):
            return False
        if self._run and text[at] != "`":
            has_ended, self._run = self._run >= self._fence, 0
            if has_ended:
                self._last, self._step = "", HiddenText._in_text
                return True
        ticks = _TICKS.search(text, at)
        if ticks is None:
            self._give_to(len(text))
            return False
        self._run = len(ticks[0]) + (self._run if ticks.start() == at else 0)
        self._give_to(ticks.end())
        return True

    def _in_envelope(self) -> bool:
        envelope = self._envelope
        if envelope is None:
            return False
        piece, self._at = self._text[self._at :], len(self._text)
        shown = envelope.feed(piece)
        if self._is_whole:
            shown += envelope.finish()
        if envelope.verdict == "none":
            self._text, self._at, self._envelope = envelope.text, 0, None
            if envelope.fence:
                self._give_code(envelope.fence)
            else:
                self._step = HiddenText._in_text
                self._give_to(envelope.content_length)
            return True
        if shown:
            self._give(self._message_in().feed(shown))
        if envelope.verdict == "empty":
            # A decision without a message: what comes after it may be the message.
            self._text, self._at, self._envelope = envelope.rest, 0, None
            self._end = "`" * envelope.fence
            self._step = HiddenText._in_block if envelope.fence else HiddenText._in_text
            return True
        if self._is_whole:
            self.thoughts.note(envelope.reasoning)
            self._give(self._message_in().finish())
        return False

    def _in_written_tag(self) -> bool:
        """Give out a tag that the message may be about, and note it."""
        while self._at < len(self._text):
            self._tag += self._text[self._at]
            is_tag = is_everyday_tag(self._tag)
            if is_tag is False:
                self._step = HiddenText._in_text
                return True
            self._give_to(self._at + 1)
            if is_tag:
                self._written_of.add(self._tag[1:-1])
                self._step = HiddenText._in_text
                return True
        return False

    def _in_fenced(self) -> bool:
        fenced = self._fenced
        if fenced is None:
            return False
        fenced.feed(self._text[self._at :])
        self._at = len(self._text)
        if fenced.goes_on:
            # More comes after it, so it was a block of code in the message.
            self._text, self._at, self._fenced = fenced.text, 0, None
            self._step = HiddenText._in_text
            self._give_to(fenced.end)
            self._last = ""
            return True
        if self._is_whole:
            self._give(self._message_in().fill(fenced.body))
        return False

    # Where something may begin.

    def _at_tag(self) -> bool:
        text, at = self._text, self._at
        if (tag := tag_at(text, at)) is not None:
            self._at = tag.end()
            if tag["closing"]:
                self._close_reasoning()
            else:
                self._blocks.open(tag)
                self._step = HiddenText._in_reasoning if self._blocks.is_open else HiddenText._in_text
            return True
        begins_line = not self._has_begun or self._last in ("", "\n")
        if (opening := self._signs.opening.match(text, at)) is not None:
            name = opening["name"]
            if name in EVERYDAY and (name in self._written_of if opening["closing"] else not begins_line):
                self._written_of.add(name)
                self._give_to(opening.end())
                return True
            self._at = opening.end()
            if name is None:
                self._end, self._step = CALLS[opening[0]], HiddenText._in_block
            elif not opening["closing"] and name not in AROUND_THE_MESSAGE:
                self._end, self._step = f"</{name}>", HiddenText._in_block
            return True
        if not self._is_whole and (may_become_tag(text, at) or self._signs.may_open(text, at, begins_line=begins_line)):
            return False
        self._give_to(at + 1)
        self._tag, self._step = "<", HiddenText._in_written_tag
        return True

    def _close_reasoning(self) -> None:
        """Take a tag that closes what nothing has opened: all before it was reasoning."""
        self._habit.closes_only = True
        self.thoughts.note("".join(self._done))
        self.thoughts.end()
        self._done.clear()
        self._has_begun, self._in_span = self._has_shown, False

    def _at_backticks(self) -> bool:
        text, at = self._text, self._at
        run = _TICKS.match(text, at)
        length = len(run[0]) if run is not None else 0
        if at + length == len(text) and length < MAX_TAG and not self._is_whole:
            return False
        if length < 3:
            is_closing = self._in_span
            self._give_to(at + length)
            self._in_span, self._last = not is_closing, "" if is_closing else "`"
            return True
        fence = FENCE.match(text, at)
        if fence is None:
            if not self._is_whole and len(text) - at < MAX_TAG and FENCE_BEGUN.fullmatch(text, at) is not None:
                return False
            self._give_code(length)
        elif fence["info"].lower() not in WRAPPING:
            self._give_code(length)
        elif (begins := self._begins_envelope(fence.end())) is None:
            return False
        elif begins:
            self._begin_envelope(fence.end(), fence=length)
        elif self._has_begun or fence["info"].lower() == "json":
            self._give_code(length)
        else:
            self._fenced, self._step = FencedMessage(), HiddenText._in_fenced
        return True

    def _at_brace(self, brace: int) -> bool:
        begins = self._begins_envelope(brace)
        if begins is None:
            return False
        if begins:
            self._begin_envelope(brace)
        else:
            self._give_to(brace + 1)
        return True

    def _begins_envelope(self, at: int) -> bool | None:
        """Say whether what stands here may be an envelope; `None` where more has to come."""
        return self._objects < MAX_OBJECTS and Envelope.begins(self._text, at, is_whole=self._is_whole)

    def _begin_envelope(self, start: int, *, fence: int = 0) -> None:
        before, self._at = self._text[self._at : start], start
        self._objects += 1
        self._envelope = Envelope(before, fence=fence, is_first=not self._has_begun)
        self._step = HiddenText._in_envelope

    def _give_code(self, length: int) -> None:
        self._fence, self._run, self._step, self._in_span = length, 0, HiddenText._in_code, False
        self._give_to(self._at + length)

    def _is_code(self) -> bool | None:
        """Give out what is code within the line; return whether it was, or `None` where more has to come."""
        end = _LINE_OR_TICK.search(self._text, self._at, self._at + MAX_LINE)
        if end is not None and end[0] == "`":
            self._give_to(end.start())
            return True
        is_over = end is not None or self._is_whole or len(self._text) - self._at >= MAX_LINE
        return False if is_over else None

    def _message_in(self) -> HiddenText:
        """Return what reads the message inside of something around it."""
        if self._inner is None:
            self._inner = HiddenText(tags=self._tags, has_tools=self._has_tools, thoughts=self.thoughts)
        return self._inner


_TICKS = re.compile("`+")
_LINE_OR_TICK = re.compile(r"[`\n]")


def _overlap(text: str, end: str) -> int:
    """Return how many characters at the end of a text may be the beginning of another."""
    return next((length for length in range(len(end) - 1, 0, -1) if text.endswith(end[:length])), 0)
