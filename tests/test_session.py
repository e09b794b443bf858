"""A session tells of turns that go well and of turns that do not, with a model that follows a script."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from command_line import PLAIN
from handling import handling, plain
from langchain_core.messages import BaseMessage
from langgraph.types import interrupt
from machines import SHOP as SHOP_WITH_HOURS
from machines import machine, reply, state, to
from orders import ORDERS, SHOP, calling
from rich.console import Console
from syrupy.assertion import SnapshotAssertion

from fsm_langgraph import LLM_FSM, Event, Handlers, ScriptedModel
from fsm_langgraph.cli.questions_told import tell_question
from fsm_langgraph.cli.session import Session
from fsm_langgraph.cli.trace import data_table
from fsm_langgraph.graph.standing import all_data
from fsm_langgraph.turn.frames import make_frame
from fsm_langgraph.turn.record import Step, TurnRecord
from fsm_langgraph.turn.told_steps import REASONS

ORDER = {
    "name": "Order",
    "description": "Takes an order",
    "initial_state": "ask",
    "context": {
        "guests": {"type": "integer", "maximum": 12},
        "day": {"type": "string", "format": "date"},
        "vip": {"type": "boolean", "written_by": "handler"},
    },
    "states": {
        "ask": {
            "id": "ask",
            "description": "Ask",
            "purpose": "Learn how many guests come, and when",
            "required_context_keys": ["guests", "day"],
            "transitions": [
                {
                    "target_state": "hall",
                    "description": "A large party",
                    "priority": 1,
                    "conditions": [
                        {"description": "More than eight come", "logic": {">": [{"var": "guests"}, 8]}},
                        {"description": "They are known", "requires_context_keys": ["vip"]},
                    ],
                },
                {
                    "target_state": "check",
                    "description": "All is known",
                    "conditions": [{"description": "Both are there", "requires_context_keys": ["guests", "day"]}],
                },
                {"target_state": "bye", "description": "The user wants nothing"},
            ],
        },
        "hall": {"id": "hall", "description": "The hall", "purpose": "x", "transitions": []},
        "check": {
            "id": "check",
            "description": "Look for a table",
            "purpose": "x",
            "silent": True,
            "transitions": [{"target_state": "bye", "description": "Booked"}],
        },
        "bye": {"id": "bye", "description": "Goodbye", "purpose": "Say goodbye", "transitions": []},
    },
}

Hold = Callable[..., tuple[str, str, int]]


@pytest.fixture
def hold(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Hold:
    """A session with a scripted model and the lines of a pipe; what it wrote, and its exit code."""
    for name, value in PLAIN.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)

    def hold(
        replies: Sequence[Any],
        lines: str,
        *,
        trace: bool = False,
        quiet: bool = False,
        definition: Any = ORDER,
        **options: Any,
    ) -> tuple[str, str, int]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
        with closing(LLM_FSM(definition, ScriptedModel(replies=list(replies)), reasoning=True, **options)) as fsm:
            code = Session(fsm, "1", context={}, trace=trace, quiet=quiet, again=None).hold()
        written = capsys.readouterr()
        return written.out, written.err, code

    return hold


def test_a_trace_tells_each_turn_and_its_reasons(hold: Hold, snapshot: SnapshotAssertion) -> None:
    out, _, _ = hold(
        [
            "How many are you?",
            {"target_state": "ask", "guests": 30, "day": None, "vip": True, "message": "And when?"},
            "At most twelve, sorry. When?",
            {"target_state": "hall", "guests": 10, "message": "Welcome to the hall!", "reasoning": "Many."},
            "When do you come?",
            {"target_state": "check", "day": "2031-05-03", "message": "Let me see."},
            "Booked!",
        ],
        "thirty of us\nten of us\n3 May 2031\n",
        trace=True,
    )
    # How many tokens go in is up to the prompts.
    assert re.sub(r"\d+ tokens", "… tokens", out) == snapshot


def test_a_trace_tells_the_tools_that_were_called(hold: Hold) -> None:
    replies = ["Which order?", calling(("find", {"order": "7"}), "pay"), reply("track", "It is on its way.")]
    out, _, _ = hold(replies, "where is 7?\n", trace=True, definition=ORDERS, tools=SHOP)

    assert "  tool       find in track\n" in out
    assert "  tool       pay in track; there is no such tool here, only find, cancel\n" in out


def test_a_trace_tells_of_a_reply_that_was_decided_on_again(hold: Hold) -> None:
    errors = [KeyError("gone")]
    handlers = Handlers()

    @handlers.on("POST_PROCESSING")
    def fail(_: Event) -> None:
        if errors:
            raise errors.pop()

    replies = ["How many are you?", {"target_state": "bye", "message": "Goodbye!"}, "Goodbye!"]
    out, _, _ = hold(replies, "nothing\nnothing\n", trace=True, handlers=handlers)

    assert "understand in ask; decided again on the reply of an earlier run" in out


def test_a_user_who_was_handed_over_is_told_so(hold: Hold) -> None:
    definition = machine(state("ask", to("ask", handoff="the desk"), required_context_keys=["x"]))
    out, _, _ = hold(["Hm?", reply("again", "Wait.")], "the desk!\n", trace=True, definition=definition)

    assert "Assistant: Wait.\n(The user was handed over to the desk.)\n" in out
    assert "  handed     over to the desk\n" in out
    assert "✓ ask  open: Go to ask, and hands over to the desk\n" in out


def test_a_trace_tells_a_digression_that_came_back(hold: Hold) -> None:
    replies = ["Item?", reply("hours"), "At nine. Item?", reply("cart", "Which book?")]
    out, _, _ = hold(replies, "when do you open?\na book\n", trace=True, definition=SHOP_WITH_HOURS)

    assert "hours → cart  (returned: the digression is over)\n" in out


COMMANDS = "/state\n/data\n/why\n/help\n"


def at_each_command(out: str) -> list[str]:
    """Return what was written after each `/state` and `/data`."""
    return re.findall(r"You: /(?:state|data)\n((?:(?!You: ).*\n)*)", out)


def test_in_a_sub_machine_the_commands_tell_of_it_by_its_path(hold: Hold) -> None:
    at_the_card = ["What?", reply("payment", "Your card?", item="lamp")]
    out, err, _ = hold(at_the_card, f"a lamp\n{COMMANDS}", definition=SHOP_WITH_HOURS)

    assert at_each_command(out) == [
        "payment/card  The state card\n",
        "Key            Value\n────────────────────\nitem           lamp \npayment/item   lamp \n",
    ]
    assert "  path       cart → payment → payment/card\n" in out
    assert err == ""


def test_a_secret_of_a_sub_machine_is_masked() -> None:
    frame = make_frame("payment", "bank", {"card": "4711"}, sub_machine=make_frame("bank", "ask", {"pin": "0000"}))
    data = all_data({"context": {"item": "lamp"}, "current_state": "payment", "sub_machine": frame})
    assert data == {"item": "lamp", "payment/card": "4711", "payment/bank/pin": "0000"}

    written = io.StringIO()
    Console(file=written).print(data_table(data, secret={"payment/bank/pin"}))
    assert "4711" in written.getvalue()
    assert "0000" not in written.getvalue()


def test_in_a_digression_the_commands_tell_of_it(hold: Hold) -> None:
    aside = ["What?", reply("payment", "Your card?", item="lamp"), reply("hours"), "Nine to five."]
    out, err, _ = hold(aside, f"a lamp\nwhen are you open?\n{COMMANDS}", definition=SHOP_WITH_HOURS)

    assert at_each_command(out) == [
        "hours  The state hours\n",
        "Key    Value\n────────────\nitem   lamp \n",
    ]
    assert err == ""


def test_a_state_that_the_definition_has_no_more_is_told_as_such(hold: Hold, tmp_path: Path) -> None:
    before = machine(state("ask", to("end", "x"), required_context_keys=["x"]), state("end"))
    after = machine(state("other", to("end", "x"), required_context_keys=["x"]), state("end"))
    hold(["What is x?"], "", definition=before, db=tmp_path / "talk.db")
    out, err, failed = hold([], f"hm\n{COMMANDS}", definition=after, db=tmp_path / "talk.db")

    assert at_each_command(out)[0] == "ask  The definition has no such state any more.\n"
    assert "state 'ask': the definition has no such state." in err
    assert failed


def test_the_error_of_a_handler_advises_what_can_be_done_in_a_session(hold: Hold) -> None:
    handlers = Handlers()

    @handlers.on("PRE_PROCESSING")
    def translate(event: Event) -> None:
        event.message.encode("ascii")

    _, err, failed = hold(["How many are you?"], "à trois\n", handlers=handlers)
    assert "handler 'translate' failed at PRE_PROCESSING: UnicodeEncodeError" in err
    assert "Send the message again, or go on: the next one is read together with it." in err
    assert "update_state" not in err
    assert failed


def test_every_reason_of_a_turn_has_words() -> None:
    whys = {why for part in (Step, TurnRecord) for why in _texts(get_type_hints(part)["why"])}
    assert whys == REASONS.keys()


def _texts(hint: Any) -> set[str]:
    found = get_args(hint)
    return set().union(*(_texts(each) for each in found)) if found else {hint}


def test_a_trace_tells_a_turn_that_a_handler_answered_for(hold: Hold) -> None:
    sorry = handling(plain, lambda _: "Sorry!", "ERROR")
    out, _, _ = hold(["How many?", ValueError("away")], "ten\n", trace=True, handlers=sorry)

    why = "  why        failed: the turn failed, and a handler or the fallback message answered for it\n"
    assert f"{why}  error      ModelError in ask: ValueError\n" in out


WORDS: Any = machine(
    state("hello", to("ask"), silent=True, say="Welcome!"),
    state("ask", to("bye", "x"), required_context_keys=["x"]),
    state("bye", say="Goodbye."),
)


def test_each_message_of_a_turn_is_shown_as_one(hold: Hold) -> None:
    out, _, _ = hold(["What is x?", reply("bye", "REFUSED", x="1")], "one\n", trace=True, definition=WORDS)

    assert "\nAssistant: Welcome!\nAssistant: What is x?\n" in out
    assert "  said       hello\n" in out
    assert "\nAssistant: Goodbye.\n" in out
    assert "  said       bye\n" in out


def test_the_messages_of_the_last_turn_are_shown_again(hold: Hold, tmp_path: Path) -> None:
    hold(["What is x?"], "", definition=WORDS, db=tmp_path / "talk.db")
    out, _, _ = hold([], "", definition=WORDS, db=tmp_path / "talk.db")

    assert "\nAssistant: Welcome!\nAssistant: What is x?\n" in out


def test_a_turn_that_fails_is_told_and_the_message_can_be_sent_again(hold: Hold) -> None:
    out, err, failed = hold(
        [
            "How many are you?",
            ValueError("the provider is gone"),
            {"target_state": "bye", "message": "Goodbye!"},
        ],
        "nothing\nnothing\n",
    )

    assert failed
    assert err.startswith("Error: state 'ask': the model could not be called: ValueError: the provider is gone")
    assert "Assistant: How many are you?\nYou: nothing\nYou: nothing\nAssistant: Goodbye!\n" in out
    assert "The conversation has ended, in the state bye." in out


def test_a_message_that_is_typed_again_after_a_failure_keeps_its_id(hold: Hold) -> None:
    ids: list[str | None] = []

    def hearing(answer: Any) -> Callable[..., Any]:
        def hear(messages: Sequence[BaseMessage], _: Any) -> Any:
            ids.append(messages[-1].id)
            return answer

        return hear

    stays = {"target_state": "ask", "message": "How many?"}
    replies = ["How many?", *map(hearing, (ValueError("away"), stays, stays))]
    hold(replies, "a few\na few\na few\n")
    first, again, later = ids

    assert first == again is not None
    assert later != again


def test_a_conversation_that_never_began_is_left_as_such(hold: Hold) -> None:
    out, _, failed = hold([ValueError("the provider is gone")], "/data\n")

    assert failed
    assert out.endswith("You: /data\nThe conversation has not begun.\nLeft before the conversation had begun.\n")


def test_a_message_is_written_as_it_is(hold: Hold) -> None:
    message = "Two  blanks,\n\n  an indented [red]line[/red]\x1b[2J, 日本語\n"
    out, _, _ = hold([message], "")
    shown = message.replace("\x1b", "")
    assert f"\nAssistant: {shown}\n" in out


NAMES = machine(
    state("name", to("done", "name"), required_context_keys=["name"]), state("done", to("name")), name="Names"
)
ANN = reply("done", "Hello Ann.", name="Ann")
HINT = (
    "The next line answers it: JSON, such as true or false, or a text. "
    "/message TEXT sends a message instead, and drops the question.\n"
)


def asking(*questions: Any, moment: Any = "PRE_TRANSITION", **options: Any) -> Handlers:
    """Make a handler that asks a person one question after the other, and writes the answers down."""
    return handling(plain, lambda _: {"answers": [interrupt(each) for each in questions]}, moment, **options)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("yes", '["yes"]'),
        ("true", "[true]"),
        ("5", "[5]"),
        ('"5"', '["5"]'),
        ('{"a": 1}', '[{"a": 1}]'),
        ("{a", '["{a"]'),
        ("/not a command", '["/not a command"]'),
    ],
)
def test_the_line_after_a_question_is_its_answer(hold: Hold, typed: str, kept: str) -> None:
    lines = f"Ann\n{typed}\n/data\n"
    out, err, code = hold(["Your name?", ANN, "Hello Ann."], lines, definition=NAMES, handlers=asking("May I?"))

    assert f"You: Ann\nQuestion to a person: May I?\n{HINT}Answer: {typed}\nAssistant: Hello Ann.\n" in out
    assert f"answers   {kept}" in out
    assert (err, code) == ("", 0)


def test_the_questions_of_a_turn_are_asked_one_after_the_other(hold: Hold) -> None:
    handlers = asking("One?", {"two": [2, "é"]})
    out, _, _ = hold(["Your name?", ANN, "Hello Ann."], "Ann\n1\n2\n", definition=NAMES, handlers=handlers)

    after = 'Answer: 1\nQuestion to a person: {"two": [2, "é"]}\nAnswer: 2\nAssistant: Hello Ann.\n'
    assert f"Question to a person: One?\n{HINT}{after}" in out


def test_questions_that_wait_at_once_are_counted() -> None:
    written = io.StringIO()
    tell_question(Console(file=written, width=80), ["left?", "right?"])
    assert written.getvalue() == "Question to a person, 1 of 2: left?\n"


def test_a_turn_that_waits_has_no_trace_and_the_commands_say_that_it_waits(hold: Hold) -> None:
    lines = "Ann\n/why\n/state\n/data\nyes\n"
    replies = ["Your name?", ANN, "Hello Ann."]
    out, _, _ = hold(replies, lines, trace=True, definition=NAMES, handlers=asking("May I?"))

    before, waiting, after = out.partition(HINT)[0], out.partition(HINT)[2].partition("Answer: yes")[0], out[-900:]
    assert before.count("  path ") == 1
    assert waiting == (
        "Answer: /why\nA turn waits for an answer. It tells why it went where it did when it has come to its end.\n"
        "Answer: /state\nname  The state name\nSo it was before the turn that waits for an answer.\n"
        "Answer: /data\nNothing was collected.\nSo it was before the turn that waits for an answer.\n"
    )
    assert "  path       name → done\n" in after


def test_a_marked_message_gives_the_question_up(hold: Hold) -> None:
    replies = ["Your name?", ANN, reply("name", "Who then?")]
    lines = "Ann\n/message  not Ann\n/message\n"
    out, _, code = hold(replies, lines, definition=NAMES, handlers=asking("May I?"))

    assert "Answer: /message  not Ann\nAssistant: Who then?\nYou: /message\nWrite the message behind it: " in out
    assert code == 0


def test_a_marked_message_may_begin_with_a_slash(hold: Hold) -> None:
    out, _, _ = hold(["Your name?", reply("name", "Help?")], "/message /help\n", definition=NAMES)
    assert "You: /message /help\nAssistant: Help?\n" in out


@pytest.mark.parametrize("quiet", [False, True], ids=["told", "quiet"])
def test_lines_that_end_while_a_turn_waits_have_a_code_and_an_error_of_their_own(hold: Hold, quiet: bool) -> None:
    out, err, code = hold(["Your name?", ANN], "Ann\n", quiet=quiet, definition=NAMES, handlers=asking("May I?"))

    assert code == 3
    assert err.endswith("Error: the input has ended while the turn waits for an answer: May I?\n")
    assert ("Question to a person: May I?\n" in err) == quiet
    assert out.endswith(
        "Your name?\n"
        if quiet
        else "Left while the turn waits for an answer. Nothing was kept: --db FILE keeps conversations.\n"
    )


@pytest.mark.parametrize("moment", ["PRE_TRANSITION", "START_CONVERSATION"])
def test_a_conversation_that_goes_on_asks_the_question_again(hold: Hold, tmp_path: Path, moment: Any) -> None:
    options: Any = {"definition": NAMES, "handlers": asking("May I?", moment=moment), "db": tmp_path / "talk.db"}
    lines, replies = {"PRE_TRANSITION": ("Ann\n", ["Your name?", ANN])}.get(moment, ("", []))
    hold(replies, lines, **options)
    out, _, code = hold(["Welcome."], "/state\nyes\n", **options)

    assert f"Question to a person: May I?\n{HINT}Answer: /state\n" in out
    assert "Answer: yes\nAssistant: Welcome.\n" in out
    assert ("Assistant: Your name?\nYou: Ann\nQuestion" in out) == bool(lines)
    assert ("The first turn waits for an answer.\n" in out) == (not lines)
    assert code == 0


def test_what_was_said_before_the_question_is_not_shown_again(hold: Hold) -> None:
    definition = machine(
        state("ask", to("mid", "x"), required_context_keys=["x"]),
        state("mid", to("bye"), silent=True, say="One moment."),
        state("bye", say="Goodbye."),
    )
    replies = ["What is x?", reply("mid", "REFUSED", x="1")]
    out, _, _ = hold(replies, "one\nyes\n", definition=definition, handlers=asking("May I?", state="mid"))

    assert f"Assistant: One moment.\nQuestion to a person: May I?\n{HINT}Answer: yes\nAssistant: Goodbye.\n" in out
    assert out.count("One moment.") == 1


def test_a_turn_that_fails_after_its_answer_is_told_and_its_message_sent_again(hold: Hold) -> None:
    replies = ["Your name?", ANN, ValueError("the provider is gone"), "Hello Ann."]
    out, err, code = hold(replies, "Ann\nyes\nAnn\n", definition=NAMES, handlers=asking("May I?"))

    assert "Answer: yes\nYou: Ann\nAssistant: Hello Ann.\n" in out
    assert err.startswith("Error: state 'done': the model could not be called: ValueError: the provider is gone")
    assert code == 1
