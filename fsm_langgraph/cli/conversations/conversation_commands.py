"""`fsm-langgraph conversations list`, `show`, `export`, `delete` and `prune`.

The database alone is needed, and no definition; where one is given, its secret keys are known.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fsm_langgraph.cli.conversations.ages import parse_age
from fsm_langgraph.cli.encryption_key import encryption_key
from fsm_langgraph.cli.output import database_errors_told, err, errors_told, fail, out, say

if TYPE_CHECKING:
    from fsm_langgraph.conversation.keeping.overview import ConversationOverview

conversations = typer.Typer(
    name="conversations",
    help="See, export, delete and prune stored conversations.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Db = Annotated[
    str,
    typer.Option("--db", metavar="FILE", help="The SQLite file, or postgresql://… address, that keeps conversations."),
]
Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="The conversations' ids.")]
Definition = Annotated[
    Path | None,
    typer.Option("--definition", metavar="FILE", help="The definition, whose secret keys are masked."),
]
Machine = Annotated[str | None, typer.Option("--machine", metavar="NAME", help="Only those of this machine.")]
Ended = Annotated[
    bool | None, typer.Option("--ended/--open", help="Only those that are over, or only those that go on.")
]
OlderThan = Annotated[
    str | None,
    typer.Option("--older-than", metavar="AGE", help="Only those not active for so long: 30d, 12h, 90m, 2w."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")]


@conversations.command("list")
def list_(
    db: Db,
    machine: Machine = None,
    ended: Ended = None,
    older_than: OlderThan = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
    with_bytes: Annotated[bool, typer.Option("--bytes", help="Count the bytes of each, which takes longer.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, an object in each line.")] = False,
) -> None:
    """List the conversations, the one that was active last first."""
    age = parse_age(older_than) if older_than is not None else None
    with _errors_told(db):
        from fsm_langgraph.cli.conversations.conversation_views import row_of, tell_conversations
        from fsm_langgraph.conversation.keeping.housekeeping import list_conversations

        found = list_conversations(
            db,
            machine=machine,
            ended=ended,
            older_than=age,
            limit=limit,
            with_bytes=with_bytes,
            encryption_key=encryption_key(db),
        )
        if as_json:
            _write_lines(map(row_of, found), None)
        elif found:
            tell_conversations(out(), found)
        else:
            say(err(), "There are none.")


@conversations.command()
def show(
    db: Db,
    conversation: Annotated[str, typer.Argument(metavar="ID", help="The conversation's id.")],
    definition: Definition = None,
    trace: Annotated[bool, typer.Option("--trace", help="Tell each turn's record, not only the last one's.")] = False,
) -> None:
    """Show what was said, how each turn went and why, and the data."""
    with _errors_told(db):
        from fsm_langgraph.cli.conversations.conversation_views import show_conversation
        from fsm_langgraph.exploring.exporting import export_conversations

        key = encryption_key(db)
        (document,) = export_conversations(db, [conversation], definition=definition, encryption_key=key)
        show_conversation(out(), document, trace=trace)


@conversations.command()
def export(
    db: Db,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID...]", help="The conversations' ids; all if left out.")
    ] = None,
    definition: Definition = None,
    file: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Where to write; stdout if left out.")
    ] = None,
) -> None:
    """Write conversations as JSON, one in each line.

    Each has its messages, its data and its turns; secret values are masked.
    """
    with _errors_told(db):
        from fsm_langgraph.exploring.exporting import export_conversations

        key = encryption_key(db)
        found = export_conversations(db, ids or None, definition=definition, encryption_key=key)
        count = _write_lines(found, file)
        if file is not None:
            say(err(), f"{_number(count)} written to {file}.")


@conversations.command()
def delete(db: Db, ids: Ids, yes: Yes = False) -> None:
    """Delete conversations with all that the database has of them."""
    _ask(f"Delete {_number(len({*ids}))} for good?", yes=yes)
    with _errors_told(db):
        from fsm_langgraph.conversation.keeping.housekeeping import delete_conversations

        deleted = delete_conversations(db, ids, encryption_key=encryption_key(db))
        say(out(), f"{_number(len(deleted))} deleted.")
        if missing := [each for each in dict.fromkeys(ids) if each not in deleted]:
            fail(f"there is no conversation {', '.join(map(repr, missing))}. `list` tells those there are.")


@conversations.command()
def prune(
    db: Db,
    machine: Machine = None,
    ended: Ended = None,
    older_than: OlderThan = None,
    keep: Annotated[int | None, typer.Option(min=0, help="Leave so many of them, those that were active last.")] = None,
    history: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="TURNS",
            help="Delete no conversation, but the checkpoints of all turns before the last ones of each.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would go, and leave it.")] = False,
    compact: Annotated[
        bool, typer.Option("--compact/--no-compact", help="Give back the room: write a SQLite file anew.")
    ] = True,
    yes: Yes = False,
) -> None:
    """Delete conversations of a kind, or old checkpoints (--history).

    One with a turn under way is left as it is.
    """
    age = parse_age(older_than) if older_than is not None else None
    is_chosen = any(each is not None for each in (machine, ended, age, keep))
    if not is_chosen and history is None:
        raise typer.BadParameter(
            "say which: --ended, --older-than, --machine, --keep; or --history", param_hint="prune"
        )
    with _errors_told(db):
        from fsm_langgraph.conversation.keeping.housekeeping import compact_database, list_conversations

        meant, key = None, encryption_key(db)
        if is_chosen:
            found = list_conversations(db, machine=machine, ended=ended, older_than=age, encryption_key=key)
            meant = found[keep or 0 :]
        if history is not None:
            count = _prune_history(db, history, meant, dry_run=dry_run, yes=yes)
        else:
            count = _prune(db, meant or (), (machine, ended, age, keep), dry_run=dry_run, yes=yes)
        if compact and count and not dry_run:
            compact_database(db, encryption_key=key)


def _prune(
    db: str,
    meant: Sequence[ConversationOverview],
    chosen: tuple[str | None, bool | None, timedelta | None, int | None],
    *,
    dry_run: bool,
    yes: bool,
) -> int:
    from fsm_langgraph.cli.conversations.conversation_views import tell_conversations
    from fsm_langgraph.conversation.keeping.housekeeping import prune_conversations

    if not meant:
        say(out(), "There is nothing to delete.")
        return 0
    if dry_run or not yes:
        tell_conversations(out(), meant)
    if dry_run:
        say(out(), f"{_number(len(meant))} would be deleted.")
        return 0
    _ask(f"Delete {_number(len(meant))} for good?", yes=yes)
    machine, ended, age, keep = chosen
    key = encryption_key(db)
    deleted = prune_conversations(db, machine=machine, ended=ended, older_than=age, keep=keep, encryption_key=key)
    say(out(), f"{_number(len(deleted))} deleted.")
    return len(deleted)


def _prune_history(
    db: str, turns: int, meant: Sequence[ConversationOverview] | None, *, dry_run: bool, yes: bool
) -> int:
    from fsm_langgraph.conversation.keeping.housekeeping import prune_history

    ids = {each.conversation for each in meant} if meant is not None else None
    if not dry_run:
        _ask(f"Delete the checkpoints before the last {turns} turns for good?", yes=yes)
    counts = prune_history(db, turns, conversation_ids=ids, dry_run=dry_run, encryption_key=encryption_key(db))
    count = sum(counts.values())
    say(out(), f"{count:,} checkpoints of {_number(len(counts))} {'would be' if dry_run else 'were'} deleted.")
    return count


def _ask(question: str, *, yes: bool) -> None:
    if not yes and not typer.confirm(question):
        raise typer.Exit(1)


def _number(count: int) -> str:
    return "1 conversation" if count == 1 else f"{count:,} conversations"


def _write_lines(documents: Iterator[Any], file: Path | None) -> int:
    """Write objects as JSON, one in each line, as they come; return how many there were."""
    count = 0
    with file.open("w", encoding="utf-8") if file is not None else nullcontext(sys.stdout) as target:
        for document in documents:
            target.write(json.dumps(document, ensure_ascii=False, default=str) + "\n")
            count += 1
    return count


@contextmanager
def _errors_told(db: str) -> Iterator[None]:
    from fsm_langgraph.conversation.database import without_password

    with errors_told(), database_errors_told(without_password(db)):
        yield
