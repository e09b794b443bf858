"""The outline of a picture, whatever its format: from a definition to the boxes and arrows of a chart.

A state that runs a sub-machine is a box with a chart inside, or a plain box where no X-ray is asked for. Global
transitions leave from one small box, which stands for every state that they are open in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fsm_langgraph.definition import FSMDefinition, State, Transition
from fsm_langgraph.drawing.captions import collected_in, guard_of, notes_on, said_in
from fsm_langgraph.drawing.chart import Anywhere, Arrow, Box, Chart, Direction, Kind, View
from fsm_langgraph.drawing.texts import few_lines, shortened
from fsm_langgraph.drawing.walks import Walks, find_walks, only_digressions

_SHORT = 4
"""How many states one after the other still fit beside each other on a page."""


def outline(definition: FSMDefinition, view: View, *, width: int) -> tuple[Direction, Chart]:
    """Say in which direction a picture runs, and what is on it.

    Args:
        definition: The definition.
        view: The parts of it that are to be shown.
        width: How many characters a line of text has at most.
    """
    direction: Direction = "LR" if find_walks(definition, xray=view.xray).length <= _SHORT else "TB"
    return direction, _chart(definition, view, width, name="", path_prefix="")


def _chart(definition: FSMDefinition, view: View, width: int, *, name: str, path_prefix: str) -> Chart:
    name_prefix = f"{name}_" if name else ""
    digressed = only_digressions(definition)
    boxes = {
        state.id: _box(
            definition,
            state,
            view,
            width,
            name=f"{name_prefix or 's'}{index}",
            path=f"{path_prefix}{state.id}",
            is_digressed=state.id in digressed,
        )
        for index, state in enumerate(definition.states.values())
    }
    walks = find_walks(definition, xray=view.xray)
    anywhere = _anywhere(definition, f"{name_prefix}anywhere", width)
    arrows = [
        _arrow(transition, number, boxes[state.id], boxes, width, walks, view, f"{path_prefix}{state.id}.{place}")
        for state in definition.states.values()
        for place, transition, number in _numbered(
            state.transitions, "transitions", by_rules=state.silent or state.decision == "logic"
        )
    ]
    if anywhere is not None:
        arrows += (
            _arrow(transition, number, anywhere, boxes, width, walks, view, f"{path_prefix}{place}")
            for place, transition, number in _numbered(
                definition.global_transitions, "global_transitions", by_rules=False
            )
        )
    return Chart(f"{name_prefix}start", boxes[definition.initial_state], (*boxes.values(),), anywhere, (*arrows,))


def _box(
    definition: FSMDefinition, state: State, view: View, width: int, *, name: str, path: str, is_digressed: bool
) -> Box:
    inner = definition.subflows[state.subflow] if state.subflow is not None else None
    current = view.current or ""
    about = few_lines(state.description, width)
    if inner is not None and not view.xray:
        about += few_lines(f"runs: {inner.name}", width)
    return Box(
        state=state,
        name=name,
        kind=_kind(state, is_digressed),
        title=shortened(state.id, 40) or "…",
        about=about,
        keys=collected_in(definition, state, width),
        tools=few_lines(f"uses {', '.join(state.tools)}", width) if state.tools else (),
        says=said_in(state, width),
        visits=view.visits.get(path, 0),
        is_current=current == path or (inner is not None and current.startswith(f"{path}/")),
        mark=view.marks.get(path),
        remarks=view.remarks_on(path, inside=inner is not None and not view.xray),
        inside=None
        if inner is None or not view.xray
        else _chart(inner, view, width, name=name, path_prefix=f"{path}/"),
    )


def _kind(state: State, is_digressed: bool) -> Kind:
    if state.subflow is not None:
        return "nests"
    if state.is_final:
        return "returns" if is_digressed else "final"
    if state.silent:
        return "silent"
    return "listens" if state.listens else "thinks"


def _anywhere(definition: FSMDefinition, name: str, width: int) -> Anywhere | None:
    if not definition.global_transitions:
        return None
    out = (*_opted_out(definition),)
    names = ", ".join(out)
    but = f"but {names}" if len(names) <= width else f"but {len(out)} of them"
    return Anywhere(name, ("in any state", *few_lines(but if out else "", width)), out)


def _opted_out(definition: FSMDefinition, prefix: str = "") -> Iterator[str]:
    """Name the states in which the user is heard, and global transitions are not open."""
    for state in definition.states.values():
        if state.hears and not state.global_transitions:
            yield f"{prefix}{state.id}"
        elif state.subflow is not None:
            yield from _opted_out(definition.subflows[state.subflow], f"{prefix}{state.id}/")


def _numbered(transitions: Sequence[Transition], name: str, *, by_rules: bool) -> Iterator[tuple[str, Transition, str]]:
    """Yield transitions with their places, and their positions in the order of trial where two can be open at once."""
    candidates = len(transitions) if by_rules else sum(bool(transition.conditions) for transition in transitions)
    in_order = sorted(range(len(transitions)), key=lambda index: transitions[index].priority)
    positions = {index: position for position, index in enumerate(in_order, 1)}
    for index, transition in enumerate(transitions):
        yield f"{name}[{index}]", transition, f"{positions[index]} · " if candidates > 1 else ""


def _arrow(
    transition: Transition,
    number: str,
    source: Box | Anywhere,
    boxes: Mapping[str, Box],
    width: int,
    walks: Walks,
    view: View,
    place: str,
) -> Arrow:
    ends = (source.state.id if isinstance(source, Box) else "", transition.target_state)
    return Arrow(
        transition=transition,
        source=source,
        target=boxes[transition.target_state],
        about=few_lines(number + transition.description, width),
        guard=guard_of(transition, width),
        notes=(*notes_on(transition, width),),
        is_spine=ends in walks.spine,
        leads_back=ends in walks.back,
        mark=view.marks.get(place),
        remarks=view.remarks.get(place, ()),
    )
