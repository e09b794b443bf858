"""The machine's own keys that a definition reads are found in its conditions and texts, at any depth."""

from __future__ import annotations

import pytest
from machines import Json, machine, state, to

from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.prompts.keys_read import machine_keys_read

PLAIN = machine(state("a", to("b", "x")), state("b"))
NOW: Json = {"logic": {"<": [{"var": "_now"}, "2030"]}}


@pytest.mark.parametrize(
    ("definition", "read"),
    [
        (PLAIN, set()),
        (machine(state("a", to("b", **NOW)), state("b")), {"_now"}),
        (machine(state("a", to("b")), state("b"), global_transitions=[to("b", "_stays")]), {"_stays"}),
        (machine(state("a", purpose="At {{_now}}")), {"_now"}),
        (machine(state("a", extraction_instructions="At {{_now}}")), {"_now"}),
        (machine(state("a", say="{{#_stays}}Sorry.{{/_stays}}")), {"_stays"}),
        (machine(state("a"), persona="It is {{_now}}"), {"_now"}),
        (machine(state("a"), store={"day": {"namespace": ["days"], "key": "{{_now}}"}}), {"_now"}),
        (machine(state("a"), live_instructions=True), {"_now", "_stays"}),
        (
            machine(
                state("a", to("b"), subflow="i"), state("b"), subflows={"i": machine(state("c", purpose="{{_now}}"))}
            ),
            {"_now"},
        ),
    ],
    ids=[
        "none",
        "a guard",
        "a global one",
        "a purpose",
        "noting",
        "words",
        "the persona",
        "a lookup",
        "live texts",
        "inside",
    ],
)
def test_what_a_definition_reads(definition: Json, read: set[str]) -> None:
    assert machine_keys_read(FSMDefinition.model_validate(definition)) == read
