"""A store whose content is changed for that of another scenario, so that a graph is compiled with it once."""

from __future__ import annotations

from collections.abc import Iterable

from langgraph.store.base import BaseStore, Item, Op, Result


class ScenarioStore(BaseStore):
    """A store that hands all on to the one that holds now.

    Args:
        content: The store that holds first.
    """

    def __init__(self, content: BaseStore) -> None:
        self.content = content
        """The store that holds now."""

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        """Do several things at once; all methods come through here."""
        return self.content.batch(ops)

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        """Do several things at once; the twin of `batch`."""
        return await self.content.abatch(ops)


def items_of(store: BaseStore) -> list[Item] | None:
    """Return all that a store holds; `None` where it cannot be searched."""
    found: list[Item] = []
    try:
        while page := store.search((), limit=_PAGE, offset=len(found)):
            found += page
    except Exception:  # noqa: BLE001 - a store of one's own may do no more than get and put, and says so as it likes
        return None
    return found


def put_items(store: BaseStore, items: Iterable[Item]) -> None:
    """Have a store hold these items and no others."""
    kept = [*items]
    there = {(item.namespace, item.key) for item in kept}
    for item in items_of(store) or ():
        if (item.namespace, item.key) not in there:
            store.delete(item.namespace, item.key)
    for item in kept:
        store.put(item.namespace, item.key, item.value)


_PAGE = 1_000
