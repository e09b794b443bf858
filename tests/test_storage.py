"""An encrypted database is kept, exported and brought over by those who have its key, and by nobody else."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from command_line import call
from kept_conversations import database, held, say
from machines import FORM, Json

from fsm_langgraph import (
    EncryptionError,
    SetupError,
    compact_database,
    delete_conversations,
    export_conversations,
    list_conversations,
    load_definition,
    prune_conversations,
    prune_history,
)
from fsm_langgraph.cli.encryption_key import VARIABLE
from fsm_langgraph.conversation.migration_report import bring_all_over

KEY, OTHER = "0" * 64, "1" * 64
RENAMED: Json = json.loads(json.dumps(FORM).replace('"done"', '"last"'))

CALLS: dict[str, Callable[..., Any]] = {
    "list": list_conversations,
    "delete": lambda db, **key: delete_conversations(db, ["nobody"], **key),
    "prune": lambda db, **key: prune_conversations(db, keep=9, **key),
    "prune the history": lambda db, **key: prune_history(db, 9, **key),
    "compact": compact_database,
    "export": lambda db, **key: [*export_conversations(db, **key)],
    "migrate": lambda db, **key: [*bring_all_over(load_definition(FORM), db, stores=True, **key)],
}


@pytest.fixture(params=["sqlite", "postgres"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str | Path]:
    """A database in which one conversation is in clear, and the later ones are encrypted."""
    for made in database(request, tmp_path):
        with held(made) as fsm:
            say(fsm, "clear", "hm")
        with held(made, encryption_key=KEY, messages_limit=6, history_limit=2) as fsm:
            say(fsm, "open", *map(str, range(8)))
            say(fsm, "over", "Ann", "a@b.org")
        yield made


def test_with_the_key_all_is_done(db: str | Path) -> None:
    found = list_conversations(db, encryption_key=KEY, with_bytes=True)
    assert [(each.conversation, each.state, each.status, each.turns, each.messages) for each in found] == [
        ("over", "done", "ended", 2, 4),
        ("open", "ask_name", "waiting", 8, 16),
        ("clear", "ask_name", "waiting", 1, 2),
    ]
    over, still, _ = export_conversations(db, encryption_key=KEY)
    assert (over["context"], len(still["messages"]), still["missing"]) == ({"name": "Ann", "email": "a@b.org"}, 16, 0)  # type: ignore[arg-type]  # it is a list
    brought = bring_all_over(load_definition(FORM), db, stores=True, encryption_key=KEY)
    assert [each.status for each in brought] == ["fine"] * 3
    assert prune_history(db, 2, encryption_key=KEY).keys() == {"open"}
    compact_database(db, encryption_key=KEY)
    assert [each.conversation for each in prune_conversations(db, ended=True, encryption_key=KEY)] == ["over"]
    assert delete_conversations(db, ["clear", "open"], encryption_key=KEY) == ["clear", "open"]
    assert list_conversations(db, encryption_key=KEY) == []


@pytest.mark.parametrize("key", [{}, {"encryption_key": OTHER}], ids=["no key", "another key"])
def test_without_it_nothing_is(db: str | Path, key: dict[str, str]) -> None:
    for done in CALLS.values():
        with pytest.raises(EncryptionError, match="Give the key that it was stored with"):
            done(db, **key)
    assert len(list_conversations(db, encryption_key=KEY)) == 3


def test_a_key_is_for_what_is_opened_here() -> None:
    with held(None) as fsm, pytest.raises(SetupError, match="was opened before"):
        list_conversations(fsm, encryption_key=KEY)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An encrypted file with a conversation."""
    made = tmp_path / "talks.sqlite"
    with held(made, encryption_key=KEY) as fsm:
        say(fsm, "1", "Ann", "a@b.org")
    (tmp_path / "fsm.json").write_text(json.dumps({**RENAMED, "migrate": {"states": {"done": "last"}}}))
    return made


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["conversations", "list"], "ended"),
        (["conversations", "show", "1"], "You: a@b.org"),
        (["conversations", "export"], '"content": "a@b.org"'),
        (["conversations", "prune", "--history", "1", "--yes"], "1 conversation were deleted"),
        (["conversations", "prune", "--ended", "--yes"], "1 conversation deleted"),
        (["conversations", "delete", "1", "--yes"], "1 conversation deleted"),
        (["migrate", "fsm.json"], "1 migrated"),
        (["migrate", "fsm.json", "--dry-run"], "1 migratable"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_commands_take_the_key_from_the_environment(
    file: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], told: str
) -> None:
    monkeypatch.chdir(file.parent)
    for key, reason in ((None, "no key was given"), (OTHER, "it cannot be decrypted"), ("short", "it is not a key")):
        refused = call(*args, "--db", file, env={VARIABLE: key})
        assert refused.exit_code == 1
        assert reason in refused.stderr
    done = call(*args, "--db", file, env={VARIABLE: KEY})
    assert (done.exit_code, told in done.stdout) == (0, True), done.output


def test_one_with_another_key_stops_none_of_the_others(file: Path) -> None:
    with held(file, encryption_key=KEY) as fsm:
        say(fsm, "2", "hm")
    with closing(sqlite3.connect(file)) as connection, connection:
        row = b"0123456789abcdef" * 3
        connection.execute("UPDATE checkpoints SET checkpoint = ? WHERE thread_id = '1'", [row])
    assert [each.status for each in list_conversations(file, encryption_key=KEY)] == ["waiting", "unreadable"]
    newest, other = bring_all_over(load_definition(FORM), file, stores=True, encryption_key=KEY)
    assert (newest.status, other.status) == ("fine", "blocked")
    assert "it cannot be decrypted" in other.why[0]
