"""A picture shows where something was found, by signs that a legend explains."""

from __future__ import annotations

import re
from typing import Any

import pytest
from checking.machine_of_states import KNOWN, made, raw, to, way

from fsm_langgraph.checking import Finding
from fsm_langgraph.checking.flagged_picture import flagged_picture
from fsm_langgraph.drawing import Picture

INNER = raw({"x": {"transitions": [way("y", **KNOWN)]}, "y": {}})
MACHINE = made(
    {"a": to("b", "c"), "b": {**to("end"), "subflow": "in.ner"}, "c": {**to("end"), "subflow": "in.ner"}, "end": {}},
    subflows={"in.ner": INNER},
    global_transitions=[way("end", **KNOWN)],
)
INSIDE = 'subflows["in.ner"].states.x'


def signs(picture: Picture) -> dict[str, str]:
    """Return the signs of boxes and arrows, by what the picture writes beside them."""
    text = picture.mermaid()
    boxes = re.findall(r"<b>([^<▲△]+)</b> ([▲△]\d+(?: [▲△]\d+)*)", text)
    arrows = re.findall(r"<b>([▲△]\d+(?: [▲△]\d+)*)</b><br/>([^<]+)<", text)
    return dict(boxes) | {about: found for found, about in arrows}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        pytest.param("states.a", {"a": "▲1"}, id="a state"),
        pytest.param("states.a.purpose", {"a": "▲1"}, id="a field of it"),
        pytest.param("states.a.transitions[1]", {"to c": "▲1"}, id="a transition"),
        pytest.param("states.a.transitions[1].conditions[0].logic", {"to c": "▲1"}, id="a condition of it"),
        pytest.param("global_transitions[0].priority", {"to end": "▲1"}, id="a global transition"),
        pytest.param("initial_state", {"a": "▲1"}, id="the initial state"),
        pytest.param(INSIDE, {"x": "▲1"}, id="a state inside, wherever it runs"),
        pytest.param(f"{INSIDE}.transitions[0]", {"to y": "▲1"}, id="a transition inside"),
        pytest.param('subflows["in.ner"]', {"b": "▲1", "c": "▲1"}, id="a whole sub-machine"),
        pytest.param("context.size", {}, id="no part of the picture"),
        pytest.param("", {}, id="all of it"),
    ],
)
def test_a_finding_is_marked_at_its_place(path: str, found: Any) -> None:
    assert signs(flagged_picture(MACHINE, [Finding(path, "trap", "it is so.")])) == found


def test_findings_are_numbered_and_a_note_has_a_sign_of_its_own() -> None:
    found = [Finding("states.a", "trap", "one."), Finding("states.a", "idle-self-transition", "two.")]

    assert signs(flagged_picture(MACHINE, found)) == {"a": "▲1 △2"}


@pytest.mark.parametrize("written", [Picture.mermaid, Picture.dot], ids=["mermaid", "dot"])
def test_the_legend_tells_every_finding_and_where_the_picture_has_no_place_for_it(written: Any) -> None:
    found = [Finding("states.a", "trap", "one."), Finding("context.size", "idle-self-transition", "two.")]

    text = written(flagged_picture(MACHINE, found))

    assert "▲1 FSM103 one." in text
    assert "△2 FSM113 context.size: two." in text


def test_a_sub_machine_that_is_one_box_has_the_signs_of_all_inside() -> None:
    found = [Finding(f"{INSIDE}.transitions[0]", "trap", "one."), Finding("states.b", "trap", "two.")]

    assert signs(flagged_picture(MACHINE, found, xray=False)) == {"b": "▲1 ▲2", "c": "▲1"}


def test_a_tooltip_tells_the_finding_and_the_look_does_not_rest_on_colour() -> None:
    picture = flagged_picture(MACHINE, [Finding("states.end", "trap", "nobody comes out.")])

    [node] = [line for line in picture.dot().splitlines() if "<b>end</b>" in line]
    assert "▲1 FSM103 nobody comes out." in node.split("tooltip=")[1]
    assert 'penwidth="2.4"' in node
    assert "▲1</b>" in node


def test_the_arrow_that_is_marked_is_the_one_that_mermaid_counts() -> None:
    text = flagged_picture(MACHINE, [Finding("states.a.transitions[1]", "trap", "one.")]).mermaid()

    arrows = [line for line in text.splitlines() if re.search(r" (-->|-\.->|<-\.->)", line)]
    [number] = re.findall(r"linkStyle (\d+) stroke:#b4320a", text)
    assert "▲1" in arrows[int(number)]


def test_a_long_legend_is_cut_and_says_so() -> None:
    picture = flagged_picture(MACHINE, [Finding("states.a", "trap", f"number {n}.") for n in range(40)])

    assert "and 10 more" in picture.mermaid()
    assert "▲40" in picture.mermaid()


def test_a_picture_of_a_sound_machine_is_the_plain_one() -> None:
    assert flagged_picture(MACHINE, []).dot() == Picture(MACHINE).dot()
    assert flagged_picture(MACHINE, []).mermaid() == Picture(MACHINE).mermaid()


def test_svg_can_be_drawn() -> None:
    picture = flagged_picture(MACHINE, [Finding("states.a", "trap", 'a "quoted" <one> & \\N.')])

    assert "a &quot;quoted&quot; &lt;one&gt; &amp;" in picture.svg().decode()
