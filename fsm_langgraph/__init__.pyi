# The names of the package for type checkers; `__init__.py` imports each when it is first asked for.

from fsm_langgraph.conversation.llm_fsm import LLM_FSM
from fsm_langgraph.conversation.pieces import Piece
from fsm_langgraph.definition import Condition, ContextKey, FSMDefinition, GlobalTransition, Lookup, State, Transition
from fsm_langgraph.drawing import Picture
from fsm_langgraph.effects.deadlines import Deadlines
from fsm_langgraph.errors import (
    ArgumentError,
    CallerError,
    ContextError,
    ConversationError,
    DeadlineError,
    DefinitionError,
    FSMError,
    GraphSetupError,
    GraphToolError,
    HandlerError,
    HandlerSetupError,
    HandoffError,
    LogicError,
    MissingDataError,
    MissingMessagesError,
    ModelError,
    ModelRefusal,
    ModelSetupError,
    OptionSetupError,
    Problem,
    ReferenceSetupError,
    RefusedReply,
    ReplyError,
    RunContextError,
    ScenarioError,
    SetupError,
    StateError,
    StorageError,
    StoredFormError,
    StoreError,
    StoreSetupError,
    StuckError,
    Superseded,
    ToolError,
    ToolSetupError,
    TurnConflict,
    TurnError,
    TurnLimit,
)
from fsm_langgraph.exploring import conversations, decisions, timeline, turns
from fsm_langgraph.graph.as_tool.conversation_tool import ToolProgress
from fsm_langgraph.graph.as_tool.tool_turn import ToolArtifact
from fsm_langgraph.graph.channels import FSMInput, FSMState
from fsm_langgraph.graph.compiler import build_graph, compile_fsm
from fsm_langgraph.graph.graph import Graph
from fsm_langgraph.graph.older_messages import adelete_messages, delete_messages
from fsm_langgraph.handlers import Event, Handlers, RejectValue, create_handler
from fsm_langgraph.loading import load_definition
from fsm_langgraph.models.run_context import FSMContext
from fsm_langgraph.models.scripted import ScriptedModel
from fsm_langgraph.testing.held_conversation import ConversationFixture, HeldConversation
from fsm_langgraph.testing.simulation import SimulatedUser, asimulate, simulate
from fsm_langgraph.tools.tool_key import ToolIdempotencyKey
from fsm_langgraph.turn.record import TurnRecord

__all__ = [
    "LLM_FSM",
    "ArgumentError",
    "CallerError",
    "Condition",
    "ContextError",
    "ContextKey",
    "ConversationError",
    "ConversationFixture",
    "DeadlineError",
    "Deadlines",
    "DefinitionError",
    "Event",
    "FSMContext",
    "FSMDefinition",
    "FSMError",
    "FSMInput",
    "FSMState",
    "GlobalTransition",
    "Graph",
    "GraphSetupError",
    "GraphToolError",
    "HandlerError",
    "HandlerSetupError",
    "Handlers",
    "HandoffError",
    "HeldConversation",
    "LogicError",
    "Lookup",
    "MissingDataError",
    "MissingMessagesError",
    "ModelError",
    "ModelRefusal",
    "ModelSetupError",
    "OptionSetupError",
    "Picture",
    "Piece",
    "Problem",
    "ReferenceSetupError",
    "RefusedReply",
    "RejectValue",
    "ReplyError",
    "RunContextError",
    "ScenarioError",
    "ScriptedModel",
    "SetupError",
    "SimulatedUser",
    "State",
    "StateError",
    "StorageError",
    "StoreError",
    "StoreSetupError",
    "StoredFormError",
    "StuckError",
    "Superseded",
    "ToolArtifact",
    "ToolError",
    "ToolIdempotencyKey",
    "ToolProgress",
    "ToolSetupError",
    "Transition",
    "TurnConflict",
    "TurnError",
    "TurnLimit",
    "TurnRecord",
    "adelete_messages",
    "asimulate",
    "build_graph",
    "compile_fsm",
    "conversations",
    "create_handler",
    "decisions",
    "delete_messages",
    "load_definition",
    "simulate",
    "timeline",
    "turns",
]

_MODULES: dict[str, tuple[str, ...]]
