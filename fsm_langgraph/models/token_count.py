"""The tokens that a call has used, as far as its provider told: what is not known is not 0.

A provider tells them at the end of its stream. A stream that is closed before, since the rest is of no interest, tells
none; or those that were read, where the provider tells them at the beginning. So a call that takes several requests may
have used more than was told.
"""

from __future__ import annotations

from dataclasses import dataclass

from langchain_core.messages.ai import UsageMetadata, add_usage
from typing_extensions import TypedDict  # the standard one makes no JSON Schema before Python 3.12


@dataclass(frozen=True, slots=True)
class TokenCount:
    """The tokens of one call."""

    read: int | None = None
    """Those of the prompt; `None` where they are not known."""
    written: int | None = None
    """Those of the answer; `None` where they are not known."""
    is_all: bool = False
    """Whether no more were used than these."""

    @property
    def total(self) -> int | None:
        """Both together, as far as they are known."""
        known = [number for number in (self.read, self.written) if number is not None]
        return sum(known) if known else None

    def __str__(self) -> str:
        sides = ((self.read, "in"), (self.written, "out"))
        told = [f"{number:,} {side}" for number, side in sides if number is not None]
        if not told:
            return "tokens unknown"
        first, *others = told
        return ("" if self.is_all else "at least ") + ", ".join([first.replace(" ", " tokens ", 1), *others])


NOTHING_USED = TokenCount(0, 0, is_all=True)
"""The count where no model was called."""


def counted(usage: UsageMetadata | None, *, is_all: bool) -> TokenCount:
    """Return the count of a call.

    Args:
        usage: What its provider told.
        is_all: Whether it told of each request, and to its end.
    """
    if usage is None:
        return TokenCount()
    # A model that was called has read and written something; 0 stands for what is told later, or never.
    read, written = usage["input_tokens"] or None, usage["output_tokens"] or None
    return TokenCount(read, written, is_all=is_all and read is not None and written is not None)


class UntoldTokens(TypedDict):
    """Tokens that no run has told to LangChain's counters yet, since those read them off a message alone.

    The next run of the turn that has a message tells them with its own.
    """

    usage: UsageMetadata
    model_name: str
    """The model that used them last, by the provider's name for it."""


def with_untold(untold: UntoldTokens | None, usage: UsageMetadata | None) -> UsageMetadata | None:
    """Add the tokens that were not told before."""
    return usage if untold is None else add_usage(untold["usage"], usage)
