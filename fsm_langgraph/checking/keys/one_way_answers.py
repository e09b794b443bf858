"""Questions with one way out: every transition of a state waits for a key to be present, and a no is not present.

A yes/no key that is false, an empty list, and a "no" where nothing is declared do not count as present. So a user who
answers no is asked again for ever. It is told once for a state, of all keys that it is true of.

Where it is not declared what a key holds, most keys are names and numbers, to which nobody answers no. So it is told
of those alone that read like a yes/no question (`wants_breakfast`, "learn whether …") or like one that is often
answered by "none" (`special_requests`). Of the others it is a note, and nothing of names, numbers and the like. A
condition with `confirms` is meant to wait for a yes: after a no the user puts right what was read back. An object is
not told of: nobody answers `{}`. A key that comes back from a sub-machine is asked for there: it is told of where that
can end with a no.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import reduce

from pydantic import JsonValue

from fsm_langgraph.checking.finding import Finding, Witness
from fsm_langgraph.checking.keys.given_noes import comes_back_as_no
from fsm_langgraph.checking.keys.key_use import KeyUse
from fsm_langgraph.checking.keys.needed_keys import denied_names, present_names, truthy_names
from fsm_langgraph.checking.keys.other_answers import some_answer
from fsm_langgraph.checking.keys.plausible_noes import (
    is_asked_whether,
    is_never_no,
    is_often_none,
    is_yes_or_no,
    tells_whether,
)
from fsm_langgraph.checking.word_lists import listed_names
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import State, Transition
from fsm_langgraph.guards import Guards


def find_one_way_answers(use: KeyUse) -> Iterator[Finding]:
    """Tell each state that only a yes leads out of."""
    for state in use.definition.states.values():
        denied = frozenset[str]().union(*map(_denied, state.transitions))
        common = reduce(_common, map(_required, state.transitions)) if state.transitions else []
        words: list[str] = []
        noes: dict[str, _No] = {}
        for key in common:
            is_asked = (use.root(key) in state.own_keys or comes_back_as_no(use, state, key)) and key not in denied
            found = _no_of(use, state, key) if is_asked else None
            if found == _ANY_WORD:
                words.append(key)
            elif found is not None and _is_closed(use, state, {key: found}):
                noes[key] = found
        if noes:
            yield _answer(use, state, noes)
        if words:
            yield _word(state, words)


_No = tuple[str, JsonValue]
"""Why a no is not present, as a clause, and its value."""


def _is_read_as_truth(state: State, key: str) -> bool:
    """Say whether each transition has a key alone for its logic: 0 is present, and false there."""
    return all(
        any(key in truthy_names(condition) for condition in transition.conditions) for transition in state.transitions
    )


def _is_closed(use: KeyUse, state: State, noes: dict[str, _No]) -> bool:
    shown = _witness(use, state, noes)
    guards = (Guards(use.definition, transition, "closures") for transition in state.transitions)
    return all(each.shortcomings(shown.context, shown.written) for each in guards)


def _witness(use: KeyUse, state: State, noes: dict[str, _No]) -> Witness:
    """Return a context in which these are answered with a no, and the other questions of the state are answered."""
    context: dict[str, JsonValue] = {}
    for key, (_, no) in noes.items():
        root = use.root(key)
        steps = key[len(root) + 1 :].split(".") if root != key else []
        context[root] = reduce(lambda value, step: {step: value}, reversed(steps), no)
    written = frozenset(context)
    read = frozenset[str]().union(*(transition.reads for transition in state.transitions))
    others = {key: some_answer(use.definition.declared(key)) for key in state.own_keys if key in read}
    given = {key: answer for key, answer in others.items() if answer is not None and key not in context}
    return Witness({**context, **given}, written)


def _answer(use: KeyUse, state: State, noes: dict[str, _No]) -> Finding:
    reasons = ", and ".join(dict.fromkeys(reason for reason, _ in noes.values()))
    needed = f"every transition of {state.id!r} requires {listed_names([*noes])} to be present"
    message = f"{needed}, and {reasons}: a no leads nowhere."
    ask = f'ask for "answered_context_keys": {json.dumps([*noes], ensure_ascii=False)} instead'
    advice = f"Where any answer will do, {ask}; or give the no a transition of its own."
    path = at("states", state.id, "transitions")
    return Finding(path, "one-way-answer", message, advice, _witness(use, state, noes))


def _word(state: State, keys: list[str]) -> Finding:
    listed = listed_names(keys)
    message = (
        f"every transition of {state.id!r} requires {listed} to be present, without a declaration; "
        'the word "no" is not present then, so that where a no is an answer, it leads nowhere.'
    )
    ask = f'ask for "answered_context_keys": {json.dumps(keys, ensure_ascii=False)}'
    advice = f"Declare {listed} in 'context'; or, where a no is an answer too, {ask}."
    return Finding(at("states", state.id, "transitions"), "one-way-word", message, advice)


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


def _no_of(use: KeyUse, state: State, key: str) -> _No | None:
    """Return the value of a key that says no and is not present, with the reason before it."""
    if use.root(key) != key:  # nothing says what is inside a value
        return ("false is not", False) if is_yes_or_no(key.rpartition(".")[2]) else None
    declaration = use.definition.declared(key)
    if declaration is None:
        if is_yes_or_no(key) or is_asked_whether(state, key):
            return 'the word "no" is not, where nothing is declared', "no"
        if is_often_none(key):
            return 'an answer of none (null, [], "no") is not', None
        return None if is_never_no(key) else _ANY_WORD
    if declaration.type == "array":
        return "an empty list is not", []
    if declaration.type == "boolean" or any(choice is False for choice in declaration.enum or ()):
        return "false is not", False
    if declaration.type in ("integer", "number") and declaration.minimum is not None and declaration.minimum <= 0:
        return ("0 counts as false", 0) if _is_read_as_truth(state, key) else None
    if declaration.type is not None or declaration.enum is not None:
        return None
    is_answered_no = is_yes_or_no(key) or is_asked_whether(state, key) or tells_whether(declaration.description)
    return ("false is not", False) if is_answered_no else None
