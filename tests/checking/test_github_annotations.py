from __future__ import annotations

from pathlib import Path

from checking.found import ERROR, NOTE, WARNING, accepted, at, checked, not_loaded

from fsm_langgraph.checking.outputs.github_annotations import annotation_lines


def test_each_finding_is_a_line_with_its_file_and_place(tmp_path: Path) -> None:
    file = checked(tmp_path, at(ERROR, tmp_path / "rooms.yaml", 3, 7), NOTE, taken=(accepted(WARNING, "Meant."),))

    assert [*annotation_lines([file], tmp_path)] == [
        "::error file=rooms.yaml,line=3,col=7,title=FSM031 unknown-target::"
        "states.done: no state is named 'dne'.%0ADid you mean 'done'?",
        "::notice file=rooms.yaml,title=FSM904 undecided::states.sort.transitions: `substr` is not followed.%0A"
        'For example where size was answered with "suite" and nights is not given.',
    ]


def test_what_separates_the_parts_is_escaped(tmp_path: Path) -> None:
    [line] = annotation_lines([not_loaded("a,b:100%.yaml", WARNING)], tmp_path)

    assert line == (
        "::warning file=a%2Cb%3A100%25.yaml,title=FSM902 stale-acceptance::"
        "check.accept[0]: it is not found: 100 %25 sure,%0Aso to say.%0ARemove it."
    )
