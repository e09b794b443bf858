"""The texts that lists are in comparisons: those of their items, with commas between them."""

from __future__ import annotations

from fsm_langgraph.checking.proving.domains import Domain
from fsm_langgraph.logic.coercion import text
from fsm_langgraph.logic.limits import Meter


def texts_of_items(domain: Domain) -> tuple[str, ...] | None:
    """Return the texts of a list's items, where only so many can be."""
    items = domain.declaration.items if domain.declaration is not None else None
    if items is None or items.enum is None:
        return None
    return tuple(text(value, Meter()) for value in items.enum)


def begins_like_a_number(value: str) -> bool:
    """Say whether a text may be read as a number: no letter is its first sign."""
    begin = value.strip()[:1]
    return not begin.isalpha()


def is_joined(value: str, parts: tuple[str, ...]) -> bool:
    """Say whether a text is made of these, with commas between them."""
    ends = {-1}  # where a part may begin, less one
    for at in range(len(value) + 1):
        if at == len(value) or value[at] == ",":
            ends |= {at for start in ends if value[start + 1 : at] in parts}
    return len(value) in ends
