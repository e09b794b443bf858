"""The command line under test: called in this process, or as a process of its own in a terminal."""

from __future__ import annotations

import codecs
import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from functools import cache
from pathlib import Path
from typing import Self

import typer.testing
from crash.zygote import Zygote
from definitions import FOLDER
from forked_commands import Forked
from typer.testing import CliRunner, Result

from fsm_langgraph.cli import app

SEED = FOLDER / "valid" / "personal_information.json"
EVERYTHING = FOLDER / "valid" / "everything.json"

PLAIN = {
    "COLUMNS": "100",
    "FORCE_COLOR": None,
    "NO_COLOR": "1",
    "TTY_COMPATIBLE": None,
    "TTY_INTERACTIVE": None,
    "TERM": "dumb",
}
"""The environment in which the output does not depend on the machine's own terminal."""

TIMEOUT = 120.0
_START = (
    "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "from fsm_langgraph.cli import app; app(prog_name='fsm-langgraph')"
)
"""Makes the terminal the process's own, so that Ctrl-C in it reaches the process."""

# The options of all commands are read from the signatures once, and not for each call.
typer.testing._get_command = cache(typer.testing._get_command)  # type: ignore[attr-defined]  # it is Typer's own


def call(*args: str | Path, lines: str | bytes = "", env: dict[str, str | None] | None = None) -> Result:
    """Call a command in this process, with lines on its standard input."""
    given = {**PLAIN, **(env or {})}
    return CliRunner().invoke(app, [*map(str, args)], input=lines, env=given, prog_name="fsm-langgraph")


def environment(**variables: str) -> dict[str, str]:
    """Make the environment of a process of its own: no colours, no keys, no proxies, as few authorities as here."""
    plain = {name: value for name, value in PLAIN.items() if value is not None}
    kept = {name: os.environ[name] for name in ("PATH", "SSL_CERT_DIR") if name in os.environ}
    return {**kept, "HOME": "/nonexistent", **plain, **variables}


def command(*args: str | Path) -> list[str]:
    """Write the command line of a process of its own."""
    start = "from fsm_langgraph.cli import app; app(prog_name='fsm-langgraph')"
    return [sys.executable, "-c", start, *map(str, args)]


class Terminal:
    """A command in a pseudo-terminal; a context manager.

    Args:
        args: The arguments of the command.
        zygote: Forks its process; left out, a new interpreter is started.
        variables: Of its environment.
    """

    def __init__(self, *args: str | Path, zygote: Zygote | None = None, **variables: str) -> None:
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (40, 100))
        self._process: Forked | subprocess.Popen[bytes]
        if zygote is not None:
            streams = [os.ttyname(slave)] * 3
            self._process = Forked(zygote, ["fsm-langgraph", *args], streams, Path.cwd(), environment(**variables))
        else:
            self._process = subprocess.Popen(  # noqa: S603 - the arguments are the tests' own
                [sys.executable, "-c", _START, *map(str, args)],
                stdin=slave,
                stdout=slave,
                stderr=slave,
                env=environment(**variables),
                start_new_session=True,
            )
        os.close(slave)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._unread = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._master)

    def send(self, keys: str) -> None:
        """Type something."""
        os.write(self._master, keys.encode())

    def expect(self, text: str) -> str:
        """Wait for a text on the screen; return it with all before it that was not returned yet."""
        until = time.monotonic() + TIMEOUT
        while text not in self._unread:
            assert time.monotonic() < until, f"{text!r} did not come; there is {self._unread!r}"
            assert self._read(), f"the command ended without {text!r}: {self._unread!r}"
        shown, _, self._unread = self._unread.partition(text)
        return shown + text

    def interrupt(self) -> None:
        """Press Ctrl-C; once more if nothing comes of it.

        Python's input() misses a signal that comes between its prompt and its wait for a key: hence the pause.
        """
        time.sleep(0.1)
        for _ in range(3):
            self.send("\x03")
            if select.select([self._master], [], [], 15.0)[0]:
                return

    def finish(self) -> tuple[int, str]:
        """Wait for the command's end; return its exit code and what else it wrote."""
        until = time.monotonic() + TIMEOUT
        while self._read():
            assert time.monotonic() < until, f"the command did not end; there is {self._unread!r}"
        return self._process.wait(TIMEOUT), self._unread

    def _read(self) -> bool:
        """Read what is there or comes within a second; say whether more can come."""
        if not select.select([self._master], [], [], 1.0)[0]:
            return True
        try:
            raw = os.read(self._master, 4096)
        except OSError:  # Linux tells the end of a terminal as an error
            raw = b""
        text = self._decoder.decode(raw).replace("\r\n", "\n")
        self._unread += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)
        return bool(raw)
