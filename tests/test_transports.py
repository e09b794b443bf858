"""The server over stdio, as far as no client sees it; the rest is in `test_mcp.py`."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from command_line import environment
from real_time import WAIT

import fsm_langgraph

PROGRAM = """
import asyncio, sys
from mcp.server import Server
from fsm_langgraph.mcp.transports import claimed_line, serve_stdio

async def main(line):
    served = asyncio.create_task(serve_stdio(Server("test"), line))
    await asyncio.sleep(0.1)
    print("ready", file=sys.stderr, flush=True)
    await served

with claimed_line() as line:
    try:
        asyncio.run(main(line))
    except KeyboardInterrupt:
        print("stopped")
"""


def test_ctrl_c_does_not_wait_for_the_next_line() -> None:
    with subprocess.Popen(  # noqa: S603 - the program is ours
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(PYTHONPATH=str(Path(fsm_langgraph.__file__).parent.parent)),
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "ready\n"
        time.sleep(0.1)  # asyncio misses a signal that comes just before it waits, and it waits for the next line
        process.send_signal(signal.SIGINT)

        assert process.wait(WAIT) == 0  # its input is still open
        assert process.stderr.read() == "stopped\n"
