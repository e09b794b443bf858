"""The pytest plugin, in projects of its own: scenarios are items like all others, and failures read well."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import whole_package  # noqa: F401
from approvals import HANDLERS, REFUNDS, after_the_pause
from lamp_shop import DEFINITION, SCENARIOS, TOO_MANY

from fsm_langgraph.testing import pytest_plugin

pytest_plugins = ["pytester"]
WITHOUT = [
    # These processes have imported the plugins before pytest could rewrite them.
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
    *(
        part
        for name in ("fsm-langgraph", "asyncio", "nbmake", "syrupy", "hypothesispytest")
        for part in ("-p", f"no:{name}")
    ),
]
"""Leaves out the installed plugins that a project has no use for; ours is given to it."""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with a definition and its scenarios, in which nothing is set up."""
    folder = pytester.mkdir("shop")
    (folder / "fsm.yaml").write_text(DEFINITION)
    (folder / "scenarios.yaml").write_text(SCENARIOS)
    return pytester


def add_failure(project: pytest.Pytester) -> None:
    with (project.path / "shop" / "scenarios.yaml").open("a") as file:
        file.write(TOO_MANY)


def add_test(project: pytest.Pytester, *lines: str) -> None:
    body = "".join(f"    {line}\n" for line in lines)
    (project.path / "shop" / "test_shop.py").write_text(f"def test_shop(conversation):\n{body}")


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.runpytest_inprocess(*WITHOUT, *arguments, plugins=[pytest_plugin])


def names(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if "::" in line]


def test_scenarios_are_collected_by_their_names(project: pytest.Pytester) -> None:
    result = run(project, "--collect-only", "-q", "shop")

    assert names(result) == ["shop/scenarios.yaml::two lamps", "shop/scenarios.yaml::they are ordered"]


def test_scenarios_run_as_tests(project: pytest.Pytester) -> None:
    run(project, "shop").assert_outcomes(passed=2)


def test_an_item_knows_the_line_of_its_scenario(project: pytest.Pytester) -> None:
    recorded = project.inline_run(*WITHOUT, "shop", plugins=[pytest_plugin])

    reports = recorded.getreports("pytest_runtest_logreport")
    assert [report.location[1] for report in reports if report.when == "call"] == [0, 7]


def test_a_failure_tells_the_conversation_and_no_traceback(project: pytest.Pytester) -> None:
    add_failure(project)

    result = run(project, "shop")

    result.assert_outcomes(passed=2, failed=1)
    told = result.stdout.str()
    assert [
        text for text in ("twenty desk lamps", "I have ten at most.", "'confirm'", "'ask'") if text not in told
    ] == []
    assert [text for text in ("Traceback", "def runtest", "pytest_plugin.py") if text in told] == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (("state: ask,", "stat: ask,"), [":3:", "'stat'", "'state'"]),
        (("state: ask,", "state: aks,"), [":3:", "'aks'", "'ask'"]),
        (("given: two lamps", "given: two lamp"), [":9:", "'two lamp'", "'two lamps'"]),
        (("- name: two lamps", "- name: [two"), ["is not YAML"]),
    ],
    ids=["a field", "a state", "a scenario", "no YAML"],
)
def test_a_mistake_in_a_file_is_told_when_it_is_collected(
    project: pytest.Pytester, wrong: tuple[str, str], told: Sequence[str]
) -> None:
    (project.path / "shop" / "scenarios.yaml").write_text(SCENARIOS.replace(*wrong))

    result = run(project, "shop")

    result.assert_outcomes(errors=1)
    assert [text for text in told if text not in result.stdout.str()] == []
    assert "Traceback" not in result.stdout.str()


def test_a_mistake_in_the_definition_is_told_when_the_scenarios_are_collected(project: pytest.Pytester) -> None:
    (project.path / "shop" / "fsm.yaml").write_text(DEFINITION.replace("target_state: done", "target_state: don"))

    result = run(project, "shop")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines("*no state is named 'don'*")
    assert "Traceback" not in result.stdout.str()


def test_an_approval_is_asked_for_and_answered(project: pytest.Pytester) -> None:
    (project.path / "shop" / "fsm.yaml").write_text(REFUNDS)
    (project.path / "shop" / "handlers.py").write_text(HANDLERS)
    (project.path / "shop" / "scenarios.yaml").write_text(after_the_pause("{answer: false, says: Not 50}"))

    run(project, "shop").assert_outcomes(passed=2)


def test_some_are_chosen_by_their_names(project: pytest.Pytester) -> None:
    run(project, "shop", "-k", "ordered").assert_outcomes(passed=1, deselected=1)


def test_one_is_chosen_by_its_id(project: pytest.Pytester) -> None:
    run(project, "shop/scenarios.yaml::they are ordered").assert_outcomes(passed=1)


def test_those_that_failed_are_run_again(project: pytest.Pytester) -> None:
    add_failure(project)
    run(project, "shop")

    run(project, "shop", "--lf").assert_outcomes(failed=1)


def test_the_first_failure_ends_the_run(project: pytest.Pytester) -> None:
    file = project.path / "shop" / "scenarios.yaml"
    file.write_text(TOO_MANY + file.read_text())

    run(project, "shop", "-x").assert_outcomes(failed=1)


def test_marks_choose_scenarios(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nmarkers = slow: takes long")
    file = project.path / "shop" / "scenarios.yaml"
    file.write_text(file.read_text().replace("given: two", "marks: slow\n  given: two"))

    run(project, "shop", "-m", "slow", "--strict-markers").assert_outcomes(passed=1, deselected=1)


def test_a_mark_of_pytests_own_does_what_it_does_elsewhere(project: pytest.Pytester) -> None:
    file = project.path / "shop" / "scenarios.yaml"
    file.write_text(file.read_text().replace("given: two", "marks: [skip]\n  given: two"))

    run(project, "shop").assert_outcomes(passed=1, skipped=1)


def test_an_unknown_mark_is_an_error_where_marks_are_strict(project: pytest.Pytester) -> None:
    file = project.path / "shop" / "scenarios.yaml"
    file.write_text(file.read_text().replace("given: two", "marks: slwo\n  given: two"))

    result = run(project, "shop", "--strict-markers")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines("*'slwo' not found in `markers`*")


def test_a_turn_without_a_reply_asks_the_model_that_is_named(project: pytest.Pytester) -> None:
    (project.path / "shop" / "scenarios.yaml").write_text("- {name: hello, turns: [{user: hello, state: ask}]}")

    assert run(project, "shop").parseoutcomes() == {"passed": 1}
    live = run(project, "shop", "--fsm-model", "no-such-provider:none")
    live.assert_outcomes(failed=1)
    live.stdout.fnmatch_lines("*no-such-provider*")
    assert "Traceback" not in live.stdout.str()


def test_scenarios_run_in_a_project_that_is_strict_in_everything(project: pytest.Pytester) -> None:
    project.makeini(
        "[pytest]\nfilterwarnings = error\nxfail_strict = true\n"
        "addopts = --strict-markers --strict-config --import-mode=importlib --disable-socket --allow-unix-socket"
    )
    add_test(project, "conversation('fsm.yaml').begins(reply='Which lamp?').lands_in('ask')")

    run(project).assert_outcomes(passed=3)


def test_a_file_of_this_name_that_is_another_programs_is_left_alone(pytester: pytest.Pytester) -> None:
    pytester.makefile(".yaml", scenarios="load: {users: 100}")

    assert run(pytester).ret == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.parametrize("written", ["", "- name: a\n  trns: [{user: hi}]\n"], ids=["empty", "misspelt"])
def test_a_file_beside_a_definition_is_never_passed_over(project: pytest.Pytester, written: str) -> None:
    """Nobody would see that none of its scenarios is held."""
    (project.path / "shop" / "scenarios.yaml").write_text(written)

    run(project).assert_outcomes(errors=1)


def test_the_plugin_loads_nothing_before_it_is_used() -> None:
    code = f"import sys, {pytest_plugin.__name__}; print([n for n in ('langgraph', 'pydantic') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own

    assert done.stdout.strip() == "[]"


def test_a_test_in_python_holds_conversations(project: pytest.Pytester) -> None:
    add_test(project, "conversation('fsm.yaml').begins(reply='Which lamp?').lands_in('ask').is_told('which')")

    run(project, "shop/test_shop.py").assert_outcomes(passed=1)


def test_the_test_in_the_documentation_passes(project: pytest.Pytester) -> None:
    page = (Path(__file__).parent.parent / "docs" / "coverage.md").read_text("utf-8")
    (project.path / "shop" / "test_shop.py").write_text(page.partition("```py\n")[2].partition("```")[0])

    run(project, "shop/test_shop.py").assert_outcomes(passed=1)


def test_a_test_in_python_fails_at_its_own_line(project: pytest.Pytester) -> None:
    add_test(project, "talk = conversation('fsm.yaml').begins(reply='Which lamp?')", "talk.lands_in('bye')")

    result = run(project, "shop/test_shop.py")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([">*talk.lands_in('bye')", "*test_shop.py:3: AssertionError*"])
    assert "held_conversation.py" not in result.stdout.str()


def test_a_failure_tells_no_secret(project: pytest.Pytester) -> None:
    definition = project.path / "shop" / "fsm.yaml"
    definition.write_text(definition.read_text().replace("lamp: {", "lamp: {secret: true, ", 1))
    add_test(project, "conversation('fsm.yaml').with_context(lamp='floor').begins(reply='Hm.').has(lamp='ceiling')")
    result = run(project, "shop/test_shop.py")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines("*•••*•••, another value*")
    result.stdout.no_fnmatch_line('*"floor"*')


def test_coverage_is_told_and_may_fail_the_run(project: pytest.Pytester) -> None:
    result = run(project, "shop", "--fsm-fail-under", "states=75,transitions=100")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*never entered*state bye*", "*transitions: 2/4 50%, and 100% are wanted*"])


def test_a_conversation_that_a_test_holds_by_itself_counts(project: pytest.Pytester) -> None:
    call = "fsm_langgraph.LLM_FSM.from_file('shop/fsm.yaml', 'offline').converse('2 desk lamps')"
    (project.path / "shop" / "test_shop.py").write_text(f"import fsm_langgraph\n\ndef test_shop():\n    {call}\n")

    result = run(project, "shop", "--fsm-coverage", "-k", "test_shop")

    result.stdout.fnmatch_lines("*shop/fsm.yaml*2/4 50%*")


def test_coverage_begins_anew_or_goes_on(project: pytest.Pytester) -> None:
    run(project, "shop", "-k", "ordered", "--fsm-coverage")

    anew = run(project, "shop", "-k", "two", "--fsm-coverage")
    further = run(project, "shop", "-k", "ordered", "--fsm-coverage-append")

    anew.stdout.fnmatch_lines("*shop/fsm.yaml*2/4 50%*")
    further.stdout.fnmatch_lines("*shop/fsm.yaml*3/4 75%*")


def test_a_limit_that_cannot_be_read_is_a_mistake_of_the_command_line(project: pytest.Pytester) -> None:
    result = run(project, "shop", "--fsm-fail-under", "staets=90")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines("*'staets'*")
