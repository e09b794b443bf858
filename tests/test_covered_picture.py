"""The picture of a machine in the colours of its coverage."""

from __future__ import annotations

import re
from pathlib import Path

from drawn import looks
from lamp_shop import DEFINITION
from machines import SHOP

from fsm_langgraph import load_definition
from fsm_langgraph.drawing import Picture
from fsm_langgraph.testing.coverage.covered_picture import coverage_marks, covered_picture
from fsm_langgraph.testing.coverage.measured import Measured, measured


def shop(tmp_path: Path) -> Measured:
    """Measure a shop of which an order was covered, and its end was reached by one way of two."""
    file = tmp_path / "fsm.yaml"
    file.write_text(DEFINITION)
    found = measured(file, load_definition(file))
    for item in found.items.values():
        if not item.place.startswith(("bye", "ask.transitions[1]", "confirm.transitions[1]")):
            found.seen |= {(item.kind, item.place, outcome) for outcome in item.outcomes}
    found.seen.remove(("condition", "confirm.transitions[0].conditions[0]", "false"))
    return found


def test_a_transition_is_covered_with_its_conditions_and_a_state_with_its_transitions(tmp_path: Path) -> None:
    assert coverage_marks(shop(tmp_path)) == {
        "ask": "partly",
        "ask.transitions[0]": "covered",
        "ask.transitions[1]": "missed",
        "confirm": "partly",
        "confirm.transitions[0]": "partly",
        "confirm.transitions[1]": "missed",
        "done": "covered",
        "bye": "missed",
    }


def test_the_drawing_has_the_colours(tmp_path: Path) -> None:
    picture = covered_picture(shop(tmp_path))

    assert looks(picture) == {
        "ask": "listens partly",
        "confirm": "listens partly",
        "done": "final covered",
        "bye": "final missed",
    }
    assert re.findall(r"class s(\d) (\w+)", picture.mermaid()) == [
        ("0", "partly"),
        ("1", "partly"),
        ("2", "covered"),
        ("3", "missed"),
    ]


def test_mermaid_colours_the_arrow_that_is_meant_in_a_sub_machine_too() -> None:
    marks = {
        "payment/card.transitions[0]": "covered",
        "cart.transitions[0]": "missed",
        "global_transitions[1]": "partly",
    }
    drawn = Picture(load_definition(SHOP), marks=marks).mermaid()  # type: ignore[arg-type]  # they are the literals

    arrows = [line for line in drawn.splitlines() if re.search(r"-->|-\.->", line)]
    coloured = {int(number): colour for number, colour in re.findall(r"linkStyle (\d+) stroke:(#\w+)", drawn)}
    assert {arrows[number].strip().partition(" ")[0]: colour for number, colour in coloured.items()} == {
        "s1_0": "#15803d",
        "s0": "#b91c1c",
        "anywhere": "#a16207",
    }
