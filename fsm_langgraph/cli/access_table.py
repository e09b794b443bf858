"""`check --access`: who opens what, as a table in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsm_langgraph.cli.output import say, show_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from fsm_langgraph.checking.access.access_rows import AccessRow, ReadKey
    from fsm_langgraph.definition import FSMDefinition
    from fsm_langgraph.handlers import Handlers


def show_access_table(
    definition: FSMDefinition, console: Console, handlers: Handlers | None = None, *, verbose: bool = False
) -> None:
    """Write who opens each privileged transition, handoff, tool, handler and final state of a definition.

    Args:
        definition: The definition.
        console: Where to write it.
        handlers: The handlers of its graph, where they are to be told of too.
        verbose: Whether the keys that stand on some ways only are told as well.
    """
    from fsm_langgraph.checking.access.access_rows import access_table

    say(
        console,
        ("Who opens what", "bold"),
        ": the keys that the conditions on every way there read, by who writes them",
    )
    columns = ("what", "model alone", "keys on every way", *(("on some ways",) if verbose else ()))
    show_table(console, columns, (_cells(row, verbose=verbose) for row in access_table(definition, handlers)))


def _cells(row: AccessRow, *, verbose: bool) -> list[str | tuple[str, str]]:
    is_told_apart = row.door in ("tool", "handler")
    where = f" in {_listed(row.where)}" if is_told_apart and row.where else ""
    model, style = _MODEL[row.model]
    is_guarded = row.door not in ("privileged", "tool", "handler")
    cells: list[str | tuple[str, str]] = [
        f"{row.door} {row.name}{where}",
        (model, "" if is_guarded and row.model == "alone" else style),
        _by_writers(row.always),
    ]
    return [*cells, _by_writers(row.sometimes)] if verbose else cells


_MODEL = {
    "alone": ("yes", "bold yellow"),
    "not alone": ("no", "green"),
    "not proved": ("not proved", "yellow"),
    "never": ("never reached", "dim"),
}
_MOST_PLACES = 3


def _listed(places: tuple[str, ...]) -> str:
    rest = len(places) - _MOST_PLACES
    return ", ".join(places[:_MOST_PLACES]) + (f" and {rest} more" if rest > 0 else "")


def _by_writers(keys: Iterable[ReadKey]) -> str:
    """Tell keys with who writes them: `model: severity, days; handler: total`."""
    found: dict[str, list[str]] = {}
    for key in keys:
        found.setdefault(" or ".join(key.writers), []).append(key.name)
    ordered = sorted(found.items(), key=lambda each: (not each[0].startswith("model"), each[0]))
    return "; ".join(f"{writers}: {', '.join(names)}" for writers, names in ordered) or "-"
