"""A definition loads, or one error tells everything that is wrong with it."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from definitions import BAD, BASE, FOLDER, VALID, Row, changed, read_yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import DefinitionError
from fsm_langgraph.loading import definition_schema, find_problems, load_definition

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=20,
)
EVERYTHING = read_yaml(FOLDER / "valid" / "everything.json")
WORDS = [
    "name",
    "id",
    "states",
    "context",
    "logic",
    "guests",
    "details",
    "greeting",
    "silent",
    "items",
    "_x",
    "",
]


@pytest.mark.parametrize("path", VALID, ids=lambda path: str(path.name))
def test_a_valid_file_loads(path: Path) -> None:
    assert find_problems(path) == []
    assert isinstance(load_definition(path), FSMDefinition)


@pytest.mark.parametrize("path", VALID, ids=lambda path: str(path.name))
def test_a_definition_that_is_written_out_loads_as_an_equal_one(path: Path) -> None:
    definition = load_definition(path)

    assert load_definition(definition.model_dump(exclude_defaults=True)) == definition
    assert load_definition(definition.model_dump(mode="json")) == definition
    assert load_definition(definition.model_dump_json(exclude_defaults=True)) == definition


def test_json_and_yaml_of_the_same_definition_load_as_equal_ones() -> None:
    folder = FOLDER / "valid"

    assert load_definition(folder / "everything.yaml") == load_definition(folder / "everything.json")


def test_words_that_yaml_once_took_for_booleans_stay_words() -> None:
    definition = load_definition(FOLDER / "valid" / "everything.yaml")

    smoking = definition.declared("smoking")
    assert smoking is not None
    assert smoking.enum == ("yes", "no")


def test_null_means_that_an_optional_field_is_absent() -> None:
    definition = load_definition(FOLDER / "valid" / "nulls.json")

    assert "context" not in definition.model_dump(exclude_defaults=True)
    assert definition.states["ask"].transitions[0].priority == 100


def test_the_text_of_a_definition_loads_like_its_file() -> None:
    path = FOLDER / "valid" / "personal_information.json"

    assert load_definition(path.read_text(encoding="utf-8")) == load_definition(str(path))


def test_a_definition_that_was_made_in_code_is_checked_and_returned() -> None:
    sound = FSMDefinition.model_validate(BASE)
    unsound = FSMDefinition.model_validate({**BASE, "initial_state": "start"})

    assert load_definition(sound) is sound
    with pytest.raises(DefinitionError, match="initial_state: no state is named 'start'"):
        load_definition(unsound)


@pytest.mark.parametrize("row", BAD, ids=str)
def test_a_bad_definition_has_exactly_these_problems(row: Row) -> None:
    assert [f"{problem.code}  {problem}" for problem in find_problems(changed(row.change))] == row.problems


@pytest.mark.parametrize("row", BAD, ids=str)
def test_loading_raises_one_error_with_every_problem(row: Row) -> None:
    with pytest.raises(DefinitionError) as caught:
        load_definition(changed(row.change))

    assert list(caught.value.problems) == find_problems(changed(row.change))


def test_the_error_names_the_file_and_tells_each_problem(tmp_path: Path) -> None:
    path = tmp_path / "order.json"
    path.write_text(json.dumps({**BASE, "initial_state": "greting", "persna": "A pirate"}))

    with pytest.raises(DefinitionError) as caught:
        load_definition(path)

    assert str(caught.value) == (
        f"{path}: 2 problems\n"
        f"{path}:1:88: initial_state: no state is named 'greting'.\n"
        "  Did you mean 'greeting'?  States: 'ask', 'farewell', 'greeting'.\n"
        f"{path}:1:675: persna: there is no field 'persna' here.\n"
        "  Did you mean 'persona'?  Fields: '$schema', 'check', 'context', 'description', 'fallback_message',"
        " 'global_transitions', 'initial_state', 'live_instructions', 'metadata', 'migrate', 'name',"
        " 'other_keys', …."
    )


def test_faults_of_the_text_stand_beside_those_of_the_definition() -> None:
    text = json.dumps({**BASE, "initial_state": "start"})
    text = text[:-1] + ', "metadata": {"a": 1, "a": NaN}, "persona": NaN}'

    assert [(problem.code, problem.path) for problem in find_problems(text)] == [
        ("unknown-initial-state", "initial_state"),
        ("duplicate-key", "metadata.a"),
        ("not-finite", "persona"),
    ]


def test_of_very_many_problems_the_first_are_told() -> None:
    problems = find_problems({**BASE, "states": {f"s{n}": {"id": "x"} for n in range(200)}})

    assert len(problems) == 101
    assert (problems[-1].code, problems[-1].message) == (
        "more-problems",
        "there are more than 100 problems; these are some of them.",
    )


def test_what_a_problem_quotes_is_cut() -> None:
    problems = find_problems({**BASE, "context": {"x" * 5000: {"enum": ["y" * 100_000], "type": "integer"}}})

    assert {len(problem.path) for problem in problems} >= {1000}
    assert max(len(problem.message) for problem in problems) == 1000


@pytest.mark.parametrize("source", [None, 3, [], b"{}", {1: 2}, "nowhere.json", ""])
def test_what_is_no_definition_at_all_is_a_problem_too(source: Any) -> None:
    assert find_problems(source)


@given(JSON)
def test_no_data_makes_the_check_raise(data: Any) -> None:
    assert find_problems(data)


@given(st.text())
def test_no_text_makes_the_check_raise(text: str) -> None:
    assert find_problems("{" + text)
    assert find_problems(text + "\n")


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A definition with every field, changed in a few places."""
    data = copy.deepcopy(EVERYTHING)
    for _ in range(draw(st.integers(1, 3))):
        place: Any = data
        steps = draw(st.integers(0, 7))
        while steps and (inner := [item for item in _items(place) if isinstance(item, dict | list)]):
            place = draw(st.sampled_from(inner))
            steps -= 1
        value = draw(st.sampled_from([None, [], {}, True, 0, -1.5, "", "{{", "name", ["name"]]) | JSON)
        if isinstance(place, dict):
            key = draw(st.sampled_from(sorted(place) + WORDS))
            place.pop(key, None)
            if draw(st.booleans()):
                place[key] = value
        elif place and draw(st.booleans()):
            place.pop()
        else:
            place.append(value)
    return data


def _items(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else list(value)


@given(mutated())
def test_a_changed_definition_loads_or_has_a_problem(data: Any) -> None:
    if problems := find_problems(data):
        with pytest.raises(DefinitionError) as caught:
            load_definition(data)
        assert list(caught.value.problems) == problems
    else:
        definition = load_definition(data)
        assert load_definition(definition.model_dump(exclude_defaults=True)) == definition


@given(mutated())
def test_a_changed_definition_that_loads_is_valid(data: Any) -> None:
    assert find_problems(data) or Draft202012Validator(definition_schema()).is_valid(data)


def test_only_those_who_write_yaml_wait_for_its_parser() -> None:
    code = "import sys, fsm_langgraph.loading; print('ruamel.yaml' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603  # our own words

    assert done.stdout.strip() == "False"


def test_of_a_file_that_is_no_definition_nothing_is_quoted(tmp_path: Path) -> None:
    (tmp_path / "passwords").write_text("swordfish\n")

    assert [problem.message for problem in find_problems(tmp_path / "passwords")] == ["must be an object, not a text."]


def test_a_long_name_is_to_be_shorter() -> None:
    (problem,) = [each for each in find_problems('{"name": "' + "x" * 201 + '"}') if each.code == "bad-name"]

    assert problem.advice == "Let the description tell the rest."
