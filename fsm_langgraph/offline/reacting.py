"""The whole message: how the user's words are taken up, before the state has its say.

`answer` goes with a decision and `speak` is for a state that the machine has come to. A message that leads
nowhere (a refusal, a question beside the point, something that cannot be read) gets a fitting sentence and
then the question again.
"""

from __future__ import annotations

import re

from fsm_langgraph.offline.asking import noun_for
from fsm_langgraph.offline.authored import conditional, statements
from fsm_langgraph.offline.choosing import is_about_change, was_shown
from fsm_langgraph.offline.corrections import ASKS_FOR_RIGHT, ASKS_WHAT_IS_WRONG, named_without_value
from fsm_langgraph.offline.extraction import Facts, other_keys, present
from fsm_langgraph.offline.hearing import Said
from fsm_langgraph.offline.hinting import complain, explain_miss
from fsm_langgraph.offline.kinds import kind_of
from fsm_langgraph.offline.reading import Key, Scene, Way
from fsm_langgraph.offline.speaking import body, hello, invitation, own_words, question
from fsm_langgraph.offline.standing import Stand, join, say, stand_at
from fsm_langgraph.offline.telling import tell
from fsm_langgraph.offline.words import capital, listed, meanings, plain


def answer(scene: Scene, said: Said, facts: Facts, target: str) -> str:
    """Write the message that goes with a decision."""
    stand = stand_at(scene, target, facts)
    if facts.first_name:
        return f"{stand.pick('Thank you', 'Thanks')}, {facts.first_name}. And your last name?"
    if told := tell(scene.results):
        return _after_results(stand, told, moves=target != scene.state)
    if target == scene.state:
        return join(_stay(stand, said, facts))
    said_next = body(stand)
    taken_up = _thank(stand, facts) or _move(stand, said, scene, target)
    if _TAKES_UP.match(said_next) and not facts.replaced:
        taken_up = ""
    return join([taken_up, said_next])


def speak(scene: Scene, said: Said) -> str:
    """Write the message of a state that the conversation has come to."""
    turn = scene.this_turn
    learned = turn.get("learned")
    facts = Facts(own=dict(learned) if isinstance(learned, dict) else {})
    stays = bool(said.text or said.greets) and bool(scene.heard) and not turn.get("came_from")
    stand = stand_at(scene, scene.state, facts, again=stays)
    if complaint := complain(stand, turn.get("rejected")):
        return join([complaint, body(stand)])
    if told := tell(scene.results):
        return _after_results(stand, told, moves=bool(turn.get("came_from")))
    if turn.get("refused") and not facts.own:
        sorry = stand.pick("I am afraid we cannot do that yet.", "I am sorry, that is not possible yet.")
        return join([sorry, body(stand)])
    if stays and not facts.own:
        return join(_stay(stand, said, facts))
    greeting = "Hello!" if said.greets and not scene.heard and stand.role != "welcome" else ""
    said_next = body(stand)
    if _TAKES_UP.match(said_next) or hello(stand):
        return said_next
    return join([_thank(stand, facts) or greeting, said_next])


def _after_results(stand: Stand, told: str, *, moves: bool) -> str:
    """Go on after what tools have answered: with what the next state says, or with what is still wanted."""
    rest = body(stand) if moves and stand.role != "tell" else question(stand) if stand.wanted else ""
    return join(["\n".join([told, rest])]) if "\n" in told and rest else join([told, rest])


def _thank(stand: Stand, facts: Facts) -> str:
    """Say that what the user gave has arrived."""
    learned = {key: v for key, v in facts.all.items() if present(v) and not isinstance(v, bool | dict)}
    if changes := [_change(stand, key, facts) for key in facts.replaced if key in learned]:
        return f"{stand.pick('Got it', 'All right')}: {listed(changes)}."
    kinds = {key: kind_of(stand.key(key)) if isinstance(v, str | list) else "number" for key, v in learned.items()}
    nouns = {key: noun_for(stand.key(key)) for key in learned}
    name = next((key for key, kind in kinds.items() if kind == "name" and str(learned[key]).strip()), None)
    if name is not None:
        first = str(learned[name]).split()[0]
        thanks = stand.pick(f"Thank you, {first}.", f"Nice to meet you, {first}.", f"Thanks, {first}.")
        more = [noun for key, noun in nouns.items() if key != name]
        return f"{thanks} I have your {listed(more)} as well." if more and stand.role not in _TELLS_ALL else thanks
    if len(learned) > 1:
        return f"Thank you, I have your {listed(nouns.values())}." if stand.role not in _TELLS_ALL else "Thank you."
    for key, value in learned.items():
        echo = say(value)
        if kinds[key] in ("choice", "place", "phrase") and len(echo) <= 30:
            return stand.pick(f"Got it: {echo}.", f"{capital(echo)}, got it.", "Thank you.")
        if kinds[key] == "text" and echo.rstrip().endswith("?"):
            return ""  # nobody is thanked for a question
        if kinds[key] == "text":
            return stand.pick("Thank you for telling me.", "I see, thank you.")
        return stand.pick("Thank you.", "Thanks, got it.", "Great, thank you.")
    if any(value is True for value in facts.all.values()):
        return "" if stand.role in ("goodbye", "tell") or own_words(stand) else stand.pick("Great.", "Very good.")
    return ""


_TELLS_ALL = ("summary", "goodbye")
"""Roles of a state whose own message tells what was given, or needs no list of it."""


def _change(stand: Stand, key: str, facts: Facts) -> str:
    new, old = say(facts.all[key]), say(facts.replaced[key])
    noun = noun_for(stand.key(key))
    if kind_of(stand.key(key)) in ("phrase", "place", "choice", "number") and len(new) + len(old) < 60:
        return f"{new} instead of {old}"
    return f"your {noun} is {new}" if len(new) < 80 else f"your {noun} is changed"


def _move(stand: Stand, said: Said, scene: Scene, target: str) -> str:
    """Say that the user's wish is taken up."""
    way = next((way for way in scene.ways if way.target == target), Way(target))
    if said.thanks:
        return "You are welcome."
    if not said.text or stand.role in ("goodbye", "welcome") or own_words(stand):
        return ""
    if said.answer is False and is_about_change(way):
        if _CORRECTS.search(plain(f"{way.description} {way.purpose}")) and stand.role != "summary":
            return stand.pick("All right, let us put that right.", "Sorry about that. Let us correct it.")
        return stand.pick("All right.", "I see.")
    if said.answer is not None:
        return stand.pick("All right.", "Good.") if said.answer else "All right."
    if said.asks or _WISHES.match(said.plain):
        return stand.pick("Of course.", "Sure.", "All right.")
    return stand.pick("All right.", "I see.")


def _stay(stand: Stand, said: Said, facts: Facts) -> list[str]:
    """Answer a message that leads nowhere, and come back to what is wanted."""
    if own := _own_reaction(stand, said):
        return [own]
    if thanks := _thank(stand, facts):
        return [thanks, body(stand)]
    if not stand.ways and stand.role in ("goodbye", "tell"):
        return [_after_the_end(said)]
    if reaction := _to_manner(stand, said):
        return [reaction, _again(stand)]
    if (said.goes_on or said.answer is True) and not was_shown(stand.scene):
        return [body(stand)]
    if wrong := _to_wrong(stand, said):
        return ["All right.", wrong]
    wanted = stand.wanted
    if wanted and said.text and _was_asked(stand, wanted[0]) and (hint := explain_miss(stand, wanted[0])):
        return [hint, _again(stand) if kind_of(wanted[0]) in ("name", "boolean", "code") else ""]
    if stand.role == "tell" and _CHATS.search(stand.place.text):
        return [stand.pick("I follow fixed rules, so I cannot say much about that. Do go on.", "I see. Please go on.")]
    if said.goes_on or said.answer is not None or (wanted and not _was_asked(stand, wanted[0])):
        return ["All right.", _again(stand)]
    return [stand.pick("Sorry, I did not quite get that.", "I am not sure that I understand."), _again(stand)]


def _after_the_end(said: Said) -> str:
    """Answer a message that comes when the conversation is over."""
    if said.thanks:
        return "You are welcome. Goodbye!"
    return "Goodbye!" if said.leaves else "This is where our conversation ends. Goodbye!"


def _to_manner(stand: Stand, said: Said) -> str:
    """Answer a refusal, a question, noise, thanks: what a message is rather than what it says."""
    wanted = stand.wanted
    refuses = said.answer is False and bool(wanted) and kind_of(wanted[0]) != "boolean" and not said.corrects
    if said.declines or (refuses and wanted and _was_asked(stand, wanted[0])):
        thing = f"your {noun_for(wanted[0])}" if wanted and kind_of(wanted[0]) != "boolean" else "an answer"
        return stand.pick(
            f"I understand. I do need {thing} to go on, but you are free to stop here at any time.",
            f"That is all right, it is up to you. Without {thing} we cannot go on, though.",
        )
    if _UNCLEAR.search(said.plain):
        return stand.pick("Sorry if that was not clear.", "Let me put it once more.")
    if said.chats or (said.asks and said.answer is None):
        return _aside(stand, said)
    if said.noise:
        return stand.pick("Sorry, I did not understand that.", "I am afraid I did not get that.")
    if said.unsure:
        return stand.pick("No problem, take your time.", "That is all right, there is no hurry.")
    if said.thanks:
        return "You are welcome."
    return "Hello!" if said.greets and not said.text else ""


def _to_wrong(stand: Stand, said: Said) -> str:
    """Ask what is wrong, or for the right value of what is."""
    own = [key for key in stand.place.keys if key.name in stand.known and kind_of(key) != "boolean"]
    if said.answer is False and len(own) == 1 and not stand.wanted:
        return f"{ASKS_FOR_RIGHT}{noun_for(own[0])}?"
    reviews = stand.role == "summary" or ASKS_WHAT_IS_WRONG in stand.scene.heard
    if not reviews and not said.corrects:
        return ""
    keys = [*stand.scene.keys, *other_keys(stand.scene)]
    if key := named_without_value(said, keys, stand.known):
        return f"{ASKS_FOR_RIGHT}{noun_for(key)}?"
    changes = "change" in said.plain or "wrong" in said.plain
    return ASKS_WHAT_IS_WRONG if (reviews and said.answer is False) or changes else ""


def _again(stand: Stand) -> str:
    """Ask once more, in other words where there are any."""
    if stand.role == "summary":
        return stand.pick("Is everything above correct?", "Could you tell me whether that is all correct?")
    if stand.role == "tell" and not own_words(stand):
        return invitation(stand)
    asked = own_words(stand) or question(stand)
    if asked in stand.scene.heard and asked.startswith("What is your ") and "," not in asked:
        return f"Could you tell me {asked.removeprefix('What is ')}"
    return asked


def _was_asked(stand: Stand, key: Key) -> bool:
    """Say whether the user was just asked for a key."""
    heard = stand.scene.heard
    last = _SENTENCE.findall(heard)[-1:]
    own = own_words(stand)
    return (
        bool(last and noun_for(key) in last[0])
        or question(stand) in heard
        or bool(own and own in heard)
        or bool(_HINTED.search(heard))
    )


def _aside(stand: Stand, said: Said) -> str:
    """Answer a question that leads away."""
    told = statements(stand.place)
    if "how are you" in said.plain:
        return stand.pick("I am fine, thank you.", "Very well, thank you.")
    if _ABOUT_ME.search(said.plain):
        return "I am a simple assistant that follows fixed rules."
    if _WHY.search(said.plain):
        return told[0] if told else "I need it to be able to go on."
    if _WHAT_IS_THIS.search(said.plain):
        return told[0] if told else "I am a simple assistant that takes you through this step by step."
    return stand.pick("I am afraid I cannot help with that here.", "Sorry, I do not know about that.")


def _own_reaction(stand: Stand, said: Said) -> str:
    """Return what the author wrote for such a message: 'If the user refuses, say: "…"'."""
    cases = conditional(stand.place)
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
"""How a text begins that takes up what the user said by itself."""
_CHATS = re.compile(r"\b(?:chat|conversation|talk|small talk|discuss)\b")
_WISHES = re.compile(r"(?:please )?(?:i (?:want|need|would like|wish)|let|give|show|take|talk|go|start|connect|help)\b")
_WHY = re.compile(r"^(?:but )?why\b|\bwhat for\b")
_WHAT_IS_THIS = re.compile(r"what (?:is this|is all this|is going on|can you do|do you want|do you do)|who is this")
