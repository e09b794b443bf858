"""A witness as a sentence: "For example where size is "suite" and nights is not given."."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from pydantic import JsonValue

from fsm_langgraph.checking.finding import Finding, Witness
from fsm_langgraph.definition import EVERYTHING, FSMDefinition, Transition

_MOST = 6
"""How many keys are told."""
_LONGEST = 40
"""How many characters of a value are told."""


def told_witness(finding: Finding, definition: FSMDefinition | None = None) -> str:
    """Tell the context that shows a finding; nothing where it has none.

    Args:
        finding: The finding.
        definition: Its definition, by which is known which keys matter though they are absent.
    """
    witness = finding.witness
    if witness is None:
        return ""
    told = [_told(key, value, witness) for key, value in witness.context.items()]
    read = _read_at(finding.path, definition) if definition is not None else []
    told += [f"{key} is not given" for key in read if key not in witness.context]
    if not told:
        return "For example where no key is given."
    more = [f"{len(told) - _MOST} more"] if len(told) > _MOST else []
    *first, last = [*told[:_MOST], *more]
    return f"For example where {' and '.join(filter(None, (', '.join(first), last)))}."


def _told(key: str, value: JsonValue, witness: Witness) -> str:
    written = json.dumps(value, ensure_ascii=False)
    short = written if len(written) <= _LONGEST else f"{written[: _LONGEST - 1]}…"
    return f"{key} was answered with {short}" if key in witness.written else f"{key} is {short}"


def _read_at(path: str, definition: FSMDefinition) -> list[str]:
    """Return the keys that the guards read which a path leads to or past, in the order of the document."""
    while found := re.match(r"subflows\.([^.\[]+)\.", path):
        if found[1] not in definition.subflows:
            return []
        definition, path = definition.subflows[found[1]], path[found.end() :]
    transitions: Iterable[Transition] = ()
    if path.startswith("global_transitions"):
        transitions = definition.global_transitions
    elif found := re.match(r"states\.([^.\[]+)", path):
        state = definition.states.get(found[1])
        transitions = state.transitions if state is not None else ()
    if found := re.search(r"transitions\[(\d+)\]", path):
        transitions = [*transitions][int(found[1]) : int(found[1]) + 1]
    read = dict.fromkeys(key for transition in transitions for key in sorted(transition.reads))
    return [key for key in read if key != EVERYTHING and not key.startswith("_")]
