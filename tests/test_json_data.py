"""What Python holds and JSON does not."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest

from fsm_langgraph.data.json_data import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_PROBLEMS,
    UnreadableError,
    at,
    count_values,
    to_json,
)


@pytest.mark.parametrize(
    ("steps", "path"),
    [
        pytest.param((), "", id="the root"),
        pytest.param(
            ("states", "ask", "transitions", 0, "target_state"),
            "states.ask.transitions[0].target_state",
            id="plain",
        ),
        pytest.param((0, "a"), "[0].a", id="a list at the root"),
        pytest.param(("states", "été-2"), "states.été-2", id="letters of any language"),
        pytest.param(("states", "a.b", "id"), 'states["a.b"].id', id="a dot"),
        pytest.param(("a b", 'c"d', ""), '["a b"]["c\\"d"][""]', id="spaces, quotes, nothing"),
        pytest.param(("logic", "==", 1), "logic.==[1]", id="an operator"),
    ],
)
def test_a_path_can_be_read_and_is_never_ambiguous(steps: tuple[str | int, ...], path: str) -> None:
    assert at(*steps) == path


def test_mappings_and_tuples_become_objects_and_lists() -> None:
    assert to_json(MappingProxyType({"a": (1, None, True, 1.5, "x")})) == (
        {"a": [1, None, True, 1.5, "x"]},
        (),
    )


@pytest.mark.parametrize(
    ("raw", "data", "code", "problem"),
    [
        pytest.param([float("nan")], [None], "not-finite", "[0]: must be a finite number, not nan.", id="nan"),
        pytest.param(float("-inf"), None, "not-finite", "(root): must be a finite number, not -inf.", id="-inf"),
        pytest.param({"a": {1}}, {"a": None}, "wrong-type", "a: must be JSON data, not a Python set.", id="a set"),
        pytest.param(b"a", None, "wrong-type", "(root): must be JSON data, not a Python bytes.", id="bytes"),
        pytest.param(
            {"a": {1: "x"}},
            {"a": {"1": "x"}},
            "wrong-key",
            "a: the key 1 is not a string.\n  Write it in quotes.",
            id="a number as key",
        ),
        pytest.param(
            {"a": "\ud800"},
            {"a": "?"},
            "bad-text",
            "a: has half of a surrogate pair in it, which is no character.",
            id="half a character",
        ),
    ],
)
def test_what_json_cannot_hold_is_told_by_its_path(raw: Any, data: Any, code: str, problem: str) -> None:
    found, problems = to_json(raw)

    assert found == data
    assert [(problem.code, str(problem)) for problem in problems] == [(code, problem)]


def test_a_value_that_holds_itself_is_refused() -> None:
    endless: list[Any] = []
    endless += [endless, endless]

    with pytest.raises(UnreadableError, match=f"deeper than {MAX_DEPTH} levels"):
        to_json(endless)


def test_a_few_shared_values_cannot_stand_for_billions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fsm_langgraph.data.json_data.MAX_VALUES", 1000)
    many: list[Any] = ["x"] * 10
    for _ in range(10):
        many = [many] * 10

    with pytest.raises(UnreadableError, match="holds more than 1,000 values"):
        to_json(many)


def test_a_few_shared_texts_cannot_stand_for_gigabytes() -> None:
    text = "é" * (MAX_CHARACTERS // 10)

    with pytest.raises(UnreadableError, match="holds more than 10,000,000 characters"):
        to_json([text] * 11)


@pytest.mark.parametrize(("number", "is_kept"), [(2**1024 - 1, True), (-(2**1024) + 1, True), (2**1024, False)])
def test_a_number_is_one_that_a_float_can_hold(number: int, is_kept: bool) -> None:
    data, problems = to_json([number])

    assert (data == [number], [problem.code for problem in problems]) == (is_kept, [] if is_kept else ["not-finite"])


def test_a_key_that_is_no_text_is_told_in_a_few_words() -> None:
    _, problems = to_json({2**5000: 1, (("x",) * 9,) * 9: 2, 1.5: 3})

    assert [problem.message for problem in problems] == [
        "the key int is not a string.",
        "the key tuple is not a string.",
        "the key 1.5 is not a string.",
    ]


def test_faults_without_end_are_not_all_kept() -> None:
    assert len(to_json([float("nan")] * 1000)[1]) == MAX_PROBLEMS + 1


def test_values_are_counted_with_all_that_holds_them() -> None:
    assert count_values({"a": [1, {"b": None}], "c": "x"}) == 6
