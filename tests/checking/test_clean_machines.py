"""Whatever machine the project shows or tests with has no warning, or says why it is meant so.

Of the tests' own machines the constants of their modules are looked at, of all modules that are collected with this
one. A machine that is faulty for its test's sake accepts it, or is named in `MEANT` with all that is told of it.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from fsm_langgraph.checking import QUICK_CHECKS, examine
from fsm_langgraph.cli.findings.definition_files import find_definitions
from fsm_langgraph.definition import FSMDefinition

TESTS = Path(__file__).parent.parent
ROOT = TESTS.parent
FILES = find_definitions([ROOT / "graphs", ROOT / "benchmarks", TESTS / "data"], skip_others=False).definitions
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHOWS_FAULTS = (ROOT / "docs" / "checking.md", ROOT / "docs" / "problems.md")
"""Documents whose definitions have the faults that they tell of."""
BLOCKS = [
    pytest.param(block, id=f"{path.relative_to(ROOT)}-{number}")
    for path in DOCUMENTS
    if path not in SHOWS_FAULTS
    for number, block in enumerate(re.findall(r"^```(?:yaml|json)\n(.*?)^```", path.read_text("utf-8"), re.S | re.M))
    if "initial_state" in block and "states" in block
]
CELLS = [
    pytest.param(text.replace("\\\n", ""), id=f"{path.stem}-{number}")
    for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
    for number, cell in enumerate(json.loads(path.read_text("utf-8"))["cells"])
    for text in re.findall(r'"""(.*?)"""', "".join(cell["source"]), re.S)
    if "initial_state" in text
]
SHARED = sorted(
    path.stem
    for path in TESTS.glob("*.py")
    if not path.stem.startswith(("test_", "conftest")) and re.search(r"\bmachine\(|initial_state", path.read_text())
)
"""The modules with machines for several tests."""
_NO_NO = {"one-way-answer": "nobody says no"}
_SHUT = {"never-collected": "a transition that is never open is wanted"}
_ENTERED = {"unreachable-state": "code of one's own leads into it"}
_TOLD = {"typed-secret": "secrets that a model writes are tested"}
_GUEST = {"lookup-by-model-key": "the tests say whose data is read"}
_OFFLINE = {
    "one-way-answer": "the offline model is asked one question at a time",
    "never-collected": "a part of a machine is what it is asked about",
    "unreachable-state": "it is asked about one state alone",
}
_LONE = {"lone-transition": "the model alone leads on, whatever is known"}
_ROUND = {"idle-self-transition": "the word for going round is tested"}
MEANT: Mapping[str, Mapping[str, str]] = {
    "telling.CLOSED": {"never-collected": "a key that a gate alone reads is tested"},
    "test_answered_keys.FORM": _SHUT,
    "test_arrival.BUSY": {**_ENTERED, **_LONE},
    "test_arrival.CONFIRMING": {**_ENTERED, **_LONE},
    "test_arrival.FORM": _NO_NO,
    "test_clear_secrets.PLAIN": _SHUT,
    "test_conversations.MACHINES": {"key-too-late": "the caller and the user tell it where nobody asks for it"},
    "test_definition_keys.OPEN": {"output-never-made": "that its name is a key is tested"},
    "test_definition_keys.STORING": {"output-never-made": "that its name is a key is tested"},
    "test_drawn_graph.DESK": {"duplicate-transition": "an edge that tells of both is tested", **_ROUND},
    "test_editing.SHOP": {"hidden-transition": "the state is left by an edit"},
    "test_embedding_swarm.KIOSK": _LONE,
    "test_enum_limits.HUB": {"too-many-targets": "what is too many is tested"},
    "test_exclusive.TALKS": _SHUT,
    "test_graph_around.SHOP": _LONE,
    "test_handlers_messages.PRICED": _NO_NO,
    "test_handoff.DESK": _LONE,
    "test_handoff.INSIDE": _LONE,
    "test_handoff.TO_A_SILENT_END": _LONE,
    "test_handoff.TO_THE_END": _LONE,
    "test_hidden_writes.DESK": _TOLD,
    "test_hostile.CLOSED": {"forgotten-key": "hostile replies tell it again"},
    "test_hostile.MACHINES": {"forgotten-key": "hostile replies tell it again"},
    "test_idle_handlers.KINDS": {"never-collected": "the scripted model tells it where nobody asks for it"},
    "test_live_data.CHECK_IN": {**_NO_NO, **_GUEST},
    "test_live_data.HOTEL": {**_NO_NO, **_GUEST},
    "test_live_data.INSIDE": _GUEST,
    "test_offline_understanding.DEFINITIONS": {**_OFFLINE, **_ROUND},
    "test_postgres_database.TALKS": _SHUT,
    "test_prompt.LIVE": {"unheard-end": "the prompt of an end that collects is tested"},
    "test_prompt.TOLD": _LONE,
    "test_revealed.INNER": _TOLD,
    "test_revealed.OUTER": {**_TOLD, "half-secret": "what is secret on one side alone is tested"},
    "test_saying.ORDER": _TOLD,
    "test_saying.RISKY": {"endless-sub-machine": "it fails before it could end"},
    "test_tooling.NESTED": _NO_NO,
    "test_turn.AHEAD": _LONE,
    "test_writes.CLOSED": _TOLD,
}
"""The constants that are faulty: the codes of what may be found in them, each with the reason."""


def _warnings(source: Any) -> list[str]:
    """Tell what is found in a definition, but for notes."""
    return [f"{each.code} {each.path}: {each.message}" for each in examine(source).findings if each.severity != "note"]


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_has_no_warnings(file: Path) -> None:
    assert _warnings(file) == []


@pytest.mark.parametrize("block", BLOCKS)
def test_a_definition_in_a_document_has_no_warnings(block: str) -> None:
    assert _warnings(block) == []


@pytest.mark.parametrize("text", CELLS)
def test_a_definition_in_a_notebook_has_no_warnings(text: str) -> None:
    assert _warnings(text) == []


def test_a_machine_of_the_tests_has_no_warning_that_is_not_meant() -> None:
    for name in SHARED:
        importlib.import_module(name)
    modules = [module for module in [*sys.modules.values()] if _is_of_tests(module)]

    constants = [constant for module in modules for constant in _constants(module)]
    told = {name: _codes(machines) - MEANT.get(name, {}).keys() for name, machines in constants}

    assert {name: codes for name, codes in told.items() if codes} == {}


def _is_of_tests(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and Path(file).parent == TESTS


def _constants(module: ModuleType) -> Iterator[tuple[str, list[Any]]]:
    """Go through what a module itself has of machines, and of tables of them."""
    path = Path(str(module.__file__))
    own = re.findall(r"^([A-Z][A-Z_]*)\b[^=\n]*=", path.read_text("utf-8"), re.M)
    for name in own:
        value = getattr(module, name, None)
        members = value.values() if isinstance(value, dict) and not _is_machine(value) else [value]
        if machines := [each for each in members if _is_machine(each)]:
            yield f"{path.stem}.{name}", machines


def _is_machine(value: object) -> bool:
    return isinstance(value, FSMDefinition) or (isinstance(value, dict) and {"initial_state", "states"} <= value.keys())


def _codes(machines: list[Any]) -> set[str]:
    """Return the codes of what is found but notes, of machines that load; no prover is asked."""
    reports = (examine(each, checks=QUICK_CHECKS) for each in machines)
    told = (each for report in reports if report.definition is not None for each in report.findings)
    return {each.code for each in told if each.severity != "note"}
