"""Near misses: a name that is a known one with a slip of the hand in it.

Two keys may well differ by one letter: `item` and `items`, `street1` and `street2`, `date` and `rate`, `height` and
`weight`. So a plural and a number are no slips, and another letter is none in a short word, or as the first one. Of a
name that is made of words, such as `max_rate`, the word that differs counts.

Names are found by what is left of them without one letter, which both of a pair have in common, so that asking takes as
long for ten thousand names as for ten.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from fsm_langgraph.errors import misspelt

_LONGEST = 64
"""How long a name is that is compared."""


class MisspeltNames:
    """Known names, asked for the one that another one misspells.

    Args:
        known: The names.
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._known = sorted(name for name in known if len(name) <= _LONGEST)
        self._names = frozenset(self._known)
        self._folded = {_folded(name): name for name in reversed(self._known)}
        self._parts: defaultdict[str, list[str]] = defaultdict(list)
        for name in self._names:
            for part in _parts(name):
                self._parts[part].append(name)

    def meant_by(self, name: str) -> str | None:
        """Return the known name that is meant by one that there is not; `None` where nobody can be sure."""
        if len(name) > _LONGEST or name in self._names:
            return None
        if (same := self._folded.get(_folded(name))) is not None:
            return same
        near = {other for part in _parts(name) for other in self._parts.get(part, ()) if _is_slip(name, other)}
        return min(near, default=None)


def _parts(name: str) -> Iterator[str]:
    yield name
    yield from {name[:index] + name[index + 1 :] for index in range(len(name))}


def _folded(name: str) -> str:
    """Write a name in the one way in which `userName`, `user-name` and `user_name` are the same."""
    return name.replace("_", "").replace("-", "").replace(" ", "").casefold()


def _is_slip(name: str, other: str) -> bool:
    name, other = _differing(name, other)
    if misspelt(name, (other,)) is None or _letters(name) == _letters(other):
        return False
    if len(name) == len(other):
        is_swapped = sorted(name) == sorted(other)
        return len(name) > 3 if is_swapped else len(name) > 4 and name[0] == other[0]
    return max(len(name), len(other)) > 4 and not (_is_form(name, other) or _is_form(other, name))


def _differing(name: str, other: str) -> tuple[str, str]:
    """Return the words in which two names differ, where they are made of words and differ in one; else the names."""
    words = [pair for pair in zip(name.split("_"), other.split("_"), strict=False) if pair[0] != pair[1]]
    return words[0] if len(words) == 1 and name.count("_") == other.count("_") else (name, other)


def _is_form(one: str, other: str) -> bool:
    """Say whether a word is another one's plural or past, or begins otherwise: `items`, `saved`, `unpaid`."""
    endings = "sdrynt" if other.endswith("e") else "sderynt"  # of `coffe` and `coffee` one is a slip
    return one[1:] == other or any(one == f"{other}{ending}" for ending in endings)


def _letters(name: str) -> str:
    return "".join(sign for sign in name if not sign.isdigit())
