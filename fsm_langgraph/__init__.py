"""Conversations written as finite state machines, compiled to LangGraph: the machine decides, the model talks."""

from fsm_langgraph.channels import FSMInput, FSMState
from fsm_langgraph.compiler import Graph, build_graph, compile_fsm
from fsm_langgraph.conversation import LLM_FSM
from fsm_langgraph.definition import Condition, ContextKey, FSMDefinition, State, Transition
from fsm_langgraph.errors import (
    ContextError,
    ConversationError,
    DefinitionError,
    FSMError,
    LogicError,
    ModelError,
    ModelSetupError,
    Problem,
    ReplyError,
    StateError,
    TurnError,
    TurnLimit,
)
from fsm_langgraph.loading import load_definition
from fsm_langgraph.record import TurnRecord

__all__ = [
    "LLM_FSM",
    "Condition",
    "ContextError",
    "ContextKey",
    "ConversationError",
    "DefinitionError",
    "FSMDefinition",
    "FSMError",
    "FSMInput",
    "FSMState",
    "Graph",
    "LogicError",
    "ModelError",
    "ModelSetupError",
    "Problem",
    "ReplyError",
    "State",
    "StateError",
    "Transition",
    "TurnError",
    "TurnLimit",
    "TurnRecord",
    "build_graph",
    "compile_fsm",
    "load_definition",
]
