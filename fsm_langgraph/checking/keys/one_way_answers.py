"""Questions with one way out: every transition of a state waits for a key to be present, and a no is not present.

A yes/no key that is false, an empty list, and a "no" where nothing is declared do not count as present. So a user who
answers no is asked again for ever.

Where it is not declared what a key holds, most keys are names and numbers, to which nobody answers no. So it is told
of those alone that read like a yes/no question (`wants_breakfast`, "learn whether …") or like one that is often
answered by "none" (`special_requests`); of the others it is a note. A condition with `confirms` is meant to wait for a
yes: after a no the user puts right what was read back. An object is not told of: nobody answers `{}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import reduce

from pydantic import JsonValue

from fsm_langgraph.checking.finding import Finding, Witness
from fsm_langgraph.checking.keys.key_use import KeyUse
from fsm_langgraph.checking.keys.needed_keys import denied_names, present_names
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import State, Transition
from fsm_langgraph.guards import Guards


def find_one_way_answers(use: KeyUse) -> Iterator[Finding]:
    """Tell each state that only a yes leads out of."""
    for state in use.definition.states.values():
        denied = frozenset[str]().union(*map(_denied, state.transitions))
        common = reduce(_common, map(_required, state.transitions)) if state.transitions else []
        words: list[str] = []
        for key in common:
            is_asked = use.root(key) in state.own_keys and key not in denied
            found = _no_of(use, state, key) if is_asked else None
            if found == _ANY_WORD:
                words.append(key)
            elif found is not None:
                yield from _finding(use, state, key, *found)
        if words:
            listed = " and ".join(map(repr, words))
            message = (
                f"every transition of {state.id!r} requires {listed} to be present, without a declaration; "
                'the word "no" is not present then, so that where a no is an answer, it leads nowhere.'
            )
            ask = f'ask for "answered_context_keys": {json.dumps(words)}'
            advice = f"Declare {listed} in 'context'; or, where a no is an answer too, {ask}."
            yield Finding(at("states", state.id, "transitions"), "one-way-word", message, advice)


def _finding(use: KeyUse, state: State, key: str, reason: str, no: JsonValue) -> Iterator[Finding]:
    context: dict[str, JsonValue] = {key: no}
    if (root := use.root(key)) != key:
        context = {root: reduce(lambda value, step: {step: value}, reversed(key[len(root) + 1 :].split(".")), no)}
    written = frozenset([root])
    guards = (Guards(use.definition, transition, "closures") for transition in state.transitions)
    if not all(each.shortcomings(context, written) for each in guards):
        return
    message = f"every transition of {state.id!r} requires {key!r} to be present, and {reason}: a no leads nowhere."
    declare = "Declare what the key holds; or, where" if use.definition.declared(key) is None else "Where"
    advice = f'{declare} a no is an answer too, ask for "answered_context_keys": ["{key}"].'
    yield Finding(at("states", state.id, "transitions"), "one-way-answer", message, advice, Witness(context, written))


def _common(some: list[str], others: list[str]) -> list[str]:
    return [key for key in some if key in others]


def _denied(transition: Transition) -> frozenset[str]:
    """Return the names whose no a transition is for; where it requires them too, it never opens, as guards tell."""
    return frozenset[str]().union(*map(denied_names, transition.conditions))


def _required(transition: Transition) -> list[str]:
    names = (sorted(present_names(condition)) for condition in transition.conditions if not condition.confirms)
    return [name for some in names for name in some]


_ANY_WORD = ("", None)
"""Stands for the "no" of a key of which nobody knows whether it has one."""


def _no_of(use: KeyUse, state: State, key: str) -> tuple[str, JsonValue] | None:
    """Return the value of a key that says no and is not present, with the reason before it."""
    if use.root(key) != key:  # nothing says what is inside a value
        return ("false is not", False) if _is_yes_or_no(key.rpartition(".")[2]) else None
    declaration = use.definition.declared(key)
    if declaration is None:
        if _is_yes_or_no(key) or _is_asked_whether(state, key):
            return 'the word "no" is not, where nothing is declared', "no"
        return ('the answer "none" is not', None) if _OFTEN_NONE.search(_spaced(key)) else _ANY_WORD
    if declaration.type == "array":
        return "an empty list is not", []
    if declaration.type == "boolean" or any(choice is False for choice in declaration.enum or ()):
        return "false is not", False
    if declaration.type in ("integer", "number") and declaration.minimum is not None and declaration.minimum <= 0:
        return ("0 counts as false", 0)
    if declaration.type is not None or declaration.enum is not None:
        return None
    is_answered_no = _is_yes_or_no(key) or _is_asked_whether(state, key) or _tells_whether(declaration.description)
    return ("false is not", False) if is_answered_no else None


def _is_asked_whether(state: State, key: str) -> bool:
    """Say whether a state is there for a yes/no question, and this key is the answer."""
    return state.own_keys == (key,) and any(map(_tells_whether, (state.purpose, state.description)))


def _is_yes_or_no(key: str) -> bool:
    """Say whether a yes or a no answers a key, by its name."""
    return _YES_OR_NO.search(_spaced(key)) is not None


def _spaced(key: str) -> str:
    """Return a key as words: `wantsBreakfast` and `wants_breakfast` are "wants breakfast"."""
    return re.sub(r"[\W_]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", key)).strip().lower()


_YES_OR_NO = re.compile(
    r"^(is|are|has|have|had|does|did|do|should|will|would|wants?) |"
    r"^(accepts?|agrees?|confirms?|consents?|approves?)( |$)|"
    r"(^| )(confirmed|confirmation|agreed|accepted|acceptance|consent|consented|approved|approval|satisfied|ready|ok|"
    r"okay|interested|opt in|resolved|solved)$"
)
"""Names of keys that a yes or a no answers."""
_OFTEN_NONE = re.compile(
    r"(^| )(allergy|allergies|restrictions?|extras?|add ?ons?|comments?|remarks?)$|"
    r"^(special|additional|other|further|any)( |$)"
)
"""Names of keys that "none" often answers."""


def _tells_whether(text: str) -> bool:
    """Say whether a text tells of a yes/no question; "whether one or the other" is a choice."""
    if re.search(r"\byes[ /-]+(or[ /-]+)?no\b|\by/n\b", text, re.IGNORECASE):
        return True
    asked: list[str] = re.findall(r"\bwhether\b[^.;:!?]*", text, re.IGNORECASE)
    return any(not re.search(r"\bor\b(?! not\b)", clause, re.IGNORECASE) for clause in asked)
