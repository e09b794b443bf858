"""The state's own message to the user: what it says or asks, whatever the user has said before.

It is made from the purpose and the instructions of the state; where the author wrote sentences for the user, they come
first. The conversation decides which of several wordings is used, so that it reads naturally and runs the same every
time. `reactions` puts a reaction to the user's words before it.
"""

from __future__ import annotations

import re

from fsm_langgraph.offline.authored import literal, statements
from fsm_langgraph.offline.corrections import (
    ASKS_FOR_RIGHT,
    ASKS_WHAT_IS_WRONG,
    ASKS_WHETHER_RIGHT,
    KNOWS,
)
from fsm_langgraph.offline.extraction import present
from fsm_langgraph.offline.kinds import kind_of
from fsm_langgraph.offline.occasion import Occasion, fact_lines, first_name, join, say
from fsm_langgraph.offline.phrasing import PEOPLE, to_user
from fsm_langgraph.offline.prompt_content import DescribedKey
from fsm_langgraph.offline.questions import (
    noun_for,
    question_for,
    question_of_texts,
    sentence_of_purpose,
    with_options,
)
from fsm_langgraph.offline.words import listed, plain


def body(occasion: Occasion) -> str:
    """Write the state's own message."""
    match occasion.role:
        case "welcome":
            return _welcome(occasion)
        case "summary":
            return _summary(occasion)
        case "goodbye":
            return own_words(occasion) or _goodbye(occasion)
        case "ask":
            return _ask(occasion)
        case "tell":
            told = statements(occasion.state) or [sentence_of_purpose(occasion.state.purpose) or ""]
            return own_words(occasion) or join(told) or invitation(occasion)


def own_words(occasion: Occasion) -> str:
    """Return the author's own sentence for this state; once that was said, the next one, if there is one."""
    sayings = literal(occasion.state)
    required = [key for key in occasion.state.keys if key.required]
    if not sayings or (occasion.role == "ask" and 0 < len(occasion.missing) < len(required)):
        return ""  # the sentence asks for everything, and a part of it is known by now
    fresh = [saying for saying in sayings if saying not in occasion.prompt.heard]
    chosen = (fresh or sayings)[0]
    # The prompt's templates were filled in before this message corrected a value.
    for old, new in occasion.outdated.items():
        chosen = re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", new.replace("\\", r"\\"), chosen)
    return chosen


def question(occasion: Occasion) -> str:
    """Ask for the keys that are missing; where the state collects none, ask the question of its purpose."""
    missing = occasion.missing
    asked = question_of_texts(occasion.state.purpose, occasion.state.instructions)
    if not missing:
        options = _options(occasion)
        if asked and (not options or _YES_OR_NO.match(asked)):
            return asked
        return join([asked or "", options]) or invitation(occasion)
    if len(missing) > 1:
        if asked and len(missing) == len(occasion.state.keys) and (match := _WHAT_IS.match(asked)):
            return f"Could you tell me {match['what']}?"
        nouns = listed([f"your {noun_for(key)}" if not i else noun_for(key) for i, key in enumerate(missing)])
        return occasion.pick(f"Could you tell me {nouns}?", f"May I have {nouns}?")
    key = missing[0]
    if asked and len(occasion.state.keys) == 1 and kind_of(key) not in _KNOWN_QUESTIONS:
        return with_options(asked, key) if key.enum else asked
    return question_for(key, occasion.state.purpose)


def invitation(occasion: Occasion) -> str:
    """Hand the word to the user."""
    if options := _options(occasion):
        return options
    match occasion.role:
        case "welcome":
            return occasion.pick("Shall we begin?", "Are you ready to start?")
        case "tell":
            return occasion.pick("Shall we go on?", "Let me know when you would like to go on.")
        case _:
            return "What would you like to do?"


def hello(occasion: Occasion) -> str:
    """Return a greeting where the state is to greet and nobody has spoken yet."""
    greets = "greet" in occasion.state.text or "welcome" in occasion.state.text
    return "Hello!" if greets and not occasion.prompt.heard else ""


def _welcome(occasion: Occasion) -> str:
    if occasion.prompt.heard:
        return own_words(occasion) if occasion.again else _ask(occasion)
    said = own_words(occasion)
    if not said:
        said = join([occasion.pick("Hello, and welcome!", "Hello and welcome!"), *statements(occasion.state)])
    elif not re.match(r"(?:hi|hello|hey|welcome|good (?:morning|day|evening))\b", said, re.IGNORECASE):
        said = f"Hello! {said}"
    # Whoever welcomes with a question has asked already.
    if "?" in said:
        return said
    asks = occasion.missing or question_of_texts(occasion.state.purpose, occasion.state.instructions)
    return join([said, question(occasion) if asks else invitation(occasion)])


def _summary(occasion: Occasion) -> str:
    said = own_words(occasion)
    facts = fact_lines(occasion)
    # The author's own summary may have the values in it, by templates; then no list repeats them.
    if not facts or any(value and value in said for _, _, value in (line.partition(": ") for line in facts)):
        return said or question(occasion)
    lead = occasion.pick("Here is what I have:", "This is what I have so far:")
    asked = said or occasion.pick("Is everything correct?", "Is that all correct?")
    return "\n".join([lead, *facts, asked])


def _goodbye(occasion: Occasion) -> str:
    if occasion.again and "oodbye" in occasion.prompt.heard:
        return "This is where our conversation ends. Goodbye!"
    name = first_name(occasion.known)
    thanks = f"Thank you, {name}." if name else "Thank you."
    if "congratulat" in occasion.state.text:
        thanks = f"Congratulations, {name}!" if name else "Congratulations!"
    told = statements(occasion.state)
    wish = occasion.pick("Have a nice day. Goodbye!", "All the best, and goodbye!", "Take care, and goodbye!")
    return join([thanks, *told, "Goodbye!" if any("I wish you" in said for said in told) else wish])


def _ask(occasion: Occasion) -> str:
    was_known = all(present(occasion.prompt.context.get(key.name)) for key in occasion.state.keys)
    if occasion.state.keys and was_known and not occasion.missing and (known := _ask_about_known(occasion)):
        return known
    told = [] if occasion.again else statements(occasion.state)
    if not occasion.state.keys and not question_of_texts(occasion.state.purpose, ""):
        told = told or [sentence_of_purpose(occasion.state.purpose) or ""]
    return join([hello(occasion), own_words(occasion) or join([*told, question(occasion)])])


def _ask_about_known(occasion: Occasion) -> str:
    """Ask about a known value: for the right one, or whether it still holds."""
    keys = [key for key in occasion.state.keys if key.name in occasion.known]
    if len(keys) > 1:
        return ASKS_WHAT_IS_WRONG
    if not keys or kind_of(keys[0]) in ("boolean", "text"):
        return ""
    key, noun = keys[0], noun_for(keys[0])
    if _CORRECTS.search(plain(occasion.prompt.purpose)) or (
        ASKS_WHAT_IS_WRONG in occasion.prompt.heard and not occasion.outdated
    ):
        return f"{ASKS_FOR_RIGHT}{noun}?"
    return f"{KNOWS}{say(occasion.known[key.name])} as your {noun}{ASKS_WHETHER_RIGHT}"


def _options(occasion: Occasion) -> str:
    """Offer the transitions as choices, where all of them name a wish of the user."""
    offered = [
        transition
        for transition in occasion.transitions
        if not _ENDS.search(plain(f"{transition.target} {transition.description}"))
    ]
    wishes = [match["wish"].strip(" .") for transition in offered if (match := _WISH.search(transition.description))]
    needs = [match["need"].strip(" .") for transition in offered if (match := _NEED.search(transition.description))]
    if len(wishes) + len(needs) >= 2 and len(wishes) + len(needs) >= len(offered):
        would = f"would you like to {listed([to_user(wish) for wish in wishes], 'or')}" if wishes else ""
        have = f"do you have {listed([to_user(need) for need in needs], 'or')}" if needs else ""
        asked = ", or ".join(part for part in (have, would) if part)
        return f"{asked[:1].upper()}{asked[1:]}?"
    topics = [match["topic"].strip(" .") for transition in offered if (match := _TOPIC.search(transition.description))]
    if len(topics) >= 2:
        return f"Is it about {listed(topics, 'or')}?"
    collected = {
        noun_for(DescribedKey(key))
        for transition in offered
        for key in transition.collects[:1]
        if transition.collects != ("confirmed",)
    }
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
