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

from functools import partial

from fsm_langgraph.replies.hidden.outer_text import OuterText
from fsm_langgraph.replies.hidden.passages import ReasoningPassage
from fsm_langgraph.replies.hidden.passing_text import Passage, PassingText
from fsm_langgraph.replies.hidden.signs import signs_of
from fsm_langgraph.replies.reasoning import ReasoningBlocks, ReasoningHabit, Thoughts


class HiddenText(PassingText):
    """Takes out of a text that comes in pieces what is not meant for the user.

    It is the text that its passages read, since a plain piece, of which there is one for each token, would pay for
    every step to another object.

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
        super().__init__()
        self.thoughts = thoughts = thoughts if thoughts is not None else Thoughts()
        """The hidden parts, in the order in which they came."""
        habit = habit if habit is not None else ReasoningHabit()
        make_reader = partial(HiddenText, tags=tags, has_tools=has_tools, thoughts=thoughts)
        self._outer = OuterText(signs_of(tags, has_tools), habit, thoughts, make_reader)
        self._passage: Passage = self._outer
        """The passage that the text stands in."""
        if habit.closes_only:
            self._passage = ReasoningPassage(ReasoningBlocks(thoughts, is_implied=True), thoughts, self._outer)
        self._is_plain = False
        """Whether a piece without a sign can go through as it is."""

    def feed(self, piece: str) -> str:
        """Take the next piece of the text; return what of it is certainly meant for the user."""
        if self._is_plain and "<" not in piece and "`" not in piece and "{" not in piece and "[" not in piece:
            self.last = piece[-1:] or self.last
            return piece
        return self._read(piece)

    def finish(self) -> str:
        """Say that the text has ended; return what was held of it."""
        self.is_whole = True
        return self._read("")

    def break_off(self) -> str:
        """Say that the text was cut; return what was held of it, but for what may have been reasoning."""
        return "" if isinstance(self._passage, ReasoningPassage) else self.finish()

    def fill(self, text: str) -> str:
        """Return what of a whole text is meant for the user."""
        return self.feed(text) + self.finish()

    def _read(self, piece: str) -> str:
        self.text, self.at = self.text[self.at :] + piece, 0
        while self.at < len(self.text) or self.is_whole:
            following = self._passage.read(self)
            if following is None:
                break
            self._passage = following
        is_read = self.at >= len(self.text)
        self._is_plain = self.has_begun and is_read and not self.in_span and self._passage is self._outer
        self.has_shown = self.has_begun
        shown = "".join(self.given)
        self.given.clear()
        return shown
