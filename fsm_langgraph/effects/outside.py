"""The outside of a turn: what the effects of one run of a state are carried out with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from langchain_core.messages import AnyMessage
from langchain_core.runnables import RunnableConfig
from langgraph.constants import TAG_NOSTREAM

from fsm_langgraph.effects.deadlines import TurnTime
from fsm_langgraph.effects.idempotency_key import IdempotencyKey
from fsm_langgraph.errors import Superseded

if TYPE_CHECKING:
    from langgraph.runtime import Runtime

    from fsm_langgraph.locking import Hold

Entry = dict[str, Any]
"""One entry of the journal, as JSON data."""


class Journal(Protocol):
    """Keeps what the effects of a turn have come to, so that none is carried out again when the turn is run again.

    An effect looks for its entry first. Where there is one, it takes the answer from there. Where there is none, it
    says that it begins, is carried out, and records its answer. The replies that led there are noted as they come, and
    stored when the first handler or tool after them begins. So a turn that runs none costs no write.
    """

    is_needed: bool
    """Whether turns do anything that must not be done twice: whether there are handlers or tools."""
    noted: dict[str, str]
    """The entries that are noted and not stored yet, as JSON; they travel with the turn."""
    shown: set[str]
    """The ids of the machine's own messages that were shown in this run, an earlier attempt at it included."""

    def name(self, key: IdempotencyKey, *, is_numbered: bool = False) -> str:
        """Make the UUID of a key; a numbered one counts its equals in this run, as handlers may share a name."""
        ...

    def find(self, name: str, key: IdempotencyKey) -> Coroutine[Any, Any, Entry | None]:
        """Return the entry of this name, if an earlier run of the turn has made one."""
        ...

    def begin(self) -> Coroutine[Any, Any, None]:
        """Store what is noted: something is about to happen that depends on it."""
        ...

    def record(self, name: str, entry: Entry) -> Coroutine[Any, Any, None]:
        """Store an entry, so that a crash from now on cannot lose it."""
        ...

    def note(self, name: str, entry: Entry) -> None:
        """Note an entry, to be stored when the next effect begins."""
        ...

    def drop(self, name: str) -> None:
        """Take back a note."""
        ...


class Around(Protocol):
    """The graph around the machine's, of which it is a node."""

    @property
    def agents(self) -> Collection[str] | None:
        """The names of its nodes; `None` where they cannot be told."""
        ...

    def note_landing(self, values: Mapping[str, Any], update: Mapping[str, Any]) -> None:
        """Note whether a landing hands the user over, by the machine's state before it and the update that ends it."""
        ...


class SubMachine(Protocol):
    """The sub-machine of a state, ready to be run."""

    def run(self, turn: dict[str, Any], history: list[AnyMessage]) -> dict[str, Any]:
        """Play a turn's part inside; it goes in and comes out written down."""
        ...

    def arun(self, turn: dict[str, Any], history: list[AnyMessage]) -> Coroutine[Any, Any, dict[str, Any]]:
        """Play a turn's part inside; the twin of `run`."""
        ...


@dataclass(frozen=True, slots=True)
class Outside:
    """The means by which the effects of one run of a state are carried out."""

    config: RunnableConfig
    """LangGraph's config of the node that runs the state."""
    make_model_config: Callable[[], RunnableConfig]
    """Makes the config of its model calls: their callbacks, and the tags and metadata by which traces can tell them."""
    runtime: Runtime[Any]
    """LangGraph's runtime: the run context, the store, the stream writer."""
    journal: Journal
    around: Around | None = None
    """The graph around the machine's, if there is one."""
    sub_machine: SubMachine | None = None
    """The sub-machine of the state, if it has one."""
    hold: Hold | None = None
    """The turn's hold of its conversation, where that is kept."""
    time: TurnTime | None = None
    """The time of the turn; `None` where no deadlines are given."""

    def end_if_superseded(self) -> None:
        """End the turn where a newer message is to be answered instead; asked before an effect, and at each token.

        Raises:
            Superseded: One is.
        """
        if self.hold is not None and self.hold.is_superseded:
            raise Superseded(str((self.config.get("metadata") or {}).get("fsm_state", "")))

    @property
    def hidden_config(self) -> RunnableConfig:
        """The config of tools, whose own model calls are not for the user."""
        return hidden(self.config)


def hidden(config: RunnableConfig) -> RunnableConfig:
    """Keep what is called with this config out of LangGraph's `messages` stream."""
    return {**config, "tags": [*(config.get("tags") or ()), TAG_NOSTREAM]}
