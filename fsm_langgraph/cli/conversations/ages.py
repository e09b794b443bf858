"""Ages as they are written on the command line: `30d`, `12h`, `90m`, `2w`."""

from __future__ import annotations

import re
from datetime import timedelta

import typer

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGE = re.compile(r"(\d{1,6})([mhdw])")


def parse_age(text: str) -> timedelta:
    """Read an age.

    Raises:
        typer.BadParameter: It is none.
    """
    found = _AGE.fullmatch(text.strip())
    if found is None:
        raise typer.BadParameter(f"{text!r} is no age: write 30d, 12h, 90m or 2w", param_hint="--older-than")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
