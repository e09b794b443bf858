from __future__ import annotations

import re
from dataclasses import replace

import pytest
from problems_page import PAGE

from fsm_langgraph.checking import CODES, code_named
from fsm_langgraph.checking.outputs.codes_page import code_text, codes_page


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == codes_page(), "write it anew: make problems"


def test_each_code_has_a_section_whose_anchor_is_its_number() -> None:
    page = codes_page()

    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == [code.number for code in CODES.values()]
    assert re.findall(r"\(#(\w+)\)", page) == [code.number.lower() for code in CODES.values()]


def test_a_code_is_told_with_its_example_and_what_mends_it() -> None:
    told = code_text(code_named("unknown-initial-state"))

    assert told.startswith(
        "`unknown-initial-state`, an error: a conversation that begins in a state that there is not."
    )
    assert "```yaml\nname: Coffee\n" in told
    assert "-initial_state: srved\n+initial_state: served\n" in told


def test_of_an_example_that_takes_hundreds_of_lines_the_middle_is_left_out() -> None:
    code = code_named("unreadable")
    long = replace(code, example="".join(f"line {n}\n" for n in range(2000)), mended="line 0\n")

    told = code_text(long).splitlines()

    assert len(told) < 120
    assert told.count("# … 1,950 lines more") == 2  # in the example, and in what mends it
    assert "line 1999" in told


def test_a_code_that_no_definition_shows_says_why() -> None:
    assert code_text(code_named("unreadable")).endswith(
        "There is no example. It is about the file, whatever stands in it.\n"
    )


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.name)
def test_no_line_of_the_prose_is_longer_than_the_other_pages_have_it(code: object) -> None:
    prose = re.sub(r"```.*?```", "", code_text(code), flags=re.DOTALL)  # type: ignore[arg-type] # of the table

    assert [line for line in prose.splitlines()[1:] if len(line) > 120] == []
