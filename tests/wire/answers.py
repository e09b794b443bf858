"""What a model says and what goes wrong, in no provider's format; each format writes it out in its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

Body = dict[str, Any]
Stop = Literal["stop", "length", "content_filter"]
Part = Literal["opening", "piece", "closing"]
"""Whether an event brings a piece of the answer, or what stands before or after the pieces."""

REPLY = "reply"
"""The function that is the reply itself, where functions are asked for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's answer, and the course of its stream."""

    text: str
    hold_after: int | None = None
    """The number of pieces after which the stream waits for `WireServer.go_on`."""
    idles: Literal["", "empty", "comment"] = ""
    """How it waits there: in silence, or with empty pieces or comments without end."""
    pause: float = 0.0
    """The seconds before each piece."""
    cut_after: int | None = None
    """The number of pieces after which the connection is closed."""
    finish_reason: Stop = "stop"
    refusal: str | None = None
    """The text in its stead, where the model refuses to answer."""
    reasoning: str | None = None
    """The reasoning that the model writes first, in the format's own place for it."""
    calls: tuple[tuple[str, str], ...] = ()
    """The tools that it calls after the text, each with its arguments as JSON."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An error response."""

    status: int
    message: str = "something went wrong"
    code: str | None = None
    param: str | None = None
    kind: str = "invalid_request_error"
    headers: dict[str, str] = field(default_factory=dict)


class Hang:
    """No response, until the server is closed."""


Reaction = str | Answer | Fault | Hang
Script = Iterable[Reaction] | Callable[[Body], Reaction]


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream."""

    data: Body
    part: Part
    name: str = ""
    """Its name, in formats that name events."""


class Format(ABC):
    """One wire format: how a request is read, and how answers and faults are written."""

    content_type: ClassVar[str] = "text/event-stream"
    last_data: ClassVar[str] = ""
    """The data of a last event that is no JSON; empty where there is none."""

    def is_streamed(self, path: str, body: Body) -> bool:  # noqa: ARG002 - one format tells it by the path
        """Say whether a request asks for a stream."""
        return bool(body.get("stream"))

    @abstractmethod
    def functions(self, body: Body) -> list[str]:
        """List the names of the functions that may be called."""

    @abstractmethod
    def schema(self, body: Body) -> Body | None:
        """Return the schema that the answer is to fit; `None` where there is none."""

    @abstractmethod
    def events(self, body: Body, answer: Answer, piece_size: int) -> Iterator[Event]:
        """Write an answer as a stream."""

    @abstractmethod
    def whole(self, body: Body, answer: Answer, piece_size: int) -> Body:
        """Write an answer as one response."""

    @abstractmethod
    def fault(self, fault: Fault) -> Body:
        """Write the body of an error response."""

    def frame(self, data: str, name: str = "") -> bytes:
        """Write the bytes of one event."""
        return ((f"event: {name}\n" if name else "") + f"data: {data}\n\n").encode()

    def empty(self, body: Body) -> bytes:  # noqa: ARG002 - formats that name the model in each event read it
        """Write an event that says nothing."""
        return self.frame("{}")

    def calls(self, body: Body, answer: Answer) -> tuple[tuple[str, str], ...]:
        """Return the functions that an answer calls: the reply is one, where it is asked for as one."""
        if answer.calls or answer.refusal or REPLY not in self.functions(body):
            return answer.calls
        return ((REPLY, answer.text),)

    def text(self, body: Body, answer: Answer) -> str:
        """Return the text of an answer, less what is a function's arguments."""
        return answer.text if self.calls(body, answer) == answer.calls else ""


def cut(text: str, size: int) -> list[str]:
    """Cut a text into pieces."""
    return [text[at : at + size] for at in range(0, len(text), size)]


def count(text: str) -> int:
    """Count tokens: four characters are one."""
    return len(cut(text, 4))
