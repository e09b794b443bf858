"""The kind of a user's message, sorted before any value is looked for in it.

`hear` sorts a message: a yes or a no, a greeting, a refusal, a question, a "let us go on", noise. A message can be
several of these. Its values are read elsewhere (`extraction`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fsm_langgraph.offline import manners
from fsm_langgraph.offline.words import plain, tidy


@dataclass(frozen=True, slots=True)
class Said:
    """A user's message, sorted."""

    whole: str
    """The message as it was written."""
    text: str
    """The message with plain apostrophes and spaces, and without the greeting at its beginning."""
    plain: str
    """The same in lower case, with contractions written out."""
    answer: bool | None
    """The yes or no that it says; `None` where it says neither."""
    greets: bool
    """Whether it opens with a greeting."""
    declines: bool
    """Whether the user will not say."""
    unsure: bool
    """Whether the user does not know."""
    asks: bool
    """Whether it is a question."""
    chats: bool
    """Whether it is small talk, or about the assistant."""
    thanks: bool
    """Whether it is thanks."""
    leaves: bool
    """Whether the user takes leave."""
    goes_on: bool
    """Whether it only agrees to go on."""
    corrects: bool
    """Whether it takes back something said before."""
    introduces: bool
    """Whether the user says who they are."""
    noise: bool
    """Whether it means nothing."""

    @property
    def has_content(self) -> bool:
        """Whether the message could be the answer to a question that asks for words."""
        return bool(self.plain) and not (
            self.answer is not None or self.declines or self.unsure or self.asks or self.chats or self.thanks
            or self.leaves or self.goes_on or self.noise
        )  # fmt: skip


def hear(text: str) -> Said:
    """Sort a message."""
    whole, text = text.strip(), tidy(text)
    greeting = manners.GREETING.match(text)
    rest = text[greeting.end() :] if greeting else text
    # Signs alone are no message.
    rest = "" if manners.NOTHING.fullmatch(rest) else rest
    low = plain(rest)
    asks = "?" in rest or bool(manners.QUESTION.match(low))
    return Said(
        whole=whole,
        text=rest,
        plain=low,
        answer=_answer(low, asks),
        greets=greeting is not None,
        declines=bool(manners.DECLINES.search(low)),
        unsure=bool(manners.UNSURE.search(low)),
        asks=asks,
        chats=bool(manners.SMALL_TALK.search(low)),
        thanks=bool(manners.THANKS.fullmatch(low)),
        leaves=bool(manners.LEAVES.fullmatch(low)),
        goes_on=bool(manners.GOES_ON.fullmatch(low)),
        corrects=bool(manners.CORRECTS.search(low)),
        introduces=bool(manners.INTRODUCES.search(rest)),
        noise=_is_noise(low),
    )


def yes_or_no(text: str) -> bool | None:
    """Read a message as the answer to a yes-or-no question, however much it says besides."""
    low = plain(text)
    answer = _answer(low, asks=False)
    if answer is not None:
        return answer
    if manners.NEGATES.search(low):
        return False
    return True if manners.AFFIRMS.search(low) else None


def _answer(low: str, asks: bool) -> bool | None:
    if not low or (asks and not manners.TAG_QUESTION.search(low)):
        return None
    # "No, that is right" and "yes, but ..." come before the first word is believed.
    if manners.YES_IN_SPITE.search(low):
        return True
    if manners.YES_BUT.search(low) or manners.NO.match(low) or manners.WRONG.search(low):
        return False
    return True if manners.YES.match(low) else None


def _is_noise(low: str) -> bool:
    """Say whether a text has no word that a person could have meant."""
    if not low or re.search(r"\d|@", low):
        return False
    found = re.findall(r"[^\W\d_]+", low)
    return all(_is_mash(word) for word in found)


def _is_mash(word: str) -> bool:
    """Say whether a word looks like keys hit at random."""
    # Nothing is known of how words of other scripts look.
    if not word.isascii() or len(word) < 2 or word in manners.SHORT_WORDS:
        return False
    if len(word) >= 4 and any(word in row or word[::-1] in row for row in manners.KEYBOARD_ROWS):
        return True
    if len(word) > 4 and set(word) <= set("asdfghjkl") and not re.search(r"[aeiou].*[aeiou]|all|ash|lag", word):
        return True
    if not re.search(r"[aeiouy]", word):
        return True
    return bool(re.search(r"[bcdfghjklmnpqrstvwxz]{6}|(.)\1{3}", word)) or len(word) > 30
