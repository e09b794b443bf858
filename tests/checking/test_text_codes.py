"""Each code of texts and access is found in its example, and nothing at all in what mends it."""

from __future__ import annotations

import pytest
from checked import found

from fsm_langgraph.checking.codes.code import Code
from fsm_langgraph.checking.codes.text_codes import TEXT_CODES


@pytest.mark.parametrize("code", TEXT_CODES, ids=lambda code: code.name)
def test_the_example_has_the_fault_and_no_other(code: Code) -> None:
    assert {finding.code for finding in found(code.example)} == {code.name}


@pytest.mark.parametrize("code", TEXT_CODES, ids=lambda code: code.name)
def test_what_mends_it_has_none(code: Code) -> None:
    assert found(code.mended) == []
