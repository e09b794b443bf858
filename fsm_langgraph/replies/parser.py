"""The incremental parser of a streamed reply: it knows when everything but the message is complete.

A reply is one JSON object whose `message` is for the user and whose other members are for the machine:

    {"target_state": "collect_email", "updates": [{"name": "Ann Lee"}], "message": "Thanks, Ann! …"}
    '----------------------------- head -----------------------------'              '--- text ---'

`feed` takes the stream in pieces of any size and returns the message's text as it arrives, but none of it
before the head is complete: where a provider writes members after the message, the text is held until the
object ends. What stands before the object is left to `reply_reader.py`. The grammar is RFC 8259, but control
characters in a string and `NaN` are let pass, as models write them.

A hand-written scanner because it is the fastest thing that never guesses: partial JSON parsers complete a cut
`123` as `12`, and parse the whole reply again for every token. It looks at structure only, with one regular
expression for each kind of run, and leaves every complete member to the standard library's decoder.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any, Literal

from fsm_langgraph.data.reply_members import MESSAGE
from fsm_langgraph.data.surrogates import ends_open, mended, mended_json

MAX_LENGTH = 1_000_000
"""How many characters a reply may have; a stream that does not stop is a bad reply."""
MAX_DEPTH = 64
"""How deep a member may nest."""
TOO_LONG = f"it is longer than {MAX_LENGTH} characters"
Position = Literal[
    "before", "first key", "key", "in key", "colon", "value", "in value", "in message", "comma or end", "after"
]
"""The position in the object's structure of the next character."""


class ReplyParser:
    """Reads one streamed JSON object.

    Args:
        expected: The members that have to be seen before the message may be let through while the object is
            still open. `message` itself, and members that decide nothing, do not belong here.
    """

    def __init__(self, expected: Collection[str]) -> None:
        self.head: dict[str, Any] | None = None
        """The members that are not the message, from the moment they are complete."""
        self.late: dict[str, Any] = {}
        """Members that came after the head was taken for complete."""
        self.error: str | None = None
        """The reason why the reply cannot be read; once it is set, nothing more is read."""
        self.rest = ""
        """The text after the object, in the last piece that had some."""
        self._expected = frozenset(expected)
        self._members: dict[str, Any] = {}
        self._message: list[str] = []
        self._has_message = False
        self._position: Position = "before"
        self._key = ""
        self._raw: list[str] = []
        self._depth = 0
        self._in_string = False
        self._escape = ""
        self._length = 0

    @property
    def members(self) -> Mapping[str, Any]:
        """The members that are complete and not the message, as far as they are there."""
        return self._members

    @property
    def has_message(self) -> bool:
        """Whether the message, a text, has begun."""
        return self._has_message

    @property
    def has_whole_message(self) -> bool:
        """Whether the message, a text, has come to its end."""
        return self._has_message and self._position != "in message"

    @property
    def is_complete(self) -> bool:
        """Whether the object was closed."""
        return self._position == "after"

    @property
    def has_begun(self) -> bool:
        """Whether an object has begun."""
        return self._position != "before"

    def feed(self, text: str) -> str:
        """Take the next piece of the stream; return what may be shown of the message now."""
        if self.error is not None:
            return ""
        self._length += len(text)
        if self._length > MAX_LENGTH:
            self.error = TOO_LONG
            return ""
        if self._position == "in message" and self._is_plain(text):
            return text
        if self._position == "before":
            text = self._before(text)
        try:
            self._scan(text)
        except ValueError as error:
            self.error = str(error)
        return self._release()

    def finish(self) -> str:
        """Say that the stream has ended; return what may be shown now."""
        if self.error is None and not self.is_complete:
            self.error = "it is not a JSON object" if self._position == "before" else "it was cut short"
        return self._release()

    def _is_plain(self, text: str) -> bool:
        """Say whether a piece within the message can be shown as it is: most pieces can."""
        is_shown = self.head is not None and not (self._escape or self._message)
        return is_shown and '"' not in text and "\\" not in text and text.isascii()

    def _release(self) -> str:
        if self.head is None or not self._message:
            return ""
        text = "".join(self._message)
        self._message.clear()
        if text.isascii():
            return text
        if self._position == "in message" and ends_open(text):
            self._message.append(text[-1])
            text = text[:-1]
        return mended(text)

    def _scan(self, text: str) -> None:
        at, end = 0, len(text)
        while at < end:
            position = self._position
            if position == "in value" or position == "in key":
                at = self._scan_raw(text, at)
            elif position == "in message":
                at = self._scan_message(text, at)
            elif position == "after":
                self._after(text[at:])
                return
            elif (char := text[at]) in _SPACE:
                at += 1
            elif (following := _FOLLOWING.get((position, char))) is not None:
                self._position = following
                at += 1
            else:
                at = self._step(position, char, at)

    def _step(self, position: Position, char: str, at: int) -> int:
        """Take one character that begins something, or ends the object; return where to go on."""
        if position == "value":
            if char == '"' and self._key == MESSAGE and not self._has_message:
                self._position, self._has_message = "in message", True
                if self._expected <= self._members.keys():
                    self._take_head()
                return at + 1
            self._position, self._in_string = "in value", False
            return at
        if char == '"' and position in ("first key", "key"):
            self._position, self._in_string = "in key", False
            return at
        if char == "}" and position in ("first key", "comma or end"):
            self._position = "after"
            self._end_object()
            return at + 1
        raise ValueError(f"it is not valid JSON: {char!r} stands where it cannot")

    def _scan_raw(self, text: str, at: int) -> int:
        """Collect the raw text of a key, or of a value that is not shown, up to its end."""
        start = at
        while at < len(text):
            if self._escape:
                self._escape = ""
                at += 1
                continue
            mark = (_STRING_MARK if self._in_string else _MARK).search(text, at)
            if mark is None:
                break
            at, char = mark.end(), mark.group()
            if self._in_string:
                if char == "\\":
                    self._escape = char
                    continue
                self._in_string = False
            elif char == '"':
                self._in_string = True
                continue
            elif char in "{[":
                self._nest()
                continue
            elif not self._depth:
                at = mark.start()
            elif char in "}]":
                self._depth -= 1
            else:
                continue
            if not self._depth:
                return self._end_raw(text[start:at], at)
        self._raw.append(text[start:])
        return len(text)

    def _nest(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ValueError(f"it nests deeper than {MAX_DEPTH} levels")

    def _end_raw(self, last: str, at: int) -> int:
        """Read a key or a value, now that all of it is there; return where to go on."""
        raw = "".join((*self._raw, last))
        self._raw.clear()
        try:
            value = mended_json(_DECODER.decode(raw))
        except (ValueError, RecursionError):
            # The text itself is not told: it may be a secret, and the error is kept in the turn record.
            where = "the name of a member" if self._position == "in key" else f"the value of {self._key!r}"
            raise ValueError(f"it is not valid JSON: {where} cannot be read") from None
        if self._position == "in key":
            self._key, self._position = value, "colon"
            return at
        self._position = "comma or end"
        # A message that is no text, or a second one, has nothing to show and decides nothing.
        if self._key != MESSAGE:
            (self._members if self.head is None else self.late)[self._key] = value
        return at

    def _scan_message(self, text: str, at: int) -> int:
        if self._escape:
            return self._scan_escape(text, at)
        mark = _STRING_MARK.search(text, at)
        end = mark.start() if mark else len(text)
        if end > at:
            self._message.append(text[at:end])
        if mark is None:
            return end
        if mark.group() == '"':
            self._position = "comma or end"
        else:
            self._escape = "\\"
        return end + 1

    def _scan_escape(self, text: str, at: int) -> int:
        """Take the next character of an escape sequence, which may have begun in an earlier piece."""
        sequence = self._escape + text[at]
        if sequence in _ESCAPES:
            self._message.append(_ESCAPES[sequence])
        elif _CODE_UNIT.fullmatch(sequence):
            self._message.append(chr(int(sequence[2:], 16)))
        elif sequence.startswith("\\u") and len(sequence) < 6:
            self._escape = sequence
            return at + 1
        else:
            raise ValueError(f"it is not valid JSON: the escape {sequence} does not exist")
        self._escape = ""
        return at + 1

    def _before(self, text: str) -> str:
        """Return what of a text may belong to the object, as long as that has not begun."""
        return text

    def _end_object(self) -> None:
        self._take_head()

    def _after(self, text: str) -> None:
        """Take the text that comes after the object."""
        self.rest = text

    def _take_head(self) -> None:
        if self.head is None:
            self.head = self._members


_SPACE = " \t\r\n"
_FOLLOWING: Mapping[tuple[Position, str], Position] = {
    ("before", "{"): "first key",
    ("colon", ":"): "value",
    ("comma or end", ","): "key",
}
"""The position that follows on a character of the object's structure."""
_STRING_MARK = re.compile(r'["\\]')
_MARK = re.compile(r'["{}\[\], \t\r\n]')
_CODE_UNIT = re.compile(r"\\u[0-9a-fA-F]{4}")
_ESCAPES = {f"\\{letter}": char for letter, char in zip('"\\/bfnrt', '"\\/\b\f\n\r\t', strict=True)}
_DECODER = json.JSONDecoder(strict=False)
