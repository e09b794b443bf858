"""What the README shows runs, and prints what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fsm_langgraph.cli import app

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DEFINITION = re.findall(r"^```yaml\n(.*?)^```", README, re.DOTALL | re.MULTILINE)[0]
PROGRAMS = re.findall(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


@pytest.fixture
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that holds the README's definition and the examples, as its reader's does."""
    (tmp_path / "coffee.yaml").write_text(DEFINITION, encoding="utf-8")
    (tmp_path / "graphs").symlink_to(ROOT / "graphs")
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("_folder")
@pytest.mark.parametrize(("program", "output"), PROGRAMS, ids=range(len(PROGRAMS)))
def test_a_program_prints_what_stands_below_it(program: str, output: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(program, "README.md", "exec"), {})  # noqa: S102 - the README is ours

    assert capsys.readouterr().out == output


def test_every_program_has_its_output_below_it() -> None:
    assert README.count("```python") == len(PROGRAMS)


@pytest.mark.usefixtures("_folder")
def test_the_definition_is_sound() -> None:
    with pytest.raises(SystemExit) as ended:
        app(["check", "coffee.yaml"])

    assert ended.value.code == 0


@pytest.mark.parametrize("target", re.findall(r"\]\((?!https?:)([^)#]+)\)", README))
def test_a_link_leads_somewhere(target: str) -> None:
    assert (ROOT / target).exists()
