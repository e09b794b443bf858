"""`fsm-langgraph coverage`: what scenarios have covered of the definitions, over all runs that left data.

The data are those of `fsm-langgraph test --coverage` and `pytest --fsm-coverage`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fsm_langgraph.cli.output import err, errors_told, fail, out, say, write_json

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
        from fsm_langgraph.testing.coverage.coverage_report import coverage_data
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
        if as_json:
            write_json(coverage_data(combined))
        else:
            tell_coverage(combined)
        if not _is_enough(combined, limits):
            raise typer.Exit(1)


class CommandCoverage:
    """The coverage of one call of `fsm-langgraph test`; its data lie in the current folder.

    Args:
        fail_under: The least that is wanted; nothing where it is left out.
        goes_on: Whether it counts, too, what earlier runs have covered.

    Raises:
        CoverageError: The least that is wanted cannot be read.
    """

    def __init__(self, fail_under: str | None, *, goes_on: bool) -> None:
        from fsm_langgraph.testing.coverage.data_files import erase_coverage
        from fsm_langgraph.testing.coverage.figures import read_limits
        from fsm_langgraph.testing.coverage.measuring import Measuring

        self._limits = read_limits(fail_under) if fail_under is not None else {}
        self.measuring = Measuring()
        if not goes_on:
            erase_coverage(Path())

    def tell(self) -> bool:
        """Write the data and tell what was covered; say whether it is enough."""
        from fsm_langgraph.testing.coverage.data_files import combine_coverage, save_coverage

        with errors_told():
            save_coverage(self.measuring.all, Path())
            combined = combine_coverage(Path())
        tell_coverage(combined)
        return _is_enough(combined, self._limits)


def tell_coverage(combined: Combined) -> None:
    """Write the report on the standard output; in a file or a pipe its lines have no blanks at their ends."""
    from fsm_langgraph.testing.coverage.coverage_report import coverage_text, print_coverage

    console = out()
    if console.is_terminal:
        print_coverage(console, combined)
    else:
        console.out(coverage_text(combined, _WIDTH), highlight=False)


_WIDTH = 160
"""How many characters a line has that is not for a terminal."""


def _is_enough(combined: Combined, limits: Mapping[Kind, float]) -> bool:
    """Say whether as much was seen as is wanted; tell what is not."""
    from fsm_langgraph.testing.coverage.figures import below, figures

    faults = below(limits, figures(combined.measured))
    for fault in faults:
        say(err(), ("Too little was covered: ", "bold red"), fault)
    return not faults


def _only(combined: Combined, files: list[Path]) -> Combined:
    """Leave out all definitions but those of some files."""
    if not files:
        return combined
    wanted = {file.resolve() for file in files}
    for file in files:
        if file.resolve() not in {Path(each.file).resolve() for each in combined.measured}:
            fail(f"{file}: nothing was measured of it. Hold its scenarios first: fsm-langgraph test --coverage.")
    return replace(combined, measured=tuple(each for each in combined.measured if Path(each.file).resolve() in wanted))


def _draw(combined: Combined, target: Path) -> None:
    from fsm_langgraph.cli.draw import draw_to
    from fsm_langgraph.testing.coverage.covered_picture import covered_picture

    if len(combined.measured) != 1:
        named = " or ".join(each.file for each in combined.measured) or "a definition"
        fail(f"--draw draws one definition: name it, {named}.")
    draw_to(covered_picture(combined.measured[0]), target)
