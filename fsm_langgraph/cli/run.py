"""`fsm-langgraph run`: a session in the terminal, made from the command line's options."""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fsm_langgraph.cli.encryption_key import encryption_key
from fsm_langgraph.cli.output import database_errors_told, errors_told, fail, tell_first_warnings
from fsm_langgraph.cli.typed_values import parse_value
from fsm_langgraph.cli.user_code import HANDLERS_HELP, code_importable, tell_code_beside

if TYPE_CHECKING:
    from langgraph.checkpoint.base import CheckpointTuple

    from fsm_langgraph.conversation.llm_fsm import LLM_FSM
    from fsm_langgraph.definition import FSMDefinition


def run(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A definition, JSON or YAML.")],
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            "-m",
            metavar="NAME",
            help="A model, such as gpt-4o-mini, anthropic:NAME or offline. Left out: FSM_LANGGRAPH_MODEL; "
            "else gpt-4o-mini if OPENAI_API_KEY is set; else offline.",
        ),
    ] = None,
    temperature: Annotated[
        float | None, typer.Option(min=0.0, max=2.0, help="How freely the model words its messages.")
    ] = None,
    db: Annotated[
        str | None,
        typer.Option(
            "--db", metavar="FILE", help="The SQLite file, or postgresql://… address, that keeps conversations."
        ),
    ] = None,
    thread: Annotated[
        str | None,
        typer.Option("--thread", metavar="ID", help="The conversation's id; one that --db has goes on."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the latest conversation in --db.")] = False,
    context: Annotated[
        list[str] | None,
        typer.Option(
            "--context",
            "-c",
            metavar="KEY=VALUE",
            help="Something that is known already; VALUE is JSON, or else text. May be given many times.",
        ),
    ] = None,
    handlers: Annotated[
        str | None, typer.Option("--handlers", metavar="REF", help="Your own code to run: " + HANDLERS_HELP)
    ] = None,
    deadline: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS", help="Fail a turn that takes longer. Left out: a provider may be silent for two minutes."
        ),
    ] = None,
    trace: Annotated[bool, typer.Option("--trace", help="Tell after each turn what was decided, and why.")] = False,
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", help="Write the messages and nothing else; the model is named on stderr."),
    ] = False,
) -> None:
    """Hold a conversation in the terminal, or with lines of a pipe.

    A line is a message; where a turn asks a person, it is the answer. /state, /data, /why and /help tell
    about the conversation; /quit or Ctrl-D leaves it; Ctrl-C stops a reply. In a pipe the exit code is 1
    where a turn has failed, and 3 where the input ends while a turn waits for an answer.
    """
    known = _parse_context(context or ())
    if resume and thread is not None:
        raise typer.BadParameter("it finds the conversation itself: leave out --thread", param_hint="--resume")
    if resume and db is None:
        raise typer.BadParameter("it needs --db, the file that keeps conversations", param_hint="--resume")
    if thread is not None and not thread.strip():
        raise typer.BadParameter("an id is not empty", param_hint="--thread")
    if deadline is not None and not 0 < deadline < math.inf:
        raise typer.BadParameter("it is a number of seconds, above 0", param_hint="--deadline")
    from fsm_langgraph.conversation.database import is_address, without_password

    place = without_password(db) if db is not None else ""
    if resume and db is not None and not is_address(db) and not Path(db).is_file():
        fail(f"there is no conversation to resume: {db} is not there.")

    again = ["fsm-langgraph", "run", str(file), "--db", place] if db is not None else None
    if again is not None:
        again += [*(["--model", model] if model else []), *(["--handlers", handlers] if handlers is not None else [])]
    if handlers is None and not quiet:
        tell_code_beside(file)
    with errors_told(), database_errors_told(place), code_importable(handlers):
        from fsm_langgraph.cli.session import Session
        from fsm_langgraph.conversation.llm_fsm import LLM_FSM
        from fsm_langgraph.models.choice import default_model, offline_notice

        # Named in any case: the session tells which model answers, so that no log has to.
        named = model or default_model()
        key = encryption_key(db)
        with closing(
            LLM_FSM.from_file(
                file,
                named,
                temperature=temperature,
                db=db,
                handlers=handlers,
                encryption_key=key,
                deadlines=deadline,
            )
        ) as fsm:
            _check_declared(known, fsm.definition)
            conversation_id = _latest(fsm, place) if resume else _named(fsm, thread) if thread else str(uuid.uuid4())
            session = Session(
                fsm,
                conversation_id,
                context=known,
                trace=trace,
                quiet=quiet,
                again=again,
                notice=None if model else offline_notice(),
            )
            if not quiet:
                tell_first_warnings(file, fsm.definition)
            code = session.hold()
    if code:
        raise typer.Exit(code)


def _check_declared(known: Mapping[str, Any], definition: FSMDefinition) -> None:
    """Refuse keys that are not declared where keys are: nothing in the definition reads them, or they are misspelt."""
    from fsm_langgraph.errors import suggest

    declared = definition.context
    for key in known:
        if declared is not None and key not in declared:
            advice = suggest(key, declared, noun="declared keys")
            fail(f"--context {key}: the key {key!r} is not declared in 'context'.\n  {advice}")


def _parse_context(pairs: Iterable[str]) -> dict[str, Any]:
    context: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not key.strip() or not equals:
            raise typer.BadParameter(f"{pair!r} is not of the form KEY=VALUE", param_hint="--context")
        context[key.strip()] = parse_value(value)
    return context


def _latest(fsm: LLM_FSM, place: str) -> str:
    """Find the conversation that this machine has held last."""
    from fsm_langgraph.conversation.held_with import is_of
    from fsm_langgraph.conversation.keeping.housekeeping import list_conversations

    for found in list_conversations(fsm):  # the newest first; one that cannot be read keeps none from being found
        has_begun = found.state is not None or found.status == "paused"
        if has_begun and is_of(fsm.definition, found.machine or ""):
            return found.conversation
    return fail(f"there is no conversation to resume: {place} has none of {fsm.definition.name!r}.")


def _named(fsm: LLM_FSM, thread: str) -> str:
    """Return the id of a conversation that was named, unless another machine has held it."""
    from fsm_langgraph.conversation.stored_conversations import thread_config

    saver: Any = fsm.graph.checkpointer
    stored = saver.get_tuple(thread_config(thread))
    if stored is None or _is_held_with(stored, fsm.definition):
        return thread
    from fsm_langgraph.conversation.held_with import held_with

    held = held_with(stored)
    known = f"is one of {held.name!r}" if held is not None else "is another graph's"
    return fail(
        f"the conversation {thread!r} {known}, not of {fsm.definition.name!r}. "
        "Run that definition, or leave --thread out to begin a new one."
    )


def _is_held_with(stored: CheckpointTuple, definition: FSMDefinition) -> bool:
    from fsm_langgraph.conversation.held_with import held_with, is_of

    held = held_with(stored)
    return held is not None and is_of(definition, held.name)
