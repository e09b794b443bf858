"""Drops one part of one guard of an example, and sees that a scenario beside it fails: `make mutants`.

A guard that no scenario misses could be lost unnoticed. What is dropped in turn, a mutant each:

    requires product              a key that a condition requires
    answered fever                a key that is to be answered
    confirms product              a key whose confirmation counts
    {"<=": [{"var": "days"}, 7]}  a conjunct of a condition's logic, or all of it where it is no `and`

A mutant that no conversation can tell from the machine itself stands in `mutants_alike.yaml`, with the reason.
"""

from __future__ import annotations

import copy
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML

from fsm_langgraph import load_definition
from fsm_langgraph.errors import FSMError
from fsm_langgraph.loading.document import read_document
from fsm_langgraph.scenarios import Scenario, ScenarioFile, ScenarioRunner, read_scenarios

ROOT = Path(__file__).parent.parent
SCENARIO_FILES = sorted((ROOT / "graphs").glob("*/scenarios.yaml"))
ALIKE = Path(__file__).with_name("mutants_alike.yaml")
LEAST = 90
"""The share of mutants, in per cent, that scenarios have to kill."""
LISTS = {"requires_context_keys": "requires", "answered_context_keys": "answered", "confirms": "confirms"}

Fate = Literal["killed", "not loaded", "survived", "alike"]
Drop = Callable[[dict[str, Any]], None]
"""Drops something of a condition."""


@dataclass(frozen=True)
class Mutant:
    """A machine without one part of one of its guards."""

    place: str
    """The condition, by its path in the document, behind the file of a sub-machine."""
    leads: str
    """Where it leads: `confirm -> payment`."""
    dropped: str
    documents: dict[str, Any] = field(compare=False)
    """All documents of the machine, by the names of their files; the first is the machine's own."""

    @property
    def name(self) -> str:
        """What is dropped where; no other mutant of the machine has it."""
        return f"{self.place}: {self.dropped}"


def mutants(definition: Path) -> Iterator[Mutant]:
    """Make every mutant of a machine and its sub-machines."""
    documents = _documents(definition)
    for file, document in documents.items():
        prefix = "" if file == definition.name else f"{file}: "
        for steps, source in _transitions(document):
            transition = _at(document, steps)
            place = f"{prefix}{_path(steps)}"
            for index, condition in enumerate(transition.get("conditions", ())):
                for dropped, drop in _drops(condition):
                    changed = {**documents, file: copy.deepcopy(document)}
                    drop(_at(changed[file], steps)["conditions"][index])
                    where = f"{place}.conditions[{index}]"
                    yield Mutant(where, f"{source} -> {transition['target_state']}", dropped, changed)


def fate(file: ScenarioFile, mutant: Mutant) -> Fate:
    """Hold the scenarios with a mutant, until one is not as it is written."""
    try:
        own, *others = mutant.documents
        subflows = {name: mutant.documents[name] for name in others}
        definition = load_definition(mutant.documents[own], subflows=subflows, root=file.definition_path.parent)
    except FSMError:
        return "not loaded"
    runner = ScenarioRunner(replace(file, definition=definition))
    runner.stage.definition = definition
    source = mutant.leads.partition(" ")[0]
    # Those that come to the state of the transition are the likeliest to miss the guard.
    scenarios = sorted(file.scenarios, key=lambda each: not any(source in (turn.state or "") for turn in each.turns))
    return "survived" if all(_passed(runner, scenario) for scenario in scenarios) else "killed"


def alike() -> dict[str, dict[str, str]]:
    """Read the mutants that no conversation can tell from the machine itself: each with its reason, by example."""
    read: dict[str, dict[str, str]] = YAML(typ="safe", pure=True).load(ALIKE)
    return read


def _passed(runner: ScenarioRunner, scenario: Scenario) -> bool:
    try:
        return runner.run(scenario).passed
    except FSMError:
        return False


def _documents(definition: Path) -> dict[str, Any]:
    """Read a machine and the sub-machines that lie beside it."""
    # Through JSON, so that what YAML has written once and named twice is two things.
    found = {definition.name: json.loads(json.dumps(read_document(definition).data))}
    waiting = [definition.name]
    while waiting:
        for state in found[waiting.pop()]["states"].values():
            name = state.get("subflow")
            if name is not None and name not in found:
                found[name] = json.loads(json.dumps(read_document(definition.parent / name).data))
                waiting.append(name)
    return found


def _transitions(document: dict[str, Any]) -> Iterator[tuple[list[str | int], str]]:
    for index, _ in enumerate(document.get("global_transitions", ())):
        yield ["global_transitions", index], "any"
    for name, state in document["states"].items():
        for index, _ in enumerate(state["transitions"]):
            yield ["states", name, "transitions", index], name


def _at(document: Any, steps: list[str | int]) -> Any:
    for step in steps:
        document = document[step]
    return document


def _path(steps: list[str | int]) -> str:
    written = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return written.removeprefix(".").removeprefix("states.")


def _drops(condition: dict[str, Any]) -> Iterator[tuple[str, Drop]]:
    """Yield all that can be dropped of a condition, each with its name."""
    for field_name, word in LISTS.items():
        for key in condition.get(field_name, ()):
            yield f"{word} {key}", partial(_drop_key, field_name, key)
    if "logic" in condition:
        for steps in _conjuncts(condition["logic"], []):
            yield json.dumps(_at(condition["logic"], steps)), partial(_drop_conjunct, steps)


def _conjuncts(logic: Any, steps: list[str | int]) -> Iterator[list[str | int]]:
    """Yield the ways to the conjuncts of some logic, those of an `and` in an `or` among them."""
    if not steps and not (isinstance(logic, dict) and "and" in logic):
        yield []
    if isinstance(logic, dict):
        for name, arguments in logic.items():
            for index, argument in enumerate(arguments if isinstance(arguments, list) else [arguments]):
                way = [*steps, name, *([index] if isinstance(arguments, list) else [])]
                if name == "and":
                    yield way
                yield from _conjuncts(argument, way)


def _drop_key(field_name: str, key: str, condition: dict[str, Any]) -> None:
    condition[field_name].remove(key)


def _drop_conjunct(steps: list[str | int], condition: dict[str, Any]) -> None:
    if not steps:
        del condition["logic"]
    else:
        del _at(condition["logic"], steps[:-1])[steps[-1]]


def main(names: list[str]) -> int:
    """Hunt the mutants of all examples, or of those that are named; return 1 where too few are killed."""
    began = time.monotonic()
    killed = total = 0
    _say(f"{'':<22}mutants  killed  survived  alike")
    for path in SCENARIO_FILES:
        if names and path.parent.name not in names:
            continue
        file = read_scenarios(path)
        known = alike().get(path.parent.name, {})
        fates = {each: "alike" if each.name in known else fate(file, each) for each in mutants(file.definition_path)}
        survived = [mutant for mutant, found in fates.items() if found == "survived"]
        equal = [*fates.values()].count("alike")
        hunted = len(fates) - equal
        _say(f"{path.parent.name:<22}{hunted:>7}{hunted - len(survived):>8}{len(survived):>10}{equal:>7}")
        for mutant in survived:
            _say(f"    survived  {mutant.leads}  {mutant.name}")
        killed, total = killed + hunted - len(survived), total + hunted
    _say(f"{killed} of {total} were killed, in {time.monotonic() - began:.0f} s; {LEAST}% are wanted.")
    return int(killed * 100 < LEAST * total)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
