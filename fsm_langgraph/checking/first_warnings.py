"""The warnings of a definition in a few lines, for whoever runs it: told once in a process, and never in the way.

    coffee.yaml: 2 warnings at a glance; `fsm-langgraph check coffee.yaml` tells more.
      coffee.yaml:12:3: states.waiting: no transition leads here from the initial state 'order'. (unreachable-state)

What a prover would take its time for is left to `check`, and so are machines that are very large.
"""

from __future__ import annotations

import logging
import shlex
from collections.abc import Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.machine_view import machine_views
from fsm_langgraph.checking.report import QUICK_CHECKS, examine
from fsm_langgraph.data.shortened import shortened
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.loading import origins_of

MOST_STATES = 500
"""How many states a definition has at most that is examined here, which takes a fraction of a second."""


def first_warnings(definition: FSMDefinition, file: str) -> tuple[str, ...]:
    """Return lines that tell the warnings of a definition; none where it has none, or was told of in this process.

    Args:
        definition: A definition that was loaded.
        file: Its file, as the user names it.
    """
    if sum(len(view.definition.states) for view in machine_views(definition)) > MOST_STATES:
        return ()
    told = (definition.name, definition.fingerprint)
    if told in _TOLD:
        return ()
    _TOLD.add(told)
    try:
        found = examine(definition, checks=QUICK_CHECKS).findings
    except Exception:  # a check that fails is no reason not to run what it was to check
        logging.getLogger(__name__).debug("a check has failed", exc_info=True)
        return ()
    warnings = [finding for finding in found if finding.severity == "warning"]
    return tuple(_lines(definition, file, warnings)) if warnings else ()


_TOLD: set[tuple[str, str]] = set()
"""The definitions that this process has told of."""
_MOST = 3
"""How many warnings are told."""


def _lines(definition: FSMDefinition, file: str, warnings: list[Finding]) -> Iterator[str]:
    count = f"{len(warnings)} warning" + ("" if len(warnings) == 1 else "s")
    yield f"{file}: {count} at a glance; `fsm-langgraph check {shlex.quote(file)}` tells more."
    text = origins_of(definition).texts.get(())
    for finding in warnings[:_MOST]:
        place = finding.place
        where = "" if place is None else f"{place}: "
        if place is not None and text is not None and place.file == text.file:
            where = f"{file}:{place.line}:{place.column}: "
        yield f"  {where}{finding.path or '(root)'}: {shortened(finding.message, 300)} ({finding.code})"
    if len(warnings) > _MOST:
        yield "  …"
