"""Values that nobody has said, as small models write them: how many are stored, by what a machine says about its keys.

60 such values stand against 20 that the user has said, in `replies.yaml`; the machine of `fsm.yaml` takes a repair, and
declares all its keys. Nothing is timed, so every run prints the same.

    python -m benchmarks.unsupported [--list]
"""

from __future__ import annotations

import argparse
from collections import defaultdict

from rich.console import Console
from rich.table import Table

from benchmarks.unsupported.playing import SAID, definition, play, replies

SETTINGS = {
    "neither": definition(is_grounded=False, other_keys="all"),
    "other_keys: known": definition(is_grounded=False),
    "grounded": definition(other_keys="all"),
    "both": definition(),
}


def main() -> None:
    """Play with each of the settings, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--list", action="store_true", help="name the values that are judged wrongly with both settings"
    )
    is_listed = parser.parse_args().list
    told, stored = defaultdict[str, int](int), defaultdict[tuple[str, str], int](int)
    moved = defaultdict[tuple[str, str], int](int)
    for name, machine in SETTINGS.items():
        for reply in replies():
            outcome = play(machine, reply)
            stored[reply.kind, name] += outcome.stored
            moved[reply.kind, name] += outcome.has_moved
            told[reply.kind] += len(reply.told) if name == "both" else 0
            if is_listed and name == "both" and outcome.stored != (len(reply.told) if reply.kind == SAID else 0):
                print(f"{outcome.stored} of {reply.told} after {reply.said!r}")
    table = Table(title="Values stored, and replies that moved the conversation on")
    for column in ("values", "told", *SETTINGS):
        table.add_column(column, justify="left" if column == "values" else "right")
    made_up = [kind for kind in told if kind != SAID]
    for kind in told:
        table.add_row(
            kind, str(told[kind]), *(f"{stored[kind, name]}" for name in SETTINGS), end_section=kind == made_up[-1]
        )
    table.add_row(
        "all that nobody said",
        str(sum(told[kind] for kind in made_up)),
        *(str(sum(stored[kind, name] for kind in made_up)) for name in SETTINGS),
    )
    table.add_row(
        "their replies that moved it on", "", *(str(sum(moved[kind, name] for kind in made_up)) for name in SETTINGS)
    )
    Console().print(table)


if __name__ == "__main__":
    main()
