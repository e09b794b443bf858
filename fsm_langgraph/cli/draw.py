"""`fsm-langgraph draw`: a picture of a definition, as Mermaid, DOT, SVG or PNG."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from fsm_langgraph.cli.output import errors_told, write

if TYPE_CHECKING:
    from fsm_langgraph.drawing import Picture

Format = Literal["mermaid", "dot", "svg", "png"]

_SUFFIXES: dict[str, Format] = {
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".dot": "dot",
    ".gv": "dot",
    ".svg": "svg",
    ".png": "png",
}


def draw(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A definition, JSON or YAML.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="OUT", help="Where to write it; the standard output if left out."),
    ] = None,
    format_: Annotated[
        Format | None,
        typer.Option("--format", help="What to write; by the suffix of OUT, else mermaid, if left out."),
    ] = None,
    current: Annotated[
        str | None, typer.Option("--current", metavar="STATE", help="A state to light up, such as payment/card.")
    ] = None,
    flat: Annotated[bool, typer.Option("--flat", help="Draw a sub-machine as one box.")] = False,
    with_findings: Annotated[
        bool, typer.Option("--findings", help="Mark what 'check' finds, with a sign at its place and a legend.")
    ] = False,
) -> None:
    """Draw a definition. SVG and PNG take the extra `draw`."""
    chosen = format_ or _format_of(output)
    if chosen == "png" and output is None and sys.stdout.isatty():
        raise typer.BadParameter("a PNG is not for a terminal: give a file with -o", param_hint="--format")
    with errors_told():
        from fsm_langgraph.drawing import DrawingError, Picture
        from fsm_langgraph.errors import suggest
        from fsm_langgraph.loading import load_definition

        definition = load_definition(file)
        if current is not None and current not in definition.by_path:
            advice = suggest(current, definition.by_path, noun="states")
            raise DrawingError(f"no state is named {current!r}.\n  {advice}")
        picture = Picture(definition, current=current, xray=not flat)
        if with_findings:
            from fsm_langgraph.checking import findings
            from fsm_langgraph.checking.flagged_picture import flagged_picture

            picture = flagged_picture(definition, findings(definition), current=current, xray=not flat)
        draw_to(picture, output, chosen)


def draw_to(picture: Picture, output: Path | None, chosen: Format | None = None) -> None:
    """Write a picture to a file, or to the standard output; in the format of the file's suffix where none is chosen."""
    draws: dict[Format, Callable[[], str | bytes]] = {
        "mermaid": picture.mermaid,
        "dot": picture.dot,
        "svg": picture.svg,
        "png": picture.png,
    }
    write(draws[chosen or _format_of(output)](), output)


def _format_of(output: Path | None) -> Format:
    if output is None:
        return "mermaid"
    try:
        return _SUFFIXES[output.suffix.lower()]
    except KeyError:
        known = ", ".join(_SUFFIXES)
        raise typer.BadParameter(
            f"no format goes by the suffix {output.suffix!r}: give --format, or one of {known}",
            param_hint="--output",
        ) from None
