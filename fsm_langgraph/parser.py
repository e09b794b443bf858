"""The incremental parser of a streamed reply: it knows when everything but the message is complete.

A reply is one JSON object whose `message` is for the user and whose other members are for the machine:

    {"target_state": "collect_email", "name": "Ann Lee", "other_updates": [], "message": "Thanks, Ann! …"}
    '------------------------------- head -------------------------------'              '--- text ---'

`feed` takes the stream in pieces of any size and returns the message's text as it arrives, but none of it before the
head is complete: where a provider writes members after the message, the text is held until the object ends. Text
around the object (a code fence, a polite preface) is skipped. The grammar is RFC 8259, except that a raw line break
in a string is let pass, as models write them.

A hand-written scanner because it is the fastest thing that never guesses: partial JSON parsers complete a cut `123`
as `12`, and parse the whole reply again for every token.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from enum import Enum, auto
from typing import Any

MESSAGE = "message"

MAX_LENGTH = 1_000_000
"""How many characters a reply may have; a stream that does not stop is a bad reply."""
MAX_DEPTH = 64
"""How deep a member may nest."""

_PLAIN_TEXT = re.compile(r'[^"\\]+')
_SPACE = " \t\r\n"
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class _Place(Enum):
    """Where in the object the next character stands."""

    BEFORE = auto()
    KEY_OR_END = auto()
    KEY = auto()
    IN_KEY = auto()
    COLON = auto()
    VALUE = auto()
    IN_VALUE = auto()
    IN_MESSAGE = auto()
    COMMA_OR_END = auto()
    AFTER = auto()


class ReplyParser:
    """Reads one streamed reply.

    Args:
        expected: The members that have to be seen before the message may be let through while the object is still
            open. `message` itself, and members that decide nothing, do not belong here.
    """

    def __init__(self, expected: Collection[str]) -> None:
        self.head: dict[str, Any] | None = None
        """The members that are not the message, from the moment they are complete."""
        self.late: dict[str, Any] = {}
        """Members that came after the head was taken for complete."""
        self.error: str | None = None
        """What is wrong with the reply; once set, nothing more is read."""
        self._expected = frozenset(expected)
        self._members: dict[str, Any] = {}
        self._message: list[str] = []
        self._has_message = False
        self._place = _Place.BEFORE
        self._key = ""
        self._raw: list[str] = []
        self._depth = 0
        self._in_string = False
        self._escape: str | None = None
        self._high_surrogate: int | None = None
        self._length = 0

    @property
    def is_complete(self) -> bool:
        """Whether the object was closed."""
        return self._place is _Place.AFTER

    def feed(self, text: str) -> str:
        """Take the next piece of the stream; return what may be shown of the message now."""
        if self.error is not None:
            return ""
        self._length += len(text)
        if self._length > MAX_LENGTH:
            self.error = f"it is longer than {MAX_LENGTH} characters"
            return ""
        try:
            self._scan(text)
        except ValueError as error:
            self.error = str(error)
        return self._release()

    def finish(self) -> str:
        """Say that the stream has ended; return what may be shown now."""
        if self.error is None and not self.is_complete:
            self.error = "it is not a JSON object" if self._place is _Place.BEFORE else "it was cut short"
        return self._release()

    def _release(self) -> str:
        if self.head is None or not self._message:
            return ""
        text = "".join(self._message)
        self._message.clear()
        return text

    def _scan(self, text: str) -> None:
        at, end = 0, len(text)
        while at < end:
            match self._place:
                case _Place.IN_MESSAGE:
                    at = self._scan_message(text, at)
                case _Place.IN_VALUE | _Place.IN_KEY:
                    at = self._scan_value(text, at)
                case _Place.BEFORE:
                    at = text.find("{", at)
                    if at < 0:
                        return
                    at += 1
                    self._place = _Place.KEY_OR_END
                case _Place.AFTER:
                    return
                case _:
                    if text[at] not in _SPACE:
                        at = self._step(text[at], at)
                    else:
                        at += 1

    def _step(self, char: str, at: int) -> int:
        """Take one structural character; return where to go on."""
        match self._place, char:
            case (_Place.KEY_OR_END | _Place.COMMA_OR_END), "}":
                self._place = _Place.AFTER
                self._take_head()
            case (_Place.KEY_OR_END | _Place.KEY), '"':
                self._place, self._raw, self._in_string = _Place.IN_KEY, ['"'], True
            case _Place.COLON, ":":
                self._place = _Place.VALUE
            case _Place.COMMA_OR_END, ",":
                self._place = _Place.KEY
            case _Place.VALUE, '"' if self._key == MESSAGE and not self._has_message:
                self._place, self._has_message = _Place.IN_MESSAGE, True
                if self._expected <= self._members.keys():
                    self._take_head()
            case _Place.VALUE, _:
                self._place, self._raw, self._depth, self._in_string = _Place.IN_VALUE, [], 0, False
                return at
            case _:
                raise ValueError(f"it is not valid JSON: {char!r} stands where it cannot")
        return at + 1

    def _scan_value(self, text: str, at: int) -> int:
        """Collect the raw text of a key, or of a value that is not shown, up to its end."""
        start = at
        for at in range(start, len(text)):
            char = text[at]
            if self._in_string:
                if self._escape is not None:
                    self._escape = None
                elif char == "\\":
                    self._escape = ""
                elif char == '"':
                    self._in_string = False
                    if self._depth == 0:
                        return self._end_value(text[start : at + 1], at + 1)
            elif char == '"':
                self._in_string = True
            elif char in "{[":
                self._depth += 1
                if self._depth > MAX_DEPTH:
                    raise ValueError(f"it nests deeper than {MAX_DEPTH} levels")
            elif char in "}]" and self._depth > 0:
                self._depth -= 1
                if self._depth == 0:
                    return self._end_value(text[start : at + 1], at + 1)
            elif self._depth == 0 and (char in ",}]" or char in _SPACE):
                return self._end_value(text[start:at], at)
        self._raw.append(text[start:])
        return len(text)

    def _end_value(self, last: str, at: int) -> int:
        self._raw.append(last)
        raw = "".join(self._raw)
        try:
            value = _DECODER.decode(raw)
        except (ValueError, RecursionError):
            raise ValueError(f"it is not valid JSON: {raw[:40]!r}") from None
        if self._place is _Place.IN_KEY:
            self._key, self._place = value, _Place.COLON
            return at
        self._place = _Place.COMMA_OR_END
        if self._key == MESSAGE:
            # A message that is no text, or a second one, has nothing to show.
            return at
        (self._members if self.head is None else self.late)[self._key] = value
        return at

    def _scan_message(self, text: str, at: int) -> int:
        if self._escape is not None:
            return self._scan_escape(text, at)
        if plain := _PLAIN_TEXT.match(text, at):
            self._emit(plain.group())
            return plain.end()
        if text[at] == "\\":
            self._escape = ""
        else:
            self._emit("")
            self._place = _Place.COMMA_OR_END
        return at + 1

    def _scan_escape(self, text: str, at: int) -> int:
        """Take the next character of an escape sequence, which may have begun in an earlier piece."""
        sequence = (self._escape or "") + text[at]
        if sequence[0] != "u":
            if sequence not in _ESCAPES:
                raise ValueError(f"it is not valid JSON: the escape '\\{sequence}' does not exist")
            self._emit(_ESCAPES[sequence])
        elif len(sequence) < 5:
            self._escape = sequence
            return at + 1
        else:
            if not re.fullmatch(r"u[0-9a-fA-F]{4}", sequence):
                raise ValueError(f"it is not valid JSON: the escape '\\{sequence}' does not exist")
            self._emit_code_unit(int(sequence[1:], 16))
        self._escape = None
        return at + 1

    def _emit_code_unit(self, unit: int) -> None:
        """Add one UTF-16 unit; two that make a pair become one character, one alone the replacement character."""
        if 0xDC00 <= unit <= 0xDFFF and self._high_surrogate is not None:
            pair = 0x10000 + ((self._high_surrogate - 0xD800) << 10) + (unit - 0xDC00)
            self._high_surrogate = None
            self._message.append(chr(pair))
            return
        self._emit("")
        if 0xD800 <= unit <= 0xDBFF:
            self._high_surrogate = unit
        elif 0xDC00 <= unit <= 0xDFFF:
            self._message.append("\ufffd")
        else:
            self._message.append(chr(unit))

    def _emit(self, text: str) -> None:
        if self._high_surrogate is not None:
            self._message.append("\ufffd")
            self._high_surrogate = None
        if text:
            self._message.append(text)

    def _take_head(self) -> None:
        if self.head is None:
            self.head = self._members


_DECODER = json.JSONDecoder(strict=False)
