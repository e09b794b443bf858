"""How long 200 scenarios with replies take on one core: those of the examples, their replies recorded, held in turn.

    python -m benchmarks.scenarios

The replies are the offline model's. What is measured is holding them anew, as a build does: the files are read, the
machines compiled, and no model is asked.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from fsm_langgraph.scenarios import ScenarioRunner, find_scenario_files, read_scenarios
from fsm_langgraph.scenarios.recording import record
from fsm_langgraph.scenarios.scenario_runner import recorded

GRAPHS = Path(__file__).parent.parent / "graphs"
SCENARIOS = 200


def main() -> None:
    """Print the table."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "graphs"
        shutil.copytree(GRAPHS, copy, ignore=shutil.ignore_patterns("__pycache__"))
        files = find_scenario_files([copy])
        for path in files:
            file = read_scenarios(path)
            runner = ScenarioRunner(file, recording="missing")
            record(path, recorded(file, [runner.run(scenario) for scenario in file.scenarios]))
        began, cpu = time.perf_counter(), time.process_time()
        held = turns = failed = 0
        while held < SCENARIOS:
            for path in files:
                file = read_scenarios(path)
                runner = ScenarioRunner(file)
                for outcome in map(runner.run, file.scenarios):
                    held, turns, failed = held + 1, turns + len(outcome.turns), failed + (not outcome.passed)
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    print("| scenarios | turns | failed | seconds | of the processor | ms a turn |")
    print("|---:|---:|---:|---:|---:|---:|")
    print(f"| {held} | {turns} | {failed} | {seconds:.1f} | {cpu:.1f} | {1000 * cpu / turns:.1f} |")


if __name__ == "__main__":
    main()
