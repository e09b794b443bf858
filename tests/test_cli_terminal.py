"""A conversation in a real terminal, with a client that talks to a server on this machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import SEED, Terminal
from crash.zygote import Zygote
from openai_server import Answer, Fault, OpenAIServer

GREETING = "Hello and welcome! Shall we begin?"


def reply(message: str) -> str:
    return json.dumps({"target_state": "collect_name", "updates": [], "message": message})


Open = Callable[..., Terminal]


@pytest.fixture
def terminal(zygote: Zygote) -> Open:
    """Open a terminal in which a client talks to a server."""

    def opened(server: OpenAIServer, *args: str | Path) -> Terminal:
        url = server.base_url
        return Terminal("run", SEED, *args, zygote=zygote, OPENAI_API_KEY="sk-test", OPENAI_BASE_URL=url)

    return opened


def test_a_message_appears_while_it_is_being_written(terminal: Open) -> None:
    with OpenAIServer([Answer(GREETING, hold_after=4)]) as server, terminal(server) as screen:
        assert "Model: openai:gpt-4o-mini\n" in screen.expect("Assistant: Hello and")
        server.go_on()
        screen.expect("Shall we begin?\nYou: ")
        assert not server.gave_up


def test_ctrl_c_stops_a_reply_and_not_the_conversation(terminal: Open) -> None:
    half = Answer(reply("What is your name, dear guest of ours?"), hold_after=25)
    whole = reply("So, what is your name?")
    with OpenAIServer([GREETING, half, whole]) as server, terminal(server) as screen:
        screen.expect("Shall we begin?\nYou: ")
        screen.send("yes\n")
        screen.expect("Assistant: What")
        screen.interrupt()
        screen.expect("Stopped. The conversation is as it was before your message.\nYou: ")
        screen.send("/state\n")
        screen.expect("welcome  Initial welcome state\nYou: ")
        assert not server.gave_up
        server.go_on()
        screen.send("yes\n")
        screen.expect("Assistant: So, what is your name?\nYou: ")
        screen.send("/quit\n")
        assert screen.finish()[0] == 0


def test_ctrl_d_leaves_and_says_how_to_come_back(terminal: Open, tmp_path: Path) -> None:
    db = tmp_path / "kept.db"
    with OpenAIServer([GREETING]) as server, terminal(server, "--db", db, "--thread", "7") as screen:
        screen.expect("\nYou: ")
        screen.send("\x04")
        code, told = screen.finish()

    assert code == 0
    assert told == f"\nLeft. To go on:\n  fsm-langgraph run {SEED} --db {db} --thread 7\n"


def test_an_empty_line_is_asked_again(terminal: Open) -> None:
    with OpenAIServer([GREETING]) as server, terminal(server) as screen:
        screen.expect("\nYou: ")
        screen.send("   \n")
        assert screen.expect("You: ").endswith("\nYou: ")
        screen.interrupt()  # between turns it leaves
        assert screen.finish() == (0, "\nLeft. Nothing was kept: --db FILE keeps conversations.\n")
        assert len(server.requests) == 1


def test_a_failed_turn_is_told_and_the_next_one_held(terminal: Open) -> None:
    refused = Fault(401, "Incorrect API key provided")
    answer = reply("What is your name?")
    with OpenAIServer([GREETING, refused, answer]) as server, terminal(server) as screen:
        screen.expect("\nYou: ")
        screen.send("yes\n")
        screen.expect("Error: state 'welcome': the model could not be called:")
        screen.expect("\nYou: ")
        screen.send("yes\n")
        screen.expect("Assistant: What is your name?\nYou: ")
        screen.send("\x04")
        assert screen.finish()[0] == 0


ASKING = """
from langgraph.types import interrupt

from fsm_langgraph import Handlers

handlers = Handlers()


@handlers.on("PRE_TRANSITION")
def ask(event):
    return {"approved": interrupt("May we go on?")}
"""


def test_a_question_to_a_person_is_asked_again_until_it_is_answered(terminal: Open, tmp_path: Path) -> None:
    handlers, db = tmp_path / "handlers.py", tmp_path / "kept.db"
    handlers.write_text(ASKING, encoding="utf-8")
    options = ("--handlers", handlers, "--db", db)
    half = Answer("So, what is your name?", hold_after=4)
    with OpenAIServer([GREETING, reply("Your name?"), half, "And what is your name?"]) as server:
        with terminal(server, *options) as screen:
            screen.expect("\nYou: ")
            screen.send("yes\n")
            screen.expect("Question to a person: May we go on?\nThe next line answers it")
            screen.expect("Answer: ")
            screen.send("\x04")
            code, told = screen.finish()
            assert code == 0
            assert told.startswith("\nLeft while the turn waits for an answer. To go on:\n")
        with terminal(server, *options, "--resume") as screen:
            screen.expect(f"Assistant: {GREETING}\nYou: yes\nQuestion to a person: May we go on?\n")
            screen.expect("Answer: ")
            screen.send("true\n")
            screen.expect("Assistant: So,")
            screen.interrupt()
            screen.expect("Stopped. The conversation is as it was before your message.\nYou: ")
            server.go_on()
            screen.send("yes\n")
            screen.expect("yes\nAssistant: And what is your name?\nYou: ")
            screen.send("/data\n")
            screen.expect("approved   true")
