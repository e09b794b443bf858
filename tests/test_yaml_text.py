"""YAML 1.2 as JSON data."""

from __future__ import annotations

from typing import Any

import pytest

from fsm_langgraph.data.json_data import UnreadableError
from fsm_langgraph.loading.yaml_text import parse_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("[yes, no, on, off, y, n]", ["yes", "no", "on", "off", "y", "n"], id="words"),
        pytest.param("[true, False, null, ~]", [True, False, None, None], id="booleans and null"),
        pytest.param("[1, -2, 0x1F, 0o17, 012, 1.5, 1e3]", [1, -2, 31, 15, 12, 1.5, 1000.0], id="numbers"),
        pytest.param("[12:30, 1.2.3]", ["12:30", "1.2.3"], id="times and versions"),
        pytest.param("2024-03-01", "2024-03-01", id="a date"),
        pytest.param("2024-03-01 12:30:00", "2024-03-01T12:30:00", id="a date and time"),
        pytest.param("2024-03-01T12:30:00Z", "2024-03-01T12:30:00+00:00", id="a moment"),
        pytest.param("2024-02-31", "2024-02-31", id="no date, though it looks like one"),
        pytest.param("{a: &x {b: 1}, c: *x}", {"a": {"b": 1}, "c": {"b": 1}}, id="an alias"),
        pytest.param("{<<: {a: 1, b: 1}, b: 2}", {"a": 1, "b": 2}, id="a merge"),
        pytest.param("[&x 1, *x, &x 2, *x]", [1, 1, 2, 2], id="an anchor used twice"),
        pytest.param('{"==": [{var: a}, 1]}', {"==": [{"var": "a"}, 1]}, id="an expression"),
    ],
)
def test_a_value_means_what_it_looks_like(text: str, value: Any) -> None:
    assert parse_yaml(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "? {a: b}\n: 1",
        "? [{a: b}]\n: 1",
        "{[x]: c}",
        "!mine x",
        "*none",
        "%YAML 3.0\n--- a",
        "!!float ''",
        "- !!bool x",
    ],
)
def test_what_is_no_plain_data_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        parse_yaml(text)

    assert caught.value.problem.code == "not-yaml"


def test_keys_that_are_no_strings_are_left_for_the_walk_to_tell() -> None:
    assert parse_yaml("{2: a, true: b, 2024-03-01: d}") == {2: "a", True: "b", "2024-03-01": "d"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[&a {<<: *a, x: 1}]", id="a mapping that merges itself"),
        pytest.param("[&a {x: 1, x: 2}, {<<: *a}]", id="a key given twice in what is merged"),
        pytest.param("{<<: [{x: 1}, {x: 2}]}", id="the first of two"),
        pytest.param("{<<: {x: 2}, x: 1}", id="the mapping's own"),
        pytest.param("{<<: {<<: {x: 1}}}", id="a merge in a merge"),
    ],
)
def test_a_merge_brings_each_key_once(text: str) -> None:
    found = parse_yaml(text)

    assert (found[-1] if isinstance(found, list) else found) == {"x": 1}


def test_merges_in_merges_are_no_more_than_their_keys() -> None:
    first = "a0: &a0 {" + ", ".join(f"k{n}: 1" for n in range(20)) + "}\n"
    others = "".join(f"a{n}: &a{n}\n  <<: [{','.join([f'*a{n - 1}'] * 20)}]\n" for n in range(1, 30))

    assert len(parse_yaml(first + others)["a29"]) == 20


def test_merges_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fsm_langgraph.loading.yaml_text.MAX_VALUES", 100)

    with pytest.raises(UnreadableError, match="merges more than 100 values"):
        parse_yaml("a: &a {x: 1, y: 1}\nb:\n" + "- <<: *a\n" * 60)


@pytest.mark.parametrize("tag", ["set {a, b}", "omap [a: 1]", "omap [[a]: 1]", "pairs [a: 1]", "binary aGk="])
def test_a_tag_of_what_json_does_not_have_is_refused(tag: str) -> None:
    with pytest.raises(UnreadableError, match="could not determine a constructor"):
        parse_yaml(f"- !!{tag}")


def test_a_text_that_would_take_minutes_is_refused() -> None:
    with pytest.raises(UnreadableError, match="is longer than 1,000,000 characters"):
        parse_yaml("a: 1\n" * 250_000)
