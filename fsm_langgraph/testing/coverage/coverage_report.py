"""The report of coverage: a table of the figures, what was not seen with its line, and the same as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fsm_langgraph.testing.coverage.coverable import KINDS, Coverable
from fsm_langgraph.testing.coverage.data_files import Combined
from fsm_langgraph.testing.coverage.figures import PLURALS, Figure, figures
from fsm_langgraph.testing.coverage.item_lines import ItemLines
from fsm_langgraph.testing.coverage.measured import Measured

VERSION = 1
"""The version of the JSON; it grows where a field changes its meaning or goes."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """An item of which something was not seen."""

    item: Coverable
    outcomes: tuple[str, ...]
    """The outcomes that were not seen."""
    file: str
    """The file that it stands in, which for a sub-machine may be one of its own."""
    line: int | None
    """Its line there; `None` where that is not known."""


def unseen(measured: Measured) -> Iterator[Unseen]:
    """Yield what was not seen of a definition, in document order."""
    lines = ItemLines(measured.file)
    for item in measured.items.values():
        if outcomes := measured.unseen(item):
            file, line = lines.of(item) if item.kind != "handler" else (measured.file, None)
            yield Unseen(item, outcomes, file, line)


def print_coverage(console: Console, combined: Combined) -> None:
    """Print the figures of each definition, and what was not seen of it."""
    for file in combined.stale:
        told = f"{file} has changed, or gone, since some of the data were written; those are left out."
        console.print(Text(told, "yellow"), soft_wrap=True)
    console.print(_figures_table(combined.measured))
    for measured in combined.measured:
        if missing := [*unseen(measured)]:
            console.print()
            console.print(Text(f"Not seen of {measured.file}", "bold"), soft_wrap=True)
            console.print(_missing_table(measured, missing))


def coverage_text(combined: Combined, width: int) -> str:
    """Write the report as plain text of a width."""
    console = Console(file=StringIO(), width=width, markup=False, highlight=False, emoji=False, color_system=None)
    print_coverage(console, combined)
    written: str = console.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO of the line above
    return "\n".join(line.rstrip() for line in written.splitlines())


def coverage_data(combined: Combined) -> dict[str, Any]:
    """Return the report as JSON data."""
    return {
        "version": VERSION,
        "definitions": [
            {
                "file": each.file,
                "name": each.name,
                "figures": _figures_data([each]),
                "unseen": [
                    {
                        "kind": one.item.kind,
                        "place": one.item.place,
                        "outcomes": [*one.outcomes],
                        "text": one.item.text,
                        "file": one.file,
                        "line": one.line,
                    }
                    for one in unseen(each)
                ],
            }
            for each in combined.measured
        ],
        "total": _figures_data(combined.measured),
        "stale": [*combined.stale],
    }


def _figures_data(measured: Sequence[Measured]) -> dict[str, Any]:
    return {
        PLURALS[kind]: {"seen": figure.seen, "total": figure.total, "percent": figure.percent}
        for kind, figure in figures(measured).items()
    }


def _figures_table(measured: Sequence[Measured]) -> Table:
    total = figures(measured)
    shown = [kind for kind in KINDS if total[kind].total]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", overflow="fold")
    for kind in shown:
        table.add_column(PLURALS[kind], justify="right", overflow="fold")
    for each in measured:
        found = figures([each])
        table.add_row(Text(each.file), *(_cell(found[kind]) for kind in shown))
    if len(measured) > 1:
        table.add_row(Text("all", "bold"), *(_cell(total[kind]) for kind in shown))
    return table


def _cell(figure: Figure) -> Text:
    style = (
        "dim" if not figure.total else "green" if figure.seen == figure.total else "yellow" if figure.seen else "red"
    )
    return Text(str(figure), style)


def _missing_table(measured: Measured, missing: Sequence[Unseen]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(justify="right", overflow="fold")
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for one in missing:
        where = "" if one.line is None else str(one.line) if one.file == measured.file else f"{one.file}:{one.line}"
        named = Text.assemble((f"{one.item.kind} ", "dim"), one.item.place)
        never = Text(f"never {' or '.join(one.outcomes)}", "yellow")
        table.add_row(Text(where, "dim"), never, Text("\n").join(filter(None, (named, Text(one.item.text, "dim")))))
    return table
