"""The words of a transition: how much a message has in common with them, and what they tell apart.

`target_choice` goes by them where the known values leave a choice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from fsm_langgraph.offline.extraction import Facts
from fsm_langgraph.offline.hearing import Said
from fsm_langgraph.offline.prompt_content import DescribedKey, DescribedTransition, PromptContent
from fsm_langgraph.offline.words import meanings, plain, split_key, words


def score_of(
    transition: DescribedTransition, prompt: PromptContent, said: Said, facts: Facts, answer: bool | None
) -> float:
    """Say how much the message has in common with a transition."""
    told = meanings(" ".join([_affirmed(said.plain), *(said_by(key, value) for key, value in facts.all.items())]))
    score = overlap(told, transition, prompt.transitions)
    if answer is not None:
        # A yes or a no outweighs any word: it answers the question itself.
        score += 2.0 if answer is not is_about_change(transition) else -1.0
    if names_choice(transition, prompt, facts.all) > 0:
        score += 2.0  # the condition holds by what was just said
    if said.leaves and "stop" in _fields(transition)[4]:
        score += 2.0
    return score


def overlap(
    told: frozenset[str], transition: DescribedTransition, transitions: tuple[DescribedTransition, ...]
) -> float:
    """Weigh the meanings shared with a transition; one that every transition has does not count."""
    fields = _fields(transition)
    score = 0.0
    for word in told & fields[4]:
        weights = sorted((w for w, field in zip(_WEIGHTS, fields, strict=False) if word in field), reverse=True)
        weight = weights[0] + 0.25 * (len(weights) - 1)
        holders = sum(word in _fields(other)[4] for other in transitions)
        score += weight if holders == 1 else 0.6 * weight if holders < len(transitions) else 0.0
    return score


def answer_meant(prompt: PromptContent, said: Said) -> bool | None:
    """Return the yes or no that a message means, where the transitions tell the two apart."""
    # Without a transition for a no, a yes or a no tells nothing about where to go.
    if len({is_about_change(transition) for transition in prompt.transitions}) < 2:
        return None
    if said.goes_on:
        return True
    if said.answer is not None or not said.has_content:
        return said.answer
    asks_whether = re.search(r"\b(?:whether|if)\b", f"{prompt.purpose} {prompt.instructions}")
    about = meanings(f"{prompt.purpose} {' '.join(transition.description for transition in prompt.transitions)}")
    if prompt.keys or not asks_whether or not about & meanings(said.plain):
        return None
    return _NEGATIVE.search(said.plain) is None


def is_about_change(transition: DescribedTransition) -> bool:
    """Say whether a transition is for a user who says no, or found something wrong."""
    text = plain(" ".join([transition.description, *transition.conditions]))
    meant = meanings(text)
    return "no" in meant or ("yes" not in meant and _NEGATIVE.search(text) is not None)


def names_choice(transition: DescribedTransition, prompt: PromptContent, news: Mapping[str, Any]) -> int:
    """Say whether a transition's words name the choice just made (1), another one (-1), or none (0)."""
    for key in prompt.keys:
        if key.enum and key.name in news and (named := values_named(transition, key)):
            return 1 if news[key.name] in named else -1
    return 0


def values_named(transition: DescribedTransition, key: DescribedKey) -> list[Any]:
    """Return the values of a choice that a transition's words name."""
    text = " ".join(words(" ".join(transition.conditions) or transition.description))
    # "Any size other than large" names large, and means the others.
    if _NEGATION.search(text):
        return []
    return [value for value in key.enum if re.search(rf"\b{re.escape(' '.join(words(str(value))))}\b", text)]


def said_by(key: str, value: Any) -> str:
    """Return the words that a stored value stands for."""
    if isinstance(value, bool):
        return f"{_id_words(key)} {'yes' if value else 'no'}"
    if isinstance(value, list):
        return " ".join(item for item in value if isinstance(item, str))
    return value if isinstance(value, str) and len(value) < 400 else ""


def _affirmed(low: str) -> str:
    """Blank out the things that the user says not to want."""
    return _NOT_WANTED.sub(" ", low)


@lru_cache(maxsize=2048)
def _fields(transition: DescribedTransition) -> tuple[frozenset[str], ...]:
    """Return the meanings of each part of a transition's description, and at the end all of them."""
    parts = [
        meanings(transition.description) - _HOLLOW,
        meanings(" ".join([_id_words(transition.target), *map(_id_words, transition.collects)])) - _HOLLOW,
        meanings(" ".join(transition.conditions)) - _HOLLOW,
        meanings(transition.purpose) - _HOLLOW,
    ]
    return (*parts, frozenset().union(*parts))


def _id_words(name: str) -> str:
    return " ".join(split_key(name))


# A meaning that only one transition's description or target has scores 1.0. Conditions and purposes count for less:
# they are written for the machine and the assistant, so users seldom speak in their words.
_WEIGHTS = (1.0, 1.0, 0.7, 0.5)
"""The weights of a shared meaning: in the description, the target, the conditions, the target's purpose."""
# Words of definitions themselves, which users do not mean by them.
_HOLLOW = meanings(
    "question answer request message conversation next step continue collect collected obtained proceed "
    "handle "
    "main initial flow node decide decision option choose chosen select selected true false start begin "
    "current "
    "valid known value learn find one two three four five six seven eight nine ten"
)
_NEGATIVE = re.compile(
    r"\b(?:not|no|without|unable|cannot|never|fail(?:s|ed)?|declines?|refuse[sd]?|rejects?|wrong|incorrect|off|"
    r"negative|unhappy|dissatisfied|still|stays?|remains?|enough|more than that|different|another)\b"
)
_NOT_WANTED = re.compile(
    r"\b(?:do not|not|never|without|instead of|rather than)\s+"
    r"(?:(?:want|need) (?:to (?:\w+ (?=by|in|with))?|a |the )?)?(?:(?:by|in|with) )?\w+(?: \w+)?"
)
_NEGATION = re.compile(r"\b(?:not|no|other than|except|without|never)\b")
