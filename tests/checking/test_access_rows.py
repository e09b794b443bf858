"""The table of who opens what: a row for each final state, tool, handler, privileged transition and handoff."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from machines import machine, state, to
from rich.console import Console

from fsm_langgraph import Handlers, load_definition
from fsm_langgraph.checking.access.access_rows import ReadKey, access_table
from fsm_langgraph.cli.access_table import show_access_table

KEYS = {
    "amount": {"type": "integer"},
    "known": {"type": "boolean", "written_by": "handler"},
    "role": {"type": "string", "written_by": "caller", "default": "guest"},
    "number": {"type": "string", "written_by": "caller"},
}
BANK = load_definition(
    machine(
        state(
            "ask",
            to("look"),
            to("vault", "known", privileged=True),
            to("person", handoff="clerk"),
            required_context_keys=["amount"],
        ),
        state("look", to("end", "amount"), tools=["search"]),
        state("vault", to("end"), subflow="open", inputs=["number"]),
        state("person", to("end", "role")),
        state("end"),
        context=KEYS,
        subflows={
            "open": machine(
                state("key", to("done", "number"), tools=["turn"]),
                state("done"),
                name="inner",
                context={"number": {"type": "string", "written_by": "caller"}},
            )
        },
    )
)


def named(keys: tuple[ReadKey, ...]) -> list[str]:
    return [f"{key.name}: {' or '.join(key.writers)}" for key in keys]


def told(handlers: Handlers | None = None) -> dict[str, tuple[Any, ...]]:
    return {
        f"{row.door} {row.name}": (row.where, named(row.always), named(row.sometimes), row.model)
        for row in access_table(BANK, handlers)
    }


def test_each_door_has_a_row() -> None:
    known, number = "known: handler", "vault/number: caller"

    assert told() == {
        "privileged ask -> vault": (("ask",), [known], [], "not alone"),
        "handoff ask -> person (clerk)": (("ask",), [], [], "alone"),
        "tool search": (("look",), [], [], "alone"),
        "tool turn": (("vault/key",), [known], [], "not alone"),
        "end end": (("end",), [], ["amount: model", known, "role: default or caller", number], "alone"),
    }


def test_handlers_have_rows_too() -> None:
    handlers = Handlers()
    handlers.on("CONTEXT_UPDATE", has="amount", name="count")(lambda _: {})
    handlers.on("POST_TRANSITION", state="vault/done", name="pay")(lambda _: {})
    handlers.on("PRE_TRANSITION", target="vault", name="guard")(lambda _: {})

    rows = told(handlers)

    assert rows["handler count (CONTEXT_UPDATE)"][0] == ()
    assert rows["handler count (CONTEXT_UPDATE)"][1] == ["amount: model"]
    assert rows["handler pay (POST_TRANSITION)"] == (
        ("vault/done",),
        ["known: handler", "vault/number: caller"],
        [],
        "not alone",
    )
    assert rows["handler guard (PRE_TRANSITION)"] == (("vault",), ["known: handler"], [], "not alone")


def shown(*, width: int = 160, verbose: bool = False) -> list[str]:
    """Return the lines of the table as a terminal shows them."""
    console = Console(width=width, file=StringIO(), force_terminal=True, color_system=None)
    show_access_table(BANK, console, verbose=verbose)
    assert isinstance(console.file, StringIO)
    return [" ".join(line.split()) for line in console.file.getvalue().splitlines()]


def test_the_table_has_a_line_for_each_door() -> None:
    heading, columns, _, *lines = shown()

    assert heading.startswith("Who opens what")
    assert columns == "what model alone keys on every way"
    assert "privileged ask -> vault no handler: known" in lines
    assert "tool search in look yes -" in lines
    assert lines[-1] == "end end yes -"


def test_keys_of_some_ways_are_told_with_v() -> None:
    assert shown(verbose=True)[-1] == (
        "end end yes - model: amount; caller: vault/number; default or caller: role; handler: known"
    )


@pytest.mark.parametrize("width", [40, 60])
def test_nothing_is_cut_in_a_narrow_terminal(width: int) -> None:
    text = "".join(shown(width=width, verbose=True))

    assert "…" not in text
    assert "known" in text


def test_a_row_is_a_line_where_it_is_piped() -> None:
    console = Console(width=20, file=StringIO())
    show_access_table(BANK, console, verbose=True)
    assert isinstance(console.file, StringIO)

    assert "handler: known" in console.file.getvalue().splitlines()[-1]


def test_a_key_that_comes_back_has_the_writers_inside() -> None:
    inner = machine(
        state("in", to("out", "made"), optional_context_keys=["made"]),
        state("out"),
        context={"made": {"type": "boolean"}},
    )
    outer = machine(
        state("a", to("b", "made"), subflow="inner", outputs=["made"]),
        state("b"),
        context={"made": {"type": "boolean", "written_by": "handler"}},
        subflows={"inner": inner},
    )

    [row] = access_table(load_definition(outer))

    assert "made: model" in named(row.always)


def test_keys_that_nothing_declares_may_be_anyones() -> None:
    form = machine(state("a", to("b", "x"), required_context_keys=["x"]), state("b", to("c", "y")), state("c"))

    [row] = access_table(load_definition(form))

    assert named(row.always) == ["x: model or handler or caller", "y: model unasked or handler or caller"]
    assert row.model == "alone"


def test_nobody_opens_a_door_whose_guard_never_holds() -> None:
    never = {"and": [{">": [{"var": "amount"}, 5]}, {"<": [{"var": "amount"}, 3]}]}
    shut = to("vault", privileged=True, conditions=[{"description": "c", "logic": never}])
    bank = load_definition(
        machine(
            state("ask", shut, to("end", "amount"), required_context_keys=["amount"]),
            state("vault"),
            state("end"),
            context=KEYS,
        )
    )

    assert {row.name: row.model for row in access_table(bank)} == {
        "ask -> vault": "not alone",
        "vault": "not alone",
        "end": "alone",
    }
