from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pygraphviz
import pytest
from definitions import FOLDER
from machines import SHOP
from syrupy.assertion import SnapshotAssertion

from fsm_langgraph import FSMDefinition, load_definition
from fsm_langgraph.drawing import DrawingError, Picture
from fsm_langgraph.drawing.rendering import render_png, render_svg

EVERYTHING = load_definition(FOLDER / "valid" / "everything.json")
SEED = load_definition(FOLDER / "valid" / "personal_information.json")

NESTED = load_definition(SHOP)

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
    transitions = [edge("b", text, conditions=[condition]), edge("a", text)]
    first = {
        "id": "a",
        "description": text,
        "purpose": text,
        "required_context_keys": [f"k{text}"],
        "transitions": transitions,
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


SHAPES = {
    "everything": Picture(EVERYTHING),
    "seed": Picture(SEED),
    "nested": Picture(NESTED),
    "flat": Picture(NESTED, xray=False),
    "conversation": Picture(
        NESTED, current="payment/code", visits={"cart": 2, "payment": 1, "payment/card": 1, "payment/code": 3}
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_mermaid_shows_the_machine(shape: str, snapshot: SnapshotAssertion) -> None:
    assert SHAPES[shape].mermaid() == snapshot


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


@pytest.mark.parametrize("text", HOSTILE, ids=[f"text{n}" for n in range(len(HOSTILE))])
def test_no_text_breaks_out_of_the_label_of_a_sub_machine(text: str) -> None:
    run = {"id": "run", "description": text, "purpose": text, "subflow": text, "transitions": [edge("end", text)]}
    inner = hostile_machine(text).model_dump(exclude_defaults=True)
    definition = machine(run, {"id": "end", "transitions": []}, subflows={text: inner})

    root = ET.fromstring(Picture(definition).svg())  # noqa: S314 - it is our own
    classes = [group.get("class", "") for group in root.iter("{http://www.w3.org/2000/svg}g")]
    assert classes.count("cluster state nests") == 1
    assert sum(name.startswith("node state") for name in classes) == 3
    assert re.search(
        r'^    subgraph s0\["(?:[^"<>`&\\|{}\[\]*]|#\d+;|</?(?:b|i|small|br)/?>)*"\]$',
        Picture(definition).mermaid(),
        re.M,
    )


@pytest.mark.parametrize("name", NAMES, ids=[ascii(name)[:12] for name in NAMES])
def test_any_state_id_can_be_drawn(name: str) -> None:
    definition = machine({"id": name, "transitions": [edge(name), edge("last")]}, {"id": "last", "transitions": []})

    ET.fromstring(Picture(definition).svg())  # noqa: S314 - it is our own
    assert "\n    s0(" in Picture(definition).mermaid()


def looks(picture: Picture) -> dict[str, str]:
    """Return the classes of each state that an SVG shows, by the first line of its tooltip."""
    root = ET.fromstring(picture.svg())  # noqa: S314 - it is our own
    named = {}
    for group in root.iter("{http://www.w3.org/2000/svg}g"):
        classes = (group.get("class") or "").split()
        if "state" in classes:
            link = next(group.iter("{http://www.w3.org/2000/svg}a"))
            title = link.get("{http://www.w3.org/1999/xlink}title") or ""
            named[title.split("\n")[0]] = " ".join(classes[classes.index("state") + 1 :])
    return named


def test_the_current_state_is_lit_and_visited_ones_are_tinted_and_counted() -> None:
    picture = Picture(SEED, current="summary", visits={"welcome": 1, "summary": 2})

    found = {name: look for name, look in looks(picture).items() if look != "listens"}
    assert found == {"welcome": "listens visited", "summary": "listens visited current", "end": "final"}
    assert re.findall(r"\N{MULTIPLICATION SIGN}\d", texts(picture.svg())) == [
        "\N{MULTIPLICATION SIGN}1",
        "\N{MULTIPLICATION SIGN}2",
    ]


def test_in_a_sub_machine_the_inner_state_is_lit_and_what_is_around_it() -> None:
    assert looks(Picture(NESTED, current="payment/code", visits={"payment": 1, "payment/code": 1})) == {
        "cart": "listens",
        "payment": "nests visited current",
        "card": "listens",
        "code": "listens visited current",
        "paid": "final",
        "thanks": "listens",
        "cancelled": "final",
        "hours": "returns",
    }


def test_a_flat_picture_lights_the_state_that_runs_the_sub_machine() -> None:
    flat = looks(Picture(NESTED, current="payment/code", xray=False))

    assert flat["payment"] == "nests current"
    assert "code" not in flat


def test_a_state_that_is_no_more_is_not_lit() -> None:
    assert "current" not in Picture(SEED, current="gone", visits={"gone": 1}).svg().decode()


def test_every_state_of_machines_in_machines_is_drawn() -> None:
    inner = SHOP["subflows"]["pay"]
    for level in range(3):
        run = {"id": "run", "transitions": [edge("over")], "subflow": "inner"}
        inner = machine(run, {"id": "over", "transitions": []}, subflows={"inner": inner}, name=f"m{level}").model_dump(
            exclude_defaults=True
        )
    svg = Picture(load_definition(inner)).svg()

    assert texts(svg).split().count("run") == 3
    assert texts(svg).split().count("over") == 3
    assert len(re.findall(r'class="cluster state nests"', svg.decode())) == 3
    assert "card" in texts(svg)


def test_a_sub_machine_that_leads_to_its_own_state_can_be_drawn() -> None:
    pay = {"id": "pay", "transitions": [guarded("pay", "Again"), edge("end")], "subflow": "inner"}
    inner = machine({"id": "ask", "transitions": [edge("done")]}, {"id": "done", "transitions": []})
    definition = machine(pay, {"id": "end", "transitions": []}, subflows={"inner": inner.model_dump()})

    assert "Again" in texts(Picture(definition).svg())
    assert "s0_1 -->|" in Picture(definition).mermaid()
    assert "| s0_start" in Picture(definition).mermaid()


def test_a_sub_machine_that_never_ends_can_be_drawn() -> None:
    inner = machine({"id": "a", "transitions": [edge("b")]}, {"id": "b", "transitions": [edge("a")]})
    run = {"id": "run", "transitions": [edge("end")], "subflow": "inner"}
    definition = machine(run, {"id": "end", "transitions": []}, subflows={"inner": inner.model_dump()})

    assert "s0_1 -> s1 [label=" in Picture(definition).dot()


@pytest.mark.parametrize(
    ("out", "told"),
    [([], ""), (["a"], "but a"), (["a", "b"], "but a, b"), ([c * 20 for c in "abc"], "but 3 of them")],
    ids=["none", "one", "two", "many"],
)
def test_the_states_where_global_transitions_are_not_open_are_told(out: list[str], told: str) -> None:
    stop = {"target_state": "stop", "description": "Stop"}
    ends: list[dict[str, Any]] = [
        {"id": name, "transitions": [edge("stop")], "global_transitions": False} for name in out
    ]
    first = {"id": "first", "transitions": [edge("stop"), *(edge(name) for name in out)]}
    definition = machine(first, *ends, {"id": "stop", "transitions": []}, global_transitions=[stop])

    assert f"<small>in any state{'<br/>' if told else ''}{told}</small>" in Picture(definition).mermaid()


def test_a_tooltip_names_every_state_where_global_transitions_are_not_open() -> None:
    names = [letter * 20 for letter in "abc"]
    states = [{"id": name, "transitions": [edge("stop")], "global_transitions": False} for name in names]
    stop = {"target_state": "stop", "description": "Stop"}
    definition = machine(*states, {"id": "stop", "transitions": []}, global_transitions=[stop])

    told = f"In any state in which the user is heard, but not in: {', '.join(names)}"
    assert told in tooltips(Picture(definition).svg())


def test_a_state_of_a_sub_machine_that_opts_out_is_told_by_its_path() -> None:
    inner = machine(
        {"id": "card", "transitions": [edge("paid")], "global_transitions": False}, {"id": "paid", "transitions": []}
    )
    definition = machine(
        {"id": "pay", "transitions": [edge("stop")], "subflow": "inner"},
        {"id": "stop", "transitions": []},
        subflows={"inner": inner.model_dump()},
        global_transitions=[{"target_state": "stop", "description": "Stop"}],
    )
    assert "but pay/card" in Picture(definition).mermaid()


def test_a_state_shows_the_tools_that_it_may_use() -> None:
    picture = Picture(machine({"id": "a", "tools": ["look_up", "book"], "transitions": []}))

    assert "uses look_up, book" in picture.mermaid()
    assert "uses look_up, book" in texts(picture.svg())


def test_digressions_come_back_and_where_they_end_is_no_end() -> None:
    picture = Picture(NESTED)

    assert 'anywhere <-.->|"<small>The user asks<br/>when we are open</small>"| s4' in picture.mermaid()
    assert "and back" in texts(picture.svg())
    assert "edge open digression" in picture.svg().decode()
    assert looks(picture)["hours"] == "returns"


def test_a_state_that_is_reached_otherwise_too_is_an_end() -> None:
    transitions = [{"target_state": "end", "description": "Digress", "return": True}]
    definition = machine(
        {"id": "a", "transitions": [edge("end")]}, {"id": "end", "transitions": []}, global_transitions=transitions
    )
    assert looks(Picture(definition))["end"] == "final"


def test_an_arrow_that_leads_back_leaves_the_order_of_the_states_alone() -> None:
    definition = machine(
        {"id": "a", "transitions": [edge("b")]},
        {"id": "b", "transitions": [edge("a", "Back"), edge("c")]},
        {"id": "c", "transitions": []},
    )
    drawn = re.findall(r"  (s\d -> s\d) .*?(dir=\"back\"|$)", Picture(definition).dot(), re.MULTILINE)
    assert drawn == [("s0 -> s1", ""), ("s0 -> s1", 'dir="back"'), ("s1 -> s2", "")]


def test_a_tooltip_tells_all_of_a_transition() -> None:
    assert (
        "All is known\npriority 5\nif: The party is small enough\n  requires guests, day\n"
        '  logic {"and": [{"<=": [{"var": "guests"}, 12]}, {"!": [{"var": "confirmed"}]}]}'
    ) in tooltips(Picture(EVERYTHING).svg())


def test_a_png_is_a_png() -> None:
    assert Picture(SEED).png().startswith(b"\x89PNG\r\n")


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
    assert re.findall(r"\d · \w+", Picture(machine({"id": "a", **state}, *ends)).mermaid()) == numbered


@pytest.mark.parametrize(("length", "direction"), [(2, "LR"), (4, "LR"), (5, "TB"), (12, "TB")])
def test_short_machines_run_across_and_long_ones_down(length: int, direction: str) -> None:
    states = [{"id": f"n{i}", "transitions": [edge(f"n{i + 1}")]} for i in range(length - 1)]
    definition = machine(*states, {"id": f"n{length - 1}", "transitions": []})

    assert Picture(definition).mermaid().startswith(f"flowchart {direction}\n")
    assert f"rankdir={direction}" in Picture(definition).dot()


def test_a_state_that_cannot_be_reached_is_drawn_too() -> None:
    definition = machine({"id": "a", "transitions": []}, {"id": "lost", "transitions": [edge("a")]})
    assert "lost" in Picture(definition).mermaid()
    assert "lost" in texts(Picture(definition).svg())


def test_without_pygraphviz_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    with pytest.raises(DrawingError, match=re.escape("pip install 'fsm-langgraph[draw]'")):
        Picture(SEED).svg()


@pytest.mark.parametrize("draw", [render_svg, render_png])
def test_what_graphviz_cannot_draw_is_an_error(draw: Callable[[str], bytes]) -> None:
    with pytest.raises(DrawingError, match="Graphviz could not draw it"):
        draw("digraph { a -> ")


def test_a_graphviz_that_cannot_shrink_pngs_draws_them_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    small = Picture(SEED).png()
    draw = pygraphviz.AGraph.draw

    def without_gd(graph: Any, *args: Any, format: str, **options: Any) -> Any:  # noqa: A002 - its name
        if ":" in format:
            raise ValueError("no such format")
        return draw(graph, *args, format=format, **options)

    monkeypatch.setattr(pygraphviz.AGraph, "draw", without_gd)

    assert Picture(SEED).png().startswith(b"\x89PNG\r\n")
    assert len(Picture(SEED).png()) > len(small)
