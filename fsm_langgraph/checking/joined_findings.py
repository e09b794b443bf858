"""Findings that come of one slip, told as one: whoever mends it reads of it once.

    a key that nobody is asked for, which opens a privilege     the privilege is told, with its keys
    a transition that was forgotten                             the value that it leaves out is told, with the state,
                                                                or the end, that nothing leads to

The second holds where a machine has one of each, so that there is no doubt which belong together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.structure.machine_shape import Shape
from fsm_langgraph.data.json_data import Steps, steps_of


def without_repeated(found: Sequence[Finding]) -> list[Finding]:
    """Leave out a key that nobody is asked for where it opens a privilege to the model, which is told with it."""
    privileges = tuple(f"{each.path}." for each in found if each.code == "model-opens-privilege")
    return [each for each in found if each.code != "never-collected" or not each.path.startswith(privileges)]


def with_forgotten_targets(left: Sequence[Finding], views: Iterable[MachineView]) -> list[Finding]:
    """Tell of what nothing leads to with the state that leaves a value without a transition.

    Args:
        left: The findings that nobody accepts; an unreachable state that is meant so was not forgotten.
        views: The machines in which they were found.
    """
    joined = {finding: finding for finding in left}
    for view in views:
        unled = {each: told for each in left if (told := _unled_in(view, each))}
        gaps = [each for each in left if each.code in _GAPS and _state_in(view, each) in view.once(Shape).reach.states]
        if len(unled) == len(gaps) == 1:
            (faulty, told), (gap,) = *unled.items(), gaps
            joined[gap] = replace(gap, advice=f"{told}: was a transition forgotten here?  {gap.advice}")
            del joined[faulty]
    return [*joined.values()]


_GAPS = ("stuck-state", "uncovered-value", "one-way-answer")
"""The codes of answers for which a state has no transition."""


def _unled_in(view: MachineView, finding: Finding) -> str:
    """Say what nothing leads to in a machine, where a finding tells of that; empty for all others."""
    if finding.code == "unreachable-state" and (state := _state_in(view, finding)):
        return f"Nothing leads to {state!r}"
    is_endless = finding.code == "no-way-to-an-end" and _inside(view, finding) == ("initial_state",)
    return "No final state can be reached" if is_endless else ""


def _state_in(view: MachineView, finding: Finding) -> str:
    """Name the state of a machine that a finding is of; empty where it is of another machine."""
    match _inside(view, finding):
        case ("states", state, *_):
            return str(state)
    return ""


def _inside(view: MachineView, finding: Finding) -> Steps:
    """Return the steps to a finding from the root of a machine; none where it is of another machine."""
    steps, around = steps_of(finding.path) or (), steps_of(view.path) or ()
    return steps[len(around) :] if steps[: len(around)] == around else ()
