"""The error of coverage: its data or what is asked of it cannot be read."""

from __future__ import annotations

from fsm_langgraph.errors import FSMError


class CoverageError(FSMError):
    """Coverage cannot be told; the sentence says what to do."""
