"""The checks of guards together: one fault is told once, and without a solver the rest is told."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pytest
from guarded import guarded, machine, to, told, var

from fsm_langgraph.checking.codes.guard_codes import GUARD_CODES
from fsm_langgraph.checking.finding import Witness
from fsm_langgraph.checking.guards.guard_check import find_guard_faults
from fsm_langgraph.checking.guards.proof_questions import Questions
from fsm_langgraph.checking.machine_view import MachineView, machine_views
from fsm_langgraph.checking.proving.formulas import Answer, Formula, Possible, Present, Undecided
from fsm_langgraph.loading import load_definition

TWIN = {"==": [var("size"), "twin"]}
CONTRADICTION = {"and": [{">": [var("nights"), 5]}, {"<": [var("nights"), 3]}]}


@pytest.mark.parametrize("code", GUARD_CODES, ids=lambda code: code.name)
def test_a_code_is_found_in_its_example_and_not_in_it_mended(code: object) -> None:
    assert isinstance(code, type(GUARD_CODES[0]))
    found, left = (
        [finding.code for view in machine_views(load_definition(text)) for finding in find_guard_faults(view)]
        for text in (code.example, code.mended)
    )

    assert (found, left) == ([code.name], [])


@pytest.mark.parametrize(
    "transitions",
    [
        (to("a", {"and": [TWIN, {"==": [var("size"), "single"]}]}),),
        (to("a", TWIN), to("b", {"==": [var("size"), "single"]})),
        (to("a", {"and": [False, {"==": [1, var("nights")]}]}), to("b", {">": [var("nights"), 1]})),
    ],
    ids=["no contradiction", "no gap", "nothing hidden"],
)
@pytest.mark.parametrize("kind", ["silent", "asking"])
def test_a_fault_is_told_once(transitions: tuple[dict[str, object], ...], kind: str) -> None:
    fields = {"silent": True} if kind == "silent" else {"required_context_keys": ["size", "nights"]}

    assert len(told(machine(*transitions, **fields))) == 1


@pytest.mark.parametrize(
    ("logic", "codes"), [(TWIN, ["impossible-value"]), (False, ["never-true"]), (CONTRADICTION, [])]
)
def test_without_a_solver_the_rest_is_told(logic: object, codes: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)

    assert [finding.split(" ")[0] for finding in told(guarded(logic))] == codes


def test_what_was_not_decided_is_told_with_the_operator() -> None:
    made = guarded({"==": [{"cat": [var("price"), "!"]}, {"cat": ["?", var("price")]}]})

    [finding] = find_guard_faults(MachineView(made))

    assert (finding.code, finding.path) == ("undecided", "states.start.transitions[0]")
    assert finding.message == "it is not decided when the transition to 'a' is open, for `cat`."
    assert finding.advice.startswith("Nothing was found")


def test_of_very_many_transitions_it_is_said_that_not_all_are_compared() -> None:
    made = machine(*(to("a", {"==": [var("nights"), 1 + number % 14]}) for number in range(41)), decision="logic")

    told_last = [*find_guard_faults(MachineView(made))][-1]

    assert (told_last.code, told_last.path) == ("undecided", "states.start")
    assert told_last.message.endswith("for more than 40 transitions.")


class CountingProver:
    """A prover that finds nothing impossible, and counts what it is asked."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.solved = 0

    def find(self, formulas: Sequence[Formula]) -> Answer:
        """Give the one answer."""
        assert formulas
        self.solved += 1
        return self.answer


def test_a_question_is_asked_once() -> None:
    prover = CountingProver(Possible(Witness({})))
    questions = Questions(prover)

    answers = [questions.find((Present(key),)) for key in ("size", "nights", "size")]

    assert (prover.solved, answers) == (2, [Possible(Witness({}))] * 3)


def test_no_more_is_asked_than_a_machine_may_cost() -> None:
    questions = Questions(CountingProver(Possible(Witness({}))), most=1)

    questions.find((Present("size"),))

    assert questions.find((Present("nights"),)) == Undecided("what was asked before")
    assert questions.is_over


def test_the_reasons_for_which_nothing_was_decided_are_kept() -> None:
    questions = Questions(CountingProver(Undecided("`substr`")))

    questions.find((Present("size"),))
    questions.find((Present("nights"),))

    assert [*questions.undecided] == ["`substr`"]
