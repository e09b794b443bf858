"""Sentences that the author of a definition wrote for the user, found in a state's purpose and instructions.

Say: "Great, then it works."                said as it is
Is the light on?                            a question that is not about the user: asked as it is
If the user refuses, say: "No problem."     said when that is the case
Explain that you will ask three questions.  turned round: "I will ask three questions."
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from fsm_langgraph.offline.phrasing import from_assistant, to_user
from fsm_langgraph.offline.prompt_content import DescribedKey
from fsm_langgraph.offline.words import capital, plain, tidy


@dataclass(frozen=True, slots=True)
class DescribedState:
    """A state that a message is written for."""

    purpose: str
    instructions: str
    keys: tuple[DescribedKey, ...] = ()
    examples: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Its purpose and instructions, in lower case."""
        return plain(f"{self.purpose} {self.instructions}")


def literal(state: DescribedState) -> list[str]:
    """Return the sentences that the author wrote for this state to say, except those with a gap in them."""
    sentences = [s for s in _sentences(state.purpose, state.instructions) if not _CONDITIONAL.match(s)]
    quoted = [match["said"] for sentence in sentences for match in _SAY.finditer(sentence)]
    if quoted:
        return [tidy(said) for said in quoted if not _GAP.search(said)]
    # What an author wrote in quotation marks is nearer to this very state than an example dialogue.
    if spoken := [line for line in state.examples if line.rstrip().endswith("?")]:
        return [tidy(spoken[0])]
    asked = [question for sentence in sentences for question in _QUESTION.findall(sentence)]
    return [
        capital(tidy(question))
        for question in asked
        # "What does the user want?" is a task for the assistant, not a question to the user.
        if not _ABOUT_USER.search(question) and len(question.split()) > 2 and not _GAP.search(question)
    ][:1]


def conditional(state: DescribedState) -> list[tuple[str, str]]:
    """Return the sentences that the author wrote for certain cases, each with the words of its case."""
    return [
        (sentence[: match.start()], tidy(match["said"]))
        for sentence in _sentences(state.purpose, state.instructions)
        if _CONDITIONAL.match(sentence) and (match := _SAY.search(sentence)) and not _GAP.search(match["said"])
    ]


def statements(state: DescribedState) -> list[str]:
    """Return the facts that the author wants told, as sentences to the user."""
    found: list[str] = []
    for sentence in _sentences(state.purpose, state.instructions):
        if _CONDITIONAL.match(sentence) or '"' in sentence:
            continue
        for match in _TELL.finditer(sentence):
            said = _NEXT_TASK.split(match["said"])[0].strip(" ,.")
            if len(said.split()) > 2 and not _INDIRECT.match(said):
                found.append(capital(to_user(from_assistant(said))) + ".")
        if wish := _WISH.search(sentence):
            found.append(f"I wish you {to_user(wish['wish'].strip(' .'))}.")
    return list(dict.fromkeys(found))


def plain_sentences(text: str) -> list[str]:
    """Return the sentences of a text that hold in every case and ask for something, rather than forbid it."""
    return [sentence for sentence in _sentences(text) if not _CONDITIONAL.match(sentence)]


@lru_cache(maxsize=512)
def _sentences(*texts: str) -> tuple[str, ...]:
    """Split texts into sentences; a quotation stays in one piece."""
    text = "\n".join(texts).translate(_QUOTES)
    quotes = iter(_QUOTED.findall(text))
    parts = _SENTENCE_END.split(_QUOTED.sub(_hide, text))
    return tuple(_HIDDEN.sub(lambda _: next(quotes, ""), part).strip() for part in parts if part.strip())


def _hide(match: re.Match[str]) -> str:
    """Return a mark for a quotation; one that ends with a full stop ends its sentence too."""
    return "\x00." if match[0][-2:-1] in ".!?" else "\x00"


_QUOTES = str.maketrans({"“": '"', "”": '"', "\x00": ""})
_QUOTED = re.compile(r'"[^"\n]{0,800}"')
_HIDDEN = re.compile(r"\x00\.?")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n")
# A template leaves nothing where a value is not known: two spaces, or a space before a comma.
_GAP = re.compile(r"(?<=\s)(?=\s)|(?<=\s)(?=[,.;:!?](?:\s|$))|^(?=[,.;:!?\s])|(?<=[,;:\s]\s)$")
_CONDITIONAL = re.compile(
    r"(?:if|when|unless|should|in case|once|never|do not|don't|avoid|only|until|otherwise)\b|for an?\b",
    re.IGNORECASE,
)
_PEOPLE = r"(?:the )?(?:user|customer|caller|client|guest|patient|visitor|player|student|person)"
_SAY = re.compile(
    rf"\b(?:say|ask|begin|open|close|end|tell|greet|reply|answer|respond|write|welcome|"
    rf"thank)(?: (?:{_PEOPLE}|them))?"
    r"(?: with| by saying| by asking)?(?:,? (?:something like|for example|"
    r'e\.g\.))?[\s:,]*"(?P<said>[^"]{2,800})"',
    re.IGNORECASE,
)
_QUESTION = re.compile(r"(?:^|(?<=: ))([^.!?:;\n\"()]{4,200}\?)")
_ABOUT_USER = re.compile(
    r"\b(?:the user|user's|they|them|their)\b|^(?:ask|if|when|find out|determine)\b", re.IGNORECASE
)
_TELL = re.compile(
    rf"\b(?:explain(?: to (?:{_PEOPLE}|them))?|tell (?:{_PEOPLE}|them)|let (?:{_PEOPLE}|them) know|"
    rf"inform (?:{_PEOPLE}|them)|say|mention|assure (?:{_PEOPLE}|them)|remind (?:{_PEOPLE}|"
    rf"them))(?P<that> that)? (?P<said>[^.;!?\"\n]{{4,240}})",
    re.IGNORECASE,
)
_WISH = re.compile(rf"\bwish (?:{_PEOPLE}|them) (?P<wish>[^.;!?\n]+)", re.IGNORECASE)
_INDIRECT = re.compile(
    r"(?:whether|if|what|how|why|where|when|which|who|about|to|hello|goodbye|the purpose)\b", re.IGNORECASE
)
_NEXT_TASK = re.compile(
    r",? and (?:then )?(?:ask|learn|find|thank|wish|say|invite|offer|let|tell|conclude|end|explain|check|"
    r"give|collect|confirm|have|welcome|greet|determine)\b|, then\b|, but do\b",
    re.IGNORECASE,
)
