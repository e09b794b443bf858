"""English turned round: from an instruction about the user to a sentence to the user.

"what size the user wants" becomes "what size you want" and then "What size do you want?". The rules know
the third person's -s and the order of words in questions; a sentence that they do not know is left as it is.
"""

from __future__ import annotations

import re

from fsm_langgraph.offline.words import capital, word_set

_ROLES = "user|customer|caller|client|guest|patient|visitor|traveler|traveller|player|student|person|passenger"
PEOPLE = f"(?:{_ROLES})"
"""The names that definitions have for the one who talks with the assistant."""


def to_user(text: str) -> str:
    """Turn a sentence about the user into one to the user: "the user wants" becomes "you want"."""
    text = _THE_USERS.sub("your", _USER_NOUN.sub(r"your \1", text))
    text = re.sub(r"\b(?:their|his or her|his/her)\b", "your", text)
    text = re.sub(r"\b(?:themselves|himself or herself)\b", "yourself", text)
    text = re.sub(r"\btheirs\b", "yours", text)
    text = _THE_USER.sub(lambda match: f"you{_agreeing(match['verb'] or '')}", text)
    text = re.sub(r"\b(?:they|them)\b", "you", text)
    return re.sub(r"\s+", " ", text).strip()


def from_assistant(text: str) -> str:
    """Turn a sentence to the assistant into one by the assistant: "you will ask" becomes "I will ask"."""
    text = re.sub(r"\byou(?:'re| are)\b", "I am", text, flags=re.IGNORECASE)
    text = re.sub(r"\byou'(ll|ve|d)\b", r"I'\1", text, flags=re.IGNORECASE)
    text = re.sub(r"\byou (can|will|could|would|have|need|want|may|must|do)\b", r"I \1", text, flags=re.IGNORECASE)
    text = re.sub(r"\byour\b", "my", text, flags=re.IGNORECASE)
    return re.sub(r"\byou\b", "me", text, flags=re.IGNORECASE)


def direct(indirect: str) -> str:
    """Turn an indirect question round."""
    text = indirect.strip(" .?!")
    first, _, second = _AND_WH.sub("\0", text, count=1).partition("\0")
    if second:
        return f"{direct(first).rstrip('?')}, and {small(direct(second))}"
    if match := re.match(r"(?:whether|if) (?:or not )?(?P<what>.+)", text, re.IGNORECASE):
        return _whether(match["what"])
    if match := _WH_YOU.match(text):
        if match["verb"] in _AUXILIARIES:
            return f"{capital(match['wh'])} {match['verb']} you{match['rest']}?"
        return f"{capital(match['wh'])} do you {match['verb']}{match['rest']}?"
    if match := _WH_IS.match(text):
        return f"{capital(match['wh'])} {match['verb']} {match['what']}{match['rest']}?"
    if match := _WH_NOUN_IS.match(text):
        return f"{capital(match['wh'])} {match['verb']} {match['what']}?"
    if match := _WH_WILL.match(text):
        return f"{capital(match['wh'])} {match['verb']} {match['what']}{match['rest']}?"
    return f"{capital(text)}?"


def is_plural(noun: str) -> bool:
    """Say whether a noun, with what belongs to it, stands for several things."""
    head = re.split(r"\s(?:of|for|about|in|on|from|with|to|at|that|you|regarding)\b", noun.strip())[0].split()
    last = head[-1].lower() if head else ""
    return last.endswith("s") and not last.endswith(("ss", "us", "is", "address", "news"))


def small(text: str) -> str:
    """Return the text with a small first letter, unless it is a word in capitals."""
    return text if text[:2].isupper() or text.startswith("I ") else text[:1].lower() + text[1:]


def _whether(what: str) -> str:
    if match := _SUBJECT_VERB.match(what):
        who, verb, rest = match["who"], match["verb"], match["rest"]
        if verb in ("have", "had", "has") and not re.match(r" (?:already )?(?:been|gone|\w+ed)\b", rest):
            return f"{'Do' if who == 'you' else 'Does'} {who} have{rest}?"
        return f"{capital(verb)} {who}{rest}?"
    if match := re.match(r"you (?P<do>.+)", what, re.IGNORECASE):
        return f"Do you {match['do']}?"
    if match := re.match(r"(?P<who>(?:the|your) [\w-]+) (?P<verb>[a-z]+)s\b(?P<rest>.*)", what, re.IGNORECASE):
        return f"Does {match['who']} {match['verb']}{match['rest']}?"
    if match := re.match(
        r"(?P<who>(?:the|your) [\w-]+s) (?P<rest>(?!of |in |on |with )[a-z]+\b.*)", what, re.IGNORECASE
    ):
        return f"Do {match['who']} {match['rest']}?"
    return f"Could you tell me whether {what}?"


def _agreeing(verb: str) -> str:
    """Return the verb that follows "you" for the one that followed "the user"."""
    verb = verb.strip()
    if not verb:
        return ""
    if verb in _AGREEMENT:
        return f" {_AGREEMENT[verb]}"
    if verb in _NO_VERBS or not verb.endswith("s") or verb.endswith("ss"):
        return f" {verb}"
    if verb.endswith("ies") and len(verb) > 4:
        return f" {verb[:-3]}y"
    return f" {verb[:-2]}" if verb.endswith(("shes", "ches", "xes", "sses", "oes")) else f" {verb[:-1]}"


# "The user account" speaks of an account, not of the user.
_USER_NOUN = re.compile(
    r"\b(?:the |a )?user (account|profile|data|name|id|input|info|information|details|preferences|request)\b",
    re.IGNORECASE,
)
_THE_USERS = re.compile(rf"\b(?:the |a |each )?{PEOPLE}(?:'s|s')(?!\w)", re.IGNORECASE)
_THE_USER = re.compile(
    rf"\b(?:the |a )?{PEOPLE}\b(?! (?:interface|manual|guide|experience|agreement)\b)"
    r"(?P<verb> [a-z]+(?:'t)?(?=\s|[.,:;!?]|$))?",
    re.IGNORECASE,
)
_AGREEMENT = {
    "is": "are", "was": "were", "has": "have", "does": "do", "isn't": "aren't", "hasn't": "haven't",
    "doesn't": "don't", "wasn't": "weren't",
}  # fmt: skip
# Words in -s after "the user" that are no verbs, and stay as they are.
_NO_VERBS = word_set("always as this his previous plus across towards perhaps sometimes previously")
_AUXILIARIES = word_set("are were can could will would should must may")
_AND_WH = re.compile(r",?\s+and\s+(?=(?:what|which|where|when|who|how|why|whether)\b)", re.IGNORECASE)
_WH_YOU = re.compile(
    r"(?P<wh>(?:what|which|where|when|who|whom|how|"
    r"why)\b(?: (?!you\b)[\w-]+){0,6}?) you (?P<verb>[\w']+)(?P<rest>.*)",
    re.IGNORECASE,
)
_WH_IS = re.compile(
    r"(?P<wh>what|which|where|when|who|how|why) (?P<what>(?:the|your|this|that|a)\b.+?) (?P<verb>is|are|"
    r"was|were)(?P<rest>\b.*)",
    re.IGNORECASE,
)
_WH_NOUN_IS = re.compile(
    r"(?P<wh>(?:what|which|how) \w+) (?P<what>it|this|that|they|(?:the|your)\b.+?) (?P<verb>is|are|was|were)$",
    re.IGNORECASE,
)
_WH_WILL = re.compile(
    r"(?P<wh>(?:what|which|where|when|how)\b(?: \w+){0,2}?) (?P<what>(?:the|your|it)\b(?: \w+)?) "
    r"(?P<verb>will|should|can|must|would|has)(?P<rest> .*)",
    re.IGNORECASE,
)
_SUBJECT_VERB = re.compile(
    r"(?P<who>you|it|they|there|this|that|(?:the|your|this|that|everything)\b.*?) "
    r"(?P<verb>is|are|was|were|can|could|has|have|had|should|will|would|must)\b(?P<rest>.*)",
    re.IGNORECASE,
)
