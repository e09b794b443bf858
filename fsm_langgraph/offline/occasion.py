"""The occasion of a message: the state that it is written for, that state's role, and the values known by then.

`reactions` and `state_message` write for it. It also picks among wordings, so that a message does not repeat the last.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from fsm_langgraph.offline.authored import DescribedState, literal
from fsm_langgraph.offline.dates import spoken
from fsm_langgraph.offline.extraction import Facts, present
from fsm_langgraph.offline.kinds import kind_of
from fsm_langgraph.offline.prompt_content import DescribedKey, DescribedTransition, PromptContent
from fsm_langgraph.offline.questions import noun_for, question_of_texts, say_option
from fsm_langgraph.offline.words import capital, label, listed, plain, split_key, word_set
from fsm_langgraph.prompts.open_texts import completed

Role = Literal["welcome", "summary", "goodbye", "ask", "tell"]


@dataclass(frozen=True, slots=True)
class Occasion:
    """The occasion of a message."""

    state: DescribedState
    """The state that the message is for: the current one, or a transition's target."""
    role: Role
    """The state's role in the conversation, by the words of its purpose."""
    known: Mapping[str, Any]
    """The context once the facts of the message are stored."""
    prompt: PromptContent
    """The prompt, which is the current state's."""
    transitions: tuple[DescribedTransition, ...] = ()
    """The state's transitions; empty for a target, whose transitions the prompt does not show."""
    again: bool = False
    """Whether the state has spoken before."""
    outdated: Mapping[str, str] = field(default_factory=dict)
    """Values as they may stand in the prompt's texts, with those that have taken their place."""

    def pick(self, *wordings: str) -> str:
        """Choose a wording, and not the one used last."""
        # By the conversation and not by chance, so that a run can be repeated; the next one where it was just said.
        index = self.prompt.seed % len(wordings)
        if wordings[index] and wordings[index] in self.prompt.heard:
            index += 1
        return wordings[index % len(wordings)]

    def key(self, name: str) -> DescribedKey:
        """Return a key with what is declared of it."""
        declared = (*self.prompt.keys, *self.state.keys, *(self.prompt.others or ()))
        return next((key for key in declared if key.name == name), DescribedKey(name))

    @property
    def missing(self) -> list[DescribedKey]:
        """The keys that are still to be given: the required ones, or any where none is required."""
        missing = [key for key in self.state.keys if not present(self.known.get(key.name))]
        if any(key.required for key in self.state.keys):
            return [key for key in missing if key.required]
        # Of optional keys one is enough: whoever gave it has answered.
        return missing if len(missing) == len(self.state.keys) else []


def occasion_in(prompt: PromptContent, target: str, facts: Facts, *, again: bool = True) -> Occasion:
    """Describe the occasion of a message for the current state, begun anew or not, or for one that follows.

    Args:
        prompt: The prompt.
        target: The state.
        facts: The values in the message.
        again: Whether this state, if it is the current one, has spoken before.
    """
    known = {**prompt.context, **facts.all}
    outdated = {say(old): say(facts.all[key]) for key, old in facts.replaced.items()}
    if target in (prompt.state, prompt.again):
        state = DescribedState(prompt.purpose, prompt.instructions, prompt.keys, prompt.examples)
        role = _role(state, target, prompt.transitions)
        again = again and target == prompt.state and bool(prompt.heard)
        return Occasion(state, role, known, prompt, prompt.transitions, again, outdated)
    transition = next(
        (transition for transition in prompt.transitions if transition.target == target), DescribedTransition(target)
    )
    declared = {key.name: key for key in (*prompt.keys, *(prompt.others or ()))}
    keys = tuple(declared.get(name, DescribedKey(name)) for name in transition.collects)
    purpose, instructions = (completed(text, known, say) for text in (transition.purpose, transition.instructions))
    state = DescribedState(purpose, instructions, keys)
    return Occasion(state, _role(state, target, ()), known, prompt, outdated=outdated)


def fact_lines(occasion: Occasion) -> list[str]:
    """List the known facts, a line each; only those that the state's texts name, if they name two or more."""
    facts = {key: value for key, value in occasion.known.items() if _is_shown(key, value)}
    text = occasion.state.text
    named = [key for key in facts if any(name in text for name in _names_of(occasion, key))]
    chosen = named if len(named) >= 2 else facts
    return [f"{capital(noun_for(occasion.key(key)))}: {say(facts[key])}" for key in chosen]


def say(value: Any) -> str:
    """Return a value in the form in which people say it."""
    if isinstance(value, list):
        return listed([say(item) for item in value])
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    return spoken(value) if isinstance(value, str) else say_option(value)


def first_name(known: Mapping[str, Any]) -> str:
    """Return the user's first name; empty where no name is known."""
    for key, value in known.items():
        family = {"last", "family", "sur"} & set(split_key(key))
        if isinstance(value, str) and value.strip() and kind_of(DescribedKey(key)) == "name" and not family:
            return value.split()[0]
    return ""


def join(parts: Sequence[str]) -> str:
    """Put sentences together."""
    return " ".join(stripped for part in parts if (stripped := part.strip(" ")))


def _role(state: DescribedState, name: str, transitions: Sequence[DescribedTransition]) -> Role:
    """Return the role of a state, by the words of its purpose."""
    purpose = plain(state.purpose)
    confirms = any(kind_of(key) == "boolean" and _CONFIRMS.search(key.name) for key in state.keys)
    if _SUMMARISES.search(purpose) or (confirms and "confirm" in purpose):
        return "summary"
    ends = _ENDS.search(purpose) or not _END_STATES.isdisjoint(split_key(name))
    asked = question_of_texts(state.purpose, state.instructions)
    if not state.keys and not transitions and ends and not asked:
        return "goodbye"
    if _WELCOMES.search(purpose):
        return "welcome"
    # With several transitions the user has to say which one, even if the purpose asks for nothing.
    asks = asked or any("?" in said for said in literal(state))
    return "ask" if state.keys or asks or len(transitions) > 1 else "tell"


def _is_shown(key: str, value: Any) -> bool:
    """Say whether a fact belongs in a list of facts."""
    if key.startswith("_") or isinstance(value, dict) or not present(value) or len(str(value)) > 300:
        return False
    # "Confirmed: yes" is no news to the one who confirmed it.
    return value is not True or not _CONFIRMS.search(key)


def _names_of(occasion: Occasion, key: str) -> set[str]:
    spoken_of = {label(key), " ".join(split_key(key)), noun_for(occasion.key(key))}
    return {plain(name) for name in spoken_of}


_CONFIRMS = re.compile(r"confirm|correct|approv|agree|right")
_SUMMARISES = re.compile(
    r"\bsummar|\brecap|\breview (?:the|all|what|every)|\boverview|\bread back|\bread (?:\w+ )?back"
)
_ENDS = re.compile(r"\b(?:conclud\w*|goodbye|farewell|end|ending|wrap|clos(?:e|ing)|finish|bye|thank|part|wish)\b")
_END_STATES = word_set("end done goodbye farewell finished final finish closed complete bye ended")
_WELCOMES = re.compile(r"\b(?:welcome|greet)\b")
