"""The table of states in a terminal, and as a DataFrame."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from checking.machine_of_states import made, to
from rich.console import Console

from fsm_langgraph import load_definition, states
from fsm_langgraph.cli.state_table import show_state_table

SHOP = Path(__file__).parents[1] / "graphs" / "order_desk" / "fsm.json"


def shown(definition: Any) -> list[str]:
    """Return the lines of the table as a wide terminal shows them."""
    console = Console(file=io.StringIO(), width=200, color_system=None)
    show_state_table(definition, console)
    assert isinstance(console.file, io.StringIO)
    return [" ".join(line.split()) for line in console.file.getvalue().splitlines()]


def test_each_state_has_a_line() -> None:
    definition = made({"a": to("b", required_context_keys=["size"]), "b": {}})

    title, heading, _, *lines = shown(definition)

    assert title.startswith("States")
    assert heading == "state kind calls collects reads tokens"
    assert [line.rsplit(" ", 1)[0] for line in lines] == ["a asks 1 to 2 size", "b final 0 to 1"]


def test_a_prompt_that_is_too_long_is_marked() -> None:
    definition = made({"a": {}}, check={"max_prompt_tokens": 100})

    assert shown(definition)[3].endswith(", more than 100")


def test_a_state_that_calls_no_model_has_no_tokens() -> None:
    definition = made({"a": to("b", silent=True), "b": {}})

    assert shown(definition)[3] == "a silent 0"


def test_the_frame_has_a_row_for_each_state() -> None:
    table: Any = states(SHOP)  # pandas-stubs take seconds to tell what each of its indices gives

    assert list(table["state"]) == [*load_definition(SHOP).by_path]
    assert table.set_index("state").loc["payment/method", "collects"] == ["method"]
    assert [*table.set_index("state").loc["payment", ["collects", "reads"]]] == [[], ["receipt", "total"]]
    assert str(table["prompt_tokens"].dtype) == "Int64"
    assert table.set_index("state")["prompt_tokens"].isna()["payment"]
