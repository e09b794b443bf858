"""Boxes and arrows: every state is drawn, by what it does and where the conversation stands."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from drawn import (
    NAMES,
    NESTED,
    SEED,
    edge,
    guarded,
    looks,
    machine,
    texts,
)
from machines import SHOP

from fsm_langgraph import Transition, load_definition
from fsm_langgraph.drawing import Picture
from fsm_langgraph.drawing.captions import notes_on


@pytest.mark.parametrize("name", NAMES, ids=[ascii(name)[:12] for name in NAMES])
def test_any_state_id_can_be_drawn(name: str) -> None:
    definition = machine({"id": name, "transitions": [edge(name), edge("last")]}, {"id": "last", "transitions": []})

    ET.fromstring(Picture(definition).svg())  # noqa: S314 - it is our own
    assert "\n    s0(" in Picture(definition).mermaid()


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


@pytest.mark.parametrize(
    ("state", "numbered"),
    [
        ({"transitions": [guarded("b", "one"), guarded("c", "two", priority=1)]}, ["2 · one", "1 · two"]),
        ({"transitions": [edge("b", "one"), edge("c", "two")]}, []),
        ({"transitions": [guarded("b", "one"), edge("c", "two")]}, []),
        ({"transitions": [guarded("b", "one"), edge("c", "two")], "silent": True}, ["1 · one", "2 · two"]),
        ({"transitions": [guarded("b", "one"), guarded("b", "one")]}, ["1 · one", "2 · one"]),
        (
            {"transitions": [guarded("b", "one"), edge("c", "two")], "decision": "logic"},
            ["1 · one", "2 · two"],
        ),
    ],
    ids=["two conditional", "none conditional", "one conditional", "silent", "two alike", "decided by logic"],
)
def test_the_order_of_trial_is_shown_where_it_matters(state: dict[str, Any], numbered: list[str]) -> None:
    ends: list[dict[str, Any]] = [{"id": name, "transitions": []} for name in ("b", "c")]
    assert re.findall(r"\d · \w+", Picture(machine({"id": "a", **state}, *ends)).mermaid()) == numbered


def test_a_handoff_is_noted_at_its_arrow() -> None:
    handing_over = Transition(target_state="ask", description="To the desk", handoff="the desk")
    assert [*notes_on(handing_over, 40)] == ["hands over to the desk"]
