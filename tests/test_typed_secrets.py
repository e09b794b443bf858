"""A secret that a user has to type is warned of."""

from __future__ import annotations

from typing import Any

import pytest
from machines import machine, state, to

from fsm_langgraph import load_definition
from fsm_langgraph.loading import find_typed_secrets


@pytest.mark.parametrize(
    ("key", "is_told"),
    [
        ({"secret": True}, True),
        ({"secret": True, "written_by": "model"}, True),
        ({"secret": True, "written_by": "handler"}, False),
        ({"secret": True, "written_by": "caller"}, False),
        ({}, False),
    ],
)
def test_a_secret_that_a_model_writes_is_warned_of(key: dict[str, Any], is_told: bool) -> None:
    found = [*find_typed_secrets(load_definition({**machine(state("ask")), "context": {"pin": key}}))]

    assert [str(problem) for problem in found] == [
        "context.pin.secret: the key 'pin' is secret, and a model is to write it: what the user typed stays in the "
        'messages.\n  Have your own code write it: "written_by": "handler" or "caller".'
    ] * is_told


def test_one_of_a_sub_machine_is_told_where_it_is_written() -> None:
    inner = {**machine(state("a"), name="inner"), "context": {"pin": {"secret": True}}}
    outer = {**machine(state("ask", to("end"), subflow="pay"), state("end")), "subflows": {"pay": inner}}

    assert [problem.path for problem in find_typed_secrets(load_definition(outer))] == [
        "subflows.pay.context.pin.secret"
    ]


def test_an_open_definition_declares_no_secret() -> None:
    assert [*find_typed_secrets(load_definition(machine(state("ask"))))] == []
