"""The server over stdio, for the client that has started it, and over streamable HTTP, for any that finds it.

On stdio the standard input and output are the client's line. They are taken away from everybody else before any code of
the user's runs: what is printed goes to the standard error, at whatever level, and whoever reads finds nothing.

Over HTTP there is no authentication: whoever reaches the address may use it.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from io import TextIOWrapper
from typing import Any

import anyio
from mcp.server import Server
from mcp.server.stdio import stdio_server

PATH = "/mcp"
"""Where the server is found over HTTP."""
_FAREWELL = 3
"""Seconds that open connections have to end when the server is stopped."""
_IN, _OUT, _ERR = 0, 1, 2
"""The descriptors of the standard streams."""


@dataclass(frozen=True, slots=True)
class ClientLine:
    """The client's line, as descriptors that nobody else in this process knows."""

    read: int
    write: int


@contextmanager
def claimed_line() -> Iterator[ClientLine]:
    """Take the standard input and output away from the rest of this process, and from its children."""
    line, printed = ClientLine(os.dup(_IN), os.dup(_OUT)), sys.stdout
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, _IN)
    os.close(nothing)
    os.dup2(_ERR, _OUT)
    try:
        with redirect_stdout(sys.stderr):
            yield line
    finally:
        printed.flush()  # what somebody has written past the redirection is not for the client either
        os.dup2(line.read, _IN)
        os.dup2(line.write, _OUT)
        # Reading is not closed: a thread may still be waiting for a line.
        os.close(line.write)


async def serve_stdio(server: Server[Any], line: ClientLine) -> None:
    """Serve the client that has started this process, until it closes its end of the line."""
    given = TextIOWrapper(os.fdopen(line.read, "rb", closefd=False), encoding="utf-8", errors="replace")
    taken = TextIOWrapper(os.fdopen(line.write, "wb", closefd=False), encoding="utf-8")
    async with stdio_server(stdin=_Lines(given), stdout=anyio.wrap_file(taken)) as (read, write):
        await server.run(read, write, server.create_initialization_options())


async def serve_http(server: Server[Any], listener: socket.socket, host: str) -> None:
    """Serve clients over streamable HTTP, until a signal stops it.

    Args:
        server: The server.
        listener: The socket that listens.
        host: The name that was asked for; one of this machine's own is guarded against DNS rebinding.
    """
    import uvicorn

    app = server.streamable_http_app(streamable_http_path=PATH, host=host)
    # Uvicorn would write a line for each request to the standard output.
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=_FAREWELL)
    await uvicorn.Server(config).serve(sockets=[listener])


class _Lines(anyio.AsyncFile[str]):
    """The lines of the standard input, read by a thread that Ctrl-C need not wait for, as it has to for the SDK's."""

    async def __aiter__(self) -> AsyncIterator[str]:
        loop, lines = asyncio.get_running_loop(), asyncio.Queue[str]()

        def read() -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody wants more
                for line in iter(self.wrapped.readline, ""):
                    loop.call_soon_threadsafe(lines.put_nowait, line)
                loop.call_soon_threadsafe(lines.put_nowait, "")

        threading.Thread(target=read, daemon=True).start()
        while line := await lines.get():
            yield line
