"""Passes that lead in a circle, or farther than a turn goes, are noted."""

from __future__ import annotations

from typing import Any

import pytest
from checked import found
from machines import Json, machine, state, to

CODES = ("passing-ring", "long-passage")


def ring(*, first: Json | None = None, second: Json | None = None, back: Json | None = None) -> Json:
    """Write two states that pass each other on."""
    return machine(
        asking("a", "b", **(first or {})),
        state(
            "b",
            {**to("a", "b"), **(back or {})},
            **{"ask": "missing", "required_context_keys": ["b"], **(second or {})},
        ),
        state("end"),
    )


def asking(key: str, target: str, **fields: Any) -> Json:
    return state(key, to(target, key), to("end"), required_context_keys=[key], **{"ask": "missing", **fields})


def row(count: int) -> Json:
    """Write a form of some questions, of which each is passed."""
    names = [f"q{number}" for number in range(count)]
    return machine(*(asking(name, after) for name, after in zip(names, [*names[1:], "end"], strict=True)), state("end"))


def test_a_circle_is_noted_with_its_states() -> None:
    [finding] = found(ring(), *CODES)

    assert finding.code == "passing-ring"
    assert "'a'" in finding.message
    assert "'b'" in finding.message


@pytest.mark.parametrize(
    "definition",
    [
        ring(first={"ask": "always"}),
        ring(first={"forget": ["a"]}),
        ring(second={"forget": ["a"]}),
        ring(second={"ask": "always"}),
        ring(back={"ask": "always"}),
        ring(back={"fires": False}),
        ring(back={"conditions": []}),
        ring(second={"required_context_keys": [], "optional_context_keys": ["b"]}),
        machine(asking("a", "a"), state("end")),
    ],
    ids=[
        "one asks",
        "one forgets its own",
        "one forgets the other's",
        "the other asks",
        "the way back asks",
        "the way back is proposed",
        "the way back has no conditions",
        "one requires nothing",
        "round by itself",
    ],
)
def test_a_circle_in_which_somebody_asks_is_sound(definition: Json) -> None:
    assert found(definition, *CODES) == []


@pytest.mark.parametrize(("count", "codes"), [(24, []), (25, ["long-passage"])])
def test_more_passes_than_a_turn_has_steps_are_noted(count: int, codes: list[str]) -> None:
    assert [finding.code for finding in found(row(count), *CODES)] == codes
