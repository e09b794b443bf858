from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import version

import pytest
from command_line import SEED, call
from syrupy.assertion import SnapshotAssertion


def words(help_text: str) -> str:
    """Leave out what Typer adds about types, and how it breaks lines, which differ between its versions."""
    lines = [re.sub(r" <[^>]*>|\{|\}|\[0\.0<=x<=2\.0\]", "", line) for line in help_text.splitlines()]
    starts = re.sub(r"\n {6,}(?! *-)", " ", "\n".join(lines))
    return "\n".join(" ".join(line.split()) for line in starts.splitlines())


@pytest.mark.parametrize(
    "args",
    [
        *([], ["run"], ["test"], ["coverage"], ["check"], ["draw"], ["dev"], ["mcp"], ["schema"], ["migrate"]),
        *(["conversations"], ["conversations", "list"], ["conversations", "prune"]),
    ],
    ids=lambda a: " ".join(a) or "all",
)
def test_help_says_what_there_is(args: list[str], snapshot: SnapshotAssertion) -> None:
    result = call(*args, "--help")

    assert result.exit_code == 0
    assert words(result.stdout) == snapshot


def test_the_version_is_that_of_the_package() -> None:
    result = call("--version")
    assert (result.exit_code, result.stdout) == (0, f"fsm-langgraph {version('fsm-langgraph')}\n")


@pytest.mark.parametrize(
    ("args", "status", "told"),
    [
        (["--version"], 0, f"fsm-langgraph {version('fsm-langgraph')}\n"),
        (["check", "--explain", "FSM101"], 0, "# FSM101\n\n`unreachable-state`"),
        (["dance"], 2, "Usage: python -m fsm_langgraph [OPTIONS] COMMAND"),
    ],
    ids=["version", "a command", "no command"],
)
def test_python_runs_the_package_as_the_command_line(args: list[str], status: int, told: str) -> None:
    command = [sys.executable, "-m", "fsm_langgraph", *args]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command

    assert done.returncode == status
    assert (done.stdout or done.stderr).startswith(told)


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ([], "Usage: fsm-langgraph"),
        (["dance"], "No such command 'dance'"),
        (["run"], "Missing argument"),
        (["check"], "Missing argument"),
        (["mcp"], "Missing argument"),
        (["run", SEED, "--temperature", "3"], "--temperature"),
        (["run", SEED, "--temperature", "warm"], "--temperature"),
        (["run", SEED, "--deadline", "0"], "Invalid value for --deadline: it is a number of seconds, above 0"),
        (["run", SEED, "--deadline", "inf"], "Invalid value for --deadline: it is a number of seconds, above 0"),
        (["run", SEED, "--context", "name"], "'name' is not of the form KEY=VALUE"),
        (["run", SEED, "--context", "=Ann"], "'=Ann' is not of the form KEY=VALUE"),
        (["run", SEED, "--resume"], "it needs --db"),
        (["run", SEED, "--resume", "--db", "x.db", "--thread", "1"], "leave out --thread"),
        (["run", SEED, "--thread", " "], "an id is not empty"),
        (["draw", SEED, "-o", "machine.gif"], "no format goes by the suffix '.gif'"),
        (["draw", SEED, "--format", "gif"], "--format"),
        (["schema", "extra"], "unexpected extra argument"),
    ],
    ids=lambda value: " ".join(map(str, value)).replace(str(SEED), "FILE") if isinstance(value, list) else None,
)
def test_a_command_line_that_cannot_be_meant_exits_with_2(args: list[str], told: str) -> None:
    result = call(*args)
    assert result.exit_code == 2
    assert told.lower() in " ".join(result.output.lower().split())


@pytest.mark.parametrize(
    ("args", "unwanted"),
    [
        (["--help"], ("langgraph", "langchain_core", "pydantic")),
        (["check", str(SEED)], ("langgraph", "langchain_core", "z3")),
    ],
    ids=["help", "check"],
)
def test_a_command_waits_for_nothing_that_it_does_not_need(args: list[str], unwanted: tuple[str, ...]) -> None:
    program = (
        f"import sys; from fsm_langgraph.cli import app; app({args!r}, standalone_mode=False); "
        f"sys.exit(any(name in sys.modules for name in {unwanted!r}))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=False).returncode == 0  # noqa: S603 - our own program
