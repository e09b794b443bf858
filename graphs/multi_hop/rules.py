"""A stand-in for a language model: a question taken apart, and a passage read, by rules for plain English.

The rules know one way to nest a question, "the designer of the lighthouse", and take names and numbers for answers. The
handlers use them only for what a model's reply has left empty.
"""

from __future__ import annotations

import re

from .retriever import terms

_NAME = r"(?:the )?[A-Z]\w+(?: [A-Z]\w+)*"
_NESTED = (
    re.compile(rf"\bthe [a-z]+(?: [a-z]+)? of {_NAME}"),
    re.compile(r"\bthe [a-z]+ (?:where|who|that|which) [^?,]+?(?=,|\?|$| (?:have|has)\b)"),
)
_ALONE = re.compile(r"^(?:Who|What|Where|Which \w+)(?: or what)? (?:is|was|are|were) (?P<phrase>[^?]+)\?*$")
_ENTITY = re.compile(r"(?:The )?[A-Z]\w+(?: [A-Z]\w+)*")
_NUMBER = re.compile(r"\b\d[\d,]*(?: (?:metres|kilometres|rooms|inhabitants))?\b")
_ASKS_NUMBER = re.compile(r"\b(?:when|year|how many|how (?:long|high|deep|old|tall))\b", re.IGNORECASE)


def nested_phrase(question: str) -> str:
    """Return the part of a question that has to be found out first; empty where it asks for one thing."""
    phrases = [found[0].strip() for nested in _NESTED for found in nested.finditer(question)]
    alone = _ALONE.match(question)
    return next((phrase for phrase in phrases if alone is None or alone["phrase"].strip() != phrase), "")


def next_question(question: str) -> str:
    """Return the simple question that comes first."""
    phrase = nested_phrase(question)
    return f"Who or what is {phrase}?" if phrase else question


def revised(question: str, finding: str) -> str:
    """Put what was found in the place of what was asked first."""
    phrase = nested_phrase(question)
    return question.replace(phrase, finding, 1) if phrase else question


def read(question: str, passages: list[str]) -> str:
    """Find the answer to a simple question: the name or the number in the sentence that is most about it.

    Names may stand in the sentence or above it, as its title; what is asked of them counts for more.
    """
    asked, names = set(terms(question)), set(terms(" ".join(_ENTITY.findall(question))))
    sentences = [
        (len(names & set(terms(f"{title} {sentence}"))) + 2 * len((asked - names) & set(terms(sentence))), sentence)
        for title, _, text in (passage.partition(": ") for passage in passages)
        for sentence in re.split(r"(?<=\.)\s+", text)
    ]
    best = max((score for score, _ in sentences), default=0)
    pattern = _NUMBER if _ASKS_NUMBER.search(question) else _ENTITY
    found = [answer for score, sentence in sentences if score == best > 2 for answer in pattern.findall(sentence)]
    return next((str(answer) for answer in reversed(found) if _is_new(answer, asked)), "")


def _is_new(answer: str, asked: set[str]) -> bool:
    """Say whether an answer is more than a word of the question, or one that only begins a sentence."""
    return answer not in ("It", "She", "He", "Her", "His", "The") and not set(terms(answer)) <= asked
