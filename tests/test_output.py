from __future__ import annotations

import io

import pytest
from rich.console import Console

from fsm_langgraph.cli.output import Flow, say, show_table

TEXT = "Hello and welcome! I shall ask for your name.\n\n  And then:  goodbye."


def written(pieces: list[str], *, width: int = 20, column: int = 0, terminal: bool = True) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=terminal, color_system=None, markup=False)
    flow = Flow(console, column=column)
    for piece in pieces:
        flow.write(piece)
    flow.close()
    return file.getvalue()


def test_a_text_is_broken_between_words() -> None:
    assert written([TEXT]) == ("Hello and welcome! I\nshall ask for your\nname.\n\n  And then:\ngoodbye.\n")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_a_text_is_broken_in_the_same_way_however_it_comes(size: int) -> None:
    pieces = [TEXT[at : at + size] for at in range(0, len(TEXT), size)]
    assert written(pieces) == written([TEXT])


def test_what_stands_before_a_text_takes_its_place() -> None:
    assert written(["Hello and welcome!"], column=11) == "Hello and\nwelcome!\n"


def test_outside_a_terminal_nothing_is_broken() -> None:
    assert written([TEXT], terminal=False) == TEXT + "\n"


def test_a_word_is_written_when_it_is_whole() -> None:
    file = io.StringIO()
    flow = Flow(Console(file=file, width=20), column=0)
    flow.write("Hel")
    assert file.getvalue() == ""
    flow.write("lo wor")
    assert file.getvalue() == "Hello"


def test_a_text_without_blanks_does_not_wait_for_its_end() -> None:
    file = io.StringIO()
    flow = Flow(Console(file=file, width=80), column=0)
    flow.write("日本語" * 10)
    assert file.getvalue() == "日本語" * 8


@pytest.mark.parametrize(
    ("terminal", "written"),
    [(True, "why  one two\n     three\n"), (False, "why  one two three\n")],
    ids=["terminal", "pipe"],
)
def test_a_wrapped_line_goes_on_below_its_own_beginning(terminal: bool, written: str) -> None:
    file = io.StringIO()
    say(Console(file=file, width=12, force_terminal=terminal, color_system=None), "why  ", "one two three", hang=5)
    assert file.getvalue() == written


@pytest.mark.parametrize("terminal", [True, False])
def test_a_line_is_wrapped_in_a_terminal_only(terminal: bool) -> None:
    file = io.StringIO()
    say(Console(file=file, width=10, force_terminal=terminal, color_system=None), "one two three four")
    assert file.getvalue() == ("one two \nthree four\n" if terminal else "one two three four\n")


def table(width: int, *, terminal: bool = True) -> list[str]:
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=terminal, color_system=None)
    show_table(
        console, ("state", "reads", "tokens"), [("complaint", "severity, pain_level", "1,366"), ("end", "", "9")]
    )
    return [line.rstrip() for line in file.getvalue().splitlines()]


def test_a_row_of_a_piped_table_is_a_line() -> None:
    assert table(10, terminal=False)[2:] == [
        "complaint   severity, pain_level   1,366",
        "end                                9",
    ]


def test_a_narrow_terminal_wraps_cells_between_words() -> None:
    assert table(32)[2:] == ["complaint   severity,     1,366", "            pain_level", "end                       9"]


def test_a_terminal_too_narrow_for_words_has_lines_instead_of_a_table() -> None:
    assert table(24) == [
        "complaint",
        "    reads: severity,",
        "    pain_level",
        "    tokens: 1,366",
        "end",
        "    tokens: 9",
    ]


def test_a_name_stays_whole_where_a_list_can_give_way() -> None:
    file = io.StringIO()
    console = Console(file=file, width=42, force_terminal=True, color_system=None)
    row = ("insurance/insured", "asks", "a_key, another_key, a_third_key")
    show_table(console, ("state", "kind", "collects"), [row])
    assert [line.rstrip() for line in file.getvalue().splitlines()][2:] == [
        "insurance/insured   asks   a_key,",
        "                           another_key,",
        "                           a_third_key",
    ]
