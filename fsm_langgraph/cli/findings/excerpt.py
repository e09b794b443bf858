"""The lines of a file around a place, with a mark under what is meant, as compilers show them.

A line is cut on both sides to what the terminal has room for. What would steer a terminal is written as an escape.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.cells import cell_len, chop_cells
from rich.text import Text

from fsm_langgraph.cli.output import plain
from fsm_langgraph.errors import Place

LEAST = 60
"""How wide a terminal is at least in which lines are shown."""
_AROUND = 1
"""How many lines before and after it are shown."""
_TAB = "    "


def excerpt(lines: Sequence[str], place: Place, width: int, *, style: str) -> Text:
    """Show a place with the lines around it; nothing where there is no such line.

    Args:
        lines: The lines of the file.
        place: The place.
        width: How many columns there are.
        style: Rich's name of the style of the mark.
    """
    shown = Text()
    if not 1 <= place.line <= len(lines):
        return shown
    first, last = max(1, place.line - _AROUND), min(len(lines), place.line + _AROUND)
    room = width - len(str(last)) - 3
    before, meant = _marked(lines[place.line - 1], place.column)
    start = _cut_from(cell_len(before), cell_len(meant), room)
    for number in range(first, last + 1):
        shown.append(f"{number:>{len(str(last))}} │ ", "dim")
        line, is_meant = _escaped(lines[number - 1]), number == place.line
        # A line beside it that ends before the window is shown from its beginning.
        shown.append(_window(line, start if cell_len(line) > start else 0, room), "" if is_meant else "dim")
        shown.append("\n")
        if is_meant:
            offset = cell_len(before) - start
            shown.append(f"{'':>{len(str(last))}} │ ", "dim")
            shown.append(" " * offset + "^" * max(1, min(cell_len(meant), room - offset)) + "\n", style)
    shown.rstrip()
    return shown


def _marked(line: str, column: int) -> tuple[str, str]:
    """Return what stands before a column, and the word that begins there, both as they are shown."""
    word = re.match(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|[^\s:,{}\[\]]+|.', line[column - 1 :])
    return _escaped(line[: column - 1]), _escaped(word[0]) if word else ""


def _cut_from(before: int, meant: int, room: int) -> int:
    """Return from which cell on the lines are shown, so that what is meant is among it."""
    return 0 if before + min(meant, room // 2) <= room else max(0, before - room // 3)


def _window(line: str, start: int, room: int) -> str:
    """Cut a line to a window, with an ellipsis where something is left out."""
    if start:
        line = _from_cell(line, start + 1)
        line = f"…{line}"
    if cell_len(line) > room:
        line = chop_cells(line, room - 1)[0] + "…"
    return line


def _from_cell(line: str, start: int) -> str:
    cells = 0
    for index, sign in enumerate(line):
        if cells >= start:
            return " " * (cells - start) + line[index:]
        cells += cell_len(sign)
    return ""


def _escaped(text: str) -> str:
    """Write tabs as blanks, and the characters that steer a terminal or turn a text round as their escapes."""
    spaced = text.replace("\t", _TAB)
    return "".join(sign if sign.isprintable() and plain(sign) else f"\\u{ord(sign):04x}" for sign in spaced)
