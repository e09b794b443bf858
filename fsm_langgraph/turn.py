"""One state's part in a turn: a generator that yields the model calls it needs and returns what to store.

    begin ──┬─ only speaks: pass the message on ──────────────┐
            ├─ a message to read: understand ── route ──┬─────┤
            └─ otherwise: arrive                        │     ├──> the next state enters
    enter ── forget ── arrive ──┬─ moves on by itself ──│─────┘
                                ├─ message unread: understand
                                └─ message written? ── no: speak ──> land

Logic only: no I/O, no LangGraph. A turn works on a copy of the context that travels from state to state in the
`turn` channel; the conversation's own channels are written once, by the state where the turn lands. So a turn that
fails leaves the conversation as it was, and one that was interrupted can be resumed where it stood.
"""

from __future__ import annotations

import uuid
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage, RemoveMessage

from fsm_langgraph.context import Context, apply, changed_keys, check_writes, difference
from fsm_langgraph.definition import FSMDefinition, State
from fsm_langgraph.errors import ReplyError, TurnLimit
from fsm_langgraph.models.gate import Call
from fsm_langgraph.prompt import Mode, Prompts, visible_context
from fsm_langgraph.record import ModelCall, RejectedWrite, Step, TurnRecord, passing, rejected_write, step
from fsm_langgraph.reply import JsonSchema, read_reply
from fsm_langgraph.routing import Route, Router, Why


@dataclass(frozen=True, slots=True)
class Machine:
    """A definition made ready to run: for every state its router, its prompts and the schemas of its replies."""

    definition: FSMDefinition
    routers: Mapping[str, Router]
    prompts: Mapping[str, Prompts]
    schemas: Mapping[tuple[str, Mode], JsonSchema]
    reply_retries: int
    max_steps: int


@dataclass(frozen=True, slots=True)
class Ask:
    """A model call that the turn waits for; what came of it is in `call` when the answer is sent."""

    call: Call
    messages: list[BaseMessage]


@dataclass(slots=True)
class Turn:
    """A turn under way: what it has found and decided so far, none of it stored yet."""

    base: Context
    """The context before the turn, against which a key has changed or not."""
    context: Context
    """The context as it stands now."""
    path: list[str]
    """The states that the turn has gone through."""
    unread: bool
    """Whether the user's message still waits to be understood."""
    message_id: str
    """The id of the message that the turn will end with."""
    is_first: bool = False
    """Whether the conversation begins with it."""
    entered: list[str] = field(default_factory=list)
    """The listening states that it has entered."""
    message: AIMessage | None = None
    """The message, once it is written and shown."""
    why: Literal["began", "ended"] | None = None
    proposed: str | None = None
    refused: str | None = None
    """A target that was proposed and is not where the turn went."""
    learned: list[str] = field(default_factory=list)
    """The keys that the model's replies wrote."""
    forgotten: list[str] = field(default_factory=list)
    rejected: list[RejectedWrite] = field(default_factory=list)
    reasoning: str = ""
    steps: list[Step] = field(default_factory=list)
    model_calls: list[ModelCall] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    """Ids of messages that were sent again after a turn that failed."""

    @property
    def changed(self) -> frozenset[str]:
        """The keys that the turn has changed; to be forgotten is no news that a transition could fire on."""
        return changed_keys(_without(self.base, self.forgotten), self.context)

    def forget(self, keys: Sequence[str]) -> None:
        """Remove keys from what is known."""
        self.forgotten = [*self.forgotten, *keys]
        self.context = _without(self.context, keys)

    def pack(self, target: str) -> dict[str, Any]:
        """Write the turn down for the state that it goes on to."""
        return {"next": target, **{f.name: getattr(self, f.name) for f in fields(self)}}

    @classmethod
    def unpack(cls, channel: Mapping[str, Any]) -> Turn:
        """Read a turn that another state has written down; where this one is run again, it is read again."""
        written = ((f.name, channel[f.name]) for f in fields(cls))
        copied: dict[str, Any] = {name: [*part] if isinstance(part, list) else part for name, part in written}
        return cls(**copied)


def _without(context: Context, keys: Sequence[str]) -> Context:
    return {key: value for key, value in context.items() if key not in keys} if keys else context


Part = Generator[Ask, AIMessage, str | None]
"""A part of a turn: yields model calls, is sent their messages, returns the state to go on to, or `None` to land."""


def play(machine: Machine, state: State, values: Mapping[str, Any]) -> Generator[Ask, AIMessage, dict[str, Any]]:
    """Play one state's part in a turn; return the update of the graph's state.

    Args:
        machine: The machine that the state belongs to.
        state: The state whose part it is.
        values: The graph's state: `messages`, `context` and `turn`.
    """
    flight = values.get("turn") or {}
    goes_on = flight.get("next") == state.id
    turn = Turn.unpack(flight) if goes_on else _new_turn(machine, state, values, flight)
    history = [message for message in values["messages"] if message.id not in turn.repeated]
    target = yield from (_enter if goes_on else _begin)(machine, state, turn, history)
    if target is not None:
        return {"turn": turn.pack(target)}
    return _land(state, turn, values["context"])


def _new_turn(
    machine: Machine, state: State, values: Mapping[str, Any], flight: Mapping[str, Any]
) -> Turn:
    base: Context | None = flight.get("base")
    unanswered = _unanswered(values["messages"])
    last = unanswered[-1] if unanswered else None
    context: Context = {**machine.definition.defaults, **values["context"]} if base is None else values["context"]
    return Turn(
        base=machine.definition.defaults if base is None else base,
        context=context,
        path=[state.id],
        unread=last is not None and bool(last.content),
        message_id=flight.get("message_id") or f"fsm-{uuid.uuid4()}",
        is_first=base is None,
        repeated=[str(m.id) for m in unanswered[:-1] if last is not None and m.content == last.content],
    )


def _unanswered(history: Sequence[AnyMessage]) -> list[HumanMessage]:
    """Return the user's messages since the last answer: more than one where a turn failed and its message came again."""
    messages: list[HumanMessage] = []
    for message in reversed(history):
        if isinstance(message, AIMessage):
            break
        if isinstance(message, HumanMessage):
            messages.insert(0, message)
    return messages


def _begin(machine: Machine, state: State, turn: Turn, history: list[AnyMessage]) -> Part:
    """Start a turn in the state that the conversation is in."""
    if turn.is_first or state.is_final:
        turn.why = "began" if turn.is_first else "ended"
    elif turn.unread and state.only_speaks:
        target = state.transitions[0].target_state
        turn.steps.append(passing(state.id, target))
        return target
    elif turn.unread and state.listens and not state.silent:
        return (yield from _understand(machine, state, turn, history))
    return (yield from _arrive(machine, state, turn, history))


def _enter(machine: Machine, state: State, turn: Turn, history: list[AnyMessage]) -> Part:
    """Come into a state along an edge."""
    turn.path.append(state.id)
    if len(turn.path) > machine.max_steps:
        raise TurnLimit(state.id, turn.path)
    if state.listens and not state.silent:
        turn.entered.append(state.id)
    turn.forget(state.forget)
    return (yield from _arrive(machine, state, turn, history))


def _arrive(machine: Machine, state: State, turn: Turn, history: list[AnyMessage]) -> Part:
    """Stand in a state: go on from it, read the message that waits, or speak."""
    if not state.listens and not state.silent:
        target = yield from _decide(machine, state, turn, history, "think")
    else:
        target = _follow(state, turn, _route(machine, state, turn, None))
    if target is not None or turn.message is not None:
        return target
    if turn.unread and state.listens and not state.only_speaks and not state.is_final:
        turn.steps.pop()  # that it waits on arrival says nothing: the message is still to be read
        return (yield from _understand(machine, state, turn, history))
    yield from _speak(machine, state, turn, history)
    return None


def _understand(machine: Machine, state: State, turn: Turn, history: list[AnyMessage]) -> Part:
    """Read the user's message, and answer it if the answer fits where that leads."""
    target = yield from _decide(machine, state, turn, history, "understand" if state.calls == "one" else "think")
    turn.unread = False
    if target is None and turn.message is None:
        yield from _speak(machine, state, turn, history)
    return target


def _decide(machine: Machine, state: State, turn: Turn, history: list[AnyMessage], mode: Mode) -> Part:
    """Ask the model for a decision; apply what of it holds, and route."""
    definition = machine.definition
    before, learned, rejected = turn.context, turn.learned, turn.rejected
    routes: list[Route] = []

    def decide(members: dict[str, Any]) -> bool:
        """Judge a reply the moment it is complete but for its message; say whether the message may be shown."""
        reply = read_reply(members)
        writes = check_writes(definition, reply.updates, "model")
        turn.context = apply(before, writes.accepted)
        turn.proposed, turn.reasoning = reply.target_state, reply.reasoning or turn.reasoning
        turn.learned = [*learned, *writes.accepted]
        turn.rejected = [*rejected, *map(rejected_write, writes.rejected)]
        route = _route(machine, state, turn, reply.target_state)
        routes.append(route)
        if mode == "think" or any(rejection.kind == "value" for rejection in writes.rejected):
            return False
        return _landing(machine, state, turn, route) == reply.target_state

    messages = machine.prompts[state.id].build(mode, turn.context, history)
    call = Call(state.id, turn.message_id, machine.schemas[state.id, mode], decide)
    message = yield from _ask(machine, state, turn, call, messages, mode)
    turn.reasoning = call.reasoning or turn.reasoning
    turn.rejected += (RejectedWrite(key=key, reason="came after the message") for key in call.late)
    if message.text:
        turn.message = message
    return _follow(state, turn, routes[-1])


def _speak(machine: Machine, state: State, turn: Turn, history: list[AnyMessage]) -> Part:
    """Write the message of the state where the turn ends."""
    visible = visible_context(machine.definition, state, turn.context)
    facts = {
        "came_from": turn.path[-2] if len(turn.path) > 1 else None,
        "learned": {key: visible[key] for key in turn.learned if key in visible and key in turn.changed},
        "rejected": turn.rejected,
        "refused": turn.refused if turn.refused != state.id else None,
    }
    this_turn = {name: fact for name, fact in facts.items() if fact}
    messages = machine.prompts[state.id].build("speak", turn.context, history, this_turn=this_turn)
    call = Call(state.id, turn.message_id)
    turn.message = yield from _ask(machine, state, turn, call, messages, "speak")
    return None


def _ask(
    machine: Machine, state: State, turn: Turn, call: Call, messages: list[BaseMessage], mode: Mode
) -> Generator[Ask, AIMessage, AIMessage]:
    """Call the model; ask again, saying what was wrong, while its reply cannot be used."""
    reasons: list[str] = []
    while True:
        message = yield Ask(call, messages)
        turn.model_calls.append(_noted(call, mode))
        if not call.error:
            # Some consumers make a list of blocks of the content; the conversation keeps plain text.
            return message if isinstance(message.content, str) else message.model_copy(update={"content": message.text})
        reasons.append(call.error)
        if len(reasons) > machine.reply_retries:
            raise ReplyError(state.id, reasons)
        complaint = HumanMessage(f"(Your last reply was refused: {call.error}. Reply once more, exactly in the form asked for.)")
        messages = [*messages, complaint]
        call = Call(call.state, call.message_id, call.schema, call.decide)


def _noted(call: Call, mode: Mode) -> ModelCall:
    usage = call.usage or {"input_tokens": 0, "output_tokens": 0}
    return ModelCall(
        state=call.state,
        mode=mode,
        input_tokens=usage["input_tokens"],
        output_tokens=usage["output_tokens"],
        error=call.error or call.cut,
    )


def _route(machine: Machine, state: State, turn: Turn, proposed: str | None) -> Route:
    return machine.routers[state.id].route(turn.context, turn.changed, proposed, visited=turn.entered)


def _follow(state: State, turn: Turn, route: Route) -> str | None:
    """Note a route and what became of the proposal; return the state to go on to."""
    if route.transition is not None or state.transitions:
        turn.steps.append(step(state.id, route))
    target = route.transition.target_state if route.transition is not None else None
    if route.why == "vetoed" or (route.why in ("fired", "first") and turn.proposed not in (None, target, state.id)):
        turn.refused = turn.proposed
    return target


def _landing(machine: Machine, state: State, turn: Turn, route: Route) -> str | None:
    """Say where the turn will end if it takes this route; `None` where the states to come have to run to know it."""
    if route.transition is None:
        return state.id
    target = machine.definition.states[route.transition.target_state]
    if target.silent or not target.listens:
        return None
    ahead = replace(turn, entered=[*turn.entered, target.id])
    ahead.forget(target.forget)
    onward = _route(machine, target, ahead, None)
    return target.id if onward.transition is None else None


def _land(state: State, turn: Turn, stored: Context) -> dict[str, Any]:
    """End the turn in this state: everything that it decided is stored, at once."""
    record = TurnRecord(
        state=turn.path[0],
        landing=state.id,
        path=turn.path,
        proposed=turn.proposed,
        why=turn.why or _why(turn.steps),
        steps=turn.steps,
        changed=sorted(turn.changed),
        rejected=turn.rejected,
        reasoning=turn.reasoning,
        model_calls=turn.model_calls,
    )
    return {
        "messages": [*(RemoveMessage(id=message_id) for message_id in turn.repeated), turn.message],
        "context": difference(stored, turn.context),
        "current_state": state.id,
        "last_turn": record,
        "turn": {"base": turn.context},
    }


def _why(steps: Sequence[Step]) -> Why | Literal["passed"]:
    """Name the reason of the first step that was decided."""
    for taken in steps:
        if taken["why"] != "passed":
            return taken["why"]
    return "passed"
