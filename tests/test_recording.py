"""Replies of a model are written into the file of scenarios, which then needs none; all else in it stays as it was."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest
from pydantic import JsonValue
from rehearsals import COFFEE, found, write

from fsm_langgraph.errors import ScenarioError
from fsm_langgraph.scenarios import ScenarioRunner, read_scenarios
from fsm_langgraph.scenarios.recording import record
from fsm_langgraph.scenarios.scenario_runner import recorded

GRAPHS = Path(__file__).parent.parent / "graphs"
WRITTEN = """\
# What the shop sells.
- name: an order   # in one message

  turns:
    - {user: "two lattes, please" , state: served}  # done
- name: 'step by step'
  turns:
    # The first one.
    - user: a latte   # no number
      state: order
    - user: |
        two of them,
        please
      # and so it ends
      state: served
- {name: it speaks first, turns: [{}, {state: order, user: hm}]}
"""
RECORDED = """\
# What the shop sells.
- name: an order   # in one message

  turns:
    - {user: "two lattes, please", reply: 1 , state: served}  # done
- name: 'step by step'
  turns:
    # The first one.
    - user: a latte   # no number
      reply: "2 'x'"
      state: order
    - user: |
        two of them,
        please
      reply: [{target: served}, "no"]
      # and so it ends
      state: served
- {name: it speaks first, turns: [{reply: 4}, {state: order, user: hm, reply: {updates: {"a b": null}}}]}
"""
REPLIES: dict[tuple[str | int, ...], list[JsonValue]] = {
    (0, "turns", 0): [1],
    (1, "turns", 0): ["2 'x'"],
    (1, "turns", 1): [{"target": "served"}, "no"],
    (2, "turns", 0): [4],
    (2, "turns", 1): [{"updates": {"a b": None}}],
}


def test_a_reply_is_put_where_its_turn_stands_and_all_else_stays(tmp_path: Path) -> None:
    path = write(tmp_path, WRITTEN)
    record(path, REPLIES)
    assert path.read_text(encoding="utf-8") == RECORDED


def test_recording_again_replaces_the_replies_alone(tmp_path: Path) -> None:
    path = write(tmp_path, WRITTEN)
    record(path, {steps: ["another", {"message": "one"}] for steps in REPLIES})
    record(path, REPLIES)
    assert path.read_text(encoding="utf-8") == RECORDED


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param(
            "- name: a\n  turns:\n    - state: order\n",
            "- name: a\n  turns:\n    - reply: hi\n      state: order\n",
            id="no user",
        ),
        pytest.param(
            "- name: a\n  turns:\n    - user: hm",
            "- name: a\n  turns:\n    - user: hm\n      reply: hi",
            id="at the end of the file",
        ),
        pytest.param(
            "- name: a\r\n  turns:\r\n    - user: hm\r\n      state: order\r\n",
            "- name: a\r\n  turns:\r\n    - user: hm\r\n      reply: hi\r\n      state: order\r\n",
            id="lines of Windows",
        ),
        pytest.param(
            "- name: a\r\n  # b\r\n  turns:\r\n    - {user: hm}\r\n",
            "- name: a\r\n  # b\r\n  turns:\r\n    - {user: hm, reply: hi}\r\n",
            id="lines of Windows, in braces",
        ),
        pytest.param(
            "- name: a\n  turns:\n    - reply:\n        - a\n        # y\n        - b\n      # then\n      user: x\n",
            "- name: a\n  turns:\n    - reply:\n        hi\n      # then\n      user: x\n",
            id="a list of replies before",
        ),
        pytest.param(
            "- name: a\n  turns:\n    - user: hm\n      reply: # to come\n      state: order\n",
            "- name: a\n  turns:\n    - user: hm\n      reply: hi # to come\n      state: order\n",
            id="a reply left empty",
        ),
        pytest.param(
            "- name: &a a\n  turns:\n    - user: *a\n      state: order\n",
            "- name: &a a\n  turns:\n    - reply: hi\n      user: *a\n      state: order\n",
            id="a user's text that stands elsewhere",
        ),
        pytest.param(
            "- name: a\r\n  turns:\n    - user: hm\n      state: order\n- {name: b, turns: [{}]}\n",
            "- name: a\r\n  turns:\n    - user: hm\r\n      reply: hi\n      state: order\n- {name: b, turns: [{}]}\n",
            id="lines of Windows among others",
        ),
        pytest.param(
            "- name: a\n  turns:\n    - answer: hm   # so\n      state: order\n",
            "- name: a\n  turns:\n    - answer: hm   # so\n      reply: hi\n      state: order\n",
            id="an answer",
        ),
        pytest.param(
            "- name: a\n  turns:\n    - answer:\n        b: [1,\n          2]  # y\n      # then\n      state: x\n",
            "- name: a\n  turns:\n    - answer:\n        b: [1,\n          2]  # y\n      reply: hi\n      # then\n"
            "      state: x\n",
            id="an answer of several lines",
        ),
        pytest.param(
            "- name: a\n  turns:\n    - answer:\n        a: |\n          b\n- {name: b, turns: [{}]}",
            "- name: a\n  turns:\n    - answer:\n        a: |\n          b\n      reply: hi\n- {name: b, turns: [{}]}",
            id="an answer that ends with a text",
        ),
        pytest.param(
            "- {name: a, turns: [{answer: {a: [1]}, state: x}]}\n",
            "- {name: a, turns: [{answer: {a: [1]}, reply: hi, state: x}]}\n",
            id="an answer in braces",
        ),
        pytest.param(
            '[{"name": "a", "turns": [{"user": "hm"}]}]',
            '[{"name": "a", "turns": [{"user": "hm", "reply": "hi"}]}]',
            id="JSON",
        ),
    ],
)
def test_every_layout_takes_a_reply(tmp_path: Path, written: str, expected: str) -> None:
    path = tmp_path / ("scenarios.json" if written.startswith("[") else "scenarios.yaml")
    path.write_bytes(written.encode())
    record(path, {(0, "turns", 0): ["hi"]})
    assert path.read_bytes().decode() == expected


ALIASES = {
    "turns": "- name: a\n  turns: &same\n    - {user: hm}\n- {name: b, turns: *same}\n",
    "a turn": "- name: a\n  turns:\n    - &same\n      user: hm\n- name: b\n  turns:\n    - *same\n",
}


@pytest.mark.parametrize("aliased", ALIASES.values(), ids=ALIASES)
def test_a_turn_that_an_alias_repeats_has_one_reply(tmp_path: Path, aliased: str) -> None:
    path = write(tmp_path, aliased)
    record(path, {(0, "turns", 0): ["hi"], (1, "turns", 0): ["hi"]})
    turns = [turn for scenario in read_scenarios(path).scenarios for turn in scenario.turns]
    assert [reply.text for turn in turns for reply in turn.reply or ()] == ["hi", "hi"]


@pytest.mark.parametrize("aliased", ALIASES.values(), ids=ALIASES)
def test_what_cannot_be_written_leaves_the_file_as_it_was(tmp_path: Path, aliased: str) -> None:
    path = write(tmp_path, aliased)
    with pytest.raises(ScenarioError, match="without an alias"):
        record(path, {(0, "turns", 0): ["one"], (1, "turns", 0): ["two"]})
    assert path.read_text(encoding="utf-8") == aliased
    assert sorted(each.name for each in tmp_path.iterdir()) == ["fsm.yaml", "scenarios.yaml"]


def test_the_file_keeps_its_permissions_and_stays_a_link(tmp_path: Path) -> None:
    path = write(tmp_path, WRITTEN)
    path.chmod(0o640)
    (tmp_path / "link.scenarios.yaml").symlink_to(path)
    record(tmp_path / "link.scenarios.yaml", REPLIES)
    assert (tmp_path / "link.scenarios.yaml").is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert path.read_text(encoding="utf-8") == RECORDED


def test_a_conversation_that_was_recorded_is_held_again_without_a_model(tmp_path: Path) -> None:
    path = write(tmp_path, WRITTEN)
    file = read_scenarios(path)
    outcomes = [ScenarioRunner(file, recording="missing").run(scenario) for scenario in file.scenarios]
    record(path, recorded(file, outcomes))

    again = read_scenarios(path)
    assert [turn.reply is None for scenario in again.scenarios for turn in scenario.turns] == [False] * 5
    held = [ScenarioRunner(again, "nobody:nothing").run(scenario) for scenario in again.scenarios]
    assert [found(outcome) for outcome in held] == [[], [], []]
    shown = [[turn.message for turn in outcome.turns] for outcome in outcomes]
    assert [[turn.message for turn in outcome.turns] for outcome in held] == shown


def test_a_scenario_that_fails_is_not_recorded(tmp_path: Path) -> None:
    file = read_scenarios(write(tmp_path, "- {name: one, turns: [{user: a latte, state: served}]}\n"))
    assert recorded(file, [ScenarioRunner(file, recording="missing").run(file.scenarios[0])]) == {}


def test_turns_with_replies_are_asked_again_only_where_all_are_recorded(tmp_path: Path) -> None:
    turns = "[{user: a latte, reply: {message: hm}}, {user: two lattes}]"
    file = read_scenarios(write(tmp_path, f"- {{name: one, turns: {turns}}}\n", definition=COFFEE))
    steps = [
        [*recorded(file, [ScenarioRunner(file, recording=which).run(file.scenarios[0])])]
        for which in ("missing", "all")
    ]
    assert steps == [[(0, "turns", 1)], [(0, "turns", 0), (0, "turns", 1)]]


def test_tools_sub_machines_and_refused_replies_are_recorded_too(tmp_path: Path) -> None:
    folder = tmp_path / "order_desk"
    shutil.copytree(GRAPHS / "order_desk", folder, ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / "scenarios.yaml"
    file = read_scenarios(path)
    runner = ScenarioRunner(file, recording="missing")
    record(path, recorded(file, [runner.run(scenario) for scenario in file.scenarios]))

    again = read_scenarios(path)
    replies = [reply for each in again.scenarios for turn in each.turns for reply in turn.reply or ()]
    assert any(reply.tools for reply in replies)
    held = ScenarioRunner(again, "nobody:nothing")
    assert [found(held.run(scenario)) for scenario in again.scenarios] == [[]] * len(again.scenarios)
