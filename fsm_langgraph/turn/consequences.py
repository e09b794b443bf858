"""The consequences of a write: keys that become stale, and confirmations that no longer count.

A key is stale once one that it depends on has changed (`depends_on`, in `context/dependents.py`). A confirmation
(`confirms`) counts for what it was asked about, and for nothing else:

    the model tells it     it counts where the state had spoken before, and nothing that it confirms changed in the turn
    code writes it         it counts: a handler, a tool, the caller and a sub-machine know what they confirm
    what it confirms       changes later: it is forgotten
    a state that asks it   is entered: it is forgotten, unless code wrote it in this very turn
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from fsm_langgraph.context.dependents import stale_keys
from fsm_langgraph.context.presence import has_key, value_at
from fsm_langgraph.context.values import same
from fsm_langgraph.context.writes import Context, apply
from fsm_langgraph.definition import Condition, FSMDefinition, State
from fsm_langgraph.turn.record import RejectedWrite
from fsm_langgraph.turn.scope import Scope
from fsm_langgraph.turn.turn import Turn


@dataclass(frozen=True, slots=True)
class AskedConfirmation:
    """A confirmation that a state asks for, as things stand in the turn."""

    condition: Condition
    declared: Collection[str]
    """The keys that its machine declares."""
    changed: Sequence[str]
    """Those among the keys that it confirms that have changed."""


def settle_changes(definition: FSMDefinition, state: State, turn: Turn, scope: Scope) -> None:
    """Forget all that no longer holds, by what the turn has changed so far.

    Args:
        definition: The definition.
        state: The state that the turn is in.
        turn: The turn, which notes the confirmations that do not count.
        scope: The machine's part of it.
    """
    if not (definition.dependents or definition.confirmations):
        return  # most definitions say nothing of the kind
    for key, needed in definition.dependents.items() if scope.stale else ():
        # What it depends on was refused by a handler in the meantime, and is as it was.
        is_written = key in scope.whence or key not in scope.stale
        if not is_written and all(same(scope.base.get(each), scope.context.get(each)) for each in needed):
            scope.hold_again(key)
    settled: Context | None = None
    while settled is not scope.context:  # what is forgotten may be a change to others
        settled = scope.context
        if stale := stale_keys(definition, scope.base, scope.context, scope.whence, scope.answered):
            scope.spoil(stale, is_foreseen=False)
        for condition in definition.confirmations:
            if changed := changed_of(condition, scope.reveal(scope.base), scope.revealed):
                keys = _leftovers(definition, scope, condition)
                is_asked = condition in definition.confirmations_in(state)
                _drop(turn, scope, keys, _has_changed(changed), is_asked=is_asked)


def forget_confirmations(
    definition: FSMDefinition, state: State, turn: Turn, scope: Scope, *, is_foreseen: bool = False
) -> None:
    """Forget the confirmations that a state asks for, as the turn comes into it: it has to speak before it hears one.

    Args:
        definition: The definition.
        state: The state.
        turn: The turn.
        scope: The machine's part of it.
        is_foreseen: Whether the message's writer was told of it.
    """
    for condition in definition.confirmations_in(state):
        keys = _leftovers(definition, scope, condition)
        _drop(turn, scope, keys, _NOT_ASKED, is_asked=False, is_foreseen=is_foreseen)
        if is_foreseen:  # the reply itself may have overturned some already
            overturned = (key for key in condition.confirming if key in scope.stale and key not in scope.whence)
            scope.spoil({key: scope.stale[key] for key in overturned}, is_foreseen=True)


def withhold(
    definition: FSMDefinition, state: State, told: Context, turn: Turn, scope: Scope, *, has_spoken: bool
) -> Context:
    """Return what a reply tells without the confirmations in it that do not count, which are noted as rejected.

    Args:
        definition: The definition.
        state: The state that the reply was written in.
        told: The writes of the reply.
        turn: The turn.
        scope: The machine's part of it, without these writes.
        has_spoken: Whether the state had spoken before it heard the message.
    """
    if not definition.confirmations:
        return told
    now = apply(scope.context, told)
    declared = definition.context or ()
    asked = [
        AskedConfirmation(each, declared, changed_of(each, scope.reveal(scope.base), scope.reveal(now)))
        for each in definition.confirmations_in(state)
    ]
    told = withhold_from(told, asked, turn, scope, has_spoken=has_spoken)
    # What is there was written before the reply has changed what it confirms, by whomever.
    for condition in definition.confirmations:
        if changed := changed_of(condition, scope.revealed, scope.reveal(now)):
            there = (key for key in condition.confirming if key in scope.context and key not in told)
            keys = {
                key: definition.defaults.get(key)
                for key in there
                if _could_open(condition, key, scope.revealed, declared)
            }
            is_asked = condition in definition.confirmations_in(state)
            _drop(turn, scope, keys, _has_changed(changed), is_asked=is_asked)
    return told


def withhold_from(
    told: Context, asked: Sequence[AskedConfirmation], turn: Turn, scope: Scope, *, has_spoken: bool
) -> Context:
    """Return what a reply tells without the confirmations that do not count, which are noted as rejected.

    Args:
        told: The writes of the reply.
        asked: The confirmations that are asked for.
        turn: The turn.
        scope: The part of it of the machine that the state belongs to.
        has_spoken: Whether the state had spoken before it heard the message.
    """
    refused: dict[str, str] = {}
    revealed = scope.secrets.of(frozenset(told)).reveal(told) if scope.secrets is not None else told
    for each in asked:
        if each.changed or not has_spoken:
            reason = _has_changed(each.changed) if each.changed else _NOT_ASKED
            confirming = (key for key in each.condition.confirming if key in told)
            refused |= {key: reason for key in confirming if _could_open(each.condition, key, revealed, each.declared)}
    turn.rejected = [*turn.rejected, *(_unconfirmed(key, reason) for key, reason in refused.items())]
    return {key: value for key, value in told.items() if key not in refused} if refused else told


def changed_of(condition: Condition, before: Mapping[str, JsonValue], now: Mapping[str, JsonValue]) -> list[str]:
    """Name the keys that a condition confirms and that have changed."""
    return [path for path in condition.confirms if not same(value_at(before, path), value_at(now, path))]


def _could_open(condition: Condition, key: str, context: Mapping[str, JsonValue], declared: Collection[str]) -> bool:
    """Say whether a key has a value by which the condition could be open."""
    required = [path for path in condition.requires_context_keys if key in (path, path.partition(".")[0])]
    answered = [path for path in condition.answered_context_keys if key in (path, path.partition(".")[0])]
    return bool(answered) or not required or any(has_key(context, path, declared) for path in required)


def _leftovers(definition: FSMDefinition, scope: Scope, condition: Condition) -> Context:
    """Return the confirmations that are there and that no code has written in this turn, each with its default."""
    found, declared = Context(), definition.context or ()
    for key in condition.confirming:
        default = definition.defaults.get(key)
        is_default = same(scope.context.get(key), default) and key not in scope.answered
        by_code = scope.whence.get(key, "message") != "message"
        if (
            key in scope.context
            and not (is_default or by_code)
            and _could_open(condition, key, scope.revealed, declared)
        ):
            found[key] = default
    return found


def _drop(
    turn: Turn,
    scope: Scope,
    keys: Context,
    reason: str,
    *,
    is_asked: bool,
    is_foreseen: bool = False,
) -> None:
    """Forget confirmations, each for its default; note as rejected what the user waits to hear of."""
    known = {each["key"] for each in turn.rejected if each["kind"] == "unconfirmed"}
    told = (key for key in keys if key not in known and (is_asked or key in scope.learned))
    turn.rejected = [*turn.rejected, *(_unconfirmed(key, reason) for key in told)]
    scope.spoil(keys, is_foreseen=is_foreseen)


def _unconfirmed(key: str, reason: str) -> RejectedWrite:
    return RejectedWrite(key=key, reason=reason, kind="unconfirmed")


def _has_changed(keys: Sequence[str]) -> str:
    have = "has" if len(keys) == 1 else "have"
    return f"does not count any more, as {' and '.join(map(repr, keys))} {have} changed"


_NOT_ASKED = "does not count, as it was not asked for before"
