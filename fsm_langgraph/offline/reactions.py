"""The whole message to the user: first a reaction to their words, then the state's own message.

    "Thank you, Ann."  +  "What is your e-mail address?"
     reaction              `state_message`

`answer` goes with a decision, and `speak` is for a state that the machine has come to. A message that leads nowhere (a
refusal, a question beside the point, something unreadable) gets a fitting sentence and then the question again.
"""

from __future__ import annotations

import re

from fsm_langgraph.offline.authored import conditional, statements
from fsm_langgraph.offline.corrections import ASKS_FOR_RIGHT, ASKS_WHAT_IS_WRONG, named_without_value
from fsm_langgraph.offline.extraction import Facts, other_keys, present
from fsm_langgraph.offline.hearing import Said
from fsm_langgraph.offline.hints import complain, explain_miss
from fsm_langgraph.offline.kinds import kind_of
from fsm_langgraph.offline.occasion import Occasion, join, occasion_in, say
from fsm_langgraph.offline.prompt_content import DescribedKey, DescribedTransition, PromptContent
from fsm_langgraph.offline.questions import noun_for
from fsm_langgraph.offline.state_message import body, hello, invitation, own_words, question
from fsm_langgraph.offline.target_choice import was_shown
from fsm_langgraph.offline.tool_results import tell
from fsm_langgraph.offline.transition_words import is_about_change
from fsm_langgraph.offline.words import capital, listed, meanings, plain


def answer(prompt: PromptContent, said: Said, facts: Facts, target: str) -> str:
    """Write the message that goes with a decision."""
    occasion = occasion_in(prompt, target, facts)
    if facts.first_name:
        return f"{occasion.pick('Thank you', 'Thanks')}, {facts.first_name}. And your last name?"
    if told := tell(prompt.results):
        return _after_results(occasion, told, moves=target != prompt.state)
    if target == prompt.state:
        return join(_stay(occasion, said, facts))
    said_next = body(occasion)
    # Where the author's own sentence begins with a reaction, ours before it would be one too many.
    taken_up = _thank(occasion, facts) or _greet(occasion, said) or _move(occasion, said, prompt, target)
    if _TAKES_UP.match(said_next) and not facts.replaced:
        taken_up = ""
    return join([taken_up, said_next])


def speak(prompt: PromptContent, said: Said) -> str:
    """Write the message of a state that the conversation has come to."""
    turn = prompt.this_turn
    learned = turn.get("learned")
    facts = Facts(own=dict(learned) if isinstance(learned, dict) else {})
    stays = bool(said.text or said.greets) and bool(prompt.heard) and not turn.get("came_from")
    occasion = occasion_in(prompt, prompt.state, facts, again=stays)
    if complaint := complain(occasion, turn.get("rejected")):
        return join([complaint, body(occasion)])
    if told := tell(prompt.results):
        return _after_results(occasion, told, moves=bool(turn.get("came_from")))
    if turn.get("refused") and not turn.get("came_from") and not facts.own:
        sorry = occasion.pick("I am afraid we cannot do that yet.", "I am sorry, that is not possible yet.")
        return join([sorry, body(occasion)])
    if stays and not facts.own:
        return join(_stay(occasion, said, facts))
    said_next = body(occasion)
    if _TAKES_UP.match(said_next) or hello(occasion):
        return said_next
    return join([_thank(occasion, facts) or ("" if prompt.heard else _greet(occasion, said)), said_next])


def _after_results(occasion: Occasion, told: str, *, moves: bool) -> str:
    """Go on after the answers of tools: with the next state's message, or with the question that is still open."""
    rest = body(occasion) if moves and occasion.role != "tell" else question(occasion) if occasion.missing else ""
    return join(["\n".join([told, rest])]) if "\n" in told and rest else join([told, rest])


def _thank(occasion: Occasion, facts: Facts) -> str:
    """Say that the user's values have arrived."""
    learned = {key: v for key, v in facts.all.items() if present(v) and not isinstance(v, bool | dict)}
    if changes := [_change(occasion, key, facts) for key in facts.replaced if key in learned]:
        return f"{occasion.pick('Got it', 'All right')}: {listed(changes)}."
    kinds = {key: kind_of(occasion.key(key)) if isinstance(v, str | list) else "number" for key, v in learned.items()}
    nouns = {key: noun_for(occasion.key(key)) for key in learned}
    name = next((key for key, kind in kinds.items() if kind == "name" and str(learned[key]).strip()), None)
    if name is not None:
        # The name is the nicest thing to thank for, whatever else came with it.
        first = str(learned[name]).split()[0]
        thanks = occasion.pick(f"Thank you, {first}.", f"Nice to meet you, {first}.", f"Thanks, {first}.")
        more = [noun for key, noun in nouns.items() if key != name]
        return f"{thanks} I have your {listed(more)} as well." if more and occasion.role not in _TELLS_ALL else thanks
    if len(learned) > 1:
        return f"Thank you, I have your {listed(nouns.values())}." if occasion.role not in _TELLS_ALL else "Thank you."
    for key, value in learned.items():
        echo = say(value)
        if kinds[key] in ("choice", "place", "phrase") and len(echo) <= 30:
            return occasion.pick(f"Got it: {echo}.", f"{capital(echo)}, got it.", "Thank you.")
        if kinds[key] == "text" and echo.rstrip().endswith("?"):
            return ""  # nobody is thanked for a question
        if kinds[key] == "text":
            return occasion.pick("Thank you for telling me.", "I see, thank you.")
        return occasion.pick("Thank you.", "Thanks, got it.", "Great, thank you.")
    if any(value is True for value in facts.all.values()):
        return (
            "" if occasion.role in ("goodbye", "tell") or own_words(occasion) else occasion.pick("Great.", "Very good.")
        )
    return ""


def _greet(occasion: Occasion, said: Said) -> str:
    """Greet back; a message that opens or closes a conversation does so itself."""
    greets_itself = occasion.role in ("welcome", "goodbye") or hello(occasion)
    return "Hello!" if said.greets and not greets_itself else ""


_TELLS_ALL = ("summary", "goodbye")
"""The roles whose own message lists the values, or needs no such list."""


def _change(occasion: Occasion, key: str, facts: Facts) -> str:
    new, old = say(facts.all[key]), say(facts.replaced[key])
    noun = noun_for(occasion.key(key))
    if kind_of(occasion.key(key)) in ("phrase", "place", "choice", "number") and len(new) + len(old) < 60:
        return f"{new} instead of {old}"
    return f"your {noun} is {new}" if len(new) < 80 else f"your {noun} is changed"


def _move(occasion: Occasion, said: Said, prompt: PromptContent, target: str) -> str:
    """Say that the user's wish is followed."""
    transition = next(
        (transition for transition in prompt.transitions if transition.target == target), DescribedTransition(target)
    )
    if said.thanks:
        return "You are welcome."
    # The author's own words, a welcome and a goodbye stand well by themselves.
    if not said.text or occasion.role in ("goodbye", "welcome") or own_words(occasion):
        return ""
    if said.answer is False and is_about_change(transition):
        if _CORRECTS.search(plain(f"{transition.description} {transition.purpose}")) and occasion.role != "summary":
            return occasion.pick("All right, let us put that right.", "Sorry about that. Let us correct it.")
        return occasion.pick("All right.", "I see.")
    if said.answer is not None:
        return occasion.pick("All right.", "Good.") if said.answer else "All right."
    if said.asks or _WISHES.match(said.plain):
        return occasion.pick("Of course.", "Sure.", "All right.")
    return occasion.pick("All right.", "I see.")


def _stay(occasion: Occasion, said: Said, facts: Facts) -> list[str]:
    """Answer a message that leads nowhere, and come back to the question."""
    if own := _own_reaction(occasion, said):
        return [own]
    if thanks := _thank(occasion, facts):
        return [thanks, body(occasion)]
    if not occasion.transitions and occasion.role in ("goodbye", "tell"):
        return [_after_the_end(said)]
    if reaction := _to_manner(occasion, said):
        return [reaction, _again(occasion)]
    if (said.goes_on or said.answer is True) and not was_shown(occasion.prompt):
        return [body(occasion)]
    if wrong := _to_wrong(occasion, said):
        return ["All right.", wrong]
    missing = occasion.missing
    if missing and kind_of(missing[0]) == "boolean" and facts.own.get(missing[0].name) is False:
        # The no was understood, and no transition is for it.
        sorry = occasion.pick("I see. It takes a yes to go on, though.", "All right. Without a yes we cannot go on.")
        return [sorry, _again(occasion)]
    if missing and said.text and _was_asked(occasion, missing[0]) and (hint := explain_miss(occasion, missing[0])):
        return [hint, _again(occasion) if kind_of(missing[0]) in ("name", "boolean", "code") else ""]
    if occasion.role == "tell" and _CHATS.search(occasion.state.text):
        return [
            occasion.pick("I follow fixed rules, so I cannot say much about that. Do go on.", "I see. Please go on.")
        ]
    if said.goes_on or said.answer is not None or (missing and not _was_asked(occasion, missing[0])):
        return ["All right.", _again(occasion)]
    return [occasion.pick("Sorry, I did not quite get that.", "I am not sure that I understand."), _again(occasion)]


def _after_the_end(said: Said) -> str:
    """Answer a message that comes when the conversation is over."""
    if said.thanks:
        return "You are welcome. Goodbye!"
    return "Goodbye!" if said.leaves else "This is where our conversation ends. Goodbye!"


def _to_manner(occasion: Occasion, said: Said) -> str:
    """Answer the kind of a message rather than its words: a refusal, a question, noise, thanks."""
    missing = occasion.missing
    # A no to a question that asks for words is a refusal; to a yes-or-no question it is an answer.
    refuses = said.answer is False and bool(missing) and kind_of(missing[0]) != "boolean" and not said.corrects
    if said.declines or (refuses and missing and _was_asked(occasion, missing[0])):
        thing = f"your {noun_for(missing[0])}" if missing and kind_of(missing[0]) != "boolean" else "an answer"
        return occasion.pick(
            f"I understand. I do need {thing} to go on, but you are free to stop here at any time.",
            f"That is all right, it is up to you. Without {thing} we cannot go on, though.",
        )
    if _UNCLEAR.search(said.plain):
        return occasion.pick("Sorry if that was not clear.", "Let me put it once more.")
    if said.chats or (said.asks and said.answer is None):
        return _aside(occasion, said)
    if said.noise:
        return occasion.pick("Sorry, I did not understand that.", "I am afraid I did not get that.")
    if said.unsure:
        return occasion.pick("No problem, take your time.", "That is all right, there is no hurry.")
    if said.thanks:
        return "You are welcome."
    return "Hello!" if said.greets and not said.text else ""


def _to_wrong(occasion: Occasion, said: Said) -> str:
    """Ask what is wrong, or for the right value where that is clear."""
    own = [key for key in occasion.state.keys if key.name in occasion.known and kind_of(key) != "boolean"]
    if said.answer is False and len(own) == 1 and not occasion.missing:
        return f"{ASKS_FOR_RIGHT}{noun_for(own[0])}?"
    reviews = occasion.role == "summary" or ASKS_WHAT_IS_WRONG in occasion.prompt.heard
    if not reviews and not said.corrects:
        return ""
    keys = [*occasion.prompt.keys, *other_keys(occasion.prompt)]
    if key := named_without_value(said, keys, occasion.known):
        return f"{ASKS_FOR_RIGHT}{noun_for(key)}?"
    changes = "change" in said.plain or "wrong" in said.plain
    return ASKS_WHAT_IS_WRONG if (reviews and said.answer is False) or changes else ""


def _again(occasion: Occasion) -> str:
    """Ask once more, in other words where there are any."""
    if occasion.role == "summary":
        return occasion.pick("Is everything above correct?", "Could you tell me whether that is all correct?")
    if occasion.role == "tell" and not own_words(occasion):
        return invitation(occasion)
    asked = own_words(occasion) or question(occasion)
    if asked in occasion.prompt.heard and asked.startswith("What is your ") and "," not in asked:
        return f"Could you tell me {asked.removeprefix('What is ')}"
    return asked


def _was_asked(occasion: Occasion, key: DescribedKey) -> bool:
    """Say whether the user was just asked for a key."""
    heard = occasion.prompt.heard
    last = _SENTENCE.findall(heard)[-1:]
    own = own_words(occasion)
    return (
        bool(last and noun_for(key) in last[0])
        or question(occasion) in heard
        or bool(own and own in heard)
        or bool(_HINTED.search(heard))
    )


def _aside(occasion: Occasion, said: Said) -> str:
    """Answer a question that leads away."""
    told = statements(occasion.state)
    if "how are you" in said.plain:
        return occasion.pick("I am fine, thank you.", "Very well, thank you.")
    if _ABOUT_ME.search(said.plain):
        return "I am a simple assistant that follows fixed rules."
    if _WHY.search(said.plain):
        return told[0] if told else "I need it to be able to go on."
    if _WHAT_IS_THIS.search(said.plain):
        return told[0] if told else "I am a simple assistant that takes you through this step by step."
    return occasion.pick("I am afraid I cannot help with that here.", "Sorry, I do not know about that.")


def _own_reaction(occasion: Occasion, said: Said) -> str:
    """Return the author's own sentence for such a message: 'If the user refuses, say: "…"'."""
    cases = conditional(occasion.state)
    if not cases:
        return ""
    told = set(meanings(said.plain))
    told |= {"no", "refus", "say"} if said.declines else set()
    told |= {"unclear", "understand"} if said.noise else set()
    told |= set() if said.answer is None else {"yes"} if said.answer else {"no"}
    case, saying = max(cases, key=lambda item: len(meanings(item[0]) & told))
    return saying if meanings(case) & told else ""


_CORRECTS = re.compile(r"correct|chang|fix|edit|wrong|modif")
_SENTENCE = re.compile(r"[^.!?]+[.!?]?")
# Our own hints (`hints`), by which the question was asked once more.
_HINTED = re.compile(r"name@example|write it like|For example:|a number|choose one of|a yes or a no|catch a name")
_UNCLEAR = re.compile(
    r"what do you mean|not understand|can you explain|what does (?:that|it|this) mean|not get it|"
    r"^(?:pardon|sorry|huh|what)\W*$"
)
_ABOUT_ME = re.compile(r"\b(?:are you|who (?:made|built|created|are)|what are you|your name|how old)\b")
_TAKES_UP = re.compile(
    r"(?:(?:i am|i'm) (?:very |so )?(?:sorry|glad|happy)|sorry|glad|thanks?|congratulations|great|very good|good\b|"
    r"wonderful|perfect|excellent|then\b|all right|i see|got it|welcome back|too bad|oh\b|nice|understood|ok\b)",
    re.IGNORECASE,
)
"""The beginnings of a state's text that is a reaction already."""
_CHATS = re.compile(r"\b(?:chat|conversation|talk|small talk|discuss)\b")
_WISHES = re.compile(r"(?:please )?(?:i (?:want|need|would like|wish)|let|give|show|take|talk|go|start|connect|help)\b")
_WHY = re.compile(r"^(?:but )?why\b|\bwhat for\b")
_WHAT_IS_THIS = re.compile(r"what (?:is this|is all this|is going on|can you do|do you want|do you do)|who is this")
