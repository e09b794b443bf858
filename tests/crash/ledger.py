"""A file of lines that outlives the process that writes it: what ran, and what was stored, in the order of events.

A line is appended by one system call, so a kill leaves it whole or leaves it out.
"""

from __future__ import annotations

import itertools
import os
import signal
from pathlib import Path


class Ledger:
    """Notes words, a line at a time.

    Args:
        path: The file; it is made where there is none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._numbers = itertools.count(1)
        self._last, self._seconds = 0, 0.0

    def end_after(self, lines: int, seconds: float) -> None:
        """Have a signal end this process, so many seconds after it has noted so many lines."""
        self._last, self._seconds = lines, seconds

    def note(self, *words: object) -> None:
        """Append a line."""
        os.write(self._file, ("\t".join(map(str, words)) + "\n").encode())
        if next(self._numbers) == self._last:
            signal.setitimer(signal.ITIMER_REAL, self._seconds)

    def lines(self, kind: str = "") -> list[list[str]]:
        """Return the words of all lines; with a kind, of those that begin with it, without it."""
        found = [line.split("\t") for line in self.path.read_text("utf-8").splitlines()]
        return [words[1:] for words in found if words[0] == kind] if kind else found
