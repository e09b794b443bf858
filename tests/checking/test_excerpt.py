from __future__ import annotations

import pytest
from rich.cells import cell_len

from fsm_langgraph.cli.findings.excerpt import excerpt
from fsm_langgraph.errors import Place

LINES = ["states:", "  order: {id: order, purpose: Ask}", "  served:", "    purpose: Say"]
LONG = f'  a: "{"x" * 100}", target_state: b, description: {"y" * 100}'


def shown(line: int, column: int, lines: list[str] | None = None, *, width: int = 60) -> list[str]:
    return excerpt(lines or LINES, Place("f", line, column), width, style="red").plain.splitlines()


def test_a_place_is_shown_between_the_lines_around_it() -> None:
    assert shown(3, 3) == [
        "2 │   order: {id: order, purpose: Ask}",
        "3 │   served:",
        "  │   ^^^^^^",
        "4 │     purpose: Say",
    ]


@pytest.mark.parametrize(
    ("line", "column", "mark"),
    [
        (2, 11, "          ^^"),
        (2, 10, "         ^"),
        (2, 34, " " * 33 + "^"),
        (1, 1, "^^^^^^"),
        (1, 99, "       ^"),
    ],
    ids=["a word", "a sign", "the last sign", "the first word", "past the end"],
)
def test_the_mark_stands_under_what_is_meant(line: int, column: int, mark: str) -> None:
    assert f"  │ {mark}" in shown(line, column)


def test_a_text_in_quotes_is_marked_as_a_whole() -> None:
    assert shown(1, 4, ['a: "b, c: \\"d"']) == ['1 │ a: "b, c: \\"d"', "  │    ^^^^^^^^^^^"]


def test_wide_signs_and_tabs_move_the_mark_along() -> None:
    assert shown(1, 5, ["日本\t, b"])[1] == "  │ " + " " * (4 + 4 + 1) + "^"[:1].rjust(1)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_long_line_is_cut_on_both_sides_to_the_width(width: int) -> None:
    before, line, mark = shown(2, LONG.index("target") + 1, ["short", LONG], width=width)

    assert before == "1 │ short"
    assert max(map(cell_len, (before, line, mark))) <= width
    assert line.startswith("2 │ …x")
    assert line.endswith("…")
    start = mark.index("^")
    assert line[start : start + 12] == "target_state"
    assert mark.strip("│ ") == "^" * 12


def test_a_word_that_is_wider_than_the_terminal_is_marked_to_its_edge() -> None:
    line, mark = shown(1, 1, ["x" * 300], width=40)

    assert (cell_len(line), cell_len(mark)) == (40, 40)


def test_what_steers_a_terminal_is_written_as_an_escape() -> None:
    assert shown(1, 1, ["a\x1b[31m\u202eb"])[0] == "1 │ a\\u001b[31m\\u202eb"


@pytest.mark.parametrize("line", [0, 5])
def test_a_line_that_is_not_there_shows_nothing(line: int) -> None:
    assert shown(line, 1) == []
