"""`fsm-langgraph mcp`: definitions as tools of MCP clients, over stdio or streamable HTTP.

A client that starts this command reads its standard output, so all that is told to people goes to the standard error.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fsm_langgraph.cli.encryption_key import encryption_key
from fsm_langgraph.cli.output import database_errors_told, err, errors_told, fail, fail_to_listen, say
from fsm_langgraph.cli.user_code import HANDLERS_HELP, code_importable, references, tell_code_beside

if TYPE_CHECKING:
    from fsm_langgraph.conversation.llm_fsm import LLM_FSM

HOST = "127.0.0.1"
PORT = 8000


def mcp(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Definitions, JSON or YAML.")],
    model: Annotated[
        str | None, typer.Option("--model", "-m", metavar="NAME", help="A model, as for run; offline, for example.")
    ] = None,
    db: Annotated[
        str | None,
        typer.Option(
            "--db",
            metavar="FILE",
            help="The SQLite file, or postgresql://… address, that keeps conversations; memory if left out.",
        ),
    ] = None,
    handlers: Annotated[
        str | None, typer.Option("--handlers", metavar="REF", help="Your own code to run: " + HANDLERS_HELP)
    ] = None,
    http: Annotated[
        bool, typer.Option("--http", help="Serve over streamable HTTP; over stdio, to one client, if left out.")
    ] = False,
    host: Annotated[
        str | None, typer.Option(metavar="HOST", help=f"Where to listen, with --http; {HOST} if left out.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(metavar="PORT", help=f"The port, with --http; {PORT} if left out, 0 for any that is free."),
    ] = None,
    elicitation: Annotated[
        bool,
        typer.Option(
            "--elicitation/--no-elicitation", help="Ask the user directly, where the client has forms for that."
        ),
    ] = True,
) -> None:
    """Serve definitions to MCP clients, each as a tool.

    Takes the extra `mcp`. The end of the input, or Ctrl-C, stops it.
    """
    if not http and (host is not None or port is not None):
        raise typer.BadParameter("it needs --http, since nothing listens on stdio", param_hint="--host, --port")
    if find_spec("mcp") is None:
        fail("the SDK of the Model Context Protocol is not installed.\n  Run: pip install 'fsm-langgraph[mcp]'")

    from fsm_langgraph.conversation.database import without_password

    place = without_password(db) if db is not None else ""
    with errors_told(), database_errors_told(place), code_importable(handlers), ExitStack() as stack:
        from fsm_langgraph.mcp.transports import PATH, claimed_line, serve_http, serve_stdio

        line = stack.enter_context(claimed_line())  # before the user's code is imported, which may print
        held = _hold(stack, files, model, db, handlers)
        from fsm_langgraph.mcp.mcp_server import make_server

        server = make_server(held, elicits=elicitation)
        if not http:
            _tell(held, "over stdio")
            stack.enter_context(_until_stopped())
            asyncio.run(serve_stdio(server, line))
            return
        at = host or HOST
        listener = stack.enter_context(_listening(at, PORT if port is None else port))
        _tell(held, f"at http://{f'[{at}]' if ':' in at else at}:{listener.getsockname()[1]}{PATH}")
        stack.enter_context(_until_stopped())
        asyncio.run(serve_http(server, listener, at))


def _hold(
    stack: ExitStack, files: list[Path], model: str | None, db: str | None, handlers: str | None
) -> list[LLM_FSM]:
    """Load the machines, whose conversations are closed with the stack."""
    from fsm_langgraph.conversation.llm_fsm import LLM_FSM
    from fsm_langgraph.models.choice import default_model

    named = model or default_model()  # and told, so that no log has to
    known = references(files, handlers)
    if handlers is None:
        for file in files:
            tell_code_beside(file)
    key = encryption_key(db)
    return [
        stack.enter_context(LLM_FSM.from_file(file, named, db=db, handlers=known.get(file), encryption_key=key))
        for file in files
    ]


def _tell(held: list[LLM_FSM], where: str) -> None:
    from fsm_langgraph.models.choice import model_name

    names = ", ".join(fsm.definition.name for fsm in held)
    say(err(), f"Serving {names} {where}, with the model {model_name(held[0].model)}.")


@contextmanager
def _until_stopped() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        say(err(), "Stopped.")


def _listening(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        fail_to_listen(host, port, error)
    return listener
