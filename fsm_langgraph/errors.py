"""Every error that this package raises, and `Problem`, the unit in which faults of a definition are told.

    FSMError
    ├── DefinitionError     a definition has problems; nothing was built           (problems)
    ├── LogicError          a JsonLogic expression was refused by the compiler     (problems)
    ├── SetupError          the graph cannot be built with what was given
    │   ├── OptionSetupError     options that there are not, or that make no sense (problems, given)
    │   ├── ModelSetupError      no chat model could be made of it                 (model)
    │   ├── ReferenceSetupError  handlers or tools could not be loaded             (option, reference, found, advice)
    │   ├── HandlerSetupError    handlers name states that there are not           (problems)
    │   ├── ToolSetupError       tools are not those that the states name          (problems)
    │   ├── StoreSetupError      the store lacks what the definition requires      (lookups)
    │   ├── GraphToolError       no tool can be made of the graph                  (name, reason)
    │   └── GraphSetupError      own nodes, edges or channels do not fit           (found, advice)
    ├── ArgumentError       what was handed over is of a kind that cannot be used (name, value)
    ├── ContextError        the caller's context was refused; nothing was stored   (key, reason)
    ├── ConversationError   a conversation id is unknown, taken or ended           (conversation_id)
    │   └── MissingMessagesError  its older messages are not in the store          (missing)
    ├── CallerError         who calls a machine's tool lacks what that needs       (tool, reason)
    ├── StoredFormError     something stored is of a later release                 (form, version, known)
    ├── TurnConflict        two turns would be stored over each other              (reason, advice)
    └── TurnError           a turn failed, and has changed nothing                 (state, shown, shown_ids)
        ├── RunContextError what was chosen for this run cannot be used            (reason)
        ├── ReplyError      the model gave no usable reply, however often asked    (reasons)
        ├── ModelError      the provider failed                                    (transient)
        ├── ModelRefusal    the model or its provider refused to answer            (reason, words)
        ├── HandlerError    a handler failed                                       (handler, moment)
        ├── ToolError       a tool failed, or did what it may not                  (tool)
        ├── HandoffError    the graph around has no such agent                     (agent, known)
        ├── MissingDataError  the store lacks what a required lookup asks for      (lookup, namespace, key)
        ├── StoreError      the store failed
        ├── StateError      a state is named that there is not, or is no more      (known, reason)
        ├── StuckError      no transition leads on where nobody can wait           (verdicts)
        └── TurnLimit       the machine went round without waiting for the user    (path)

One class stands for one thing that a caller would do differently. Each carries its facts as fields and builds
its sentence from them: where, what was found, what to do next. Every one survives pickle and copying (`Portable`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from fsm_langgraph.portable import Portable


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault, found in a definition or in an expression."""

    path: str
    """Where it is, from the root of the document: `states.greeting.transitions[0].target_state`."""
    code: str
    """A stable name for this kind of fault, such as `unknown-target`."""
    message: str
    """The fault, as a sentence."""
    advice: str = ""
    """The next thing to do; empty where the message says it all."""
    severity: Literal["error", "warning"] = "error"
    """Whether the definition is refused for it, or may be meant so."""

    def __str__(self) -> str:
        advice = f"\n  {self.advice}" if self.advice else ""
        return f"{self.path or '(root)'}: {self.message}{advice}"

    def below(self, path: str) -> Problem:
        """Return the same problem, seen from a document that holds this one at `path`."""
        joiner = "" if not self.path or self.path.startswith("[") else "."
        return replace(self, path=f"{path}{joiner}{self.path}")


def suggest(name: str, known: Iterable[str], *, noun: str) -> str:
    """Build the advice for an unknown name: the nearest known one, and what there is."""
    names = sorted(known)
    if not names:
        return f"There are no {noun}."
    # Of names that are equally near, the one that begins alike: after "=" comes "==" and not ">=".
    near = sorted(difflib.get_close_matches(name, names), key=lambda other: not other.startswith(name))
    listed = ", ".join(repr(n) for n in names[:12]) + (", …" if len(names) > 12 else "")
    return (f"Did you mean {near[0]!r}?  " if near else "") + f"{noun.capitalize()}: {listed}."


def misspelt(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that this one misspells by one letter: too many, missing, wrong, or in the wrong place."""
    return next((other for other in known if name != other and len(other) > 2 and _is_one_slip(name, other)), None)


def _is_one_slip(one: str, other: str) -> bool:
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, others = one[start:], other[start:]
    swapped = rest[1:2] + rest[:1] + rest[2:]
    return rest[1:] == others or rest == others[1:] or rest[1:] == others[1:] or swapped == others


class FSMError(Portable):
    """The root of every error that this package raises."""


class DefinitionError(FSMError):
    """A definition has problems; `problems` holds every one of them, in document order."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        count = f"{len(self.problems)} problem" + ("" if len(self.problems) == 1 else "s")
        super().__init__("\n".join([f"{source}: {count}", *map(str, self.problems)]))


class LogicError(FSMError):
    """A JsonLogic expression was refused; `problems` holds why, with paths inside the expression."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class SetupError(FSMError):
    """The graph cannot be built with what was given besides the definition; nothing was built."""


class OptionSetupError(SetupError):
    """Options have names that there are not, or values that make no sense; `problems` holds every one of them."""

    def __init__(self, problems: Sequence[Problem], given: Mapping[str, object]) -> None:
        self.problems = tuple(problems)
        self.given = dict(given)
        super().__init__("\n".join(map(str, self.problems)))


class ModelSetupError(SetupError):
    """No chat model could be made from what was given; the sentence says what to give instead."""

    def __init__(self, model: object, reason: str, advice: str) -> None:
        self.model = model
        super().__init__(f"{model!r}: {reason}\n  {advice}")


class ReferenceSetupError(SetupError):
    """Handlers or tools that were given by reference could not be loaded; `__cause__` is what their code raised."""

    def __init__(self, option: str, reference: object, found: str, advice: str) -> None:
        self.option = option
        self.reference = reference
        self.found = found
        self.advice = advice
        super().__init__(f"{option}={str(reference)!r}: {found}\n  {advice}")


class HandlerSetupError(SetupError):
    """Handlers name states that the definition does not have; `problems` holds every such name."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class ToolSetupError(SetupError):
    """The tools that were given are not those that the states name; `problems` holds everything that is wrong."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class GraphToolError(SetupError):
    """A graph cannot be made a tool as it was meant to."""

    def __init__(self, name: str, reason: str, advice: str) -> None:
        self.name = name
        self.reason = reason
        super().__init__(f"the tool {name!r}: {reason}\n  {advice}")


class StoreSetupError(SetupError):
    """The store lacks what the definition requires of it; nothing was built."""

    def __init__(self, missing: Mapping[str, str], advice: str) -> None:
        self.lookups = tuple(missing)
        told = [f"lookup {name!r} is required, but {reason}." for name, reason in missing.items()]
        super().__init__("\n".join([*told, f"  {advice}"]))


class GraphSetupError(SetupError):
    """A node, an edge or a channel of one's own does not fit the machine's graph."""

    def __init__(self, found: str, advice: str) -> None:
        self.found = found
        self.advice = advice
        super().__init__(f"{found}\n  {advice}")


class ArgumentError(FSMError, TypeError):
    """A message, an id or the like is of a kind that cannot be used; nothing was done."""

    def __init__(self, name: str, value: object, advice: str) -> None:
        self.name = name
        self.value = value
        super().__init__(f"{name}: it is of type {type(value).__name__}, not a text.\n  {advice}")


class ContextError(FSMError, ValueError):
    """A value that the caller put into the context was refused; nothing was stored.

    It is a `ValueError` too: of other errors, a LangGraph server tells its clients the name only.
    """

    def __init__(self, key: str, reason: str) -> None:
        self.key = key
        self.reason = reason
        place = f"context[{key!r}]: its" if key else "context: its"
        super().__init__(f"{place} value {reason}. Nothing was stored; correct it and call again.")


class ConversationError(FSMError):
    """A conversation cannot be used as it was meant to."""

    def __init__(self, conversation_id: str, reason: str) -> None:
        self.conversation_id = conversation_id
        super().__init__(f"conversation {conversation_id!r}: {reason}")


class MissingMessagesError(ConversationError):
    """Older messages of a conversation are not to be had; `__cause__` is the store's own error, if it failed."""

    def __init__(self, conversation_id: str, missing: int, cause: Exception | None = None) -> None:
        self.missing = missing
        failed = f"it failed with {type(cause).__name__}: {cause}" if cause is not None else "it does not have them"
        super().__init__(
            conversation_id,
            f"its first {missing} messages are in the store that it was held with, and cannot be read: {failed}.\n"
            "  Give the graph that store; the messages after these are in its state: get_state(config).",
        )


class CallerError(FSMError):
    """A machine's tool was called by an agent that lacks something that it needs; nothing was stored."""

    def __init__(self, tool: str, reason: str, advice: str) -> None:
        self.tool = tool
        self.reason = reason
        super().__init__(f"the tool {tool!r}: {reason}\n  {advice}")


class StoredFormError(FSMError):
    """Something that is stored was written by a later release of this package; nothing was changed."""

    def __init__(self, form: str, version: int, known: int) -> None:
        self.form = form
        self.version = version
        self.known = known
        super().__init__(
            f"the stored {form} is of version {version}, and this release reads versions up to {known}.\n"
            "  Go on with the release that wrote it, or a later one: pip install --upgrade fsm-langgraph."
        )


class TurnConflict(FSMError):  # noqa: N818 - a conflict is no fault of either turn
    """Two turns of one conversation would be stored over each other; neither was."""

    def __init__(self, reason: str, advice: str) -> None:
        self.reason = reason
        self.advice = advice
        super().__init__(f"{reason}\n  {advice}")


class TurnError(FSMError):
    """A turn failed, and has changed nothing.

    `shown` are the messages that the user has been shown all the same, and `shown_ids` are their ids.
    """

    def __init__(self, state: str, sentence: str) -> None:
        self.state = state
        self.shown: tuple[str, ...] = ()
        self.shown_ids: tuple[str, ...] = ()
        super().__init__(f"state {state!r}: {sentence}")

    def __str__(self) -> str:
        told = f"\n  It had shown: {'; '.join(map(repr, self.shown))}." if self.shown else ""
        return f"{super().__str__()}{told}"


_AGAIN = "The conversation is as it was; the message can be sent again."


class RunContextError(TurnError):
    """The caller chose something for this run, in the run context or the config, that cannot be used."""

    def __init__(self, state: str, reason: str) -> None:
        self.reason = reason
        super().__init__(state, f"the run cannot be as it was asked for: {reason}\n  {_AGAIN}")


class ReplyError(TurnError):
    """The model gave no usable reply, however often it was asked; nothing of what it wrote was shown."""

    def __init__(self, state: str, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        asked = "once" if len(self.reasons) == 1 else f"{len(self.reasons)} times"
        why = "; then ".join(self.reasons)
        super().__init__(state, f"the model was asked {asked} and gave no usable reply: {why}.\n  {_AGAIN}")


class ModelError(TurnError):
    """The model's provider failed before anything was shown; `__cause__` is its own error."""

    def __init__(self, state: str, cause: Exception, *, transient: bool) -> None:
        self.transient = transient
        super().__init__(state, f"the model could not be called: {type(cause).__name__}: {cause}\n  {_AGAIN}")


Refused = Literal["refusal", "content filter", "safety"]
"""The ways to refuse: the model declined, its provider's filter stopped it, or the provider's safety rules did."""


class ModelRefusal(TurnError):  # noqa: N818 - to refuse is an answer, and no fault
    """The model refused to answer, or its provider stopped it, before anything was shown.

    It was not asked again, as that would be paid for and refused too. `words` are the provider's own, where it had any.
    """

    def __init__(self, state: str, reason: Refused, words: str = "") -> None:
        self.reason = reason
        self.words = words
        said = f": {words!r}" if words else ", without a word."
        super().__init__(
            state,
            f"{refused_by(reason)}{said}\n"
            "  The conversation is as it was; it takes another wording, or an ERROR handler that answers.",
        )


def refused_by(reason: Refused) -> str:
    """Tell who refused."""
    return {
        "refusal": "the model refused to answer",
        "content filter": "the provider's content filter refused the answer",
        "safety": "the provider's safety rules refused the answer",
    }[reason]


class HandlerError(TurnError):
    """A handler failed; `__cause__` is its own error."""

    def __init__(self, state: str, handler: str, moment: str, cause: Exception) -> None:
        self.handler = handler
        self.moment = moment
        super().__init__(state, f"handler {handler!r} failed at {moment}: {type(cause).__name__}: {cause}\n  {_AGAIN}")


class ToolError(TurnError):
    """A tool failed, or did what it may not; `__cause__` is its own error, where there is one."""

    def __init__(self, state: str, tool: str, reason: str, advice: str = _AGAIN) -> None:
        self.tool = tool
        super().__init__(state, f"tool {tool!r} {reason}\n  {advice}")


class HandoffError(TurnError):
    """A turn hands the user over to an agent that the graph around does not have."""

    def __init__(self, state: str, agent: str, known: Iterable[str]) -> None:
        self.agent = agent
        self.known = tuple(sorted(known))
        advice = suggest(agent, self.known, noun="nodes")
        super().__init__(
            state,
            f"the user is handed over to {agent!r}, and the graph directly around this one has no such node.\n"
            f"  {advice}  {_AGAIN}",
        )


class MissingDataError(TurnError):
    """A required lookup found nothing in the store.

    `namespace` and `key` are where it was made; what is made of a secret, or could not be made, is as the file has it.
    """

    def __init__(self, state: str, lookup: str, namespace: Sequence[str], key: str, reason: str) -> None:
        self.lookup = lookup
        self.namespace = tuple(namespace)
        self.key = key
        super().__init__(
            state,
            f"lookup {lookup!r} is required, but {reason}: namespace {self.namespace!r}, key {key!r}.\n"
            f'  Put what is missing there, or let the definition do without: "required": false.\n  {_AGAIN}',
        )


class StoreError(TurnError):
    """The store failed; `__cause__` is its own error."""

    def __init__(self, state: str, cause: Exception) -> None:
        super().__init__(state, f"the store could not be read: {type(cause).__name__}: {cause}\n  {_AGAIN}")


_STORED = (
    "the conversation was stored in it, but the definition has no such state.\n"
    "  Restore it, or go on in another: update_state(config, {'current_state': <id>})."
)


class StateError(TurnError):
    """A state is named that there is not: by a stored conversation, an edit of one, or a jump."""

    def __init__(self, state: str, known: Iterable[str], reason: str = _STORED, *, noun: str = "states") -> None:
        self.known = tuple(known)
        self.reason = reason
        super().__init__(state, f"{reason}\n  {suggest(state, self.known, noun=noun)}")


class StuckError(TurnError):
    """The turn came to a silent state or a step of thought out of which no transition is open; nobody can wait there.

    `verdicts` says why each of its transitions is closed.
    """

    def __init__(self, state: str, verdicts: Sequence[str]) -> None:
        self.verdicts = tuple(verdicts)
        why = "".join(f"\n  {verdict}" for verdict in self.verdicts)
        super().__init__(
            state,
            f"no transition out of it is open, and no turn can rest in it.{why}\n"
            f"  Give it a transition without conditions, tried last, for whatever is left.  {_AGAIN}",
        )


class TurnLimit(TurnError):  # noqa: N818 - the established name
    """The machine went from state to state without waiting for the user, more often than `max_steps` allows."""

    def __init__(self, state: str, path: Sequence[str]) -> None:
        self.path = tuple(path)
        super().__init__(
            state,
            f"the turn went through {len(self.path)} states without an end: {_shortened(self.path)}.\n"
            "  Let a state on the way wait for the user, or make max_steps larger.",
        )


def _shortened(path: Sequence[str]) -> str:
    shown = path if len(path) <= 8 else [*path[:4], "…", *path[-3:]]
    return " → ".join(shown)
