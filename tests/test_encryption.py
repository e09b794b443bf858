"""With a key nothing that was said stands in the database; without it, or with another, nothing is read or lost."""

from __future__ import annotations

import base64
import builtins
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.store.sqlite import SqliteStore
from machines import FORM, reply
from secret_talk import CONFIG, WORD, found_in, hold, talker

from fsm_langgraph import (
    LLM_FSM,
    EncryptionError,
    OptionSetupError,
    ScriptedModel,
    SetupError,
    StoredDataError,
    conversations,
    safe_serializer,
    turns,
)
from fsm_langgraph.exploring.source import ExploringError
from fsm_langgraph.stored_data.encryption import read_key

KEY = bytes(range(32))
OTHER = bytes(32)


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    db = tmp_path_factory.mktemp("talk") / "talks.sqlite"
    with talker(db, KEY) as fsm:
        hold(fsm)
    return db


@pytest.fixture
def db(talk: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(talk, tmp_path / "talks.sqlite"))


def rows(db: Path, statement: str) -> list[Any]:
    with closing(sqlite3.connect(db)) as connection, connection:
        return connection.execute(statement).fetchall()


def test_nothing_that_was_said_stands_in_the_file(tmp_path: Path) -> None:
    with talker(tmp_path / "talks.sqlite", KEY) as fsm:
        hold(fsm)
        # While it is open: with what SQLite has not yet brought into the file itself.
        assert found_in(b"".join(path.read_bytes() for path in tmp_path.iterdir())) == []
        assert len([*fsm.graph.store.search(("fsm_messages", "c"))]) > 1  # type: ignore[union-attr]  # it has one
    assert found_in(b"".join(path.read_bytes() for path in tmp_path.iterdir())) == []


def test_the_same_conversation_stands_there_without_a_key(tmp_path: Path) -> None:
    with talker(tmp_path / "talks.sqlite") as fsm:
        hold(fsm)
    assert found_in((tmp_path / "talks.sqlite").read_bytes()) == ["plain"]


def test_it_is_read_with_the_key(db: Path) -> None:
    with talker(db, KEY.hex()) as fsm:
        assert fsm.get_data("c")["number"] == "ZEBRA 1234"
        assert [message.text for message in fsm.get_messages("c")][:2] == ["ZEBRA hi", "a ZEBRA lamp"]
        assert [message.text for message in fsm.graph.messages(CONFIG)][:2] == ["ZEBRA hi", "a ZEBRA lamp"]
        values = fsm.graph.get_state(CONFIG).values
        assert (values["note"], values["notes"]) == ("ZEBRA note", ["ZEBRA list"])
    assert list(turns(db, "c", encryption_key=KEY)["user"])[1] == "a ZEBRA lamp"


def test_names_ids_and_times_stand_in_clear(db: Path) -> None:
    stored = db.read_bytes()
    assert all(word in stored for word in (b'"fsm_name": "test"', b'"fsm_message_id": "m-1"', b"fsm_messages.c"))
    assert b"branch:to:check" in stored


OPENINGS: dict[str, Callable[[Path, Any], object]] = {
    "LLM_FSM": lambda db, key: talker(db, key).close(),
    "conversations": lambda db, key: conversations(db, encryption_key=key),
    "turns": lambda db, key: turns(db, "c", encryption_key=key),
}


@pytest.mark.parametrize("opening", OPENINGS)
@pytest.mark.parametrize(
    ("key", "found"),
    [
        (None, r"it is encrypted, and no key was given\.\n  Give the key that it was stored with\."),
        (OTHER, r"it cannot be decrypted: it is of another key, or was changed \(ValueError\)\.\n  Give the key"),
    ],
)
def test_another_key_or_none_opens_nothing_and_changes_nothing(opening: str, key: Any, found: str, db: Path) -> None:
    before = db.read_bytes()
    with pytest.raises(EncryptionError, match=found):
        OPENINGS[opening](db, key)
    assert db.read_bytes() == before


def test_the_error_names_the_conversation_and_has_no_key_in_it(db: Path) -> None:
    with pytest.raises(EncryptionError, match=r"^conversation 'c': ") as told:
        turns(db, "c", encryption_key=OTHER)
    assert told.value.__cause__ is None


@pytest.mark.parametrize("place", ["checkpoints SET checkpoint", "writes SET value"])
def test_a_row_that_was_changed_is_told(place: str, db: Path) -> None:
    blob = place.rpartition(" ")[2]
    with talker(db, KEY) as fsm:
        rows(db, f"UPDATE {place} = CAST(substr({blob}, 1, length({blob}) - 1) || x'00' AS BLOB)")
        with pytest.raises(EncryptionError, match=r"conversation 'c': it cannot be decrypted.*was changed"):
            [*fsm.graph.get_state_history(CONFIG)]


def test_a_row_of_another_cipher_is_told(db: Path) -> None:
    with talker(db, KEY) as fsm:
        rows(db, "UPDATE checkpoints SET type = 'msgpack+rot13'")
        with pytest.raises(EncryptionError, match="by the cipher 'rot13', not 'aes'"):
            fsm.get_data("c")


def test_a_row_without_a_format_is_told(db: Path) -> None:
    with talker(db, KEY) as fsm:
        rows(db, "UPDATE checkpoints SET type = NULL")
        with pytest.raises(StoredDataError, match="conversation 'c': it holds a row that is no checkpoint"):
            fsm.get_data("c")


@pytest.mark.parametrize("change", ["replace(value, 'aes', 'rot')", "json_set(value, '$.sealed', 'AAAA')"])
def test_older_messages_that_were_changed_are_told(change: str, db: Path) -> None:
    rows(db, f"UPDATE store SET value = {change} WHERE prefix = 'fsm_messages.c'")  # noqa: S608 - it is of this file
    with talker(db, KEY) as fsm, pytest.raises(EncryptionError, match="conversation 'c': it "):
        fsm.get_messages("c")


def test_a_conversation_in_clear_is_read_with_a_key_and_goes_on_encrypted(tmp_path: Path) -> None:
    db = tmp_path / "talks.sqlite"
    with LLM_FSM(FORM, ScriptedModel(replies=["Name?"]), db=db) as fsm:
        fsm.converse("", "c")
    with LLM_FSM(FORM, ScriptedModel(replies=[reply("ask_name", "Yes?")]), db=db, encryption_key=KEY) as fsm:
        fsm.converse(f"I like {WORD}", "c")
        assert [message.text for message in fsm.get_messages("c")] == ["Name?", f"I like {WORD}", "Yes?"]
    assert found_in(db.read_bytes()) == []
    with pytest.raises(EncryptionError, match="no key was given"):
        LLM_FSM(FORM, "offline", db=db)


def test_it_is_langgraph_s_own_form(db: Path) -> None:
    serializer = EncryptedSerializer.from_pycryptodome_aes(JsonPlusSerializer(), key=KEY)
    with closing(sqlite3.connect(db, check_same_thread=False)) as connection:
        saved = SqliteSaver(connection, serde=serializer).get_tuple(CONFIG)
    assert saved is not None
    assert saved.checkpoint["channel_values"]["context"]["number"] == "ZEBRA 1234"


def test_older_messages_go_by_the_serializer_of_a_checkpointer_of_one_s_own(tmp_path: Path) -> None:
    kept = sqlite3.connect(tmp_path / "store.sqlite", check_same_thread=False, isolation_level=None)
    with closing(kept), closing(sqlite3.connect(tmp_path / "talks.sqlite", check_same_thread=False)) as connection:
        store, saver = SqliteStore(kept), SqliteSaver(connection, serde=safe_serializer(encryption_key=KEY))
        store.setup()
        model = ScriptedModel(replies=[reply("ask_name", "Yes?")], repeat=True)
        fsm = LLM_FSM(FORM, model, checkpointer=saver, store=store, messages_limit=2, history_limit=1)
        for n in range(4):
            fsm.converse(f"{WORD} {n}", "c")
        assert [message.text for message in fsm.get_messages("c")][:2] == [f"{WORD} 0", "Yes?"]
        assert store.search(("fsm_messages", "c"))
    assert found_in(b"".join(path.read_bytes() for path in tmp_path.iterdir())) == []


@pytest.mark.parametrize(
    "key",
    [
        KEY,
        KEY[:16],
        KEY[:24],
        KEY.hex(),
        KEY.hex().upper(),
        KEY[:16].hex(),
        f"  {base64.b64encode(KEY).decode()}\n",
        base64.urlsafe_b64encode(bytes([255] * 24)).decode(),
    ],
)
def test_a_key_is_bytes_or_a_text_in_hex_or_base64(key: Any) -> None:
    assert len(read_key(key) or b"") in (16, 24, 32)


@pytest.mark.parametrize("key", ["", "swordfish", KEY[:15], "swordfish" * 9, KEY.hex()[1:], 7, "ä" * 16, bytearray(16)])
def test_what_is_no_key_is_refused_and_told_nowhere(key: Any, tmp_path: Path) -> None:
    with pytest.raises(OptionSetupError, match=r"^encryption_key: it is not a key of 16, 24 or 32 bytes") as told:
        LLM_FSM(FORM, "offline", db=tmp_path / "talks.sqlite", encryption_key=key)
    assert "swordfish" not in f"{told.value!r} {told.value.given}"
    with pytest.raises(SetupError, match=r"encryption_key: it is not a key of .*\n  Make one: "):
        safe_serializer(encryption_key=key)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"encryption_key": KEY}, "encryption_key: there is nothing to encrypt"),
        ({"encryption_key": KEY, "checkpointer": SqliteSaver(sqlite3.connect(":memory:"))}, "Give it the serializer"),
        ({"allow_types": [Path], "checkpointer": SqliteSaver(sqlite3.connect(":memory:"))}, "Give it the serializer"),
    ],
)
def test_a_key_is_for_what_is_opened_here(options: Any, found: str) -> None:
    with pytest.raises(SetupError, match=found):
        LLM_FSM(FORM, "offline", **options)


def test_exploring_takes_one_for_a_file_only(db: Path) -> None:
    with talker(db, KEY) as fsm, pytest.raises(ExploringError, match="are for a file"):
        conversations(fsm, encryption_key=KEY)


def test_the_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("Crypto"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SetupError, match=r"pip install 'fsm-langgraph\[encryption\]'"):
        safe_serializer(encryption_key=KEY)
