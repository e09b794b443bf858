"""The turn record: what a turn did and why, as JSON data for people and tools.

It is kept in the graph's state as `last_turn`, and sent on the `custom` stream when the turn ends. Keys are named in
it, values are not: a record may be logged where the context may not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NotRequired

from pydantic import ConfigDict, JsonValue, with_config
from typing_extensions import TypedDict  # the standard one makes no JSON Schema before Python 3.12

from fsm_langgraph.context.writes import Rejection
from fsm_langgraph.errors import TurnError
from fsm_langgraph.models.token_count import NOTHING_USED, TokenCount
from fsm_langgraph.routing import Route, Verdict, Whence, Why
from fsm_langgraph.turn.definition_change import DefinitionChange

_DESCRIBED = with_config(ConfigDict(use_attribute_docstrings=True))
"""Lets what stands under a field reach the JSON Schema, where people read it in LangGraph Studio."""


@_DESCRIBED
class JudgedTransition(TypedDict):
    """One transition that was looked at."""

    target_state: str
    description: str
    enabled: bool
    missing: list[str]
    """Keys that its conditions require and that were not present."""
    unanswered: NotRequired[list[str]]
    """Keys that its conditions want answered and that nobody had answered."""
    failed: list[str]
    """Descriptions of the conditions that did not hold."""
    handoff: NotRequired[str]
    """The agent that the user is handed over to by it, if it does that."""
    passed_over: str
    """Why news did not take it, where it was open; empty for the one that was taken."""


@_DESCRIBED
class Step(TypedDict):
    """One state's part in the turn."""

    state: str
    target_state: str | None
    """Where it led; `None` where the turn stayed."""
    why: Why | Literal["returned"]
    """`passed`: its questions were answered, so it did not ask; `returned`: a digression was over, so the turn went on
    where that had left."""
    candidates: list[JudgedTransition]


@_DESCRIBED
class RejectedWrite(TypedDict):
    """A write that was refused."""

    key: str
    reason: str
    kind: Literal["value", "key", "placeholder", "replaced", "unconfirmed"]
    """Whether the value did not fit, the key was not to be written, the value said nothing, another value of the same
    reply holds, or it confirms what it was not asked about."""


@_DESCRIBED
class ModelCall(TypedDict):
    """One call of the model."""

    state: str
    mode: Literal["understand", "think", "speak"]
    input_tokens: int | None
    output_tokens: int | None
    """Tokens as the provider counted them; `None` where it did not tell, 0 where no model was called."""
    at_least: NotRequired[bool]
    """Whether more were used than these: the provider did not tell all of them."""
    error: str
    """Why its reply was refused, or its message broke off or has a gap; empty where all was well."""
    replayed: bool
    """Whether it is the reply of an earlier run of the turn, which was decided on again: no model was called now."""


@_DESCRIBED
class RecordedToolCall(TypedDict):
    """One call of a tool."""

    state: str
    tool: str
    error: str
    """Why it was not made, or that it failed; empty where all was well."""


class ToolUse(RecordedToolCall):
    """One call of a tool, as the turn remembers it."""

    result: str | None
    """The tool's answer; `None` where it was not called."""
    step: int
    """How many states the turn had gone through."""


@_DESCRIBED
class TurnRecord(TypedDict):
    """One turn. The states and keys of a sub-machine are named by their paths: `payment/card`."""

    state: str
    """The state that the conversation was in before."""
    landing: str
    """The state that it is in now."""
    path: list[str]
    """The states that the turn went through, the first and the last of these included."""
    proposed: str | None
    """The target that the model's reply named."""
    why: Why | Literal["returned", "began", "ended", "failed"]
    """Why the first step went as it did; `began` or `ended` where there was none to take, `failed` where the turn did
    and something answered for it."""
    steps: list[Step]
    changed: list[str]
    """The keys whose value the turn changed, those that it removed among them."""
    told: list[str]
    """The keys that the model's replies wrote, be it with the value that they had."""
    news: dict[str, Whence]
    """The keys that transitions could fire on, and where they come from."""
    rejected: list[RejectedWrite]
    reasoning: str
    """The model's reasons, where replies are asked to give them."""
    said: list[str]
    """The states whose own words were said."""
    model_calls: list[ModelCall]
    tool_calls: list[RecordedToolCall]
    """The tools that were called, without what they were given and what they answered."""
    revision: str
    """The revision of the definition that the turn followed; empty where it has none."""
    failure: NotRequired[str]
    """The error of a turn that failed, where a handler or the definition's `fallback_message` answered for it: its
    kind, its state, and the kind of its cause."""
    handoff: NotRequired[str]
    """The agent that the user was handed over to, where one was; several are divided by commas."""
    definition: NotRequired[DefinitionChange]
    """The change of the definition since the turn before, where it is another one."""
    left_out: NotRequired[int]
    """The bytes of the user's message that the model was not given, where it was too long."""
    machine_keys: NotRequired[dict[str, JsonValue]]
    """The machine's own keys, with the values that they had; those that the definition reads."""


def step(state: str, target: str | None, route: Route) -> Step:
    """Note a route as a step; the state and the target are named by their paths."""
    return Step(state=state, target_state=target, why=route.why, candidates=[_candidate(v) for v in route.verdicts])


def returning(state: str, target: str) -> Step:
    """Note that a digression was over, as a step."""
    return Step(state=state, target_state=target, why="returned", candidates=[])


def rejected_write(rejection: Rejection) -> RejectedWrite:
    """Note a write that was refused."""
    return RejectedWrite(key=rejection.key, reason=rejection.reason, kind=rejection.kind)


def tool_call(use: ToolUse) -> RecordedToolCall:
    """Note a call of a tool."""
    return RecordedToolCall(state=use["state"], tool=use["tool"], error=use["error"])


def tokens_of(call: ModelCall) -> TokenCount:
    """Return the tokens of a call; one that an earlier release has stored tells 0 where they were not known."""
    if call["replayed"]:
        return NOTHING_USED
    read, written = call["input_tokens"] or None, call["output_tokens"] or None
    is_all = read is not None and written is not None and not call.get("at_least", False)
    return TokenCount(read, written, is_all=is_all)


def tokens_used(calls: Sequence[ModelCall]) -> TokenCount:
    """Sum the tokens of calls, as far as they are known."""
    counts = [tokens_of(call) for call in calls]
    return TokenCount(
        _sum([count.read for count in counts]),
        _sum([count.written for count in counts]),
        is_all=all(count.is_all for count in counts),
    )


def told_of(error: TurnError) -> str:
    """Note the error of a turn by its kind, its state and the kind of its cause; its text may have values in it."""
    cause = f": {type(error.__cause__).__name__}" if error.__cause__ is not None else ""
    return f"{type(error).__name__} in {error.state}{cause}"


def hindrances(candidate: JudgedTransition) -> list[str]:
    """Say why a transition that was looked at is not open; nothing where it is."""
    found = [f"missing {', '.join(candidate['missing'])}"] if candidate["missing"] else []
    found += [f"not answered yet: {', '.join(unanswered)}"] if (unanswered := candidate.get("unanswered")) else []
    found += (f"does not hold: {description}" for description in candidate["failed"])
    return found


def closed(taken: Step) -> list[str]:
    """Say of each transition that was looked at in a step why it was not taken."""
    told = ((each, "; ".join(hindrances(each)) or each["passed_over"]) for each in taken["candidates"])
    return [f"{each['target_state']!r}: {why}" for each, why in told]


def _sum(numbers: Sequence[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known or not numbers else None


def _candidate(verdict: Verdict) -> JudgedTransition:
    judged = JudgedTransition(
        target_state=verdict.transition.target_state,
        description=verdict.transition.description,
        enabled=verdict.enabled,
        missing=list(verdict.missing),
        failed=list(verdict.failed),
        passed_over=verdict.passed_over,
    )
    if verdict.unanswered:
        judged["unanswered"] = list(verdict.unanswered)
    if verdict.transition.handoff is not None:
        judged["handoff"] = verdict.transition.handoff
    return judged
