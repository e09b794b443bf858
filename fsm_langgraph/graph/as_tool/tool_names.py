"""The names that machines have as tools, of agents and of MCP clients: those that every provider takes."""

from __future__ import annotations

import re
import unicodedata

_LONGEST = 64
_TAKEN = re.compile(rf"[a-zA-Z0-9_-]{{1,{_LONGEST}}}")


def is_tool_name(name: str) -> bool:
    """Say whether the providers take a name for a tool."""
    return _TAKEN.fullmatch(name) is not None


def tool_name_of(name: str) -> str:
    """Make the name of a tool of a definition's; it is empty where nothing of that can stay."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-zA-Z0-9_-]+", "_", plain).strip("_-")[:_LONGEST]
