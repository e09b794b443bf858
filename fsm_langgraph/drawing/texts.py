"""Texts made ready for a picture: printable, on one line or few, cut short.

A definition's texts are written by people and may hold anything: line breaks, quotes, markup, pages of prose.
Past this module they are short lines of printable characters; what a format must escape, it escapes itself.
"""

from __future__ import annotations

import textwrap

_MOST_LINES = 3
_MOST_READ = 1_000
"""How much of a text is read at most, in lines: most of it may be blanks."""


def one_line(text: str) -> str:
    """Put a text on one line, without characters that cannot be seen."""
    return " ".join("".join(c if c.isprintable() or c in _JOINERS else " " for c in text).split())


def shortened(text: str, width: int) -> str:
    """Put a text on one line of at most this many characters."""
    line = one_line(text)
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def few_lines(text: str, width: int) -> tuple[str, ...]:
    """Break a text into few lines of about the same length."""
    # To wrap a text takes long, and of a long one only the beginning is shown.
    line = one_line(text[: _MOST_READ * width])[: 2 * _MOST_LINES * width]
    lines = textwrap.wrap(line, width)
    if len(lines) > _MOST_LINES:
        return (*lines[: _MOST_LINES - 1], shortened(" ".join(lines[_MOST_LINES - 1 :]), width))
    narrower = (textwrap.wrap(line, narrow) for narrow in range(width // 2, width))
    return tuple(next((wrapped for wrapped in narrower if len(wrapped) == len(lines)), lines))


def times(count: int) -> str:
    """Write how often something was."""
    return f"\N{MULTIPLICATION SIGN}{count}"


_JOINERS = "\u200c\u200d"
"""Invisible, but emoji and several scripts are spelt with them."""
