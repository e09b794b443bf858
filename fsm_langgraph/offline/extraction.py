"""The facts in a user's message: values for the state's own keys, and for others that it gives or corrects.

Each key is tried in turn. A value with a form of its own (an e-mail address, a date) is taken for any key that asks for
one; words that could be anything are taken only for the key that was asked for. Every value is given to one key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from fsm_langgraph.data.patterns import has_pattern
from fsm_langgraph.offline.answers import Asked, read_answer, read_mention
from fsm_langgraph.offline.corrections import find_corrections
from fsm_langgraph.offline.entities import Entities, find_choice, find_entities
from fsm_langgraph.offline.hearing import Said
from fsm_langgraph.offline.kinds import BIRTH_WORDS, Kind, kind_of
from fsm_langgraph.offline.labels import find_labelled
from fsm_langgraph.offline.names import find_name
from fsm_langgraph.offline.negation import says_none
from fsm_langgraph.offline.prompt_content import DescribedKey, PromptContent
from fsm_langgraph.offline.words import meanings, plain, split_key, stem, words


@dataclass(slots=True)
class Facts:
    """The values in a message, by their keys."""

    own: dict[str, Any] = field(default_factory=dict)
    """Values for the state's own keys."""
    others: dict[str, Any] = field(default_factory=dict)
    """Values for other keys."""
    replaced: dict[str, Any] = field(default_factory=dict)
    """The former values of keys that were corrected."""
    first_name: str = ""
    """A first name that is not stored yet, where a full name was asked for."""

    @property
    def all(self) -> dict[str, Any]:
        """Every value."""
        return {**self.own, **self.others}


def present(value: Any, *, is_declared: bool = True) -> bool:
    """Say whether a value counts as given; where nothing is declared, `no` and `false` are words for false."""
    if not is_declared and value in ("no", "false"):
        return False
    return value is not None and value is not False and value not in ("", [], {})


def same(one: Any, other: Any) -> bool:
    """Compare as JSON does: `1` is not `true`."""
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def extract(prompt: PromptContent, said: Said) -> Facts:
    """Read the facts in a message."""
    facts = Facts()
    if not said.text:
        return facts
    entities = find_entities(said.text)
    others = other_keys(prompt)
    # Corrections first: a value that replaces another one is not an answer to the open question as well.
    corrections = find_corrections(said, [*prompt.keys, *others], prompt.context, heard=prompt.heard)
    own_names = {key.name for key in prompt.keys}
    for key, value in corrections.items():
        (facts.own if key in own_names else facts.others)[key] = value
    spoken_for = bool(corrections) or any(find_labelled(key, said.text) is not None for key in others)
    _take_own(facts, prompt, said, entities, spoken_for=spoken_for)
    _take_others(facts, prompt, said, entities, others)
    _drop_misfits(facts, [*prompt.keys, *others])
    facts.replaced = {
        key: prompt.context[key]
        for key, value in facts.all.items()
        if present(prompt.context.get(key)) and not same(prompt.context[key], value)
    }
    _forget_refusal(facts, prompt)
    return facts


def infer(prompt: PromptContent, said: Said) -> Facts:
    """Make the choices of a step of thought, by the message and the known values."""
    told = [said.text, *(value for value in reversed(prompt.context.values()) if isinstance(value, str))]
    facts = Facts()
    for key in prompt.keys:
        if not key.enum or present(prompt.context.get(key.name)):
            continue
        # A step of thought has to go on; where nothing fits, the choice for that is "other" or the like.
        usual = (value for value in key.enum if str(value).lower() in _USUAL)
        named = (choice for text in told if (choice := find_choice(text, key.enum)) is not None)
        choice = next(named, next(usual, None))
        if choice is not None:
            facts.own[key.name] = choice
    return facts


def other_keys(prompt: PromptContent) -> list[DescribedKey]:
    """Return the other keys that may be written; where the prompt lists none, the usual names are guessed."""
    own = {key.name for key in prompt.keys}
    if prompt.others is not None:
        return [key for key in prompt.others if key.name not in own]
    named = [
        *prompt.context,
        *(key for each in prompt.transitions for key in (*each.requires, *each.answered, *each.collects)),
    ]
    names = [name for name in dict.fromkeys(named) if name not in own]
    known = {_usual_name(name) for name in (*own, *names)}
    return [DescribedKey(name) for name in (*names, *(name for name in _USUAL_NAMES if name not in known))]


def _take_own(facts: Facts, prompt: PromptContent, said: Said, entities: Entities, *, spoken_for: bool) -> None:
    """Read the state's own keys, those first that are not known yet.

    A message that names another key is no answer to the question as well. One that wishes to leave is no answer as a
    whole.
    """
    missing = [k for k in prompt.keys if not present(prompt.context.get(k.name)) and k.name not in facts.own]
    asked = _asked(prompt, missing)
    answerable = {name for each in prompt.transitions for name in each.answered} - {
        key.name for key in prompt.keys if key.enum or kind_of(key) == "boolean"
    }
    taken = _ANY_WORDS if spoken_for else _WHOLE_MESSAGE if _wishes_to_leave(prompt, said) else frozenset[Kind]()
    for key in sorted(prompt.keys, key=lambda key: key not in missing):
        if key.name in facts.own:
            continue
        if (value := find_labelled(key, said.text)) is None:
            alike = [other for other in missing if kind_of(other) == kind_of(key)]
            used = [value for value in facts.all.values() if isinstance(value, str)]
            is_asked = key is asked and (key in missing or kind_of(key) == "boolean")
            is_asked &= kind_of(key) not in taken
            takes_numbers = alike == [key] and not any(kind_of(other) in _ANY_WORDS for other in missing)
            means = Asked(is_asked, len(prompt.keys) == 1, takes_numbers, alike, used)
            if is_asked and key.name in answerable and says_none(key, said):
                facts.own[key.name] = [] if key.type == "array" else None
                continue
            value = read_answer(key, said, entities, means)
        if value is not None:
            facts.own[key.name] = value
    if asked and asked.name in facts.own and kind_of(asked) == "name" and _wants_full_name(prompt):
        _join_names(facts, prompt, said, asked.name)


def _wishes_to_leave(prompt: PromptContent, said: Said) -> bool:
    """Say whether a message asks for an unconditional transition: "please explain", "stop it"."""
    verb, *rest = words(_POLITE.sub("", said.plain)) or ("",)
    free = (transition for transition in prompt.transitions if not transition.conditions)
    return len(rest) < _LONG_WISH and any(meanings(verb) & meanings(transition.description) for transition in free)


def _asked(prompt: PromptContent, missing: list[DescribedKey]) -> DescribedKey | None:
    """Return the key that the message is likely to answer: one that the last question named, or else the first."""
    required = [key for key in missing if key.required] or missing
    if not required:
        return prompt.keys[0] if len(prompt.keys) == 1 else None
    heard = {stem(word) for word in words(prompt.heard)}
    named = [key for key in required if heard & {stem(part) for part in (*split_key(key.name), kind_of(key))}]
    return named[0] if len(named) == 1 else required[0]


def _take_others(
    facts: Facts, prompt: PromptContent, said: Said, entities: Entities, others: list[DescribedKey]
) -> None:
    """Read the values of other keys: only those that cannot be meant otherwise."""
    kinds = {kind_of(key) for key in prompt.keys}
    for key in others:
        if key.name in facts.others:
            continue
        used = {value for value in facts.all.values() if isinstance(value, str)}
        value = find_labelled(key, said.text)
        if value is None:
            value = read_mention(key, said, entities, own_kinds=kinds, used=used)
        if value is not None and value not in used and not same(prompt.context.get(key.name), value):
            facts.others[key.name] = value


def _drop_misfits(facts: Facts, keys: list[DescribedKey]) -> None:
    """Drop texts that do not match their key's pattern: "wait a moment" is no card number."""
    patterns = {key.name: key.pattern for key in keys if key.pattern}
    for values in (facts.own, facts.others):
        for name in patterns.keys() & values.keys():
            if isinstance(values[name], str) and not has_pattern(values[name], patterns[name]):
                del values[name]


def _forget_refusal(facts: Facts, prompt: PromptContent) -> None:
    """Take "no, it's x@y.z" for a correction, and not for a refusal as well."""
    if not facts.replaced:
        return
    for key in prompt.keys:
        if facts.own.get(key.name) is False and prompt.context.get(key.name) is not True:
            del facts.own[key.name]


def _wants_full_name(prompt: PromptContent) -> bool:
    """Say whether a first name alone is not enough here."""
    return any(
        "first name" in sentence and "ask" in sentence and ("full" in sentence or "last" in sentence)
        for sentence in plain(prompt.instructions).split(".")
    )


def _join_names(facts: Facts, prompt: PromptContent, said: Said, key: str) -> None:
    """Keep a first name back until the rest of the name was asked for, once."""
    name = str(facts.own[key])
    if " " in name or {"just", "only"} & set(said.plain.split()):
        return
    if "last name" not in prompt.heard:
        facts.first_name = facts.own.pop(key)
        return
    # The first name stands in the message before, as it was kept back.
    before = find_name(prompt.said_before[-1], asked=True) if prompt.said_before else None
    if before and " " not in before and before != name:
        facts.own[key] = f"{before} {name}"


def _usual_name(name: str) -> str:
    """Return the usual name for what a key of another name holds."""
    if not BIRTH_WORDS.isdisjoint(split_key(name)):
        return "birthdate"
    return kind_of(DescribedKey(name))


_POLITE = re.compile(r"^(?:please|just|could you|can you|i want (?:you )?to|i would like (?:you )?to|let us|let me)\s+")
_LONG_WISH = 5
"""The number of words after its verb from which on a message is more than a wish."""
_ANY_WORDS = frozenset[Kind](("phrase", "place", "list", "text", "code"))
_WHOLE_MESSAGE = frozenset[Kind](("phrase", "text"))
_USUAL_NAMES = ("email", "name", "birthdate", "phone", "age")
_USUAL = frozenset(("other", "general", "unknown", "none", "unclear"))
