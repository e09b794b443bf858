"""The README of each example shows commands and conversations; they run, and come out as they are shown.

In a block of `console`, a line after `$ ` is a command, and what follows is all that it writes. The lines after `You: `
are what it is given. A command with nothing below it only has to succeed.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest
from command_line import call, environment
from crash.zygote import Zygote
from forked_commands import run_forked

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


def written(shown: Shown, zygote: Zygote) -> str:
    """Run a command as it is shown, from the project's folder; return what it writes."""
    program, *args = shlex.split(shown.command, comments=True)
    assert program in ("python", "fsm-langgraph"), f"a README shows a command that nobody tries: {shown.command}"
    if program == "python" or "--handlers" in args:  # in a process of its own: what handlers have done, they remember
        done = run_forked(zygote, program, *args, lines=shown.lines, folder=ROOT, environment=environment())
        assert done.returncode == 0, done.stderr
        return done.stdout
    result = call(*args, lines=shown.lines)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: f"{shown.folder}: {shown.command}")
def test_a_command_writes_what_stands_below_it(shown: Shown, zygote: Zygote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    assert shown.output in ("", "\n".join(line.rstrip() for line in written(shown, zygote).splitlines()) + "\n")


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_every_example_shows_a_conversation(readme: Path) -> None:
    assert any(shown.lines for shown in SHOWN if shown.folder == readme.parent.name)


@pytest.mark.parametrize("target", LINKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_link_leads_somewhere(target: Path) -> None:
    assert target.exists()


def test_the_readme_lists_every_example() -> None:
    listed = re.findall(r"^\| \[graphs/(\w+)\]", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(listed) == [path.parent.name for path in READMES]
