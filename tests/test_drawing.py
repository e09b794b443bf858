from __future__ import annotations

import re
import sys
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from definitions import FOLDER
from syrupy.assertion import SnapshotAssertion

from fsm_langgraph import FSMDefinition, load_definition
from fsm_langgraph.drawing import DrawingError, draw_dot, draw_mermaid, draw_png, draw_svg

EVERYTHING = load_definition(FOLDER / "valid" / "everything.json")
SEED = load_definition(FOLDER / "valid" / "personal_information.json")

HOSTILE = [
    '"]}); --> x',
    "<script>alert(1)</script>",
    "&amp; & &lt; #quot; #35;",
    "\\N \\G \\E \\T ends with \\",
    "one\ntwo\r\n\tthree\x0bfour",
    "`code` **bold** _under_ *",
    "1. list",
    "- list",
    "日本語 ﷽ 👩‍👩‍👧 é",
    "\u202eright to left\ufffe\u0000",
    "x" * 500,
    "a word " * 200,
    "|pipe| {a} [b] (c) %% %{init}%",
]
NAMES = ["end", "graph", "subgraph", 'a"b<c>&d', "\\N", "<b>", "日本", "- x", "\u200b", "x" * 200]


def machine(*states: dict[str, Any], **fields: Any) -> FSMDefinition:
    listed = {state["id"]: {"description": "A state", "purpose": "p", **state} for state in states}
    return load_definition(
        {"name": "m", "description": "d", "initial_state": states[0]["id"], "states": listed, **fields}
    )


def edge(target: str, description: str = "Go", **fields: Any) -> dict[str, Any]:
    return {"target_state": target, "description": description, **fields}


def guarded(target: str, description: str = "Go", **fields: Any) -> dict[str, Any]:
    condition = {"description": "There is a key", "requires_context_keys": ["key"]}
    return edge(target, description, conditions=[condition], **fields)


def hostile_machine(text: str) -> FSMDefinition:
    condition = {"description": text, "requires_context_keys": [f"k{text}"], "logic": {"==": [text, 1]}}
    ways = [edge("b", text, conditions=[condition]), edge("a", text)]
    first = {
        "id": "a",
        "description": text,
        "purpose": text,
        "required_context_keys": [f"k{text}"],
        "transitions": ways,
    }
    return machine(first, {"id": "b", "description": text, "transitions": []}, name=text, description=text)


def texts(svg: bytes) -> str:
    """Return what a reader of the picture sees, less the invisible characters."""
    root = ET.fromstring(svg)  # noqa: S314 - it is our own
    return " ".join(text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text"))


def tooltips(svg: bytes) -> list[str]:
    root = ET.fromstring(svg)  # noqa: S314 - it is our own
    return [
        value.replace("\N{NO-BREAK SPACE}", " ")
        for element in root.iter()
        for name, value in element.items()
        if name.endswith("}title")
    ]


@pytest.mark.parametrize("definition", [EVERYTHING, SEED], ids=["everything", "seed"])
def test_mermaid_shows_the_machine(definition: FSMDefinition, snapshot: SnapshotAssertion) -> None:
    assert draw_mermaid(definition) == snapshot


@pytest.mark.parametrize("definition", [EVERYTHING, SEED], ids=["everything", "seed"])
def test_dot_shows_the_machine(definition: FSMDefinition, snapshot: SnapshotAssertion) -> None:
    assert draw_dot(definition) == snapshot


@pytest.mark.parametrize("text", HOSTILE, ids=[f"text{n}" for n in range(len(HOSTILE))])
def test_the_svg_of_any_text_is_xml_of_the_same_shape(text: str) -> None:
    svg = draw_svg(hostile_machine(text))

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
    svg = draw_svg(hostile_machine(text))

    assert text in texts(svg).replace("\u2060", "")
    assert any(f"if: {text}\n" in tip.replace("\u2060", "") for tip in tooltips(svg))


@pytest.mark.parametrize("text", HOSTILE, ids=[f"text{n}" for n in range(len(HOSTILE))])
def test_no_text_breaks_out_of_a_mermaid_label(text: str) -> None:
    drawn = draw_mermaid(hostile_machine(text))

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


@pytest.mark.parametrize("name", NAMES, ids=[ascii(name)[:12] for name in NAMES])
def test_any_state_id_can_be_drawn(name: str) -> None:
    definition = machine({"id": name, "transitions": [edge(name), edge("last")]}, {"id": "last", "transitions": []})

    ET.fromstring(draw_svg(definition))  # noqa: S314 - it is our own
    assert "\n    s0(" in draw_mermaid(definition)


def test_the_current_state_is_lit_and_visited_ones_are_tinted() -> None:
    svg = draw_svg(SEED, current="summary", visited=["welcome", "summary"]).decode()

    assert re.findall(r'class="node (state [^"]*(?:visited|current))"', svg) == [
        "state listens visited",
        "state listens visited current",
    ]


def test_a_tooltip_tells_all_of_a_transition() -> None:
    assert (
        "All is known\npriority 5\nif: The party is small enough\n  requires guests, day\n"
        '  logic {"and": [{"<=": [{"var": "guests"}, 12]}, {"!": [{"var": "confirmed"}]}]}'
    ) in tooltips(draw_svg(EVERYTHING))


def test_a_png_is_a_png() -> None:
    assert draw_png(SEED).startswith(b"\x89PNG\r\n")


@pytest.mark.parametrize(
    ("state", "numbered"),
    [
        ({"transitions": [guarded("b", "one"), guarded("c", "two", priority=1)]}, ["2 · one", "1 · two"]),
        ({"transitions": [edge("b", "one"), edge("c", "two")]}, []),
        ({"transitions": [guarded("b", "one"), edge("c", "two")]}, []),
        ({"transitions": [guarded("b", "one"), edge("c", "two")], "silent": True}, ["1 · one", "2 · two"]),
        (
            {"transitions": [guarded("b", "one"), edge("c", "two")], "decision": "logic"},
            ["1 · one", "2 · two"],
        ),
    ],
    ids=["two conditional", "none conditional", "one conditional", "silent", "decided by logic"],
)
def test_the_order_of_trial_is_shown_where_it_matters(state: dict[str, Any], numbered: list[str]) -> None:
    ends: list[dict[str, Any]] = [{"id": name, "transitions": []} for name in ("b", "c")]
    assert re.findall(r"\d · \w+", draw_mermaid(machine({"id": "a", **state}, *ends))) == numbered


@pytest.mark.parametrize(("length", "direction"), [(2, "LR"), (4, "LR"), (5, "TB"), (12, "TB")])
def test_short_machines_run_across_and_long_ones_down(length: int, direction: str) -> None:
    states = [{"id": f"n{i}", "transitions": [edge(f"n{i + 1}")]} for i in range(length - 1)]
    definition = machine(*states, {"id": f"n{length - 1}", "transitions": []})

    assert draw_mermaid(definition).startswith(f"flowchart {direction}\n")
    assert f"rankdir={direction}" in draw_dot(definition)


def test_a_state_that_cannot_be_reached_is_drawn_too() -> None:
    definition = machine({"id": "a", "transitions": []}, {"id": "lost", "transitions": [edge("a")]})
    assert "lost" in draw_mermaid(definition)
    assert "lost" in texts(draw_svg(definition))


def test_without_pygraphviz_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    with pytest.raises(DrawingError, match=re.escape("pip install 'fsm-langgraph[draw]'")):
        draw_svg(SEED)
