"""What is said to the user: a word on what they said, and then what the state wants to say or to know.

    "Thank you, Ann."  +  "What is your e-mail address?"
     acknowledgement       body

The body is made from the purpose and the instructions of the state that the message is written for; see `asking`.
Which of several wordings is used follows from the conversation, so that a conversation reads naturally and runs the
same every time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from fsm_langgraph.models.offline.asking import (
    Place,
    conditional_sayings,
    literal,
    noun_for,
    question_for,
    question_of_purpose,
    say_option,
    sentence_of_purpose,
    statements,
)
from fsm_langgraph.models.offline.dates import spoken
from fsm_langgraph.models.offline.extraction import Facts, present
from fsm_langgraph.models.offline.hearing import Said
from fsm_langgraph.models.offline.kinds import kind_of
from fsm_langgraph.models.offline.reading import Key, Scene, Way
from fsm_langgraph.models.offline.words import capital, label, listed, meanings, plain, split_key

Role = Literal["welcome", "summary", "goodbye", "ask", "tell"]


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a message is written from."""

    place: Place
    role: Role
    known: Mapping[str, Any]
    """What is known once this message's facts are stored."""
    scene: Scene
    ways: tuple[Way, ...] = ()
    """The ways on from the place, where they are known."""
    again: bool = False
    """Whether the place has spoken before."""

    def pick(self, *wordings: str) -> str:
        """Choose a wording, and not the one used last."""
        index = self.scene.seed % len(wordings)
        chosen = wordings[index]
        if chosen and len(wordings) > 1 and chosen in self.scene.heard:
            return wordings[(index + 1) % len(wordings)]
        return chosen


def answer(scene: Scene, said: Said, facts: Facts, target: str) -> str:
    """Write the message that goes with a decision."""
    stand = _stand(scene, {**scene.context, **facts.all}, target)
    if facts.first_name:
        return f"{stand.pick('Thank you', 'Thanks')}, {facts.first_name}. And your last name?"
    if target == scene.state:
        return _join(_stay(stand, said, facts))
    if stand.role == "welcome":
        return body(stand)
    return _join([_thank(stand, said, facts) or _move(stand, said, scene, target), body(stand)])


def speak(scene: Scene, said: Said) -> str:
    """Write the message of a state that the conversation has come to."""
    turn = scene.this_turn
    learned = turn.get("learned")
    facts = Facts(own=dict(learned) if isinstance(learned, dict) else {})
    came_from = turn.get("came_from")
    stays = bool(said.text or said.greets) and scene.heard != "" and not came_from
    stand = _stand(scene, scene.context, scene.state, again=stays)
    if complaints := _complaints(stand, turn.get("rejected")):
        return _join([*complaints, body(stand)])
    if turn.get("refused"):
        sorry = stand.pick("I am afraid we cannot do that yet.", "I am sorry, that is not possible yet.")
        return _join([_thank(stand, said, facts), "" if facts.own else sorry, body(stand)])
    if stays and not facts.own:
        return _join(_stay(stand, said, facts))
    if stand.role == "welcome":
        return body(stand)
    hello = "Hello!" if said.greets and not scene.heard else ""
    return _join([_thank(stand, said, facts) or hello, body(stand)])


def body(stand: Stand) -> str:
    """Say what a state wants to say or to know."""
    wanted = _wanted(stand)
    own_words = _own_words(stand)
    match stand.role:
        case "welcome":
            hello = own_words or _join(
                [stand.pick("Hello, and welcome!", "Hello and welcome!"), *statements(stand.place)]
            )
            if "?" in hello:
                return hello
            return _join([hello, _question(stand, wanted) if wanted else _invitation(stand)])
        case "summary":
            facts = _fact_lines(stand)
            asked = own_words or stand.pick("Is everything correct?", "Is that all correct?")
            lead = (
                ""
                if own_words and "?" not in own_words
                else stand.pick("Here is what I have:", "This is what I have so far:")
            )
            if not facts:
                return own_words or _question(stand, wanted) or asked
            if any(line.partition(": ")[2] in own_words for line in facts):
                return own_words
            return f"{lead or 'Here is what I have:'}\n" + "\n".join(facts) + f"\n{asked}"
        case "goodbye":
            return own_words or _goodbye(stand)
        case "ask":
            if own_words:
                return own_words
            told = [] if stand.again else statements(stand.place)
            return _join([*told, _question(stand, wanted)])
        case _:
            told = statements(stand.place)
            return own_words or _join(
                [*(told or [sentence_of_purpose(stand.place) or ""]), _invitation(stand)]
            )


def _stand(scene: Scene, known: Mapping[str, Any], target: str, *, again: bool = True) -> Stand:
    if target == scene.state:
        place = Place(scene.purpose, scene.instructions, scene.keys, scene.examples)
        return Stand(
            place, _role(place, target, scene.ways), known, scene, scene.ways, again and bool(scene.heard)
        )
    way = next((way for way in scene.ways if way.target == target), Way(target))
    declared = {key.name: key for key in (*scene.keys, *(scene.others or ()))}
    keys = tuple(declared.get(name, Key(name, required=True)) for name in way.collects)
    place = Place(way.purpose, way.instructions, keys)
    return Stand(place, _role(place, target, ()), known, scene)


def _role(place: Place, state: str, ways: Sequence[Way]) -> Role:
    """Say what a state does, by the words of its purpose."""
    purpose = plain(place.purpose)
    confirms = any(
        kind_of(key) == "boolean" and re.search(r"confirm|correct|approv", key.name) for key in place.keys
    )
    if re.search(r"\bsummar|\brecap|\breview|\boverview|\bread back", purpose) or (
        confirms and "confirm" in purpose
    ):
        return "summary"
    if (
        not place.keys
        and not ways
        and (
            re.search(
                r"\bconclude|\bgoodbye|\bfarewell|\bend\b|\bending|\bwrap|\bclos(?:e|ing)\b|\bfinish|\bbye\b|\bthank\b|\bpart\b",
                purpose,
            )
            or not {
                "end",
                "done",
                "goodbye",
                "farewell",
                "finished",
                "final",
                "finish",
                "closed",
                "complete",
            }.isdisjoint(split_key(state))
        )
    ):
        return "goodbye"
    if re.search(r"\bwelcome|\bgreet|\bintroduce yourself", purpose):
        return "welcome"
    if (
        place.keys
        or question_of_purpose(place)
        or any("?" in said for said in literal(place))
        or len(ways) > 1
    ):
        return "ask"
    return "tell"


def _own_words(stand: Stand) -> str:
    """Return the author's own sentences for this state; another one if the first was just said."""
    sayings = literal(stand.place)
    if not sayings:
        return ""
    if stand.role == "ask" and len(_wanted(stand)) < len([k for k in stand.place.keys if k.required]):
        return ""  # Part of what the sentence asks for is known by now.
    fresh = [saying for saying in sayings if saying not in stand.scene.heard]
    return (fresh or sayings)[0 if not stand.again else stand.scene.seed % len(fresh or sayings)]


def _wanted(stand: Stand) -> list[Key]:
    """Return the keys that are still to be given, the required ones first."""
    missing = [key for key in stand.place.keys if not present(stand.known.get(key.name))]
    return [key for key in missing if key.required] or (
        missing if not any(k.required for k in stand.place.keys) else []
    )


def _question(stand: Stand, wanted: list[Key]) -> str:
    """Ask for what is still wanted."""
    purpose = stand.place.purpose
    if not wanted:
        asked = question_of_purpose(stand.place)
        options = _options(stand)
        if asked and (
            not options or asked.startswith(("Is", "Are", "Do", "Does", "Can", "Have", "Would", "Will"))
        ):
            return asked
        return _join([asked or "", options]) or _invitation(stand)
    if len(wanted) == 1:
        key = wanted[0]
        whole = len(stand.place.keys) == 1
        asked = (
            question_of_purpose(stand.place)
            if whole and kind_of(key) in _BY_PURPOSE and not key.description
            else None
        )
        if asked and kind_of(key) == "choice":
            asked = f"{asked.rstrip('?')}: {listed([say_option(value) for value in key.enum], 'or')}?"
        return asked or question_for(key, purpose)
    nouns = listed(
        [f"your {noun_for(key)}" if index == 0 else noun_for(key) for index, key in enumerate(wanted)]
    )
    return stand.pick(f"Could you tell me {nouns}?", f"May I have {nouns}?")


def _options(stand: Stand) -> str:
    """Offer what the transitions lead to, where they say what the user may want."""
    if len(stand.ways) < 2:
        return ""
    wishes = [match["wish"].strip(" .") for way in stand.ways if (match := _WISH.search(way.description))]
    if len(wishes) >= 2:
        return f"Would you like to {listed(wishes, 'or')}?"
    topics = [match["topic"].strip(" .") for way in stand.ways if (match := _TOPIC.search(way.description))]
    if len(topics) >= 2:
        return f"Is it about {listed(topics, 'or')}?"
    collected = [noun_for(Key(key)) for way in stand.ways for key in way.collects[:1]]
    if len(collected) >= 2:
        return f"Is it {listed([f'your {noun}' for noun in dict.fromkeys(collected) if noun != 'confirmed'], 'or')}?"
    return ""


def _invitation(stand: Stand) -> str:
    """Hand the word to the user."""
    if options := _options(stand):
        return options
    if stand.role == "welcome":
        return stand.pick("Shall we begin?", "Are you ready to start?")
    return (
        stand.pick("Shall we go on?", "Let me know when you would like to go on.")
        if stand.role == "tell"
        else "What would you like to do?"
    )


def _goodbye(stand: Stand) -> str:
    name = _first_name(stand.known)
    thanks = f"Thank you, {name}." if name else "Thank you."
    if stand.again and stand.scene.heard.endswith("oodbye!"):
        return "This is where our conversation ends. Goodbye!"
    return _join(
        [
            thanks,
            *statements(stand.place),
            stand.pick("Have a nice day. Goodbye!", "All the best, and goodbye!", "Take care, and goodbye!"),
        ]
    )


def _thank(stand: Stand, said: Said, facts: Facts) -> str:
    """Say that what the user gave has arrived."""
    learned = {
        key: value for key, value in facts.all.items() if present(value) and not isinstance(value, bool)
    }
    if changes := [_change(stand, key, facts) for key in facts.replaced if key in learned]:
        return f"{stand.pick('Got it', 'All right')}: {listed(changes)}."
    name = next(
        (v for k, v in learned.items() if isinstance(v, str) and kind_of(_key(stand, k)) == "name"), ""
    )
    if name:
        first = name.split()[0]
        more = [noun_for(_key(stand, key)) for key in learned if learned[key] != name]
        thanks = stand.pick(f"Thank you, {first}.", f"Nice to meet you, {first}.", f"Thanks, {first}.")
        return f"{thanks} I have your {listed(more)} as well." if more else thanks
    if len(learned) > 1:
        return f"Thank you, I have your {listed(noun_for(_key(stand, key)) for key in learned)}."
    for key, value in learned.items():
        kind = kind_of(_key(stand, key))
        if kind in ("choice", "place", "phrase", "number", "age") and len(str(value)) <= 30:
            return stand.pick(
                f"Got it: {_spoken(value)}.", f"{capital(_spoken(value))}, got it.", "Thank you."
            )
        if kind == "text":
            return stand.pick("Thank you for telling me.", "I see, thank you.")
        return stand.pick("Thank you.", "Thanks, got it.", "Great, thank you.")
    if any(value is True for value in facts.all.values()):
        return stand.pick("Great.", "Very good.", "Wonderful.")
    return "Hello!" if said.greets and not said.text else ""


def _change(stand: Stand, key: str, facts: Facts) -> str:
    new, old = _spoken(facts.all[key]), _spoken(facts.replaced[key])
    kind = kind_of(_key(stand, key))
    if kind in ("phrase", "place", "choice") and len(new) + len(old) < 60:
        return f"{new} instead of {old}"
    return (
        f"your {noun_for(_key(stand, key))} is {new}"
        if len(new) < 80
        else f"I have changed your {noun_for(_key(stand, key))}"
    )


def _move(stand: Stand, said: Said, scene: Scene, target: str) -> str:
    """Say that the user's wish is taken up."""
    way = next((way for way in scene.ways if way.target == target), Way(target))
    if said.thanks:
        return "You are welcome."
    if stand.role == "goodbye":
        return ""
    if said.answer is False and "no" in meanings(way.description) and stand.role != "summary":
        return (
            stand.pick("All right, let us put that right.", "I am sorry about that. Let us correct it.")
            if _corrects(way)
            else "All right."
        )
    return stand.pick("All right.", "Of course.", "Sure.") if said.text else ""


def _corrects(way: Way) -> bool:
    return bool(re.search(r"correct|chang|fix|edit|wrong|modif", plain(f"{way.description} {way.purpose}")))


def _stay(stand: Stand, said: Said, facts: Facts) -> list[str]:
    """Answer a message that leads nowhere, and come back to what is wanted."""
    wanted = _wanted(stand)
    if own := _own_reaction(stand, said):
        return [own]
    if thanks := _thank(stand, said, facts):
        return [thanks, body(stand)]
    if not stand.ways and stand.role == "goodbye":
        return ["You are welcome. Goodbye!" if said.thanks else _goodbye(stand)]
    again = _again(stand, wanted)
    if said.declines:
        thing = f"your {noun_for(wanted[0])}" if wanted and kind_of(wanted[0]) != "boolean" else "an answer"
        return [
            "I understand.",
            stand.pick(f"I do need {thing} to go on, though.", f"Without {thing} we cannot go on, though."),
            "If you would rather stop here, that is fine. Otherwise:"
            if stand.pick("a", "b") == "a"
            else "Take your time.",
            again,
        ]
    if said.chats or (said.asks and said.answer is None):
        return [_aside(stand, said), again]
    if said.noise:
        return [stand.pick("Sorry, I did not understand that.", "I am afraid I did not get that."), again]
    if said.unsure:
        return [stand.pick("No problem, take your time.", "That is all right, there is no hurry."), again]
    if said.thanks:
        return ["You are welcome.", again]
    if said.greets and not said.text:
        return ["Hello!", again]
    if said.answer is False and wanted and kind_of(wanted[0]) == "boolean":
        return ["All right.", _what_then(stand)]
    if wanted and said.text and (hint := _hint(stand, wanted[0])):
        return [hint, again if kind_of(wanted[0]) in ("name", "boolean") else ""]
    if said.goes_on or said.answer is True:
        return ["All right.", again]
    return [stand.pick("Sorry, I did not quite get that.", "I am not sure that I understand."), again]


def _what_then(stand: Stand) -> str:
    return (
        "What would you like to change?" if stand.role == "summary" else "What would you like to do instead?"
    )


def _again(stand: Stand, wanted: list[Key]) -> str:
    """Ask once more, in other words where there are any."""
    if stand.role == "summary":
        return stand.pick("Is everything above correct?", "Could you tell me whether that is all correct?")
    if stand.role == "goodbye":
        return ""
    question = _own_words(stand) or (
        _question(stand, wanted) if stand.role in ("ask", "welcome") or wanted else _invitation(stand)
    )
    if question.strip() in stand.scene.heard and len(wanted) == 1 and question.startswith("What is your "):
        return f"Could you tell me {question.removeprefix('What is ')}"
    return question


def _aside(stand: Stand, said: Said) -> str:
    """Answer a question that leads away."""
    if (
        re.search(
            r"\b(?:are you|who (?:made|built|created|are)|what are you|your name|how old)\b", said.plain
        )
        and "how are you" not in said.plain
    ):
        return "I am a simple assistant that follows fixed rules."
    if "how are you" in said.plain:
        return stand.pick("I am fine, thank you.", "Very well, thank you.")
    if re.match(r"why\b", said.plain) or "what for" in said.plain:
        told = statements(stand.place)
        return told[0] if told else "I need it to be able to go on."
    if re.search(
        r"what (?:is this|is all this|is going on|can you do|do you want|do you do)|who is this", said.plain
    ):
        told = statements(stand.place)
        return told[0] if told else "I am a simple assistant that takes you through this step by step."
    return stand.pick(
        "I am afraid I cannot help with that here.",
        "That is something I cannot tell you, I am afraid.",
        "Sorry, I do not know about that.",
    )


def _own_reaction(stand: Stand, said: Said) -> str:
    """Return what the author wrote for such a message: 'If the user refuses, say: "…"'."""
    told = (
        meanings(said.plain)
        | ({"no", "declin", "refus"} if said.declines else set())
        | ({"unclear", "understand"} if said.noise else set())
    )
    if said.answer is not None:
        told |= {"yes" if said.answer else "no"}
    best = max(conditional_sayings(stand.place), key=lambda item: len(meanings(item[0]) & told), default=None)
    return best[1] if best and meanings(best[0]) & told else ""


def _hint(stand: Stand, key: Key) -> str:
    """Say what was missed in an answer that could not be used."""
    match kind_of(key):
        case "email":
            return stand.pick(
                "That does not look like an e-mail address. Could you write it like name@example.com?",
                "I am looking for an e-mail address, something like name@example.com.",
            )
        case "date":
            return stand.pick(
                "I could not find a date in that. Could you write it like 31 May 1990?",
                "Sorry, which date is that? For example: 31 May 1990.",
            )
        case "time":
            return "I could not find a time in that. Could you write it like 7:30 pm?"
        case "phone":
            return "That does not look like a phone number. Could you write it with the area code, like +1 555 010 0199?"
        case "number" | "age":
            return stand.pick(
                "I need a number here. How many would that be?", "Could you give me that as a number?"
            )
        case "choice":
            return f"Please choose one of these: {listed([say_option(value) for value in key.enum], 'or')}."
        case "name":
            return stand.pick("Sorry, I did not catch a name there.", "I am not sure that I got your name.")
        case "boolean":
            return stand.pick(
                "Sorry, was that a yes or a no?", "I did not get whether that is a yes or a no."
            )
        case "url":
            return "That does not look like a web address. It would begin with https://."
        case "code":
            return f"I could not find {'an' if label(key.name)[:1] in 'aeiou' else 'a'} {label(key.name)} in that. Could you give it to me once more?"
        case _:
            return ""


def _complaints(stand: Stand, rejected: Any) -> list[str]:
    """Say which values did not fit, and why."""
    found = []
    for item in rejected if isinstance(rejected, list) else ():
        if (
            isinstance(item, dict)
            and isinstance(key := item.get("key"), str)
            and isinstance(reason := item.get("reason"), str)
        ):
            if reason.startswith(("is under", "came after")):
                continue
            reason = (
                re.sub(r"^does not match the pattern.*", "does not have the right form", reason)
                .replace('"', "")
                .replace("_", " ")
            )
            found.append(f"the {noun_for(_key(stand, key))} {reason}")
    return (
        [f"{stand.pick('That does not look right', 'Something is not right yet')}: {listed(found)}."]
        if found
        else []
    )


def _fact_lines(stand: Stand) -> list[str]:
    """List what is known, a line for each fact."""
    facts = {
        key: value
        for key, value in stand.known.items()
        if present(value)
        and value is not True
        and not isinstance(value, dict)
        and not key.startswith("_")
        and len(str(value)) < 300
    }
    text = stand.place.text
    named = [key for key in facts if any(name in text for name in _names_of(stand, key))]
    chosen = (
        named
        if len(named) >= 2 and not re.search(r"\ball (?:the )?(?:collected )?(?:details|facts)\b", text)
        else list(facts)
    )
    return [f"{capital(noun_for(_key(stand, key)))}: {_spoken(facts[key])}" for key in chosen]


def _names_of(stand: Stand, key: str) -> set[str]:
    return {plain(label(key)), " ".join(split_key(key)), plain(noun_for(_key(stand, key)))}


def _key(stand: Stand, name: str) -> Key:
    for key in (*stand.scene.keys, *stand.place.keys, *(stand.scene.others or ())):
        if key.name == name:
            return key
    return Key(name)


def _first_name(known: Mapping[str, Any]) -> str:
    for key, value in known.items():
        if (
            isinstance(value, str)
            and value.strip()
            and kind_of(Key(key)) == "name"
            and not {"last", "family"} & set(split_key(key))
        ):
            return value.split()[0]
    return ""


def _spoken(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return listed([_spoken(item) for item in value])
    return spoken(say_option(value)) if not isinstance(value, str) or "@" not in value else value


def _join(parts: Sequence[str]) -> str:
    return re.sub(r"(?<=\S) +", " ", " ".join(part.strip() for part in parts if part and part.strip()))


_BY_PURPOSE = frozenset(
    {
        "phrase",
        "text",
        "place",
        "boolean",
        "number",
        "choice",
        "list",
        "code",
        "opaque",
        "date",
        "time",
        "moment",
        "url",
    }
)
_WISH = re.compile(
    r"\b(?:user|customer|caller|they|guest|player)\s+(?:wants?|would like|wishes|asks?|needs?|chooses|decides|prefers)\s+to\s+(?P<wish>[^.,;(]+)",
    re.IGNORECASE,
)
_TOPIC = re.compile(
    r"\b(?:asks? about|question (?:is )?about|issue (?:is )?(?:about|with|related to)|(?:problem|request) (?:is )?(?:about|with))\s+(?P<topic>[^.,;(]+)",
    re.IGNORECASE,
)
