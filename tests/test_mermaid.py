"""Mermaid text: the machine as it is, whose texts break out of no label."""

from __future__ import annotations

import re

import pytest
from drawn import (
    HOSTILE,
    SHAPES,
    hostile_machine,
)
from syrupy.assertion import SnapshotAssertion

from fsm_langgraph.drawing import Picture


@pytest.mark.parametrize("shape", SHAPES)
def test_mermaid_shows_the_machine(shape: str, snapshot: SnapshotAssertion) -> None:
    assert SHAPES[shape].mermaid() == snapshot


@pytest.mark.parametrize("text", HOSTILE, ids=[f"text{n}" for n in range(len(HOSTILE))])
def test_no_text_breaks_out_of_a_mermaid_label(text: str) -> None:
    drawn = Picture(hostile_machine(text)).mermaid()

    markup = r"</?(?:b|i|small|br)/?>"
    label = r'"(?:[^"<>`#&\\|{}\[\]*]|\[(?=[^\]"]*\])|\]|#\d+;|' + markup + r')*"'
    shape = [
        r"flowchart LR",
        r'    start\(\(" "\)\):::start',
        rf"    s0\({label}\):::listens",
        rf"    s1\[\[{label}\]\]:::final",
        r"    start --> s0",
        rf"    s0 -->\|{label}\| s1",
        rf"    s0 -\.->\|{label}\| s0",
    ]
    for line, form in zip(drawn.split("\n"), shape, strict=False):
        assert re.fullmatch(form, line), line
