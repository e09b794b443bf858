"""A file of scenarios is read with its definition, and every mistake in it is told, with its line and the near miss."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rehearsals import ASKED, COFFEE, ORDERED, turn, write

from fsm_langgraph.errors import DefinitionError, ScenarioError
from fsm_langgraph.scenarios import find_scenario_files, read_scenarios

SHOP = COFFEE.replace("name: Coffee", "name: Shop")


def _problems(path: Path) -> list[str]:
    with pytest.raises(ScenarioError) as raised:
        read_scenarios(path)
    error = raised.value
    return [
        f"{problem.place.line}:{problem.place.column} {problem.path} {problem.code}: {problem.message} {problem.advice}"
        for problem in error.problems
        if problem.place is not None
    ]


MISTAKES = {
    "a field of a turn": (turn("{user: hi, stat: order}"), "3:18 [0].turns[0].stat unknown-field", "'state'?"),
    "a field of another part": (turn("{user: hi, given: one}"), "3:18 [0].turns[0].given", "belongs to a scenario"),
    "a field of a reply": (
        turn("{reply: {mesage: hi}}"),
        "3:16 [0].turns[0].reply[0].mesage unknown-field",
        "'message'?",
    ),
    "a field of the file": ("nwo: x\nscenarios: [{name: one, turns: [{}]}]\n", "1:1 nwo unknown-field", "'now'?"),
    "no name": ("- turns: [{user: hi}]\n", "1:3 [0] missing-field: the field 'name'", "Its name"),
    "no turns": ("- {name: one, turns: []}\n", "1:15 [0].turns empty", "at least one"),
    "a number": (turn("{user: 5}"), "3:8 [0].turns[0].user wrong-type", 'in quotes: "5"'),
    "a state": (turn("{state: servd}"), "3:8 [0].turns[0].state unknown-state", "'served'?"),
    "a state on the way": (turn("{path: [order, servd]}"), "3:22 [0].turns[0].path[1] unknown-state", "'served'?"),
    "a target": (turn("{reply: {target: servd}}"), "3:16 [0].turns[0].reply[0].target", "'served'?"),
    "a target by its path": (
        turn("{reply: {target: shop/served}}"),
        "3:16 [0].turns[0].reply[0].target",
        "without a path: 'served'",
    ),
    "a key of a reply": (turn("{reply: {updates: {cop: 1}}}"), "3:26 [0].turns[0].reply[0].updates.cop", "'cups'"),
    "a key": (turn("{data: {cop: 1}}"), "3:15 [0].turns[0].data.cop undeclared-key", "'cups'"),
    "a key of all": (turn("{all_data: {cop: 1}}"), "3:19 [0].turns[0].all_data.cop undeclared-key", "'cups'"),
    "a key of the machine's": (turn("{data: {_stays: 1}}"), "3:15 [0].turns[0].data._stays machine-key", "leads to"),
    "a key told": (turn("{told: [cop]}"), "3:15 [0].turns[0].told[0] undeclared-key", "'cups'"),
    "a key of the caller": (
        "- {name: one, context: {cup: 1}, turns: [{}]}\n",
        "1:25 [0].context.cup undeclared-key",
        "'cups'?",
    ),
    "a reason": (turn("{why: fierd}"), "3:8 [0].turns[0].why unknown-value", "'fired'?"),
    "a closed target": (turn("{closed: {servd: cups}}"), "3:17 [0].turns[0].closed.servd unknown-state", "'served'?"),
    "an error": (turn("{error: StuckEror}"), "3:8 [0].turns[0].error unknown-error", "'StuckError'?"),
    "a pattern": (turn("{says: /(/}"), "3:8 [0].turns[0].says[0] bad-pattern", "unterminated"),
    "a time": ("- {name: one, now: tomorrow, turns: [{}]}\n", "1:15 [0].now bad-time", "2026-11-26T17:00:00Z"),
    "a time of no year": (
        "- {name: one, now: '0001-01-01T00:00:00+01:00', turns: [{}]}\n",
        "1:15 [0].now bad-time",
        "2026",
    ),
    "a label with a period": (
        "- {name: one, stored: [{namespace: [a.b], key: k, value: {}}], turns: [{}]}\n",
        "1:25 [0].stored[0].namespace bad-namespace",
        "without periods",
    ),
    "a label of LangGraph's": (
        "- {name: one, stored: [{namespace: [langgraph], key: k, value: {}}], turns: [{}]}\n",
        "1:25 [0].stored[0].namespace bad-namespace",
        "langgraph",
    ),
    "a mark that is no name": ("- {name: one, marks: [_slow], turns: [{}]}\n", "1:23 [0].marks[0] bad-mark", "letter"),
    "a blank name": ('- {name: " ", turns: [{}]}\n', "1:4 [0].name bad-name", "one line"),
    "a name of two lines": ('- {name: "a\\nb", turns: [{}]}\n', "1:4 [0].name bad-name", "one line"),
    "an endless name": (f"- {{name: {'x' * 201}, turns: [{{}}]}}\n", "1:4 [0].name bad-name", "200"),
    "an option": (
        "- {name: one, options: {max_step: 3}, turns: [{}]}\n",
        "1:25 [0].options.max_step unknown-option",
        "'max_steps'?",
    ),
    "a scenario": ("- {name: one, given: won, turns: [{}]}\n", "1:15 [0].given unknown-scenario", "'one'"),
    "a name given twice": ("- {name: one, turns: [{}]}\n" * 2, "2:4 [1].name duplicate-name", "of its own"),
    "a circle": (
        "- {name: a, given: b, turns: [{}]}\n- {name: b, given: a, turns: [{}]}\n",
        "1:13 [0].given circle",
        "'a' → 'b' → 'a'",
    ),
    "a record of a turn that fails": (
        turn("{error: StuckError, path: [order]}"),
        "3:27 [0].turns[0].path contradiction",
        "one or the other",
    ),
    "a message with an answer": (
        turn("{user: a, asks: sure}", "{answer: true, user: b}"),
        "4:22 [0].turns[1].user contradiction: an answer goes on with the turn before",
        "turn of its own",
    ),
    "the caller's keys with an answer": (
        turn("{user: a, asks: sure}", "{answer: true, context: {cups: 1}}"),
        "4:22 [0].turns[1].context contradiction: an answer goes on with the turn before",
        "turn of its own",
    ),
    "an answer to nothing": (
        turn("{user: a}", "{answer: true}"),
        "4:8 [0].turns[1].answer no-question: the turn before it asks nothing",
        "'asks: …'",
    ),
    "an answer that comes first": (turn("{answer: true}"), "3:8 [0].turns[0].answer no-question", "'user: …'"),
    "an answer to another one's end": (
        turn("{user: a}") + "- {name: two, given: one, turns: [{answer: 1}]}\n",
        "4:36 [1].turns[0].answer no-question",
        "'asks: …'",
    ),
    "an answer to a turn that has failed on one": (
        turn("{user: a, asks: sure}", "{answer: 1, error: StuckError}", "{answer: 2}"),
        "5:8 [0].turns[2].answer no-question",
        "'user: …'",
    ),
    "an answer that is left empty": (
        turn("{user: a, asks: sure}", "{answer: }"),
        "4:8 [0].turns[1].answer empty: there is nothing in it, so that nothing is answered",
        "leave it out",
    ),
    "a record of a turn that waits": (
        turn("{asks: sure, calls: 1}"),
        "3:20 [0].turns[0].calls contradiction: a turn that waits for an answer has no record yet",
        "the turn with the answer",
    ),
    "an error of a turn that waits": (
        turn("{asks: sure, error: StuckError}"),
        "3:20 [0].turns[0].error contradiction: a turn that waits",
        "one or the other",
    ),
    "a pattern of a question": (turn("{asks: /(/}"), "3:8 [0].turns[0].asks bad-pattern", "unterminated"),
    "a pattern below a key": (turn("{asks: {by: /(/}}"), "3:15 [0].turns[0].asks.by bad-pattern", "unterminated"),
    "any question": (turn('{asks: ""}'), "3:8 [0].turns[0].asks empty", "leave it out"),
    "a question without keys": (turn("{asks: {}}"), "3:8 [0].turns[0].asks empty", "leave it out"),
    "a question that all have": (turn("{asks: /.*/}"), "3:8 [0].turns[0].asks always-so", "every text"),
    "a question that is left empty": (turn("{asks: }"), "3:8 [0].turns[0].asks empty", "leave it out"),
    "two forms of a reply": (
        turn("{reply: {text: hm, message: hm}}"),
        "3:26 [0].turns[0].reply[0].message contradiction",
        "one or the other",
    ),
    "a state that is left empty": (turn("{state: }"), "3:8 [0].turns[0].state empty", "leave it out"),
    "an end that is left empty": ("- {name: one, ended: , turns: [{}]}\n", "1:15 [0].ended empty", "leave it out"),
    "no data": (turn("{data: {}}"), "3:8 [0].turns[0].data empty", "leave it out"),
    "nothing closed": (turn("{closed: []}"), "3:8 [0].turns[0].closed empty", "leave it out"),
    "any error": (turn('{error: ""}'), "3:8 [0].turns[0].error empty", "leave it out"),
    "an empty text": (turn('{says: [latte, ""]}'), "3:22 [0].turns[0].says[1] always-so", "leave it out"),
    "a pattern that all texts have": (turn("{says: /.*/}"), "3:8 [0].turns[0].says always-so", "every text"),
    "a reason that all have": (turn("{closed: {served: /x*/}}"), "3:17 [0].turns[0].closed.served always-so", "every"),
    "a flag of other languages": (turn("{says_not: /latte/g}"), "3:8 [0].turns[0].says_not[0] bad-pattern", "'g'"),
    "no definition": ("definition: x.yaml\nscenarios: [{name: one, turns: [{}]}]\n", "1:1 definition", "no file"),
    "a definition": (COFFEE, "2:1  wrong-type: it is a definition", "beside it, in scenarios.yaml"),
    "no scenarios": ("5\n", "1:1  wrong-type", "list of scenarios"),
    "a key given twice": (turn("{user: a, user: b}"), "3:17 [0].turns[0].user duplicate-key", "first one"),
}


@pytest.mark.parametrize(("written", "place", "advice"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_its_line_and_the_near_miss(
    tmp_path: Path, written: str, place: str, advice: str
) -> None:
    problems = _problems(write(tmp_path, written))
    assert problems[0].startswith(place)
    assert advice in problems[0]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    written = turn("{user: hi, stat: x, state: servd, data: {cop: 1}}", "{why: fierd}")
    places = [problem.split(" ")[1] for problem in _problems(write(tmp_path, written))]
    assert places == ["[0].turns[0].stat", "[0].turns[0].state", "[0].turns[0].data.cop", "[0].turns[1].why"]


def test_of_an_answer_nothing_is_told_where_the_question_is_misspelt(tmp_path: Path) -> None:
    (problem,) = _problems(write(tmp_path, turn("{user: a, aks: sure}", "{answer: true}")))
    assert problem.startswith("3:17 [0].turns[0].aks unknown-field")
    assert "'asks'" in problem


def test_the_sentence_names_the_file_and_the_line(tmp_path: Path) -> None:
    path = write(tmp_path, turn("{stat: order}"))
    with pytest.raises(ScenarioError, match="1 problem") as raised:
        read_scenarios(path)
    assert f"{path}:3:8: [0].turns[0].stat: there is no field 'stat' here." in str(raised.value)


def test_a_file_that_cannot_be_read_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"scenarios.yaml:2:4: is not YAML"):
        read_scenarios(write(tmp_path, "- {name: one\n  x: ]"))


def test_a_text_in_place_of_a_reply_may_hold_anything(tmp_path: Path) -> None:
    file = read_scenarios(write(tmp_path, turn("""{reply: '{"target_state": "nowhere"}'}""")))
    (reply,) = file.scenarios[0].turns[0].reply or ()
    assert reply.text == '{"target_state": "nowhere"}'


def test_the_problems_of_the_definition_are_told_as_its_own(tmp_path: Path) -> None:
    path = write(tmp_path, turn(ORDERED % ""), definition=COFFEE.replace("target_state: served", "target_state: x"))
    with pytest.raises(DefinitionError, match="no state is named 'x'"):
        read_scenarios(path)


@pytest.mark.parametrize(
    ("name", "others", "expected"),
    [
        pytest.param("scenarios.yaml", ["fsm.yaml", "shop.yaml"], "fsm.yaml", id="the fsm there"),
        pytest.param("shop.scenarios.yaml", ["fsm.yaml", "shop.yaml"], "shop.yaml", id="the one of the same name"),
        pytest.param("tea.scenarios.yaml", ["fsm.yaml", "shop.yaml"], "fsm.yaml", id="or else the fsm there"),
        pytest.param("scenarios.yaml", ["shop.yaml"], "shop.yaml", id="or else the only one there"),
    ],
)
def test_the_definition_is_found_beside(tmp_path: Path, name: str, others: list[str], expected: str) -> None:
    for other in others:
        (tmp_path / other).write_text(SHOP, encoding="utf-8")
    (tmp_path / "notes.json").write_text("{}", encoding="utf-8")
    (tmp_path / name).write_text(turn("{user: hi}"), encoding="utf-8")
    assert read_scenarios(tmp_path / name).definition_path == tmp_path / expected


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ([], "no definition lies beside it.\n  Name one: 'definition: fsm.yaml'"),
        (
            ["a.yaml", "b.yaml"],
            "several definitions lie beside it: 'a.yaml', 'b.yaml'.\n  Name one, 'definition: a.yaml'",
        ),
    ],
    ids=["none", "several"],
)
def test_a_definition_that_is_not_plain_is_to_be_named(tmp_path: Path, others: list[str], told: str) -> None:
    for other in others:
        (tmp_path / other).write_text(SHOP, encoding="utf-8")
    (tmp_path / "scenarios.yaml").write_text(turn("{user: hi}"), encoding="utf-8")
    with pytest.raises(ScenarioError, match=re.escape(told)):
        read_scenarios(tmp_path / "scenarios.yaml")


def test_a_definition_elsewhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "shop.yaml").write_text(SHOP, encoding="utf-8")
    path = tmp_path / "tests" / "scenarios.yaml"
    path.write_text("definition: ../shop.yaml\nscenarios: [{name: one, turns: [{}]}]\n", encoding="utf-8")
    assert read_scenarios(path).definition.name == "Shop"


def test_the_file_sets_for_all_what_a_scenario_does_not_set_itself(tmp_path: Path) -> None:
    written = """
        handlers: false
        now: 2026-11-26T17:00:00Z
        marks: slow
        options: {max_steps: 3, history_limit: 4}
        scenarios:
          - {name: one, turns: [{}]}
          - {name: two, handlers: beside, marks: [live], options: {max_steps: 5}, turns: [{}]}
    """
    one, two = read_scenarios(write(tmp_path, written)).scenarios
    assert (one.handlers, one.marks, one.options) == ("", ("slow",), {"max_steps": 3, "history_limit": 4})
    assert (two.handlers, two.marks, two.options) == ("beside", ("slow", "live"), {"max_steps": 5, "history_limit": 4})
    assert one.now == two.now


def test_json_is_read_with_its_lines(tmp_path: Path) -> None:
    path = write(tmp_path, '[\n  {"name": "one",\n   "turns": [{"stat": "order"}]}\n]', name="scenarios.json")
    assert _problems(path)[0].startswith("3:15 [0].turns[0].stat")


def test_files_of_scenarios_are_found_below_folders_and_hidden_ones_are_not(tmp_path: Path) -> None:
    names = [
        "a/scenarios.yaml",
        "a/b/x.scenarios.json",
        ".venv/scenarios.yaml",
        "a/my_scenarios.yaml",
        "a/scenarios.md",
    ]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    named = tmp_path / "a" / "my_scenarios.yaml"
    assert find_scenario_files([tmp_path]) == [tmp_path / "a/b/x.scenarios.json", tmp_path / "a/scenarios.yaml"]
    assert find_scenario_files([named]) == [named]


def test_the_line_of_a_scenario_is_known(tmp_path: Path) -> None:
    file = read_scenarios(write(tmp_path, turn(ASKED % "") + "\n# the second\n- {name: two, turns: [{}]}\n"))
    assert [file.line_of(scenario) for scenario in file.scenarios] == [1, 6]


@pytest.mark.parametrize(
    "expected",
    [
        "all_data: {}",
        "told: []",
        "changed: []",
        "rejected: []",
        "says: /^$/",
        'says: "/^(?!.*tea)/"',
        "closed: {served: }",
        "asks: {reason: null}",
        "asks: {reason: /.*/}",
        "asks: false",
    ],
)
def test_an_expectation_that_can_fail_may_be_empty(tmp_path: Path, expected: str) -> None:
    """Nothing is as good an expectation as anything, where something could be found."""
    assert read_scenarios(write(tmp_path, turn(f"{{{expected}}}"))).scenarios
