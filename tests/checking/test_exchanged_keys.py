"""What goes into a sub-machine comes from somewhere, and what comes back is made there."""

from __future__ import annotations

from typing import Any

import pytest
from checking.machine_of_states import KNOWN, made, raw, to, told, way

CODES = ("unfilled-input", "misnamed-input", "unread-input", "output-never-made", "unread-output")
TEXT = {"type": "string"}


def around(inner: Any, *, context: Any = None, asks: Any = (), **exchanged: Any) -> Any:
    """Make a machine that asks for keys, and then runs another one."""
    states = {
        "ask": to("run", required_context_keys=[*asks]),
        "run": {**to("end"), "subflow": "inner", **exchanged},
        "end": {},
    }
    return made(states, context=context, subflows={"inner": inner})


def inside(context: Any = None, **fields: Any) -> Any:
    """Write a sub-machine of one state that hears, and its end."""
    return raw({"x": to("y", **fields), "y": {}}, context=context)


READS = inside(instructions="Tell {{price}}")


@pytest.mark.parametrize(
    ("definition", "found"),
    [
        pytest.param(around(READS, inputs=["price"], context={"price": TEXT}), ["unfilled-input"], id="nobody"),
        pytest.param(
            around(READS, inputs={"price": "cost"}, context={"cost": TEXT}, asks=["cost"]), [], id="a state collects it"
        ),
        pytest.param(
            around(READS, inputs=["price"], context={"price": {**TEXT, "written_by": "handler"}}), [], id="a handler"
        ),
        pytest.param(
            around(READS, inputs=["price"], context={"price": {**TEXT, "written_by": "caller"}}), [], id="the caller"
        ),
        pytest.param(around(READS, inputs=["price"], context={"price": {**TEXT, "default": "9"}}), [], id="a default"),
        pytest.param(
            around(inside(required_context_keys=["price"]), inputs=["price"], context={"price": TEXT}),
            [],
            id="it asks itself",
        ),
        pytest.param(around(READS, inputs=["price"]), [], id="anybody may write it"),
        pytest.param(around(READS, inputs={"price": "prcie"}, asks=["price"]), ["unfilled-input"], id="misspelt"),
        pytest.param(around(READS, inputs={"prise": "price"}, asks=["price"]), ["misnamed-input"], id="misnamed"),
        pytest.param(
            around(inside(visible_context_keys=[]), inputs=["size"], asks=["size"]),
            [],
            id="its last state shows all",
        ),
        pytest.param(
            around(raw({"x": {"visible_context_keys": []}}), inputs=["size"], asks=["size"]),
            ["unread-input"],
            id="shown to nobody",
        ),
        pytest.param(
            around(raw({"x": {"visible_context_keys": []}}), inputs=["size"], outputs=["size"], asks=["size"]),
            [],
            id="given back",
        ),
    ],
)
def test_an_input_is_filled_and_read(definition: Any, found: list[str]) -> None:
    assert [each.split()[0] for each in told(definition, *CODES)] == found


@pytest.mark.parametrize(
    ("definition", "found"),
    [
        pytest.param(around(inside(), outputs=["number"]), ["output-never-made"], id="nobody"),
        pytest.param(around(inside(required_context_keys=["number"]), outputs=["number"]), [], id="collected"),
        pytest.param(around(inside(tools=["pay"]), outputs=["number"]), ["output-never-made"], id="tools"),
        pytest.param(around(inside(), outputs=["price"], inputs=["price"]), [], id="handed in"),
        pytest.param(
            around(inside({"number": {**TEXT, "written_by": "handler"}}), outputs=["number"]), [], id="a handler"
        ),
        pytest.param(around(inside({"number": {**TEXT, "default": "1"}}), outputs=["number"]), [], id="a default"),
        pytest.param(around(inside({"number": TEXT}), outputs=["number"]), ["output-never-made"], id="only declared"),
        pytest.param(
            around(inside({"number": {**TEXT, "written_by": "caller"}}), outputs=["number"]),
            ["output-never-made"],
            id="a caller that hands nothing in",
        ),
        pytest.param(
            around(raw({"x": {"transitions": [way("y", **KNOWN)]}, "y": {}}), outputs=["size"]),
            [],
            id="a condition reads it, where it is told",
        ),
    ],
)
def test_an_output_is_made(definition: Any, found: list[str]) -> None:
    assert [each.split()[0] for each in told(definition, *CODES)] == found


def test_an_output_of_a_machine_inside_is_read_by_somebody() -> None:
    inner = raw({"x": to("y", required_context_keys=["number"]), "y": {}})
    run = {**to("end"), "subflow": "inner", "outputs": ["number"]}
    middle = raw({"run": run, "end": {"visible_context_keys": []}}, subflows={"inner": inner})

    unread = made({"go": {**to("end"), "subflow": "middle"}, "end": {}}, subflows={"middle": middle})
    given = made(
        {"go": {**to("end"), "subflow": "middle", "outputs": ["number"]}, "end": {}}, subflows={"middle": middle}
    )

    assert told(unread, *CODES) == ["unread-output subflows.middle.states.run.outputs[0]"]
    assert told(given, *CODES) == []
