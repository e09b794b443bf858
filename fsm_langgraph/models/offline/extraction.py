"""The facts in a user's message: values for the state's own keys, and for others that it gives or corrects.

Each key is tried in turn. A value whose form says what it is (an e-mail address, a date) is taken for any key that
asks for one; words that could be anything are taken only for the key that was asked for. Every value serves one key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from fsm_langgraph.models.offline.corrections import find_corrections, find_labelled
from fsm_langgraph.models.offline.dates import Found, find_dates
from fsm_langgraph.models.offline.hearing import Said, yes_or_no
from fsm_langgraph.models.offline.kinds import BIRTH_WORDS, Kind, is_birth, kind_of
from fsm_langgraph.models.offline.names import find_name, find_place, short_answer
from fsm_langgraph.models.offline.reading import Key, Scene
from fsm_langgraph.models.offline.values import (
    Entities,
    find_choice,
    find_choices,
    find_code,
    find_entities,
    split_list,
)
from fsm_langgraph.models.offline.words import plain, split_key, stem, words


@dataclass(slots=True)
class Facts:
    """What a message tells."""

    own: dict[str, Any] = field(default_factory=dict)
    """Values for the state's own keys."""
    others: dict[str, Any] = field(default_factory=dict)
    """Values for other keys."""
    replaced: dict[str, Any] = field(default_factory=dict)
    """The former values of keys that were corrected."""
    first_name: str = ""
    """A first name where a full name was asked for."""

    @property
    def all(self) -> dict[str, Any]:
        """Every value."""
        return {**self.own, **self.others}


def present(value: Any) -> bool:
    """Say whether a value counts as given."""
    return value is not None and value is not False and value not in ("", [], {})


def extract(scene: Scene, said: Said, *, thinks: bool = False) -> Facts:
    """Read the facts in a message; a step of thought looks at what is known as well."""
    facts = Facts()
    if thinks:
        facts.own = _thought(scene, said)
    if not said.text or thinks:
        return facts
    entities = find_entities(said.text)
    others = other_keys(scene)
    keys = [*scene.keys, *others]
    corrected = find_corrections(said, keys, scene.context, heard=scene.heard)
    for key, value in corrected.items():
        _store(facts, scene, key, value)
    _take_own(facts, scene, said, entities)
    _take_others(facts, scene, said, entities, others)
    facts.replaced = {
        key: scene.context[key]
        for key, value in facts.all.items()
        if present(scene.context.get(key)) and not _same(scene.context[key], value)
    }
    return facts


def other_keys(scene: Scene) -> list[Key]:
    """Return the keys that may be written besides the state's own; guess their names where none are listed."""
    own = {key.name for key in scene.keys}
    if scene.others is not None:
        return [key for key in scene.others if key.name not in own]
    named = [
        *scene.context,
        *(key for way in scene.ways for key in (*way.requires, *way.collects)),
    ]
    names = [name for name in dict.fromkeys(named) if name not in own]
    known = {kind_of(Key(name)) for name in [*own, *names]} | {
        "birth" for name in [*own, *names] if not BIRTH_WORDS.isdisjoint(split_key(name))
    }
    usual: list[tuple[str, Kind | str]] = [
        ("email", "email"), ("name", "name"), ("birthdate", "birth"), ("phone", "phone"), ("age", "age"),
    ]  # fmt: skip
    return [Key(name) for name in [*names, *(name for name, kind in usual if kind not in known)]]


def _thought(scene: Scene, said: Said) -> dict[str, Any]:
    """Sort what is known into the choices that a step of thought has to make."""
    told = [value for value in scene.context.values() if isinstance(value, str)]
    found: dict[str, Any] = {}
    for key in scene.keys:
        if not key.enum or present(scene.context.get(key.name)):
            continue
        choices = (find_choice(text, key.enum) for text in (said.text, *reversed(told)))
        usual = (
            value
            for value in key.enum
            if str(value).lower() in ("other", "general", "unknown", "none", "unclear")
        )
        choice = next((choice for choice in choices if choice is not None), next(usual, None))
        if choice is not None:
            found[key.name] = choice
    return found


def _store(facts: Facts, scene: Scene, key: str, value: Any) -> None:
    target = facts.own if any(own.name == key for own in scene.keys) else facts.others
    target.setdefault(key, value)


def _take_own(facts: Facts, scene: Scene, said: Said, entities: Entities) -> None:
    """Read the state's own keys, those first that are not known yet."""
    missing = [
        key for key in scene.keys if not present(scene.context.get(key.name)) and key.name not in facts.own
    ]
    asked = _asked(scene, missing)
    for key in sorted(scene.keys, key=lambda key: key not in missing):
        if key.name in facts.own:
            continue
        value = find_labelled(key, said.text)
        if value is None:
            value = _own_value(key, scene, said, entities, facts, is_asked=key is asked, missing=missing)
        if value is not None:
            facts.own[key.name] = value
    if (asked is not None and asked.name in facts.own and kind_of(asked) == "name") and _wants_full_name(
        scene
    ):
        _join_names(facts, scene, said, asked.name)


def _asked(scene: Scene, missing: list[Key]) -> Key | None:
    """Say which key the message is likely to answer: one that the last question named, or else the first."""
    heard = {stem(word) for word in words(scene.heard)}
    required = [key for key in missing if key.required] or missing
    if len(required) > 1:
        for key in required:
            if any(stem(part) in heard for part in split_key(key.name)) and not any(
                stem(part) in heard
                for other in required
                if other is not key
                for part in split_key(other.name)
            ):
                return key
    if required:
        return required[0]
    return scene.keys[0] if len(scene.keys) == 1 else None


def _own_value(
    key: Key,
    scene: Scene,
    said: Said,
    entities: Entities,
    facts: Facts,
    *,
    is_asked: bool,
    missing: list[Key],
) -> Any:
    """Read one of the state's own keys."""
    kind = kind_of(key)
    alike = [other for other in missing if kind_of(other) == kind]
    known = present(scene.context.get(key.name))
    if kind in ("email", "url", "uuid", "phone", "date", "time", "moment"):
        return _by_form(key, kind, entities, said, alike, facts)
    if kind in ("number", "age"):
        return _number(key, said, entities, alike, is_asked=is_asked and not known)
    if kind == "choice":
        return None if said.asks and not is_asked else find_choice(said.text, key.enum)
    if kind == "list" and key.enum:
        return find_choices(said.text, key.enum) or None
    if kind == "boolean":
        if said.asks and said.answer is None:
            return None
        if said.answer is not None or not is_asked:
            return said.answer if is_asked or len(scene.keys) == 1 else None
        return yes_or_no(said.text) if not (said.declines or said.unsure or said.corrects) else None
    if kind == "name":
        return _name(key, said, asked=is_asked and not known)
    return _free(kind, key, said, entities) if is_asked and not known else None


def _by_form(key: Key, kind: Kind, entities: Entities, said: Said, alike: list[Key], facts: Facts) -> Any:
    """Take the value of this form; where several keys ask for one, each takes its own in order."""
    place = alike.index(key) if key in alike else 0
    if kind == "date":
        near = _near_date(key, said.text) if len(alike) > 1 else None
        dates = entities.births if is_birth(key) else entities.dates
        used = [value for value in facts.all.values() if isinstance(value, str)]
        free = [value for value in dates if value not in used]
        return near or (free[0] if free and (place == 0 or len(dates) > 1 or len(alike) == 1) else None)
    if kind == "moment":
        return f"{entities.dates[0]}T{entities.times[0]}" if entities.dates and entities.times else None
    values = {
        "email": entities.emails, "url": entities.urls, "uuid": entities.uuids, "phone": entities.phones,
        "time": entities.times,
    }[kind]  # fmt: skip
    return values[place] if place < len(values) else None


def _near_date(key: Key, text: str) -> str | None:
    """Return the date that a word of the key's stands before: "arriving 3 May, leaving 5 May"."""
    dates = find_dates(text)
    cues = {stem(part) for part in split_key(key.name) if part not in ("date", "day")}
    if not cues & _STARTS and not cues & _ENDS:
        cues_wide = cues
    else:
        cues_wide = cues | (_STARTS if cues & _STARTS else _ENDS)
    before = 0
    for found in dates:
        lead = {stem(word) for word in words(text[before : found.start])}
        before = found.end
        if lead & cues_wide:
            return found.value
    return None


def _number(
    key: Key, said: Said, entities: Entities, alike: list[Key], *, is_asked: bool
) -> int | float | None:
    """Take the number that stands by a word of the key's; or the only one, where a number was asked for."""
    numbers = entities.numbers
    if kind_of(key) == "age" and (age := _age(said, entities)) is not None:
        return age
    units = {stem(part) for part in split_key(key.name)} - {"number", "of", "num", "total", "how", "many"}
    for unit in tuple(units):
        units |= _UNITS.get(unit, frozenset())
    for number in numbers:
        around = f"{entities.rest[max(0, number.start - 16) : number.start]} | {entities.rest[number.end : number.end + 16]}"
        before, _, after = around.partition("|")
        if units & {stem(word) for word in [*words(before)[-2:], *words(after)[:2]]}:
            return _fitting(key, number.value)
    if not is_asked or not numbers or said.declines:
        return None
    if len(alike) > 1 and len(numbers) == len(alike):
        return _fitting(key, numbers[alike.index(key)].value) if key in alike else None
    return _fitting(key, numbers[-1].value if said.corrects else numbers[0].value)


def _fitting(key: Key, value: int | float) -> int | float | None:
    return value if key.type != "integer" or float(value).is_integer() else None


def _age(said: Said, entities: Entities) -> int | float | None:
    low = plain(entities.rest)
    for number in entities.numbers:
        after = plain(entities.rest[number.end : number.end + 14])
        before = plain(entities.rest[max(0, number.start - 12) : number.start])
        if after.startswith(
            ("years old", "year old", "yrs", "y/o", "yo ", "years of age")
        ) or before.endswith(("age ", "aged ", "age is ", "turned ")):
            return number.value
        if before.endswith("i am ") and 5 <= number.value <= 120 and not after.strip(" .,!;")[:1].isalpha():
            return number.value
    del low
    return None


def _name(key: Key, said: Said, *, asked: bool) -> str | None:
    if said.declines or said.unsure or said.chats or (said.asks and not _introduces(said)):
        return None
    name = find_name(said.text, asked=asked and said.answer is None and not said.thanks and not said.leaves)
    if name is None:
        return None
    parts = split_key(key.name)
    if "first" in parts or "given" in parts:
        return name.split()[0]
    if "last" in parts or "family" in parts or "sur" in parts:
        return name.split()[-1]
    return name


def _introduces(said: Said) -> bool:
    return find_name(said.text, asked=False) is not None


def _wants_full_name(scene: Scene) -> bool:
    text = plain(scene.instructions)
    return "full name" in text and ("only" in text and "first name" in text)


def _join_names(facts: Facts, scene: Scene, said: Said, key: str) -> None:
    """Keep a first name back until the rest of the name was asked for once."""
    name = facts.own[key]
    if not isinstance(name, str) or " " in name:
        return
    if "last name" in scene.heard or "full name" in scene.heard:
        before = find_name(scene.said_before[-1], asked=True) if scene.said_before else None
        if before and " " not in before:
            facts.own[key] = before if before == name else f"{before} {name}"
            return
    if "just" in said.plain.split() or "only" in said.plain.split():
        return
    del facts.own[key]
    facts.first_name = name


def _free(kind: Kind, key: Key, said: Said, entities: Entities) -> Any:
    """Read words that could be anything, as the answer to what was asked."""
    if kind == "opaque":
        return None
    if kind == "code":
        return find_code(said.text) or (
            short_answer(said.text)
            if key.type == "string" and said.has_content and len(said.text.split()) == 1
            else None
        )
    if kind == "text":
        takes_questions = not said.chats and any(part in _ASKING for part in split_key(key.name))
        fits = (
            said.has_content
            or (takes_questions and said.asks)
            or (
                len(said.text.split()) > 4
                and not (said.asks or said.chats or said.declines or said.leaves or said.unsure)
            )
        )
        return said.text if fits else None
    if (
        kind == "place"
        and (place := find_place(said.text, origin=bool({"origin", "departure"} & set(split_key(key.name)))))
        is not None
        and not said.asks
    ):
        return place
    if not said.has_content:
        return None
    if kind == "list":
        items = split_list(said.text)
        return items or None
    answer = short_answer(said.text)
    if kind == "place":
        answer = answer if not entities else ""
        return (
            " ".join(
                word[:1].upper() + word[1:] if word.islower() and word not in ("of", "the", "and") else word
                for word in answer.split()
            )
            or None
        )
    return answer or None


def _take_others(facts: Facts, scene: Scene, said: Said, entities: Entities, others: Iterable[Key]) -> None:
    """Read what the message gives besides: only what cannot be meant otherwise."""
    used = {value for value in facts.all.values() if isinstance(value, str)}
    for key in others:
        if key.name in facts.others:
            continue
        value = find_labelled(key, said.text)
        if value is None:
            value = _volunteered(key, scene, said, entities, used)
        if value is not None and not _same(scene.context.get(key.name), value):
            facts.others[key.name] = value
            if isinstance(value, str):
                used.add(value)


def _volunteered(key: Key, scene: Scene, said: Said, entities: Entities, used: set[str]) -> Any:
    kind = kind_of(key)
    if kind == "date" and is_birth(key):
        cued = (
            not BIRTH_WORDS.isdisjoint(words(said.text))
            or entities.emails
            or find_name(said.text, asked=False)
        )
        return _first(entities.births, used) if cued and not _asks_for_dates(scene) else None
    if kind in ("email", "phone"):
        return _first(entities.emails if kind == "email" else entities.phones, used)
    if kind == "age":
        return _age(said, entities)
    if kind == "name":
        return (
            None
            if said.declines or any(kind_of(own) == "name" for own in scene.keys)
            else _name(key, said, asked=False)
        )
    if kind == "choice" and not said.asks and len(said.text.split()) > 1:
        return _named_choice(key, said)
    if kind == "number" and key.description and not scene.keys:
        return None
    return None


def _named_choice(key: Key, said: Said) -> Any:
    """Return the choice that a message names word for word."""
    low = f" {' '.join(words(said.text))} "
    named = [
        v
        for v in key.enum
        if isinstance(v, str)
        and len(v) > 2
        and f" {' '.join(words(v))} " in low
        and v.lower() not in ("other", "none", "yes", "new")
    ]
    return named[0] if len(named) == 1 and find_choice(said.text, key.enum) == named[0] else None


def _asks_for_dates(scene: Scene) -> bool:
    return any(kind_of(key) == "date" for key in scene.keys)


def _first(values: list[str], used: set[str]) -> str | None:
    return next((value for value in values if value not in used), None)


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


_STARTS = frozenset(
    stem(word)
    for word in [
        "arrival",
        "arriving",
        "arrive",
        "start",
        "starting",
        "begin",
        "from",
        "checkin",
        "check",
        "in",
        "departure",
        "outbound",
    ]
)
_ENDS = frozenset(
    stem(word)
    for word in [
        "departure",
        "leaving",
        "leave",
        "end",
        "ending",
        "until",
        "to",
        "till",
        "checkout",
        "out",
        "return",
        "returning",
    ]
)
_ASKING = frozenset(["question", "query", "request", "issue", "problem", "topic", "message"])
_UNITS: dict[str, frozenset[str]] = {
    stem(name): frozenset(stem(word) for word in forms.split())
    for name, forms in {
        "guest": "guests people persons of us adults", "party": "people persons of us guests", "people": "people persons of us guests",
        "size": "people persons of us", "quantity": "pieces units items x", "nights": "nights", "days": "days day", "budget": "dollars euros usd eur",
        "price": "dollars euros", "amount": "dollars euros", "rating": "stars star", "score": "points", "passengers": "passengers people travellers",
    }.items()
}  # fmt: skip
_ = Found
