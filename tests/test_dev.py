"""`fsm-langgraph dev`, but for what it serves: that is in `test_langgraph_server.py`."""

from __future__ import annotations

import json
import re
import socket
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from command_line import SEED, call
from langgraph_server import LangGraphServer
from machines import FORM
from real_time import WAIT


def assistants(server: LangGraphServer) -> list[str]:
    """Name the graphs that are served, or nothing while they are loaded again."""
    ask = Request(f"{server.url}/assistants/search", b"{}", {"Content-Type": "application/json"})  # noqa: S310 - our own
    try:
        with urlopen(ask, timeout=WAIT) as response:  # noqa: S310 - an address of our own
            return sorted(assistant["name"] for assistant in json.load(response))
    except OSError:
        return []


def test_definitions_are_served_and_served_anew_when_they_change(tmp_path: Path) -> None:
    file = tmp_path / "form.json"
    file.write_text(json.dumps({**FORM, "name": "Before"}), encoding="utf-8")
    with LangGraphServer(
        tmp_path,
        file,
        *("--model", "offline"),
        TMPDIR=str(tmp_path),
        LANGSMITH_API_KEY="a key that nobody is to hear of",
        LANGCHAIN_TRACING_V2="true",
    ) as server:
        assert assistants(server) == ["Before"]
        assert server.told.splitlines()[:3] == [
            "Graphs: form",
            f"API:    {server.url}  (documented at {server.url}/docs)",
            f"Studio: https://smith.langchain.com/studio/?baseUrl={server.url}",
        ]

        file.write_text(json.dumps({**FORM, "initial_state": "nowhere"}), encoding="utf-8")
        server.until(lambda: re.search(r": initial_state: no state is named 'nowhere'", server.told))
        file.write_text(json.dumps({**FORM, "name": "After"}), encoding="utf-8")
        server.until(lambda: assistants(server) == ["After"])

        assert server.interrupt() == 0
        assert server.told.endswith("\nStopped.\n")
        assert "reached out" not in server.told
    assert [path.name for path in tmp_path.glob("fsm-langgraph-*")] == []


def test_what_the_server_needs_can_be_kept_without_starting_it(tmp_path: Path) -> None:
    (tmp_path / "form.json").write_text(json.dumps(FORM), encoding="utf-8")

    result = call("dev", tmp_path / "form.json", "--model", "offline", "--out", tmp_path, "--no-start")

    assert result.exit_code == 0
    assert result.stdout == f"{tmp_path}/langgraph.json is written. Start the server there: langgraph dev\n"
    assert 'form = compile_fsm(HERE / "form.json", model="offline")\n' in (tmp_path / "served.py").read_text()


HANDLERS = "from fsm_langgraph import Handlers\nhandlers = Handlers()\n"


@pytest.mark.parametrize("reference", ["beside", "beside:handlers"])
def test_handlers_beside_are_for_the_definitions_that_have_any(reference: str, tmp_path: Path) -> None:
    for name in ("with", "without"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "fsm.json").write_text(json.dumps(FORM), encoding="utf-8")
    (tmp_path / "with" / "handlers.py").write_text(HANDLERS)
    files = (tmp_path / "with" / "fsm.json", tmp_path / "without" / "fsm.json")

    result = call("dev", *files, "--handlers", reference, "--out", tmp_path, "--no-start")

    assert result.exit_code == 0
    assert (tmp_path / "served.py").read_text().splitlines()[-2:] == [
        f'graph_with = compile_fsm(HERE / "with/fsm.json", handlers="{reference}")',
        'without = compile_fsm(HERE / "without/fsm.json")',
    ]


def test_handlers_that_were_not_asked_for_are_left_out_and_one_line_says_so(tmp_path: Path) -> None:
    (tmp_path / "form.json").write_text(json.dumps(FORM), encoding="utf-8")
    (tmp_path / "handlers.py").write_text(HANDLERS)

    result = call("dev", tmp_path / "form.json", "--out", tmp_path / "out", "--no-start")

    assert result.stderr == f"{tmp_path}/handlers.py was not loaded; --handlers beside loads it.\n"


def test_it_takes_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langgraph_api", None)

    result = call("dev", SEED)

    assert result.exit_code == 1
    assert result.stderr == (
        "Error: the LangGraph server is not installed.\n  Run: pip install 'fsm-langgraph[server]'\n"
    )


def test_problems_of_a_definition_are_told_before_the_server_starts(tmp_path: Path) -> None:
    (tmp_path / "form.json").write_text(json.dumps({**FORM, "initial_state": "nowhere"}), encoding="utf-8")

    result = call("dev", tmp_path / "form.json")

    assert (result.exit_code, result.stdout) == (1, "")
    file = tmp_path / "form.json"
    assert f"Error: {file}: 1 problem\n{file}:1:74: initial_state: no state is named 'nowhere'." in result.stderr


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--model", "nobody:gpt"], "no provider is named 'nobody'"),
        (["--handlers", "nowhere.py"], "handlers='nowhere.py': there is no file"),
        (["--host", "no host"], "no host:2024 is not to be had: "),
        (["--host", "no host"], ". Give another --host."),
        (["--port", "70000"], "127.0.0.1:70000 is not to be had: bind(): port must be 0-65535. Give another --port."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_the_server_would_stumble_over_is_told_before_it_starts(args: list[str], told: str) -> None:
    result = call("dev", SEED, *args)

    assert (result.exit_code, result.stdout) == (1, "")
    assert told in result.stderr


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = call("dev", SEED, "--model", "offline", "--port", str(port))

    assert result.exit_code == 1
    assert result.stderr == f"Error: 127.0.0.1:{port} is not to be had: Address already in use. Give another --port.\n"


def test_without_a_folder_there_is_nothing_to_write() -> None:
    result = call("dev", SEED, "--no-start")

    assert result.exit_code == 2
    assert "it needs --out" in " ".join(result.output.split())
