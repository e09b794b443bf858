"""The root of the tree."""

from __future__ import annotations

from fsm_langgraph.portable import Portable


class FSMError(Portable):
    """The root of every error that this package raises."""
