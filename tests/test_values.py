"""What a declared key accepts, what it makes of it, and why it refuses the rest."""

from __future__ import annotations

import enum
import json
import math
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_definitions import DECLARATIONS, JSON

from fsm_langgraph.context.json_values import MAX_DEPTH, MAX_ITEMS
from fsm_langgraph.context.values import coerce, identity, same
from fsm_langgraph.definition import ContextKey

LAW = settings(deadline=None, max_examples=200)


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


class Size(enum.StrEnum):
    LARGE = "large"


ACCEPTED: list[tuple[dict[str, Any] | None, Any, Any]] = [
    # nothing declared
    (None, "Ann", "Ann"),
    (None, "", ""),
    (None, " True ", True),
    (None, "false", False),
    (None, ["false"], ["false"]),
    (None, {"a": (1, 2.5, None)}, {"a": [1, 2.5, None]}),
    (None, nested(MAX_DEPTH), nested(MAX_DEPTH)),
    (None, 2**64 - 1, 2**64 - 1),
    (None, "half \ud83d", "half \ufffd"),
    (None, {"\ude00": "\ud83d\ude00"}, {"\ufffd": "\U0001f600"}),
    (None, Size.LARGE, "large"),
    # declared, of any type
    ({}, "false", False),
    ({"minimum": 3}, 3, 3),
    ({"enum": ["true", "false"]}, "true", "true"),
    # strings
    ({"type": "string"}, "  Ann Lee ", "Ann Lee"),
    ({"type": "string"}, 30, "30"),
    ({"type": "string"}, "true", "true"),
    ({"type": "string", "pattern": "^[A-Z]{2}"}, "AB-1", "AB-1"),
    # numbers
    ({"type": "number"}, "30", 30),
    ({"type": "number"}, " -1,234.5 ", -1234.5),
    ({"type": "number"}, "1e3", 1000),
    ({"type": "number"}, ".5", 0.5),
    ({"type": "number"}, "٣", 3),
    ({"type": "number"}, 30.0, 30.0),
    ({"type": "integer"}, 30.0, 30),
    ({"type": "integer"}, "12345678901234567890", 12345678901234567890),
    ({"type": "integer", "minimum": 0, "maximum": 0}, "0", 0),
    # booleans
    ({"type": "boolean"}, True, True),
    ({"type": "boolean"}, "YES", True),
    ({"type": "boolean"}, "n", False),
    ({"type": "boolean"}, 1, True),
    ({"type": "boolean"}, 0.0, False),
    # lists
    ({"type": "array"}, [], []),
    ({"type": "array"}, "onion", ["onion"]),
    ({"type": "array"}, '["a", 1]', ["a", 1]),
    ({"type": "array", "items": {"type": "integer"}}, ["1", 2], [1, 2]),
    ({"type": "array", "items": {"enum": ["small", "large"]}}, "Large", ["large"]),
    ({"type": "array", "items": {"type": "object"}}, ['{"a": 1}'], [{"a": 1}]),
    # objects
    ({"type": "object"}, {"a": {"b": None}}, {"a": {"b": None}}),
    ({"type": "object"}, '{"a": 1}', {"a": 1}),
    # enumerations
    ({"enum": ["small", "large"]}, " LARGE ", "large"),
    ({"enum": ["Straße"]}, "STRASSE", "Straße"),
    ({"enum": ["yes", "Yes"]}, "Yes", "Yes"),
    ({"enum": [1, "1"]}, "1", "1"),
    ({"enum": [1, 2]}, "2", 2),
    ({"enum": [True, 1]}, 1, 1),
    ({"enum": ["a", None]}, "null", None),
    ({"enum": [["a"]], "type": "array"}, '["a"]', ["a"]),
    # formats
    ({"format": "email"}, "ann.lee+x@mail.example.org", "ann.lee+x@mail.example.org"),
    ({"format": "date"}, "2024-02-29", "2024-02-29"),
    ({"format": "time"}, "14:30", "14:30"),
    ({"format": "time"}, "14:30:05+02:00", "14:30:05+02:00"),
    ({"format": "date-time"}, "1990-05-31T14:30Z", "1990-05-31T14:30Z"),
    ({"format": "date-time"}, "1990-05-31 14:30:00.5", "1990-05-31 14:30:00.5"),
    ({"format": "uri"}, "https://example.com/a?b=c#d", "https://example.com/a?b=c#d"),
    ({"format": "uri"}, "mailto:ann@example.org", "mailto:ann@example.org"),
    ({"format": "uuid"}, "12345678-1234-5678-1234-567812345678", "12345678-1234-5678-1234-567812345678"),
]

REFUSED: list[tuple[dict[str, Any] | None, Any, str]] = [
    (None, math.nan, "is not a finite number"),
    (None, [math.inf], "is not a finite number"),
    (None, 2**64, "is too large a number"),
    (None, -(2**63) - 1, "is too large a number"),
    (None, 10**5000, "is too large a number"),
    (None, date(1990, 5, 31), "is a Python date, which JSON cannot hold"),
    (None, {1: "a"}, "has names that are not text"),
    (None, {"a": {1, 2}}, "is a Python set, which JSON cannot hold"),
    (None, nested(MAX_DEPTH + 1), "nests deeper than 32 levels"),
    (None, [0] * (MAX_ITEMS + 1), "holds more than 100,000 values"),
    ({"type": "string"}, "  ", "is empty"),
    ({"type": "string"}, True, "is not a text"),
    ({"type": "string"}, ["a"], "is not a text"),
    ({"type": "string", "pattern": "^[A-Z]+$"}, "ab", "does not match the pattern ^[A-Z]+$"),
    ({"type": "number"}, "thirty", "is not a number"),
    ({"type": "number"}, "", "is not a number"),
    ({"type": "number"}, "1_000", "is not a number"),
    ({"type": "number"}, "1.000", "can be read in two ways; written as 1000 or 1.00 it is clear"),
    ({"type": "integer"}, "12.345", "can be read in two ways; written as 12345 or 12.3450 it is clear"),
    ({"type": "number"}, "1.000,50", "is not a number"),
    ({"type": "number"}, "1,00", "is not a number"),
    ({"type": "number"}, "nan", "is not a number"),
    ({"type": "number"}, "infinity", "is not a number"),
    ({"type": "number"}, "1e999", "is not a finite number"),
    ({"type": "number"}, "9" * 300, "is too large a number"),
    ({"type": "number"}, "9" * 5000, "is not a number"),
    ({"type": "number"}, True, "is not a number"),
    ({"type": "number", "minimum": 1.5}, 1, "is below 1.5"),
    ({"type": "integer", "maximum": 9}, "10", "is above 9"),
    ({"type": "integer"}, 1.5, "is not a whole number"),
    ({"type": "integer"}, 1e300, "is too large a number"),
    ({"type": "boolean"}, "maybe", "is not true or false"),
    ({"type": "boolean"}, 2, "is not true or false"),
    ({"type": "boolean"}, [True], "is not true or false"),
    ({"type": "array"}, {"a": 1}, "is not a list"),
    ({"type": "array"}, "[1, 2", "is not valid JSON"),
    ({"type": "array"}, " ", "is empty"),
    ({"type": "array", "items": {"type": "integer"}}, [1, "x"], "has an item that is not a number"),
    ({"type": "array", "items": {"type": "array"}}, [None], "has an item that is not a list"),
    ({"type": "object"}, [1], "is not an object"),
    ({"type": "object"}, "[1]", "is not an object"),
    ({"type": "object"}, "{", "is not valid JSON"),
    ({"type": "object"}, '{"a": ' * 40 + "1" + "}" * 40, "nests deeper than 32 levels"),
    ({"type": "object"}, '{"a": ' * 9000 + "1" + "}" * 9000, "nests deeper than 32 levels"),
    ({"type": "object"}, '{"a": NaN}', "is not a finite number"),
    ({"enum": ["small", 2, None]}, "huge", 'is not one of "small", 2, null'),
    ({"enum": [1]}, True, "is not one of 1"),
    ({"enum": [*range(103)]}, -1, f"is not one of {', '.join(map(str, range(100)))} or 3 others"),
    ({"enum": ["a" * 3000]}, "b", f'is not one of "{"a" * 1332}…{"a" * 665}"'),
    ({"format": "email"}, "ann@localhost", "is not an e-mail address"),
    ({"format": "email"}, "ann lee@example.org", "is not an e-mail address"),
    ({"format": "email"}, "Ann <ann@example.org>", "is not an e-mail address"),
    ({"format": "date"}, "31.05.1990", "is not a date such as 1990-05-31"),
    ({"format": "date"}, "2023-02-29", "is not a date such as 1990-05-31"),
    ({"format": "date"}, "19900531", "is not a date such as 1990-05-31"),
    ({"format": "time"}, "25:00", "is not a time such as 14:30"),
    ({"format": "time"}, "1430", "is not a time such as 14:30"),
    ({"format": "date-time"}, "1990-05-31", "is not a date and time such as 1990-05-31T14:30"),
    ({"format": "uri"}, "www.example.com", "is not a web address such as https://example.com"),
    ({"format": "uri"}, "http://[", "is not a web address such as https://example.com"),
    ({"format": "uri"}, "https://a b", "is not a web address such as https://example.com"),
    ({"format": "uuid"}, "1234", "is not a UUID"),
    ({"format": "uuid"}, "{12345678-1234-5678-1234-567812345678}", "is not a UUID"),
]


def declared(fields: dict[str, Any] | None) -> ContextKey | None:
    return None if fields is None else ContextKey(**fields)


def shortened(value: Any) -> str:
    return f"{value!s:.40}".encode("ascii", "backslashreplace").decode()


@pytest.mark.parametrize(
    ("fields", "value", "stored"),
    [pytest.param(*row, id=f"{row[0]} {shortened(row[1])!r}") for row in ACCEPTED],
)
def test_a_value_whose_meaning_is_plain_is_stored(fields: dict[str, Any] | None, value: Any, stored: Any) -> None:
    result = coerce(value, declared(fields))

    assert (type(result), result) == (type(stored), stored)


@pytest.mark.parametrize(
    ("fields", "value", "reason"),
    [pytest.param(*row, id=f"{row[0]} {index}") for index, row in enumerate(REFUSED)],
)
def test_a_value_that_does_not_fit_is_refused_with_its_reason(
    fields: dict[str, Any] | None, value: Any, reason: str
) -> None:
    with pytest.raises(ValueError, match=r"^[^ ]+ ") as refusal:
        coerce(value, declared(fields))

    assert str(refusal.value) == reason


@pytest.mark.parametrize("width", [1, 2, 1000])
def test_a_list_that_holds_itself_is_refused(width: int) -> None:
    endless: list[Any] = []
    endless.extend([endless] * width)

    with pytest.raises(ValueError, match=r"nests deeper|holds more"):
        coerce(endless, None)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (1, True, False),
        (0, False, False),
        (1, 1.0, True),
        ("1", 1, False),
        (None, None, True),
        (None, False, False),
        ([1, {"a": True}], [1, {"a": True}], True),
        ([1, {"a": True}], [1, {"a": 1}], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ([1], [1, 1], False),
    ],
)
def test_values_are_compared_as_json(one: Any, other: Any, equal: bool) -> None:
    assert same(one, other) is equal


ANYTHING = JSON | st.dates() | st.sets(st.integers()) | st.dictionaries(st.integers(), st.text(), min_size=1)


@LAW
@given(ANYTHING, st.none() | DECLARATIONS)
def test_what_is_stored_is_json_that_stays_as_it_is(value: Any, fields: dict[str, Any] | None) -> None:
    """Whatever the value and the declaration, it is refused by a `ValueError` or settled for good."""
    declaration = declared(fields)
    try:
        stored = coerce(value, declaration)
    except ValueError as refusal:
        stored = str(refusal)
        declaration = None

    assert same(coerce(stored, declaration), stored)
    assert same(json.loads(json.dumps(stored, allow_nan=False).encode()), stored)


@LAW
@given(one=JSON, other=JSON)
def test_an_identity_is_equal_for_the_same_values_alone(one: Any, other: Any) -> None:
    assert (identity(one) == identity(other)) is same(one, other)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [(1, 1.0, True), (1, True, False), ([0], [False], False), ({"a": [1]}, {"a": [1.0]}, True), ([], {}, False)],
)
def test_an_identity_tells_numbers_from_truth_values(one: Any, other: Any, *, is_same: bool) -> None:
    assert (identity(one) == identity(other)) is is_same
    assert same(one, other) is is_same


def test_a_choice_is_found_behind_one_that_only_looks_equal() -> None:
    assert coerce(1, ContextKey(enum=(True, 1))) is not True
