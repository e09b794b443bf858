"""Machines to draw, and what a reader sees of their pictures."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

from definitions import FOLDER
from machines import SHOP, accepted

from fsm_langgraph import FSMDefinition, load_definition
from fsm_langgraph.drawing import Picture

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
    "\u202eright to left\ufffe",
    "x" * 500,
    "a word " * 200,
    "|pipe| {a} [b] (c) %% %{init}%",
]
NAMES = ["end", "graph", "subgraph", 'a"b<c>&d', "\\N", "<b>", "日本", "- x", "\u00b7", "x" * 200]


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


def name_of(text: str) -> str:
    """Return as much of a text as may be a name: in one, nothing is hidden, and it ends somewhere."""
    return "".join(sign for sign in f"k{text}" if sign.isprintable())[:200].strip()


def hostile_machine(text: str) -> FSMDefinition:
    key = name_of(text)
    condition = {"description": text, "requires_context_keys": [key], "logic": {"==": [text, 1]}}
    transitions = [edge("b", text, conditions=[condition]), edge("a", text)]
    first = {
        "id": "a",
        "description": text,
        "purpose": text,
        "required_context_keys": [key],
        "transitions": transitions,
    }
    return machine(first, {"id": "b", "description": text, "transitions": []}, name=key, description=text)


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


WORDS = machine(
    {
        "id": "order",
        "required_context_keys": ["number", "slot"],
        "optional_context_keys": ["allergies"],
        "ask": "missing",
        "transitions": [
            edge(
                "collect",
                "All is known",
                fires=False,
                conditions=[
                    {"description": "It is right", "requires_context_keys": ["ok"], "confirms": ["number", "slot"]},
                    {"description": "Allergies were asked for", "answered_context_keys": ["allergies"]},
                ],
            ),
            guarded("order", "Another slot", ask="always", fires=True, priority=200),
        ],
    },
    {"id": "collect", "silent": True, "say": "Your prescription {{number}} is ready.", "transitions": [edge("end")]},
    {"id": "end", "say": "Goodbye! " + "Stay well. " * 20},
    name="Pharmacy",
    revision="2026-05",
    check={"accept": [accepted("never-collected", "It is drawn, and nobody talks to it.")]},
    context={
        "number": {"type": "string", "grounded": True, "description": "The prescription's number"},
        "slot": {"type": "string", "depends_on": ["number"], "description": "When it is collected"},
        "allergies": {"type": "array"},
        "ok": {"type": "boolean"},
        "key": {"type": "string"},
    },
)
"""A machine that says what people mean: each of the words that a picture shows."""

SHAPES = {
    "words": Picture(WORDS),
    "everything": Picture(EVERYTHING),
    "seed": Picture(SEED),
    "nested": Picture(NESTED),
    "flat": Picture(NESTED, xray=False),
    "conversation": Picture(
        NESTED, current="payment/code", visits={"cart": 2, "payment": 1, "payment/card": 1, "payment/code": 3}
    ),
}


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
