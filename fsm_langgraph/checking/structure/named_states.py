"""Names of states and keys, as sentences list them."""

from __future__ import annotations

from collections.abc import Collection

MOST_NAMED = 8
"""How many names a sentence lists."""


def listed(names: Collection[str], joiner: str = "and") -> str:
    """List names in quotation marks; of many the first ones, and how many more there are."""
    quoted = [repr(name) for name in [*names][:MOST_NAMED]]
    if len(names) > len(quoted):
        return f"{', '.join(quoted)} {joiner} {len(names) - len(quoted)} more"
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {joiner} {quoted[-1]}"
