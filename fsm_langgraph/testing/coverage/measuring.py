"""Measuring: the definitions that are to be covered, and the machines that are made of them meanwhile.

    measuring = Measuring()
    measuring.add("shop.yaml", load_definition("shop.yaml"))
    with measuring.listens():
        fsm = LLM_FSM.from_file("shop.yaml", model)     # whoever makes it
    fsm.converse(…)
    measuring.all                                        # what was seen

A machine is measured where its definition was added. All others that are made in the process stay unheard.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.handlers import Handlers
from fsm_langgraph.listening import Listener, listening
from fsm_langgraph.testing.coverage.coverable import coverable_handlers
from fsm_langgraph.testing.coverage.machine_listener import MachineListener
from fsm_langgraph.testing.coverage.measured import Measured, fingerprint, measured


class Measuring:
    """The definitions that are measured in this process."""

    def __init__(self) -> None:
        self._by_fingerprint: dict[str, Measured] = {}

    @property
    def all(self) -> list[Measured]:
        """The definitions as they were measured, in the order in which they were added."""
        return [*self._by_fingerprint.values()]

    def add(self, file: str | Path, definition: FSMDefinition) -> Measured:
        """Measure a definition; one that is known already goes on."""
        known = self._by_fingerprint.get(fingerprint(definition))
        if known is None:
            known = measured(file, definition)
            self._by_fingerprint[known.fingerprint] = known
        return known

    @contextmanager
    def listens(self) -> Iterator[None]:
        """Measure the machines that are made in here of these definitions."""
        with listening(self._listener):
            yield

    def _listener(self, definition: FSMDefinition, handlers: Handlers) -> Listener | None:
        known = self._by_fingerprint.get(fingerprint(definition))
        if known is None:
            return None
        known.add_items(coverable_handlers(handlers))
        return MachineListener(definition, known)
