"""Silent states and steps of thought have to lead to the user."""

from __future__ import annotations

from typing import Any

import pytest
from checking.machine_of_states import IN_WORDS, KNOWN, SILENT, THOUGHT, made, to, told, way

from fsm_langgraph.checking import findings

BY_MODEL = {"context": {"size": {"type": "string"}}}
BY_HANDLER = {"context": {"size": {"type": "string", "written_by": "handler"}}}
RETRY = {"transitions": [way("end", **KNOWN), way("b")], **SILENT}


@pytest.mark.parametrize(
    ("states", "fields", "found"),
    [
        pytest.param(
            {"a": to("b"), "b": to("c", **SILENT), "c": to("b", **SILENT)}, {}, ["silent-ring states.b"], id="a ring"
        ),
        pytest.param({"a": to("b"), "b": to("b", **SILENT)}, {}, ["silent-ring states.b"], id="a state of itself"),
        pytest.param(
            {"a": to("b"), "b": to("c", **THOUGHT), "c": to("b", **SILENT)}, {}, ["silent-ring states.b"], id="thought"
        ),
        pytest.param(
            {"a": to("b", "end"), "b": to("c", **SILENT), "c": to("b", **SILENT), "end": {}},
            {},
            ["silent-ring states.b"],
            id="told once, and not as a trap",
        ),
        pytest.param(
            {"a": to("b"), "b": to("c", **SILENT), "c": to("d", **SILENT), "d": to("c", **SILENT)},
            {},
            ["silent-ring states.c"],
            id="what leads into it is not of it",
        ),
        pytest.param(
            {"a": to("b"), "b": to("b", "c", **THOUGHT), "c": to("c", **SILENT)},
            {},
            ["silent-ring states.c"],
            id="nor a ring that leads on to it",
        ),
        pytest.param(
            {"a": to("b"), "b": {"transitions": [way("c", **KNOWN), way("b")], **SILENT}, "c": to("b", **SILENT)},
            {},
            ["silent-ring states.b"],
            id="conditions that lead nowhere else",
        ),
        pytest.param(
            {"a": to("b"), "b": {"transitions": [way("b", **IN_WORDS), way("end", **KNOWN)], **SILENT}, "end": {}},
            {},
            ["hidden-transition states.b.transitions[1]"],
            id="a hidden way out is told as hidden",
        ),
        pytest.param({"a": to("b"), "b": RETRY, "end": {}}, BY_MODEL, ["silent-ring states.b"], id="no one ends it"),
        pytest.param({"a": to("b"), "b": RETRY, "end": {}}, BY_HANDLER, ["silent-round states.b"], id="a retry"),
        pytest.param({"a": to("b"), "b": RETRY, "end": {}}, {}, ["silent-round states.b"], id="anybody may write it"),
        pytest.param(
            {"a": to("b"), "b": {**RETRY, "forget": ["size"]}, "end": {}},
            BY_MODEL,
            ["silent-round states.b"],
            id="it is changed by being forgotten",
        ),
        pytest.param({"a": to("b"), "b": to("a", **SILENT)}, {}, [], id="a round by way of the user"),
        pytest.param(
            {"a": to("b"), "b": to("b", "c", **THOUGHT), "c": to("a", **SILENT)}, {}, [], id="a thought that may go on"
        ),
        pytest.param(
            {"a": to("a"), "b": to("b", **SILENT)}, {}, ["unreachable-state states.b"], id="what is never reached"
        ),
    ],
)
def test_a_ring_without_a_user_is_told(states: Any, fields: Any, found: list[str]) -> None:
    others = ("silent-ring", "silent-round", "trap", "hidden-transition", "unreachable-state")

    assert told(made(states, **fields), *others) == found


def test_the_message_names_the_keys_that_would_have_to_change() -> None:
    found = findings(made({"a": to("b"), "b": RETRY, "end": {}}, **BY_MODEL))

    assert "nothing on the way changes 'size'" in found[0].message


@pytest.mark.parametrize(("length", "found"), [(24, []), (25, ["long-silent-walk states.s0"])])
def test_a_walk_that_no_turn_can_end_is_told(length: int, found: list[str]) -> None:
    silent = {f"s{n}": to(f"s{n + 1}", **SILENT) for n in range(length)}

    assert told(made({"ask": to("s0"), **silent, f"s{length}": {}})) == found
