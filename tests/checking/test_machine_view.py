"""A machine as the checks see it: where it stands, and what they know of it."""

from __future__ import annotations

from machines import machine, state, to

from fsm_langgraph.checking.machine_view import MachineView, machine_views
from fsm_langgraph.loading import load_definition

INNER = machine(state("ask", to("end")), state("end"))
OUTER = machine(state("pay", to("end"), subflow="payment"), state("end"), subflows={"payment": INNER})


def test_each_machine_has_its_path_and_the_states_that_run_it() -> None:
    views = [*machine_views(load_definition(OUTER))]

    assert [(view.path, [each.id for each in view.runs_in]) for view in views] == [
        ("", []),
        ("subflows.payment", ["pay"]),
    ]


def test_a_machine_that_runs_far_inside_has_the_state_there() -> None:
    between = machine(state("choose", to("end"), subflow="payment", inputs=["sum"]), state("end"))
    outer = machine(state("order", to("end"), subflow="buy"), state("end"), subflows={"buy": between, "payment": INNER})

    views = [*machine_views(load_definition(outer))]

    assert [(view.path, [each.id for each in view.runs_in]) for view in views] == [
        ("", []),
        ("subflows.buy", ["order"]),
        ("subflows.payment", ["choose"]),
    ]


def test_knowledge_of_a_machine_is_worked_out_once() -> None:
    class Known:
        def __init__(self, view: MachineView) -> None:
            self.view = view

    outer, inner = machine_views(load_definition(OUTER))

    assert outer.once(Known) is outer.once(Known)
    assert inner.once(Known).view is inner
