"""Kept between two turns beside the context: sub-machines under way, and where digressions have left.

Frames have a version, as everything that is stored; what an older one lacks has a default.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any, NotRequired

from typing_extensions import TypedDict  # the standard one makes no JSON Schema before Python 3.12

from fsm_langgraph.context.writes import Context
from fsm_langgraph.errors import StoredFormError

FRAME_VERSION = 1


class Frame(TypedDict):
    """A sub-machine under way, as the conversation keeps it between two turns."""

    version: int
    """The version of this form."""
    of: str
    """The state that it runs in."""
    current_state: str
    """The state that it is in itself."""
    context: Context
    left: list[Left]
    sub_machine: Frame | None
    """The sub-machine that runs in that state, if one does."""
    news: list[str]
    """The news that a digression interrupted inside."""
    answered: NotRequired[list[str]]
    """The keys that were written and have their default's value, if there are any."""
    came_out: NotRequired[bool]
    """Whether the state that it is in has run a sub-machine, which has ended."""
    given: NotRequired[Context]
    """The keys around that are its inputs, as they were when the turn last went inside; earlier releases kept none."""


class Left(TypedDict):
    """Where a digression has left, and returns to."""

    state: str
    sub_machine: Frame | None
    news: list[str]
    """The news that it interrupted, which counts once on return."""
    came_out: NotRequired[bool]
    """Whether the state has run a sub-machine, which has ended."""


class Before(TypedDict):
    """How things stood before a turn; they stand so again where it fails."""

    at: str | None
    """The state in which the turn before has landed, whatever has been written since; `None` where none has."""
    left: list[Left]
    """Where digressions had left."""
    read: str | None
    """The id of the last message of the user's that was read; empty where none was, `None` where that is not known."""
    answered: list[str]
    """The keys that were written and have their default's value."""
    stays: int
    """How many messages, in a row, changed no key and led nowhere, as far as the definition reads that."""
    stays_longer: bool
    """Whether the last turn has added one."""
    turns: NotRequired[int | None]
    """How many turns have landed; `None` where an earlier release has begun the conversation, and counted none."""


def make_frame(
    of: str,
    current_state: str,
    context: Context,
    *,
    left: Sequence[Left] = (),
    sub_machine: Frame | None = None,
    news: Sequence[str] = (),
    answered: Sequence[str] = (),
    came_out: bool = False,
    given: Context | None = None,
) -> Frame:
    """Write a sub-machine down; the arguments are the members of a frame."""
    frame = Frame(
        version=FRAME_VERSION,
        of=of,
        current_state=current_state,
        context=context,
        left=[*left],
        sub_machine=sub_machine,
        news=[*news],
    )
    if answered:
        frame["answered"] = [*answered]
    if came_out:
        frame["came_out"] = True
    if given is not None:
        frame["given"] = given
    return frame


def without_news(left: Sequence[Left], keys: Container[str]) -> list[Left]:
    """Return where digressions have left, without keys that are no news any more on return."""
    return [{**each, "news": [key for key in each["news"] if key not in keys]} for each in left]


def read_frame(stored: Mapping[str, Any] | None) -> Frame | None:
    """Read a frame in any of its forms.

    Raises:
        StoredFormError: It was written by a later release.
    """
    if stored is None:
        return None
    check_version("sub-machine", stored, FRAME_VERSION)
    return make_frame(
        stored["of"],
        stored["current_state"],
        stored.get("context", {}),
        left=read_left(stored.get("left")),
        sub_machine=read_frame(stored.get("sub_machine")),
        news=stored.get("news", ()),
        answered=stored.get("answered", ()),
        came_out=stored.get("came_out", False),
        given=stored.get("given"),
    )


def read_left(stored: Sequence[Mapping[str, Any]] | None) -> list[Left]:
    """Read where digressions have left."""
    return [_read_left(left) for left in stored or ()]


def _read_left(stored: Mapping[str, Any]) -> Left:
    frame, news = read_frame(stored.get("sub_machine")), [*stored.get("news", ())]
    left = Left(state=stored["state"], sub_machine=frame, news=news)
    if stored.get("came_out"):
        left["came_out"] = True
    return left


def before_turn(flight: Mapping[str, Any]) -> Before:
    """Return how things stand between two turns, by what is stored of the last one: it may have failed on the way."""
    # A turn on its way carries what was before it; one that has landed stands for itself.
    before = flight.get("before") or flight
    return Before(
        at=before.get("at"),
        left=read_left(before.get("left")),
        read=before.get("read"),
        answered=[*before.get("answered", ())],
        stays=before.get("stays", 0),
        stays_longer=before.get("stays_longer", False),
        turns=before.get("turns"),
    )


def path_of(state: str, frame: Mapping[str, Any] | None) -> str:
    """Write the path of the state that a conversation is in, through the sub-machines that run: `payment/card`.

    A frame of another state, such as somebody who has moved the conversation leaves behind, says nothing of it.
    """
    if frame is None or frame["of"] != state:
        return state
    return f"{state}/{path_of(frame['current_state'], frame.get('sub_machine'))}"


def check_version(form: str, stored: Mapping[str, Any], known: int) -> None:
    """Refuse a form that is newer than this release.

    Args:
        form: Which one it is, for the error.
        stored: The form; without a version it is older than all that have one.
        known: The newest version that can be read.

    Raises:
        StoredFormError: It is newer.
    """
    version = stored.get("version", 0)
    if version > known:
        raise StoredFormError(form, version, known)
