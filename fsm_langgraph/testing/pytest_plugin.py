"""The pytest plugin: files of scenarios are collected as tests, and tests in Python get `conversation`.

    pytest graphs/                                   every scenario below the folder, beside all other tests
    pytest graphs/support/scenarios.yaml -k refund   some of them
    pytest --fsm-model openai:gpt-5-mini             with a real model where a turn has no reply
    pytest --fsm-coverage --fsm-fail-under 90        and what they cover

pytest loads it by its entry point in every project that has this package. So it imports nothing of it, LangGraph
included, before there is a file of scenarios or a test that asks for a conversation.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fsm_langgraph.testing.plugin_findings import PluginFindings

if TYPE_CHECKING:
    from fsm_langgraph.definition import FSMDefinition
    from fsm_langgraph.scenarios import Scenario, ScenarioFile, ScenarioRunner
    from fsm_langgraph.testing.held_conversation import ConversationFixture
    from fsm_langgraph.testing.plugin_coverage import PluginCoverage


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("fsm-langgraph", "conversations of state machines")
    group.addoption(
        "--fsm-model",
        metavar="NAME",
        help="the model of turns without replies, such as openai:gpt-5-mini; the offline one if left out",
    )
    group.addoption(
        "--fsm-coverage", action="store_true", help="tell which states, transitions and conditions were covered"
    )
    group.addoption(
        "--fsm-coverage-append", action="store_true", help="the same, together with what earlier runs have covered"
    )
    group.addoption(
        "--fsm-fail-under",
        metavar="PERCENT",
        help="fail where less was covered: 90, for states, transitions, conditions and comparisons, "
        "or states=100,conditions=90",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin to collect the warnings of definitions, and to measure coverage, if that is wanted."""
    config.stash[_FINDINGS] = PluginFindings(config)
    config.pluginmanager.register(config.stash[_FINDINGS], "fsm-findings")
    option = config.option
    if option.fsm_coverage or option.fsm_coverage_append or option.fsm_fail_under is not None:
        from fsm_langgraph.errors import FSMError
        from fsm_langgraph.testing.plugin_coverage import PluginCoverage

        try:
            config.stash[_COVERAGE] = coverage = PluginCoverage(config)
        except FSMError as error:
            raise pytest.UsageError(f"--fsm-fail-under: {error}") from None
        config.pluginmanager.register(coverage, "fsm-coverage")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a file of scenarios."""
    if file_path.suffix not in _SUFFIXES or not file_path.stem.endswith("scenarios"):
        return None
    if not _is_ours(file_path):
        return None
    from fsm_langgraph.scenarios import is_scenario_file

    return CollectedScenarios.from_parent(parent, path=file_path) if is_scenario_file(file_path) else None


def _is_ours(file: Path) -> bool:
    """Say whether a file tells of turns or lies beside a definition: other programs have files of this name too."""
    beside = (each for each in file.parent.iterdir() if each.suffix in _SUFFIXES and each.is_file())
    return "turns" in _text(file) or any("initial_state" in _text(each) for each in beside)


def _text(file: Path) -> str:
    return file.read_text("utf-8", errors="replace")


_SUFFIXES = (".yaml", ".yml", ".json")


@pytest.fixture
def conversation(request: pytest.FixtureRequest) -> ConversationFixture:
    """Hold conversations in a test: `conversation("fsm.json").says("hi").lands_in("greeting")`.

    A definition is found from the folder of the test.
    """
    from fsm_langgraph.testing.held_conversation import ConversationFixture

    config = request.config
    coverage = config.stash.get(_COVERAGE, None)

    def seen(file: Path, definition: FSMDefinition) -> None:
        config.stash[_FINDINGS].add(file, definition)
        if coverage is not None:
            coverage.measuring.add(file, definition)

    return ConversationFixture(
        name=request.node.name,
        folder=request.path.parent,
        model=config.option.fsm_model,
        seen=seen,
    )


class CollectedScenarios(pytest.File):
    """A file of scenarios."""

    def collect(self) -> Iterator[ScenarioItem]:
        """Yield its scenarios, each as a test."""
        from fsm_langgraph.errors import FSMError
        from fsm_langgraph.scenarios import read_scenarios

        _make_importable(self.config)
        try:
            self.read: ScenarioFile = read_scenarios(self.path)
        except FSMError as error:
            raise self.CollectError(str(error)) from None
        self.config.stash[_FINDINGS].add(self.read.definition_path, self.read.definition)
        if (coverage := self.config.stash.get(_COVERAGE, None)) is not None:
            coverage.measuring.add(self.read.definition_path, self.read.definition)
        for scenario in self.read.scenarios:
            item: ScenarioItem = ScenarioItem.from_parent(self, name=scenario.name, scenario=scenario)
            for mark in scenario.marks:
                item.add_marker(mark)
            yield item

    @cached_property
    def runner(self) -> ScenarioRunner:
        """The runner of the scenarios: one for all, so that the machine is compiled once in a process."""
        from fsm_langgraph.scenarios import ScenarioRunner

        return ScenarioRunner(self.read, self.config.option.fsm_model)


class ScenarioItem(pytest.Item):
    """A scenario, as a test."""

    parent: CollectedScenarios

    def __init__(self, *, scenario: Scenario, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.scenario = scenario

    def runtest(self) -> None:
        """Hold it; a failure tells the conversation and no traceback, which would be of this package."""
        if failure := self._failure():
            pytest.fail(failure, pytrace=False)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Tell where it stands."""
        return self.path, self.parent.read.line_of(self.scenario) - 1, self.name

    def _failure(self) -> str:
        """Hold the scenario; return what is to be told where it is not as it is written."""
        from fsm_langgraph.errors import FSMError
        from fsm_langgraph.testing.failure_text import failure_text

        try:
            outcome = self.parent.runner.run(self.scenario)
        except FSMError as error:  # the machine could not be built with what the scenario is held with
            return str(error)
        return "" if outcome.passed else failure_text(outcome)


def _make_importable(config: pytest.Config) -> None:
    """Let code that is named as `package.module:name` be imported from the current folder, as the command does."""
    folder = str(config.invocation_params.dir)
    if folder not in sys.path and not sys.flags.safe_path:
        sys.path.append(folder)


_COVERAGE: pytest.StashKey[PluginCoverage] = pytest.StashKey()
_FINDINGS: pytest.StashKey[PluginFindings] = pytest.StashKey()
