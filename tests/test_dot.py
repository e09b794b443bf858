"""DOT, and the SVG made of it: the machine as it is, whose texts stay texts."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from drawn import (
    EVERYTHING,
    HOSTILE,
    SHAPES,
    WORDS,
    edge,
    hostile_machine,
    machine,
    name_of,
    texts,
    tooltips,
)
from syrupy.assertion import SnapshotAssertion

from fsm_langgraph.drawing import Picture


@pytest.mark.parametrize("shape", SHAPES)
def test_dot_shows_the_machine(shape: str, snapshot: SnapshotAssertion) -> None:
    assert SHAPES[shape].dot() == snapshot


@pytest.mark.parametrize("text", HOSTILE, ids=[f"text{n}" for n in range(len(HOSTILE))])
def test_the_svg_of_any_text_is_xml_of_the_same_shape(text: str) -> None:
    svg = Picture(hostile_machine(text)).svg()

    groups = [g.get("class", "") for g in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}g")]  # noqa: S314 - it is our own
    assert sorted(c for c in groups if c.startswith(("node", "edge"))) == [
        "edge",
        "edge guarded",
        "edge open",
        "node",
        "node state final",
        "node state listens",
    ]


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "&amp; & &lt;", "\\N \\G \\", '"quoted"'], ids=repr)
def test_a_picture_shows_a_text_as_it_was_written(text: str) -> None:
    svg = Picture(hostile_machine(text)).svg()

    assert text in texts(svg).replace("\u2060", "")
    assert any(f"if: {text}\n" in tip.replace("\u2060", "") for tip in tooltips(svg))


@pytest.mark.parametrize("text", HOSTILE, ids=[f"text{n}" for n in range(len(HOSTILE))])
def test_no_text_breaks_out_of_the_label_of_a_sub_machine(text: str) -> None:
    run = {
        "id": "run",
        "description": text,
        "purpose": text,
        "subflow": name_of(text),
        "transitions": [edge("end", text)],
    }
    inner = hostile_machine(text).model_dump(exclude_defaults=True)
    definition = machine(run, {"id": "end", "transitions": []}, subflows={name_of(text): inner})

    root = ET.fromstring(Picture(definition).svg())  # noqa: S314 - it is our own
    classes = [group.get("class", "") for group in root.iter("{http://www.w3.org/2000/svg}g")]
    assert classes.count("cluster state nests") == 1
    assert sum(name.startswith("node state") for name in classes) == 3
    assert re.search(
        r'^    subgraph s0\["(?:[^"<>`&\\|{}\[\]*]|#\d+;|</?(?:b|i|small|br)/?>)*"\]$',
        Picture(definition).mermaid(),
        re.M,
    )


def test_a_sub_machine_that_never_ends_can_be_drawn() -> None:
    inner = machine({"id": "a", "transitions": [edge("b")]}, {"id": "b", "transitions": [edge("a")]})
    run = {"id": "run", "transitions": [edge("end")], "subflow": "inner"}
    definition = machine(run, {"id": "end", "transitions": []}, subflows={"inner": inner.model_dump()})

    assert "s0_1 -> s1 [label=" in Picture(definition).dot()


def test_a_tooltip_names_every_state_where_global_transitions_are_not_open() -> None:
    names = [letter * 20 for letter in "abc"]
    states = [{"id": name, "transitions": [edge("stop")], "global_transitions": False} for name in names]
    stop = {"target_state": "stop", "description": "Stop"}
    definition = machine(*states, {"id": "stop", "transitions": []}, global_transitions=[stop])

    told = f"In any state in which the user is heard, but not in: {', '.join(names)}"
    assert told in tooltips(Picture(definition).svg())


def test_an_arrow_that_leads_back_leaves_the_order_of_the_states_alone() -> None:
    definition = machine(
        {"id": "a", "transitions": [edge("b")]},
        {"id": "b", "transitions": [edge("a", "Back"), edge("c")]},
        {"id": "c", "transitions": []},
    )
    drawn = re.findall(r"  (s\d -> s\d) .*?(dir=\"back\"|$)", Picture(definition).dot(), re.MULTILINE)
    assert drawn == [("s0 -> s1", ""), ("s0 -> s1", 'dir="back"'), ("s1 -> s2", "")]


def test_a_tooltip_tells_the_words_of_a_transition_and_what_a_state_says() -> None:
    told = tooltips(Picture(WORDS).svg())

    assert (
        "All is known\npriority 100\nfires false\nif: It is right\n  requires ok\n  confirms number, slot\n"
        "if: Allergies were asked for\n  answered allergies"
    ) in told
    assert "collect\np\nsays: Your prescription {{number}} is ready." in told


def test_a_tooltip_tells_all_of_a_transition() -> None:
    assert (
        "All is known\npriority 5\nif: The party is small enough\n  requires guests, day\n"
        '  logic {"and": [{"<=": [{"var": "guests"}, 12]}, {"!": [{"var": "confirmed"}]}]}'
    ) in tooltips(Picture(EVERYTHING).svg())
