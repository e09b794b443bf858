"""Tests of what takes real time, on a machine that may stand still for seconds.

WAIT            whoever waits for something that must come waits so long: only a failing test takes that time
in_real_time    a test of what must not come too late is tried again with more time
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest

WAIT = 120.0
"""Seconds after which a test gives up."""

_LONGER = (1, 5, 25)


def in_real_time(seconds: float) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a test a time that passes while it waits, as `short`; a longer one where it fails.

    A test in which something must happen before that time is over fails by chance where the machine stands still for
    as long. One that fails at the longest too does not.

    Args:
        seconds: The time in the first try.
    """

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @wraps(test)
        def run(*args: Any, **kwargs: Any) -> None:
            *shorter, longest = (seconds * times for times in _LONGER)
            for short in shorter:
                try:
                    return test(*args, short=short, **kwargs)
                except (Exception, pytest.fail.Exception):  # noqa: BLE001, S112 - tried again with more time
                    continue
            return test(*args, short=longest, **kwargs)

        signature = inspect.signature(test)
        given = [each for name, each in signature.parameters.items() if name != "short"]
        run.__signature__ = signature.replace(parameters=given)  # type: ignore[attr-defined]  # pytest reads it
        return run

    return decorate
