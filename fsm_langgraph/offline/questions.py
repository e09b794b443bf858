"""Questions to the user, made from a state's purpose or from a key.

    "Ask for and record the user's email address"    What is your e-mail address?
    "Find out where the user wants to go"            Where do you want to go?
    "Ask the user to confirm the order"              Could you confirm the order?
    a key `size` with an enum                        Which size would you like: small or large?

A purpose that asks for nothing gives no question; a key always does.
"""

from __future__ import annotations

import re
from functools import lru_cache

from fsm_langgraph.offline.authored import plain_sentences
from fsm_langgraph.offline.kinds import is_birth, kind_of
from fsm_langgraph.offline.phrasing import PEOPLE, direct, is_plural, small, to_user
from fsm_langgraph.offline.prompt_content import DescribedKey
from fsm_langgraph.offline.words import capital, label, listed, plain, split_key, tidy, word_set


@lru_cache(maxsize=2048)
def question_of_purpose(purpose: str) -> str | None:
    """Turn a purpose into a question or a request to the user; `None` if it asks for nothing."""
    for clause in _clauses(purpose):
        if (match := _ASK.match(clause)) and (asked := _ask(match["what"], named=bool(match["for"]))):
            return asked
        if (match := _LET.match(clause)) and (asked := _request(match["what"])):
            return asked
        if (match := _FIND_OUT.match(clause)) and (asked := _ask(match["what"], named=True)):
            return asked
        if match := _OFFER.match(clause):
            return f"Would you like {to_user(match['what'])}?"
    return None


@lru_cache(maxsize=2048)
def question_of_texts(purpose: str, instructions: str) -> str | None:
    """Return the question of a purpose, or of instructions that say more exactly what to ask."""
    asked = question_of_purpose(purpose)
    # "What is your size?" was made of a bare noun; instructions may have the question in the author's own words.
    if asked is not None and not asked.startswith(("What is ", "What are ")):
        return asked
    for clause in (clause for sentence in plain_sentences(instructions) for clause in _clauses(sentence)):
        match = _ASK.match(clause)
        if match and not match["for"] and _WH.match(match["what"]):
            return _ask(match["what"], named=False)
    return asked


@lru_cache(maxsize=2048)
def sentence_of_purpose(purpose: str) -> str | None:
    """Turn a purpose that asks for nothing into a sentence to the user."""
    for clause in _clauses(purpose):
        if re.match(r"(?:help|assist|support|guide|serve)\b", clause, re.IGNORECASE):
            return f"I am here to {small(to_user(clause))}."
        if match := _TALK.match(clause):
            return f"Let us talk about {to_user(match['what'])}."
        if match := re.match(rf"wish (?:the )?(?:{PEOPLE}|them) (?P<what>.+)", clause, re.IGNORECASE):
            return f"I wish you {to_user(match['what'])}."
        if _MY_TASK.match(clause):
            return f"Let me {small(to_user(clause))}."
    return None


def question_for(key: DescribedKey, purpose: str = "") -> str:
    """Return the question that asks for a key."""
    kind, parts, name = kind_of(key), split_key(key.name), noun_for(key)
    if kind == "name":
        # A key such as `patient` has its name by its description alone.
        if "name" not in name and (asked := _question_of_description(key)):
            return asked
        full = "full name" in plain(purpose) or "full" in parts
        return f"What is your {'full name' if full and name == 'name' else name}?"
    if kind == "age":
        return "How old are you?"
    if kind == "choice":
        return with_options(_question_of_description(key) or f"Which {name} would you like?", key)
    if name in _QUESTIONS:
        return _QUESTIONS[name]
    if kind == "number" and (asked := _how_many(parts)):
        return asked
    if asked := _question_of_description(key):
        return asked
    if kind == "boolean":
        return _question_whether(parts)
    if kind == "date":
        return (
            f"What is the {name}{'' if 'date' in name else ' date'}?" if not is_birth(key) else f"What is your {name}?"
        )
    return f"{'What are' if is_plural(name) else 'What is'} your {name}?"


def noun_for(key: DescribedKey) -> str:
    """Return the noun for a key's value, to speak of it in a sentence."""
    return "date of birth" if kind_of(key) == "date" and is_birth(key) else label(key.name)


def with_options(question: str, key: DescribedKey) -> str:
    """Return a question with the key's choices, unless it names all of them already."""
    options = [say_option(value) for value in key.enum]
    if all(option.lower() in question.lower() for option in options):
        return question
    return f"{question.rstrip('?. ')}: {listed(options, 'or')}?"


def say_option(value: object) -> str:
    """Return a choice as it is spoken."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).replace("_", " ")


def _clauses(purpose: str) -> list[str]:
    """Split a purpose into the single things to do; "ask for and record X" is to ask for X."""
    text = _ASK_AND_STORE.sub(r"\1 ", tidy(purpose).strip(" ."))
    return [clause for part in _NEXT_CLAUSE.split(text) if (clause := part.strip(" .,"))]


def _ask(what: str, *, named: bool) -> str | None:
    """Make a question of the words after a verb of asking; of a noun only after "ask for" and the like."""
    what = _TRAILER.sub("", what).strip(" .,:")
    if _WH.match(what):
        return direct(to_user(what))
    if match := re.match(r"to\s+(?P<do>.+)", what, re.IGNORECASE):
        return _request(match["do"])
    if match := re.match(r"about\s+(?P<what>.+)", what, re.IGNORECASE):
        return f"Could you tell me about {to_user(match['what'])}?"
    return _question_of_noun(to_user(what)) if named and what else None


def _request(do: str) -> str | None:
    """Return the request that lets the user do something."""
    do = to_user(do).strip(" .")
    match = _TELL_US.match(do)
    if match and re.match(r"(?:what|which|where|when|who|how|why|whether|if)\b", match["what"]):
        return direct(match["what"])
    if match and re.match(r"(?:choose|select|pick)\b", do):
        noun = re.sub(r"^(?:an?|the|one of the|your|from the|from|between|among)\s+", "", match["what"])
        first, both, second = re.sub(r",?\s+or\s+", " and ", noun).rpartition(" and ")
        return f"What would you like: {first} or {second}?" if both else f"Which {noun} would you like?"
    return f"Could you {small(do)}?"


def _question_of_noun(noun: str) -> str:
    """Ask for something that is named by a noun."""
    low = plain(noun).replace("-", " ")
    # What asks for several things at once must not be cut down to the first.
    alone = not re.search(r"\band\b|,", low)
    if alone and re.search(r"\b(?:your|an?|the) (?:e ?mail)(?: address)?$|^e ?mail(?: address)?$", low):
        return "What is your e-mail address?"
    if alone and re.search(r"\b(?:date of birth|birth ?date|birthday)\b", low):
        return "What is your date of birth?"
    if match := re.match(rf"(?:the )?(?:number of|amount of) {_COUNTED}(?P<what>.+)", noun, re.IGNORECASE):
        return f"How many {match['what']}?"
    if match := _DETAILS.match(noun):
        return f"Could you tell me about {match['what']}?"
    if re.match(r"(?:a |the |your )?(?:confirmation|approval|consent)\b", noun):
        return "Is that all right?"
    noun = re.sub(r"\b(?:email address|email)\b", "e-mail address", noun)
    verb = "are" if is_plural(noun) or (not alone and " that " not in noun) else "is"
    if re.match(r"(?:the|your|this|that)\b", noun, re.IGNORECASE):
        return f"What {verb} {small(noun)}?"
    bare = re.sub(r"^(?:an?|some|any)\s+", "", noun)
    return f"What {verb} your {small(bare)}?"


def _question_of_description(key: DescribedKey) -> str | None:
    """Ask for a key by the words of its declaration."""
    text = to_user(tidy(key.description.split(";")[0]).strip(" ."))
    text = re.sub(r"\s*\([^()]*\)", "", text)
    low = small(text)
    if re.match(r"(?:whether|if|what|which|where|when|who|how|why)\b", low):
        return direct(low)
    # A long description explains the key; it would make no question that anybody asks.
    if kind_of(key) == "boolean" or len(text.split()) > 12:
        return None
    if match := re.match(rf"(?:the )?number of {_COUNTED}(?P<what>[^,]+)", low):
        return f"How many {match['what']}?"
    if re.match(r"(?:the|your)\b", low):
        return f"What {'are' if is_plural(low) else 'is'} {low}?"
    return None


def _question_whether(parts: tuple[str, ...]) -> str:
    """Return the question that a boolean key's name asks."""
    name = " ".join(parts)
    if re.search(r"confirm|correct", name):
        return "Is that right?"
    if name in ("agreed", "consent", "accepted", "approved"):
        return "Do you agree?"
    if parts and parts[0] in _WHETHER:
        noun = " ".join(parts[1:])
        if parts[0] in _TAKE_NOUNS and not is_plural(noun) and parts[-1] not in _UNCOUNTED:
            noun = f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"
        return f"{_WHETHER[parts[0]]} {noun}".strip() + "?"
    return f"{capital(name)}: yes or no?"


def _how_many(parts: tuple[str, ...]) -> str | None:
    if parts and parts[0] in ("number", "num", "count", "total") and len(parts) > 1:
        rest = [part for part in parts[1:] if part not in ("of", "number")]
        return f"How many {' '.join(rest)}?"
    if len(parts) == 1 and parts[0].endswith("s") and parts[0] not in ("stars", "address"):
        return f"How many {parts[0]}?"
    return None


# "The number of guests" counts them; "the number of the card" is written on it.
_COUNTED = r"(?!(?:the|your|an?|this|that)\b)"
_WH = re.compile(r"(?:what|which|where|when|who|whom|how|why|whether|if)\b", re.IGNORECASE)
_COLLECTS = "collect|get|obtain|record|gather|capture|request|elicit|take|note|ask for|learn|receive|acquire|store"
_VERBS = (
    f"{_COLLECTS}|ask|confirm|verify|explain|thank|offer|provide|determine|identify|find|establish|clarify|"
    f"welcome|greet|"
    "tell|inform|let|help|guide|recommend|suggest|present|describe|summarize|summarise|conclude|end|say|"
    "check|validate|"
    "understand|give|show|make|wait|discover|discuss|assist|wish|introduce|praise|have"
)
_ASK_AND_STORE = re.compile(
    rf"\b({_COLLECTS}|asks for)\s+(?:and|or|,)\s+(?:{_COLLECTS}|extract|validate|verify|confirm)\s+",
    re.IGNORECASE,
)
# A comma or an "and" begins a new task only before a verb of tasks: "name and address" is one thing.
_NEXT_CLAUSE = re.compile(
    rf"[.;]\s+|,?\s+(?:and|then|and then)\s+(?=(?:then\s+)?(?:{_VERBS})\b)|,\s+(?=(?:{_VERBS})\b)",
    re.IGNORECASE,
)
_ASK = re.compile(
    rf"(?:politely |kindly |simply |then |now )*(?:ask|prompt|invite|request|remind)\s+(?:(?:the |"
    rf"a )?{PEOPLE}\b\s*|them\s*)?"
    r"(?P<for>for\s+|:\s*)?(?P<what>.+)",
    re.IGNORECASE,
)
_LET = re.compile(rf"(?:allow|let|enable|have|get)\s+(?:the )?{PEOPLE}\s+(?:to\s+)?(?P<what>.+)", re.IGNORECASE)
_FIND_OUT = re.compile(
    rf"(?:{_COLLECTS}|find out|determine|identify|establish|clarify|verify|understand|discover|check|"
    rf"figure out|know)"
    r"\s+(?P<what>.+)",
    re.IGNORECASE,
)
_OFFER = re.compile(rf"offer\s+(?:(?:the )?{PEOPLE}\s+|them\s+)?(?P<what>.+)", re.IGNORECASE)
_TELL_US = re.compile(
    r"(?:specify|say|tell(?: us| me)?|choose|select|pick|indicate|state|decide|express)\s+(?P<what>.+)",
    re.IGNORECASE,
)
# Purposes go on with their reasons, which are not for the user: "... in order to create an account".
_TRAILER = re.compile(
    r"\s*(?:,(?!.*\b(?:and|or)\b)|\bin order to\b|\bso that\b|"
    r"\bto (?:proceed|continue|complete|find|create|make|understand|"
    r"identify|determine|"
    r"process|personali[sz]e|begin|start)\b|\bif (?:needed|necessary)\b|\bfrom the user\b|\bby asking\b|\bbefore\b|"
    r"\bbased on\b).*$",
    re.IGNORECASE,
)
_TALK = re.compile(
    rf"(?:discuss|talk about|explain|describe|present|explore|cover|introduce)\s+(?:(?:to |"
    rf"with )?(?:the )?{PEOPLE} )?(?P<what>.+)",
    re.IGNORECASE,
)
# A task of the assistant that it can announce: "Let me check your order". The verbs left out have words of their own.
_MY_TASK = re.compile(
    r"(?!welcome|greet|thank|conclude|end|close|finish|wrap|say|confirm|summari|provide|tell|inform|"
    r"acknowledge|have|be|hand|choose|decide|handle)[A-Z]?[a-z]+ (?:the|a|an|your|some|their|with|for|up|\w+s)\b",
    re.IGNORECASE,
)
_DETAILS = re.compile(
    r"(?:(?:more|further|some|any|the|all)\s+)*(?:details|information|info|specifics)\s+(?:about|on|of|"
    r"regarding)\s+(?P<what>.+)",
    re.IGNORECASE,
)
_WHETHER = {
    "wants": "Would you like", "needs": "Do you need", "has": "Do you have", "is": "Are you",
    "likes": "Do you like", "accepts": "Do you accept", "agrees": "Do you agree to", "can": "Can you",
    "knows": "Do you know",
}  # fmt: skip
_TAKE_NOUNS = word_set("wants needs has")
# Nouns without an article: "Do you need insurance?", but "Do you need a room?".
_UNCOUNTED = word_set("delivery help insurance breakfast lunch dinner shipping support assistance parking wifi to it")
_QUESTIONS = {
    "city": "Which city is it?", "country": "Which country is it?", "location": "Where are you?",
    "destination": "Where would you like to go?", "origin": "Where do you leave from?",
    "quantity": "How many would you like?",
    "rating": "How would you rate it?", "feedback": "What would you like to tell us?",
    "comment": "What would you like to add?", "comments": "What would you like to add?",
    "issue": "What is the problem?", "problem": "What is the problem?", "question": "What is your question?",
    "topic": "What would you like to talk about?", "message": "What is your message?",
    "description": "Could you describe it?", "reason": "What is the reason?",
    "party size": "For how many people?",
    "time": "At what time?", "date": "On which date?", "guests": "How many guests?",
    "number of guests": "How many guests?", "address": "What is the address?", "nights": "How many nights?",
}  # fmt: skip
