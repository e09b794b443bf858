from __future__ import annotations

import pytest
from command_line import Terminal, call

from fsm_langgraph.checking import CODES, code_named
from fsm_langgraph.checking.outputs.codes_page import code_text


@pytest.mark.parametrize("name", ["FSM031", "fsm031", "unknown-target", "Unknown-Target"])
def test_a_code_is_explained_by_its_number_or_name(name: str) -> None:
    result = call("check", "--explain", name)

    assert result.exit_code == 0
    assert result.stdout == f"# FSM031\n\n{code_text(code_named('unknown-target'))}\n"


def test_several_codes_are_explained_at_once() -> None:
    result = call("check", "--explain", "FSM031", "FSM032")

    assert [line for line in result.stdout.splitlines() if line.startswith("# ")] == ["# FSM031", "# FSM032"]


def test_without_a_code_all_are_listed() -> None:
    result = call("check", "--explain")

    assert result.exit_code == 0
    assert [line.split("  ")[0] for line in result.stdout.splitlines()] == [code.number for code in CODES.values()]
    assert "FSM031  unknown-target  error  A transition into a state that there is not" in result.stdout.splitlines()


@pytest.mark.parametrize(("name", "near"), [("FSM030x", "FSM030"), ("unknown-taget", "unknown-target")])
def test_a_code_that_there_is_not_is_told_with_the_nearest(name: str, near: str) -> None:
    result = call("check", "--explain", name)

    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: no code is named {name!r}.\n  Did you mean {near!r}?")


def test_beside_codes_that_there_are_not_the_others_are_explained() -> None:
    result = call("check", "--explain", "FSM999x", "FSM031", "unknown-taget")

    assert result.exit_code == 1
    assert result.stdout == f"# FSM031\n\n{code_text(code_named('unknown-target'))}\n"
    assert [line for line in result.stderr.splitlines() if "no code" in line] == [
        "Error: no code is named 'FSM999x'.",
        "no code is named 'unknown-taget'.",
    ]
    assert result.stderr.endswith("\n  check --explain lists them all.\n")


def test_in_a_terminal_the_text_is_laid_out() -> None:
    with Terminal("check", "--explain", "FSM031", TERM="xterm") as terminal:
        code, shown = terminal.finish()

    assert code == 0
    assert "```" not in shown
    assert "unknown-target, an error: a transition into a state that there is not." in shown
