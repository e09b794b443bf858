"""The place of a handler's function, for those who are told what is wrong with the handler."""

from __future__ import annotations

import inspect
from pathlib import Path
from types import CodeType

from fsm_langgraph.errors import Place
from fsm_langgraph.handlers.event import Action


def place_of(action: Action) -> Place | None:
    """Return where a function is written, its decorators first; `None` for one that stands in no file.

    Functions around it that say so, as `functools.wraps` does, are looked through.
    """
    code = getattr(inspect.unwrap(action), "__code__", None)
    if not isinstance(code, CodeType) or not Path(code.co_filename).is_file():
        return None
    return Place(code.co_filename, code.co_firstlineno, 1)
