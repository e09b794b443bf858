"""Conversations on the command line, held with the offline model through a pipe."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from command_line import SEED, call, command, environment
from typer.testing import Result

from fsm_langgraph.cli.run import _parse_context

ANSWERS = "hi\nAnn Lee\nann@example.com\n1990-05-03\n"


def run(*args: str | Path, lines: str | bytes = "", model: str = "offline") -> Result:
    return call("run", *args, lines=lines, env={"FSM_LANGGRAPH_MODEL": model})


def rows(result: Result) -> list[list[str]]:
    """Return the words of each line."""
    return [line.split() for line in result.stdout.splitlines()]


def machine(folder: Path, **fields: Any) -> Path:
    """Write a definition whose only state goes on listening."""
    file = folder / f"{fields.get('name', 'machine')}.json"
    state: dict[str, Any] = {
        "id": "ask",
        "description": "Ask",
        "purpose": "Ask for the colour",
        "required_context_keys": ["colour"],
        "transitions": [
            {
                "target_state": "end",
                "description": "The colour is known",
                "conditions": [{"description": "It is there", "requires_context_keys": ["colour"]}],
            }
        ],
    }
    end = {"id": "end", "description": "The end", "purpose": "Say goodbye", "transitions": []}
    states = {"ask": state, "end": end}
    base = {"name": "machine", "description": "d", "initial_state": "ask", "states": states}
    file.write_text(json.dumps(base | fields), encoding="utf-8")
    return file


def test_a_session_begins_with_the_name_and_the_revision(tmp_path: Path) -> None:
    plain, revised = run(machine(tmp_path)), run(machine(tmp_path, name="Shop", revision="7"))

    assert [result.stdout.splitlines()[0] for result in (plain, revised)] == ["machine", "Shop, revision 7"]


def test_the_lines_of_a_pipe_are_a_conversation_that_reads_as_one() -> None:
    result = run(SEED, lines="hi\n\nAnn Lee\n")

    assert result.exit_code == 0
    assert [line.split(" ", 1)[0] for line in result.stdout.splitlines()] == [
        *("Personal", "Model:", ""),
        *("Assistant:", "You:", "Assistant:", "You:", "Assistant:"),
        "Left.",
    ]
    assert "\nYou: hi\n" in result.stdout
    assert "\nYou: Ann Lee\n" in result.stdout
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("options", "variables", "advised"),
    [
        ((), {}, 1),
        (("--model", "offline"), {}, 0),
        (("--model", "offline"), {"OPENAI_API_KEY": "sk-test"}, 0),
        ((), {"FSM_LANGGRAPH_MODEL": "offline"}, 0),
    ],
    ids=["nobody chose", "chosen", "chosen beside a key", "chosen by the environment"],
)
def test_the_offline_model_is_named_and_advice_given_where_nobody_chose_it(
    options: tuple[str, ...], variables: dict[str, str | None], advised: int
) -> None:
    result = call("run", SEED, *options, env=variables)

    assert "\nModel: offline (rules, not a language model)\n" in result.stdout
    assert result.stdout.count("No model is configured, so replies come from fixed rules") == advised


def test_a_conversation_ends_in_a_final_state_with_its_data() -> None:
    result = run(SEED, lines=ANSWERS + "yes\nthis comes too late\n")

    assert result.exit_code == 0
    assert [row for row in rows(result)[-7:] if "─" not in row[0]] == [
        ["The", "conversation", "has", "ended,", "in", "the", "state", "end."],
        ["Key", "Value"],
        ["name", "Ann", "Lee"],
        ["email", "ann@example.com"],
        ["birthdate", "1990-05-03"],
        ["confirmed", "true"],
    ]
    assert "too late" not in result.stdout


def test_secret_values_are_masked_and_the_machines_keys_left_out(tmp_path: Path) -> None:
    keys = {"token": {"type": "string", "secret": True}, "colour": {"type": "string"}}
    result = run(machine(tmp_path, context=keys), "-c", "token=hunter2", "-c", "colour=red", lines="/data\n")

    assert "hunter2" not in result.output
    assert ["token", "•••"] in rows(result)
    assert ["colour", "red"] in rows(result)


def test_texts_are_neither_markup_nor_terminal_commands(tmp_path: Path) -> None:
    name = "[bold]Shop[|bold] :smile:"
    result = run(machine(tmp_path, name=name), lines="[red]hello[/red]\x1b[2J [/]\n")

    assert result.stdout.startswith("[bold]Shop[|bold] :smile:\n")
    assert "\nYou: [red]hello[/red][2J [/]\n" in result.stdout


def test_bytes_that_are_no_text_do_no_harm() -> None:
    result = run(SEED, lines=b"hi \xff\xfe\n")

    assert result.exit_code == 0
    assert "You: hi \ufffd\ufffd\n" in result.stdout


def test_quiet_writes_the_messages_only_and_names_the_model_beside() -> None:
    result = run(SEED, "--quiet", lines=ANSWERS + "yes\n")

    assert result.exit_code == 0
    assert result.stderr == "Model: offline (rules, not a language model)\n"
    assert "Ann Lee\n" in result.stdout  # the summary has several lines
    assert not any(word in result.stdout for word in ("You:", "Assistant:", "Model:", "Key", "ended"))


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("k=text", "text"),
        ("k=", ""),
        ("k=3", 3),
        ("k=-1.5", -1.5),
        ("k=true", True),
        ("k=null", None),
        ('k="3"', "3"),
        ('k={"a": [1, 2]}', {"a": [1, 2]}),
        ("k=a=b", "a=b"),
        ("k={broken", "{broken"),
        ("k=NaN", "NaN"),
        ("k=-Infinity", "-Infinity"),
        ("k=" + "[" * 100_000, "[" * 100_000),
        (" k =x", "x"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_a_value_of_the_context_is_json_or_else_text(pair: str, value: Any) -> None:
    assert _parse_context([pair]) == {"k": value}


def test_what_is_known_already_is_in_the_context() -> None:
    result = run(SEED, "-c", "source=website", "--context", 'tags=["a", 1]', lines="/data\n")

    assert ["source", "website"] in rows(result)
    assert ["tags", '["a",', "1]"] in rows(result)


def test_a_value_that_the_definition_refuses_is_an_error(tmp_path: Path) -> None:
    file = machine(tmp_path, context={"colour": {"enum": ["red", "blue"]}})
    result = run(file, "-c", "colour=green")

    assert result.exit_code == 1
    assert result.stderr.startswith('Error: context[\'colour\']: its value is not one of "red", "blue".')


@pytest.mark.parametrize("key", ["colors", "color", "source"])
def test_a_key_that_is_not_declared_where_keys_are_is_an_error(tmp_path: Path, key: str) -> None:
    file = machine(tmp_path, context={"colour": {"enum": ["red", "blue"]}})
    another, declared = run(file, "-c", f"{key}=red"), run(file, "-c", "colour=red")

    assert (another.exit_code, declared.exit_code) == (1, 0)
    assert f"Error: --context {key}: the key {key!r} is not declared in 'context'." in another.stderr
    assert "Declared keys: 'colour'." in another.stderr


def test_a_conversation_goes_on_under_its_id(tmp_path: Path) -> None:
    kept = ("--db", tmp_path / "kept.db", "--thread", "ann")
    first = run(SEED, *kept, lines="hi\nAnn Lee\n")
    second = run(SEED, *kept, lines="ann@example.com\n/data\n")

    last_message = next(line for line in reversed(first.stdout.splitlines()) if line.startswith("Assistant:"))
    assert second.stdout.split("\n\n")[1].splitlines()[:2] == [last_message, "You: ann@example.com"]
    assert ["name", "Ann", "Lee"] in rows(second)
    assert ["email", "ann@example.com"] in rows(second)


def test_whoever_leaves_is_told_how_to_come_back(tmp_path: Path) -> None:
    result = run(SEED, "--db", tmp_path / "my kept.db", "--thread", "it's 1", lines="/quit\n")

    again = f"  fsm-langgraph run {SEED} --db '{tmp_path}/my kept.db' --thread 'it'\"'\"'s 1'\n"
    assert result.exit_code == 0
    assert result.stdout.endswith(f"Left. To go on:\n{again}")


def test_whoever_has_chosen_a_model_comes_back_to_it(tmp_path: Path) -> None:
    kept = ("--db", tmp_path / "kept.db", "--thread", "1", "--model", "offline")
    result = run(SEED, *kept, lines="/quit\n", model="openai:gpt-4o")

    assert f"fsm-langgraph run {SEED} --db {tmp_path}/kept.db --model offline --thread 1\n" in result.stdout


def test_the_latest_conversation_can_be_resumed_without_its_id(tmp_path: Path) -> None:
    db = tmp_path / "kept.db"
    run(SEED, "--db", db, "--thread", "first", lines="hi\n")
    run(SEED, "--db", db, "--thread", "second", lines="hi\nBob Stone\n")
    run(SEED, "--db", db, "--thread", "first", lines="Ann Lee\n")
    run(machine(tmp_path), "--db", db, "--thread", "another machine's", lines="hm\n")

    result = run(SEED, "--db", db, "--resume", lines="/data\n")

    assert result.exit_code == 0
    assert ["name", "Ann", "Lee"] in rows(result)
    assert "--thread first\n" in result.stdout


def test_one_that_cannot_be_read_keeps_none_from_being_resumed(tmp_path: Path) -> None:
    db = tmp_path / "kept.db"
    run(SEED, "--db", db, "--thread", "first", lines="hi\n")
    run(SEED, "--db", db, "--thread", "second", lines="hi\n")
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("UPDATE checkpoints SET type = 'pickle' WHERE thread_id = 'second'")

    assert "--thread first\n" in run(SEED, "--db", db, "--resume", lines="/state\n").stdout


def test_a_conversation_of_another_machine_is_not_gone_on_with_by_its_id(tmp_path: Path) -> None:
    kept = ("--db", tmp_path / "kept.db", "--thread", "first")
    run(SEED, *kept, lines="hi\n")
    result = run(machine(tmp_path), *kept, lines="red\n")

    assert result.exit_code == 1
    assert result.stderr.startswith(
        "Error: the conversation 'first' is one of 'Personal Information Collection', not of 'machine'."
    )


def test_a_machine_with_a_new_name_finds_its_conversations(tmp_path: Path) -> None:
    db = tmp_path / "kept.db"
    run(machine(tmp_path), "--db", db, "--thread", "first", lines="hm\n")
    renamed = machine(tmp_path, name="colours", migrate={"names": ["machine"]})
    result = run(renamed, "--db", db, "--resume", "--trace", lines="hm\n")

    assert "--thread first\n" in result.stdout
    assert "changed    the definition; fingerprint " in result.stdout
    assert "the machine was named 'machine'" in result.stdout


def test_a_conversation_that_does_not_fit_any_more_is_told(tmp_path: Path) -> None:
    db = tmp_path / "kept.db"
    run(machine(tmp_path), "--db", db, lines="hm\n")
    end = {"id": "end", "description": "The end", "purpose": "Say goodbye", "transitions": []}
    result = run(machine(tmp_path, states={"end": end}, initial_state="end"), "--db", db, "--resume", lines="hm\n")

    assert result.exit_code == 1
    assert "state 'ask': the definition has no such state." in result.stderr


def test_a_conversation_that_has_ended_tells_so_when_it_is_resumed(tmp_path: Path) -> None:
    db = tmp_path / "kept.db"
    run(SEED, "--db", db, lines=ANSWERS + "yes\n")
    result = run(SEED, "--db", db, "--resume", lines="hello?\n")

    assert result.exit_code == 0
    assert "The conversation has ended, in the state end." in result.stdout
    assert "hello?" not in result.stdout


@pytest.mark.parametrize("there_is", ["no file", "no conversation", "only another machine's"])
def test_where_there_is_nothing_to_resume_the_error_says_so(tmp_path: Path, there_is: str) -> None:
    db = tmp_path / "kept.db"
    if there_is == "no conversation":
        sqlite3.connect(db).close()
    if there_is == "only another machine's":
        run(machine(tmp_path), "--db", db)

    result = run(SEED, "--db", db, "--resume")

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: there is no conversation to resume: ")


ASKS_AT_ONCE = """
from langgraph.types import interrupt

from fsm_langgraph import Handlers

handlers = Handlers()
handlers.on("START_CONVERSATION")(lambda _: {"shop": interrupt("Which shop?")})
"""


def test_a_first_turn_that_waits_is_resumed(tmp_path: Path) -> None:
    code, file, db = tmp_path / "handlers.py", machine(tmp_path), tmp_path / "kept.db"
    code.write_text(ASKS_AT_ONCE, encoding="utf-8")
    first = run(file, "--db", db, "--handlers", code)
    second = run(file, "--db", db, "--handlers", code, "--resume", lines="Paris\n/data\n")

    assert (first.exit_code, second.exit_code) == (3, 0)
    assert first.stderr == "Error: the input has ended while the turn waits for an answer: Which shop?\n"
    assert "Question to a person: Which shop?\n" in second.stdout
    assert ["shop", "Paris"] in rows(second)


def test_in_a_session_one_can_ask_what_goes_on() -> None:
    result = run(SEED, lines="hi\n/state\n/data\n/why\n/help\n/dance\n/not a command\n")

    assert "You: /state\ncollect_name  Collect user's name\n" in result.stdout
    assert "You: /data\nNothing was collected.\n" in result.stdout
    assert "You: /why\n  path       welcome → collect_name\n" in result.stdout
    assert "/quit   leave, as Ctrl-D does" in result.stdout
    assert "There is no command /dance; /help lists them all." in result.stdout
    assert "You: /not a command\nAssistant: " in result.stdout


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["nowhere.json"], "nowhere.json: 1 problem\n(root): cannot be read: No such file or directory."),
        ([SEED, "--model", "nobody:gpt"], "'nobody:gpt': no provider is named 'nobody'."),
        ([SEED, "--model", "openai:gpt-4o"], "'openai:gpt-4o': it needs an API key, and none was given."),
        ([SEED, "--db", "/nonexistent/kept.db"], "/nonexistent/kept.db: unable to open database file."),
        ([SEED, "--db", SEED], f"{SEED}: it is no SQLite database."),
        (
            [SEED, "--deadline", "0.000001"],
            "state 'welcome': the model could not be called: TimeoutError: the turn was",
        ),
    ],
    ids=["no definition", "no such provider", "no key", "no folder", "no database", "a deadline"],
)
def test_what_does_not_work_is_told_without_a_traceback(args: list[str | Path], told: str) -> None:
    result = run(*args)

    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {told}")
    assert "Traceback" not in result.output


def test_a_model_from_the_environment_is_used() -> None:
    assert "'nobody:gpt'" in run(SEED, model="nobody:gpt").stderr


def test_a_real_process_reads_a_real_pipe_and_without_unicode_writes_what_it_can() -> None:
    process = subprocess.run(  # noqa: S603 - our own command
        command("run", SEED, "--model", "offline", "--trace"),
        input="Zoë\n",
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment(PYTHONIOENCODING="ascii", PYTHONUTF8="0"),
        check=False,
    )

    assert (process.returncode, process.stderr) == (0, "")
    assert "  path       welcome ? collect_name\n" in process.stdout
    assert "\nYou: Zo" in process.stdout
    assert process.stdout.endswith("Left. Nothing was kept: --db FILE keeps conversations.\n")
