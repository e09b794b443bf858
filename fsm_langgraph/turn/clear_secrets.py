"""Secrets that stand in a graph's state in the clear, and the tokens that take their places when a turn begins.

They were stored by an earlier release, or before the key was declared secret; or a node of somebody's own has written
them. A value has one token, wherever it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fsm_langgraph.context.secret_tokens import Secrets, Vault
from fsm_langgraph.definition import FSMDefinition

_CONTEXTS = ("base", "context", "foreseen", "stored")
"""The contexts of the outermost machine that a turn's stored form has."""


def with_tokens(definition: FSMDefinition, vault: Vault, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a graph's state with tokens in the places of secrets.

    Args:
        definition: The definition of the outermost machine.
        vault: The secrets that the run knows, which takes in what it finds.
        values: The state.
    """
    own = Secrets(vault, definition.secret_keys)
    changed = {**values, "context": own.hide(values.get("context") or {})}
    if values.get("turn"):
        changed["turn"] = _turn(definition, own, values["turn"])
    if values.get("sub_machine"):
        changed["sub_machine"] = _frame(definition, own, values["sub_machine"])
    return changed


def _turn(definition: FSMDefinition, own: Secrets, turn: Mapping[str, Any]) -> dict[str, Any]:
    changed = {**turn, **{name: own.hide(turn[name]) for name in _CONTEXTS if turn.get(name)}}
    if turn.get("frame"):
        changed["frame"] = _frame(definition, own, turn["frame"])
    if turn.get("left"):
        changed["left"] = _left(definition, own, turn["left"])
    if turn.get("before"):
        before = turn["before"]
        changed["before"] = {**before, "left": _left(definition, own, before.get("left") or ())}
    return changed


def _left(definition: FSMDefinition, own: Secrets, left: Any) -> list[Any]:
    return [{**each, "sub_machine": _frame(definition, own, each.get("sub_machine"))} for each in left]


def _frame(definition: FSMDefinition, own: Secrets, frame: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if frame is None:
        return None
    state = definition.states.get(frame["of"])
    if state is None or state.subflow is None:
        return {**frame}
    inner = definition.subflows[state.subflow]
    inside = own.of(inner.secret_keys)
    given = {"given": own.hide(frame["given"])} if "given" in frame else {}
    return {
        **frame,
        **given,
        "context": inside.hide(frame.get("context") or {}),
        "left": _left(inner, inside, frame.get("left") or ()),
        "sub_machine": _frame(inner, inside, frame.get("sub_machine")),
    }
