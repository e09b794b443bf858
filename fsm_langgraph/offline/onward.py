"""The transition by which a state that leads on goes on, and what may be told before the next state asks for it.

Such a state, a welcome for instance, collects nothing and has one transition of its own. The prompt does not tell that
one from the global ones, so words do.
"""

from __future__ import annotations

import re
from dataclasses import replace

from fsm_langgraph.offline.extraction import other_keys
from fsm_langgraph.offline.kinds import kind_of
from fsm_langgraph.offline.phrasing import PEOPLE
from fsm_langgraph.offline.prompt_content import DescribedKey, DescribedTransition, PromptContent
from fsm_langgraph.offline.words import meanings, plain, split_key


def onward(prompt: PromptContent) -> DescribedTransition | None:
    """Return the transition by which the state goes on; `None` where it does not lead on."""
    free = [each for each in prompt.transitions if not (each.conditions or each.requires)]
    # The others that are always open are global: they wait for a wish of the user's.
    chosen = min(free, key=lambda each: (_is_wished(each), _stops(each), each.priority), default=None)
    return chosen if prompt.leads_on else None


def asked_ahead(prompt: PromptContent) -> PromptContent:
    """Return the prompt with the keys that a message may answer before it is asked for them.

    In a state that leads on these are the keys of the next one. A yes is none of them: it agrees to go on.
    """
    transition = onward(prompt)
    if transition is None:
        return prompt
    declared = {key.name: key for key in other_keys(prompt)}
    ahead = (replace(declared.get(name) or DescribedKey(name), required=True) for name in transition.collects)
    return replace(prompt, keys=tuple(key for key in ahead if kind_of(key) != "boolean"))


def _is_wished(transition: DescribedTransition) -> bool:
    """Say whether a transition is for a certain case, or for what the user wants."""
    return _WHEN.search(plain(transition.description)) is not None


def _stops(transition: DescribedTransition) -> bool:
    return "stop" in meanings(" ".join([transition.description, *split_key(transition.target)]))


_WHEN = re.compile(rf"\b(?:if|when|once|{PEOPLE[3:-1]})\b")
