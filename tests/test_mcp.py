"""`fsm-langgraph mcp` as clients start it, over stdio and over HTTP; what it serves is in `test_machine_tool.py`."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from command_line import SEED, call, environment
from crash.zygote import Zygote
from forked_commands import STREAMS, Forked
from machines import FORM
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp_client import HANDSHAKE, LATEST, Asked, said
from real_time import WAIT

import fsm_langgraph

PACKAGE = Path(fsm_langgraph.__file__).parent.parent
EXAMPLE = PACKAGE / "graphs" / "personal_information" / "fsm.json"
HEARD = ["yes", "I'm Ann Lee", "ann@example.com", "3 May 1990", "yes"]
DATA = {"name": "Ann Lee", "email": "ann@example.com", "birthdate": "1990-05-03", "confirmed": True}
CHATTY = """
import os, subprocess, sys
from fsm_langgraph import Handlers

print("imported")
handlers = Handlers()

@handlers.on("PRE_PROCESSING")
def chat(event):
    print("printed", "and read", repr(sys.stdin.read()))
    print("printed past it", file=sys.__stdout__)
    os.write(1, b"written\\n")
    subprocess.run(["echo", "from a child"], check=True)
"""
ENDED = """
from fsm_langgraph.cli import app
try:
    app(prog_name="fsm-langgraph")
except SystemExit as end:
    print("ended with", end.code, file=__import__("sys").stderr, flush=True)
"""


async def test_over_stdio_nothing_but_the_protocol_is_on_the_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcp.client.stdio.PROCESS_TERMINATION_TIMEOUT", 30.0)  # the machine may be busy
    shutil.copy(EXAMPLE, tmp_path / "fsm.json")
    (tmp_path / "handlers.py").write_text(CHATTY, encoding="utf-8")
    args = ["-c", ENDED, "mcp", str(tmp_path / "fsm.json"), "--model", "offline", "--handlers", "beside"]
    server = StdioServerParameters(command=sys.executable, args=args, env=environment(PYTHONPATH=str(PACKAGE)))
    user = Asked(HEARD)

    with (tmp_path / "log.txt").open("w") as log:
        async with Client(stdio_client(server, log), elicitation_callback=user) as client:
            result = await client.call_tool("Personal_information", {})

    assert len(user.questions) == len(HEARD)
    assert result.structured_content["finished"]
    assert result.structured_content["data"] == DATA
    log_lines = (tmp_path / "log.txt").read_text().splitlines()
    assert log_lines[:2] == [
        "imported",
        "Serving Personal information over stdio, with the model offline (rules, not a language model).",
    ]
    assert {"printed and read ''", "printed past it", "written", "from a child"} <= {*log_lines}
    assert log_lines[-1] == "ended with 0"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the server over HTTP; `out` and `err` in it are what it has written."""
    return tmp_path_factory.mktemp("http")


@pytest.fixture(scope="module")
def http(folder: Path, zygote: Zygote) -> Iterator[Forked]:
    """The server over HTTP."""
    (folder / "form.json").write_text(json.dumps(FORM), encoding="utf-8")
    options = ("--model", "offline", "--http", "--port", "0", "--db", folder / "db.sqlite")
    args = ("fsm-langgraph", "mcp", EXAMPLE, folder / "form.json", *options)
    process = Forked(zygote, args, [folder / stream for stream in STREAMS], folder, environment())
    yield process
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def url(http: Forked, folder: Path) -> str:
    assert http.poll() is None
    for _ in range(1200):
        told = (folder / "err").read_text(encoding="utf-8")
        if told.startswith("Serving Personal information, test at http://127.0.0.1:") and _listens(_address(told)):
            return _address(told)
        time.sleep(0.05)
    raise AssertionError(f"nothing listens; it told {told!r}")


def _address(told: str) -> str:
    return told.split(" at ")[1].split(",")[0]


def _listens(address: str) -> bool:
    """Say whether the server takes connections yet: it tells its address a moment before."""
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", int(address.split("127.0.0.1:")[1].split("/")[0]))) == 0


@pytest.mark.parametrize("mode", [LATEST, HANDSHAKE])
async def test_a_conversation_is_held_over_http(url: str, mode: str) -> None:
    user = Asked(HEARD)
    async with (
        httpx2.AsyncClient(trust_env=False, timeout=WAIT) as http_client,
        Client(streamable_http_client(url, http_client=http_client), mode=mode, elicitation_callback=user) as client,
    ):
        tools = [tool.name for tool in (await client.list_tools()).tools]
        result = await client.call_tool(tools[0], {})
        await client.call_tool(tools[1], {"message": "no", "conversation_id": "made-up"})

    assert tools == ["Personal_information", "test"]
    assert len(user.questions) == len(HEARD)
    assert result.structured_content["data"] == DATA
    assert said(result).endswith("goodbye!")


def test_ctrl_c_ends_it_cleanly(http: Forked, folder: Path, url: str) -> None:
    http.send_signal(signal.SIGINT)

    assert http.wait() == 0
    assert url.endswith("/mcp")
    out, told = ((folder / name).read_text(encoding="utf-8").splitlines() for name in ("out", "err"))
    assert (out, told[1:]) == ([], ["Stopped."])


def test_it_takes_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)

    result = call("mcp", SEED)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: the SDK of the Model Context Protocol is not installed.\n  Run: pip install 'fsm-langgraph[mcp]'\n"
    )


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["nowhere.json"], "(root): cannot be read: No such file or directory."),
        ([SEED, "--model", "nobody:gpt"], "no provider is named 'nobody'"),
        ([SEED, "--handlers", "nowhere.py"], "handlers='nowhere.py': there is no file"),
        ([SEED, SEED], "would both be the tool"),
        ([SEED, "--db", "/nowhere/db.sqlite"], "/nowhere/db.sqlite: unable to open database file."),
        ([SEED, "--http", "--host", "no host"], "no host:8000 is not to be had: "),
        ([SEED, "--http", "--host", "no host"], ". Give another --host."),
        (
            [SEED, "--http", "--port", "70000"],
            "127.0.0.1:70000 is not to be had: bind(): port must be 0-65535. Give another --port.",
        ),
    ],
    ids=lambda value: " ".join(map(str, value)).replace(str(SEED), "FILE") if isinstance(value, list) else "",
)
def test_what_cannot_be_served_is_told_on_the_standard_error(args: list[str], told: str) -> None:
    result = call("mcp", *args)

    assert (result.exit_code, result.stdout) == (1, "")
    assert told in result.stderr


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = call("mcp", SEED, "--model", "offline", "--http", "--port", str(port))

    assert result.exit_code == 1
    assert f"127.0.0.1:{port} is not to be had: Address already in use. Give another --port." in result.stderr


@pytest.mark.parametrize("args", [["--port", "8000"], ["--host", "0.0.0.0"]])  # noqa: S104 - it is refused
def test_nothing_listens_on_stdio(args: list[str]) -> None:
    result = call("mcp", SEED, *args)

    assert result.exit_code == 2
    assert "it needs --http" in " ".join(result.output.split())
