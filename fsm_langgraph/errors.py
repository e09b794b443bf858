"""Every error that this package raises, and `Problem`, the unit in which faults of a definition are told.

    FSMError
    ├── DefinitionError     a definition has problems; nothing was built           (problems)
    ├── LogicError          a JsonLogic expression was refused by the compiler     (problems)
    ├── ModelSetupError     no chat model could be made from what was given        (model)
    ├── ContextError        the caller's context was refused; nothing was stored   (key, reason)
    ├── ConversationError   a conversation id is unknown, taken or ended           (conversation_id)
    └── TurnError           a turn failed; the conversation is as it was before    (state)
        ├── ReplyError      the model gave no usable reply, however often asked    (reasons)
        ├── ModelError      the provider failed                                    (transient)
        └── TurnLimit       the machine went round without waiting for the user    (path)

One class stands for one thing that a caller would do differently. Each carries its facts as fields and builds
its sentence from them: where, what was found, what to do next.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault, found in a definition or in an expression."""

    path: str
    """Where it is, from the root of the document: `states.greeting.transitions[0].target_state`."""
    code: str
    """A stable name for this kind of fault, such as `unknown-target`."""
    message: str
    """What was found there, as a sentence."""
    advice: str = ""
    """What to do next; empty where the message says it all."""

    def __str__(self) -> str:
        advice = f"\n  {self.advice}" if self.advice else ""
        return f"{self.path or '(root)'}: {self.message}{advice}"

    def below(self, path: str) -> Problem:
        """Return the same problem, seen from a document that holds this one at `path`."""
        joiner = "" if not self.path or self.path.startswith("[") else "."
        return Problem(f"{path}{joiner}{self.path}", self.code, self.message, self.advice)


def suggest(name: str, known: Iterable[str], *, noun: str) -> str:
    """Build the advice for an unknown name: the nearest known one, and what there is."""
    names = sorted(known)
    if not names:
        return f"There are no {noun}."
    near = difflib.get_close_matches(name, names, n=1)
    listed = ", ".join(repr(n) for n in names[:12]) + (", …" if len(names) > 12 else "")
    return (f"Did you mean {near[0]!r}?  " if near else "") + f"{noun.capitalize()}: {listed}."


class FSMError(Exception):
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
