"""A tag over a secret key, where nothing will stand, is warned of."""

from __future__ import annotations

import pytest
from machines import Json, machine, state, to

from fsm_langgraph import load_definition
from fsm_langgraph.loading import find_unshown_secrets

SECRET = {"pin": {"secret": True, "written_by": "caller"}, "name": {"type": "string"}}


@pytest.mark.parametrize(
    ("fields", "paths"),
    [
        ({"say": "{{pin}}, {{name}}"}, ["states.ask.say"]),
        (
            {"purpose": "Read {{pin.digits}} back", "instructions": "{{pin}}"},
            ["states.ask.purpose", "states.ask.instructions"],
        ),
        ({"instructions": "{{#pin}}They have one.{{/pin}}{{name}}"}, []),
    ],
    ids=["say", "of a prompt", "a section, and another key"],
)
def test_a_text_over_a_secret_is_warned_of(fields: Json, paths: list[str]) -> None:
    definition = load_definition({**machine(state("ask", **fields)), "context": SECRET})

    assert [problem.path for problem in find_unshown_secrets(definition)] == paths


def test_the_persona_and_sub_machines_are_looked_at_too() -> None:
    inner = {**machine(state("a", say="{{pin}}"), name="inner"), "context": SECRET}
    outer = {**machine(state("ask", to("end"), subflow="pay"), state("end")), "subflows": {"pay": inner}}
    outer |= {"context": SECRET, "persona": "Knows {{pin}}"}

    assert [str(problem) for problem in find_unshown_secrets(load_definition(outer))] == [
        f"{path}: the key 'pin' is secret, and no text shows one: nothing stands where its tag is.\n"
        "  Have a handler write what may be shown, such as its last digits, into a key of its own."
        for path in ("persona", "subflows.pay.states.a.say")
    ]
