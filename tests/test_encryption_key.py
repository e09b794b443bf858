"""The command line takes the key of an encrypted database from the environment."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
from command_line import call
from machines import SEED
from secret_talk import WORD, found_in

from fsm_langgraph import LLM_FSM, EncryptionError
from fsm_langgraph.cli.encryption_key import VARIABLE
from fsm_langgraph.cli.mcp import _hold

KEY = bytes(range(32))
OTHER = bytes(32)


@pytest.fixture
def db(tmp_path: Path) -> Path:
    with LLM_FSM(SEED, "offline", db=tmp_path / "talks.sqlite", encryption_key=KEY) as fsm:
        fsm.converse("", "c")
    return tmp_path / "talks.sqlite"


@pytest.mark.parametrize(
    ("key", "code", "told"),
    [
        (KEY.hex(), 0, ""),
        (None, 1, "it is encrypted, and no key was given."),
        (None, 1, "takes it from the environment: FSM_LANGGRAPH_ENCRYPTION_KEY."),
        (OTHER.hex(), 1, "it is of another key"),
        ("swordfish", 1, "FSM_LANGGRAPH_ENCRYPTION_KEY: it is not a key of 16, 24 or 32 bytes"),
    ],
)
def test_run_goes_on_with_the_key_of_the_database_only(key: str | None, code: int, told: str, db: Path) -> None:
    command = ("run", SEED, "--db", db, "-m", "offline", "--thread", "c")
    called = call(*command, lines=f"I am {WORD}\n", env={"FSM_LANGGRAPH_ENCRYPTION_KEY": key})
    assert called.exit_code == code
    assert told in called.stderr
    assert "swordfish" not in called.output
    assert found_in(b"".join(path.read_bytes() for path in db.parent.iterdir())) == []


def test_mcp_takes_it_too(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ExitStack() as stack:
        with pytest.raises(EncryptionError, match="no key was given"):
            _hold(stack, [SEED], "offline", str(db), None)
        monkeypatch.setenv(VARIABLE, KEY.hex())
        (fsm,) = _hold(stack, [SEED], "offline", str(db), None)
        assert fsm.get_current_state("c")


def test_without_a_database_it_is_not_looked_at() -> None:
    assert call("run", SEED, "-m", "offline", "-q", env={VARIABLE: "swordfish"}).exit_code == 0
