"""`fsm-langgraph dev` as a process of its own: its sockets reach nothing but this machine, and its queue is quick."""

from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

from command_line import command, environment
from crash.zygote import Zygote
from forked_commands import Forked

import fsm_langgraph

STARTS_WITHIN = 120.0
"""Seconds; a busy machine takes long to import all that a server needs."""
_QUEUE_WAITS = 0.02
"""Seconds after which the server's queue looks for runs again. Left alone it waits half a second: most of a turn."""
_IN_THE_SERVER = f"""
import asyncio, socket, sys

_sleep = asyncio.sleep
asyncio.sleep = lambda delay, result=None: _sleep({_QUEUE_WAITS} if delay == 0.5 else delay, result)

_connect = socket.socket.connect


def connect(self, address):
    if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1"):
        print(f"the server reached out to {{address}}", file=sys.stderr)
        raise OSError("there is no network")
    return _connect(self, address)


socket.socket.connect = connect
"""
_NO_PROXY = {
    **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:1"),
    "NO_PROXY": "127.0.0.1",
}
"""Leads what does not use Python's sockets into nothing."""


class LangGraphServer:
    """The server; a context manager.

    Args:
        folder: Where it runs, and its output goes.
        args: What `fsm-langgraph dev` is given, besides the port.
        zygote: Forks the process that watches files and starts the one that serves; left out, an interpreter starts.
        variables: Of its environment.
    """

    def __init__(self, folder: Path, *args: str | Path, zygote: Zygote | None = None, **variables: str) -> None:
        (folder / "only_loopback").mkdir()
        (folder / "only_loopback" / "sitecustomize.py").write_text(_IN_THE_SERVER, encoding="utf-8")
        package = Path(fsm_langgraph.__file__).parent.parent
        path = os.pathsep.join([str(folder / "only_loopback"), str(package)])
        self._log = folder / "log.txt"
        self._port = _free_port()
        args = ("dev", *args, "--port", str(self._port))
        env = environment(PYTHONPATH=path, **_NO_PROXY, **variables)
        self._process: Forked | subprocess.Popen[bytes]
        if zygote is not None:
            streams: list[str | Path] = [os.devnull, self._log, self._log]
            self._process = Forked(zygote, ["fsm-langgraph", *args], streams, folder, env)
            return
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the arguments are the tests' own
                command(*args), stdout=log, stderr=subprocess.STDOUT, cwd=folder, env=env, start_new_session=True
            )

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def told(self) -> str:
        """What it has written so far, without colours."""
        return re.sub(r"\x1b\[[0-9;]*m", "", self._log.read_text(encoding="utf-8"))

    def __enter__(self) -> Self:
        self.until(self._answers, STARTS_WITHIN)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def until(self, holds: Callable[[], object], seconds: float = STARTS_WITHIN) -> None:
        """Wait until something holds."""
        until = time.monotonic() + seconds
        while not holds():
            assert self._process.poll() is None, self.told
            assert time.monotonic() < until, self.told
            time.sleep(0.05)

    def interrupt(self) -> int:
        """Press Ctrl-C; return the exit code."""
        os.killpg(self._process.pid, signal.SIGINT)
        return self._process.wait(STARTS_WITHIN)

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/ok", timeout=5.0) as response:  # noqa: S310 - an address of our own
                return bool(response.status == 200)
        except (URLError, OSError):
            return False


def _free_port() -> int:
    """Find a port that nobody has, among those that the system gives to nobody who does not ask for them."""
    while True:
        with socket.socket() as trial, suppress(OSError):
            trial.bind(("127.0.0.1", secrets.choice(range(15_000, 32_000))))
            return int(trial.getsockname()[1])
