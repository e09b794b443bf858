"""The checks of this kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.machine_view import MachineView

KEY_CHECKS: tuple[Callable[[MachineView], Iterator[Finding]], ...] = ()
