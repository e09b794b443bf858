"""Conversations as tests: the format of scenarios, and what runs them through the real compiled graph.

    read_scenarios(path) -> ScenarioFile    raises ScenarioError, with every fault and its line
        .path .definition_path .definition .scenarios .line_of(scenario)
    ScenarioRunner(file, model=None)        compiles once for all scenarios of the file
        .run(scenario) -> ScenarioOutcome
            .passed .scenario .place .seconds .differences
            .given .turns -> TurnOutcome …  turn by turn, until one is not as it is written
                .turn .message .record .before .after .error .asked .differences -> Difference
    report(outcome) -> str                  a failure as plain text
    Rehearsal(stage, scenario)              one conversation, held turn by turn by whoever has no file
        .turn(ScenarioTurn) -> TurnOutcome

scenario            the frozen models of the format
scenario_file       finding files, and a file -> its scenarios
    scenario_shape, scenario_faults, pause_faults, idle_expectations   every fault in it, and its line
stage               a definition's compiled graphs, their checkpointer, their store
    turn_script, scenario_store                     the model that gives replies, the store that is changed
rehearsal           one conversation
    expectations, text_pattern                      what a turn says, held against what was found
scenario_runner     all scenarios of a file
outcome             what came of it, as data
    failure_report                                  a failure in words
"""

from fsm_langgraph.scenarios.failure_report import report
from fsm_langgraph.scenarios.outcome import Difference, ScenarioOutcome, ScenarioStanding, TurnOutcome
from fsm_langgraph.scenarios.rehearsal import Rehearsal
from fsm_langgraph.scenarios.scenario import Scenario, ScenarioTurn, ScriptedReply
from fsm_langgraph.scenarios.scenario_file import ScenarioFile, find_scenario_files, is_scenario_file, read_scenarios
from fsm_langgraph.scenarios.scenario_runner import ScenarioRunner
from fsm_langgraph.scenarios.stage import Stage

__all__ = [
    "Difference",
    "Rehearsal",
    "Scenario",
    "ScenarioFile",
    "ScenarioOutcome",
    "ScenarioRunner",
    "ScenarioStanding",
    "ScenarioTurn",
    "ScriptedReply",
    "Stage",
    "TurnOutcome",
    "find_scenario_files",
    "is_scenario_file",
    "read_scenarios",
    "report",
]
