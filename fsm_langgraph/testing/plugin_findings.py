"""The warnings of the definitions that pytest has held conversations with, told once, beneath the results.

Where several processes hold them (`pytest -n auto`), each sends what it has found to the one that tells.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fsm_langgraph.definition import FSMDefinition


class PluginFindings:
    """Collects warnings, and tells them.

    Args:
        config: The run's settings.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._told: dict[tuple[str, ...], None] = {}

    def add(self, file: Path, definition: FSMDefinition) -> None:
        """Take a definition that is in use, with its file."""
        from fsm_langgraph.checking.first_warnings import first_warnings

        folder = self._config.invocation_params.dir
        name = os.path.relpath(file, folder) if file.absolute().is_relative_to(folder) else str(file)
        if lines := first_warnings(definition, name):
            self._told[lines] = None

    def pytest_sessionfinish(self) -> None:
        """Send what was found to the process that tells it, if that is another."""
        if (output := getattr(self._config, "workeroutput", None)) is not None:
            output[_SENT] = [list(lines) for lines in self._told]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what another process has found."""
        sent = getattr(node, "workeroutput", {}).get(_SENT, ())
        self._told |= {tuple(lines): None for lines in sent}

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell it."""
        if self._told:
            terminalreporter.section("warnings of conversations", yellow=True)
            for line in (line for lines in self._told for line in lines):
                terminalreporter.write_line(line)


_SENT = "fsm_warnings"
