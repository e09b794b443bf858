"""Where a message is written from: the state that it is for, what it does, and what is known by then."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from fsm_langgraph.offline.asking import noun_for, question_of_texts, say_option
from fsm_langgraph.offline.authored import Place, literal
from fsm_langgraph.offline.dates import spoken
from fsm_langgraph.offline.extraction import Facts, present
from fsm_langgraph.offline.kinds import kind_of
from fsm_langgraph.offline.reading import Key, Scene, Way
from fsm_langgraph.offline.words import capital, label, listed, plain, split_key, word_set

Role = Literal["welcome", "summary", "goodbye", "ask", "tell"]


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a message is written from."""

    place: Place
    role: Role
    known: Mapping[str, Any]
    """What is known once the facts of the message are stored."""
    scene: Scene
    ways: tuple[Way, ...] = ()
    """The transitions on from the place, where the prompt tells them."""
    again: bool = False
    """Whether the place has spoken before."""
    outdated: Mapping[str, str] = field(default_factory=dict)
    """Values as they may stand in the prompt's texts, with those that have taken their place."""

    def pick(self, *wordings: str) -> str:
        """Choose a wording, and not the one used last."""
        index = self.scene.seed % len(wordings)
        if wordings[index] and wordings[index] in self.scene.heard:
            index += 1
        return wordings[index % len(wordings)]

    def key(self, name: str) -> Key:
        """Return a key with what is declared of it."""
        declared = (*self.scene.keys, *self.place.keys, *(self.scene.others or ()))
        return next((key for key in declared if key.name == name), Key(name))

    @property
    def wanted(self) -> list[Key]:
        """The keys that are still to be given: the required ones, or any where none is required."""
        missing = [key for key in self.place.keys if not present(self.known.get(key.name))]
        if any(key.required for key in self.place.keys):
            return [key for key in missing if key.required]
        return missing if len(missing) == len(self.place.keys) else []


def stand_at(scene: Scene, target: str, facts: Facts, *, again: bool = True) -> Stand:
    """Make out what there is to say in a state: this one, or one that a transition leads to.

    Args:
        scene: What the prompt tells.
        target: The state.
        facts: What the message told.
        again: Whether this state, if it is the current one, has spoken before.
    """
    known = {**scene.context, **facts.all}
    outdated = {say(old): say(facts.all[key]) for key, old in facts.replaced.items()}
    if target == scene.state:
        place = Place(scene.purpose, scene.instructions, scene.keys, scene.examples)
        role = _role(place, target, scene.ways)
        return Stand(place, role, known, scene, scene.ways, again and bool(scene.heard), outdated)
    way = next((way for way in scene.ways if way.target == target), Way(target))
    declared = {key.name: key for key in (*scene.keys, *(scene.others or ()))}
    keys = tuple(declared.get(name, Key(name)) for name in way.collects)
    place = Place(_completed(way.purpose, known), _completed(way.instructions, known), keys)
    return Stand(place, _role(place, target, ()), known, scene, outdated=outdated)


def _completed(text: str, known: Mapping[str, Any]) -> str:
    """Fill in the tags that the prompt has left for what the message told."""
    return _TAG.sub(lambda tag: say(known[tag[1]]) if present(known.get(tag[1])) else "", text)


def fact_lines(stand: Stand) -> list[str]:
    """List what is known, a line for each fact; only what the state speaks of, if it names some."""
    facts = {key: value for key, value in stand.known.items() if _is_shown(key, value)}
    text = stand.place.text
    named = [key for key in facts if any(name in text for name in _names_of(stand, key))]
    chosen = named if len(named) >= 2 else facts
    return [f"{capital(noun_for(stand.key(key)))}: {say(facts[key])}" for key in chosen]


def say(value: Any) -> str:
    """Return a value as people say it."""
    if isinstance(value, list):
        return listed([say(item) for item in value])
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    return spoken(value) if isinstance(value, str) else say_option(value)


def first_name(known: Mapping[str, Any]) -> str:
    """Return what to call the user."""
    for key, value in known.items():
        family = {"last", "family", "sur"} & set(split_key(key))
        if isinstance(value, str) and value.strip() and kind_of(Key(key)) == "name" and not family:
            return value.split()[0]
    return ""


def join(parts: Sequence[str]) -> str:
    """Put sentences together."""
    return " ".join(stripped for part in parts if (stripped := part.strip(" ")))


def _role(place: Place, state: str, ways: Sequence[Way]) -> Role:
    """Say what a state does, by the words of its purpose."""
    purpose = plain(place.purpose)
    confirms = any(kind_of(key) == "boolean" and _CONFIRMS.search(key.name) for key in place.keys)
    if _SUMMARISES.search(purpose) or (confirms and "confirm" in purpose):
        return "summary"
    ends = _ENDS.search(purpose) or not _END_STATES.isdisjoint(split_key(state))
    asked = question_of_texts(place.purpose, place.instructions)
    if not place.keys and not ways and ends and not asked:
        return "goodbye"
    if _WELCOMES.search(purpose):
        return "welcome"
    asks = asked or any("?" in said for said in literal(place))
    return "ask" if place.keys or asks or len(ways) > 1 else "tell"


def _is_shown(key: str, value: Any) -> bool:
    """Say whether a fact belongs in a list of facts."""
    if key.startswith("_") or isinstance(value, dict) or not present(value) or len(str(value)) > 300:
        return False
    return value is not True or not _CONFIRMS.search(key)


def _names_of(stand: Stand, key: str) -> set[str]:
    spoken_of = {label(key), " ".join(split_key(key)), noun_for(stand.key(key))}
    return {plain(name) for name in spoken_of}


_TAG = re.compile(r"\{\{(\w+)\}\}")
_CONFIRMS = re.compile(r"confirm|correct|approv|agree|right")
_SUMMARISES = re.compile(
    r"\bsummar|\brecap|\breview (?:the|all|what|every)|\boverview|\bread back|\bread (?:\w+ )?back"
)
_ENDS = re.compile(r"\b(?:conclud\w*|goodbye|farewell|end|ending|wrap|clos(?:e|ing)|finish|bye|thank|part|wish)\b")
_END_STATES = word_set("end done goodbye farewell finished final finish closed complete bye ended")
_WELCOMES = re.compile(r"\b(?:welcome|greet)\b")
