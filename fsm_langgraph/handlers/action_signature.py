"""The signature of a handler's function: it is called with the event, and with nothing else."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


def fault_of(function: Callable[..., Any]) -> str:
    """Say why a function cannot be called with an event, as the end of "the handler …"; empty where it can.

    Args:
        function: A handler's function, or one of its conditions.
    """
    if not callable(function):
        return f"is a {type(function).__name__} and no function"
    if hasattr(function, "__wrapped__") or hasattr(function, "__signature__"):
        return ""  # it may be called otherwise than it says, as a decorator gives more arguments, or takes some
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):  # some that are written in C tell none
        return ""
    try:
        signature.bind(None)
    except TypeError:
        name = getattr(function, "__name__", type(function).__name__)
        return f"is called with the event and nothing else, and {name}{signature} does not take that"
    return ""
