"""The text at the place of a part is that part, in JSON and in YAML, whatever its name is and however it is written."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from definitions import VALID
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from fsm_langgraph.data.composition import composed
from fsm_langgraph.data.json_data import Steps, at, steps_of
from fsm_langgraph.loading.document import read_document
from fsm_langgraph.loading.positions import Positions

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted([*ROOT.glob("graphs/*/*.json"), *ROOT.glob("graphs/*/*.yaml"), *VALID])

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\x85\u2028\u2029\ufeff"), max_size=6)
NAMES = st.sampled_from(["a", "a.b", "[0]", '"', "'", "0", "", " ", "é", "🎲", "x: y", "<<", "#"]) | TEXTS
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES.map(composed), inner, max_size=4),
    max_leaves=20,
)
DOCUMENTS = st.lists(VALUES, max_size=4) | st.dictionaries(NAMES.map(composed), VALUES, max_size=4)


def parts(data: Any, steps: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Yield every part of a document."""
    yield steps, data
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in inside:
        yield from parts(value, (*steps, step))


def rest(text: str, position: tuple[int, int]) -> str:
    """The text from a position on."""
    line, column = position
    lines = io.StringIO(text, newline="").read().replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join([lines[line - 1][column - 1 :], *lines[line:]])


def quoted(text: str) -> str:
    """The text in double quotes that a YAML text begins with."""
    found = re.match(r'"(?:[^"\\]|\\.)*"', text)
    return composed(YAML(typ="safe", pure=True).load(found[0])) if found else f"no quotes: {text[:20]}"


def first(text: str) -> Any:
    """The value that a JSON text begins with."""
    return json.JSONDecoder().raw_decode(text)[0]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_each_part_of_an_example_is_found_where_it_stands(path: Path) -> None:
    document = read_document(path)
    written = document.origins.texts[()]
    assert written is not None

    for steps, value in parts(document.data):
        found = rest(written.text, written.positions.of(steps))
        if isinstance(value, dict | list) and steps and isinstance(steps[-1], str):
            assert found.lstrip("\"'").startswith(steps[-1])
        elif isinstance(value, str) and value and "\n" not in value and found[0] not in ">|":
            assert found.startswith((value, json.dumps(value), json.dumps(value, ensure_ascii=False), f"'{value}"))
        elif isinstance(value, dict | list):
            assert found[0] in "{[-" or found.startswith(next(iter(value)))


@given(DOCUMENTS, st.sampled_from([None, 2, "\t"]), st.booleans(), st.sampled_from(["\n", "\r\n", "\r"]))
def test_each_part_of_any_json_is_found(data: Any, indent: Any, is_ascii: bool, line_end: str) -> None:
    text = json.dumps(data, indent=indent, ensure_ascii=is_ascii).replace("\n", line_end)
    positions = Positions(text, is_json=True)

    for steps, value in parts(data):
        named = bool(steps) and isinstance(steps[-1], str)
        at_name = isinstance(value, dict | list) and named
        assert first(rest(text, positions.of(steps))) == (steps[-1] if at_name else value)
        assert not named or first(rest(text, positions.of_name(steps))) == steps[-1]


@given(DOCUMENTS, st.booleans())
def test_each_text_and_name_of_any_yaml_is_found(data: Any, in_flow: bool) -> None:
    yaml = YAML(typ="safe", pure=True)
    style: Any = '"'
    yaml.default_flow_style, yaml.default_style, yaml.width, yaml.allow_unicode = in_flow, style, 100_000, True
    stream = io.StringIO()
    yaml.dump(data, stream)
    text = stream.getvalue()
    positions = Positions(text, is_json=False)

    for steps, value in parts(data):
        if steps and isinstance(steps[-1], str):
            assert quoted(rest(text, positions.of_name(steps)).removeprefix("? ")) == steps[-1]
        if isinstance(value, str):
            assert quoted(rest(text, positions.of(steps))) == composed(value)


@given(st.lists(NAMES | st.integers(0, 99) | st.text(max_size=4), max_size=5))
def test_the_steps_of_a_path_are_those_that_it_was_written_with(steps: list[str | int]) -> None:
    assert steps_of(at(*steps)) == tuple(steps)


@pytest.mark.parametrize("path", ["a..b", ".a", "a[x]", "a[", 'a["b]', "a b", 'a["\\x"]', "[0]a", "a]", "a."])
def test_what_is_no_path_has_no_steps(path: str) -> None:
    assert steps_of(path) is None


BASED = """\
base: &base
  one: 1
  deep: {two: 2}
more: &more {one: 10, three: 3}
merged:
  <<: [*base, *more]
  four: 4
same: *base
list: [*more, 5]
empty:
next: x
"""


@pytest.mark.parametrize(
    ("steps", "position"),
    [
        pytest.param(("merged", "one"), (2, 8), id="a merged key, of the first that has it"),
        pytest.param(("merged", "three"), (4, 30), id="a merged key of the second"),
        pytest.param(("merged", "deep", "two"), (3, 15), id="inside of a merged one"),
        pytest.param(("merged", "four"), (7, 9), id="a key beside a merge"),
        pytest.param(("merged",), (5, 1), id="what merges"),
        pytest.param(("same",), (8, 1), id="an alias"),
        pytest.param(("same", "one"), (2, 8), id="inside of an alias"),
        pytest.param(("list", 0, "three"), (4, 30), id="inside of an alias in a list"),
        pytest.param(("list", 1), (9, 15), id="an item"),
        pytest.param(("empty",), (10, 1), id="nothing"),
        pytest.param(("merged", "five"), (5, 1), id="what is missing"),
        pytest.param(("nowhere", "at", "all"), (1, 1), id="what is missing at the root"),
        pytest.param((), (1, 1), id="the root"),
    ],
)
def test_a_part_of_yaml_with_aliases_is_found(steps: Steps, position: tuple[int, int]) -> None:
    assert Positions(BASED, is_json=False).of(steps) == position


@pytest.mark.parametrize(
    ("text", "position"),
    [
        pytest.param('{"purpose": "p",\n "response_instructions": "r"}', (2, 27), id="LLM-FSM's name"),
        pytest.param('{"instructions": "i",\n "response_instructions": "r"}', (1, 18), id="both"),
        pytest.param('{"purpose": "p"}', (1, 1), id="neither"),
    ],
)
def test_instructions_are_found_by_either_name(text: str, position: tuple[int, int]) -> None:
    assert Positions(text, is_json=True).of(("instructions",)) == position


@pytest.mark.parametrize(
    ("text", "is_json"),
    [
        pytest.param('{"a": {"b": 1, "c": 2,\n"b": 3, "b": 4}}', True, id="JSON"),
        pytest.param("a: {b: 1, c: 2,\n'b': 3, b: 4}", False, id="YAML"),
    ],
)
def test_a_name_given_twice_is_found_at_its_second_place(text: str, is_json: bool) -> None:
    positions = Positions(text, is_json=is_json)

    assert rest(text, positions.of(("a", "b"))).startswith("1")
    assert positions.of_second(("a", "b")) == (2, 1)
    assert positions.of_second(("a", "c")) == positions.of_name(("a", "c"))


@pytest.mark.parametrize(
    ("text", "is_json"),
    [
        pytest.param("{" * 100_000, True, id="deep JSON"),
        pytest.param('{"a": ' * 2_000 + "1" + "}" * 2_000, True, id="deep JSON that is whole"),
        pytest.param('{"a": [1, ', True, id="JSON without an end"),
        pytest.param("", True, id="no JSON"),
        pytest.param("- " * 10_000, False, id="deep YAML"),
        pytest.param("a: [", False, id="YAML without an end"),
        pytest.param("a: &a {<<: *a, b: 1}", False, id="a mapping that merges itself"),
        pytest.param("&a [*a]", False, id="a list that holds itself"),
        pytest.param("? [1]\n: 2", False, id="a list for a key"),
        pytest.param("<<: 3\na: 1", False, id="a number that is merged"),
        pytest.param("", False, id="no YAML"),
    ],
)
def test_no_text_is_too_odd_to_be_asked(text: str, is_json: bool) -> None:
    line, column = Positions(text, is_json=is_json).of(("a", *["a"] * 200, 0, 0, "b"))

    assert line >= 1
    assert column >= 1


@pytest.mark.parametrize(
    ("text", "words", "position"),
    [
        pytest.param("a: |\n  One.\n  {n} two\nb: {n}\n", "{n}", (3, 3), id="a block"),
        pytest.param("a: >-\r\n  One\r\n  and [room\r\n  size]\r\n", "[room size]", (3, 7), id="a folded block"),
        pytest.param('a: "one\n  {{ n }}"\n', "{{n}}", (2, 3), id="quotes over two lines"),
        pytest.param("a: text\nb: {{n}}\n", "{{n}}", (1, 4), id="words that are not there"),
        pytest.param("b: &t |\n  {n}\na: *t\n", "{n}", (3, 1), id="an alias"),
        pytest.param('{"a": "One.\\nTwo {n}", "b": "{n}"}', "{n}", (1, 18), id="JSON"),
        pytest.param('{"b": "{n}"}', "{n}", (1, 1), id="a text that is not there"),
    ],
)
def test_words_stand_where_they_are_written(text: str, words: str, position: tuple[int, int]) -> None:
    assert Positions(text, is_json=text.startswith("{")).of_words(("a",), words) == position


def test_a_large_document_is_gone_through_once() -> None:
    states = {f"s{n}": {"id": f"s{n}", "transitions": [{"target_state": "end"}]} for n in range(10_000)}
    text = json.dumps({"states": states}, indent=1)
    positions = Positions(text, is_json=True)

    found = [positions.of(("states", name, "transitions", 0, "target_state")) for name in states]

    assert len(set(found)) == len(states)
    assert rest(text, found[-1]).startswith('"end"')
