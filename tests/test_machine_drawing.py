"""The Mermaid text of `get_graph()` is valid, whatever states are called and transitions described.

The forms below are those that Mermaid 11 itself was seen to read.
"""

from __future__ import annotations

import re

import pytest
from drawn import HOSTILE, NAMES, edge, hostile_machine, machine
from machines import FORM, SHOP

from fsm_langgraph import ScriptedModel, compile_fsm
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.graph.machine_drawing import MachineDrawing

WORDS = ["end", "end-of-day", "graph", "subgraph", "style-1", "click", "class", "default", "_self", "a--b", "(x) b"]
TEXTS = [*HOSTILE, "Done. e.g. 1.5", "a -.- b --> c -.-> d ==> e", "end", "---", "...", "@{x: y}", "{{name}}"]

ID = r"(?!(?:call|class|classDef|click|default|end|flowchart|graph|href|interpolate|linkStyle|style|subgraph)\b)"
ID += r"(?![\w\\-]*--)[\w\\-]+"
LABEL = r"&nbsp;(?:[^\"`#|{}\[\]()<>.;*\\]|#\d+;|<br>)*&nbsp;"
NODE_TEXT = r"[^\"|{}\[\]()]*"
STATEMENTS = re.compile(
    rf"(?:\t(?:{ID}\(\[?{NODE_TEXT}\]?\)(?::::\w+)?"
    rf"|{ID} (?:-\.->|-->|-\. {LABEL} \.->) {ID};"
    r"|subgraph (?!end\b)[\w -]+|end|classDef .*)\n)*"
)


def drawn(definition: FSMDefinition, *, xray: bool = True) -> str:
    return compile_fsm(definition, ScriptedModel(replies=[])).get_graph(xray=xray).draw_mermaid()


def unread(mermaid: str) -> str:
    """Return the text from the first statement on that is of no form that Mermaid reads."""
    statements = mermaid.partition("graph TD;\n")[2]
    return STATEMENTS.sub("", statements, count=1)


@pytest.mark.parametrize("text", TEXTS, ids=[f"text{n}" for n in range(len(TEXTS))])
def test_no_text_breaks_the_picture(text: str) -> None:
    assert unread(drawn(hostile_machine(text))) == ""


@pytest.mark.parametrize("name", [*NAMES, *WORDS])
def test_no_name_breaks_the_picture(name: str) -> None:
    inside = {
        "name": "s",
        "description": "d",
        "initial_state": name,
        "version": "3.0",
        "states": {name: {"id": name, "description": "d", "purpose": "p", "transitions": []}},
    }
    named = machine(
        {"id": "first", "transitions": [edge(name)]},
        {"id": name, "subflow": "s", "transitions": [edge("last")]},
        {"id": "last", "transitions": []},
        subflows={"s": inside},
    )
    assert unread(drawn(named)) == ""
    assert unread(drawn(named, xray=False)) == ""


def test_a_state_that_is_called_like_a_word_of_mermaids_keeps_its_name_on_the_picture() -> None:
    text = drawn(machine({"id": "a", "transitions": [edge("end")]}, {"id": "end", "transitions": []}))
    assert "\tstate_end(end<hr/>" in text
    assert "\ta -. &nbsp;Go&nbsp; .-> state_end;" in text


def test_two_names_never_become_one() -> None:
    states = ["end-x", "end--x", "state_end_x"]
    drawing: MachineDrawing = compile_fsm(
        machine(*({"id": id_, "transitions": [edge(id_)]} for id_ in states)), ScriptedModel(replies=[])
    ).get_graph()
    found = re.findall(r"^\t(\S+?)\(", drawing.draw_mermaid(), re.MULTILINE)
    assert len(set(found)) == len(drawing.nodes)


def test_plain_names_and_texts_are_drawn_as_langchain_draws_them() -> None:
    assert (
        "ask_name -. &nbsp;Go to ask_email&nbsp; .-> ask_email"
        in compile_fsm(FORM, ScriptedModel(replies=[])).get_graph().draw_mermaid()
    )


def test_the_options_are_langchains() -> None:
    drawing = compile_fsm(SHOP, ScriptedModel(replies=[])).get_graph()
    assert "classDef" not in drawing.draw_mermaid(with_styles=False)
