"""Coverage in a run of pytest: each process writes what it has seen, and the one that reports combines it.

Under pytest-xdist the workers run the tests, and are done before the controller reports.
"""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from fsm_langgraph.errors import FSMError
from fsm_langgraph.testing.coverage.coverage_report import coverage_text
from fsm_langgraph.testing.coverage.data_files import Combined, combine_coverage, erase_coverage, save_coverage
from fsm_langgraph.testing.coverage.figures import below, figures, read_limits
from fsm_langgraph.testing.coverage.measuring import Measuring


class PluginCoverage:
    """Measures what the tests of a process cover; a plugin of its own.

    Args:
        config: pytest's.

    Raises:
        CoverageError: The least that is wanted cannot be read.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.measuring = Measuring()
        self._listening = ExitStack()
        self._folder = config.rootpath
        self._is_worker = hasattr(config, "workerinput")
        wanted = config.option.fsm_fail_under
        self._limits = read_limits(wanted) if wanted is not None else {}
        self._listening.enter_context(self.measuring.listens())
        self._combined: Combined | None = None
        self._faults: list[str] = []
        if not self._is_worker and not config.option.fsm_coverage_append:
            erase_coverage(self._folder)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write what this process has seen; fail the run where all of them have seen too little."""
        if measured := self.measuring.all:
            save_coverage(measured, self._folder)
        if self._is_worker:
            return
        try:
            self._combined = combine_coverage(self._folder)
            self._faults = below(self._limits, figures(self._combined.measured))
        except FSMError as error:
            self._faults = [str(error)]
        if self._faults and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_unconfigure(self) -> None:
        """Listen no more."""
        self._listening.close()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell what was covered."""
        terminalreporter.section("coverage of conversations")
        if self._combined is not None:
            terminalreporter.write_line(
                coverage_text(self._combined, max(terminalreporter.config.get_terminal_writer().fullwidth, 60))
            )
        for fault in self._faults:
            terminalreporter.write_line(f"Too little was covered: {fault}", red=True)
