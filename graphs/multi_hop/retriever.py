"""Finds the paragraphs of a text that a question is about, by BM25.

Okapi BM25 (Robertson and others, 1994) ranks by how often a paragraph has the question's words: a rare word counts for
more, the tenth time hardly counts, and a short paragraph is worth more than a long one.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

SATURATION = 1.5
LENGTH_WEIGHT = 0.75

_TELLS_NOTHING = re.compile(
    r"a|an|and|are|at|by|did|do|does|for|had|has|have|he|her|his|how|in|is|it|its|of|on|or|she|that|the|this|to|was|were|"
    r"what|when|where|which|who"
)


def terms(text: str) -> list[str]:
    """Return the words of a text that tell something, cut to their stems: `designer` and `designed` are one."""
    words = re.findall(r"[^\W_]+", text.casefold())
    return [word[:5] for word in words if not _TELLS_NOTHING.fullmatch(word)]


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph and its title."""

    title: str
    text: str


class Retriever:
    """Ranks passages.

    Args:
        passages: What is searched.
    """

    def __init__(self, passages: list[Passage]) -> None:
        self._passages = passages
        self._counts = [Counter(terms(f"{passage.title} {passage.text}")) for passage in passages]
        self._lengths = [counts.total() for counts in self._counts]
        self._mean = sum(self._lengths) / len(self._lengths)
        held = Counter(term for counts in self._counts for term in counts)
        self._weights = {
            term: math.log(1 + (len(passages) - number + 0.5) / (number + 0.5)) for term, number in held.items()
        }

    def search(self, question: str, limit: int = 3) -> list[Passage]:
        """Return the passages that fit best, the best one first; none where no word is known."""
        scores = [self._score(set(terms(question)), index) for index in range(len(self._passages))]
        ranked = sorted(range(len(scores)), key=lambda index: -scores[index])
        return [self._passages[index] for index in ranked[:limit] if scores[index] > 0]

    def _score(self, asked: set[str], index: int) -> float:
        counts, length = self._counts[index], self._lengths[index] / self._mean
        damping = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * length)
        return sum(
            self._weights[term] * counts[term] * (SATURATION + 1) / (counts[term] + damping)
            for term in asked
            if term in counts
        )


def read_corpus(file: Path) -> list[Passage]:
    """Read a file of paragraphs, each under a title."""
    _, *sections = file.read_text(encoding="utf-8").split("\n## ")
    parts = (section.partition("\n") for section in sections)
    return [Passage(title.strip(), text.strip()) for title, _, text in parts]
