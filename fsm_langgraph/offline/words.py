"""English, as far as rules need it: plain text, words, stems, and groups of words that mean the same.

Knows nothing of conversations or prompts. `meanings` is what choosing and matching compare: the stems of the
words that carry a meaning, words of one group counted as one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

LIMIT = 2000
"""The number of characters of a text that are looked at, so that no pattern runs long; people type less."""


def tidy(text: str) -> str:
    """Return the text with plain apostrophes, dashes and spaces."""
    text = unicodedata.normalize("NFC", text[:LIMIT])
    return " ".join(text.translate(_TYPOGRAPHY).split())


def word_list(text: str) -> list[str]:
    """Return the words of a vocabulary, in order; it reads best as text."""
    return text.split()


def word_set(text: str) -> frozenset[str]:
    """Return the words of a vocabulary as a set."""
    return frozenset(text.split())


def plain(text: str) -> str:
    """Return the text in lower case, with contractions written out."""
    return _plain(text[:LIMIT])


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text, in lower case."""
    return _words(text[:LIMIT])


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Return the word without its ending: "bookings" and "booked" are both "book"."""
    # Short words lose too much, and the endings are those of English.
    if len(word) <= 3 or not word.isascii():
        return word
    for ending, rest, least in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            word = word[: -len(ending)] + rest
            break
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word


@lru_cache(maxsize=8192)
def meaning(word: str) -> str:
    """Return the name of the word's group, or its stem."""
    return _GROUP_OF.get(word) or _GROUP_OF.get(stem(word)) or stem(word)


def meanings(text: str) -> frozenset[str]:
    """Return the meanings of a text's words, stop words left out."""
    return _meanings(text[:LIMIT])


@lru_cache(maxsize=4096)
def split_key(key: str) -> tuple[str, ...]:
    """Return the words of a key: `birth_date` and `birthDate` are both "birth date"."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", key)
    return tuple(word.lower() for word in re.split(r"[\W_]+", spaced) if word)


@lru_cache(maxsize=4096)
def label(key: str) -> str:
    """Return a key as a person would call it."""
    parts = split_key(key)
    name = " ".join(parts)
    if name in _LABELS:
        return _LABELS[name]
    return " ".join(_SPELLINGS.get(part, part) for part in parts) or "answer"


def listed(items: Iterable[str], joint: str = "and") -> str:
    """Join items as a sentence does: "a, b and c"."""
    *first, last = list(items) or [""]
    return f"{', '.join(first)} {joint} {last}" if first else last


def capital(text: str) -> str:
    """Return the text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


# The same few texts come again and again in a turn; what is kept of them is short.
@lru_cache(maxsize=2048)
def _plain(text: str) -> str:
    text = tidy(text).lower()
    if "'" in text:
        for pattern, full in _CONTRACTIONS:
            text = pattern.sub(full, text)
    return _BARE_CONTRACTION.sub(lambda match: _BARE_CONTRACTIONS[match[0]], text)


@lru_cache(maxsize=2048)
def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(_plain(text)))


@lru_cache(maxsize=2048)
def _meanings(text: str) -> frozenset[str]:
    return frozenset(meaning(word) for word in _words(text) if word not in STOP_WORDS)


_TYPOGRAPHY = str.maketrans(
    {
        "\u2019": "'",
        "\u2018": "'",
        "`": "'",
        "\u00b4": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2013": "-",
        "\u2014": " - ",
    }
)
_WORD = re.compile(r"[^\W_]+")
_CONTRACTIONS = [
    (re.compile(r"\blet's\b"), "let us"),
    (re.compile(r"\bcan't\b"), "can not"),
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"'m\b"), " am"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'d\b"), " would"),
    (re.compile(r"\b(it|that|what|there|here|who|how|where|he|she|name|email|everything)'s\b"), r"\1 is"),
]
# As people type them in a hurry. "Its" and "were" are left alone, being words themselves.
_BARE_CONTRACTIONS = {
    "dont": "do not", "doesnt": "does not", "didnt": "did not", "isnt": "is not", "arent": "are not",
    "wasnt": "was not", "cant": "can not", "cannot": "can not", "wont": "will not", "wouldnt": "would not",
    "im": "i am", "ive": "i have", "thats": "that is", "whats": "what is", "youre": "you are",
    "hasnt": "has not", "havent": "have not", "couldnt": "could not", "theres": "there is",
}  # fmt: skip
_BARE_CONTRACTION = re.compile(rf"\b(?:{'|'.join(_BARE_CONTRACTIONS)})\b")

# Longest first: ending, what takes its place, and how many letters have to remain.
_ENDINGS = [
    ("izations", "iz", 3), ("ization", "iz", 3), ("ations", "", 4), ("ation", "", 4), ("ments", "", 4),
    ("ment", "", 4), ("ings", "", 3), ("sses", "ss", 1), ("ions", "", 4), ("ies", "y", 2), ("ing", "", 3),
    ("ion", "", 4), ("ied", "y", 2), ("hes", "h", 3), ("ed", "", 3), ("ly", "", 4), ("ss", "ss", 1),
    ("us", "us", 2), ("is", "is", 2), ("s", "", 3),
]  # fmt: skip

# Groups as they matter in a conversation, not as a dictionary has them: whoever wants something changed has said no to
# "Is that right?".
_GROUPS = {
    "stop": "stop quit bye goodbye end ended ending done finish finished exit leave close conclude farewell",
    "human": "help helper person agent human humans representative operator someone somebody support staff",
    "back": "back again restart redo return repeat over retry",
    "yes": "yes yeah yep yup sure ok okay confirm confirms confirmed confirmation correct right agree "
    "agrees agreed accept accepts accepted approve approves approved affirmative satisfied happy pleased",
    "no": "no nope nah wrong incorrect incorrectly change changes correction corrections corrected fix "
    "mistake mistaken edit update modify reject rejects rejected decline declines declined refuse refuses "
    "deny denies disagree error",
    "cancel": "cancel cancels cancelled canceled cancellation abort",
    "buy": "buy purchase order ordering",
    "pay": "pay payment",
    "bill": "bill billing invoice charge charged",
    "reserve": "reserve reservation book booking",
    "birthdate": "birthdate birthday dob born birth",
    "email": "email mail emails",
    "phone": "phone telephone mobile cell cellphone",
    "fault": "broken crash crashes crashing bug fault faulty malfunction fails failing failed technical",
    "net": "internet wifi network connection connectivity online router",
    "large": "large larger largest big bigger biggest huge",
    "small": "small smaller smallest little tiny",
    "other": "other another different",
    "cheap": "cheap inexpensive affordable",
}
_GROUP_OF = {word: group for group, members in _GROUPS.items() for word in members.split()}
for _word, _group in [*_GROUP_OF.items(), ("correctly", "yes")]:
    _GROUP_OF.setdefault(stem(_word), _group)

# Beside those of English, the words of every definition: "the user wants to go on to the next state" says nothing.
STOP_WORDS = word_set(
    "a an the this that these those i me my you your he she it its we us our they them their is are was "
    "were be been am do does did have has had will would can could shall should may might must to of in "
    "on at by for from with as about into and or but if then than so when while once after before because "
    "what which who whom whose where how why not user users user's customer caller wants want wanted wish "
    "wishes like likes need needs needed please just now here there transition transitions state go goes "
    "going move moves ask asks asked provide provides provided give gives given get gets information some "
    "any all every more most thing things something anything says said tell tells told let "
    "indicates indicate specify specifies based always s t"
)

_SPELLINGS = {
    "email": "e-mail",
    "id": "ID",
    "url": "URL",
    "zip": "ZIP",
    "birthdate": "date of birth",
    "dob": "date of birth",
}
_LABELS = {
    "email": "e-mail address", "mail": "e-mail address", "e mail": "e-mail address",
    "user email": "e-mail address", "email address": "e-mail address", "phone": "phone number",
    "telephone": "phone number", "mobile": "mobile number", "birthday": "date of birth", "user name": "name",
    "customer name": "name",
}  # fmt: skip
