"""Where the conversation goes: one of the described transitions, or nowhere.

What is known decides first: a transition whose requirements this message completed is taken, one whose requirements
are missing is not. Where that leaves a choice, words decide: a transition is chosen if what the user said has more in
common with its description, conditions and target than with those of the others. In doubt the answer is to stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fsm_langgraph.models.offline.extraction import Facts, present
from fsm_langgraph.models.offline.hearing import Said
from fsm_langgraph.models.offline.kinds import kind_of
from fsm_langgraph.models.offline.numbers import find_numbers
from fsm_langgraph.models.offline.reading import Scene, Way
from fsm_langgraph.models.offline.words import meanings, plain, split_key, stem, words


def choose(scene: Scene, said: Said, facts: Facts) -> str:
    """Choose the target state for a message."""
    known = {**scene.context, **facts.all}
    open_ = [way for way in scene.ways if _may_be_open(way, scene, known)]
    if not open_ or facts.first_name:
        return scene.state
    scores = [_score(way, scene, said, facts) for way in scene.ways]
    score_of = dict(zip(scene.ways, scores, strict=True))
    clear = _clear(open_, score_of)
    if any(key.required and not present(known.get(key.name)) for key in scene.keys):
        # Something is still wanted here: only a plain wish leads away before it is given.
        waits = not (facts.replaced or (said.answer is True and not said.corrects))
        return (
            clear.target
            if clear and waits and not _comes_after(clear, scene) and _is_wish(said, facts)
            else scene.state
        )
    news = {key for key in facts.all if not _same(scene.context.get(key), facts.all[key])}
    if scene.keys and news & {key.name for key in scene.keys}:
        return _forward(open_, score_of, known, news).target
    fired = [way for way in open_ if set(way.requires) & news]
    if fired:
        return _forward(fired, score_of, known, news).target
    if facts.replaced and (target := _after_correction(open_, facts)):
        return target
    if clear:
        return clear.target
    if (said.goes_on or said.answer is True) and not said.corrects:
        return _forward(open_, score_of, known, news).target
    if (
        not scene.keys
        and len(scene.ways) == 1
        and not (said.chats or said.noise or said.declines or said.asks)
    ):
        only = scene.ways[0]
        return only.target if not only.conditions and (said.has_content or said.greets) else scene.state
    return scene.state


def conclude(scene: Scene, said: Said, facts: Facts) -> str:
    """Choose the target state of a step of thought, from what is known; it does not wait for anybody."""
    known = {**scene.context, **facts.all}
    open_ = [way for way in scene.ways if _may_be_open(way, scene, known)]
    if not open_:
        return scene.state
    told = meanings(" ".join([said.plain, *(_said_by(key, value) for key, value in known.items())]))
    overlaps = {way: _overlap(told, way, scene) for way in open_}
    return min(
        open_,
        key=lambda way: (-_truth(way, known), -len(set(way.requires)), -overlaps[way], way.priority),
    ).target


def is_about_change(way: Way) -> bool:
    """Say whether a transition is for a user who found something wrong."""
    return "no" in meanings(" ".join([way.description, *way.conditions])) or _is_negative(way)


def _may_be_open(way: Way, scene: Scene, known: Mapping[str, Any]) -> bool:
    """Say whether nothing that a transition requires is known to be missing; what is not shown may be there."""
    writable = None if scene.others is None else {key.name for key in (*scene.keys, *scene.others)}
    return all(
        present(known.get(key)) or (writable is not None and key not in writable and key not in known)
        for key in way.requires
    ) and all(holds(condition, known) is not False for condition in way.conditions)


def _forward(ways: list[Way], scores: Mapping[Way, float], known: Mapping[str, Any], news: set[str]) -> Way:
    """Choose among the ways out of a state that has what it wanted."""
    return min(
        ways,
        key=lambda way: (-_truth(way, known), -scores[way], -len(news & set(way.requires)), way.priority),
    )


def _clear(ways: list[Way], scores: Mapping[Way, float]) -> Way | None:
    """Return the way that words point to, if they point to one."""
    ranked = sorted(ways, key=lambda way: (-scores[way], way.priority))
    best = scores[ranked[0]]
    if best < _ENOUGH:
        return None
    return ranked[0] if len(ranked) == 1 or best - scores[ranked[1]] >= _MARGIN else None


def _score(way: Way, scene: Scene, said: Said, facts: Facts) -> float:
    """Say how much the message has in common with a transition."""
    told = meanings(
        " ".join([_affirmed(said.plain), *(_said_by(key, value) for key, value in facts.all.items())])
    )
    score = _overlap(told, way, scene)
    if said.answer is not None and len(scene.ways) > 1:
        negative = is_about_change(way)
        if said.answer is not negative and any(
            is_about_change(other) is not negative for other in scene.ways
        ):
            score += 2.0
        elif said.answer is negative:
            score -= 1.0
    if said.leaves and "stop" in _told_of(way):
        score += 2.0
    return score


def _overlap(told: frozenset[str], way: Way, scene: Scene) -> float:
    """Count the meanings shared with a transition; one that every transition has tells nothing."""
    shared = told & _told_of(way)
    score = 0.0
    for word in shared:
        holders = sum(word in _told_of(other) for other in scene.ways)
        weight = (
            1.0
            if word in meanings(" ".join([way.description, *way.conditions, _id_words(way.target)]))
            else 0.5
        )
        score += weight / holders if holders > 1 or len(scene.ways) == 1 else weight
    return score


def _told_of(way: Way) -> frozenset[str]:
    text = " ".join(
        [way.description, *way.conditions, _id_words(way.target), way.purpose, *map(_id_words, way.collects)]
    )
    return meanings(text) - _HOLLOW


def _id_words(name: str) -> str:
    return " ".join(split_key(name))


def _said_by(key: str, value: Any) -> str:
    """Return the words that a stored value stands for."""
    if isinstance(value, bool):
        return f"{_id_words(key)} {'yes' if value else 'no'}"
    if isinstance(value, str):
        return value if len(value) < 400 else ""
    if isinstance(value, list):
        return " ".join(item for item in value if isinstance(item, str))
    return ""


def _affirmed(low: str) -> str:
    """Blank out what the user says not to want."""
    return re.sub(
        r"\b(?:do not|not|never|without|instead of|rather than)\s+(?:want (?:to |a |the )?|need (?:to |a |the )?)?\w+(?: \w+)?",
        " ",
        low,
    )


def _is_wish(said: Said, facts: Facts) -> bool:
    return (
        said.answer is not True
        and not (said.declines and not facts.all)
        and not said.chats
        and not said.noise
    )


def _comes_after(way: Way, scene: Scene) -> bool:
    """Say whether a transition is described as what follows once this state has its answer."""
    text = plain(way.description)
    keys = {stem(part) for key in scene.keys for part in split_key(key.name)}
    return bool(
        re.search(
            r"\b(?:once|after|when|if|as soon as)\b.*\b(?:provided|given|obtained|collected|known|entered|recorded|confirms?|confirmed)\b",
            text,
        )
    ) and (not keys.isdisjoint(stem(word) for word in words(text)) or bool(re.search(r"\bconfirm", text)))


def _after_correction(ways: list[Way], facts: Facts) -> str | None:
    """Leave a state that only asks what is wrong, for one that does not ask for the corrected fact again."""
    further = [way for way in ways if not set(way.collects) & set(facts.replaced)]
    again = [
        way
        for way in further
        if re.search(
            r"summar|review|confirm|recap|overview", plain(f"{way.target} {way.purpose} {way.description}")
        )
    ]
    return (
        min(again or further, key=lambda way: way.priority).target
        if again or (further and len(ways) > 1)
        else None
    )


def _is_negative(way: Way) -> bool:
    text = plain(way.description)
    return bool(
        re.search(
            r"\b(?:not|no|without|unable|cannot|fails?|failed|declines?|refuses?|rejects?|wrong|incorrect|negative|unhappy|dissatisfied)\b",
            text,
        )
    )


def _truth(way: Way, known: Mapping[str, Any]) -> int:
    """Say how many conditions of a transition hold for certain."""
    return sum(holds(condition, known) is True for condition in way.conditions)


def holds(condition: str, known: Mapping[str, Any]) -> bool | None:
    """Judge a condition's description by what is known, where it compares a key with a value; else `None`."""
    text = plain(condition)
    for key, value in known.items():
        name = r"\s+".join(re.escape(part) for part in split_key(key))
        if not name or not (match := re.search(rf"\b{name}\b(?P<rest>.*)", text)):
            continue
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _compares(value, match["rest"])
        if isinstance(value, str) and (
            said := re.match(
                r"\s+(?:is|was|are|equals?|=|:)\s+(?P<not>not\s+)?[\"']?(?P<word>[\w-]+)", match["rest"]
            )
        ):
            stored = {stem(word) for word in words(value)}
            if stored and said["word"] not in (
                "provided",
                "given",
                "known",
                "collected",
                "valid",
                "set",
                "present",
                "a",
                "an",
                "the",
                "available",
                "obtained",
                "complete",
                "one",
                "in",
            ):
                return (stem(said["word"]) in stored) is not bool(said["not"])
    return None


def _compares(value: int | float, text: str) -> bool | None:
    for pattern, test in _COMPARISONS:
        if (match := pattern.search(text)) and (numbers := find_numbers(text[match.end() :])):
            return bool(test(value, numbers[0].value))
    return None


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


_ENOUGH = 1.0
_MARGIN = 0.5
_HOLLOW = meanings(
    "question answer request message conversation ask answer next step continue collect collected obtained proceed handle main initial user "
    "flow node decide decision name option choose chosen select selected true false start begin current valid"
) - {"nam"}
_COMPARISONS = [
    (
        re.compile(r"\b(?:at least|no less than|not less than|minimum of|or more than)\b|>="),
        lambda a, b: a >= b,
    ),
    (re.compile(r"\b(?:at most|no more than|not more than|up to|maximum of)\b|<="), lambda a, b: a <= b),
    (
        re.compile(
            r"\b(?:over|above|more than|greater than|exceeds?|older than|higher than|larger than)\b|>"
        ),
        lambda a, b: a > b,
    ),
    (
        re.compile(r"\b(?:under|below|less than|lower than|fewer than|younger than|smaller than)\b|<"),
        lambda a, b: a < b,
    ),
    (re.compile(r"\b(?:is|equals?|exactly|of)\b|="), lambda a, b: a == b),
]
_ = kind_of
