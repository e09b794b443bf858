"""The errors of a turn whose model, or its provider, gave no answer that can be used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from fsm_langgraph.errors.turn_errors import AGAIN, TurnError


class ReplyError(TurnError):
    """The model gave no usable reply, however often it was asked; nothing of what it wrote was shown.

    Where `is_cut_off`, the last one reached the length limit, as the next would.
    """

    def __init__(self, state: str, reasons: Sequence[str], *, is_cut_off: bool = False) -> None:
        self.reasons = tuple(reasons)
        self.is_cut_off = is_cut_off
        asked = "once" if len(self.reasons) == 1 else f"{len(self.reasons)} times"
        why = "; then ".join(self.reasons)
        super().__init__(state, f"the model was asked {asked} and gave no usable reply: {why}.\n  {AGAIN}")


class ModelError(TurnError):
    """The model's provider failed; `__cause__` is its own error.

    Where it is `transient` the same message may well be answered later; `retry_after` are the seconds that the provider
    asks to wait, where it does. Where it `broke_off`, it failed in the middle of a message: the last of `shown` is what
    the user has read of it, and neither the model nor a fallback was asked again.

    Args:
        state: The state in which the turn failed.
        cause: The provider's error.
        transient: Whether the same call is worth making again.
        retry_after: The seconds that the provider asks to wait.
        shown: The part of a message that was shown.
        shown_id: The id of that message.
    """

    def __init__(
        self,
        state: str,
        cause: Exception,
        *,
        transient: bool,
        retry_after: float | None = None,
        shown: str = "",
        shown_id: str = "",
    ) -> None:
        self.transient = transient
        self.retry_after = retry_after
        self.broke_off = bool(shown)
        found = "the model's message broke off" if shown else "the model could not be called"
        wait = f"\n  Its provider asks to wait for {retry_after:g} s." if retry_after else ""
        super().__init__(state, f"{found}: {type(cause).__name__}: {cause}{wait}\n  {AGAIN}")
        if shown:
            self.shown, self.shown_ids = (shown,), (shown_id,)


Deadline = Literal["first token", "between tokens", "turn"]
"""The deadlines of a turn: for the first token of a call, from one token to the next, and for the turn in all."""


class DeadlineError(ModelError):
    """A turn had no answer in time: `deadline` has passed, which is `seconds` long.

    The message can be sent again. After `turn` nothing was tried again by itself.
    """

    def __init__(
        self,
        state: str,
        deadline: Deadline,
        seconds: float,
        *,
        cause: Exception | None = None,
        retry_after: float | None = None,
        shown: str = "",
        shown_id: str = "",
    ) -> None:
        self.deadline: Deadline = deadline
        self.seconds = seconds
        found = TimeoutError(f"{_TOO_LATE[deadline]} {seconds:g} s")
        if cause is not None:
            found = TimeoutError(f"{found}, and was to try again after {type(cause).__name__}: {cause}")
        super().__init__(state, found, transient=not shown, retry_after=retry_after, shown=shown, shown_id=shown_id)


_TOO_LATE: dict[Deadline, str] = {
    "first token": "no token came within",
    "between tokens": "no further token came within",
    "turn": "the turn was not done within",
}


Refused = Literal["refusal", "content filter", "safety"]
"""The ways to refuse: the model declined, its provider's filter stopped it, or the provider's safety rules did."""


class ModelRefusal(TurnError):  # noqa: N818 - to refuse is an answer, and no fault
    """The model refused to answer, or its provider stopped it, before anything was shown.

    It was not asked again, as that would be paid for and refused too. `words` are the provider's own, where it had any.
    """

    def __init__(self, state: str, reason: Refused, words: str = "") -> None:
        self.reason = reason
        self.words = words
        said = f": {words!r}" if words else ", without a word."
        super().__init__(
            state,
            f"{refused_by(reason)}{said}\n"
            "  The conversation is as it was; it takes another wording, or an ERROR handler that answers.",
        )


def refused_by(reason: Refused) -> str:
    """Tell who refused."""
    return {
        "refusal": "the model refused to answer",
        "content filter": "the provider's content filter refused the answer",
        "safety": "the provider's safety rules refused the answer",
    }[reason]
