"""`fsm-langgraph conversations`: what people at a terminal see, and what is asked before anything goes."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from command_line import call
from handling import handling, plain
from kept_conversations import config, held, say
from langgraph.types import interrupt
from machines import DECLARED
from rich.console import Console
from typer.testing import Result

from fsm_langgraph import HandlerError, list_conversations
from fsm_langgraph.cli.conversations.conversation_views import tell_conversations
from fsm_langgraph.conversation.keeping.overview import ConversationOverview


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with two conversations, of which one has ended."""
    made = tmp_path / "talks.sqlite"
    with held(made, DECLARED) as fsm:
        fsm.converse("hm", "open", {"token": "s3cret"})
        say(fsm, "open", "\x1b[31mred", "3")
        say(fsm, "over", "Ann", "a@b.org")
    return made


def run(file: Path | str, *args: str, **options: Any) -> Result:
    return call("conversations", *args, "--db", file, **options)


def left(file: Path) -> list[str]:
    return sorted(each.conversation for each in list_conversations(file))


def test_list_tells_how_each_stands(file: Path) -> None:
    lines = run(file, "list").stdout.splitlines()
    assert lines[0].split() == ["Conversation", "Machine", "State", "Status", "Turns", "Messages", "Began", "Last"]
    assert lines[2].split()[:6] == ["over", "test", "done", "ended", "2", "4"]
    assert lines[3].split()[:6] == ["open", "test", "ask_name", "waiting", "3", "6"]


def test_list_takes_filters_and_writes_json(file: Path) -> None:
    result = run(file, "list", "--json", "--ended", "--machine", "test", "--bytes", "--limit", "3")
    (row,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert (row["conversation"], row["status"], row["turns"]) == ("over", "ended", 2)
    assert row["bytes"] > 1000
    assert run(file, "list", "--json", "--older-than", "1d").stdout == ""
    assert run(file, "list", "--machine", "nobody").stderr == "There are none.\n"


def test_show_tells_what_was_said_and_how_it_went(file: Path) -> None:
    shown = run(file, "show", "over").stdout
    assert "You: Ann\nAssistant: Your e-mail?\nYou: a@b.org\nAssistant: Bye!" in shown
    assert "ask_name → ask_email  (proposed: the model chose it, and it is open)" in shown
    assert shown.count("  proposed ") == 1
    assert run(file, "show", "over", "--trace").stdout.count("  proposed ") == 2
    assert "email   a@b.org" in shown


def test_show_tells_of_a_paused_turn_that_it_waits_and_of_no_decision(tmp_path: Path) -> None:
    made = tmp_path / "paused.sqlite"
    with held(made, handlers=handling(plain, lambda _: interrupt("May she?"), "PRE_TRANSITION")) as fsm:
        fsm.graph.invoke({"messages": [("user", "Ann")]}, config("1"))
    shown = run(made, "show", "1").stdout
    assert "not begun  (paused)\n             waits for a person: May she?\n" in shown
    assert "fail" not in shown


def test_show_tells_the_words_of_an_error(tmp_path: Path) -> None:
    def fail(_: Any) -> None:
        raise ConnectionError('it\'s "down"')

    made = tmp_path / "failed.sqlite"
    with held(made, handlers=handling(plain, fail, "PRE_PROCESSING")) as fsm, pytest.raises(HandlerError):
        say(fsm, "1", "Ann")
    shown = run(made, "show", "1").stdout
    error = "HandlerError: state 'ask_name': handler 'it' failed at PRE_PROCESSING: ConnectionError: it's \"down\""
    assert f"not begun  (failed)\n             {error}\n             The conversation is as it was. Send" in shown
    assert " why " not in shown
    assert "update_state" not in shown


def test_show_lets_no_text_steer_the_terminal(file: Path) -> None:
    assert "\x1b" not in run(file, "show", "open").stdout


def test_secret_values_are_masked_by_the_definition(file: Path, tmp_path: Path) -> None:
    definition = tmp_path / "fsm.json"
    definition.write_text(json.dumps(DECLARED))
    for command in ("show", "export"):
        told = run(file, command, "open", "--definition", str(definition)).stdout
        assert "•••" in told
        assert "s3cret" not in told


def test_export_writes_a_line_for_each(file: Path, tmp_path: Path) -> None:
    whole = run(file, "export").stdout
    assert [json.loads(line)["conversation"] for line in whole.splitlines()] == ["over", "open"]
    target = tmp_path / "talks.jsonl"
    result = run(file, "export", "open", "-o", str(target))
    assert (result.stdout, result.stderr) == ("", f"1 conversation written to {target}.\n")
    assert target.read_text() == whole.splitlines(keepends=True)[1]


def test_delete_asks_first(file: Path) -> None:
    assert run(file, "delete", "open", lines="n\n").exit_code == 1
    assert left(file) == ["open", "over"]
    assert run(file, "delete", "open", lines="y\n").exit_code == 0
    assert left(file) == ["over"]


def test_delete_tells_what_was_not_there(file: Path) -> None:
    result = run(file, "delete", "open", "opne", "--yes")
    assert (result.exit_code, result.stdout) == (1, "1 conversation deleted.\n")
    assert "there is no conversation 'opne'" in result.stderr


@pytest.mark.parametrize(
    ("args", "told", "stays"),
    [
        (["--ended", "--yes"], "1 conversation deleted.", ["open"]),
        (["--open", "--yes", "--no-compact"], "1 conversation deleted.", ["over"]),
        (["--keep", "1", "--yes"], "1 conversation deleted.", ["over"]),
        (["--older-than", "1d"], "There is nothing to delete.", ["open", "over"]),
        (["--keep", "0", "--dry-run"], "2 conversations would be deleted.", ["open", "over"]),
        (["--history", "1", "--dry-run"], "6 checkpoints of 2 conversations would be deleted.", ["open", "over"]),
        (["--history", "1", "--ended", "--yes"], "2 checkpoints of 1 conversation were deleted.", ["open", "over"]),
    ],
    ids=" ".join,
)
def test_prune(file: Path, args: list[str], told: str, stays: list[str]) -> None:
    result = run(file, "prune", *args)
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, told)
    assert left(file) == stays


def test_prune_asks_first(file: Path) -> None:
    result = run(file, "prune", "--ended", lines="n\n")
    assert result.exit_code == 1
    assert "over" in result.stdout
    assert run(file, "prune", "--history", "1", lines="\n").exit_code == 1
    assert left(file) == ["open", "over"]


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["prune"], "say which"),
        (["prune", "--older-than", "soon"], "write 30d, 12h, 90m or 2w"),
        (["list", "--older-than", "3"], "write 30d, 12h, 90m or 2w"),
        (["delete"], "Missing argument"),
        (["prune", "--history", "0"], "--history"),
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_told(file: Path, args: list[str], told: str) -> None:
    result = run(file, *args)
    assert (result.exit_code, told in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("age", "found"), [("1m", []), ("2w", []), ("0d", ["over", "open"]), (" 0h ", ["over", "open"])]
)
def test_ages_are_read(file: Path, age: str, found: list[str]) -> None:
    lines = run(file, "list", "--json", "--older-than", age).stdout.splitlines()
    assert [json.loads(line)["conversation"] for line in lines] == found


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["show", "nobody"], "list_conversations(db) and `conversations list` tell those there are."),
        (["export", "open", "nobody"], "conversation 'nobody': there is no such conversation"),
    ],
    ids=" ".join,
)
def test_a_conversation_that_is_not_there_is_told(file: Path, args: list[str], told: str) -> None:
    result = run(file, *args)
    assert result.exit_code == 1
    assert told in result.stderr


@pytest.mark.parametrize("command", [["list"], ["show", "1"], ["export"], ["delete", "1", "-y"], ["prune", "--ended"]])
def test_a_file_that_is_not_there_is_told_and_not_made(tmp_path: Path, command: list[str]) -> None:
    result = run(tmp_path / "nowhere.sqlite", *command)
    assert result.exit_code == 1
    assert "there is no such file" in result.stderr
    assert not [*tmp_path.iterdir()]


def test_an_address_is_told_without_its_password() -> None:
    result = run("postgresql://ann:s3cret@127.0.0.1:9/shop?connect_timeout=2", "list")
    assert result.exit_code == 1
    assert "s3cret" not in result.output
    assert "postgresql://ann@127.0.0.1:9/shop" in result.stderr


LONG_ID = "340c23b1-c5e6-d940-295a-81f1b618ba24"


@pytest.fixture
def of_long_ids(tmp_path: Path) -> ConversationOverview:
    """A conversation with an id as the package makes them."""
    made = tmp_path / "long.sqlite"
    with held(made, DECLARED) as fsm:
        say(fsm, LONG_ID, "Ann")
    return list_conversations(made)[0]


def test_a_narrow_terminal_gets_two_lines_for_each_conversation(of_long_ids: ConversationOverview) -> None:
    told_to = StringIO()
    tell_conversations(Console(file=told_to, width=80, force_terminal=True, color_system=None), [of_long_ids])

    conversation, told = told_to.getvalue().splitlines()
    assert conversation == LONG_ID
    assert told.startswith("    test, ask_email: waiting, 1 turn, last 2")


def test_another_program_gets_a_line_for_each_conversation(of_long_ids: ConversationOverview) -> None:
    told_to = StringIO()
    tell_conversations(Console(file=told_to, width=80, force_terminal=False), [of_long_ids])

    assert told_to.getvalue().splitlines()[2].split()[:4] == [LONG_ID, "test", "ask_email", "waiting"]
