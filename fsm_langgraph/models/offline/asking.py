"""From what a state is for to what a person would say: "Ask for and record the user's email" is "What is your …?".

A purpose is written for the model: an instruction about the user. Here it is turned round into a sentence to the
user. Where the author wrote sentences to say (in quotation marks after "Say:", or as a question), those are used.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fsm_langgraph.models.offline.kinds import is_birth, kind_of
from fsm_langgraph.models.offline.reading import Key
from fsm_langgraph.models.offline.words import capital, label, listed, plain, split_key, tidy


@dataclass(frozen=True, slots=True)
class Place:
    """A state that a message is written for."""

    purpose: str
    instructions: str
    keys: tuple[Key, ...] = ()
    examples: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Everything that is said about it, in lower case."""
        return plain(f"{self.purpose} {self.instructions}")


def literal(place: Place) -> list[str]:
    """Return the sentences that the author wrote for this state to say."""
    sentences = [sentence for sentence in _sentences(place) if not _IF.match(sentence)]
    text = "\n".join(sentences)
    quoted = [tidy(match["said"]) for match in _SAY.finditer(text) if not _is_damaged(match["said"])]
    if quoted:
        return quoted
    spoken = [line for line in place.examples if line.rstrip().endswith("?")]
    if spoken:
        return [tidy(spoken[0])]
    return [
        capital(tidy(question))
        for question in _QUESTION.findall(text)
        if not _ABOUT_USER.search(question) and not _is_damaged(question) and len(question.split()) > 2
    ][:1]


def conditional_sayings(place: Place) -> list[tuple[str, str]]:
    """Return what the author wrote to say in certain cases: 'If the user refuses, say: "…"'."""
    return [
        (sentence[: match.start()], tidy(match["said"]))
        for sentence in _sentences(place)
        if _IF.match(sentence) and (match := _SAY.search(sentence)) and not _is_damaged(match["said"])
    ]


def statements(place: Place) -> list[str]:
    """Return what the instructions want the user to be told, as sentences to the user."""
    found: list[str] = []
    plain_ones = [
        sentence for sentence in _sentences(Place("", place.instructions)) if not _IF.match(sentence)
    ]
    for match in _TELL.finditer("\n".join(plain_ones)):
        said = _CUT.split(match["said"])[0].strip(" ,")
        if len(said.split()) > 2 and not re.match(
            r"(?:whether|if|what|how|why|where|when|which|who|about|to)\b", said
        ):
            found.append(capital(to_user(from_assistant(said))) + ".")
    return found


def question_of_purpose(place: Place) -> str | None:
    """Turn a purpose into a question or a request to the user; `None` if it asks for nothing."""
    for clause in _clauses(place.purpose):
        if (match := _ASK.match(clause)) and (asked := _ask(match["what"], bool(match["for"]))):
            return asked
        if (match := _LET.match(clause)) and (asked := _let(match["what"])):
            return asked
        if match := _FIND_OUT.match(clause):
            return _ask(match["what"], True)
        if match := _OFFER.match(clause):
            return f"Would you like {to_user(match['what'])}?"
    return None


def question_for(key: Key, purpose: str = "") -> str:
    """Return the question that asks for a key."""
    kind, parts = kind_of(key), split_key(key.name)
    name = label(key.name)
    if kind == "email":
        return "What is your e-mail address?" if name == "e-mail address" else f"What is your {name}?"
    if kind == "name":
        full = "full name" in plain(purpose) or "full" in parts
        return f"What is your {'full name' if full and name == 'name' else name}?"
    if kind == "date" and is_birth(key):
        return "What is your date of birth?"
    if kind == "age":
        return "How old are you?"
    if kind == "choice":
        return _question_of_choice(key, name)
    if name in _QUESTIONS:
        return _QUESTIONS[name]
    if kind == "number" and (asked := _how_many(parts)):
        return asked
    if key.description and (asked := _question_of_description(key)):
        return asked
    if kind == "boolean":
        return "Is that right?" if "confirm" in name or "correct" in name else f"{capital(_whether(parts))}?"
    if kind == "date":
        return f"What is the {name}?" if "date" in parts else f"What is the {name} date?"
    return f"{'What are' if _is_plural(name) else 'What is'} your {name}?"


def noun_for(key: Key) -> str:
    """Return the name of what a key asks for, to speak of it in a sentence."""
    return "date of birth" if kind_of(key) == "date" and is_birth(key) else label(key.name)


def sentence_of_purpose(place: Place) -> str | None:
    """Turn a purpose that asks for nothing into something to say."""
    for clause in _clauses(place.purpose):
        if re.match(r"(?:help|assist|support|guide|serve)\b", clause, re.IGNORECASE):
            return f"I am here to {_lower(to_user(clause))}."
        if match := re.match(
            r"(?:discuss|talk about|explain|describe|present|explore|cover|introduce)\s+(?P<what>.+)",
            clause,
            re.IGNORECASE,
        ):
            topic = re.sub(r"^(?:to |with )?the user ", "", match["what"])
            return f"Let us talk about {to_user(topic)}."
        if not re.match(
            r"(?:welcome|greet|thank|conclude|end|close|finish|wrap|say|confirm|summari|provide|tell|inform|acknowledge|have)",
            clause,
            re.IGNORECASE,
        ):
            return (
                f"Let me {_lower(to_user(clause))}."
                if re.match(r"[A-Z]?[a-z]+ (?:the|a|an|your|some|their|with|for|up|\w+s)\b", clause)
                else None
            )
    return None


def to_user(text: str) -> str:
    """Speak to the user instead of about the user."""
    text = _THE_USERS.sub("your", text)
    text = re.sub(r"\b(?:their|his or her|his/her)\b", "your", text)
    text = re.sub(r"\b(?:themselves|himself or herself)\b", "yourself", text)
    text = re.sub(r"\btheirs\b", "yours", text)
    text = _THE_USER.sub(lambda match: f"you{_agree(match['verb'] or '')}", text)
    text = re.sub(r"\b(?:they|them)\b", "you", text)
    return re.sub(r"\s+", " ", text).strip()


def from_assistant(text: str) -> str:
    """Let the assistant, whom instructions address, speak for itself."""
    text = re.sub(r"\byou(?:'re| are)\b", "I am", text, flags=re.IGNORECASE)
    text = re.sub(r"\byou'(ll|ve|d)\b", r"I'\1", text, flags=re.IGNORECASE)
    text = re.sub(
        r"\byou (can|will|could|would|have|need|want|may|must)\b", r"I \1", text, flags=re.IGNORECASE
    )
    text = re.sub(r"\byour\b", "my", text, flags=re.IGNORECASE)
    return re.sub(r"\byou\b", "me", text, flags=re.IGNORECASE)


def direct(indirect: str) -> str:
    """Turn an indirect question round: "what size you want" is "What size do you want?"."""
    text = indirect.strip(" .?!")
    if match := re.match(r"(?:whether|if) (?:or not )?(?P<what>.+)", text, re.IGNORECASE):
        return _whether_question(match["what"])
    if match := re.match(
        r"(?P<wh>(?:what|which|where|when|who|whom|how|why)\b(?: (?!you\b)[\w-]+){0,5}?) you (?P<verb>[\w']+)(?P<rest>.*)",
        text,
        re.IGNORECASE,
    ):
        if match["verb"] in _AUXILIARIES:
            return f"{capital(match['wh'])} {match['verb']} you{match['rest']}?"
        return f"{capital(match['wh'])} do you {match['verb']}{match['rest']}?"
    if match := re.match(
        r"(?P<wh>what|which|where|when|who|how|why) (?P<what>(?:the|your|this|that|a)\b.+?) (?P<verb>is|are|was|were)(?P<rest>\b.*)",
        text,
        re.IGNORECASE,
    ):
        return f"{capital(match['wh'])} {match['verb']} {match['what']}{match['rest']}?"
    return f"{capital(text)}?"


def _sentences(place: Place) -> list[str]:
    """Split purpose and instructions into sentences; what stands in quotation marks stays together."""
    text = f"{place.purpose}\n{place.instructions}".translate(_QUOTES)
    quotes = _QUOTED.findall(text)
    parts = re.split(r"(?<=[.!?])\s+|\n|(?<=[.!?]\x01)\s+", _QUOTED.sub("\x00", text))
    remaining = iter(quotes)
    return [re.sub("\x00", lambda _: next(remaining, ""), part).strip() for part in parts if part.strip()]


def _clauses(purpose: str) -> list[str]:
    """Split a purpose into what it wants done; "ask for and record X" wants X asked for."""
    text = tidy(purpose).strip(" .")
    text = re.sub(
        rf"\b({_COLLECTS}|ask for|asks for)\s+(?:and|or|,)\s+(?:{_COLLECTS}|extract|validate)\s+",
        r"\1 ",
        text,
        flags=re.IGNORECASE,
    )
    parts = re.split(
        rf"[.;]\s+|,?\s+(?:and|then|and then)\s+(?=(?:then\s+)?(?:{_VERBS})\b)|,\s+(?=(?:{_VERBS})\b)",
        text,
        flags=re.IGNORECASE,
    )
    return [part.strip(" .,") for part in parts if part.strip(" .,")]


def _ask(what: str, wants_noun: bool) -> str | None:
    what = _TRAILER.sub("", what).strip(" .,:")
    if not what:
        return None
    if re.match(r"(?:what|which|where|when|who|whom|how|why|whether|if)\b", what, re.IGNORECASE):
        return direct(to_user(what))
    if match := re.match(r"to\s+(?P<do>.+)", what, re.IGNORECASE):
        return _let(match["do"])
    if match := re.match(r"about\s+(?P<what>.+)", what, re.IGNORECASE):
        return f"Could you tell me about {to_user(match['what'])}?"
    return _question_of_noun(what) if wants_noun else None


def _let(do: str) -> str | None:
    """Return the request that lets the user do something."""
    do = to_user(do).strip(" .")
    match = re.match(
        r"(?:specify|say|tell(?: us| me)?|choose|select|pick|indicate|state|decide|express)\s+(?P<what>.+)",
        do,
        re.IGNORECASE,
    )
    if match and re.match(r"(?:what|which|where|when|who|how|why|whether|if)\b", match["what"]):
        return direct(match["what"])
    if match and re.match(r"(?:choose|select|pick)\b", do):
        noun = re.sub(r"^(?:an?|the|one of the|your|from the|from|between|among)\s+", "", match["what"])
        return (
            f"Which {noun} would you like?"
            if not re.search(r"\b(?:or|and)\b", noun)
            else f"What would you like: {noun}?"
        )
    return f"Could you {_lower(do)}?"


def _question_of_noun(noun: str) -> str:
    """Ask for something that is named by a noun."""
    noun = to_user(noun)
    low = plain(noun)
    if re.search(r"\bemail\b|\be mail\b", low.replace("-", " ")) and not re.search(r"\band\b|,", low):
        return "What is your e-mail address?"
    if re.search(r"\bdate of birth\b|\bbirth ?dat?e?y?\b|\bbirthday\b", low) and not re.search(
        r"\band\b|,", low
    ):
        return "What is your date of birth?"
    if match := re.match(r"(?:the )?(?:number of|amount of) (?P<what>.+)", noun, re.IGNORECASE):
        return f"How many {match['what']}?"
    if match := re.match(
        r"(?:(?:more|further|some|any|the|all)\s+)*(?:details|information|info|specifics)\s+(?:about|on|of|regarding)\s+(?P<what>.+)",
        noun,
        re.IGNORECASE,
    ):
        return f"Could you tell me about {match['what']}?"
    if re.match(r"(?:a |the |your )?(?:confirmation|approval|consent)\b", noun):
        return "Is that all right?"
    noun = re.sub(r"\b(?:email address|email)\b", "e-mail address", noun)
    verb = "are" if _is_plural(noun) or re.search(r"\band\b|,", noun) else "is"
    if re.match(r"(?:the|your|this|that)\b", noun, re.IGNORECASE):
        return f"What {verb} {_lower(noun)}?"
    bare = re.sub(r"^(?:an?|some|any)\s+", "", noun)
    return f"What {verb} your {_lower(bare)}?"


def _question_of_description(key: Key) -> str | None:
    """Ask for a key by the words of its declaration."""
    text = to_user(tidy(key.description.split(";")[0]).strip(" ."))
    text = re.sub(r"\s*\((?:[^()]*)\)", "", text)
    low = text[:1].lower() + text[1:]
    if re.match(r"(?:whether|if|what|which|where|when|who|how|why)\b", low):
        return direct(low)
    if re.match(r"(?:true|yes|set to|one of)\b", low) or len(text.split()) > 9:
        return None
    if kind_of(key) == "boolean":
        return None
    if match := re.match(r"(?:the )?number of (?P<what>[^,]+)", low):
        return f"How many {match['what']}?"
    if re.match(r"(?:the|your)\b", low):
        return f"What {'are' if _is_plural(low) else 'is'} {low}?"
    return None


def _question_of_choice(key: Key, name: str) -> str:
    options = listed([say_option(value) for value in key.enum], "or")
    if key.description and (asked := _question_of_description(key)):
        return f"{asked[:-1]}: {options}?"
    if len(key.enum) > 6:
        return f"Which {name} would you like? You can choose {options}."
    return f"Which {name} would you like: {options}?"


def say_option(value: object) -> str:
    """Return a choice as it is spoken."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).replace("_", " ")


def _whether_question(what: str) -> str:
    if match := re.match(
        r"(?P<who>you|it|they|there|this|that|(?:the|your|this|that|everything)\b.*?) (?P<verb>is|are|was|were|can|could|has|have|had|should|will|would|must)\b(?P<rest>.*)",
        what,
        re.IGNORECASE,
    ):
        if match["verb"] in ("have", "had", "has"):
            return f"{'Do' if match['who'] == 'you' else 'Does'} {match['who']} have{match['rest']}?"
        return f"{capital(match['verb'])} {match['who']}{match['rest']}?"
    if match := re.match(r"you (?P<do>.+)", what, re.IGNORECASE):
        return f"Do you {match['do']}?"
    return f"Could you tell me whether {what}?"


def _whether(parts: list[str]) -> str:
    """Return the question that a boolean key's name asks."""
    first, rest = parts[0] if parts else "", " ".join(parts[1:])
    lead = {"wants": "would you like", "needs": "do you need", "has": "do you have", "is": "are you", "likes": "do you like",
            "accepts": "do you accept", "agrees": "do you agree to", "can": "can you"}  # fmt: skip
    if first in lead:
        return f"{lead[first]} {rest}".strip()
    if parts in (["agreed"], ["consent"], ["accepted"], ["approved"]):
        return "do you agree"
    return f"{' '.join(parts)}: yes or no"


def _how_many(parts: list[str]) -> str | None:
    if parts[0] in ("number", "num", "count", "total") and len(parts) > 1:
        rest = [part for part in parts[1:] if part not in ("of", "number")]
        return f"How many {' '.join(rest)}?"
    if len(parts) == 1 and parts[0].endswith("s") and parts[0] not in ("stars", "address"):
        return f"How many {parts[0]}?"
    return None


def _is_plural(noun: str) -> bool:
    head = re.split(r"\s(?:of|for|about|in|on|from|with|to|at|that|you|regarding)\b", noun.strip())[0].split()
    last = head[-1].lower() if head else ""
    return last.endswith("s") and not last.endswith(("ss", "us", "is", "address", "news"))


def _agree(verb: str) -> str:
    """Return the verb that follows "you" for the one that followed "the user"."""
    if not verb:
        return ""
    verb = verb.strip()
    fixed = {
        "is": "are",
        "was": "were",
        "has": "have",
        "does": "do",
        "isn't": "aren't",
        "hasn't": "haven't",
        "doesn't": "don't",
        "wasn't": "weren't",
    }
    if verb in fixed:
        return f" {fixed[verb]}"
    if (
        verb
        in (
            "always",
            "as",
            "this",
            "his",
            "previous",
            "plus",
            "across",
            "towards",
            "perhaps",
            "sometimes",
            "previously",
        )
        or not verb.endswith("s")
        or verb.endswith("ss")
    ):
        return f" {verb}"
    if verb.endswith("ies") and len(verb) > 4:
        return f" {verb[:-3]}y"
    return f" {verb[:-2]}" if verb.endswith(("shes", "ches", "xes", "sses", "oes")) else f" {verb[:-1]}"


def _lower(text: str) -> str:
    """Return the text with a small first letter, unless it is a word in capitals."""
    return text if text[:2].isupper() or text.startswith("I ") else text[:1].lower() + text[1:]


def _is_damaged(text: str) -> bool:
    """Say whether a value that the text speaks of is missing from it."""
    return bool(re.search(r"  |\s[,.;:!?](?:\s|$)|,\s*[,.!?]|\"\s*\"|\(\s*\)|^\s*[,.]", text))


_QUOTES = str.maketrans({"“": '"', "”": '"'})
_QUOTED = re.compile(r'"[^"\n]{0,800}"')
_IF = re.compile(
    r"(?:if|when|unless|should|in case|once|never|do not|don't|avoid|only)\b|for an?\b", re.IGNORECASE
)
_PEOPLE = r"(?:user|customer|caller|client|guest|patient|visitor|traveler|traveller|player|student|person|passenger)"
_THE_USERS = re.compile(rf"\b(?:the |a |each )?{_PEOPLE}(?:'s|s')(?!\w)", re.IGNORECASE)
_THE_USER = re.compile(rf"\b(?:the |a )?{_PEOPLE}\b(?P<verb> [a-z]+(?:'t)?(?=\s|[.,;!?]|$))?", re.IGNORECASE)
_COLLECTS = (
    "collect|get|obtain|record|gather|capture|request|elicit|take|note|ask for|learn|receive|acquire|store"
)
_VERBS = (
    f"{_COLLECTS}|ask|confirm|verify|explain|thank|offer|provide|determine|identify|find|establish|clarify|welcome|greet|tell|inform|let|"
    "help|guide|recommend|suggest|present|describe|summarize|summarise|conclude|end|say|check|validate|understand|give|show|make|wait|discover|discuss|assist|wish|introduce"
)
_ASK = re.compile(
    rf"(?:politely |kindly |simply |then |now )*(?:ask|prompt|invite|request|remind)\s+(?:(?:the |a )?{_PEOPLE}\b\s*|them\s*)?(?P<for>for\s+|:\s*)?(?P<what>.+)",
    re.IGNORECASE,
)
_LET = re.compile(
    rf"(?:allow|let|enable|have|get)\s+(?:the )?{_PEOPLE}\s+(?:to\s+)?(?P<what>.+)", re.IGNORECASE
)
_FIND_OUT = re.compile(
    rf"(?:{_COLLECTS}|find out|determine|identify|establish|clarify|verify|understand|discover|check|figure out|know)\s+(?P<what>.+)",
    re.IGNORECASE,
)
_OFFER = re.compile(rf"offer\s+(?:(?:the )?{_PEOPLE}\s+|them\s+)?(?P<what>.+)", re.IGNORECASE)
_TRAILER = re.compile(
    r"\s*(?:,|\bin order to\b|\bso that\b|\bto (?:proceed|continue|complete|help|find|create|make|understand|identify|determine|book|process|personali[sz]e|begin|start)\b|\bif (?:needed|necessary)\b|\bfrom the user\b|"
    r"\bby asking\b|\bbefore\b|\bbased on\b).*$",
    re.IGNORECASE,
)
_SAY = re.compile(
    r"\b(?:say|says|ask|asks|tell (?:the user|them)|greet(?: the user| them)?(?: with)?|repl(?:y|ies)(?: with)?|answer(?: with)?|respond(?: with)?|write|something like|for example|e\.g\.)"
    r"[\s:,]*\"(?P<said>[^\"]{2,800})\"",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"(?:(?<=[.!?:;] )|(?<=^)|(?<=\n)|(?<=: ))([^.!?:;\n\"“”()]{4,200}\?)")
_ABOUT_USER = re.compile(
    r"\b(?:the user|user's|they|them|their)\b|^(?:ask|if|when|find out|determine)\b", re.IGNORECASE
)
_TELL = re.compile(
    r"\b(?:explain(?: to (?:the user|them))?|tell (?:the user|them)|let (?:the user|them) know|inform (?:the user|them)|say|mention|note|assure (?:the user|them)|"
    r"remind (?:the user|them)|add|state)(?: that)? (?P<said>[^.;!?\"\n]{4,200})",
    re.IGNORECASE,
)
_CUT = re.compile(rf",? and (?:then )?(?:{_VERBS})\b|, then\b|, but do\b", re.IGNORECASE)
_AUXILIARIES = frozenset(["are", "were", "can", "could", "will", "would", "should", "must", "may", "have'"])
_QUESTIONS = {
    "phone number": "What is your phone number?", "city": "Which city is it?", "country": "Which country is it?",
    "destination": "Where would you like to go?", "location": "Where are you?", "origin": "Where do you leave from?",
    "quantity": "How many would you like?", "rating": "How would you rate it?", "budget": "What is your budget?",
    "feedback": "What would you like to tell us?", "comment": "What would you like to add?", "comments": "What would you like to add?",
    "issue": "What is the problem?", "problem": "What is the problem?", "question": "What is your question?",
    "topic": "What would you like to talk about?", "message": "What is your message?", "description": "Could you describe it?",
    "reason": "What is the reason?", "order number": "What is your order number?", "party size": "For how many people?",
    "time": "At what time?", "date": "On which date?", "confirmed": "Is that right?", "guests": "How many guests?",
    "number of guests": "How many guests?", "address": "What is the address?", "nights": "How many nights?",
}  # fmt: skip
_: Sequence[str] = ()
