"""The part of a turn that belongs to one machine: its context and what was found in it, its digressions, its frame.

A turn that goes into a sub-machine changes its scope and stays the same turn. Contexts and lists are replaced and never
written into, so that a shallow copy of a scope is a scope of its own.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fsm_langgraph.context.writes import Context, apply, changed_keys
from fsm_langgraph.routing import Whence
from fsm_langgraph.turn.frames import Frame, Left


@dataclass(slots=True)
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
    given: list[str] = field(default_factory=list)
    """The keys that came in as inputs, and that the model's replies had written in the machine around this one."""
    forgotten: list[str] = field(default_factory=list)
    """The keys that the states on the way have removed."""
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
    """In a sub-machine, the context that each exit reads of the machine that it belongs to, by the exit's target."""
    around_news: dict[str, Whence] = field(default_factory=dict)
    """In a sub-machine, the news of the machines around it."""
    _compared: tuple[Context, list[str], frozenset[str]] | None = field(
        default=None, init=False, repr=False, compare=False
    )
    """The last comparison: a context, what was forgotten by then, and the keys that had changed. It holds for as long
    as both are the same objects."""

    @property
    def changed(self) -> frozenset[str]:
        """The keys that the turn has changed. A key that was merely forgotten is none: no transition fires on it."""
        # Every route and every handler asks for this, and a context can be large.
        known = self._compared
        if known is None or known[0] is not self.context or known[1] is not self.forgotten:
            found = changed_keys(_without(self.base, self.forgotten), self.context)
            known = self._compared = (self.context, self.forgotten, found)
        return known[2]

    @property
    def news(self) -> dict[str, Whence]:
        """The keys that are news now, and where from."""
        found: dict[str, Whence] = dict.fromkeys(self.resumed, "digression")
        found.update(dict.fromkeys(self.retold, "message"))
        found.update((key, self.whence.get(key, "caller")) for key in sorted(self.changed))
        return found

    def write(self, writes: Mapping[str, Any], whence: Whence, none: Container[str] = ()) -> None:
        """Make writes in the context, and note where they come from; `none` are the keys that are kept with null."""
        self.context = apply(self.context, writes, none)
        self.whence = {**self.whence, **dict.fromkeys(writes, whence)}

    def forget(self, keys: Sequence[str], *, is_foreseen: bool) -> None:
        """Remove keys from what is known.

        Args:
            keys: The keys.
            is_foreseen: Whether the message's writer was told that they would be.
        """
        self.forgotten = [*self.forgotten, *keys]
        self.context = _without(self.context, keys)
        if is_foreseen:
            self.foreseen = _without(self.foreseen, keys)


def _without(context: Context, keys: Sequence[str]) -> Context:
    return {key: value for key, value in context.items() if key not in keys} if keys else context
