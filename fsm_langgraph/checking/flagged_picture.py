"""The picture of a machine with what was found in it: signs at states and transitions, and a legend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.drawing import Picture
from fsm_langgraph.drawing.remarks import Remark


def flagged_picture(
    definition: FSMDefinition, findings: Iterable[Finding], *, current: str | None = None, xray: bool = True
) -> Picture:
    """Make the picture of a definition with findings.

    A finding is marked at the state or the transition that it is in. One of a sub-machine is marked wherever that runs;
    one that is in neither stands in the legend alone.

    Args:
        definition: The definition.
        findings: What was found in it, in the order in which it is to be numbered.
        current: The state to light up.
        xray: Whether sub-machines are drawn inside the states that run them.
    """
    places: dict[str, list[str]] = {}
    for path, place in _places(definition, "", ""):
        places.setdefault(path, []).append(place)
    remarks: dict[str, tuple[Remark, ...]] = {}
    legend: list[Remark] = []
    for number, finding in enumerate(findings, 1):
        found = next((places[path] for path in _around(finding.path) if path in places), [])
        where = "" if found else f"{finding.path or 'all of it'}: "
        remark = Remark(number, finding.severity == "note", f"{finding.number} {where}{finding.message}")
        legend.append(remark)
        for place in found:
            remarks[place] = (*remarks.get(place, ()), remark)
    return Picture(definition, current=current, xray=xray, remarks=remarks, legend=legend)


def _places(definition: FSMDefinition, prefix: str, path_prefix: str) -> Iterator[tuple[str, str]]:
    """Pair the paths of states and transitions in the document with their places in the picture."""
    here = f"{path_prefix}." if path_prefix else ""
    yield f"{here}initial_state", f"{prefix}{definition.initial_state}"
    for index in range(len(definition.global_transitions)):
        yield f"{here}global_transitions[{index}]", f"{prefix}global_transitions[{index}]"
    for state in definition.states.values():
        path, place = f"{here}{at('states', state.id)}", f"{prefix}{state.id}"
        yield path, place
        for index in range(len(state.transitions)):
            yield f"{path}.transitions[{index}]", f"{place}.transitions[{index}]"
        if state.subflow is not None:
            inside = f"{here}{at('subflows', state.subflow)}"
            yield inside, place
            yield from _places(definition.subflows[state.subflow], f"{place}/", inside)


def _around(path: str) -> Iterator[str]:
    """Yield a path, and those of all that is around it, the nearest first."""
    yield path
    for end in range(len(path) - 1, 0, -1):
        if path[end] in ".[":
            yield path[:end]
