"""The output of the commands: plain text on two consoles, files, and errors as sentences.

Texts from models, users and definitions are data. They never become Rich markup, and control characters, which would
steer a terminal, are left out.
"""

from __future__ import annotations

import errno
import json
import re
import socket
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

if TYPE_CHECKING:
    from rich.table import Table

    from fsm_langgraph.definition import FSMDefinition

_STEERING = {code: None for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


def out() -> Console:
    """Return the console for results."""
    return Console(markup=False, highlight=False, emoji=False)


def err() -> Console:
    """Return the console for errors and remarks."""
    return Console(stderr=True, markup=False, highlight=False, emoji=False)


def plain(text: str) -> str:
    """Leave out the control characters, which steer a terminal."""
    return text.translate(_STEERING)


def say(console: Console, *parts: str | tuple[str, str], end: str = "\n", hang: int = 0) -> None:
    """Write a line of texts, each with a style or without; it is wrapped in a terminal only.

    Args:
        console: Where to write it.
        parts: The texts, or pairs of a text and Rich's name of its style.
        end: The end of the line.
        hang: The column at which a wrapped line goes on.
    """
    styled = [plain(part) if isinstance(part, str) else (plain(part[0]), part[1]) for part in parts]
    text = Text.assemble(*styled)
    if hang and console.is_terminal:
        head, body = text.divide([hang])
        text = head + Text("\n" + " " * hang).join(body.wrap(console, max(console.width - hang, 1)))
    console.print(text, end=end, soft_wrap=not console.is_terminal)


def table_of(columns: Iterable[str], rows: Iterable[Iterable[str | tuple[str, str]]]) -> Table:
    """Make a table of texts, each with a style or without, in the form that all commands write."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        cells = [(each, "") if isinstance(each, str) else each for each in row]
        table.add_row(*(Text(plain(text), style) for text, style in cells))
    return table


def show_table(console: Console, columns: Sequence[str], rows: Iterable[Sequence[str | tuple[str, str]]]) -> None:
    """Write a table; where it is piped a row is a line, however long, and where no word would be whole, a few lines."""
    listed = [*rows]
    texts = [[cell if isinstance(cell, str) else cell[0] for cell in row] for row in listed]
    table = table_of(columns, listed)
    for shown, cells in zip(table.columns, zip(*texts, strict=True), strict=False):
        # Rich would break a short name or a number where a list beside it can give way.
        shown.no_wrap = all(len(cell) <= _SHORT and ", " not in cell for cell in cells)
    if not console.is_terminal:
        console.width = max(console.width, table_width(console, table))
    least = console.measure(table, options=console.options.update(width=_ANY_WIDTH)).minimum
    giving_way = sum(not shown.no_wrap for shown in table.columns)
    if (
        least + max(giving_way - 1, 0) <= console.width
    ):  # they share what is missing, and all but one may be rounded down
        console.print(table)
        return
    for (name, *_), (_, *further) in zip(listed, texts, strict=True):
        say(console, name)
        for column, text in zip(columns[1:], further, strict=True):
            if text:
                console.print(Padding(Text(plain(f"{column}: {text}"), "dim"), (0, 0, 0, 4), expand=False))


def table_width(console: Console, table: Table) -> int:
    """Return how wide a table is in which nothing is wrapped."""
    return console.measure(table, options=console.options.update(width=_ANY_WIDTH)).maximum


_ANY_WIDTH = 10_000
_SHORT = 20


def tell_first_warnings(file: Path, definition: FSMDefinition) -> None:
    """Tell the warnings of a definition in a few lines on the standard error, once in a process."""
    from fsm_langgraph.checking.first_warnings import first_warnings

    for line in first_warnings(definition, str(file)):
        say(err(), (line, "yellow"))


def write_json(data: object) -> None:
    """Write a result on the standard output as JSON, whatever its width."""
    out().out(json.dumps(data, indent=2, ensure_ascii=False), highlight=False)


class Flow:
    """Writes a text as it comes, piece by piece, and goes to the next line between words.

    Args:
        console: Where to write it.
        column: How many columns of the line are written already.
    """

    def __init__(self, console: Console, *, column: int) -> None:
        self._console = console
        self._column = column
        self._held = ""

    def write(self, piece: str) -> None:
        """Take a piece of the text; write the words that are whole by now, and keep the beginning of the next."""
        self._held += plain(piece)
        while found := _WORD.match(self._held):
            self._held = self._held[found.end() :]
            self._put(found[1], found[2])

    def close(self) -> None:
        """Write the rest, and end the line."""
        word = self._held.lstrip()
        self._put(self._held[: len(self._held) - len(word)], word)
        self._console.out(highlight=False)

    def _put(self, space: str, word: str) -> None:
        width = cell_len(word)
        if self._console.is_terminal and self._column + cell_len(space) + width > self._console.width:
            space = "\n"
        line = space.rpartition("\n")[2]
        self._column = cell_len(line) + width + (self._column if line == space else 0)
        self._console.out(space, word, sep="", end="", highlight=False)


_WORD = re.compile(r"(\s*)(\S{1,24}(?=\s)|\S{24})")
"""A whole word; or the first 24 characters of a longer one, since Chinese, for one, has no spaces to wait for."""


def fail(sentence: str) -> NoReturn:
    """Tell an error and leave with exit code 1."""
    say(err(), ("Error: ", "bold red"), sentence)
    raise typer.Exit(1)


def fail_to_listen(host: str, port: int, error: OSError | OverflowError) -> NoReturn:
    """Tell that an address cannot be listened at, and which option to change."""
    reason = (getattr(error, "strerror", None) or str(error)).rstrip(".")
    of_host = isinstance(error, socket.gaierror) or getattr(error, "errno", None) == errno.EADDRNOTAVAIL
    fail(f"{host}:{port} is not to be had: {reason}. Give another --{'host' if of_host else 'port'}.")


@contextmanager
def errors_told() -> Iterator[None]:
    """Tell the errors that a user can do something about as sentences, without a traceback."""
    from fsm_langgraph.errors import FSMError

    try:
        yield
    except FSMError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))


KEY_VARIABLE = "FSM_LANGGRAPH_ENCRYPTION_KEY"
"""The variable of the environment that has the key of an encrypted database."""


@contextmanager
def database_errors_told(place: str) -> Iterator[None]:
    """Tell the errors of the conversations' database as sentences."""
    import sqlite3

    from fsm_langgraph.errors import EncryptionError, StorageError, StoredDataError

    try:
        yield
    except EncryptionError as error:
        fail(f"{place}: {error}\n  The command line takes it from the environment: {KEY_VARIABLE}.")
    except StoredDataError as error:
        fail(f"{place}: {error}")
    except (sqlite3.Error, StorageError) as error:
        fail(f"{place}: {error.__cause__ if isinstance(error, StorageError) and error.__cause__ else error}.")


def write(data: str | bytes, file: Path | None) -> None:
    """Write a result to a file, or to the standard output as it is."""
    raw = data.encode() if isinstance(data, str) else data
    if file is not None:
        file.write_bytes(raw)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(raw)
    sys.stdout.buffer.flush()
