"""What is hidden of a message, what reaches the user unharmed, and that nothing is held longer than it has to be."""

from __future__ import annotations

import itertools
import json
import random
import time
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from profiles import examples

from fsm_langgraph.prompts.tags import TAGS
from fsm_langgraph.replies.hidden.hidden_text import HiddenText
from fsm_langgraph.replies.hidden.outer_text import MAX_OBJECTS
from fsm_langgraph.replies.reasoning import ReasoningHabit

SIZES = (1, 2, 3, 7, 10_000)


def reader() -> HiddenText:
    return HiddenText(tags=TAGS, has_tools=True)


def read(text: str, size: int = 10_000) -> str:
    """Return what is shown of a text that comes in pieces."""
    hidden = reader()
    return "".join(hidden.feed(text[at : at + size]) for at in range(0, len(text), size)) + hidden.finish()


def envelope(message: str, **more: object) -> str:
    return json.dumps({"target_state": "ask", "updates": [], "message": message, **more}, ensure_ascii=False)


HELLO = envelope("Hello `<b>` there")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("<think>a < b, {x}</think>Hi", "Hi", id="reasoning"),
        pytest.param("Hi <THINKING\n kind='a' b=2 >x</ thinking >!", "Hi !", id="its tags in any form"),
        pytest.param("<reasoning>a<think>b</think>c</reasoning>Hi<think/>", "Hi", id="nested"),
        pytest.param("<think>a<think>b</think>c</think>Hi", "Hi", id="nested by one name"),
        pytest.param("<think>I may write <reasoning> here</think>Hi", "Hi", id="a tag that is only named"),
        pytest.param("<think>a</reasoning>b</think>Hi", "Hi", id="the end of another"),
        pytest.param("Hi<think>and so on", "Hi", id="reasoning without an end"),
        pytest.param('<tool_call>{"name": "find"}</tool_call>Hi', "Hi", id="a call"),
        pytest.param("<function=find{}</function>Hi [TOOL_CALLS] [{}]", "Hi ", id="calls in other forms"),
        pytest.param("<this_turn>{}</this_turn>Hi</context>", "Hi", id="tags of our own prompt"),
        pytest.param("Hi\n<purpose>\nAsk\n</purpose>\n<keys>{}</keys>!", "Hi\n\n!", id="those that people write too"),
        pytest.param("<response>Hi</response>", "Hi", id="a tag of ours around the message"),
        pytest.param(HELLO, "Hello `<b>` there", id="an envelope"),
        pytest.param(f"{HELLO}\nI hope this helps! {HELLO}", "Hello `<b>` there", id="more after it"),
        pytest.param(f"Sure: {HELLO}", "Sure: Hello `<b>` there", id="words before it"),
        pytest.param(f"```json\n{HELLO}\n```", "Hello `<b>` there", id="an envelope in a fence"),
        pytest.param(f"Sure:\n```\n{HELLO}\n```\nOK?", "Sure:\nHello `<b>` there", id="in a fence after words"),
        pytest.param(f"<think>{HELLO}</think>\n{HELLO}", "\nHello `<b>` there", id="a draft of it in the thoughts"),
        pytest.param(envelope("<think>x</think>Hi"), "Hi", id="reasoning within it"),
        pytest.param('{"message": "Hi"}\n', "Hi", id="the message alone"),
        pytest.param('```json\n{"message": "Hi"}\n```', "Hi", id="the message alone in a fence"),
        pytest.param('{"transition": {"target_state": "a"}, "message": "Hi"}', "Hi", id="the nested form"),
        pytest.param('{"target_state": "a", "updates": []}\nHi', "\nHi", id="a decision before the message"),
        pytest.param('```json\n{"target_state": "a"}\n```\nHi', "\nHi", id="a decision in a fence"),
        pytest.param('{"target_state": "a", "updates": [', "", id="an envelope that is cut"),
        pytest.param('{"target_state": "a", "message": \'Hi\'}', "", id="one that is broken"),
        pytest.param("```\nHi\nAnn\n```", "Hi\nAnn", id="a fence around the message"),
        pytest.param("```Markdown\nHi\n```py\nx\n```\nBye\n```\n\n", "Hi\n```py\nx\n```\nBye", id="with code in it"),
        pytest.param("<think>x</think>```text\nHi", "Hi", id="a fence without an end"),
    ],
)
def test_what_is_not_meant_for_the_user_is_hidden(text: str, shown: str, size: int) -> None:
    assert read(text, size) == shown


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "text",
    [
        "I <3 it, a < b, a<b, <thinker>, <think about it>, <thinking-cap>, <thin <b>x</b>, <think",
        "<task id='1'>, <tool_calls>, <function>, [TOOL], [TOOL_CALLS, <user:this_turn>",
        '`<think>`, `</think>`, `<tool_call>`, ``<context>``, `{"target_state": 1}`, it`s',
        "x\n```python\na = '<think>' + '''{\"target_state\": 1}'''\n``` ```<context>``` y",
        "Put each in an <example> tag, <keys>a</keys>, and the rest into <context>.\nThat is all.",
        "```python\nprint('<think>')\n```",
        "```\nls -la\n```\nlists the files",
        "```sh\n<tool_call>",
        '{"name": "Ann", "message": "x"} {"message": "not found"} {"messages": []} {} { {x} {{y}} {"',
        'So {"message": "not found", "code": 404} or ```json\n{"message": "<think>"}\n```.',
        '{"message": "not found"} is the answer',
        '```json\n{"message": "not found"}\n```\nis the answer',
        '```json\n{"name": "<think>"}\n```',
        'A transition: {"target_state": "b", "description": "on", "priority": 1}.',
        "``` ` `` ```` ``",
        " \n ",
        "",
    ],
)
def test_all_else_reaches_the_user_unharmed(text: str, size: int) -> None:
    assert read(text, size) == text


def test_calls_of_tools_are_content_where_there_are_no_tools() -> None:
    text = "Qwen writes <tool_call>, Mistral [TOOL_CALLS]."
    assert HiddenText(tags=TAGS).fill(text) == text


def test_what_was_hidden_is_told() -> None:
    hidden = reader()
    hidden.fill('<think>They want\na lamp.</think>Hi<tool_call>{"name": "find"}</tool_call><think>Done.</think>')
    assert hidden.thoughts.text == 'They want\na lamp.\n{"name": "find"}\nDone.'


# Reasoning that nothing opens.


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("text", "shown", "thoughts"),
    [
        pytest.param("a < plan</think>Hi", "Hi", "a < plan", id="reasoning that is only closed"),
        pytest.param("<think>a</think>Hi", "Hi", "a", id="reasoning that is opened after all"),
        pytest.param("a <think>b</think> c</thinking>Hi", "Hi", "a b c", id="a block in it"),
        pytest.param("Hi, a < b <think", "Hi, a < b <think", "", id="no reasoning"),
        pytest.param("```\nHi\n```", "Hi", "", id="no reasoning, and a fence"),
    ],
)
def test_a_model_that_only_closes_its_reasoning_is_waited_for(text: str, shown: str, thoughts: str, size: int) -> None:
    hidden = HiddenText(ReasoningHabit(closes_only=True))
    pieces = [hidden.feed(text[at : at + size]) for at in range(0, len(text), size)]
    assert "".join(pieces) + hidden.finish() == shown
    assert hidden.thoughts.text == thoughts


def test_a_lone_closing_tag_is_remembered_and_what_was_not_shown_yet_is_hidden() -> None:
    habit = ReasoningHabit()
    hidden = HiddenText(habit)
    assert [hidden.feed("I see"), hidden.feed(" it.</think>\n```\nHi"), hidden.finish()] == ["I see", "\n```\nHi", ""]
    assert habit.closes_only
    assert HiddenText(ReasoningHabit()).fill("I see.</think>```\nHi\n```") == "Hi"


def make_random(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - for texts, not for secrets


# The law: 1,000 texts, each cut at every place.

CONTENT = [
    *("Hello, Ann!", "a < b", "I <3 it", "<thinker>", "<b>bold</b>", "{name}", '{"name": "Ann"}', "{} {{x}}", "[1] [T"),
    *("`<think>`", "`x` and `</think>`", "\n```python\nx = '<think>'\n```\n", '\n```js\nf({"message": 1})\n```\n'),
    *("it`s\n", "<", "{", "[", "<thin", "</thinke", "<tool_", '{"messages": [', "é😀", "\n\n", "<think about it>"),
]
DRAFT = envelope("DRAFT")
HIDDEN = [
    *(f"<{name}>{inner}</{name}>" for name in ("think", "Thinking", "REASONING") for inner in ("", "plan", "a < b")),
    *(f"<think>{DRAFT}</think>", "<think>a<think>b</think>{</think>", '<think a="b" >x <reasoning></ think >'),
    *('<tool_call>{"name": "x"}</tool_call>', "<function=f>{}</function>", "<this_turn>{</this_turn>", "</context>"),
]
BARE = ["\n```\nls <think>\n```\n"]


AROUND = ["", "", "", "fence", "envelope", "words", "twice", "json", "tail"]


def texts(chance: random.Random, arounds: Sequence[str] = AROUND) -> tuple[str, str]:
    """Make a text of all that models write, with what is meant for the user."""
    around = chance.choice(arounds)
    content = CONTENT if around == "fence" else CONTENT + BARE
    parts = [chance.choice(HIDDEN if chance.random() < 0.4 else content) for _ in range(chance.randrange(8))]
    # A blank between two parts, so that they make nothing new together.
    text = "".join(f"{part} " for part in parts) + "end."
    meant = "".join(" " if part in HIDDEN else f"{part} " for part in parts) + "end."
    match around:
        case "fence":
            return f"```{chance.choice(['', 'text', 'markdown'])}\n{text}\n```{chance.choice(['', chr(10)])}", meant
        case "envelope":
            return f"{chance.choice(['', '<think>x</think>'])}{envelope(text, reasoning='why')}", meant
        case "words":
            return f"Sure: {envelope(text)} Right?", f"Sure: {meant}"
        case "twice":
            return envelope(text) + envelope("DRAFT"), meant
        case "json":
            return f"```json\n{envelope(text)}\n```", meant
        case "tail":
            return text + chance.choice(["<think>and", "[TOOL_CALLS] []", "<tool_call>{", "<think>a</thin"]), meant
    return text, meant


@settings(max_examples=examples(50), deadline=None)
@given(st.integers(0, 2**32))
def test_the_same_is_shown_however_a_text_is_cut(seed: int) -> None:
    chance = make_random(seed)
    for text, meant in (texts(chance) for _ in range(20)):
        assert (read(text), read(text, 1), read(text, chance.randrange(2, 9))) == (meant, meant, meant)


@settings(max_examples=examples(10), deadline=None)
@given(st.integers(0, 2**32))
def test_the_same_is_shown_wherever_a_text_is_cut_in_two(seed: int) -> None:
    text, meant = texts(make_random(seed))
    for at in range(len(text)):
        hidden = reader()
        assert hidden.feed(text[:at]) + hidden.feed(text[at:]) + hidden.finish() == meant


def endings() -> Iterator[str]:
    """Ends of all that is hidden, and texts that make content of what might be."""
    yield from ("", "x", "\n", "`", "\n```\nx", "\n```\n```\nx")
    for unit in (
        *("<thinking>", "< think>", "</reasoning>", '<think a="b">', "<think a='b'/>"),
        *("<tool_call>", "<function=", "[TOOL_CALLS]", "<｜tool▁calls▁begin｜>", "<|python_tag|>"),  # noqa: RUF001 - DeepSeek's
        *(f"<{slash}{tag}>" for tag in sorted(TAGS) for slash in ("", "/")),
        *(f"```{info}\n{DRAFT}" for info in ("", "json", "text", "plaintext", "markdown")),
        *(f'{{"{name}": 1, "target_state": "a"}}x' for name in ("updates", "message", "reasoning", "transition")),
    ):
        yield from (unit[at:] for at in range(1, len(unit)))


ENDINGS = list(dict.fromkeys(endings()))


@settings(max_examples=examples(12), deadline=None)
@given(st.integers(0, 2**32))
@example(1133933)
def test_a_text_is_held_only_while_it_may_be_the_beginning_of_something_hidden(seed: int) -> None:
    """After each piece the longest beginning is shown that no continuation changes."""
    text, _ = texts(make_random(seed), ["", "", "fence", "tail"])
    hidden, shown = reader(), ""
    for at, character in enumerate(text, 1):
        shown += hidden.feed(character)
        now = read(text[:at])
        assert now.startswith(shown)
        if now != shown:
            kept = now[: len(shown) + 1]
            # A fence, and a message in it whose first sign is a backtick, begin alike.
            is_alike = kept == "`" and text.startswith("`")
            assert is_alike or any(not read(text[:at] + ending).startswith(kept) for ending in ENDINGS), text[:at]


def test_the_message_of_an_envelope_streams() -> None:
    hidden = reader()
    assert hidden.feed('{"target_state": "ask", "message": "') == ""
    assert [hidden.feed(each) for each in 'Hi \\" a<b"'] == [*"Hi ", "", '"', " ", "a", "", "<b", ""]


def test_a_piece_without_a_sign_goes_through_as_it_is() -> None:
    hidden = reader()
    assert [hidden.feed(piece) for piece in ("Hi ", "there, ", "a ", "<", "b ", "{", "x}")] == [
        "Hi ", "there, ", "a ", "", "<b ", "", "{x}",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "unit",
    [
        "<",
        "`",
        "`<",
        "`<think",
        "{",
        '{"',
        '{"message":',
        "```\n",
        "```json\n ",
        "<think ",
        '<think a="b" ',
        "<context></context",
    ],
)
def test_a_hostile_text_is_read_in_no_time(unit: str) -> None:
    began = time.process_time()
    read(unit * (100_000 // len(unit)), 4)
    assert time.process_time() - began < 5


def test_objects_without_end_are_content() -> None:
    text = '{"message": x} ' * (MAX_OBJECTS + 1)
    assert read(text) == text


def test_every_kind_of_piece_is_in_the_law() -> None:
    made = [text for text, _ in itertools.islice((texts(make_random(seed)) for seed in itertools.count()), 300)]
    assert all(any(part in text or json.dumps(part)[1:-1] in text for text in made) for part in CONTENT + HIDDEN)
