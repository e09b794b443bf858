"""pytest tells the warnings of definitions once, beneath the results, from however many processes."""

from __future__ import annotations

import pytest
from lamp_shop import DEFINITION, SCENARIOS
from test_pytest_plugin import WITHOUT

from fsm_langgraph.testing import pytest_plugin

pytest_plugins = ["pytester"]

ATTIC = "  attic: {id: attic, description: Nothing leads here, purpose: Say so}\n"
HEADING = "*= warnings of conversations =*"


@pytest.fixture
def shop(pytester: pytest.Pytester, request: pytest.FixtureRequest) -> pytest.Pytester:
    """A project with a definition of which something is told, under a name that no other test has."""
    folder = pytester.mkdir("shop")
    name = f"name: {request.node.name}\n"
    head, _, states = DEFINITION.partition("states:\n")
    renamed = "".join(line for line in head.splitlines(keepends=True) if not line.startswith("name:"))
    (folder / "fsm.yaml").write_text(f"{name}{renamed}states:\n{ATTIC}{states}")
    return pytester


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.runpytest_inprocess(*WITHOUT, *arguments, plugins=[pytest_plugin])


def test_they_are_told_of_scenarios(shop: pytest.Pytester) -> None:
    (shop.path / "shop" / "scenarios.yaml").write_text(SCENARIOS)

    result = run(shop, "shop")

    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [HEADING, "shop/fsm.yaml: 1 warning at a glance; *", "  shop/fsm.yaml:*: states.attic: *"]
    )


def test_they_are_told_of_conversations_in_tests_and_once(shop: pytest.Pytester) -> None:
    (shop.path / "shop" / "scenarios.yaml").write_text(SCENARIOS)
    body = "def test_one(conversation):\n    conversation('fsm.yaml')\n\n\ndef test_two(conversation):\n"
    (shop.path / "shop" / "test_shop.py").write_text(f"{body}    conversation('fsm.yaml')\n")

    result = run(shop, "shop")

    result.assert_outcomes(passed=4)
    assert result.stdout.str().count("1 warning at a glance; ") == 1


def test_several_processes_tell_them_once_and_what_they_covered_together(shop: pytest.Pytester) -> None:
    (shop.path / "shop" / "scenarios.yaml").write_text(SCENARIOS)

    # Their plugin is the installed one: each of them loads it as a user's do.
    result = run(shop, "-p", pytest_plugin.__name__, "-n", "2", "--fsm-fail-under", "states=60", "shop")

    result.assert_outcomes(passed=2)
    assert result.ret == 0
    assert result.stdout.str().count("1 warning at a glance; ") == 1
    result.stdout.fnmatch_lines([HEADING])
    result.stdout.fnmatch_lines("*shop/fsm.yaml*3/5 60%*")
    assert len([*shop.path.glob(".fsm_coverage.*")]) == 2


def test_nothing_is_told_where_nothing_is_found(pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("shop")
    (folder / "fsm.yaml").write_text(DEFINITION)
    (folder / "scenarios.yaml").write_text(SCENARIOS)

    assert "warnings of conversations" not in run(pytester, "shop").stdout.str()
