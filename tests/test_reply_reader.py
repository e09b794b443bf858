"""The reply in a text: decided on while it streams where it comes first, and at the end of the text elsewhere."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable

import pytest

from fsm_langgraph.replies.reasoning import ReasoningHabit
from fsm_langgraph.replies.reply_reader import ReplyReader

SIZES = (1, 3, 7, 10_000)
EXPECTED = ("target_state",)


def reply(target: str, message: str = "Hi") -> str:
    return json.dumps({"target_state": target, "message": message})


def pieces(text: str, size: int) -> Iterable[str]:
    return (text[at : at + size] for at in range(0, len(text), size))


def read(text: str, size: int = 10_000, habit: ReasoningHabit | None = None) -> tuple[ReplyReader, str, bool]:
    """Return a reader of a text, its message, and whether it was decided on before the end."""
    reader = ReplyReader(EXPECTED, habit)
    shown = "".join([reader.feed(piece) for piece in pieces(text, size)])
    is_early = reader.head is not None
    return reader, shown + reader.finish(), is_early


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("text", "target"),
    [
        pytest.param(reply("a"), "a", id="the object"),
        pytest.param(f"\n\ufeff {reply('a')} and more {reply('b')}", "a", id="blanks before it, more after it"),
        pytest.param(f"```json\n{reply('a')}\n```", "a", id="its fence"),
        pytest.param(f"``` {reply('a')}```", "a", id="a fence in one line"),
        pytest.param(f"<think>{reply('b')}</think>\n{reply('a')}", "a", id="closed reasoning"),
        pytest.param(f"<think>x</think><Reasoning>{{</Reasoning>```\n{reply('a')}", "a", id="several, and a fence"),
        pytest.param(f"{reply('a')}{reply('b')}", "a", id="two in a row"),
        pytest.param('{"transition": {"target_state": "a"}, "message": "Hi"}', None, id="the nested form"),
    ],
)
def test_a_reply_that_comes_first_is_decided_on_at_once(text: str, target: str | None, size: int) -> None:
    reader, shown, is_early = read(text, size)
    assert (reader.error, shown, is_early) == (None, "Hi", True)
    assert (reader.head or {}).get("target_state") == target


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("text", "target"),
    [
        pytest.param(f"Sure! {reply('a')}", "a", id="words"),
        pytest.param(f"Sure: {reply('b')}, or rather {reply('a')}.", "a", id="the last of two"),
        pytest.param(f"I take {reply('a')} and not {reply('b')[:-3]}", "a", id="the last complete one"),
        pytest.param(f'Ok {reply("a")} with {{"x": 1}}, {{}} and {{y}}', "a", id="others after it"),
        pytest.param(f'{{"name": "Ann"}}\n{reply("a")}', "a", id="another object before it"),
        pytest.param(f"{{name}}, {{{{x}}}}: {reply('a')}", "a", id="braces before it"),
        pytest.param(f"Hm <think>{reply('b')}</think> {reply('a')} <think>{reply('b')}</think>", "a", id="thoughts"),
        pytest.param(f"[{reply('a')}]", "a", id="a list"),
        pytest.param(f"``{reply('a')}``", "a", id="a span of code"),
        pytest.param(f"A plan: {reply('b')}, no.</think>{reply('a')}", "a", id="reasoning that is only closed"),
        pytest.param(f"<thinker>{reply('a')}", "a", id="another tag"),
    ],
)
def test_behind_anything_else_the_last_complete_object_with_a_target_holds_at_the_end(
    text: str, target: str, size: int
) -> None:
    reader, shown, is_early = read(text, size)
    assert (reader.error, shown, is_early) == (None, "Hi", False)
    assert reader.head == {"target_state": target}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param(f"<think>{reply('a')}", "its reasoning does not end", id="at the beginning"),
        pytest.param(f"Hm {reply('a')} <think>{reply('b')}", "its reasoning does not end", id="at the end"),
        pytest.param("<think>x</think>", "it is not a JSON object", id="nothing after it"),
        pytest.param("<think>x</think>Hello!", "it is not a JSON object", id="words after it"),
        pytest.param(f"A plan: {reply('b')}</think>Hello!", "it is not a JSON object", id="a draft before it"),
        pytest.param(f"<think>x</think>{reply('a')[:-2]}", "it was cut short", id="a reply that is cut"),
        pytest.param("Sure: " + '{"a": ' * 9, "it is not a JSON object", id="none that is complete"),
    ],
)
def test_a_text_without_a_reply_is_a_bad_one(text: str, error: str, size: int) -> None:
    reader, _, _ = read(text, size)
    assert reader.error == error


def test_an_object_without_a_target_is_read_where_there_is_no_better_one() -> None:
    reader, shown, _ = read('{"name": "Ann", "message": "Hi"} and {"x": 1}')
    assert (reader.error, reader.head, shown) == (None, {"name": "Ann"}, "Hi")


@pytest.mark.parametrize("size", SIZES)
def test_reasoning_that_is_only_closed_is_remembered_and_then_waited_for(size: int) -> None:
    habit = ReasoningHabit()
    read(f"A plan.</think>{reply('a')}", size, habit)
    assert habit.closes_only

    reader, shown, is_early = read(f"{reply('b')} is no plan.</think>{reply('a')}", size, habit)
    assert (reader.head, shown, is_early) == ({"target_state": "a"}, "Hi", True)
    assert reader.thoughts.text == f"{reply('b')} is no plan."

    reader, shown, is_early = read(reply("a"), size, habit)
    assert (reader.head, shown, is_early) == ({"target_state": "a"}, "Hi", False)


def test_a_reply_that_was_waited_for_in_vain_has_begun() -> None:
    """It was cut, and is no text that is no JSON."""
    reader = ReplyReader(("target_state",), ReasoningHabit(closes_only=True))
    reader.feed('{"target_state": "a')
    reader.finish()
    assert (reader.has_begun, reader.error) == (True, "it was cut short")


@pytest.mark.parametrize("size", SIZES)
def test_the_reasoning_is_told(size: int) -> None:
    reader, _, _ = read(f"<think>They want\na lamp.</think><think>So a.</think>{reply('a')}", size)
    assert reader.thoughts.text == "They want\na lamp.\nSo a."


@pytest.mark.parametrize("unit", ['{"a":', "{", "<", "<think>", '{"a":1} ', "` "])
def test_a_hostile_text_is_read_in_no_time(unit: str) -> None:
    began = time.process_time()
    read("x" + unit * (100_000 // len(unit)), 4)
    assert time.process_time() - began < 5
