"""From a file to its scenarios: read, made models, and held against the definition, with every fault in one error.

scenarios.yaml            of the fsm.yaml (.yml, .json) in its folder, or of the only definition there
coffee.scenarios.yaml     of the coffee.yaml in its folder, else as above
definition: ../fsm.json   in any of them: of the file that is named
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import Place, Problem, ScenarioError
from fsm_langgraph.loading import load_definition
from fsm_langgraph.loading.document import Document, read_document
from fsm_langgraph.loading.positions import Positions
from fsm_langgraph.scenarios.idle_expectations import check_expected
from fsm_langgraph.scenarios.pause_faults import check_answers
from fsm_langgraph.scenarios.scenario import Scenario, ScenarioDocument, ScenarioTurn
from fsm_langgraph.scenarios.scenario_fault import ScenarioFault, Steps
from fsm_langgraph.scenarios.scenario_faults import check_context, check_names, check_setting, check_turn
from fsm_langgraph.scenarios.scenario_shape import check_shape_of, make_of_sound_parts


@dataclass(frozen=True)
class ScenarioFile:
    """A file of scenarios, read and found sound."""

    path: Path
    definition_path: Path
    """The file of the definition."""
    definition: FSMDefinition
    document: ScenarioDocument
    """The file as it is written; what it sets is in each of the scenarios below."""
    scenarios: tuple[Scenario, ...]
    """The scenarios, in their order."""
    is_list: bool
    """Whether the file is the list of its scenarios alone."""
    positions: Positions = field(compare=False, repr=False)

    def steps_of(self, scenario: Scenario) -> Steps:
        """Return the way from the root of the file to a scenario."""
        index = next(i for i, each in enumerate(self.scenarios) if each.name == scenario.name)
        return (index,) if self.is_list else ("scenarios", index)

    def line_of(self, scenario: Scenario) -> int:
        """Return the line on which a scenario begins, from 1 on."""
        return self.positions.of_name(self.steps_of(scenario))[0]


def read_scenarios(path: str | Path) -> ScenarioFile:
    """Read a file of scenarios, and the definition that they are of.

    Raises:
        ScenarioError: The file has problems; it holds every one of them, with their lines, in document order.
        DefinitionError: The definition has problems.
    """
    path = Path(path)
    document = read_document(path)
    if not document.is_readable:
        raise ScenarioError(str(path), document.problems)
    is_list = isinstance(document.data, list)
    raw: Any = {"scenarios": document.data} if is_list else document.data
    made, faults = check_shape_of(ScenarioDocument, raw)
    if not isinstance(raw, dict):
        raise _at_the_start(document, Problem("", "wrong-type", f"{faults[0].message}", _FORMS))
    if _is_definition(raw) and "scenarios" not in raw:
        told = Problem("", "wrong-type", "it is a definition, and no file of scenarios.", _BESIDE)
        raise _at_the_start(document, told)
    named = raw.get("definition")
    definition_path, fault = find_definition(path, named if isinstance(named, str) else None)
    faults += [fault] if fault is not None else []
    definition = load_definition(definition_path) if definition_path is not None else None
    faults += _consistency(raw, definition)
    if made is not None:  # else a question may be misspelt
        faults += check_answers([(("scenarios", index), scenario) for index, scenario in enumerate(made.scenarios)])

    positions = document.positions
    if document.problems or faults or made is None or definition is None or definition_path is None:
        located = [*map(document.origins.located, document.problems)]
        located += [_located(fault, path, positions) for fault in _as_in_file(faults, is_list)]
        raise ScenarioError(str(path), sorted(located, key=_position))
    scenarios = tuple(_with_settings(scenario, made) for scenario in made.scenarios)
    return ScenarioFile(path, definition_path, definition, made, scenarios, is_list, positions)


def _at_the_start(document: Document, problem: Problem) -> ScenarioError:
    return ScenarioError(document.name, [document.origins.located(problem)])


def _located(fault: ScenarioFault, path: Path, positions: Positions) -> Problem:
    place = Place(str(path), *positions.of_name(fault.steps))
    return Problem(at(*fault.steps), fault.code, fault.message, fault.advice, place=place)


def _position(problem: Problem) -> tuple[int, int]:
    return (problem.place.line, problem.place.column) if problem.place is not None else (1, 1)


def find_scenario_files(paths: Iterable[str | Path]) -> list[Path]:
    """Find the files of scenarios among these files and in these folders, in order; hidden folders are left out."""
    found: list[Path] = []
    for path in map(Path, paths):
        found += [path] if path.is_file() else sorted(_in_folder(path))
    return list(dict.fromkeys(found))


def is_scenario_file(path: Path) -> bool:
    """Say whether a file is one of scenarios, by its name."""
    name, _, suffix = path.name.rpartition(".")
    return suffix in _SUFFIXES and (name == "scenarios" or name.endswith(".scenarios"))


_SUFFIXES = ("yaml", "yml", "json")
_FORMS = "Write a list of scenarios, or an object with them under 'scenarios'."
_BESIDE = "Its scenarios stand beside it, in scenarios.yaml: give that file, or the folder."


def _in_folder(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*scenarios.*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and is_scenario_file(path) and path.is_file():
            yield path


def find_definition(path: Path, named: str | None) -> tuple[Path | None, ScenarioFault | None]:
    """Find the definition that a file of scenarios is of; or say why there is none."""
    folder = path.parent
    if named is not None:
        file = folder / named
        if file.is_file():
            return file, None
        return None, ScenarioFault(("definition",), "no-definition", f"there is no file {str(file)!r}.")
    stem = path.name.rpartition(".")[0].removesuffix("scenarios").removesuffix(".")
    for name in [name for name in (stem, "fsm") if name]:
        for suffix in _SUFFIXES:
            if (file := folder / f"{name}.{suffix}").is_file():
                return file, None
    others = [file for file in sorted(folder.iterdir()) if file.suffix[1:] in _SUFFIXES and not is_scenario_file(file)]
    definitions = [file for file in others if _is_definition(read_document(file).data)]
    if len(definitions) == 1:
        return definitions[0], None
    if not definitions:
        advice = "Name one: 'definition: fsm.yaml', beside 'scenarios'."
        return None, ScenarioFault((), "no-definition", "no definition lies beside it.", advice)
    names = ", ".join(repr(file.name) for file in definitions)
    found = f"several definitions lie beside it: {names}."
    advice = f"Name one, 'definition: {definitions[0].name}' beside 'scenarios', or name this file after one."
    return None, ScenarioFault((), "no-definition", found, advice)


def _is_definition(data: JsonValue) -> bool:
    return isinstance(data, dict) and "states" in data and "initial_state" in data


def _consistency(raw: dict[str, Any], definition: FSMDefinition | None) -> list[ScenarioFault]:
    """Check what can be checked, whatever else is wrong."""
    setting = make_of_sound_parts(ScenarioDocument, {**raw, "scenarios": [{"name": "", "turns": [{}]}]})
    faults = [*check_setting(setting, ())] if setting is not None else []
    named: list[tuple[Steps, Scenario]] = []
    scenarios = raw.get("scenarios")
    for index, one in enumerate(scenarios if isinstance(scenarios, list) else ()):
        steps: Steps = ("scenarios", index)
        turns = one.get("turns") if isinstance(one, dict) else None
        faults += check_expected(one, steps)
        headed = make_of_sound_parts(Scenario, {**one, "turns": [{}]}) if isinstance(one, dict) else None
        if headed is not None:
            named.append((steps, headed))
            faults += check_setting(headed, steps)
            faults += check_context(headed.context, definition, steps) if definition is not None else ()
        for position, turn in enumerate(turns if isinstance(turns, list) else ()):
            faults += check_expected(turn, (*steps, "turns", position))
            made = make_of_sound_parts(ScenarioTurn, turn)
            if made is not None and definition is not None:
                faults += check_turn(made, definition, (*steps, "turns", position))
    return [*faults, *check_names(named)]


def _as_in_file(faults: Iterable[ScenarioFault], is_list: bool) -> list[ScenarioFault]:
    """Write the ways to faults as the file has them: in a list of scenarios there is no 'scenarios'."""
    if not is_list:
        return [*faults]
    return [
        ScenarioFault(f.steps[1:] if f.steps[:1] == ("scenarios",) else f.steps, f.code, f.message, f.advice)
        for f in faults
    ]


def _with_settings(scenario: Scenario, document: ScenarioDocument) -> Scenario:
    """Give a scenario what the file sets for all of them, where it sets nothing itself."""
    given = {name: getattr(document, name) for name in ("handlers", "tools", "store", "now")}
    missing = {name: value for name, value in given.items() if getattr(scenario, name) is None and value is not None}
    together = {
        # One that goes on has the store of the other, in which something may have changed.
        "stored": scenario.stored if scenario.given is not None else (*document.stored, *scenario.stored),
        "marks": tuple(dict.fromkeys((*document.marks, *scenario.marks))),
        "options": {**document.options, **scenario.options},
    }
    return scenario.model_copy(update={**missing, **together})
