from __future__ import annotations

import pytest
from checking.found import NOTE, TEXT

from fsm_langgraph.checking import Finding, Witness
from fsm_langgraph.checking.outputs.told_witness import told_witness
from fsm_langgraph.loading import load_definition

DEFINITION = load_definition(TEXT)
OUTER = load_definition(
    "name: n\ndescription: d\ninitial_state: a\nstates: {a: {id: a, description: d, purpose: p, subflow: rooms, "
    "transitions: [{target_state: b, description: d}]}, b: {id: b, description: d, purpose: p}}\nsubflows:\n  rooms:\n"
    + "".join(f"    {line}\n" for line in TEXT.splitlines())
)


def showing(context: dict[str, object], *written: str, path: str = "states.sort") -> Finding:
    return Finding(path, "undecided", "m", witness=Witness(context, frozenset(written)))  # type: ignore[arg-type] # JSON


@pytest.mark.parametrize(
    ("finding", "told"),
    [
        (showing({"size": "suite"}), 'size is "suite" and nights is not given'),
        (showing({"size": "suite", "nights": 2}), 'size is "suite" and nights is 2'),
        (showing({"size": "a", "nights": 2, "more": None}), 'size is "a", nights is 2 and more is null'),
        (showing({}, path="states.sort.transitions[0]"), "nights is not given and size is not given"),
        (
            showing({"sure": False, "nights": 1, "size": "x"}, "sure"),
            'sure was answered with false, nights is 1 and size is "x"',
        ),
        (showing({}, path="states.done"), "no key is given"),
        (showing({}, path="states.gone"), "no key is given"),
        (showing({}, path="global_transitions[3]"), "no key is given"),
        (showing({}, path="subflows.gone.states.sort"), "no key is given"),
    ],
    ids=lambda value: value.path if isinstance(value, Finding) else None,
)
def test_a_context_is_told_in_words_with_the_keys_that_are_read_and_absent(finding: Finding, told: str) -> None:
    assert told_witness(finding, DEFINITION) == f"For example where {told}."


def test_a_finding_of_a_sub_machine_is_told_by_what_that_reads() -> None:
    finding = showing({"nights": 1}, path="subflows.rooms.states.sort.transitions[0]")

    assert told_witness(finding, OUTER) == "For example where nights is 1 and size is not given."


def test_without_the_definition_only_the_context_is_told() -> None:
    assert told_witness(NOTE) == 'For example where size was answered with "suite".'


def test_a_long_value_and_many_keys_are_cut() -> None:
    told = told_witness(showing({"text": "x" * 100, **{f"key_{number}": number for number in range(8)}}))

    begin = f'For example where text is "{"x" * 38}…, '
    assert told == f"{begin}key_0 is 0, key_1 is 1, key_2 is 2, key_3 is 3, key_4 is 4 and 3 more."


def test_a_finding_without_a_witness_tells_nothing() -> None:
    assert told_witness(Finding("states.sort", "undecided", "m"), DEFINITION) == ""
