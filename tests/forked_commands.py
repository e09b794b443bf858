"""Commands in processes of their own that a zygote forks, so that none of them imports everything anew.

Such a process has files or a terminal of its own, an environment and a folder, and ends with a status. That a command
runs in an interpreter of its own too is shown once for each, with `command_line.command`.
"""

from __future__ import annotations

import fcntl
import os
import runpy
import signal
import sys
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from crash.zygote import Zygote, ended, fork

from fsm_langgraph.cli import app

STREAMS = ("in", "out", "err")
"""The names of a command's files."""


class Forked:
    """A running command: the part of `subprocess.Popen` that tests use.

    Args:
        zygote: Forks it.
        command: The program, which is `fsm-langgraph` or `python -m`, and its arguments.
        streams: The paths of its input, output and error output, or of a terminal that is all three.
        folder: Where it runs.
        environment: Its environment.
    """

    def __init__(
        self,
        zygote: Zygote,
        command: Sequence[str | Path],
        streams: Sequence[str | Path],
        folder: str | Path,
        environment: Mapping[str, str],
    ) -> None:
        self._zygote = zygote
        self._status: int | None = None
        given = [*map(str, command)], [*map(str, streams)], str(folder), dict(environment)
        self.pid = zygote.here(_spawn, *given)

    def poll(self) -> int | None:
        """Return its status, if it has ended."""
        if self._status is None:
            self._status = self._zygote.here(_status_of, self.pid)
        return self._status

    def wait(self, _: float | None = None) -> int:
        """Wait for its end; return its status."""
        if self._status is None:
            self._status = self._zygote.here(ended, self.pid)
        return self._status

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once, if it runs."""
        if self.poll() is None:
            self.send_signal(signal.SIGKILL)


class Done(NamedTuple):
    """A command that has ended."""

    returncode: int
    stdout: str
    stderr: str


def run_forked(
    zygote: Zygote, *command: str | Path, lines: str = "", folder: Path, environment: Mapping[str, str]
) -> Done:
    """Run a command with lines on its standard input; wait for its end."""
    with TemporaryDirectory() as name:
        paths = [Path(name) / stream for stream in STREAMS]
        paths[0].write_text(lines, encoding="utf-8")
        status = Forked(zygote, command, paths, folder, environment).wait()
        _, out, err = (path.read_text(encoding="utf-8") for path in paths)
    return Done(status, out, err)


def _spawn(command: list[str], streams: list[str], folder: str, environment: dict[str, str]) -> int:
    """Open the streams and fork; before this returns the terminal has been opened by its process."""
    opened = [os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOCTTY, 0o600) for path in streams]
    try:
        return fork(_carry_out, opened, command, folder, environment)
    finally:
        for each in opened:
            os.close(each)


def _status_of(child: int) -> int | None:
    ended_one, status = os.waitpid(child, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended_one else None


def _carry_out(opened: list[int], command: list[str], folder: str, environment: dict[str, str]) -> None:
    os.setsid()
    for number, each in enumerate(opened):
        os.dup2(each, number)
        os.close(each)
    if os.isatty(0):
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C in it reaches the process
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115 - as Python does
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - as Python does
    sys.stderr = open(2, "w", 1, encoding="utf-8", closefd=False)  # noqa: SIM115 - as Python does
    sys.path.insert(0, "")
    if command[:2] == ["python", "-m"]:
        sys.argv = command[2:]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = command
        app(prog_name=command[0])
