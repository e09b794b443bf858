"""The errors of a turn that has begun: it failed, and the conversation is as it was.

Each knows the state in which the turn failed, and what the user had been shown by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fsm_langgraph.errors.fsm_error import FSMError
from fsm_langgraph.errors.problem import suggest


class TurnError(FSMError):
    """A turn failed, and has changed nothing.

    `shown` are the messages that the user has been shown all the same, and `shown_ids` are their ids. `is_within` says
    whether the machine ran within another graph, which has the message too.
    """

    def __init__(self, state: str, sentence: str) -> None:
        self.state = state
        self.shown: tuple[str, ...] = ()
        self.shown_ids: tuple[str, ...] = ()
        self.is_within = False
        super().__init__(f"state {state!r}: {sentence}")

    def __str__(self) -> str:
        sentence, told = super().__str__(), "; ".join(map(_quoted, self.shown))
        if self.is_within:
            sentence = sentence.replace(MEND, _MEND_WITHIN)
        return f"{sentence}\n  It had shown: {told}." if told else sentence


def _quoted(message: str) -> str:
    """Quote a message, and of a long one, as those that never stop, its two ends."""
    if len(message) <= _QUOTED:
        return repr(message)
    half = _QUOTED // 2
    return f"{message[:half]!r} … {message[-half:]!r}, {len(message):,} characters in all"


_QUOTED = 400
"""How many characters of a message stand in an error's sentence."""

AGAIN = "The conversation is as it was; the message can be sent again."
"""The advice where nothing else is to be done."""
_UNREAD = "The conversation is as it was, and its message unread: each later turn reads it too, and may fail again.\n"
MEND = (
    f"{_UNREAD}  Mend this, and send the message again; or drop it: "
    "update_state(config, {'messages': [RemoveMessage(<its id>)]})."
)
"""The advice where code of the application's is at fault."""
_MEND_WITHIN = (
    f"{_UNREAD}  Mend this, and send the message again; or drop it, here first and then in the graph around:\n"
    "  update_state(<each config>, {'messages': [RemoveMessage(<its id>)]}), where this machine's is\n"
    "  get_state(config, subgraphs=True).tasks[0].state.config."
)
"""The same where the machine runs within another graph."""


class RunContextError(TurnError):
    """The caller chose something for this run, in the run context or the config, that cannot be used."""

    def __init__(self, state: str, reason: str) -> None:
        self.reason = reason
        super().__init__(state, f"the run cannot be as it was asked for: {reason}\n  {AGAIN}")


class HandlerError(TurnError):
    """A handler failed; `__cause__` is its own error."""

    def __init__(self, state: str, handler: str, moment: str, cause: Exception) -> None:
        self.handler = handler
        self.moment = moment
        super().__init__(state, f"handler {handler!r} failed at {moment}: {type(cause).__name__}: {cause}\n  {MEND}")


class ToolError(TurnError):
    """A tool failed, or did what it may not; `__cause__` is its own error, where there is one."""

    def __init__(self, state: str, tool: str, reason: str, advice: str = MEND) -> None:
        self.tool = tool
        super().__init__(state, f"tool {tool!r} {reason}\n  {advice}")


class Superseded(TurnError):  # noqa: N818 - to be overtaken is no fault
    """A newer message of the user's has come, and the turn has ended early; both are read in the newer one's turn."""

    def __init__(self, state: str) -> None:
        super().__init__(
            state,
            "a newer message has come, and this one is read with it.\n  Show the answer to that; do not send again.",
        )


class HandoffError(TurnError):
    """A turn hands the user over to an agent that the graph around does not have."""

    def __init__(self, state: str, agent: str, known: Iterable[str]) -> None:
        self.agent = agent
        self.known = tuple(sorted(name for name in known if not name.startswith("__")))  # LangGraph's own
        advice = suggest(agent, self.known, noun="nodes")
        super().__init__(
            state,
            f"the user is handed over to {agent!r}, and the graph directly around this one has no such node.\n"
            f"  {advice}  {AGAIN}",
        )


class TemplateLimit(TurnError):  # noqa: N818 - the established name
    """A template would have filled the memory: its sections multiply what a value holds."""

    def __init__(self, state: str, template: str) -> None:
        self.template = template
        super().__init__(
            state,
            f"the template {template} makes more than a prompt can hold when it is filled with the context as it is.\n"
            f"  Nest its sections less, or see that the lists in them stay short.  {AGAIN}",
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
            f'  Put what is missing there, or let the definition do without: "required": false.\n  {AGAIN}',
        )


class StoreError(TurnError):
    """The store failed; `__cause__` is its own error."""

    def __init__(self, state: str, cause: Exception) -> None:
        super().__init__(state, f"the store could not be read: {type(cause).__name__}: {cause}\n  {AGAIN}")


GO_ON_ELSEWHERE = ", or go on in another: update_state(config, {'current_state': <id>})."
_STORED = f"the conversation was stored in it, but the definition has no such state.\n  Restore it{GO_ON_ELSEWHERE}"


class StateError(TurnError, ValueError):
    """A state is named that there is not: by a stored conversation, an edit of one, or a jump.

    It is a `ValueError` too: of other errors, a LangGraph server tells its clients the name only.
    """

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
            f"  Give it a transition without conditions, tried last, for whatever is left.  {AGAIN}",
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
