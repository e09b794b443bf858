"""`check --access`: who opens what, as a table in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsm_langgraph.cli.output import table_of

if TYPE_CHECKING:
    from rich.console import Console

    from fsm_langgraph.definition import FSMDefinition
    from fsm_langgraph.handlers import Handlers


def show_access_table(definition: FSMDefinition, console: Console, handlers: Handlers | None = None) -> None:
    """Write who opens each final state, privileged transition, handoff, tool and handler of a definition.

    Args:
        definition: The definition.
        console: Where to write it.
        handlers: The handlers of its graph, where they are to be told of too.
    """
    from fsm_langgraph.checking.access.access_rows import access_table

    rows = (
        (
            row.door,
            row.name,
            ", ".join(row.where) or "every state",
            "\n".join(map(str, row.always)) or "-",
            ", ".join(key.name for key in row.sometimes) or "-",
            (row.model, _STYLES[row.model]),
        )
        for row in access_table(definition, handlers)
    )
    console.print(table_of(("What", "Name", "Where", "Read on every way", "Read on some ways", "The model"), rows))


_STYLES = {"alone": "bold yellow", "not alone": "green", "not proved": "yellow", "never": "dim"}
