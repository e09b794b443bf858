"""Scenarios of approvals: a turn that pauses at `interrupt()` says what it asks, and the next one answers it."""

from __future__ import annotations

from pathlib import Path

import pytest
from approvals import FIFTY, HANDLERS, PAUSED, REFUNDS, after_the_pause, hold
from command_line import call
from rehearsals import found, turn, write
from test_scenario_runner import ONE_WAY, PAYING

from fsm_langgraph import ScriptedModel
from fsm_langgraph.scenarios import ScenarioRunner, read_scenarios, report
from fsm_langgraph.scenarios.junit import junit
from fsm_langgraph.scenarios.recording import record
from fsm_langgraph.scenarios.scenario_runner import recorded

YES = "{answer: true, reply: It is on its way., state: paid, says: on its way}"
NO = "{answer: false, reply: [], state: refused, says: Not 50}"
GOES_ON = "- {name: '%s', given: a person is asked, turns: [%s]}\n"

ASKED = {
    "a part of a text": "be paid back",
    "an expression": "/may .*\\?/i",
    "some of the keys": "{amount: 50}",
    "a part of a text below a key": "{question: PAID BACK}",
    "a list below a key": "{by: [Ann]}",
    "no such key": "{reason: null}",
}
NOT_ASKED = {
    "a text": ("sure", "asks: 'sure' | "),
    "an expression": ("/^sure/", "asks: /^sure/ | "),
    "a key": ("{reason: broken}", 'asks: {"reason": "broken"} | '),
    "a value": ("{amount: 20}", 'asks: {"amount": 20} | '),
    "a kind of value": ("{by: {Ann: 1}}", 'asks: {"by": {"Ann": 1}} | '),
    "a key that is there": ("{amount: null}", 'asks: {"amount": null} | '),
    "a number": ("50", "asks: 50 | "),
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_a_question_is_expected_by_a_part_of_it(tmp_path: Path, asked: str) -> None:
    (outcome,) = hold(tmp_path, turn(FIFTY % f"asks: {asked}"))

    assert found(outcome) == []


@pytest.mark.parametrize(("asked", "told"), NOT_ASKED.values(), ids=NOT_ASKED)
def test_another_question_is_told(tmp_path: Path, asked: str, told: str) -> None:
    (outcome,) = hold(tmp_path, turn(FIFTY % f"asks: {asked}"))

    assert found(outcome) == [f'{told}{{"question": "May it be paid back?", "amount": 50, "by": ["Ann"]}}']


@pytest.mark.parametrize(
    ("asking", "expected"),
    [
        ("Decision(50)", "{amount: 50, why: broken}"),
        ("[1, 2]", "[1, 2]"),
        ("7.0", "7"),
        ("None", "'null'"),
    ],
    ids=["an object", "a list", "a number", "nothing"],
)
def test_whatever_is_asked_can_be_expected(tmp_path: Path, asking: str, expected: str) -> None:
    fields = "@dataclass\nclass Decision:\n    amount: int\n    why: str = 'It is broken'\n"
    handlers = f"from dataclasses import dataclass\n\n{HANDLERS.replace('handlers = ', f'{fields}handlers = ')}"
    start, end = handlers.index("interrupt({"), handlers.index("}")
    handlers = f"{handlers[:start]}interrupt({asking}{handlers[end + 1 :]}"

    (outcome,) = hold(tmp_path, turn(FIFTY % f"asks: {expected}"), handlers=handlers)

    assert found(outcome) == []


def test_a_turn_that_asks_nothing_is_told_with_where_it_ended(tmp_path: Path) -> None:
    (outcome,) = hold(tmp_path, turn("{user: hi, reply: {message: How much?}, asks: paid}"))

    assert found(outcome) == ["asks: 'paid' | nothing; the turn came to its end, in 'ask'"]


def test_a_pause_that_nobody_expects_is_told_with_what_to_write(tmp_path: Path) -> None:
    (outcome,) = hold(tmp_path, turn(FIFTY % "state: paid"))

    (difference,) = outcome.turns[0].differences
    assert difference.found.startswith('it waits for an answer to {"question": "May it be')
    assert 'asks: {question: "May it be paid back?", amount: 50, by: [Ann]}\n  answer: …' in difference.advice


def test_each_answer_to_a_question_is_a_scenario_of_its_own(tmp_path: Path) -> None:
    outcomes = hold(tmp_path, PAUSED + GOES_ON % ("yes", YES) + GOES_ON % ("no", NO))

    assert [found(outcome) for outcome in outcomes] == [[], [], []]


def test_a_model_is_asked_once_for_a_pause_that_several_go_on_from(tmp_path: Path) -> None:
    (tmp_path / "handlers.py").write_text(HANDLERS, encoding="utf-8")
    asked = "- {name: a person is asked, turns: [{user: I want 50, asks: paid}]}\n"
    answers = f"{GOES_ON % ('yes', YES)}{GOES_ON % ('no', NO)}{GOES_ON % ('why', '{answer: Why?, asks: came broken}')}"
    file = read_scenarios(write(tmp_path, asked + answers, definition=REFUNDS))
    model = ScriptedModel(replies=['{"target_state": "decide", "updates": [{"amount": 50}]}'])
    runner = ScenarioRunner(file, model)

    assert [found(runner.run(scenario)) for scenario in file.scenarios] == [[], [], [], []]


def test_a_question_before_the_first_state_speaks_is_answered_too(tmp_path: Path) -> None:
    handlers = HANDLERS.replace('"POST_TRANSITION", state="decide"', '"CONTEXT_UPDATE", keys="amount"')

    outcomes = hold(tmp_path, after_the_pause(YES), handlers=handlers)

    assert [found(outcome) for outcome in outcomes] == [[], []]


def test_the_turn_with_the_answer_has_the_record_of_the_whole_turn(tmp_path: Path) -> None:
    whole = "path: [ask, decide, paid], why: proposed, told: [amount], changed: [amount, approved], calls: 2"

    outcomes = hold(tmp_path, turn(FIFTY % "asks: paid", f"{{answer: true, reply: Fine., {whole}}}"))

    assert [found(outcome) for outcome in outcomes] == [[]]


def test_until_the_answer_the_conversation_is_as_it_was(tmp_path: Path) -> None:
    begun = "{user: '', reply: How much?}"

    as_it_was, elsewhere = hold(
        tmp_path,
        turn(begun, FIFTY % "asks: paid, state: ask, all_data: {}, ended: false, says_not: way")
        + turn(begun, FIFTY % "asks: paid, state: decide").replace("one", "two"),
    )

    assert found(as_it_was) == []
    assert found(elsewhere) == ["state: 'decide' | 'ask'"]
    assert "Until its question is answered" in report(elsewhere)


def test_a_turn_may_ask_again(tmp_path: Path) -> None:
    outcomes = hold(tmp_path, after_the_pause("{answer: Why?, asks: came broken}", YES))

    assert [found(outcome) for outcome in outcomes] == [[], []]


def test_a_message_gives_the_question_up(tmp_path: Path) -> None:
    twenty = "{user: 'no, 20', reply: {target: decide, updates: {amount: 20}}, asks: {amount: 20}}"

    outcomes = hold(tmp_path, after_the_pause(twenty, "{answer: '', reply: [], says: Not 20}"))

    assert [found(outcome) for outcome in outcomes] == [[], []]


@pytest.mark.parametrize("answer", ["false", "0", "''", "[]", "{}"])
def test_an_answer_may_be_any_value_but_none(tmp_path: Path, answer: str) -> None:
    outcomes = hold(tmp_path, after_the_pause(f"{{answer: {answer}, reply: [], state: refused}}"))

    assert [found(outcome) for outcome in outcomes] == [[], []]


def test_a_turn_may_fail_on_its_answer_and_its_message_be_sent_again(tmp_path: Path) -> None:
    failing = "{answer: never, error: 'HandlerError: the desk is closed'}"
    again = "{user: I want 50, reply: [], asks: paid}"

    outcomes = hold(tmp_path, after_the_pause(failing, again, YES))

    assert [found(outcome) for outcome in outcomes] == [[], []]


def test_replies_to_the_calls_after_the_pause_belong_to_the_answer(tmp_path: Path) -> None:
    both = "{user: '50', reply: [{target: decide, updates: {amount: 50}}, It is paid.], asks: paid}"

    (outcome,) = hold(tmp_path, turn(both))

    assert found(outcome) == ["reply: 2 calls of the model | 1 call"]
    assert "belong to the turn with the answer" in report(outcome)


def test_what_the_caller_knows_waits_for_the_next_message(tmp_path: Path) -> None:
    goes_on = f"  context: {{amount: 7}}\n  turns:\n    - {NO}\n    - {{user: hi, reply: Bye!, data: {{amount: 7}}}}\n"

    outcomes = hold(tmp_path, f"{PAUSED}- name: then\n  given: a person is asked\n{goes_on}")

    assert [found(outcome) for outcome in outcomes] == [[], []]


def test_where_the_store_cannot_be_copied_the_pause_is_come_to_again(tmp_path: Path) -> None:
    (tmp_path / "database.py").write_text(ONE_WAY, encoding="utf-8")
    scenarios = after_the_pause(YES).replace("- name", "  - name").replace("- {name", "  - {name")
    scenarios = scenarios.replace("  turns", "    turns").replace("    - {user", "      - {user")

    outcomes = hold(tmp_path, f"store: database.py\nscenarios:\n{scenarios}")

    assert [found(outcome) for outcome in outcomes] == [[], []]


def test_a_secret_is_known_after_the_answer(tmp_path: Path) -> None:
    secret = REFUNDS.replace("{type: integer,", "{type: integer, secret: true,").replace("Not {{amount}}", "No")

    outcomes = hold(tmp_path, after_the_pause("{answer: false, reply: [], data: {amount: 50}}"), definition=secret)

    assert [found(outcome) for outcome in outcomes] == [[], []]


def test_a_sub_machine_may_ask(tmp_path: Path) -> None:
    handlers = HANDLERS.replace('"decide"', '"payment/paid"').replace('event.context["amount"]', "event.state")
    card = "{user: '4711', reply: {target: paid, updates: {number: '4711'}}, asks: {amount: payment/paid}}"

    outcomes = hold(
        tmp_path,
        turn(
            "{user: a lamp, reply: [{target: payment, updates: {item: lamp}}, Your card?], state: payment/card}",
            f"{card[:-1]}, state: payment/card}}",
            "{answer: true, reply: Bye!, state: done}",
        ),
        definition=PAYING,
        handlers=handlers.replace("return {", "return None and {"),
    )

    assert [found(outcome) for outcome in outcomes] == [[]]


TOOLS = """
from langchain_core.tools import tool
from langgraph.types import interrupt

@tool
def refund(amount: int) -> str:
    \"\"\"Pay money back.\"\"\"
    return f"paid back: {amount}" if interrupt({"tool": "refund", "amount": amount}) else "refused"

tools = [refund]
"""


def test_a_tool_may_ask(tmp_path: Path) -> None:
    definition = REFUNDS.replace("    required_context_keys", "    tools: [refund]\n    required_context_keys")

    outcomes = hold(
        tmp_path,
        turn(
            "{user: 50 back, reply: {tools: [{name: refund, args: {amount: 50}}]}, asks: {tool: refund}}",
            "{answer: true, reply: {message: Done.}, state: ask, says: Done}",
        ),
        definition=definition,
        handlers=HANDLERS + TOOLS,
    )

    assert [found(outcome) for outcome in outcomes] == [[]]


AT_ONCE = """
from typing import Annotated, TypedDict
from operator import add

from langchain_core.tools import tool
from langgraph.graph import StateGraph
from langgraph.types import interrupt

class Asked(TypedDict):
    said: Annotated[list[str], add]

graph = StateGraph(Asked)
for name in ("Ann", "Ben"):
    graph.add_node(name, lambda _, name=name: {"said": [interrupt(f"Does {name} agree?")]})
    graph.set_entry_point(name)
graph = graph.compile()

@tool
def ask_all() -> str:
    \"\"\"Ask everybody.\"\"\"
    return ", ".join(graph.invoke({"said": []})["said"])

tools = [ask_all]
"""


@pytest.mark.parametrize(("first", "second"), [("Ann", "Ben"), ("Ben", "Ann")])
def test_of_several_questions_the_one_that_is_expected_is_answered(tmp_path: Path, first: str, second: str) -> None:
    definition = REFUNDS.replace("    required_context_keys", "    tools: [ask_all]\n    required_context_keys")

    outcomes = hold(
        tmp_path,
        turn(
            f"{{user: hi, reply: {{tools: [{{name: ask_all}}]}}, asks: Does {first}}}",
            f"{{answer: 'yes', reply: [], asks: Does {second}}}",
            "{answer: 'no', reply: {message: Not all of them.}, says: Not all}",
        ),
        definition=definition,
        handlers=HANDLERS + AT_ONCE,
    )

    assert [found(outcome) for outcome in outcomes] == [[]]


TO_RECORD = """\
- name: it is paid
  turns:
    - user: 50 euros
      # The clerk.
      asks:
        amount: 50
    - answer: Why?   # hm
      asks: broken
    - answer: true
      state: paid
- name: it is not
  turns:
    - {user: 50 euros, asks: paid}
    - {answer: false, state: refused}
"""


def test_replies_are_recorded_each_where_its_call_was_made(tmp_path: Path) -> None:
    (tmp_path / "handlers.py").write_text(HANDLERS, encoding="utf-8")
    path = write(tmp_path, TO_RECORD, definition=REFUNDS)
    file = read_scenarios(path)
    runner = ScenarioRunner(file, recording="missing")
    record(path, recorded(file, [runner.run(scenario) for scenario in file.scenarios]))

    again = read_scenarios(path)
    replies = [[len(turn.reply or ()) for turn in scenario.turns] for scenario in again.scenarios]
    assert replies == [[1, 0, 1], [1, 0]]
    assert "    - answer: Why?   # hm\n      reply: []\n      asks: broken\n" in path.read_text(encoding="utf-8")
    held = ScenarioRunner(again, "nobody:nothing")
    assert [found(held.run(scenario)) for scenario in again.scenarios] == [[], []]


@pytest.mark.parametrize("chunk_size", [3, 1000], ids=["in pieces", "at once"])
def test_a_reply_on_which_the_turn_pauses_is_recorded_without_its_message(tmp_path: Path, chunk_size: int) -> None:
    before = HANDLERS.replace('"POST_TRANSITION", state="decide"', '"CONTEXT_UPDATE", keys="amount"')
    (tmp_path / "handlers.py").write_text(before, encoding="utf-8")
    file = read_scenarios(write(tmp_path, turn("{user: 50 euros, asks: paid}"), definition=REFUNDS))
    decision = '{"target_state": "decide", "updates": [{"amount": 50}], "message": "I shall see to it."}'
    runner = ScenarioRunner(file, ScriptedModel(replies=[decision], chunk_size=chunk_size), recording="missing")

    outcome = runner.run(file.scenarios[0])

    assert outcome.turns[0].replies == ({"target": "decide", "updates": {"amount": 50}},)


def test_all_turns_are_recorded_anew_with_their_answers(tmp_path: Path) -> None:
    (tmp_path / "handlers.py").write_text(HANDLERS, encoding="utf-8")
    file = read_scenarios(write(tmp_path, after_the_pause(YES.replace(", says: on its way", "")), definition=REFUNDS))
    runner = ScenarioRunner(file, recording="all")

    outcomes = [runner.run(scenario) for scenario in file.scenarios]

    assert [found(outcome) for outcome in outcomes] == [[], []]
    assert [*recorded(file, outcomes)] == [(0, "turns", 0), (1, "turns", 0)]


def test_a_pause_is_a_failure_for_ci_like_any_other(tmp_path: Path) -> None:
    outcomes = hold(tmp_path, turn(FIFTY % "asks: sure"))

    assert "message=\"asks: expected 'sure', found {&quot;question&quot;" in junit({tmp_path: outcomes}, {})


def test_what_comes_after_the_pause_is_covered_by_the_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "handlers.py").write_text(HANDLERS, encoding="utf-8")
    write(
        tmp_path,
        PAUSED + GOES_ON % ("yes", YES) + GOES_ON % ("no", NO),
        definition=REFUNDS,
    )
    monkeypatch.chdir(tmp_path)

    paused = call("test", "--coverage", "-k", "a person is asked")
    answered = call("test", "--coverage")

    assert ("0/4 0%" in paused.stdout, "state paid" in paused.stdout) == (True, True)
    assert [word for word in ("entered", "taken", "said") if f"never {word}" in answered.stdout] == []
