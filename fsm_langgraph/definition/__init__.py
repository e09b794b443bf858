"""The file format: a conversation as frozen models.

`load_definition` (in `loading/`) makes these from a file and reports everything that is wrong with it; past
that door nobody checks again what is guaranteed here. The models hold what the file says and the few facts
that follow from it alone (which keys a transition reads, whether a state is final); they decide nothing.

The format is version 3.0 of LLM-FSM's, with optional additions; a file without them means what it means
there.
"""

from fsm_langgraph.definition.checks import Acceptance, Checks
from fsm_langgraph.definition.definition import FSMDefinition
from fsm_langgraph.definition.identity import Identity, read_identity
from fsm_langgraph.definition.keys import ContextKey, Lookup
from fsm_langgraph.definition.migration import Migration, joined
from fsm_langgraph.definition.state import State
from fsm_langgraph.definition.transition import EVERYTHING, Condition, GlobalTransition, Transition

__all__ = [
    "EVERYTHING",
    "Acceptance",
    "Checks",
    "Condition",
    "ContextKey",
    "FSMDefinition",
    "GlobalTransition",
    "Identity",
    "Lookup",
    "Migration",
    "State",
    "Transition",
    "joined",
    "read_identity",
]
