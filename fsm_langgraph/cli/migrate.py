"""`fsm-langgraph migrate`: what becomes of the conversations in a database under a definition, and bringing them over.

Each conversation is one edit of its own. One that cannot be brought over stops none of the others, and stays as it is.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fsm_langgraph.cli.encryption_key import encryption_key
from fsm_langgraph.cli.output import database_errors_told, errors_told, fail, out, say, show_table, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsm_langgraph.conversation.migration_report import MigrationFinding

_STYLES = {"fine": "green", "migratable": "yellow", "migrated": "green", "blocked": "red", "another machine": "dim"}


def migrate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The definition, JSON or YAML, as it is now.")],
    db: Annotated[
        str,
        typer.Option(
            "--db", metavar="DB", help="The SQLite file, or postgresql://… address, that keeps conversations."
        ),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be done, and store nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write the findings as JSON.")] = False,
) -> None:
    """Bring stored conversations over to a changed definition.

    Each is fine, migratable or blocked, and why is told. Those of other machines are left alone. Exits with 1 where
    some are blocked.
    """
    from fsm_langgraph.conversation.database import is_no_path, without_password

    place, is_file = without_password(db), not is_no_path(db)
    if is_file and not Path(db).is_file():
        fail(f"there are no conversations to bring over: {place} is not there.")
    with errors_told(), database_errors_told(place):
        from fsm_langgraph.conversation.migration_report import bring_all_over
        from fsm_langgraph.loading import load_definition

        definition = load_definition(file)
        key = encryption_key(db)
        # A file in which no conversation was ever held has nothing in it.
        is_empty = is_file and not Path(db).stat().st_size
        findings = [] if is_empty else [*bring_all_over(definition, db, stores=not dry_run, encryption_key=key)]
    if as_json:
        listed = [
            {"conversation": each.conversation, "machine": each.machine, "status": each.status, "why": [*each.why]}
            for each in findings
        ]
        write_json(listed)
    else:
        _tell(findings, dry_run=dry_run)
    if any(each.status == "blocked" for each in findings):
        raise typer.Exit(1)


def _tell(findings: Sequence[MigrationFinding], *, dry_run: bool) -> None:
    console = out()
    if not findings:
        say(console, ("There are no conversations.", "dim"))
        return
    rows = ((each.conversation, (each.status, _STYLES[each.status]), "\n".join(each.why)) for each in findings)
    show_table(console, ("Conversation", "Status", "Why"), rows)
    counts = (f"{sum(each.status == status for each in findings)} {status}" for status in _STYLES)
    stored = "  Nothing was stored." if dry_run else ""
    say(console, f"{', '.join(count for count in counts if not count.startswith('0 '))}.{stored}")
