"""Sub-machines are found by name or by file, and one that would run itself is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from machines import FORM, Json, machine, state, to

from fsm_langgraph import DefinitionError, FSMDefinition, load_definition
from fsm_langgraph.loading import find_problems


def running(name: str) -> Json:
    """Write a machine whose first state runs this sub-machine."""
    return machine(state("outer", to("end"), subflow=name), state("end"))


def write(folder: Path, **files: Json) -> None:
    """Write definitions into a folder, as JSON."""
    for name, data in files.items():
        (folder / f"{name}.json").write_text(json.dumps(data), encoding="utf-8")


def test_a_file_is_found_beside_the_one_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    write(tmp_path, main=running("deep/middle.json"))
    write(tmp_path / "deep", middle=running("form.json"), form=FORM)

    definition = load_definition(tmp_path / "main.json")

    middle = definition.subflows["deep/middle.json"]
    assert middle.subflows["form.json"] == load_definition(FORM)


def test_a_name_is_found_in_the_definition_or_among_what_the_caller_gave(tmp_path: Path) -> None:
    write(tmp_path, form=FORM)
    form = load_definition(FORM)

    inline = load_definition({**running("form"), "subflows": {"form": FORM}})
    given = [
        load_definition(running("form"), subflows={"form": source})
        for source in (FORM, form, tmp_path / "form.json", json.dumps(FORM))
    ]

    assert inline.subflows == {"form": form}
    assert given == [inline] * 4


def test_what_the_caller_gave_is_found_by_sub_machines_too() -> None:
    definition = load_definition(running("middle"), subflows={"middle": running("form"), "form": FORM})

    assert definition.subflows["middle"].subflows["form"].name == "test"


def test_a_definition_made_in_code_is_linked_as_well() -> None:
    unlinked = FSMDefinition.model_validate(running("form"))

    assert load_definition(unlinked, subflows={"form": FORM}).subflows.keys() == {"form"}


def test_a_definition_made_in_code_has_what_its_sub_machines_find_around_them() -> None:
    unlinked = FSMDefinition.model_validate({**running("outer"), "subflows": {"outer": running("form"), "form": FORM}})

    definition = load_definition(unlinked)

    assert {"outer", "outer/outer", "outer/outer/done"} <= definition.by_path.keys()
    assert load_definition(definition) is definition
    assert load_definition(definition.model_dump_json(exclude_defaults=True)) == definition


def test_a_definition_with_its_sub_machines_is_whole_when_it_is_written_out(tmp_path: Path) -> None:
    write(tmp_path, main=running("form.json"), form=FORM)
    definition = load_definition(tmp_path / "main.json")

    assert load_definition(definition.model_dump_json(exclude_defaults=True)) == definition


def test_files_that_run_each_other_are_a_fault(tmp_path: Path) -> None:
    write(tmp_path, a=running("b.json"), b=running("a.json"))

    (problem,) = find_problems(tmp_path / "a.json")

    assert problem.code == "subflow-cycle"
    assert problem.path == 'subflows["b.json"].states.outer.subflow'
    assert (
        problem.message
        == f"the definition would run itself: {tmp_path}/a.json → {tmp_path}/b.json → {tmp_path}/a.json."
    )


def test_a_file_that_runs_itself_by_another_way_of_writing_it_is_a_fault(tmp_path: Path) -> None:
    write(tmp_path, a=running(f"../{tmp_path.name}/a.json"))

    (problem,) = find_problems(tmp_path / "a.json")

    assert problem.code == "subflow-cycle"
    assert problem.message.endswith(f"{tmp_path}/a.json → {tmp_path}/../{tmp_path.name}/a.json.")


def test_names_that_run_each_other_are_a_fault() -> None:
    (problem,) = find_problems(running("a"), subflows={"a": running("b"), "b": running("a")})

    assert problem.code == "subflow-cycle"
    assert "a → b → a" in problem.message


def test_a_sub_machine_that_runs_twice_is_no_cycle() -> None:
    twice = machine(state("one", to("two"), subflow="form"), state("two", to("end"), subflow="form"), state("end"))

    assert load_definition(twice, subflows={"form": FORM}).subflows.keys() == {"form"}


def test_a_sub_machine_finds_what_the_machine_around_it_has() -> None:
    definition = load_definition({**running("outer"), "subflows": {"outer": running("form"), "form": FORM}})

    assert definition.subflows["outer"].subflows["form"] == definition.subflows["form"]


def test_a_sub_machine_finds_what_a_machine_further_out_has(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    write(tmp_path, main={**running("deep/middle.json"), "subflows": {"form": FORM}})
    write(tmp_path / "deep", middle={**running("inner"), "subflows": {"inner": running("form")}})

    definition = load_definition(tmp_path / "main.json")

    inner = definition.subflows["deep/middle.json"].subflows["inner"]
    assert inner.subflows["form"] == definition.subflows["form"]


def test_the_nearest_sub_machine_of_a_name_is_the_one_that_runs() -> None:
    near = {**FORM, "name": "near"}
    middle = {**running("inner"), "subflows": {"form": near, "inner": running("form")}}

    definition = load_definition({**running("middle"), "subflows": {"middle": middle, "form": FORM}})

    inner = definition.subflows["middle"].subflows["inner"]
    assert inner.subflows["form"].name == "near"


def test_a_sub_machine_finds_its_own_where_it_is_written_wherever_it_runs() -> None:
    middle = {**running("form"), "subflows": {"name": {**FORM, "name": "near"}}}

    definition = load_definition(
        {**running("middle"), "subflows": {"middle": middle, "form": running("name"), "name": FORM}}
    )

    assert definition.subflows["middle"].subflows["form"].subflows["name"].name == "test"


@pytest.mark.parametrize(
    ("subflows", "faults"),
    [
        pytest.param(
            {"a": running("a")}, [("subflows.a.states.outer.subflow", "a → a")], id="a machine that names itself"
        ),
        pytest.param(
            {"a": running("b"), "b": running("a")},
            [("subflows.a.states.outer.subflow", "b → a → b"), ("subflows.b.states.outer.subflow", "a → b → a")],
            id="two that name each other",
        ),
        pytest.param(
            {"a": {**running("b"), "subflows": {"b": running("a")}}},
            [("subflows.a.subflows.b.states.outer.subflow", "a → b → a")],
            id="one inside that names the one around it",
        ),
    ],
)
def test_sub_machines_that_would_run_themselves_are_told_where_they_say_so(
    subflows: Json, faults: list[tuple[str, str]]
) -> None:
    problems = find_problems({**running("a"), "subflows": subflows})

    assert [(problem.path, problem.code) for problem in problems] == [(path, "subflow-cycle") for path, _ in faults]
    assert [problem.message for problem in problems] == [f"the definition would run itself: {c}." for _, c in faults]


def test_a_problem_of_a_sub_machine_that_two_machines_run_is_told_once_where_it_is_written() -> None:
    subflows = {"outer": running("form"), "form": {**FORM, "persna": "A pirate", "initial_state": "ask"}}

    problems = find_problems({**running("outer"), "subflows": subflows})

    assert [problem.path for problem in problems] == ["subflows.form.initial_state", "subflows.form.persna"]


def test_sub_machines_that_multiply_without_end_are_a_fault() -> None:
    twice = {
        f"m{i}": machine(
            state("one", to("two"), subflow=f"m{i + 1}"), state("two", to("end"), subflow=f"n{i + 1}"), state("end")
        )
        for i in range(20)
    }
    subflows = {**twice, **{name.replace("m", "n"): data for name, data in twice.items()}, "m20": FORM, "n20": FORM}

    problems = find_problems({**running("m0"), "subflows": subflows})

    assert [problem.code for problem in problems] == ["too-many-subflows"]


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [(None, "unreadable", "No such file"), ("{", "not-json", "is not JSON"), ("", "empty", "nothing in it")],
)
def test_a_file_that_cannot_be_read_is_told_where_it_is_named(
    text: str | None, code: str, message: str, tmp_path: Path
) -> None:
    write(tmp_path, main=running("form.json"))
    if text is not None:
        (tmp_path / "form.json").write_text(text)

    with pytest.raises(DefinitionError) as caught:
        load_definition(tmp_path / "main.json")

    (problem,) = caught.value.problems
    assert (problem.path, problem.code) == ("states.outer.subflow", code)
    assert problem.message.startswith(f"{tmp_path / 'form.json'}: ")
    assert message in problem.message


@pytest.mark.parametrize(
    ("beside", "advice"),
    [
        ({"form.json": FORM}, "Did you mean 'form.json'?"),
        ({"frm.yaml": FORM, "fomr.yaml": FORM}, "Did you mean 'fomr.yaml'?"),
        ({"form.json": {"password": "1"}}, ""),
        ({"form.txt": FORM}, ""),
        ({"receipt.json": FORM}, ""),
        ({}, ""),
    ],
    ids=["alike", "the most alike", "no definition", "no file of definitions", "another name", "nothing"],
)
def test_of_a_file_that_is_not_there_the_definition_is_named_that_was_meant(
    beside: Json, advice: str, tmp_path: Path
) -> None:
    write(tmp_path, main=running("fomr.json"))
    for name, data in beside.items():
        (tmp_path / name).write_text(json.dumps(data))

    (problem,) = find_problems(tmp_path / "main.json")

    assert problem.advice == advice


def test_a_key_given_twice_in_a_file_is_told_with_its_place(tmp_path: Path) -> None:
    write(tmp_path, main=running("form.json"))
    (tmp_path / "form.json").write_text(json.dumps(FORM).replace('"name": "test"', '"name": "test", "name": "again"'))

    (problem,) = find_problems(tmp_path / "main.json")

    assert problem.path == 'subflows["form.json"].name'


@pytest.mark.parametrize("name", ["../outside.json", "/outside.json", "deep/../../outside.json"])
def test_a_definition_names_nothing_outside_of_its_folder(tmp_path: Path, name: str) -> None:
    write(tmp_path, outside=FORM)
    (tmp_path / "given" / "deep").mkdir(parents=True)
    write(tmp_path / "given", main=running(name))

    (problem,) = find_problems(tmp_path / "given" / "main.json")

    assert (problem.path, problem.code) == ("states.outer.subflow", "outside-root")


def test_whether_there_is_something_outside_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    (tmp_path / "there").write_text("x")
    found = []
    for name in ("../there", "../not-there"):
        write(tmp_path / "given", main=running(name))
        found += [problem.message.replace(name, "") for problem in find_problems(tmp_path / "given" / "main.json")]

    assert found[0] == found[1]


def test_the_caller_may_let_more_in(tmp_path: Path) -> None:
    write(tmp_path, outside=FORM)
    (tmp_path / "given").mkdir()
    write(tmp_path / "given", main=running("../outside.json"))

    definition = load_definition(tmp_path / "given" / "main.json", root=tmp_path)

    assert definition.subflows["../outside.json"].name == "test"


def test_a_sub_machine_in_a_folder_below_may_name_one_in_the_root(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    write(tmp_path, main=running("deep/middle.json"), form=FORM)
    write(tmp_path / "deep", middle=running("../form.json"))

    middle = load_definition(tmp_path / "main.json").subflows["deep/middle.json"]

    assert middle.subflows["../form.json"].name == "test"


def test_a_definition_that_the_caller_names_by_its_path_has_a_root_of_its_own(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "deep").mkdir(parents=True)
    write(elsewhere, middle=running("form.json"), form=FORM)
    write(elsewhere / "deep", climbing=running("../form.json"))

    definition = load_definition(running("middle"), subflows={"middle": elsewhere / "middle.json"})
    (problem,) = find_problems(running("middle"), subflows={"middle": elsewhere / "deep" / "climbing.json"})

    assert definition.subflows["middle"].subflows["form.json"].name == "test"
    assert problem.code == "outside-root"


def test_a_definition_without_a_folder_names_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, form=FORM)
    monkeypatch.chdir(tmp_path)

    assert [problem.code for problem in find_problems(running("form.json"))] == ["unknown-subflow"]
    assert [problem.code for problem in find_problems(json.dumps(running("form.json")))] == ["unknown-subflow"]


@pytest.mark.parametrize("name", ["a" * 5000, "a" * 5000 + ".json", "a\0b", "", ".", "deep"])
def test_a_name_that_no_file_has_is_a_fault(tmp_path: Path, name: str) -> None:
    (tmp_path / "deep").mkdir()
    write(tmp_path, main=running(name))

    assert "states.outer.subflow" in {problem.path for problem in find_problems(tmp_path / "main.json")}


def test_a_large_sub_machine_that_many_run_is_counted_as_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fsm_langgraph.loading.linking.MAX_VALUES", 1_000)
    many = {**{f"m{i}": running("form") for i in range(50)}, "form": FORM}

    assert [problem.code for problem in find_problems({**running("m0"), "subflows": many})] == ["too-many-subflows"]
