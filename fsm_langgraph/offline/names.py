"""Names of people and places, and answers without the sentence around them."""

from __future__ import annotations

import re

from fsm_langgraph.offline.hearing import hear
from fsm_langgraph.offline.words import word_set


def find_name(text: str, *, asked: bool) -> str | None:
    """Find the name that a user gives for themselves.

    Args:
        text: The message.
        asked: Whether a name was asked for, so that a bare one is an answer.
    """
    # "Ann Lee, I'm privately insured" has the name before what the user is.
    first = _bare_name(_SEGMENT.split(text[: match.start()])[0]) if asked and (match := _I_AM.search(text)) else None
    if first and " " in first:
        return first
    # "I am" introduces much besides names, so there a name needs its capital, unless one was asked for.
    for pattern in _INTRODUCTIONS:
        if (match := pattern.search(text)) and (
            name := _leading_name(text[match.end() :], bare=asked or pattern is not _I_AM)
        ):
            return name
    for pattern in _SIGN_OFFS:
        if (match := pattern.search(text)) and (name := _bare_name(match[1])):
            return name
    if not asked:
        return None
    # A name may be one of several answers, but not far into a message: "Ann Lee, ann@example.com".
    for segment in _SEGMENT.split(_NO_NAME.sub(",", _LEAD.sub("", text)))[:3]:
        if name := _bare_name(_IT_IS.sub("", _LEAD.sub("", segment))):
            return name
    return None


def is_bare_name(text: str) -> bool:
    """Say whether a text is a name and nothing else."""
    return _bare_name(text) is not None


def _bare_name(text: str) -> str | None:
    parts = text.strip(" .,!").split()
    if not 1 <= len(parts) <= 5 or not all(_NAME_WORD.fullmatch(part) for part in parts):
        return None
    if any(part.lower().strip(".'") in COMMON for part in parts) or hear(text).noise:
        return None
    return _written(parts)


def _leading_name(text: str, *, bare: bool) -> str | None:
    """Return the name that a text begins with; in lower case only where nothing else can be meant."""
    parts: list[str] = []
    for part in text.strip().split()[:6]:
        word = part.rstrip(",;.!?:") if not _INITIAL.fullmatch(part) else part
        if not _NAME_WORD.fullmatch(word) or word.lower().strip(".'") in COMMON:
            break
        if not word[:1].isupper() and not (bare or (parts and word.lower() in _PARTICLES)):
            break
        parts.append(word)
        if word != part or len(parts) == 5:
            break
    while parts and parts[-1].lower() in _PARTICLES:
        parts.pop()
    return _written(parts) if parts and not hear(" ".join(parts)).noise else None


def _written(parts: list[str]) -> str:
    """Return a name with its capitals."""
    # Who types capitals means them; only "ANN LEE" and "ann lee" are set right.
    if any(part[:1].isupper() and not part.isupper() for part in parts):
        return " ".join(parts)
    return " ".join(
        part.lower() if index and part.lower() in _PARTICLES else _capital(part) for index, part in enumerate(parts)
    )


def _capital(part: str) -> str:
    if len(part) == 2 and part.isupper():
        return part
    return "-".join(
        "'".join(piece[:1].upper() + piece[1:].lower() for piece in bit.split("'")) for bit in part.split("-")
    )


def short_answer(text: str) -> str:
    """Return what is left of an answer without the words around it: "I'd like Bali, please" is "Bali"."""
    previous = None
    # "Oh, well, I think I would like" has several layers, which come off one by one.
    while previous != text:
        previous = text
        text = _LEAD.sub("", text).strip()
        text = _OPENING.sub("", text).strip()
        text = _CLOSING.sub("", text).strip()
    bare = _ARTICLE.sub("", text)
    # A title keeps its article: "The Lord of the Rings".
    return (bare if len(bare.split()) <= 3 else text).strip(" .,!;:\"'")


def find_place(text: str, *, origin: bool) -> str | None:
    """Find a place: after "from" where it is an origin, and after "to", "in" and the like where it is not."""
    lead = r"from|leaving|departing" if origin else r"to|in|at|near|visit|visiting|around|for"
    match = re.search(
        rf"\b(?:{lead}) ((?:the )?[A-Z][\w'-]*(?:(?: |, )(?:(?:of|de|del|la|the) )?[A-Z][\w'-]*){{0,3}})",
        text,
    )
    if match and match[1].split()[0].lower() not in _NOT_PLACES:
        return match[1]
    if re.search(rf"\b(?:{lead}) \w+", text, re.IGNORECASE) and (
        match := re.search(
            rf"\b(?:live|living|based|am|i'm|going|go|travel|fly|trip|move|moving|"
            rf"visit) (?:{lead}) ([^\W\d_][\w' -]{{1,40}})",
            text,
            re.IGNORECASE,
        )
    ):
        name = short_answer(re.split(r"\b(?:and|but|because|with|for|on|in|from|to|next)\b", match[1])[0])
        return " ".join(_capital(part) for part in name.split()) if name and name.lower() not in _NOT_PLACES else None
    return None


_SEGMENT = re.compile(r"[,;!?\n]|\.(?<!\b[A-Z]\.)(?<!\bdr\.)(?<!\bm[rs]\.)(?<!\bmrs\.)(?=\s|$)|\band\b", re.IGNORECASE)
_NO_NAME = re.compile(r"\S*[@0-9]\S*")
_IT_IS = re.compile(r"^\s*(?:it's|it is|that's|that is|that would be)\s+", re.IGNORECASE)
_NAME_WORD = re.compile(r"[^\W\d_]+(?:[.'-][^\W\d_]+)*\.?")
_INITIAL = re.compile(r"[^\W\d_]\.|(?:Dr|Mr|Mrs|Ms|Jr|Sr|St)\.", re.IGNORECASE)
_PARTICLES = word_set("van von der den de da di del della la le du dos bin ibn al el ten ter zu zur of")
_NOT_PLACES = word_set("i it the my a an you monday tuesday wednesday thursday friday saturday sunday")

_I_AM = re.compile(r"\b(?:i'm|i am|im)\s+(?:called\s+|named\s+)?", re.IGNORECASE)
_INTRODUCTIONS = [
    re.compile(
        r"\b(?:my|the|his|her)?\s*(?:full |first |last |real |complete )?name(?:'s| is| was| should be|:|"
        r" to)\s*(?:actually |really |now )?",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:call me|i am called|i'm called|they call me|i go by|name's|myself|it's spelled|address me as)\s+",
        re.IGNORECASE,
    ),
    re.compile(r"^this is\s+", re.IGNORECASE),
    _I_AM,
]
_SIGN_OFFS = [
    re.compile(r"^([^,.!?]{1,50}?)\s+(?:here|speaking)\b", re.IGNORECASE),
    re.compile(r"^([^,.!?]{1,50}?)\s+is my (?:full )?name\b", re.IGNORECASE),
]
_LEAD = re.compile(
    r"^(?:(?:well|ok|okay|um+|uh+|so|oh|hi|hello|hey|yes|yeah|yep|sure|please|of course|actually|certainly|"
    r"right|alright|thanks|thank you|"
    r"no problem|no|sorry|wait|hmm+|then|and|but|great|fine|good|just|only)\b[\s,.!:-]*)+",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:(?:i(?:'d| would) (?:like|love|prefer|want|rather have|say)|i want|i wanna|i need|i(?:'ll|"
    r" will) (?:take|have|go with|go for|get|try)|i prefer|i choose|i chose|"
    r"i pick|i guess|i think|i'm looking for|i am looking for|i meant|i mean|i like|i love|i have|i use|"
    r"i'm|i am|give me|can i (?:have|get)|could i (?:have|get)|may i have|let's|let us|"
    r"make (?:it|that)|change (?:it|that) to|it(?:'s| is| was| would be| should be| has to be)|that(?:'s|"
    r" is| would be)|they(?:'re| are)|there (?:are|is)|this is|how about|what about|"
    r"maybe|probably|perhaps|about|around|approximately|something like|say|the answer is|mine is|we(?:'re|"
    r" are| want| need|'d like| would like))\s+"
    r"(?:to (?:have|get|order|book|reserve|go to|go with|visit|see|travel to|fly to|buy|try|be|take|go for|"
    r"talk about|learn about|read about|eat|drink|do|know about)\s+|to\s+)?"
    r"|(?:go(?:ing)? (?:to|with|for)|do|take|order|book|get)\s+)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:[\s,]+(?:please|thanks|thank you|thx|i think|i guess|then|instead|actually|would be (?:nice|great|"
    r"good|fine|perfect)|for me|sounds (?:good|great)|is fine|will do|if possible|sir|too|maybe|probably))+[\s.!]*$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:an?|the|some)\s+(?=\S)", re.IGNORECASE)

# The words that people answer with in place of a name, and those that follow "I am": none of them is taken for one.
COMMON = word_set(
    "a about above accept account actually after again age all also am an and any anything are as ask at "
    "away back bad be because been before big birthday born bot boring but bye by call called can cancel "
    "change chat check coffee come computer continue cool correct could cool crazy date day dear did "
    "different do does doing done dont down eh either email end enough error even ever every everything "
    "fair false fine finish first food for free friend from full fun funny game get give go going gonna "
    "good goodbye got great had happy has hate have having he hell hello help her here hey hi him his hmm "
    "how hungry i idea if im in information interested internet into is issue it its joke just kidding "
    "know last later leave left let life like live living look looking lost lot love made make man matter "
    "may maybe me mean meant message mind mine month more morning most much must my name need never new "
    "next nice no nobody none nope not nothing now number of off oh ok okay old on one only open or order "
    "other our out over own person phone please pizza price private problem product question quit quite "
    "ready real really red refuse register reset restart right robot same say secret see send service she "
    "should show sick skip so some someone something soon sorry speak start stay still stop stupid such "
    "sure talk tell test testing thank thanks that the their them then there these they thing think this "
    "those tired to today tomorrow too travel true trying two under understand unsure until up us use "
    "user very wait want was way we weather website week weird well were what whatever when where which "
    "while who whom whose why will with wonderful work world worried would wow wrong yeah year yep yes "
    "yesterday yet you your yours afraid calling confused curious excited glad guess hope asking "
    "anonymous unknown customer client guest people human agent support"
)
