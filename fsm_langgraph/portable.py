"""Exceptions that cross process boundaries: pickle saves and loads them, whatever they carry.

The root of all exceptions of this package. A process pool gets the error of its worker, and not a broken pool.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterable
from typing import Any, Self, TypeVar


class Portable(Exception):  # noqa: N818 - not every exception that is one is an error
    """An exception that crosses process boundaries.

    One that is loaded from a pickle has the class, the text, the fields and the `__cause__` of the one that was
    saved. A cause that pickle cannot save or load, such as an error of a provider's client, is left out. A field or
    an argument that it cannot is kept as its `repr`. A copy shares the cause; a deep copy shares what cannot be
    copied.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        args = tuple(arg if _is_portable(arg) else repr(arg) for arg in self.args)
        fields = {name: value if _is_portable(value) else repr(value) for name, value in self.__dict__.items()}
        cause = self.__cause__ if _is_portable(self.__cause__) else None
        return _new, (type(self), args), _state(fields, cause)

    def __copy__(self) -> Self:
        return self._copied(lambda value: value)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self._copied(lambda value: _deep_copy(value, memo))

    def _copied(self, copy_value: Callable[[Any], Any]) -> Self:
        copied = _new(type(self), map(copy_value, self.args))
        fields = {name: copy_value(value) for name, value in self.__dict__.items()}
        copied.__setstate__(_state(fields, self.__cause__))
        return copied


P = TypeVar("P", bound=Portable)


def _new(kind: type[P], args: Iterable[Any]) -> P:
    """Make an exception that has its sentence already: `__init__` would take the facts and build another."""
    return kind.__new__(kind, *args)


def _is_portable(value: object) -> bool:
    """Say whether pickle can save and load a value."""
    # An exception of ours always can be, if its class is found. Trying it would try its own cause, and so on: each
    # exception of a chain would double the time.
    tried = type(value) if isinstance(value, Portable) else value
    try:
        pickle.loads(pickle.dumps(tried))  # noqa: S301 - it was saved in the same line
    except Exception:  # noqa: BLE001 - a foreign class may raise anything
        return False
    return True


def _state(fields: dict[str, Any], cause: BaseException | None) -> dict[str, Any]:
    """Build the state from which `BaseException.__setstate__` sets attributes."""
    # A cause that is set, be it to None, hides `__context__`; so without one nothing is set.
    return fields if cause is None else {**fields, "__cause__": cause}


def _deep_copy(value: Any, memo: dict[int, Any]) -> Any:
    try:
        return copy.deepcopy(value, memo)
    except Exception:  # noqa: BLE001 - a foreign class may raise anything
        return value
