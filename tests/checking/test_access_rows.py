"""The table of who opens what: a row for each final state, tool, handler, privileged transition and handoff."""

from __future__ import annotations

from io import StringIO
from typing import Any

from machines import machine, state, to
from rich.console import Console

from fsm_langgraph import Handlers, load_definition
from fsm_langgraph.checking.access.access_rows import access_table
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


def told(handlers: Handlers | None = None) -> dict[str, tuple[Any, ...]]:
    return {
        f"{row.door} {row.name}": (row.where, [*map(str, row.always)], [*map(str, row.sometimes)], row.model)
        for row in access_table(BANK, handlers)
    }


def test_each_door_has_a_row() -> None:
    known, number = "known (handler)", "vault/number (from number)"

    assert told() == {
        "final state end": (
            ("end",),
            [],
            ["amount (model in ask)", known, "role (default; caller)", number],
            "alone",
        ),
        "privileged ask -> vault": (("ask",), [known], [], "not alone"),
        "handoff ask -> person (clerk)": (("ask",), [], [], "alone"),
        "tool search": (("look",), [], [], "alone"),
        "tool turn": (("vault/key",), [known], [], "not alone"),
    }


def test_handlers_have_rows_too() -> None:
    handlers = Handlers()
    handlers.on("CONTEXT_UPDATE", has="amount", name="count")(lambda _: {})
    handlers.on("POST_TRANSITION", state="vault/done", name="pay")(lambda _: {})
    handlers.on("PRE_TRANSITION", target="vault", name="guard")(lambda _: {})

    rows = told(handlers)

    assert rows["handler count (CONTEXT_UPDATE)"][0] == ()
    assert rows["handler count (CONTEXT_UPDATE)"][1] == ["amount (model in ask)"]
    assert rows["handler pay (POST_TRANSITION)"] == (
        ("vault/done",),
        ["known (handler)", "vault/number (from number)"],
        [],
        "not alone",
    )
    assert rows["handler guard (PRE_TRANSITION)"] == (("vault",), ["known (handler)"], [], "not alone")


def test_the_table_is_shown_in_a_terminal() -> None:
    written = StringIO()
    show_access_table(BANK, Console(width=160, file=written))

    text = written.getvalue()

    assert "ask -> vault" in text
    assert "known (handler)" in text
    assert "not alone" in text


def test_keys_that_nothing_declares_may_be_anyones() -> None:
    form = machine(state("a", to("b", "x"), required_context_keys=["x"]), state("b", to("c", "y")), state("c"))

    [row] = access_table(load_definition(form))

    assert [*map(str, row.always)] == ["x (model in a; handler; caller)", "y (model, unasked; handler; caller)"]
    assert row.model == "alone"
