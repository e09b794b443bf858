# The names of the package for type checkers; `__init__.py` imports each when it is first asked for.

from fsm_langgraph.checking import Finding, findings
from fsm_langgraph.conversation.keeping.housekeeping import (
    compact_database,
    delete_conversations,
    list_conversations,
    prune_conversations,
    prune_history,
)
from fsm_langgraph.conversation.keeping.overview import ConversationOverview
from fsm_langgraph.conversation.llm_fsm import LLM_FSM
from fsm_langgraph.conversation.pieces import Piece
from fsm_langgraph.data.size_limits import Limits
from fsm_langgraph.definition import (
    Condition,
    ContextKey,
    FSMDefinition,
    GlobalTransition,
    Lookup,
    Migration,
    State,
    Transition,
)
from fsm_langgraph.drawing import Picture
from fsm_langgraph.effects.deadlines import Deadlines
from fsm_langgraph.errors import (
    ArgumentError,
    CallerError,
    ContextError,
    ConversationError,
    DeadlineError,
    DefinitionError,
    EncryptionError,
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
    SizeError,
    StaleDefinition,
    StateError,
    StorageError,
    StoredDataError,
    StoredFormError,
    StoredTypeError,
    StoreError,
    StoreSetupError,
    StuckError,
    Superseded,
    TemplateLimit,
    ToolError,
    ToolSetupError,
    TurnConflict,
    TurnError,
    TurnLimit,
)
from fsm_langgraph.exploring import conversations, decisions, states, timeline, turns
from fsm_langgraph.exploring.exporting import export_conversations
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
from fsm_langgraph.stored_data.safe_serializer import safe_serializer
from fsm_langgraph.testing.held_conversation import ConversationFixture, HeldConversation
from fsm_langgraph.testing.simulation import SimulatedUser, asimulate, simulate
from fsm_langgraph.tools.tool_key import ToolIdempotencyKey
from fsm_langgraph.turn.definition_change import DefinitionChange
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
    "ConversationOverview",
    "DeadlineError",
    "Deadlines",
    "DefinitionChange",
    "DefinitionError",
    "EncryptionError",
    "Event",
    "FSMContext",
    "FSMDefinition",
    "FSMError",
    "FSMInput",
    "FSMState",
    "Finding",
    "GlobalTransition",
    "Graph",
    "GraphSetupError",
    "GraphToolError",
    "HandlerError",
    "HandlerSetupError",
    "Handlers",
    "HandoffError",
    "HeldConversation",
    "Limits",
    "LogicError",
    "Lookup",
    "Migration",
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
    "SizeError",
    "StaleDefinition",
    "State",
    "StateError",
    "StorageError",
    "StoreError",
    "StoreSetupError",
    "StoredDataError",
    "StoredFormError",
    "StoredTypeError",
    "StuckError",
    "Superseded",
    "TemplateLimit",
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
    "compact_database",
    "compile_fsm",
    "conversations",
    "create_handler",
    "decisions",
    "delete_conversations",
    "delete_messages",
    "export_conversations",
    "findings",
    "list_conversations",
    "load_definition",
    "prune_conversations",
    "prune_history",
    "safe_serializer",
    "simulate",
    "states",
    "timeline",
    "turns",
]

_MODULES: dict[str, str]
