"""From a path, a text or a mapping to data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsm_langgraph.errors import Place
from fsm_langgraph.loading.document import read_document

YAML_TEXT = st.text(st.sampled_from("ab1:-?,[]{}#&*!|>'\"%@`<=~. \n\t\\é\x00"), max_size=40)


def told(source: Any) -> list[str]:
    return [f"{problem.code} {problem}".split("\n")[0] for problem in read_document(source).problems]


@pytest.mark.parametrize(
    ("source", "data"),
    [
        pytest.param('{"a": [1, 2.5, null, true, "é"]}', {"a": [1, 2.5, None, True, "é"]}, id="JSON"),
        pytest.param('\ufeff {"a": 1}', {"a": 1}, id="JSON with a byte order mark"),
        pytest.param("a: 1\nb: [x, null, true]\n", {"a": 1, "b": ["x", None, True]}, id="YAML"),
        pytest.param({"a": (1, 2)}, {"a": [1, 2]}, id="a mapping"),
    ],
)
def test_text_and_mappings_become_data(source: Any, data: Any) -> None:
    document = read_document(source)

    assert (document.data, document.problems, document.is_readable) == (data, (), True)


@pytest.mark.parametrize(
    ("name", "text", "data"),
    [
        pytest.param("a.json", '{"a": 1}', {"a": 1}, id="json"),
        pytest.param("a.yaml", "a: 1", {"a": 1}, id="yaml"),
        pytest.param("a.YML", "{a: 1}", {"a": 1}, id="yml, in flow style"),
        pytest.param("a.fsm", '{"a": 1}', {"a": 1}, id="JSON under another name"),
        pytest.param("a.fsm", "a: 1", {"a": 1}, id="YAML under another name"),
        pytest.param("é b.json", "\ufeff[]", [], id="a byte order mark"),
    ],
)
@pytest.mark.parametrize("kind", [str, Path])
def test_a_file_is_read_by_its_path(tmp_path: Path, kind: type, name: str, text: str, data: Any) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")

    document = read_document(kind(path))

    assert document.data == data
    assert document.name == str(path)


@pytest.mark.parametrize(
    ("text", "code", "message", "place"),
    [
        pytest.param("", "empty", "there is nothing in it.", (1, 1), id="nothing"),
        pytest.param(" \n\n", "empty", "there is nothing in it.", (1, 1), id="only spaces"),
        pytest.param(
            '{\n "a": 1\n "b": 2}',
            "not-json",
            "is not JSON: expecting ',' delimiter.",
            (3, 2),
            id="a comma too few",
        ),
        pytest.param('{"a": 1} x', "not-json", "is not JSON: extra data.", (1, 10), id="more behind it"),
        pytest.param("[" * 100_000, "too-deep", "nests deeper than 100 levels.", (1, 1), id="deep JSON"),
        pytest.param("- " * 10_000 + "\n", "too-deep", "nests deeper than 100 levels.", (1, 1), id="deep YAML"),
        pytest.param(
            "a: 1\nb: [",
            "not-yaml",
            "is not YAML: expected the node content, but found '<stream end>'.",
            (2, 5),
            id="an open bracket",
        ),
        pytest.param(
            "a:\n\t- 1",
            "not-yaml",
            "is not YAML: found character '\\t' that cannot start any token.",
            (2, 1),
            id="a tab",
        ),
        pytest.param(
            "a: 1\n---\nb: 2",
            "not-yaml",
            "is more than one YAML document.",
            (2, 1),
            id="two documents",
        ),
        pytest.param(
            "a: 1\nb: \x07",
            "not-yaml",
            "is not YAML: unacceptable character #x0007: special characters are not allowed.",
            (2, 4),
            id="a control character",
        ),
        pytest.param(
            "a:\n  - !!python/none x\n",
            "not-yaml",
            "is not YAML: could not determine a constructor for the tag 'tag:yaml.org,2002:python/none'.",
            (2, 5),
            id="a tag of Python's",
        ),
        pytest.param(
            "a:\n  - !!int x",
            "not-yaml",
            "is not YAML: 'x' cannot be read as tag:yaml.org,2002:int.",
            (2, 5),
            id="a value unlike its tag",
        ),
    ],
)
def test_a_document_that_cannot_be_read_has_one_problem(
    text: str, code: str, message: str, place: tuple[int, int]
) -> None:
    document = read_document(text)

    assert not document.is_readable
    assert [(problem.path, problem.code, problem.message) for problem in document.problems] == [("", code, message)]
    assert [problem.place for problem in document.problems] == [Place("", *place)]


def test_an_integer_beyond_all_measure_is_refused() -> None:
    assert told('{"a": ' + "1" * 5000 + "}")[0].startswith("not-json line 1, column 1: is not JSON: Exceeds the limit")


def test_a_text_is_read_up_to_a_limit() -> None:
    assert read_document("{" + " " * 4_999_998 + "}").is_readable
    assert told("{" + " " * 5_000_000 + "}") == ["too-large line 1, column 1: is longer than 5,000,000 characters."]


def test_a_character_that_ends_texts_elsewhere_is_told_with_its_place() -> None:
    assert told('{"a": ["x\\u0000"], "\\u0000": 1}') == [
        "bad-text a[0]: has the character U+0000 in it, which databases and terminals refuse.",
        "bad-text (root): has the character U+0000 in it, which databases and terminals refuse.",
    ]


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    assert told(tmp_path / "none.json") == ["unreadable (root): cannot be read: No such file or directory."]


def test_a_folder_is_unreadable(tmp_path: Path) -> None:
    assert told(tmp_path) == ["unreadable (root): cannot be read: Is a directory."]


def test_a_path_that_no_system_has_is_unreadable() -> None:
    assert told("a\0b") == ["unreadable (root): cannot be read: embedded null byte."]


def test_another_encoding_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "latin.json"
    path.write_bytes('{"name": "Café"}'.encode("latin-1"))

    assert told(path) == ["unreadable (root): cannot be read: its byte 13, in line 1, is not UTF-8 text."]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            '{"a": 1, "a": 2, "states": {"x": {"id": 1, "id": 2}, "x": 3}, "l": [{"b": 1, "b": 1, "b": 1}]}',
            id="JSON",
        ),
        pytest.param("a: 1\na: 2\nstates:\n  x: {id: 1, id: 2}\n  x: 3\nl:\n  - {b: 1, b: 1, 'b': 1}\n", id="YAML"),
    ],
)
def test_keys_given_twice_are_told_by_their_path_and_the_first_one_counts(text: str) -> None:
    document = read_document(text)

    assert document.data == {"a": 1, "states": {"x": {"id": 1}}, "l": [{"b": 1}]}
    assert [(problem.code, problem.path) for problem in document.problems] == [
        ("duplicate-key", "a"),
        ("duplicate-id", "states.x"),
        ("duplicate-key", "states.x.id"),
        ("duplicate-key", "l[0].b"),
    ]


@pytest.mark.parametrize("text", ['{"a": NaN, "b": [-Infinity], "c": 1e999}', "a: .nan\nb: [-.inf]\nc: 1e999\n"])
def test_numbers_that_are_not_finite_are_told_by_their_path(text: str) -> None:
    assert [(p.code, p.path) for p in read_document(text).problems] == [
        ("not-finite", "a"),
        ("not-finite", "b[0]"),
        ("not-finite", "c"),
    ]


@given(st.text() | YAML_TEXT)
def test_no_text_makes_reading_raise(text: str) -> None:
    document = read_document(text + "\n")

    assert document.is_readable or len(document.problems) == 1


def test_a_path_that_may_have_been_meant_as_a_text_is_told_how_a_text_is_given(tmp_path: Path) -> None:
    (as_text,) = read_document("name: Survey").problems
    (as_path,) = read_document(tmp_path / "none.json").problems

    assert as_text.advice == "A definition given as text, not by its path, starts with '{' or has several lines."
    assert as_path.advice == ""


def test_a_long_line_that_was_taken_for_a_path_is_not_told_whole() -> None:
    assert len(read_document("name: " + "x" * 5_000_000).name) == 1_000
