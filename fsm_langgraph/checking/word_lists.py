"""Lists as sentences tell them: `'ask', 'pay' and 'end'`; of many the first ones, and how many more there are."""

from __future__ import annotations

from collections.abc import Iterable

MOST_NAMED = 8
"""How many a sentence lists."""


def listed_names(names: Iterable[str], joiner: str = "and") -> str:
    """List names of states, keys and the like, in quotation marks."""
    return listed(map(repr, names), joiner)


def listed(words: Iterable[str], joiner: str = "and") -> str:
    """Join words, or parts of a sentence, as they stand."""
    several = [*words]
    if len(several) > MOST_NAMED:
        return f"{', '.join(several[:MOST_NAMED])} {joiner} {len(several) - MOST_NAMED} more"
    return f" {joiner} ".join(filter(None, (", ".join(several[:-1]), *several[-1:])))
