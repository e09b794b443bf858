"""Names that are so near to each other that one is a slip of the other.

    nigths     nights        two signs in each other's place
    gest       guest         a sign too few or too many, of four at least
    quantitz   quantity      a wrong sign, of five at least
    userName   user_name     written in another manner

Not near are words that both are meant as they stand: `item` and `items`, `line1` and `line2`, `date` and `rate`,
`height` and `weight`. Of names that are made of words, only one word may differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from fsm_langgraph.errors.problem import misspelt


class NearNames:
    """Names among which the near ones are looked for.

    Args:
        names: The names.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._by_letter: dict[str, list[str]] = {}
        self._plain: dict[str, list[str]] = {}
        for name in sorted(names):
            plain = _plain(name)
            self._plain.setdefault(plain, []).append(name)
            self._by_letter.setdefault(plain[:1], []).append(name)

    def near(self, name: str) -> str | None:
        """Return the name that this one is a slip of, if there is one."""
        plain = _plain(name)
        if others := [other for other in self._plain.get(plain, ()) if other != name]:
            return others[0]
        alike = self._by_letter.get(plain[:1], ())[:_MOST]
        return next((other for other in alike if other != name and _is_near(name, other)), None)


_MOST = 200
"""How many names are compared: of those that begin alike, the first."""


def _is_near(name: str, other: str) -> bool:
    words, others = _words(name), _words(other)
    if len(words) != len(others):
        return _is_slip("".join(words), "".join(others))
    differing = [(one, another) for one, another in zip(words, others, strict=True) if one != another]
    return len(differing) == 1 and _is_slip(*differing[0])


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold()


def _words(name: str) -> list[str]:
    """Return the words that a name is made of: those of `guest_name` and of `guestName` are the same."""
    return [word for word in re.split(r"[\W_]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).casefold()) if word]


def _is_slip(one: str, other: str) -> bool:
    """Say whether two words differ by one slip of the hand, and are not two words of their own."""
    if misspelt(one, [other]) is None or one[0] != other[0]:
        return False
    if _is_form_of(one, other) or _is_form_of(other, one) or _without_digits(one) == _without_digits(other):
        return False
    is_replaced = len(one) == len(other) and sorted(one) != sorted(other)
    return min(len(one), len(other)) >= (_FEWEST_REPLACED if is_replaced else _FEWEST)


_FEWEST = 4
"""How many signs a word has at least of which one is missing, added or in another place."""
_FEWEST_REPLACED = 5
"""How many it has of which one is another: short words become others."""


def _is_form_of(one: str, other: str) -> bool:
    """Say whether a word is a form of another one: `items` of `item`, `saved` of `save`."""
    return any(one == f"{other}{ending}" for ending in "sdryn")


def _without_digits(word: str) -> str:
    return re.sub(r"\d", "", word)
