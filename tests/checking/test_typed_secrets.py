"""A secret that a user has to type is warned of."""

from __future__ import annotations

from typing import Any

import pytest
from checked import found
from machines import machine, state, to


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
    told = found({**machine(state("ask")), "context": {"pin": key}}, "typed-secret")

    assert [(finding.path, finding.advice) for finding in told] == [
        ("context.pin.secret", 'Have your own code write it: "written_by": "handler" or "caller".')
    ] * is_told


def test_one_of_a_sub_machine_is_told_where_it_is_written() -> None:
    inner = {**machine(state("a"), name="inner"), "context": {"pin": {"secret": True}}}
    outer = {**machine(state("ask", to("end"), subflow="pay"), state("end")), "subflows": {"pay": inner}}

    assert [finding.path for finding in found(outer, "typed-secret")] == ["subflows.pay.context.pin.secret"]


def test_an_open_definition_declares_no_secret() -> None:
    assert found(machine(state("ask")), "typed-secret") == []
