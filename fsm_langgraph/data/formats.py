"""Formats: the forms that a declared string can have, and how they are recognised.

Dates and times are those of ISO 8601. The recognisers ask for what a person would call such a thing: a date
and time has both, an e-mail address has a dot in its domain.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Literal
from urllib.parse import urlsplit

FORMATS: dict[str, str] = {
    "email": "an e-mail address",
    "date": "a date such as 1990-05-31",
    "time": "a time such as 14:30",
    "date-time": "a date and time such as 1990-05-31T14:30",
    "uri": "a web address such as https://example.com",
    "uuid": "a UUID",
}
"""Every format, with words for a string in it."""


def has_format(text: str, form: str) -> bool:
    """Say whether a string has one of the `FORMATS`."""
    shape, parse = _RULES[form]
    if not shape.fullmatch(text):
        return False
    try:
        parse(text)
    except ValueError:
        return False
    return True


def same_instant(one: str, other: str, form: Literal["time", "date-time"]) -> bool:
    """Say whether two times, or dates with times, are the same; one without a zone is never one with a zone."""
    parse = time.fromisoformat if form == "time" else datetime.fromisoformat
    try:
        return one == other or parse(one) == parse(other)
    except ValueError:  # stored before the key was declared so
        return False


def _split(text: str) -> None:
    parts = urlsplit(text)
    if not (parts.netloc or parts.path):
        raise ValueError(text)


_RULES: dict[str, tuple[re.Pattern[str], Callable[[str], object]]] = {
    "email": (re.compile(r"[^@\s<>,;]+@[^@\s<>,;.]+(\.[^@\s<>,;.]+)+"), str),
    "date": (re.compile(r"\d{4}-\d\d-\d\d"), date.fromisoformat),
    "time": (re.compile(r"\d\d:\d\d.*"), time.fromisoformat),
    "date-time": (re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*"), datetime.fromisoformat),
    "uri": (re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+"), _split),
    "uuid": (re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"), str),
}
"""For each format a pattern, and a function that raises `ValueError` where the pattern is deceived."""
