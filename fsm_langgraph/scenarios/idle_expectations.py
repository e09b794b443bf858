"""Expectations that hold whatever happens: a field with nothing in it, an expression that every text has.

They are looked for in what was written, since a field without a value is as if left out to the models.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fsm_langgraph.scenarios.scenario_fault import ScenarioFault, Steps
from fsm_langgraph.scenarios.text_pattern import always_matches

_MAY_BE_EMPTY = ("state", "all_data", "why", "calls", "rejected", "told", "changed", "ended")
_NEED_SOMETHING = ("path", "data", "says", "says_not", "closed", "error", "asks")
_ADVICE = "Say what is to hold, or leave it out."


def check_expected(written: object, steps: Steps) -> Iterator[ScenarioFault]:
    """Find the expectations of a turn, or of a scenario, that nothing can fail, and an answer with nothing in it.

    Args:
        written: The turn or the scenario, as it was read; of another shape nothing is said.
        steps: Where it stands in the file.
    """
    if not isinstance(written, Mapping):
        return
    if written.get("answer", "left out") is None:
        message = "there is nothing in it, so that nothing is answered."
        yield ScenarioFault((*steps, "answer"), "empty", message, "Write the answer, or leave it out.")
    for field in (*_MAY_BE_EMPTY, *_NEED_SOMETHING):
        value = written.get(field, "left out")
        if value is None or (field in _NEED_SOMETHING and value in ("", [], (), {})):
            message = "there is nothing in it, so that it expects nothing."
            yield ScenarioFault((*steps, field), "empty", message, _ADVICE)
            continue
        for where, text in _texts(field, value):
            if always_matches(text):
                message = f"every text has {text!r} in it, so that it expects nothing."
                yield ScenarioFault((*steps, field, *where), "always-so", message, _ADVICE)


def _texts(field: str, value: Any) -> Iterator[tuple[Steps, str]]:
    """Yield the texts of a field that are to be found somewhere, with their places below it."""
    items: list[tuple[Steps, Any]] = []
    if field in ("says", "error") or (field == "asks" and isinstance(value, str)):
        items = [((), value)] if isinstance(value, str) else [*_listed(value)]
    elif field in ("closed", "rejected") and isinstance(value, Mapping):
        items = [((name,), reason) for name, reason in value.items()]
    # Of a refusal or a closed transition any reason will do, where none is written.
    yield from ((where, text) for where, text in items if isinstance(text, str) and (text or field == "says"))


def _listed(value: Any) -> Iterator[tuple[Steps, Any]]:
    return (((index,), one) for index, one in enumerate(value if isinstance(value, list | tuple) else ()))
