"""The README of each example shows commands and conversations; they run, and come out as they are shown.

In a block of `console`, a line after `$ ` is a command, and what follows is all that it writes. The lines after `You: `
are what it is given. A command with nothing below it only has to succeed.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from command_line import call, command, environment

ROOT = Path(__file__).parent.parent
READMES = sorted(path / "README.md" for path in (ROOT / "graphs").iterdir() if list(path.glob("fsm.*")))
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")


class Shown(NamedTuple):
    """A command that a README shows."""

    folder: str
    command: str
    output: str

    @property
    def lines(self) -> str:
        """The lines that it is given to read."""
        return "".join(f"{line}\n" for line in re.findall(r"^You: (.*)$", self.output, re.MULTILINE))


SHOWN = [
    Shown(path.parent.name, command, output)
    for path in READMES
    for block in _BLOCK.findall(path.read_text(encoding="utf-8"))
    for command, output in _COMMAND.findall(block)
]
LINKS = [
    (path.parent / target)
    for path in READMES
    for target in _LINK.findall(path.read_text(encoding="utf-8"))
]  # fmt: skip


def written(shown: Shown) -> str:
    """Run a command as it is shown, from the project's folder; return what it writes."""
    program, *args = shlex.split(shown.command, comments=True)
    if program == "python":
        given = environment(PYTHONPATH=str(ROOT))
        return subprocess.run(  # noqa: S603 - the READMEs are ours
            [sys.executable, *args], input=shown.lines, env=given, cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
    assert program == "fsm-langgraph", f"a README shows a command that nobody tries: {shown.command}"
    if "--handlers" in args:  # in a process of its own: what handlers have done before, they remember
        return subprocess.run(  # noqa: S603 - the READMEs are ours
            command(*args),
            input=shown.lines,
            env=environment(PYTHONPATH=str(ROOT)),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    result = call(*args, lines=shown.lines)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: f"{shown.folder}: {shown.command}")
def test_a_command_writes_what_stands_below_it(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    assert shown.output in ("", "\n".join(line.rstrip() for line in written(shown).splitlines()) + "\n")


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_every_example_shows_a_conversation(readme: Path) -> None:
    assert any(shown.lines for shown in SHOWN if shown.folder == readme.parent.name)


@pytest.mark.parametrize("target", LINKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_link_leads_somewhere(target: Path) -> None:
    assert target.exists()


def test_the_readme_lists_every_example() -> None:
    listed = re.findall(r"^\| \[graphs/(\w+)\]", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(listed) == [path.parent.name for path in READMES]
