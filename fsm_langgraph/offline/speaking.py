"""What is said to the user: a word on what they said, and then what the state wants to say or to know.

    "Thank you, Ann."  +  "What is your e-mail address?"
     acknowledgement       body

The body is made from the purpose and the instructions of the state that the message is written for; where the
author wrote sentences, they come first. Which of several wordings is used follows from the conversation, so
that it reads naturally and runs the same every time.
"""

from __future__ import annotations

import re

from fsm_langgraph.offline.asking import (
    noun_for,
    question_for,
    question_of_texts,
    sentence_of_purpose,
    with_options,
)
from fsm_langgraph.offline.authored import literal, statements
from fsm_langgraph.offline.corrections import (
    ASKS_FOR_RIGHT,
    ASKS_WHAT_IS_WRONG,
    ASKS_WHETHER_RIGHT,
    KNOWS,
)
from fsm_langgraph.offline.kinds import kind_of
from fsm_langgraph.offline.phrasing import PEOPLE, to_user
from fsm_langgraph.offline.reading import Key
from fsm_langgraph.offline.standing import Stand, fact_lines, first_name, join, say
from fsm_langgraph.offline.words import listed, plain


def body(stand: Stand) -> str:
    """Say what a state wants to say or to know."""
    match stand.role:
        case "welcome":
            return _welcome(stand)
        case "summary":
            return _summary(stand)
        case "goodbye":
            return own_words(stand) or _goodbye(stand)
        case "ask":
            return _ask(stand)
        case "tell":
            told = statements(stand.place) or [sentence_of_purpose(stand.place.purpose) or ""]
            return own_words(stand) or join(told) or invitation(stand)


def own_words(stand: Stand) -> str:
    """Return the author's own sentence for this state; the next one, if there is one, once that was said."""
    sayings = literal(stand.place)
    required = [key for key in stand.place.keys if key.required]
    if not sayings or (stand.role == "ask" and 0 < len(stand.wanted) < len(required)):
        return ""  # Part of what the sentence asks for is known by now.
    fresh = [saying for saying in sayings if saying not in stand.scene.heard]
    chosen = (fresh or sayings)[0]
    for old, new in stand.outdated.items():
        chosen = re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", new.replace("\\", r"\\"), chosen)
    return chosen


def question(stand: Stand) -> str:
    """Ask for what is still wanted; or, where nothing is to be noted, what the purpose asks."""
    wanted = stand.wanted
    asked = question_of_texts(stand.place.purpose, stand.place.instructions)
    if not wanted:
        options = _options(stand)
        if asked and (not options or _YES_OR_NO.match(asked)):
            return asked
        return join([asked or "", options]) or invitation(stand)
    if len(wanted) > 1:
        if asked and len(wanted) == len(stand.place.keys) and (match := _WHAT_IS.match(asked)):
            return f"Could you tell me {match['what']}?"
        nouns = listed([f"your {noun_for(key)}" if not i else noun_for(key) for i, key in enumerate(wanted)])
        return stand.pick(f"Could you tell me {nouns}?", f"May I have {nouns}?")
    key = wanted[0]
    if asked and len(stand.place.keys) == 1 and kind_of(key) not in _KNOWN_QUESTIONS:
        return with_options(asked, key) if key.enum else asked
    return question_for(key, stand.place.purpose)


def invitation(stand: Stand) -> str:
    """Hand the word to the user."""
    if options := _options(stand):
        return options
    match stand.role:
        case "welcome":
            return stand.pick("Shall we begin?", "Are you ready to start?")
        case "tell":
            return stand.pick("Shall we go on?", "Let me know when you would like to go on.")
        case _:
            return "What would you like to do?"


def hello(stand: Stand) -> str:
    """Return a greeting where the state is to greet and nobody has spoken yet."""
    greets = "greet" in stand.place.text or "welcome" in stand.place.text
    return "Hello!" if greets and not stand.scene.heard else ""


def _welcome(stand: Stand) -> str:
    if stand.scene.heard:
        return own_words(stand) if stand.again else _ask(stand)
    said = own_words(stand)
    if not said:
        said = join([stand.pick("Hello, and welcome!", "Hello and welcome!"), *statements(stand.place)])
    elif not re.match(r"(?:hi|hello|hey|welcome|good (?:morning|day|evening))\b", said, re.IGNORECASE):
        said = f"Hello! {said}"
    if "?" in said:
        return said
    asks = stand.wanted or question_of_texts(stand.place.purpose, stand.place.instructions)
    return join([said, question(stand) if asks else invitation(stand)])


def _summary(stand: Stand) -> str:
    said = own_words(stand)
    facts = fact_lines(stand)
    if not facts or any(value and value in said for _, _, value in (line.partition(": ") for line in facts)):
        return said or question(stand)
    lead = stand.pick("Here is what I have:", "This is what I have so far:")
    asked = said or stand.pick("Is everything correct?", "Is that all correct?")
    return "\n".join([lead, *facts, asked])


def _goodbye(stand: Stand) -> str:
    if stand.again and "oodbye" in stand.scene.heard:
        return "This is where our conversation ends. Goodbye!"
    name = first_name(stand.known)
    thanks = f"Thank you, {name}." if name else "Thank you."
    if "congratulat" in stand.place.text:
        thanks = f"Congratulations, {name}!" if name else "Congratulations!"
    told = statements(stand.place)
    wish = stand.pick("Have a nice day. Goodbye!", "All the best, and goodbye!", "Take care, and goodbye!")
    return join([thanks, *told, "Goodbye!" if any("I wish you" in said for said in told) else wish])


def _ask(stand: Stand) -> str:
    if stand.place.keys and not stand.wanted and (known := _ask_about_known(stand)):
        return known
    told = [] if stand.again else statements(stand.place)
    if not stand.place.keys and not question_of_texts(stand.place.purpose, ""):
        told = told or [sentence_of_purpose(stand.place.purpose) or ""]
    return join([hello(stand), own_words(stand) or join([*told, question(stand)])])


def _ask_about_known(stand: Stand) -> str:
    """Ask about what is known already, rather than for it: for the right value, or whether it still holds."""
    keys = [key for key in stand.place.keys if key.name in stand.known]
    if len(keys) > 1:
        return ASKS_WHAT_IS_WRONG
    if not keys or kind_of(keys[0]) in ("boolean", "text"):
        return ""
    key, noun = keys[0], noun_for(keys[0])
    if _CORRECTS.search(plain(stand.scene.purpose)) or (ASKS_WHAT_IS_WRONG in stand.scene.heard and not stand.outdated):
        return f"{ASKS_FOR_RIGHT}{noun}?"
    return f"{KNOWS}{say(stand.known[key.name])} as your {noun}{ASKS_WHETHER_RIGHT}"


def _options(stand: Stand) -> str:
    """Offer what the transitions lead to, where they all say what the user may want."""
    offered = [way for way in stand.ways if not _ENDS.search(plain(f"{way.target} {way.description}"))]
    wishes = [match["wish"].strip(" .") for way in offered if (match := _WISH.search(way.description))]
    needs = [match["need"].strip(" .") for way in offered if (match := _NEED.search(way.description))]
    if len(wishes) + len(needs) >= 2 and len(wishes) + len(needs) >= len(offered):
        would = f"would you like to {listed([to_user(wish) for wish in wishes], 'or')}" if wishes else ""
        have = f"do you have {listed([to_user(need) for need in needs], 'or')}" if needs else ""
        asked = ", or ".join(part for part in (have, would) if part)
        return f"{asked[:1].upper()}{asked[1:]}?"
    topics = [match["topic"].strip(" .") for way in offered if (match := _TOPIC.search(way.description))]
    if len(topics) >= 2:
        return f"Is it about {listed(topics, 'or')}?"
    collected = {noun_for(Key(key)) for way in offered for key in way.collects[:1] if way.collects != ("confirmed",)}
    return f"Is it {listed([f'your {noun}' for noun in sorted(collected)], 'or')}?" if len(collected) >= 2 else ""


_WHAT_IS = re.compile(r"What (?:is|are) (?P<what>.+)\?$")
_KNOWN_QUESTIONS = frozenset(("email", "name", "age", "phone"))
_YES_OR_NO = re.compile(r"(?:Is|Are|Do|Does|Can|Have|Has|Would|Will|Could)\b")
_CORRECTS = re.compile(r"correct|chang|fix|edit|wrong|modif")
_ENDS = re.compile(r"\b(?:end|stop|quit|bye|goodbye|leave|finish|cancel|done|nothing)\b")
_WISH = re.compile(
    rf"\b(?:{PEOPLE}|they)\s+(?:wants?|would like|wishes|asks?|needs?|chooses|decides|"
    rf"prefers)\s+to\s+(?P<wish>[^.,;(]+)",
    re.IGNORECASE,
)
_NEED = re.compile(rf"\b(?:{PEOPLE}|they)\s+has\s+(?P<need>an? [^.,;(]+)", re.IGNORECASE)
_TOPIC = re.compile(
    r"\b(?:asks? about|(?:question|problem|request|issue) (?:is )?(?:about|with|related to))\s+(?P<topic>[^.,;(]+)",
    re.IGNORECASE,
)
