"""`fsm-langgraph coverage`: what scenarios have covered of the definitions, over all runs that left data.

The data are those of `fsm-langgraph test --coverage` and `pytest --fsm-coverage`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fsm_langgraph.cli.output import errors_told, fail, out

if TYPE_CHECKING:
    from fsm_langgraph.testing.coverage.coverable import Kind
    from fsm_langgraph.testing.coverage.data_files import Combined

FAIL_UNDER_HELP = (
    "Exit with 1 where less was seen, in percent: 90, for states, transitions, conditions and comparisons, or "
    "states=100,conditions=90."
)


def coverage(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="The definitions to tell of; all if left out.")
    ] = None,
    data: Annotated[
        Path, typer.Option("--data", metavar="FOLDER", help="Where the data are; here if left out.")
    ] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Write the figures, and what was not seen, as JSON.")] = False,
    fail_under: Annotated[str | None, typer.Option("--fail-under", metavar="PERCENT", help=FAIL_UNDER_HELP)] = None,
    draw: Annotated[
        Path | None,
        typer.Option("--draw", metavar="OUT", help="Draw the one FILE in the colours of its coverage."),
    ] = None,
    erase: Annotated[bool, typer.Option("--erase", help="Remove the data, and do nothing else.")] = False,
) -> None:
    """Tell what scenarios have covered of definitions."""
    with errors_told():
        from fsm_langgraph.testing.coverage.data_files import combine_coverage, erase_coverage
        from fsm_langgraph.testing.coverage.figures import read_limits

        if erase:
            erase_coverage(data)
            return
        limits = read_limits(fail_under) if fail_under is not None else {}
        combined = _only(combine_coverage(data), files or [])
        if draw is not None:
            _draw(combined, draw)
            return
        tell_coverage(combined, as_json=as_json)
        fail_below(combined, limits)


def tell_coverage(combined: Combined, *, as_json: bool = False) -> None:
    """Write the report on the standard output."""
    from fsm_langgraph.testing.coverage.coverage_report import coverage_data, print_coverage

    if as_json:
        out().out(json.dumps(coverage_data(combined), indent=2, ensure_ascii=False), highlight=False)
    else:
        print_coverage(out(), combined)


def fail_below(combined: Combined, limits: Mapping[Kind, float]) -> None:
    """Leave with exit code 1 where less was seen than is wanted."""
    from fsm_langgraph.testing.coverage.figures import below, figures

    if faults := below(limits, figures(combined.measured)):
        fail("\n  ".join(("too little was covered.", *faults)))


def _only(combined: Combined, files: list[Path]) -> Combined:
    """Leave out all definitions but those of some files."""
    if not files:
        return combined
    wanted = {file.resolve() for file in files}
    for file in files:
        if file.resolve() not in {Path(each.file).resolve() for each in combined.measured}:
            fail(f"{file}: nothing was measured of it.")
    return replace(combined, measured=tuple(each for each in combined.measured if Path(each.file).resolve() in wanted))


def _draw(combined: Combined, target: Path) -> None:
    from fsm_langgraph.cli.draw import draw_to
    from fsm_langgraph.testing.coverage.covered_picture import covered_picture

    if len(combined.measured) != 1:
        named = " or ".join(each.file for each in combined.measured) or "a definition"
        fail(f"--draw draws one definition: name it, {named}.")
    draw_to(covered_picture(combined.measured[0]), target)
