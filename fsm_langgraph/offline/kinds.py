"""The kind of value that a key asks for, by its declaration or, failing that, by its name."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from fsm_langgraph.offline.prompt_content import DescribedKey
from fsm_langgraph.offline.words import split_key, word_set, words

Kind = Literal[
    "email", "date", "time", "moment", "url", "uuid", "phone", "name", "age", "number", "boolean", "choice",
    "list", "place", "code", "phrase", "text", "opaque",
]  # fmt: skip
"""`choice`: one of an enum; `phrase`: a few words; `text`: the whole message; `opaque`: unreadable here."""

BIRTH_WORDS = frozenset({"birthdate", "birthday", "birth", "dob", "born"})


@lru_cache(maxsize=4096)
def kind_of(key: DescribedKey) -> Kind:
    """Say what kind of value a key asks for."""
    if key.enum:
        return "list" if key.type == "array" else "choice"
    if key.type in _BY_TYPE:
        return "age" if key.type in ("integer", "number") and "age" in split_key(key.name) else _BY_TYPE[key.type]
    if key.format in _BY_FORMAT:
        return _BY_FORMAT[key.format]
    parts = split_key(key.name)
    kind = "code" if _is_code_number(parts) else _by_words(frozenset(parts), parts)
    # Declared as a text, it would not take the number or the yes that its name suggests.
    if key.type == "string" and kind in ("number", "age", "boolean", "list"):
        return "phrase"
    if kind == "phrase" and key.description:
        return _by_description(key.description, key.type)
    return kind


def is_birth(key: DescribedKey) -> bool:
    """Say whether a key asks when somebody was born."""
    return not BIRTH_WORDS.isdisjoint([*split_key(key.name), *words(key.description)])


_BY_TYPE: dict[str, Kind] = {
    "boolean": "boolean", "integer": "number", "number": "number", "array": "list", "object": "opaque",
}  # fmt: skip
_BY_FORMAT: dict[str, Kind] = {
    "email": "email", "date": "date", "time": "time", "date-time": "moment", "uri": "url", "uuid": "uuid",
}  # fmt: skip


def _by_words(parts: frozenset[str], ordered: tuple[str, ...]) -> Kind:
    last = ordered[-1] if ordered else ""
    for kind, (anywhere, at_end) in _NAMES.items():
        if not parts.isdisjoint(anywhere) or last in at_end:
            return kind
    if last == "name" and parts <= _OF_PEOPLE:
        return "name"
    if ordered and ordered[0] in _ASKS_WHETHER:
        return "boolean"
    if len(ordered) > 1 and ordered[0] in ("number", "num") and ordered[1] != "plate":
        return "number"
    return "phrase"


def _by_description(description: str, type_: str) -> Kind:
    """Read the kind from a description, where it is plain."""
    found = frozenset(words(description))
    if not found.isdisjoint({"email", "mail"}) and not found.isdisjoint({"address", "email"}):
        return "email"
    if "phone" in found:
        return "phone"
    if "birth" in found or {"date", "yyyy"} <= found:
        return "date"
    if {"full", "name"} <= found or {"first", "name"} <= found or found >= {"user", "name"}:
        return "name"
    if not found.isdisjoint({"whether"}) and type_ != "string":
        return "boolean"
    if not found.isdisjoint(_DESCRIBES_TEXT):
        return "text"
    return "phrase"


_OF_PEOPLE = word_set(
    "name full user username customer first last given family sur nick contact guest patient client "
    "caller your person recipient passenger traveler traveller player student visitor preferred applicant "
    "employee candidate"
)
_ASKS_WHETHER = word_set("is has wants needs should can did does was are will accepts agrees likes knows")
_WHOLE_WORDS = word_set(
    "confirmed confirmation confirm agreed consent accepted approved satisfied resolved subscribed "
    "newsletter done ready proceed verified urgent correct acknowledged understood"
)
_NUMBERS = word_set(
    "quantity count amount price budget rating score guests people persons adults children nights days "
    "passengers travelers travellers cost total weight height income salary tickets rooms seats stars "
    "percentage percent year years hours minutes"
)

_TEXTS = word_set(
    "issue description comment comments feedback message topic question problem details reason notes request "
    "story complaint review experience answer explanation summary symptoms query text thoughts idea"
)
_DESCRIBES_TEXT = word_set("describe describes description text sentence sentences problem details reason words")
_NONE = word_set("")

# Kind: words that settle it anywhere in the key, and words that settle it at its end. The first kind that fits holds.
_NAMES: dict[Kind, tuple[frozenset[str], frozenset[str]]] = {
    "boolean": (_WHOLE_WORDS, _NONE),
    "email": (word_set("email mail"), _NONE),
    "url": (word_set("url website homepage link"), _NONE),
    "code": (
        word_set("zip zipcode postcode iban"),
        word_set("id code reference ref order plate invoice sku"),
    ),
    "date": (word_set("birthdate birthday dob birth date deadline"), word_set("arrival departure day")),
    "phone": (word_set("phone telephone mobile cellphone"), _NONE),
    "text": (_TEXTS, _NONE),
    "age": (word_set("age"), _NONE),
    "number": (_NONE, _NUMBERS),
    "time": (_NONE, word_set("time hour")),
    "place": (_NONE, word_set("city town country destination location place region origin")),
    "list": (word_set("toppings items interests hobbies languages skills ingredients allergies"), _NONE),
}
_CODES = word_set("order account ticket policy booking reference tracking invoice customer serial parcel shipment")


def _is_code_number(parts: tuple[str, ...]) -> bool:
    """Say whether a key such as `order_number` names a thing rather than counts."""
    return len(parts) > 1 and parts[-1] in ("number", "no", "nr") and parts[-2] in _CODES
