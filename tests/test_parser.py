"""A streamed reply is read like a whole one, and its message is let out no sooner than it may be."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import from_json

from fsm_langgraph.data.reply_members import MESSAGE
from fsm_langgraph.data.surrogates import mended, mended_json
from fsm_langgraph.replies.parser import MAX_DEPTH, MAX_LENGTH
from fsm_langgraph.replies.reply_reader import ReplyReader

LAW = settings(deadline=None, max_examples=120)


@dataclass
class Reading:
    """What came of a reply that was fed in pieces."""

    head: dict[str, Any] | None = None
    late: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    too_soon: str = ""
    """Text that came while the head was not there."""
    error: str | None = None


def read(pieces: Iterable[str], expected: Collection[str] = (), *, ends: bool = True) -> Reading:
    parser, reading = ReplyReader(expected), Reading()
    for step in (*(lambda piece=piece: parser.feed(piece) for piece in pieces), *([parser.finish] * ends)):
        released = step()
        reading.text += released
        reading.too_soon += released if parser.head is None else ""
    reading.head, reading.late, reading.error = parser.head, parser.late, parser.error
    return reading


# What a reply may look like.

HALVES = st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF)
CHARACTERS = st.characters(codec="utf-8") | st.sampled_from('"\\/{}[],: \n\t\u2028😀é') | HALVES
TEXTS = st.text(CHARACTERS, max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
MEMBERS = st.dictionaries(TEXTS.map(mended).filter(lambda key: key != MESSAGE), VALUES, max_size=4)


def escaped(value: Any) -> str:
    """Write JSON with every character of a text as an escape, pairs as two."""
    if isinstance(value, str):
        units = value.encode("utf-16-be", "surrogatepass").hex()
        return '"' + "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)) + '"'
    if isinstance(value, dict):
        return "{" + ",".join(f"{escaped(key)}:{escaped(item)}" for key, item in value.items()) + "}"
    return "[" + ",".join(map(escaped, value)) + "]" if isinstance(value, list) else json.dumps(value)


STYLES: dict[str, Callable[[Any], str]] = {
    "plain": json.dumps,
    "unicode": lambda value: json.dumps(value, ensure_ascii=False),
    "tight": lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")),
    "indented": lambda value: json.dumps(value, indent=1, separators=(" ,\r\n", "\t:\n ")),
    "escaped": escaped,
}


@st.composite
def replies(draw: st.DrawFn) -> tuple[dict[str, Any], str, int]:
    """Draw a reply: its members, its text, and how many members stand before the message."""
    members, message = draw(MEMBERS), draw(TEXTS)
    names = draw(st.permutations(list(members)))
    place = draw(st.integers(0, len(names)))
    ordered = {
        **{name: members[name] for name in names[:place]},
        MESSAGE: message,
        **{name: members[name] for name in names[place:]},
    }
    return ordered, STYLES[draw(st.sampled_from(sorted(STYLES)))](ordered), place


@st.composite
def cut(draw: st.DrawFn, text: str) -> list[str]:
    marks = sorted(draw(st.sets(st.integers(0, len(text)))))
    return [text[start:end] for start, end in zip([0, *marks], [*marks, len(text)], strict=True)]


# The laws.


@LAW
@given(replies(), st.data())
def test_a_reply_in_any_pieces_is_read_as_a_whole(reply: tuple[dict[str, Any], str, int], data: st.DataObject) -> None:
    members, text, place = reply
    expected = list(members)[:place]
    whole = mended_json(json.loads(text))
    message = whole.pop(MESSAGE)

    reading = read(data.draw(cut(text)), expected)

    assert reading.error is None
    assert (reading.text, reading.too_soon) == (message, "")
    assert {**(reading.head or {}), **reading.late} == whole
    assert list(reading.head or {}) == [mended(name) for name in expected]


@LAW
@given(replies().filter(lambda reply: reply[2] < len(reply[0]) - 1), st.data())
def test_the_message_is_held_until_what_is_expected_is_there(
    reply: tuple[dict[str, Any], str, int], data: st.DataObject
) -> None:
    members, text, _ = reply
    whole = mended_json(members)
    message = whole.pop(MESSAGE)

    reading = read(data.draw(cut(text[: text.rindex("}")])), list(members), ends=False)
    complete = read(data.draw(cut(text)), list(members))

    assert (reading.head, reading.text) == (None, "")
    assert (complete.head, complete.late, complete.text) == (whole, {}, message)


@LAW
@given(replies(), st.data())
def test_a_reply_that_is_cut_short_shows_a_beginning_of_its_message(
    reply: tuple[dict[str, Any], str, int], data: st.DataObject
) -> None:
    members, text, place = reply
    end = data.draw(st.integers(0, len(text) - 1))
    expected = list(members)[:place]

    reading = read(data.draw(cut(text[:end])), expected)

    assert mended(members[MESSAGE]).startswith(reading.text)
    assert reading.too_soon == ""
    assert reading.error in ("it was cut short", "it is not a JSON object")
    assert reading.head is None or list(reading.head) == [mended(name) for name in expected]


@LAW
@given(
    st.dictionaries(st.text(), st.integers() | st.text() | st.lists(st.text())),
    st.sampled_from(sorted(STYLES)),
)
def test_two_parsers_agree_on_a_reply_without_halves(members: dict[str, Any], style: str) -> None:
    members.pop(MESSAGE, None)
    text = STYLES[style](members)

    assert read([text]).head == from_json(text) == members


@LAW
@given(st.lists(st.text() | st.text(st.sampled_from('{}[]",:\\ua1 \nmessage'))), st.booleans())
def test_no_text_makes_the_parser_raise(pieces: list[str], opened: bool) -> None:
    reading = read(['{"message": "'] * opened + pieces)

    assert reading.too_soon == ""
    assert reading.error is not None or reading.head is not None


@LAW
@given(st.text(CHARACTERS), st.data())
def test_what_is_shown_can_be_encoded(text: str, data: st.DataObject) -> None:
    """A provider may send half of a character in one piece and half in the next."""
    reply = json.dumps({MESSAGE: text}, ensure_ascii=False)

    shown = read(data.draw(cut(reply))).text

    assert shown == mended(text)
    assert shown.encode().decode() == shown


# Single cases.

HI = {"target_state": "a"}


@pytest.mark.parametrize(
    ("text", "head", "message"),
    [
        pytest.param('{"target_state":"a","message":"Hi"}', HI, "Hi", id="a plain reply"),
        pytest.param('Sure! Here it is:\n```json\n{"target_state":"a","message":"Hi"}\n```', HI, "Hi", id="a fence"),
        pytest.param('{"target_state":"a","message":"Hi"} {"message":"Ho"}', HI, "Hi", id="a second object"),
        pytest.param('Dear {name}, {{x}}: {"target_state":"a","message":"Hi"}', HI, "Hi", id="braces before it"),
        pytest.param('\ufeff {"target_state":"a","message":"Hi"}', HI, "Hi", id="a byte order mark"),
        pytest.param('{"message":"Hi","target_state":"a"}', HI, "Hi", id="the message first"),
        pytest.param('{"target_state":"b","target_state":"a","message":"Hi"}', HI, "Hi", id="a member given twice"),
        pytest.param('{"target_state":"a","message":"Hi","message":"Ho"}', HI, "Hi", id="a second message"),
        pytest.param('{"message":["Ho"],"target_state":"a","message":"Hi"}', HI, "Hi", id="a list, then a message"),
        pytest.param('{"target_state":"a","message":null}', HI, "", id="a message that is null"),
        pytest.param('{"target_state":"a","message":{"text":"Hi"}}', HI, "", id="a message that is an object"),
        pytest.param('{"target_state":"a","message":""}', HI, "", id="an empty message"),
        pytest.param('{"target_state":"a"}', HI, "", id="no message"),
        pytest.param("{}", {}, "", id="nothing"),
        pytest.param('{"target_state":"a","mess\\u0061ge":"Hi"}', HI, "Hi", id="an escape in a name"),
        pytest.param(
            '{"target_state":"a","message":"one\ntwo\ttabs"}',
            HI,
            "one\ntwo\ttabs",
            id="raw control characters",
        ),
        pytest.param('{"n":-1.5e3}', {"n": -1500.0}, "", id="a number"),
        pytest.param(
            '{"x":{"message":"not for you"},"message":"Hi"}',
            {"x": {"message": "not for you"}},
            "Hi",
            id="a message inside a member",
        ),
        pytest.param(
            '{"x":"\\ud83d","message":"a\\ud83d\\u0062\\ude00"}',
            {"x": "\ufffd"},
            "a\ufffdb\ufffd",
            id="halves of characters",
        ),
        pytest.param('{"x":"\\ud83d\\ude00","message":"\\ud83d\\ude00"}', {"x": "😀"}, "😀", id="a pair of halves"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_a_reply_is_read(text: str, head: dict[str, Any], message: str, size: int) -> None:
    reading = read((text[at : at + size] for at in range(0, len(text), size)), ["target_state"])

    assert (reading.error, reading.head, reading.late) == (None, head, {})
    assert (reading.text, reading.too_soon) == (message, "")


def test_a_member_after_the_message_is_late_once_the_head_was_complete() -> None:
    reading = read(['{"target_state":"a","message":"Hi","name":"Ann"}'], ["target_state"])

    assert (reading.head, reading.late) == (HI, {"name": "Ann"})


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param("", "it is not a JSON object", id="nothing"),
        pytest.param("Hello!", "it is not a JSON object", id="prose"),
        pytest.param("[1, 2]", "it is not a JSON object", id="a list"),
        pytest.param("{target_state: 'a'}", "it is not a JSON object", id="no quotation marks"),
        pytest.param('{"a":1', "it was cut short", id="an open number"),
        pytest.param('{"message":"Hi', "it was cut short", id="an open message"),
        pytest.param('{"message":"Hi\\u00', "it was cut short", id="an open escape"),
        pytest.param('{"a" 1}', "it is not valid JSON: '1' stands where it cannot", id="no colon"),
        pytest.param('{"a":1,}', "it is not valid JSON: '}' stands where it cannot", id="a comma too many"),
        pytest.param('{"a":1 "b":2}', "it is not valid JSON: '\"' stands where it cannot", id="a comma too few"),
        pytest.param('{"a":1]', "it is not valid JSON: ']' stands where it cannot", id="the wrong bracket"),
        pytest.param(
            '{"a":[1}}', "it is not valid JSON: the value of 'a' cannot be read", id="the wrong bracket inside"
        ),
        pytest.param('{"a":,"b":1}', "it is not valid JSON: the value of 'a' cannot be read", id="no value"),
        pytest.param('{"a":nope}', "it is not valid JSON: the value of 'a' cannot be read", id="a bare word"),
        pytest.param('{"a":01}', "it is not valid JSON: the value of 'a' cannot be read", id="a leading zero"),
        pytest.param('{"a":1"b"}', "it is not valid JSON: the value of 'a' cannot be read", id="two values at once"),
        pytest.param('{"a":"\\x41"}', "it is not valid JSON: the value of 'a' cannot be read", id="a bad escape"),
        pytest.param('{"message":"\\x41"}', "it is not valid JSON: the escape \\x does not exist", id="in the message"),
        pytest.param(
            '{"message":"\\u+123"}',
            "it is not valid JSON: the escape \\u+123 does not exist",
            id="a bad code",
        ),
        pytest.param(
            '{"a":' + "9" * 5000 + "}", "it is not valid JSON: the value of 'a' cannot be read", id="endless digits"
        ),
        pytest.param('{"a":' + "[" * (MAX_DEPTH + 1), "it nests deeper than 64 levels", id="deep lists"),
        pytest.param('{"a":' + '{"b":' * (MAX_DEPTH + 1), "it nests deeper than 64 levels", id="deep objects"),
        pytest.param(" " * (MAX_LENGTH + 1), "it is longer than 1000000 characters", id="endless"),
    ],
)
def test_what_is_wrong_with_a_reply_is_said(text: str, error: str) -> None:
    assert read([text]).error == error


def test_a_member_may_nest_as_deep_as_the_limit() -> None:
    assert read(['{"a":' + "[" * MAX_DEPTH + "]" * MAX_DEPTH + "}"]).error is None


def test_nothing_is_read_after_an_error() -> None:
    reading = read(['{"target_state":"a","message":"Hi"', " oh", '"name":1}', "more"], ["target_state"])

    assert (reading.text, reading.late) == ("Hi", {})
