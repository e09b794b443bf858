"""The secrets that tools write: tokens take their places before LangChain tells callbacks what a tool has returned.

LangChain tells them within the tool's own `run`, so that the function below it is the one place that comes before. The
tools of a machine with secret keys are copies, whose functions pass what they return through `HIDE`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any

from langgraph.types import Command

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

Hide = Callable[[dict[str, Any]], dict[str, Any]]
"""Puts tokens in the places of the secrets in writes."""
HIDE: ContextVar[Hide | None] = ContextVar("fsm_hide", default=None)
"""Hides the writes of the tool that runs; `None` outside of a turn."""


def hiding(tool: BaseTool) -> BaseTool:
    """Return a tool that does the same, and returns tokens in the places of secrets that it writes."""
    kind: Any = type(tool)
    if kind in _KINDS.values():
        return tool
    copy = tool.model_copy()
    object.__setattr__(copy, "__class__", _KINDS.get(kind) or _KINDS.setdefault(kind, _hiding_kind(kind)))
    return copy


_KINDS: dict[Any, Any] = {}
"""The classes of such tools, by those that they are made of."""


def _hiding_kind(kind: Any) -> Any:
    @wraps(kind._run)
    def run(self: Any, *args: Any, **options: Any) -> Any:
        return _hidden(kind._run(self, *args, **options))

    @wraps(kind._arun)
    async def arun(self: Any, *args: Any, **options: Any) -> Any:
        return _hidden(await kind._arun(self, *args, **options))

    return type(kind.__name__, (kind,), {"__module__": kind.__module__, "_run": run, "_arun": arun})


def _hidden(returned: Any) -> Any:
    hide = HIDE.get()
    if hide is None:
        return returned
    if isinstance(returned, list):
        return [_hidden(each) for each in returned]
    update = returned.update if isinstance(returned, Command) and not returned.graph else None
    context = update.get("context") if isinstance(update, Mapping) else None
    if update is None or not isinstance(context, Mapping):
        return returned
    return replace(returned, update={**update, "context": hide({**context})})
