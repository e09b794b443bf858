"""The questions of each topic: a hint, a rule that explains it, and every answer that is right."""

from __future__ import annotations

from typing import NamedTuple


class Question(NamedTuple):
    """One question."""

    text: str
    hint: str
    explanation: str
    solutions: tuple[str, ...]


QUESTIONS = {
    "planets": (
        Question(
            "Which planet is closest to the Sun?",
            "It bears the name of the messenger of the gods.",
            "The closer a planet is to the Sun, the faster it goes round; this one takes 88 days, Venus 225.",
            ("mercury",),
        ),
        Question(
            "Which planet has the most mass?",
            "It bears the name of the king of the gods.",
            "Mass is how much matter there is. The four outer planets are giants; the first of them has most of it.",
            ("jupiter",),
        ),
    ),
    "fractions": (
        Question(
            "How much is one half plus one quarter?",
            "Write the half as two quarters.",
            "Fractions are added when they have the same denominator; make one first.",
            ("3/4", "three quarters", "0.75", "75%"),
        ),
        Question(
            "How much is one half times one half?",
            "What is half of a half?",
            "Fractions are multiplied top by top and bottom by bottom.",
            ("1/4", "one quarter", "a quarter", "0.25", "25%"),
        ),
    ),
    "verbs": (
        Question(
            "What is the past tense of 'go'?",
            "It does not sound like 'go' at all.",
            "Most verbs take -ed in the past; the most frequent ones have forms of their own.",
            ("went",),
        ),
        Question(
            "What is the past participle of 'write'?",
            "It has two t, and ends like 'eaten'.",
            "A participle stands after 'have': I have eaten, I have seen.",
            ("written",),
        ),
    ),
}
