"""Values as they are typed: JSON where it is JSON, else the text itself."""

from __future__ import annotations

import json
from typing import Any


def parse_value(text: str) -> Any:
    """Read a value that somebody has typed."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text


def _refuse(constant: str) -> None:
    """Leave NaN and Infinity, which JSON does not have, as text."""
    raise ValueError(constant)
