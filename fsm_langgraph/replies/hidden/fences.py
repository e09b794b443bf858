r"""Fences around a whole message, which models put there unasked.

    ```text\nHello!\n```                 a message in a fence: "Hello!"
    ```\nls -la\n```\nlists the files    a block of code in a message

Which of the two it is shows after the line that closes the fence; until then all of it is held. The fence of a
language, such as `python`, is a block of code wherever it stands.
"""

from __future__ import annotations

import re

WRAPPING = frozenset({"", "json", "text", "txt", "plaintext", "plain", "markdown", "md"})
"""The names of a fence that may stand around a message; `json` where that is an object."""
FENCE = re.compile(r"`{3,}[ \t]*(?P<info>[\w+#.-]*)[ \t]*\r?\n")
"""The line that opens a fence."""
_BEGINNINGS = sorted({info[:end] for info in WRAPPING for end in range(1, len(info) + 1)}, key=len, reverse=True)
FENCE_BEGUN = re.compile(
    rf"`{{3,}}[ \t]*(?:(?:{'|'.join(_BEGINNINGS)})?|(?:{'|'.join(filter(None, WRAPPING))})[ \t]*)\r?", re.I
)
"""All that a line may begin with which opens a fence of that kind, as a whole."""


class FencedMessage:
    """Reads a text that begins with a fence, line by line."""

    def __init__(self) -> None:
        self.goes_on = False
        """Whether something comes after the fence."""
        self.end = 0
        """Where the fence ends, in `text`."""
        self._lines: list[str] = []
        self._line: list[str] = []
        self._length = 0
        self._open: list[int] = []
        self._body = (0, 0)

    def feed(self, piece: str) -> None:
        """Take the next piece of the text."""
        *lines, last = piece.split("\n")
        for line in lines:
            self._take("".join((*self._line, line, "\n")))
            self._line.clear()
        self._line.append(last)
        self.goes_on = self.goes_on or bool(self.end and last.strip())

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join((*self._lines, *self._line))

    @property
    def body(self) -> str:
        """The text in the fence, where it has ended."""
        text, last = self.text, _BARE.fullmatch("".join(self._line))
        start = text.find("\n") + 1
        if not self.end:
            end = self._length if last is not None and len(last[1]) >= self._open[0] else len(text)
        else:
            end = self._body[1]
        return text[start : max(start, end)].rstrip("\r\n")

    def _take(self, line: str) -> None:
        start, self._length = self._length, self._length + len(line)
        self._lines.append(line)
        if self.end:
            self.goes_on = self.goes_on or bool(line.strip())
        elif (bare := _BARE.fullmatch(line)) is not None and self._open and len(bare[1]) >= self._open[-1]:
            self._open.pop()
            if not self._open:
                self.end, self._body = self._length, (0, start)
        elif (fence := FENCE.fullmatch(line.lstrip(" \t"))) is not None and (fence["info"] or not self._open):
            self._open.append(len(fence[0]) - len(fence[0].lstrip("`")))


_BARE = re.compile(r"[ \t]*(`{3,})[ \t]*\r?\n?")
"""A line that closes a fence."""
