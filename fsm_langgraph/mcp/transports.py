"""The server over stdio, for the client that has started it, and over streamable HTTP, for any that finds it.

On stdio the standard output is the client's line: while it is served, whatever else is printed goes to the standard
error. Over HTTP there is no authentication: whoever reaches the address may use it.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from io import TextIOWrapper
from typing import Any

import anyio
from mcp.server import Server
from mcp.server.stdio import stdio_server

PATH = "/mcp"
"""Where the server is found over HTTP."""
_FAREWELL = 3
"""Seconds that open connections have to end when the server is stopped."""


async def serve_stdio(server: Server[Any]) -> None:
    """Serve the client that has started this process, until it closes the standard input."""
    async with stdio_server(stdin=_Lines(_claim_stdin())) as (read, write):
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


def _claim_stdin() -> TextIOWrapper:
    """Take the standard input away from everybody else in this process, and from its children."""
    private = os.dup(sys.stdin.fileno())
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - it is opened for its descriptor
        os.dup2(nothing.fileno(), sys.stdin.fileno())
    # Not closed with the wrapper: a thread may still be waiting for a line of it.
    return TextIOWrapper(os.fdopen(private, "rb", closefd=False), encoding="utf-8", errors="replace")
