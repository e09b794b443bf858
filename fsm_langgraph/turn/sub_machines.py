"""From a machine into the sub-machine that runs in one of its states, and back: what goes in, and what comes out.

A turn that goes inside stays the same turn, with a scope for the machine inside. Keys go in as `inputs` when the
sub-machine begins, and again when they change around it; they come back as `outputs` when it has ended.

    changed in this turn     news inside as well
    changed before           while nobody was inside, as in a digression: it goes in now, and only handlers see it
    as it was                what the sub-machine has made of it stays

`inside.py` has the steps.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from fsm_langgraph.context.answered_keys import is_answered, written_defaults
from fsm_langgraph.context.secret_tokens import Secrets
from fsm_langgraph.context.values import same
from fsm_langgraph.context.writes import Context, Writes, answered_none, apply, changed_keys, check_writes
from fsm_langgraph.definition import EVERYTHING, FSMDefinition, State
from fsm_langgraph.errors import StateError
from fsm_langgraph.exits import Exit
from fsm_langgraph.machine import Machine
from fsm_langgraph.routing import Situation, Verdict, Whence
from fsm_langgraph.turn.consequences import AskedConfirmation, changed_of
from fsm_langgraph.turn.frames import Frame, make_frame, without_news
from fsm_langgraph.turn.record import rejected_write
from fsm_langgraph.turn.scope import Scope
from fsm_langgraph.turn.turn import Turn


def open_frame(machine: Machine, state: State) -> Frame:
    """Begin the sub-machine that runs in a state."""
    inner = machine.inner[state.id].definition
    return make_frame(state.id, inner.initial_state, inner.defaults)


def inputs_around(state: State, scope: Scope) -> Context:
    """Return the keys that are inputs of a state's sub-machine, as the machine around it has them, tokens as tokens."""
    return {outer: scope.context[outer] for outer in state.inputs.values() if outer in scope.context}


def frame_of(
    definition: FSMDefinition, state: State, inside: Scope, current: str, given: Context, *, is_left: bool
) -> Frame:
    """Write down where a sub-machine has come to; one that is left by a digression may come back to its news.

    Args:
        definition: The definition of the sub-machine.
        state: The state that it runs in.
        inside: Its scope.
        current: The state that it is in itself.
        given: Its inputs around, as they were when the turn went inside.
        is_left: Whether it is left by a global transition of a machine around it.
    """
    news = [key for key in inside.news if key not in definition.confirming_keys] if is_left else []
    answered = written_defaults(inside.context, definition.defaults, inside.written)
    return make_frame(
        state.id,
        current,
        inside.context,
        left=inside.left,
        sub_machine=inside.frame,
        news=news,
        answered=answered,
        came_out=inside.frame is None and definition.states[current].subflow is not None,
        given=given,
    )


def descend(
    machine: Machine, state: State, turn: Turn, scope: Scope, frame: Frame, given: Context, *, is_new: bool
) -> tuple[Turn, Scope]:
    """Make the turn and the scope that go on inside.

    Args:
        machine: The machine that the state belongs to.
        state: The state that the sub-machine runs in.
        turn: The turn, as it has come there.
        scope: The machine's part of it.
        frame: Where the sub-machine stands.
        given: Its inputs around, as they are now.
        is_new: Whether it begins now.

    Raises:
        StateError: The sub-machine was stored in a state that its definition no longer has.
    """
    inner = machine.inner[state.id]
    if frame["current_state"] not in inner.definition.states:
        raise StateError(inner.path(frame["current_state"]), map(inner.path, inner.definition.states))
    # Once it has begun it has values of its own, and takes only what has changed around it since.
    news = scope.context.keys() if is_new else scope.changed
    late = changed_keys(frame["given"], given) - news if "given" in frame else frozenset[str]()
    secrets = scope.secrets_of(inner.definition)
    writes = _inputs(inner.definition, state, scope.revealed, news | late, secrets)
    inputs = {key: state.inputs[key] for key in writes.accepted}
    quiet = {key: writes.accepted[key] for key, outer in inputs.items() if outer in late}
    # A default is nobody's answer where it was none around. What depends on others inside is written, or they undo it.
    unwritten = {*written_defaults(quiet, inner.definition.defaults, quiet)} - inner.definition.dependents.keys()
    before: Context = {}
    if is_new:  # what was known before the turn is known inside from the start, and no news there
        around = scope.news
        before = {key: writes.accepted[key] for key, outer in inputs.items() if outer not in around}
    foreseen = _inputs(inner.definition, state, scope.reveal(scope.foreseen), state.inputs.values(), secrets)
    overtaken = {*scope.overtaken, *(key for key in scope.rewritten if key in state.forget)}
    context = apply(frame["context"], writes.accepted, writes.none)
    inside = Scope(
        base=apply(frame["context"], before, writes.none),
        context=context,
        foreseen=apply(frame["context"], foreseen.accepted, foreseen.none),
        rewritten=[key for key, outer in state.inputs.items() if outer in scope.rewritten],
        overtaken=[key for key, outer in state.inputs.items() if outer in overtaken],
        ahead=[key for key, outer in state.inputs.items() if outer in scope.ahead],
        # As if it did not hold any more: no news, but handlers see it, and what depends on it or confirms it goes.
        forgotten=[*quiet],
        stale=quiet,
        late=sorted(changed_keys(frame["context"], context) & quiet.keys()) if quiet else [],
        whence={
            **{key: "message" for key in quiet if key not in unwritten},  # nobody knows; a model's counts for the least
            **{key: scope.whence[outer] for key, outer in inputs.items() if outer in scope.whence},
        },
        answered=[
            *(key for key in frame.get("answered", ()) if key not in quiet),
            *(key for key, outer in inputs.items() if _is_answered(machine, scope, outer)),
        ],
        resumed=[key for key in frame["news"] if key not in quiet],
        left=without_news(frame["left"], quiet),
        frame=frame["sub_machine"],
        around=_around(machine, state, scope),
        around_news={**scope.around_news, **scope.news},
        around_written=sorted({*scope.around_written, *scope.written}),
        secrets=secrets,
    )
    return replace(turn, rejected=[*turn.rejected, *map(rejected_write, writes.rejected)]), inside


def outputs(definition: FSMDefinition, state: State, inside: Mapping[str, Any], secrets: Secrets | None) -> Writes:
    """Return what comes back from a sub-machine that has ended.

    Args:
        definition: The definition of the machine around it.
        state: The state that it ran in.
        inside: Its context, with the values of secrets.
        secrets: The secrets of the machine around it.
    """
    # With a handler's rights: what was checked inside may go into keys that no model may write.
    given = {outer: inside.get(key) for key, outer in state.outputs.items()}
    none = frozenset(state.outputs[key] for key in answered_none(inside, state.outputs))
    return _hidden(replace(check_writes(definition, given.items(), "handler"), none=none), secrets)


def exit_verdicts(machine: Machine, turn: Turn, scope: Scope, state: State) -> list[Verdict]:
    """Judge the exits that are proposed or watched in a state, by the contexts of the machines that they belong to."""
    if not state.global_transitions:
        return []
    proposed = machine.exits_in[state.id]
    return [
        _judge(leading, turn, scope, _context_around(scope, name, leading))
        for name, leading in machine.exits.items()
        if leading.transition in proposed or leading.transition.conditions
    ]


def asked_around(machine: Machine, state: State, turn: Turn, scope: Scope, told: Context) -> list[AskedConfirmation]:
    """Return the confirmations that exits ask for.

    Args:
        machine: The machine inside.
        state: The state that hears.
        turn: The turn.
        scope: The part of the machine inside.
        told: What is told now for the machines around.
    """
    found: list[AskedConfirmation] = []
    for name, leading in machine.exits.items() if state.global_transitions else ():
        around = _context_around(scope, name, leading) or {}
        now = apply(around, {**turn.told_around, **told})
        if (secrets := scope.secrets_of(leading.definition)) is not None:
            around, now = secrets.reveal(around), secrets.reveal(now)
        for condition in (each for each in leading.transition.conditions if each.confirms):
            before = [key for key in condition.confirms if key.partition(".")[0] in scope.around_news]
            changed = [*dict.fromkeys((*before, *changed_of(condition, around, now)))]
            found.append(AskedConfirmation(condition, leading.definition.context or (), changed))
    return found


def _context_around(scope: Scope, name: str, leading: Exit) -> Context | None:
    """Return what an exit reads; before exits had names it was kept under the state that the exit leads to."""
    return scope.around.get(name, scope.around.get(leading.transition.target_state))


def _judge(leading: Exit, turn: Turn, scope: Scope, around: Context | None) -> Verdict:
    transition = leading.transition
    if around is None:  # a turn that was written down before this was
        return Verdict(transition, failed=("what it reads is not known here",))
    context = {**around, **turn.told_around, **turn.machine_keys}
    if (secrets := scope.secrets_of(leading.definition)) is not None:
        around, context = secrets.reveal(around), secrets.reveal(context)
    told = (key for key in turn.told_around if not same(around.get(key), context[key]))
    news: dict[str, Whence] = {**scope.around_news, **dict.fromkeys(told, "message")}
    situation = Situation(
        context,
        {**news, **turn.machine_news},
        model_stayed=turn.model_stayed,
        global_taken=turn.global_taken,
        written=frozenset((*scope.around_written, *turn.told_around)),
    )
    return leading.router.judge(transition, situation)


def _inputs(
    definition: FSMDefinition, state: State, outside: Mapping[str, Any], keys: Collection[str], secrets: Secrets | None
) -> Writes:
    """Return what goes into a sub-machine, of these keys of the machine around it.

    Args:
        definition: The definition of the sub-machine.
        state: The state that it runs in.
        outside: The context of the machine around it, with the values of secrets.
        keys: The keys of that.
        secrets: The secrets of the sub-machine.
    """
    given = {key: outside.get(outer) for key, outer in state.inputs.items() if outer in keys}
    none = frozenset(key for key, outer in state.inputs.items() if answered_none(outside, (outer,)))
    return _hidden(replace(check_writes(definition, given.items(), "caller"), none=none), secrets)


def _hidden(writes: Writes, secrets: Secrets | None) -> Writes:
    return writes if secrets is None else replace(writes, accepted=secrets.hide(writes.accepted))


def _around(machine: Machine, state: State, scope: Scope) -> dict[str, Context]:
    """Return what the exits of the sub-machine in this state read of the machines that they belong to."""
    own: dict[str, Context] = {}
    for name, leading in machine.inner[state.id].exits.items():
        if leading.machine == machine.runs_in:
            confirmed = (path.partition(".")[0] for each in leading.transition.conditions for path in each.confirms)
            read = {*leading.transition.reads, *confirmed}
            own[name] = {k: value for k, value in scope.context.items() if k in read or EVERYTHING in read}
    return {**scope.around, **own}


def _is_answered(machine: Machine, scope: Scope, key: str) -> bool:
    return is_answered(scope.context, key, machine.definition.defaults, scope.written)
