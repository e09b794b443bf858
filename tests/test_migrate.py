"""`fsm-langgraph migrate`: each stored conversation is fine, migratable or blocked, and none stops the others."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from changes import PAY, TABLE, held, patched, renamed_state, staying
from command_line import call
from langgraph.checkpoint.base import BaseCheckpointSaver
from machines import Json, machine, reply, state, to

from fsm_langgraph import LLM_FSM, ScriptedModel
from fsm_langgraph.conversation.database import open_database
from fsm_langgraph.locking import Hold

PARTY = renamed_state("guests", "party")
MIGRATING = {**PARTY, "migrate": {"states": {"guests": "party"}}, "revision": "2"}


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Return a database with conversations at several places, and one of another machine."""
    path = tmp_path / "talks.db"
    model = [reply("guests", "How many?", note="12"), reply("pay", "Card?", guests="12"), reply("sure", "Hm?")]
    with LLM_FSM(TABLE, ScriptedModel(replies=model), db=path) as fsm:
        fsm.converse("a table", "waiting")
        fsm.converse("for twelve", "paying")
    with LLM_FSM(machine(state("ask", to("end", "x")), state("end"), name="Other"), staying(), db=path) as fsm:
        fsm.converse("hm", "another")
    return path


def saved(definition: Json, folder: Path) -> Path:
    """Write a definition to a file."""
    path = folder / "fsm.json"
    path.write_text(json.dumps(definition))
    return path


def found(db: Path | str, file: Path, *options: str, status: int = 0) -> dict[str, tuple[str, list[str]]]:
    """Call the command; return each conversation's status, and why."""
    done = call("migrate", "--db", str(db), file, "--json", *options)
    assert done.exit_code == status, done.output
    return {each["conversation"]: (each["status"], each["why"]) for each in json.loads(done.stdout)}


def test_those_of_a_definition_that_has_not_changed_are_fine(db: Path, tmp_path: Path) -> None:
    assert found(db, saved(TABLE, tmp_path)) == {
        "waiting": ("fine", []),
        "paying": ("fine", []),
        "another": ("another machine", ["Other"]),
    }


def test_one_in_a_sub_machine_that_was_given_something_is_fine_where_nothing_is_to_be_done(tmp_path: Path) -> None:
    inputs: Json = {"states": {"pay": {"inputs": {"sum": "price", "code": "guests"}}}}
    path, model = tmp_path / "given.db", [reply("guests", "How many?"), reply("pay", "Card?", guests="12")]
    with LLM_FSM(patched(inputs), ScriptedModel(replies=model), db=path) as fsm:
        fsm.converse("a table", "paying")
        fsm.converse("for twelve", "paying")

    assert found(path, saved(patched({**inputs, "persona": "A pirate"}), tmp_path)) == {"paying": ("fine", [])}


def test_a_dry_run_tells_and_stores_nothing(db: Path, tmp_path: Path) -> None:
    before = db.read_bytes()
    told = found(db, saved(MIGRATING, tmp_path), "--dry-run")

    assert told["waiting"] == ("migratable", ["revision 1 before", "the state 'guests' is 'party'"])
    assert told["paying"] == ("fine", [])
    assert db.read_bytes() == before


def test_one_that_cannot_be_read_stops_none_of_the_others(db: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("UPDATE checkpoints SET type = 'pickle' WHERE thread_id = 'paying'")
    told = found(db, saved(MIGRATING, tmp_path), status=1)

    assert told["waiting"][0] == "migrated"
    assert told["paying"][0] == "blocked"
    assert "it holds a row that is no checkpoint" in told["paying"][1][0]


def test_they_are_brought_over_and_then_fine(db: Path, tmp_path: Path) -> None:
    file = saved(MIGRATING, tmp_path)

    assert found(db, file)["waiting"] == ("migrated", ["revision 1 before", "the state 'guests' is 'party'"])
    assert found(db, file)["waiting"] == ("fine", [])
    with LLM_FSM(file, staying(), db=db) as fsm:
        assert fsm.get_current_state("waiting") == "party"
        fsm.converse("hm", "waiting")
        assert fsm.get_last_turn("waiting")["definition"]["states"] == {"guests": "party"}  # type: ignore[index]  # it has one
    with LLM_FSM(machine(state("ask", to("end", "x")), state("end"), name="Other"), staying(), db=db) as fsm:
        assert fsm.converse("hm", "another") == ("another", "…")


def test_one_that_is_blocked_stops_none_of_the_others(db: Path, tmp_path: Path) -> None:
    without_card = {**TABLE, "subflows": {"pay": renamed_state("card", "number", PAY)}}
    file = saved(patched({"context": {"note": {"type": "array"}}}, without_card), tmp_path)
    told = found(db, file, status=1)

    assert told["waiting"] == ("migrated", ["revision 1 before", "taken over: note"])
    assert told["paying"][0] == "blocked"
    assert "state 'pay/card': the definition has no such state." in told["paying"][1][0]


def test_one_that_is_held_is_blocked(db: Path, tmp_path: Path) -> None:
    with closing(open_database(db)) as database, Hold(database, "waiting"):
        told = found(db, saved(MIGRATING, tmp_path), status=1)

    assert told["waiting"][0] == "blocked"
    assert told["paying"][0] == "fine"


def test_a_graph_with_channels_of_its_own_brings_over_its_own(db: Path, tmp_path: Path) -> None:
    from typing_extensions import TypedDict

    class Own(TypedDict, total=False):
        colour: str

    with LLM_FSM(TABLE, staying(), db=db, state_schema=Own) as fsm:
        given: Any = {"messages": [("user", "hm")], "colour": "red"}
        fsm.graph.invoke(given, {"configurable": {"thread_id": "own"}})
    told = found(db, saved(MIGRATING, tmp_path), status=1)

    assert told["own"][0] == "blocked"
    assert "channels of its own: colour" in told["own"][1][0]


def test_the_tools_and_handlers_of_the_definition_need_not_be_there(db: Path, tmp_path: Path) -> None:
    file = saved(patched({"states": {"party": {"tools": ["book"]}}}, MIGRATING), tmp_path)

    assert found(db, file)["waiting"][0] == "migrated"


def test_people_read_a_table(db: Path, tmp_path: Path) -> None:
    done = call("migrate", "--db", db, saved(MIGRATING, tmp_path), "--dry-run")

    assert done.exit_code == 0
    assert [" ".join(line.split()) for line in done.stdout.splitlines() if line.strip(" ─")] == [
        "Conversation Status Why",
        "another another machine Other",
        "paying fine",
        "waiting migratable revision 1 before",
        "the state 'guests' is 'party'",
        "1 fine, 1 migratable, 1 another machine. Nothing was stored.",
    ]


@pytest.mark.parametrize(
    ("db", "told"),
    [
        pytest.param("nothing.db", "nothing.db is not there", id="a file"),
        pytest.param("mysql://host/name", "an address that begins with mysql:", id="an address"),
    ],
)
def test_a_database_that_is_not_there_is_told(db: str, told: str, tmp_path: Path) -> None:
    done = call("migrate", "--db", db, saved(TABLE, tmp_path))

    assert done.exit_code == 1
    assert told in done.stderr


def test_a_database_without_conversations_is_told(tmp_path: Path) -> None:
    with LLM_FSM(TABLE, "offline", db=tmp_path / "empty.db"):
        pass
    done = call("migrate", "--db", tmp_path / "empty.db", saved(TABLE, tmp_path))

    assert (done.exit_code, done.stdout) == (0, "There are no conversations.\n")


@pytest.mark.parametrize("is_file", [True, False], ids=["SQLite", "PostgreSQL"])
def test_conversations_of_an_earlier_release_are_brought_over_by_their_data(
    is_file: bool, tmp_path: Path, postgres: str
) -> None:
    db = str(tmp_path / "old.db") if is_file else postgres
    with closing(open_database(db)) as saver:
        forgotten(saver)

    assert found(db, saved(MIGRATING, tmp_path)) == {
        "1": ("migrated", ["no revision before", "the state 'guests' is 'party'"])
    }


def forgotten(saver: BaseCheckpointSaver[Any]) -> None:
    """Hold a conversation, and store it as the release before has: without its definition's identity."""
    talk = held("guests", saver)
    turn = {name: value for name, value in talk.values["turn"].items() if name != "definition"}
    talk.graph.update_state({"configurable": {"thread_id": "1"}}, {"turn": turn}, as_node="guests")
