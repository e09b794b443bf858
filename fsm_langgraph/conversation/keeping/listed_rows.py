"""The rows of a checkpointer that is neither SQLite's nor PostgreSQL's: no more than it lists."""

from __future__ import annotations

from langchain_core.runnables import RunnableConfig

from fsm_langgraph.conversation.keeping.checkpoint_rows import OldCheckpoints, Saver, ThreadEnds
from fsm_langgraph.errors import SetupError


class ListedRows:
    """The checkpoints that a checkpointer of any other kind lists, each read as a whole."""

    def __init__(self, saver: Saver) -> None:
        self._saver = saver

    def ends(self, thread_id: str | None = None) -> list[ThreadEnds]:
        """Return the ends of each conversation, or of one if it is there."""
        found: dict[str, list[str]] = {}
        one: RunnableConfig | None = {"configurable": {"thread_id": thread_id}} if thread_id is not None else None
        for stored in self._saver.list(one):
            where = stored.config["configurable"]
            if not where.get("checkpoint_ns"):
                found.setdefault(where["thread_id"], []).append(where["checkpoint_id"])
        return [ThreadEnds(thread, min(ids), max(ids)) for thread, ids in found.items()]

    def count_bytes(self, thread_id: str) -> int | None:  # noqa: ARG002 - nothing tells it
        """Tell nothing."""
        return None

    def parents_since(self, thread_id: str, cut: str) -> dict[str, str | None]:  # noqa: ARG002 - it is refused
        """Refuse: such a checkpointer deletes whole conversations only.

        Raises:
            SetupError: Always.
        """
        raise SetupError(
            f"{type(self._saver).__name__}: it deletes whole conversations, and no part of one.\n"
            "  A SQLite file, by its path, and PostgreSQL, by its address, can be pruned so."
        )

    def count_old(self, thread_id: str, old: OldCheckpoints) -> int:
        """Refuse, as `parents_since` does."""
        return len(self.parents_since(thread_id, old.before))

    def delete_old(self, thread_id: str, old: OldCheckpoints) -> int:
        """Refuse, as `parents_since` does."""
        return len(self.parents_since(thread_id, old.before))

    def compact(self) -> None:
        """Do nothing: there is no file."""
