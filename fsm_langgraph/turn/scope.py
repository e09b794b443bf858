"""The part of a turn that belongs to one machine: its context and what was found in it, its digressions, its frame.

A turn that goes into a sub-machine changes its scope and stays the same turn. Contexts and lists are replaced and never
written into, so that a shallow copy of a scope is a scope of its own.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fsm_langgraph.context.secret_tokens import Secrets
from fsm_langgraph.context.values import same
from fsm_langgraph.context.writes import Context, answered_none, apply, changed_keys
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.routing import Whence
from fsm_langgraph.turn.frames import Frame, Left, without_news

ValueT = TypeVar("ValueT")


@dataclass  # without slots, so that a copy takes all that it has at once: each forecast makes one
class Scope:
    """One machine's part of a turn under way."""

    base: Context
    """The context before the turn, against which a key has changed or not."""
    context: Context
    """The context as it stands now."""
    foreseen: Context = field(default_factory=dict)
    """The part of the context that the message's writer knew: what its state was shown and the reply itself wrote."""
    learned: list[str] = field(default_factory=list)
    """The keys that the model's replies wrote."""
    rewritten: list[str] = field(default_factory=list)
    """The keys that the last reply has changed."""
    overtaken: list[str] = field(default_factory=list)
    """Those of them by whose value before its prompt had decided the sections of other states' texts."""
    ahead: list[str] = field(default_factory=list)
    """The keys that were told in a state that does not collect them: states that forget them do not forget these."""
    forgotten: list[str] = field(default_factory=list)
    """The keys that the turn has removed, on entering states or since they did not hold any more."""
    stale: Context = field(default_factory=dict)
    """Those that did not hold any more, each with the default that it took, null where it has none."""
    late: list[str] = field(default_factory=list)
    """In a sub-machine, the inputs that changed around it while nobody was inside: no news, but handlers see them."""
    answered: list[str] = field(default_factory=list)
    """The keys that were written before the turn and have their default's value."""
    whence: dict[str, Whence] = field(default_factory=dict)
    """Where the keys that were written in the turn come from; the caller wrote what was changed before it."""
    retold: list[str] = field(default_factory=list)
    """The keys that were told again, with the same value, in the state that asks for them."""
    resumed: list[str] = field(default_factory=list)
    """The news that a digression has interrupted, which counts once."""
    taken: list[str] = field(default_factory=list)
    """The transitions that the turn has taken, by their names."""
    passed: list[str] = field(default_factory=list)
    """The states that the turn has passed, since their questions were answered."""
    left: list[Left] = field(default_factory=list)
    """Where digressions have left, the last one last."""
    frame: Frame | None = None
    """The sub-machine that runs in the state, as it stood when the turn came there."""
    around: dict[str, Context] = field(default_factory=dict)
    """In a sub-machine, the context that each exit reads of the machine that it belongs to, by the exit's name."""
    around_news: dict[str, Whence] = field(default_factory=dict)
    """In a sub-machine, the news of the machines around it."""
    around_written: list[str] = field(default_factory=list)
    """In a sub-machine, the keys that are written in the machines around it."""
    secrets: Secrets | None = field(default=None, repr=False, compare=False)
    """The secrets of the machine, whose tokens are in its contexts; `None` where neither it nor another one of the run
    has any. They are not written down with it."""
    _compared: tuple[Context, list[str], frozenset[str]] | None = field(
        default=None, init=False, repr=False, compare=False
    )
    """The last comparison: a context, what was forgotten by then, and the keys that had changed. It holds for as long
    as both are the same objects."""

    def __copy__(self) -> Scope:
        """Return a copy; Python's own way takes three times as long."""
        copied = object.__new__(Scope)
        copied.__dict__.update(self.__dict__)
        return copied

    @property
    def changed(self) -> frozenset[str]:
        """The keys that the turn has changed. A key that was merely forgotten is none: no transition fires on it."""
        # Every route and every handler asks for this, and a context can be large.
        known = self._compared
        if known is None or known[0] is not self.context or known[1] is not self.forgotten:
            taken = {key: default for key, default in self.stale.items() if default is not None}
            found = changed_keys({**_without(self.base, self.forgotten), **taken}, self.context)
            known = self._compared = (self.context, self.forgotten, found)
        return known[2]

    @property
    def revealed(self) -> Context:
        """The context as it stands now, with the values of secrets: for guards, handlers, tools and lookups alone."""
        return self.reveal(self.context)

    @property
    def news(self) -> dict[str, Whence]:
        """The keys that are news now, and where from."""
        found: dict[str, Whence] = dict.fromkeys(self.resumed, "digression")
        found.update(dict.fromkeys(self.retold, "message"))
        found.update((key, self.whence.get(key, "caller")) for key in sorted(self.changed))
        return found

    @property
    def altered(self) -> frozenset[str]:
        """The keys whose value the turn has changed, those that it merely forgot among them: for its record alone."""
        return self.changed | changed_keys(self.base, self.context) if self.forgotten else self.changed

    @property
    def written(self) -> frozenset[str]:
        """The keys that are written, though some may have their default's value."""
        return frozenset((*self.answered, *self.whence))

    def write(self, writes: Mapping[str, Any], whence: Whence, none: Container[str] = ()) -> None:
        """Make writes in the context, and note where they come from; `none` are the keys that are kept with null."""
        self.context = apply(self.context, writes, none)
        self.whence = {**self.whence, **dict.fromkeys(writes, whence)}

    def secrets_of(self, definition: FSMDefinition) -> Secrets | None:
        """Return the secrets of another machine of the run."""
        return self.secrets.of(definition.secret_keys) if self.secrets is not None else None

    def reveal(self, context: Context) -> Context:
        """Return one of the machine's contexts with the values of secrets."""
        return context if self.secrets is None else self.secrets.reveal(context)

    def hidden(self, writes: Context) -> Context:
        """Put tokens in the places of the secrets in writes."""
        return writes if self.secrets is None else self.secrets.hide(writes)

    def read(self, writes: Mapping[str, Any]) -> Mapping[str, Any]:
        """Put values in the places of the tokens in writes."""
        return writes if self.secrets is None else self.secrets.read(writes)

    def forget(self, keys: Sequence[str], *, is_foreseen: bool) -> None:
        """Remove keys from what is known.

        Args:
            keys: The keys.
            is_foreseen: Whether the message's writer was told that they would be.
        """
        if not keys:
            return
        self.forgotten = [*self.forgotten, *keys]
        self.context = _without(self.context, keys)
        self.stale, self.whence = _without(self.stale, keys), _without(self.whence, keys)
        self.late = [key for key in self.late if key not in keys]
        self.answered = [key for key in self.answered if key not in keys]
        self.retold = [key for key in self.retold if key not in keys]
        self.resumed = [key for key in self.resumed if key not in keys]
        self.left = without_news(self.left, keys)
        if is_foreseen:
            self.foreseen = _without(self.foreseen, keys)

    def spoil(self, stale: Context, *, is_foreseen: bool) -> None:
        """Forget the keys that no longer hold; each takes the default that is given, null where it has none.

        Args:
            stale: The keys, with their defaults.
            is_foreseen: Whether the message's writer was told that they would be forgotten.
        """
        if not stale:
            return
        self.forget([*stale], is_foreseen=is_foreseen)
        self.context, self.stale = apply(self.context, stale), {**self.stale, **stale}
        if is_foreseen:
            self.foreseen = apply(self.foreseen, stale)

    def hold_again(self, key: str) -> None:
        """Give a key that did not hold any more its value of before the turn back."""
        self.late = [each for each in self.late if each != key]
        self.stale, self.forgotten = _without(self.stale, [key]), [each for each in self.forgotten if each != key]
        self.context = apply(self.context, {key: self.base.get(key)}, answered_none(self.base, (key,)))

    def take_back(self, key: str) -> None:
        """Undo what the turn has written in a key."""
        before = self.base.get(key) if key not in self.forgotten else self.stale.get(key)
        self.ahead = [each for each in self.ahead if each != key]
        is_same = same(before, self.context.get(key))  # a value that was refused is not its own replacement
        if is_same and key in self.late:  # it came in from around: what the sub-machine had before is there again
            self.whence = _without(self.whence, [key])
            self.hold_again(key)
            return
        if not is_same:
            self.whence = _without(self.whence, [key])
        none = answered_none(self.base, () if is_same or key in self.forgotten else (key,))
        self.context = apply(self.context, {key: None if is_same else before}, none)


def _without(context: dict[str, ValueT], keys: Sequence[str]) -> dict[str, ValueT]:
    return {key: value for key, value in context.items() if key not in keys} if keys else context
