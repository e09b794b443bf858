"""The table of states, as `fsm-langgraph check --states` shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsm_langgraph.cli.output import say, show_table

if TYPE_CHECKING:
    from rich.console import Console

    from fsm_langgraph.checking.state_rows import StateRow
    from fsm_langgraph.definition import FSMDefinition


def show_state_table(definition: FSMDefinition, console: Console) -> None:
    """Write what each state of a definition does, asks for and costs."""
    from fsm_langgraph.checking.state_rows import state_rows

    most = definition.check.max_prompt_tokens
    say(console, ("States", "bold"), ": calls of the model in a turn, keys, tokens of the longest prompt (an estimate)")
    show_table(console, _COLUMNS, (_cells(row, most) for row in state_rows(definition)))


_COLUMNS = ("state", "kind", "calls", "collects", "reads", "tokens")


def _cells(row: StateRow, most: int | None) -> list[str | tuple[str, str]]:
    few, many = row.least_calls, row.most_calls
    tokens = "" if row.prompt_tokens is None else f"{row.prompt_tokens:,}"
    is_long = most is not None and row.prompt_tokens is not None and row.prompt_tokens > most
    return [
        (row.state, "bold"),
        row.kind,
        str(few) if few == many else f"{few} to {many}",
        ", ".join(row.collects),
        ", ".join(row.reads),
        (f"{tokens}, more than {most:,}", "bold yellow") if is_long else tokens,
    ]
