"""The choice of the target state: that of one of the described transitions, or the current state.

The known values decide first: a transition whose requirements this message completed is taken, one whose requirements
are missing is not. Where that leaves a choice, words decide: a transition is chosen if the user's words have more in
common with its description, conditions and target than with those of the others. In doubt the answer is to stay: one
question more is a smaller fault than a step that nobody wanted. A state that leads on has no question, and goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from fsm_langgraph.offline.conditions import holds
from fsm_langgraph.offline.dates import spoken
from fsm_langgraph.offline.extraction import Facts, present, same
from fsm_langgraph.offline.hearing import Said
from fsm_langgraph.offline.onward import onward
from fsm_langgraph.offline.prompt_content import DescribedTransition, PromptContent
from fsm_langgraph.offline.transition_words import (
    answer_meant,
    is_about_change,
    names_choice,
    overlap,
    said_by,
    score_of,
    values_named,
)
from fsm_langgraph.offline.words import label, meanings, plain, split_key, stem, words


def choose(prompt: PromptContent, said: Said, facts: Facts) -> str:
    """Choose the target state for a message."""
    known = {**prompt.context, **facts.all}
    open_ = [transition for transition in prompt.transitions if _may_be_open(transition, prompt, known, facts.all)]
    # Half a name is not stored, so nothing may be decided on it.
    if not open_ or facts.first_name:
        return prompt.state
    answer = answer_meant(prompt, said)
    scores = {transition: score_of(transition, prompt, said, facts, answer) for transition in prompt.transitions}
    news = {key for key, value in facts.all.items() if not same(prompt.context.get(key), value)}
    own_news = news & {key.name for key in prompt.keys}

    is_declared = prompt.others is not None
    answered = {key for transition in open_ for key in transition.answered}
    if missing := [
        key
        for key in prompt.keys
        if key.required and key.name not in answered and not present(known.get(key.name), is_declared=is_declared)
    ]:
        # Not everything was given: one stays, unless the user plainly wishes to leave. Everything was answered, but
        # with a no or with nothing: that leads on only where a transition is for it.
        if any(key.name not in facts.own for key in missing):
            return _leave(prompt, said, facts, open_, scores)
        refused = [transition for transition in open_ if transition.conditions or is_about_change(transition)]
        return _forward(refused, scores, known, news).target if refused else prompt.state
    if own_news and not _only_corrects_elsewhere(own_news, open_, facts):
        return _forward(open_, scores, known, news).target
    # News that a transition requires moves the machine by itself, so the message must fit its target.
    if fired := [transition for transition in open_ if {*transition.requires, *transition.answered} & news]:
        return _forward(fired, scores, known, news).target
    if next_ := onward(prompt):
        clear = _clear(open_, scores, _ENOUGH)
        stays = not facts.all and _holds_up(said)
        return clear.target if clear else prompt.state if stays else next_.target
    if facts.replaced and (target := _after_correction(open_, facts)):
        return target
    if facts.own.keys() & {key.name for key in prompt.keys if key.required}:
        return _forward(open_, scores, known, news).target  # what was known is said again
    if clear := _clear(open_, scores, _ENOUGH):
        return clear.target
    if (said.goes_on or said.answer is True) and not said.corrects and was_shown(prompt):
        return _forward(open_, scores, known, news).target
    return prompt.state


def chosen_with(prompt: PromptContent, target: str, facts: Facts) -> dict[str, Any]:
    """Return the choices that a target stands for: "my vase is broken" leads to where the topic is damage."""
    transition = next((transition for transition in prompt.transitions if transition.target == target), None)
    open_keys = [
        key for key in prompt.keys if key.enum and key.name not in facts.all and key.name not in prompt.context
    ]
    if transition is None or target == prompt.state:
        return {}
    named = {key.name: values_named(transition, key) for key in open_keys}
    return {name: values[0] for name, values in named.items() if len(values) == 1}


def was_shown(prompt: PromptContent) -> bool:
    """Say whether a user who agrees has seen the values that the state takes for known."""
    known = [key for key in prompt.keys if present(prompt.context.get(key.name))]
    asked = prompt.heard.rstrip(" .?!").rpartition(". ")[2]
    return not known or any(
        isinstance(prompt.context[key.name], bool)
        or label(key.name) in asked
        or spoken(str(prompt.context[key.name])) in prompt.heard
        for key in known
    )


def conclude(prompt: PromptContent, said: Said, facts: Facts) -> str:
    """Choose the target state of a step of thought, by the known values; it does not wait for anybody."""
    known = {**prompt.context, **facts.all}
    open_ = [transition for transition in prompt.transitions if _may_be_open(transition, prompt, known, facts.all)]
    if not open_:
        return prompt.state
    told = meanings(" ".join([said.plain, *(said_by(key, value) for key, value in known.items())]))
    return min(
        open_,
        key=lambda transition: (
            -_truth(transition, facts.all, known),
            -len({*transition.requires, *transition.answered}),
            -overlap(told, transition, prompt.transitions),
            transition.priority,
        ),
    ).target


def _may_be_open(
    transition: DescribedTransition, prompt: PromptContent, known: Mapping[str, Any], news: Mapping[str, Any]
) -> bool:
    """Say whether no requirement of a transition is missing; a key that the prompt does not show may be there."""
    writable = None if prompt.others is None else {key.name for key in (*prompt.keys, *prompt.others)}
    for key in transition.answered:
        if key not in known and (writable is None or key in writable):
            return False
    for key in transition.requires:
        hidden = writable is not None and key not in writable and key not in known
        if not present(known.get(key), is_declared=writable is not None) and not hidden:
            return False
    return names_choice(transition, prompt, news) >= 0 and all(
        holds(condition, known, news) is not False for condition in transition.conditions
    )


def _holds_up(said: Said) -> bool:
    """Say whether a message wants an answer first, or says no, or nothing."""
    unheard = not said.text and not said.greets
    return said.asks or said.chats or said.declines or said.noise or said.leaves or said.answer is False or unheard


def _leave(
    prompt: PromptContent,
    said: Said,
    facts: Facts,
    open_: list[DescribedTransition],
    scores: Mapping[DescribedTransition, float],
) -> str:
    """Leave before everything is given, but only on a plain wish."""
    if facts.replaced or said.answer is True or said.chats or said.noise:
        return prompt.state
    clear = _clear([transition for transition in open_ if not _comes_after(transition, prompt)], scores, _PLAIN)
    return clear.target if clear else prompt.state


def _forward(
    transitions: list[DescribedTransition],
    scores: Mapping[DescribedTransition, float],
    known: Mapping[str, Any],
    news: set[str],
) -> DescribedTransition:
    """Choose among the transitions out of a state that has all its values."""
    return min(
        transitions,
        key=lambda transition: (
            -_truth(transition, {key: known[key] for key in news}, known),
            -len(news & {*transition.requires, *transition.answered}),
            -scores[transition],
            transition.priority,
        ),
    )


def _clear(
    transitions: Iterable[DescribedTransition], scores: Mapping[DescribedTransition, float], enough: float
) -> DescribedTransition | None:
    """Return the transition that words point to, if they point to one."""
    ranked = sorted(transitions, key=lambda transition: (-scores[transition], transition.priority))
    if not ranked or scores[ranked[0]] < enough:
        return None
    alone = len(ranked) == 1 or scores[ranked[0]] - scores[ranked[1]] >= _MARGIN
    return ranked[0] if alone else None


def _comes_after(transition: DescribedTransition, prompt: PromptContent) -> bool:
    """Say whether a transition is described as the one that follows once this state has its answer."""
    text = plain(transition.description)
    keys = {stem(part) for key in prompt.keys for part in split_key(key.name)}
    named = not keys.isdisjoint(stem(word) for word in words(text))
    return bool(_ONCE_GIVEN.search(text)) and (named or "confirm" in text)


def _only_corrects_elsewhere(own_news: set[str], transitions: list[DescribedTransition], facts: Facts) -> bool:
    """Say whether the own keys that changed are corrections in a state that does not wait for them."""
    return own_news <= set(facts.replaced) and not any(
        own_news & {*transition.requires, *transition.answered} for transition in transitions
    )


def _after_correction(transitions: list[DescribedTransition], facts: Facts) -> str | None:
    """Leave a state that only asks what is wrong, for one that does not ask for the corrected fact again."""
    further = [transition for transition in transitions if not set(transition.collects) & set(facts.replaced)]
    again = [w for w in further if _REVIEWS.search(plain(f"{w.target} {w.purpose} {w.description}"))]
    if not again and len(transitions) < 2:
        return None
    return min(again or further, key=lambda transition: transition.priority).target if further else None


def _truth(transition: DescribedTransition, news: Mapping[str, Any], known: Mapping[str, Any]) -> int:
    """Say how many conditions of a transition hold for certain."""
    return sum(holds(condition, known, news) is True for condition in transition.conditions)


_ENOUGH = 0.8
"""The score from which on words choose a transition."""
_PLAIN = 1.0
"""The score of a plain wish to leave a state whose question is still open."""
_MARGIN = 0.4
"""The least lead over the next best transition."""
_ONCE_GIVEN = re.compile(
    r"\b(?:once|after|when|if|as soon as)\b.*"
    r"\b(?:provided|given|obtained|collected|known|entered|recorded|confirms?|confirmed)\b"
)
_REVIEWS = re.compile(r"summar|review|confirm|recap|overview|read back")
