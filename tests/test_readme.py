"""What the README and the documents beside it show runs, and prints what it says."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from functools import cache
from inspect import signature
from pathlib import Path

import pytest
from pydantic import BaseModel

from fsm_langgraph import Event, Handlers
from fsm_langgraph.cli import app
from fsm_langgraph.definition import Condition, ContextKey, FSMDefinition, GlobalTransition, Lookup, State

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DEFINITION = re.findall(r"^```yaml\n(.*?)^```", README, re.DOTALL | re.MULTILINE)[0]
DOCUMENTS = {
    name: (ROOT / name).read_text(encoding="utf-8")
    for name in [
        "README.md",
        "SECURITY.md",
        *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")),
    ]
}
PROGRAM = re.compile(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"^```\w+\n# (\S+\.\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
"""A block that is a file: its first line, a comment, names it."""
PROGRAMS = [
    pytest.param({"coffee.yaml": DEFINITION, **dict(FILE.findall(text))}, program, output, id=f"{name}-{number}")
    for name, text in DOCUMENTS.items()
    for number, (program, output) in enumerate(PROGRAM.findall(text))
]
FILES = [found for text in DOCUMENTS.values() for found in FILE.findall(text)]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")
LINKS = [(name, target) for name, text in DOCUMENTS.items() for target in LINK.findall(text)]
EXAMPLES = [(name, path) for name, text in DOCUMENTS.items() for path in re.findall(r"\bgraphs/[\w./*-]*[\w*]", text)]
NAMED_LINK = re.compile(r"\[`(\w+)(?:\(\))?`\]\(([^)]+\.py)\)")
NAMED = [(document, *found) for document, text in DOCUMENTS.items() for found in NAMED_LINK.findall(text)]
FUNCTION = re.compile(r"`(\w+)\(\)`")
STEP = re.compile(r"^\d+\. .*\n(?: {3,}.*\n)*", re.MULTILINE)
STEPS = [(document, item) for document, text in DOCUMENTS.items() for item in STEP.findall(text)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that holds the examples, as a reader's does."""
    (tmp_path / "graphs").symlink_to(ROOT / "graphs")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("files", "program", "output"), PROGRAMS)
def test_a_program_prints_what_stands_below_it(
    folder: Path, files: dict[str, str], program: str, output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    # The annotations of the programs are their own: those of this file are not evaluated.
    exec(compile(program, "a document", "exec", dont_inherit=True), {"__name__": "program"})  # noqa: S102 - it is ours

    assert capsys.readouterr().out == output


def test_every_program_has_its_output_below_it() -> None:
    assert sum(text.count("```python") for text in DOCUMENTS.values()) == len(PROGRAMS)


@pytest.mark.parametrize(("name", "content"), [("coffee.yaml", DEFINITION), *FILES])
def test_a_definition_is_sound(folder: Path, name: str, content: str) -> None:
    (folder / name).write_text(content, encoding="utf-8")

    with pytest.raises(SystemExit) as ended:
        app(["check", name])

    assert ended.value.code == 0


@pytest.mark.parametrize(("document", "target"), LINKS)
def test_a_link_leads_somewhere(document: str, target: str) -> None:
    assert (ROOT / document).parent.joinpath(target).exists()


@pytest.mark.parametrize(("document", "path"), EXAMPLES)
def test_an_example_that_a_document_names_is_there(document: str, path: str) -> None:
    assert [*ROOT.glob(path)], f"{document} names it"


@pytest.mark.parametrize(("document", "name", "target"), NAMED)
def test_a_name_that_links_to_a_file_stands_in_it(document: str, name: str, target: str) -> None:
    assert name in _defined(document, target)


@pytest.mark.parametrize(("document", "item"), STEPS)
def test_a_function_that_a_step_of_a_walk_names_stands_in_a_file_that_it_links_to(document: str, item: str) -> None:
    linked = {name for target in LINK.findall(item) if target.endswith(".py") for name in _defined(document, target)}

    assert {*FUNCTION.findall(item)} <= linked


@pytest.mark.parametrize(
    ("row", "model"),
    [
        ("definition", FSMDefinition),
        ("state", State),
        ("transition", GlobalTransition),
        ("condition", Condition),
        ("lookup of the store", Lookup),
        ("key of the context", ContextKey),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_table_of_fields_names_each(row: str, model: type[BaseModel]) -> None:
    written = re.findall(rf"^\| {row}(?:\\\*)? \| (.*) \|$", README, re.MULTILINE)[0]
    read = {str(field.alias or name) for name, field in model.model_fields.items()} - {"metadata", "$schema"}
    assert {*re.findall(r"`(\w+)`", written)} == read


@pytest.mark.parametrize(
    ("head", "names"),
    [
        ("argument of `on`", {*signature(Handlers.on).parameters} - {"self", "moments"}),
        ("field of `Event`", {field.name for field in fields(Event)}),
    ],
    ids=["arguments of `on`", "fields of `Event`"],
)
def test_a_table_of_handlers_names_each(head: str, names: set[str]) -> None:
    rows = re.findall(rf"^\| {re.escape(head)} \|.*\n\|-+\|-+\|\n((?:\|.*\n)+)", README, re.MULTILINE)[0]
    told = [name for row in rows.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert {*told} == names


def _defined(document: str, target: str) -> set[str]:
    """The names of the functions and classes of a file."""
    return _names_in((ROOT / document).parent.joinpath(target).resolve())


@cache
def _names_in(file: Path) -> set[str]:
    module = ast.parse(file.read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return {node.name for node in ast.walk(module) if isinstance(node, kinds)}
