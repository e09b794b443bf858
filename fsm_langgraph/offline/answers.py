"""One key's value in a message: as the answer to a question, or mentioned in passing.

`read_answer` is for the keys that the current state collects, `read_mention` for all others. The first may take words
that could be anything, if its key was asked for; the second takes only values whose meaning is certain.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fsm_langgraph.offline.dates import find_dates
from fsm_langgraph.offline.durations import in_unit, unit_of
from fsm_langgraph.offline.entities import Entities, find_choice, find_choices, find_code, split_list
from fsm_langgraph.offline.hearing import Said, yes_or_no
from fsm_langgraph.offline.kinds import BIRTH_WORDS, Kind, is_birth, kind_of
from fsm_langgraph.offline.names import find_name, find_place, short_answer
from fsm_langgraph.offline.numbers import Number, find_numbers
from fsm_langgraph.offline.prompt_content import DescribedKey
from fsm_langgraph.offline.words import STOP_WORDS, plain, split_key, stem, word_set, words


@dataclass(frozen=True, slots=True)
class Asked:
    """The circumstances in which a key was asked for."""

    is_asked: bool
    """Whether the message is likely to be its answer."""
    is_only: bool
    """Whether the state collects nothing else."""
    takes_numbers: bool
    """Whether a number can be meant for no other key."""
    alike: Sequence[DescribedKey]
    """The missing keys of the same kind, this one among them."""
    used: Collection[str]
    """Values that another key has taken."""


def read_answer(key: DescribedKey, said: Said, entities: Entities, asked: Asked) -> Any:
    """Read a key that the state collects."""
    match kind_of(key):
        case "email" | "url" | "uuid" | "phone" | "date" | "time" | "moment":
            return _by_form(key, said, entities, asked)
        case "number" | "age":
            return _number(key, said, entities, asked)
        case "choice":
            return _choice(key, said, asked)
        case "boolean":
            return _boolean(said, asked)
        case "name":
            return _name(key, said, asked=asked.is_asked)
        case "list" if key.enum:
            return find_choices(said.text, key.enum) or None
        case "opaque":
            return None
        case kind:
            return _free(kind, key, said, entities) if asked.is_asked else None


def read_mention(
    key: DescribedKey, said: Said, entities: Entities, *, own_kinds: Collection[Kind], used: Collection[str]
) -> Any:
    """Read a key that the state does not collect."""
    kind = kind_of(key)
    if kind == "date" and is_birth(key):
        # A date in passing is most often that of a trip; a birth takes a sign that the user speaks of themselves.
        cued = entities.emails or said.introduces or not BIRTH_WORDS.isdisjoint(words(said.text))
        return _first(entities.births, used) if cued and "date" not in own_kinds else None
    if kind == "email":
        return _first(entities.emails, used)
    if kind == "phone":
        return _first(entities.phones, used)
    if kind == "age":
        return _age(entities)
    if kind == "number":
        return _counted(key, entities) if not said.asks else None
    if kind == "name":
        return None if said.declines or "name" in own_kinds else _name(key, said, asked=False)
    # A single word answers the question that was asked, even if another key has a choice of this name.
    if kind == "choice" and not said.asks and len(said.plain.split()) > 1:
        return _named_choice(key, said)
    return None


def _by_form(key: DescribedKey, said: Said, entities: Entities, asked: Asked) -> str | None:
    """Take the value of this form; where several keys ask for one, each takes its own in order."""
    kind = kind_of(key)
    if kind == "moment":
        return f"{entities.dates[0]}T{entities.times[0]}" if entities.dates and entities.times else None
    if kind == "date" and len(asked.alike) > 1 and (near := _near_date(key, said.text)):
        return near
    free = [value for value in entities.of_kind(kind, birth=is_birth(key)) if value not in asked.used]
    return free[0] if free else None


def _near_date(key: DescribedKey, text: str) -> str | None:
    """Return the date that a word of the key's stands before: "arriving 3 May, leaving 5 May"."""
    cues = {stem(part) for part in split_key(key.name)} - {"date", "day"}
    cues |= _STARTS if cues & _STARTS else _ENDS if cues & _ENDS else frozenset()
    before = 0
    for found in find_dates(text):
        if cues & {stem(word) for word in words(text[before : found.start])}:
            return found.value
        before = found.end
    return None


def _number(key: DescribedKey, said: Said, entities: Entities, asked: Asked) -> int | float | None:
    """Take the number that stands by a word of the key's; or the only one, where a number was asked for."""
    if kind_of(key) == "age" and (age := _age(entities)) is not None:
        return age
    numbers = entities.numbers
    if unit := unit_of(f"{' '.join(split_key(key.name))} {key.description}"):
        rest = in_unit(entities.rest, unit)
        entities = replace(entities, rest=rest, numbers=(numbers := find_numbers(rest)))
    if (counted := _counted(key, entities)) is not None:
        return counted
    alone = asked.takes_numbers and len(numbers) == 1 and not said.asks
    if not numbers or said.declines or not (asked.is_asked or alone):
        return None
    # "2 and 3" to "how many adults, and how many children?": in the order of the keys.
    if len(numbers) == len(asked.alike) > 1:
        return _whole(key, numbers[asked.alike.index(key)].value)
    # "not 3, I meant 4": the right one comes last.
    return _whole(key, numbers[-1 if said.corrects else 0].value)


def _counted(key: DescribedKey, entities: Entities) -> int | float | None:
    """Return the number that counts what the key is about: "4 guests", "a rating of 5"."""
    named = {stem(part) for part in split_key(key.name)}
    units = (named | {stem(word) for word in words(key.description) if word not in STOP_WORDS}) - _COUNTING
    for unit in tuple(units):
        units |= _UNITS.get(unit, frozenset())
    for number in entities.numbers:
        before, after = _around(entities.rest, number)
        # A unit follows its number; before a number only the key's own name counts: "guests: 4".
        close = {stem(word) for word in after[:2]} | ({stem(word) for word in before[-2:]} & named)
        if units & close:
            return _whole(key, number.value)
    return None


def _around(text: str, number: Number) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words close before and after a number, in the same part of the sentence."""
    before = text[max(0, number.start - 24) : number.start].replace(";", ",").rpartition(",")[2]
    after = text[number.end : number.end + 24].replace(";", ",").partition(",")[0]
    return words(before), words(after)


def _whole(key: DescribedKey, value: int | float) -> int | float | None:
    return value if key.type != "integer" or float(value).is_integer() else None


def _age(entities: Entities) -> int | float | None:
    for number in entities.numbers:
        after = plain(entities.rest[number.end : number.end + 16])
        before = plain(entities.rest[max(0, number.start - 12) : number.start])
        if after.startswith(_YEARS_OLD) or before.endswith(("age", "aged", "age is", "turned")):
            return number.value
        # "I am 5 minutes late" is no age, and nobody who types is younger than 5.
        if before.endswith("i am") and 5 <= number.value <= 120 and not after[:1].isalpha():
            return number.value
    return None


def _choice(key: DescribedKey, said: Said, asked: Asked) -> Any:
    if said.chats or (said.asks and not asked.is_asked):
        return None
    choice = find_choice(said.text, key.enum)
    if choice is None and asked.is_asked and "none" in key.enum and _NOTHING & set(said.plain.split()):
        return "none"
    return choice


def _boolean(said: Said, asked: Asked) -> bool | None:
    if said.answer is not None:
        # A bare yes answers the one question that there is; with several keys it could mean any of them.
        return said.answer if asked.is_asked or asked.is_only else None
    if not asked.is_asked or said.asks or said.declines or said.unsure or said.corrects:
        return None
    return yes_or_no(said.text)


def _name(key: DescribedKey, said: Said, *, asked: bool) -> str | None:
    if said.declines or said.unsure or said.chats or (said.asks and not said.introduces):
        return None
    bare = asked and said.answer is None and not (said.thanks or said.leaves or said.goes_on)
    name = find_name(said.text, asked=bare)
    parts = set(split_key(key.name))
    if name and parts & {"first", "given"}:
        return name.split()[0]
    return name.split()[-1] if name and parts & {"last", "family", "sur"} else name


def _free(kind: Kind, key: DescribedKey, said: Said, entities: Entities) -> Any:
    """Read words that could be anything, as the answer to what was asked."""
    if kind == "code":
        alone = said.has_content and len(said.text.split()) == 1
        return find_code(said.text) or (short_answer(said.text) if alone and key.type == "string" else None)
    if kind == "text":
        return said.whole if _is_told(key, said) else None
    if kind == "place" and not said.asks and (place := find_place(said.text, origin=_is_origin(key))):
        return place
    if not said.has_content:
        return None
    if kind == "list":
        return split_list(said.text) or None
    answer = short_answer(said.text)
    if kind == "place":
        answer = "" if entities else _capitals(_PREPOSITION.sub("", answer))
    return answer or None


def _is_told(key: DescribedKey, said: Said) -> bool:
    """Say whether a whole message is an answer in words."""
    if said.has_content:
        return True
    if said.chats or said.declines or said.leaves or said.unsure or said.noise:
        return False
    if said.asks:
        return not _ASKING.isdisjoint(split_key(key.name))
    # Long messages tell something, even where they also say yes or thank.
    return len(said.text.split()) > 4


def _is_origin(key: DescribedKey) -> bool:
    return not {"origin", "departure", "from"}.isdisjoint(split_key(key.name))


def _capitals(place: str) -> str:
    return " ".join(
        word[:1].upper() + word[1:] if word.islower() and word not in ("of", "the", "and") else word
        for word in place.split()
    )


def _named_choice(key: DescribedKey, said: Said) -> Any:
    """Return the choice that a message names word for word."""
    low = f" {' '.join(words(said.text))} "
    named = [
        value
        for value in key.enum
        if isinstance(value, str)
        and len(value) > 2
        and value.lower() not in _TOO_COMMON
        and f" {' '.join(words(value))} " in low
    ]
    return named[0] if len(named) == 1 and find_choice(said.text, key.enum) == named[0] else None


def _first(values: Sequence[str], used: Collection[str]) -> str | None:
    return next((value for value in values if value not in used), None)


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in text.split())


_PREPOSITION = re.compile(r"^(?:to|in|at|from|near)\s+", re.IGNORECASE)
_STARTS = _stems("arrival arriving arrive start starting begin from checkin check in outbound")
_ENDS = _stems("departure leaving leave end ending until to till checkout out return returning")
_ASKING = word_set("question query request issue problem topic message")
_NOTHING = word_set("none nothing off no neither dark")
_TOO_COMMON = word_set("other none yes new one any all basic general")
_YEARS_OLD = ("years old", "year old", "yrs", "y/o", "yo ", "years of age", "years young")
_COUNTING = _stems("number of num total how many much the count a an user s euros dollars in long take")
_UNITS = {
    stem(name): _stems(forms)
    for name, forms in {
        "guest": "guests people persons of us adults", "party": "people persons of us guests",
        "people": "people persons of us guests", "quantity": "pieces units items x", "nights": "nights",
        "days": "days day", "budget": "dollars euros usd eur", "price": "dollars euros",
        "amount": "dollars euros", "rating": "stars star", "score": "points",
        "passengers": "passengers people travellers", "minutes": "minutes minute mins min", "age": "years",
    }.items()
}  # fmt: skip
