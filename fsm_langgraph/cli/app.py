"""The commands in one place, and the options that come before any of them."""

from __future__ import annotations

from typing import Annotated

import typer

from fsm_langgraph.cli.check import check
from fsm_langgraph.cli.coverage import coverage
from fsm_langgraph.cli.dev import dev
from fsm_langgraph.cli.draw import draw
from fsm_langgraph.cli.mcp import mcp
from fsm_langgraph.cli.output import out, say
from fsm_langgraph.cli.run import run
from fsm_langgraph.cli.schema import schema
from fsm_langgraph.cli.test import hold_scenarios

app = typer.Typer(
    name="fsm-langgraph",
    help="Conversations written as finite state machines: the machine decides, the model talks.",
    epilog="Exits with 0, with 1 where something did not work, with 2 where the command line is wrong.",
    no_args_is_help=True,
    add_completion=False,
    # Plain help reads the same in every terminal.
    rich_markup_mode=None,
    # A traceback with the values of variables would show keys and what users have written.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (run, dev, mcp, check, draw, schema):
    app.command()(command)
app.command("test")(hold_scenarios)
app.command()(coverage)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        say(out(), f"fsm-langgraph {version('fsm-langgraph')}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Conversations written as finite state machines: the machine decides, the model talks."""
