"""`fsm-langgraph dev`: definitions in the LangGraph server, for LangGraph Studio and other clients of its API.

The server is started by the function that `langgraph dev` calls, since only that takes the files to watch. It runs in
the folder of its `langgraph.json`, since it keeps conversations in the current folder.
"""

from __future__ import annotations

import json
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from fsm_langgraph.cli.output import errors_told, fail, fail_to_listen, out, say, tell_first_warnings
from fsm_langgraph.cli.user_code import HANDLERS_HELP, code_importable, references, tell_code_beside

if TYPE_CHECKING:
    from fsm_langgraph.cli.serving import ServedGraph

STUDIO = "https://smith.langchain.com/studio/"


def dev(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Definitions, JSON or YAML.")],
    model: Annotated[
        str | None, typer.Option("--model", "-m", metavar="NAME", help="A model, as for run; offline, for example.")
    ] = None,
    handlers: Annotated[
        str | None, typer.Option("--handlers", metavar="REF", help="Your own code to run: " + HANDLERS_HELP)
    ] = None,
    host: Annotated[str, typer.Option(metavar="HOST", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="PORT", help="The port; 0 for any that is free.")] = 2024,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Where to keep langgraph.json, served.py and the conversations; a temporary folder if left out.",
        ),
    ] = None,
    start: Annotated[bool, typer.Option("--start/--no-start", help="Start the server, or only write --out.")] = True,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open Studio in the browser.")] = False,
    tracing: Annotated[bool, typer.Option("--tracing", help="Let LangSmith trace; off if left out.")] = False,
) -> None:
    """Serve definitions to LangGraph Studio.

    Takes the extra `server`. Definitions and handlers are loaded again when a file changes; Ctrl-C stops it.
    """
    if not start and folder is None:
        raise typer.BadParameter("it needs --out, the folder to write", param_hint="--no-start")
    if start and find_spec("langgraph_api") is None:
        fail("the LangGraph server is not installed.\n  Run: pip install 'fsm-langgraph[server]'")

    with errors_told(), code_importable(handlers), _kept(folder) as project:
        from fsm_langgraph.cli.serving import served_graphs, write_project
        from fsm_langgraph.graph.compiler import build_graph

        graphs = served_graphs(files, model=model, handlers=references(files, handlers))
        for graph in graphs:  # an error is told here as a sentence; the server would show a traceback
            build_graph(graph.file, model, handlers=graph.handlers)
        for file, graph in zip(files, graphs, strict=True):
            tell_first_warnings(file, graph.definition)
        config = write_project(project, graphs, movable=folder is not None)
        if handlers is None:
            for file in files:
                tell_code_beside(file)
        if start:
            _serve(config, graphs, host, _free(host, port), browser=browser, tracing=tracing)
            say(out(), "Stopped.")
        else:
            say(out(), f"{config} is written. Start the server there: langgraph dev")


@contextmanager
def _kept(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield folder
        return
    with TemporaryDirectory(prefix="fsm-langgraph-") as temporary:
        yield Path(temporary)


def _free(host: str, port: int) -> int:
    """Return the port, or a free one for 0. It is tried first, since the server would silently take another."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except (OSError, OverflowError) as error:
            fail_to_listen(host, port, error)
        return int(trial.getsockname()[1])


def _serve(config: Path, graphs: list[ServedGraph], host: str, port: int, *, browser: bool, tracing: bool) -> None:
    url = f"http://{host}:{port}"
    say(out(), f"Graphs: {', '.join(graph.graph_id for graph in graphs)}")
    say(out(), f"API:    {url}  (documented at {url}/docs)")
    say(out(), f"Studio: {STUDIO}?baseUrl={url}")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    os.environ.update(_TRACED if tracing else _UNTRACED)
    watched = sorted(_folders(graphs))
    with chdir(config.parent):
        from langgraph_api.cli import run_server

        logging.getLogger("langgraph_api.cli").setLevel(logging.WARNING)  # its banner says the same again
        run_server(
            host,
            port,
            reload=True,
            graphs=json.loads(config.read_text(encoding="utf-8"))["graphs"],
            reload_dirs=watched,
            reload_includes=_WATCHED,
            open_browser=browser,
        )


_WATCHED = ("*.py", "*.json", "*.yaml", "*.yml")
_TRACED = {"LANGSMITH_TRACING": "true"}
_UNTRACED = {
    "LANGSMITH_TRACING": "false",
    "LANGSMITH_TRACING_V2": "false",
    "LANGCHAIN_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGSMITH_CONTROL_PLANE_API_KEY": "",  # with a key, the server reports that it is used
    "LANGGRAPH_NO_VERSION_CHECK": "true",
}
"""The environment in which the server calls nobody."""


def _folders(graphs: list[ServedGraph]) -> set[str]:
    """Name the folders where a changed file is a reason to load everything again."""
    from fsm_langgraph.handlers.references import BESIDE, file_of

    folders = {graph.file.parent for graph in graphs}
    for graph in graphs:
        if graph.handlers is not None and graph.handlers != BESIDE:
            named = file_of(graph.handlers)
            folders.add(named[0].resolve().parent if named is not None else Path.cwd())
    return {str(folder) for folder in folders}
