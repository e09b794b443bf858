"""The comparison with others, as far as it goes without their environments."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.model_process import Reply
from benchmarks.peers import conversation, figures, headlines, plot, programs, set_up, tokens
from benchmarks.peers.comparison import Pace, Times, players, time_all
from benchmarks.peers.conversation import TURNS
from benchmarks.peers.programs import OURS, PROGRAMS, Program
from benchmarks.peers.tokens import Tokens

CHARACTERS = Tokens("characters", list)
PROGRAM = """
class Chat:
    async def say(self, text):
        {0}

    async def data(self):
        return {{}}
"""


def program(folder: Path, line: str) -> Program:
    """Write a program that does one thing; it runs in this environment, as ours does."""
    path = folder / "chat.py"
    path.write_text(PROGRAM.format(line), encoding="utf-8")
    return Program(OURS, path, conversation.functions)


def test_our_program_holds_the_conversation_as_it_is_told_to() -> None:
    ours = next(program for program in PROGRAMS if program.is_ours)

    with players([ours], tokens.at_hand()) as [player]:
        counts = player.count()
        [times] = time_all([player], Pace(), 1)

    assert (counts.calls, counts.streams, counts.corrects, counts.holds_back) == (1.0, True, True, True)
    assert len(times.first) == len(times.whole) == len(TURNS) - 1
    assert all(0 < first < whole for first, whole in zip(times.first, times.whole, strict=True))


def test_a_program_that_says_something_else_ends_the_comparison(tmp_path: Path) -> None:
    with (
        players([program(tmp_path, "yield 'What?'")], CHARACTERS) as [player],
        pytest.raises(RuntimeError, match=rf"{OURS} answered '' with 'What\?'"),
    ):
        player.play(Pace())


def test_a_program_that_breaks_off_is_quoted(tmp_path: Path) -> None:
    with (
        players([program(tmp_path, "yield 1 / 0")], CHARACTERS) as [player],
        pytest.raises(RuntimeError, match=rf"{OURS} broke off .*\n(.*\n)*ZeroDivisionError: division by zero"),
    ):
        player.play(Pace())


def test_a_program_that_is_neither_right_nor_forgetful_ends_the_comparison(tmp_path: Path) -> None:
    with (
        players([program(tmp_path, "yield 'What?'")], CHARACTERS) as [player],
        pytest.raises(RuntimeError, match=r"answered a forgetful .* with 'What\?'"),
    ):
        player.holds_back()


def test_without_the_environments_there_are_no_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "ENVIRONMENTS", tmp_path)

    assert list(figures()) == []


def test_a_figure_names_the_least_and_the_greatest_ratio() -> None:
    values = {OURS: 2.0, "Burr": 3.0, "LLM-FSM": 8.0, "Pipecat Flows": 1.0}

    assert headlines.to_ours(values, "{:.1f}") == "0.5 (Pipecat Flows) to 4.0 (LLM-FSM)"


def test_the_times_are_drawn(tmp_path: Path) -> None:
    path = tmp_path / "peers.png"

    plot.draw([OURS, "a peer"], {50: [Times((0.3,), (0.6,)), Times((0.6,), (0.9,))]}, path)

    assert path.read_bytes().startswith(b"\x89PNG")


def test_lines_are_those_with_code_or_data(tmp_path: Path) -> None:
    path = tmp_path / "chat.py"
    path.write_text("# a comment\n\nx = 1\n    # another\ny = 2  # a reason\n", encoding="utf-8")

    assert Program("a peer", path, conversation.flat).lines == (2, 0)
    assert Program("a peer", path, conversation.flat, path).lines == (2, 2)


def test_without_a_table_four_characters_are_a_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "ENVIRONMENTS", tmp_path)

    found = tokens.at_hand()

    assert found.name == "four characters"
    assert found.split("abcde") == ["abcd", "e"]


def test_replies_are_written_in_tokens() -> None:
    assert CHARACTERS.pieces("Hi!") == ["H", "i", "!"]
    assert CHARACTERS.pieces([("save", "{}"), ("confirm", "[]")]) == [("save", ["{", "}"]), ("confirm", ["[", "]"])]


def test_what_is_read_are_the_messages_the_tools_and_the_format() -> None:
    body = {
        "model": "gpt",
        "messages": [{"role": "user", "content": "hello"}, {"role": "tool", "content": [{"text": "abc"}]}],
        "tools": [{"name": "t"}],
        "response_format": {"a": 1},
    }

    read = CHARACTERS.read(body)

    assert read == 2 * tokens.PER_MESSAGE + len('userhellotoolabc[{"name":"t"}]{"a":1}')


@pytest.mark.parametrize(
    ("replies", "streams", "found"),
    [
        pytest.param(["Hi!\n"], True, 0, id="plain text"),
        pytest.param(["Hi!\n"], False, 4, id="plain text, not streamed"),
        pytest.param(['{"a":1,"message":"Hi!\\n"}'], True, len('{"a":1,"message":"'), id="a structured reply"),
        pytest.param(['{"a":1,"message":"Hi!\\n"}'], False, len('{"a":1,"message":"Hi!\\n"}'), id="not streamed"),
        pytest.param([[("save", "{}")], "Hi!\n"], True, len("save{}"), id="a function first"),
    ],
)
def test_what_is_written_before_the_visible(replies: list[Reply], streams: bool, found: int) -> None:
    assert CHARACTERS.before(replies, "Hi!\n", streams=streams) == found


def test_a_peer_that_does_not_install_is_named_with_the_last_words_of_pip(tmp_path: Path) -> None:
    wanted, folder = tmp_path / "requirements.txt", tmp_path / "peer"
    wanted.write_text("=nothing\n", encoding="utf-8")

    assert "Invalid requirement" in set_up.install(wanted, folder)
    assert not folder.exists()


def test_an_environment_that_has_what_is_wanted_is_kept(tmp_path: Path) -> None:
    wanted, folder = tmp_path / "requirements.txt", tmp_path / "peer"
    folder.mkdir()
    for path in (wanted, folder / wanted.name):
        path.write_text("=nothing\n", encoding="utf-8")

    assert set_up.install(wanted, folder) == ""
