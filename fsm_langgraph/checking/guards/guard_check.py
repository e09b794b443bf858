"""All checks of the guards of one machine, each fault told once, by the check that knows best."""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.guards.compared_values import find_impossible_values
from fsm_langgraph.checking.guards.constant_logic import find_constants
from fsm_langgraph.checking.guards.entry_facts import EntryFacts
from fsm_langgraph.checking.guards.gaps_between import prove_gaps
from fsm_langgraph.checking.guards.guard_parts import Guard, guards_of
from fsm_langgraph.checking.guards.meeting_ranges import prove_meeting_ranges
from fsm_langgraph.checking.guards.proof_questions import Questions
from fsm_langgraph.checking.guards.proved_conditions import prove_conditions
from fsm_langgraph.checking.guards.proved_order import MOST_TRANSITIONS, prove_order
from fsm_langgraph.checking.keys.broken_paths import broken_conditions
from fsm_langgraph.checking.keys.key_flow import KeyFlow
from fsm_langgraph.checking.keys.key_use import KeyUse
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.proving.prover import make_prover
from fsm_langgraph.checking.trial import takes_the_first
from fsm_langgraph.data.json_data import at


def find_guard_faults(view: MachineView) -> Iterator[Finding]:
    """Find the faults of the guards of a machine; without a solver only those that need none."""
    definition = view.definition
    guards = [*guards_of(definition)]
    broken = {id(condition) for condition in broken_conditions(view.once(KeyUse))}
    faulty = {each.path for each in guards if any(id(condition) in broken for condition in each.transition.conditions)}
    """The transitions of which something is told already, by their paths."""
    for guard in guards:
        found = [*find_constants(guard, definition.named_keys), *find_impossible_values(definition, guard)]
        if found:
            faulty.add(guard.path)
        yield from found
    if any(guard.parts for guard in guards) and (prover := make_prover(view)) is not None:
        yield from _proved(view, Questions(prover), guards, faulty)


def _proved(view: MachineView, questions: Questions, guards: list[Guard], faulty: set[str]) -> Iterator[Finding]:
    definition = view.definition
    for guard in guards:
        if guard.path not in faulty:
            for finding in prove_conditions(questions, guard):
                if finding.severity != "note":
                    faulty.add(guard.path)
                yield finding
            yield from _undecided(questions, guard.path, f"when {guard.name} is open")
    entry, flow = EntryFacts(definition, guards), view.once(KeyFlow)
    for state in definition.states.values():
        own = entry.out_of(state)
        if any(guard.path in faulty for guard in own):
            continue  # what is hidden or left out follows from the fault
        if takes_the_first(state):
            yield from prove_order(questions, definition, own)
        else:
            yield from prove_meeting_ranges(questions, own)
        yield from prove_gaps(questions, definition, state, entry, flow)
        if len(own) > MOST_TRANSITIONS:
            questions.undecided[f"more than {MOST_TRANSITIONS} transitions"] = None
        yield from _undecided(
            questions, at("states", state.id), f"what the transitions of {state.id!r} hide or leave out"
        )
    if questions.is_over:
        questions.undecided[f"the {questions.most:,} questions that were asked before"] = None
        yield from _undecided(questions, "", "what else its guards hide or leave out")


def _undecided(questions: Questions, path: str, subject: str) -> Iterator[Finding]:
    """Tell what was not decided, and why."""
    reasons = [*questions.undecided]
    questions.undecided.clear()
    if reasons:
        message = f"it is not decided {subject}, for {', '.join(reasons)}."
        advice = "Nothing was found, so nothing has to be changed: a scenario shows what it does."
        yield Finding(path, "undecided", message, advice)
