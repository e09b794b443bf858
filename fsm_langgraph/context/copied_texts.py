"""Copied texts: what a small model writes as a value because it has just read it in the prompt.

    its key        "name", "The user's full name.", "user's full name", "full name", "my name", "enter your full name"
    its form       "string", "a date such as 1990-05-31", "1990-05-31", the pattern
    other keys     their descriptions, "the customer's phone"
    the state      its description and its purpose, and the sentences of its instructions
    examples       an address, a number or a date in the example dialogue

A word that the definition has is a fine value where it classifies what was said: "refund" is a topic, though a state is
named so. So of what is not about the key itself only texts of several words count, as a whole. Nor is it copied where
the user has answered so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from fsm_langgraph.context.user_words import UserWords
from fsm_langgraph.data.formats import FORMATS
from fsm_langgraph.data.plain_words import plain_words
from fsm_langgraph.definition import ContextKey, FSMDefinition, State

Words = tuple[str, ...]
"""A text as its plain words."""


def is_copied(
    key: str, value: str, declaration: ContextKey | None, definition: FSMDefinition, state: State | None
) -> bool:
    """Say whether a value is a text of the prompt's.

    Args:
        key: The key that it is told for.
        value: The value.
        declaration: The key's declaration, if it has one.
        definition: The definition that the prompt was made of.
        state: The state whose prompt it was, where that is one of these.
    """
    words = tuple(plain_words(value))
    return _is_about_key(key, value, words, declaration) or _is_from_prompt(value, words, definition, state)


def is_answer(value: str, words: UserWords) -> bool:
    """Say whether the user has written a text to say it: in "my name is Ann" nobody says "name"."""
    core = _core(tuple(plain_words(value)))
    if not core:
        return words.has_phrase(value)
    places = [*words.around(core)]
    if not places:
        return words.has_phrase(value)  # in a script without blanks
    return any(before not in _LABELLING and after not in _LABELLED for before, after in places)


def _is_about_key(key: str, value: str, words: Words, declaration: ContextKey | None) -> bool:
    """Say whether a value only says what its key is, or which form it is to have."""
    if ";" in value:  # behind its description the prompt tells a key's limits: "…; at least 1"
        words = tuple(plain_words(value.partition(";")[0]))
    words = _without_request(words)
    core = _core(words)
    if core and ("".join(core) == _joined_core(key) or (core == _words_of(key)[-1:] and core[0] in _GENERAL)):
        return True
    if declaration is None:
        return False
    return (bool(words) and _is_description(words, declaration.description)) or _is_form(value, words, declaration)


def _is_from_prompt(value: str, words: Words, definition: FSMDefinition, state: State | None) -> bool:
    """Say whether a value is a text of the definition's that has nothing to do with it."""
    if state is not None and state.example_dialogue and _IS_PRECISE.search(value) and _is_in_dialogue(words, state):
        return True
    if len(words) < _TELLING:
        return False
    return _is_about_user(words, definition) or words in _texts(definition, state)


def _is_about_user(words: Words, definition: FSMDefinition) -> bool:
    """Say whether a value names something of the user's, in the words that the keys are told in."""
    at = 1 if words[0] == "the" else 0
    if not (words[at] in _OWNERS and (words[at].endswith("s") or words[at + 1] == "s")):
        return False
    keys = (definition.context or {}).items()
    told = {word for key, of in keys for text in (key, of.description) for word in _words_of(text)}
    return {*words[at + 1 :]} <= told | {"s"}


def _texts(definition: FSMDefinition, state: State | None) -> Iterator[Words]:
    for declared in (definition.context or {}).values():
        yield _words_of(declared.description)
    if state is not None:
        for field, text in state.texts.items():
            if field != "say":  # the machine's own words, which no prompt has
                yield from _sentences(text)
        yield from _sentences(definition.persona)


def _is_in_dialogue(words: Words, state: State) -> bool:
    said = (_words_of(text) for entry in state.example_dialogue for text in entry.values())
    return bool(words) and any(f" {' '.join(words)} " in f" {' '.join(each)} " for each in said)


def _is_description(words: Words, description: str) -> bool:
    """Say whether words are a description, its beginning, or a description with more behind it."""
    told = _words_of(description)
    if not told:
        return False
    if words in _short_forms(description) or _core(words) in _short_forms(description):
        return True
    is_phrase = told[0] in _BEGINS and min(len(words), len(told)) >= _TELLING
    return is_phrase and (told[: len(words)] == words or words[: len(told)] == told)


def _is_form(value: str, words: Words, declaration: ContextKey) -> bool:
    if declaration.pattern is not None and value.strip() == declaration.pattern:
        return True
    form = declaration.format
    if form is not None and (words in _form_words(form) or value.strip().casefold() == _EXAMPLES.get(form)):
        return True
    return words == (declaration.type,)


# These texts are the definition's, which stay the same from turn to turn.


@lru_cache(maxsize=4096)
def _words_of(text: str) -> Words:
    return tuple(plain_words(text))


@lru_cache(maxsize=4096)
def _sentences(text: str) -> tuple[Words, ...]:
    """Return the words of a text, and those of its sentences."""
    return tuple(map(_words_of, (text, *_SENTENCE.findall(text))))


@lru_cache(maxsize=4096)
def _joined_core(key: str) -> str:
    return "".join(_core(_words_of(key)))


@lru_cache(maxsize=4096)
def _short_forms(description: str) -> frozenset[Words]:
    """Return a description's words, those without what points, and whose it is: "user", of "the user's name"."""
    told = _words_of(description)
    owner = told[told[0] == "the" : told.index("s")] if "s" in told[1:3] else told
    return frozenset({told, _core(told), owner})


@lru_cache
def _form_words(form: str) -> tuple[Words, ...]:
    told = _words_of(FORMATS[form])
    return told, told[1:], _words_of(form)


def _core(words: Words) -> Words:
    """Return words without those that only point at what follows: "the user's full name" is "full name"."""
    at = 0
    while at < len(words) - 1 and (words[at] in _POINTING or (at > 0 and words[at] == "s")):
        at += 1
    return words[at:]


def _without_request(words: Words) -> Words:
    """Return words without what makes a request of them: "please enter your name here" is "your name"."""
    start = 1 if words[:1] == ("please",) else 0
    end = len(words) - 1 if words[-1:] == ("here",) else len(words)
    if words[start : start + 1] and words[start] in _REQUESTS:
        return words[start + 1 : end] or words
    return words[:end] or words


_TELLING: Final = 3
"""How many words a text has at least that no value is by chance."""
_BEGINS = frozenset(
    plain_words("the a an your their what which whether how when where who why any anything all if name number")
)
"""The words that descriptions begin with, and values do not."""
_OWNERS = frozenset(
    plain_words("user users customer customers client clients caller callers guest guests patient patients")
)
_POINTING = _OWNERS | {"the", "your", "my", "their", "his", "her"}
_GENERAL = frozenset(plain_words("name number address code date time id"))
"""The words that say of a longer key what its value is: a full name is a name."""
_LABELLING = _POINTING | {"a", "an", "no", "which", "what", "another", "new", "this", "that"}
_LABELLED = frozenset({"is", "are", "was", "s"})
_REQUESTS = frozenset(plain_words("enter insert provide type write give add specify state"))
_EXAMPLES = {form: words.rpartition(" such as ")[2].casefold() for form, words in FORMATS.items() if form != "time"}
"""The examples that a rejected value's reason has; that of a time is one that people mean often enough."""
_SENTENCE = re.compile(r"(?<![^.!?\n])[^.!?\n]++[.!?](?=\s|$)")  # tried at the starts of runs alone: linear
_IS_PRECISE = re.compile(r"@|://|(?:\d\D{0,2}){4}")
