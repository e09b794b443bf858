"""A message that is wrapped: the envelope or the fence around it is taken off, and it is read by a reader of its own.

Either may turn out to be content. Then it is read again as the block of code, or the text, that it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fsm_langgraph.replies.hidden.envelope import Envelope
from fsm_langgraph.replies.hidden.fences import FencedMessage
from fsm_langgraph.replies.hidden.passages import HiddenBlock, begin_code
from fsm_langgraph.replies.hidden.passing_text import Passage, PassingText
from fsm_langgraph.replies.reasoning import Thoughts


class MessageReader(Protocol):
    """Takes out of a message that comes in pieces what is not meant for the user."""

    def feed(self, piece: str) -> str:
        """Take the next piece; return what of it is certainly meant for the user."""

    def finish(self) -> str:
        """Say that the message has ended; return what was held of it."""


MakeReader = Callable[[], MessageReader]
"""Makes the reader of the message inside."""


class EnvelopePassage:
    """Shows the message in an envelope, and nothing else of that.

    Args:
        envelope: The envelope.
        thoughts: Takes its reasons, and what is hidden after it.
        make_reader: Makes the reader of its message.
        outside: The passage that follows where it is no envelope, or has no message.
    """

    def __init__(self, envelope: Envelope, thoughts: Thoughts, make_reader: MakeReader, outside: Passage) -> None:
        self._envelope, self._thoughts, self._outside = envelope, thoughts, outside
        self._make_reader = make_reader
        self._inside: MessageReader | None = None

    def read(self, text: PassingText) -> Passage | None:
        """Read on to the end of the text, if there is a message in it."""
        envelope = self._envelope
        shown = envelope.feed(text.take_rest())
        if text.is_whole:
            shown += envelope.finish()
        if envelope.verdict == "none":
            text.go_back_to(envelope.text)
            if envelope.fence:
                return begin_code(text, envelope.fence, self._outside)
            text.give_to(envelope.content_length)
            return self._outside
        if shown:
            text.give(self._message().feed(shown))
        if envelope.verdict == "empty":
            # A decision without a message: what comes after it may be the message.
            text.go_back_to(envelope.rest)
            closing = "`" * envelope.fence
            return HiddenBlock(closing, self._thoughts, self._outside) if closing else self._outside
        if text.is_whole:
            self._thoughts.note(envelope.reasoning)
            text.give(self._message().finish())
        return None

    def _message(self) -> MessageReader:
        self._inside = self._inside if self._inside is not None else self._make_reader()
        return self._inside


class FencePassage:
    """Shows the message in a fence, once it is certain that the fence is around the whole of it.

    Args:
        make_reader: Makes the reader of the message.
        outside: The passage that follows where more comes after the fence.
    """

    def __init__(self, make_reader: MakeReader, outside: Passage) -> None:
        self._make_reader, self._outside = make_reader, outside
        self._fenced = FencedMessage()

    def read(self, text: PassingText) -> Passage | None:
        """Read on to the end of the text."""
        fenced = self._fenced
        fenced.feed(text.take_rest())
        if fenced.goes_on:
            # More comes after it, so it was a block of code in the message.
            text.go_back_to(fenced.text)
            text.give_to(fenced.end)
            text.last = ""
            return self._outside
        if text.is_whole:
            inside = self._make_reader()
            text.give(inside.feed(fenced.body) + inside.finish())
        return None
