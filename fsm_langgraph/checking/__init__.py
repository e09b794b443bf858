"""Checking: a definition is proved before it is run.

codes        every kind of finding: number, severity, explanation, an example
finding      `Finding` and its witness
machine_view one machine of a definition, as the checks see it
placed_transitions  the transitions of a machine, each with where it stands
named_keys   the keys of a machine by who fills them and what reads them
forgetting   the keys that a state forgets as it is entered
misspelt_names  a name that is a known one with a slip of the hand in it
structure    states and transitions, in linear time
keys         who writes the keys and who reads them
guards       conditions that never hold, always hold, hide or miss something
proving      guards as formulas, decided by z3
texts        templates, and what is written as one
trust        secrets, and lookups whose place the model decides
access       who may write what, and what that opens
acceptances  findings that are meant so
joined_findings  findings that come of one slip
trial        which transitions are looked at, where nobody proposes one
word_lists   lists as sentences tell them
state_rows   the table of states, with their longest_prompts
flagged_picture  the picture of a machine with what was found in it
report       all of it: `findings(definition)`
"""

from fsm_langgraph.checking.acceptances import AcceptedFinding
from fsm_langgraph.checking.codes import CODES, Code, code_named
from fsm_langgraph.checking.finding import Finding, Severity, Witness, as_finding
from fsm_langgraph.checking.report import CHECKS, QUICK_CHECKS, Report, examine, findings

__all__ = [
    "CHECKS",
    "CODES",
    "QUICK_CHECKS",
    "AcceptedFinding",
    "Code",
    "Finding",
    "Report",
    "Severity",
    "Witness",
    "as_finding",
    "code_named",
    "examine",
    "findings",
]
