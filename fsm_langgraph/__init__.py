"""Conversations written as finite state machines, compiled to LangGraph.

The machine decides, the model talks. A name is imported from its module when it is first asked for, so that
`import fsm_langgraph` and the command line's `--help` do not wait for LangGraph.
"""

from importlib import import_module
from typing import Any

_MODULES = {
    "checking": "Finding findings",
    "conversation.keeping.housekeeping": (
        "compact_database delete_conversations list_conversations prune_conversations prune_history"
    ),
    "conversation.keeping.overview": "ConversationOverview",
    "conversation.llm_fsm": "LLM_FSM",
    "conversation.pieces": "Piece",
    "data.size_limits": "Limits",
    "definition": "Condition ContextKey FSMDefinition GlobalTransition Lookup Migration State Transition",
    "drawing": "Picture",
    "effects.deadlines": "Deadlines",
    "errors": (
        "ArgumentError CallerError ContextError ConversationError DeadlineError DefinitionError "
        "EncryptionError FSMError GraphSetupError GraphToolError HandlerError HandlerSetupError HandoffError "
        "LogicError MissingDataError MissingMessagesError ModelError ModelRefusal ModelSetupError "
        "OptionSetupError Problem ReferenceSetupError RefusedReply ReplyError RunContextError ScenarioError "
        "SetupError SizeError StaleDefinition StateError StorageError StoreError StoreSetupError "
        "StoredDataError StoredFormError StoredTypeError StuckError Superseded TemplateLimit ToolError "
        "ToolSetupError TurnConflict TurnError TurnLimit"
    ),
    "exploring": "conversations decisions states timeline turns",
    "exploring.exporting": "export_conversations",
    "graph.as_tool.conversation_tool": "ToolProgress",
    "graph.as_tool.tool_turn": "ToolArtifact",
    "graph.channels": "FSMInput FSMState",
    "graph.compiler": "build_graph compile_fsm",
    "graph.graph": "Graph",
    "graph.older_messages": "adelete_messages delete_messages",
    "handlers": "Event Handlers RejectValue create_handler",
    "loading": "load_definition",
    "models.run_context": "FSMContext",
    "models.scripted": "ScriptedModel",
    "stored_data.safe_serializer": "safe_serializer",
    "testing.held_conversation": "ConversationFixture HeldConversation",
    "testing.simulation": "SimulatedUser asimulate simulate",
    "tools.tool_key": "ToolIdempotencyKey",
    "turn.definition_change": "DefinitionChange",
    "turn.record": "TurnRecord",
}
"""The names by their modules, in one text for each, of which an import makes nothing; `__init__.pyi` has them for type
checkers. So `__all__` too is made when it is asked for."""

_DRAWN = ("FSMDefinition", "load_definition")
"""Names by which users get a definition, which shows its picture in a notebook once `drawing` is imported."""


def __getattr__(name: str) -> Any:
    if name == "__all__":
        return sorted(" ".join(_MODULES.values()).split())
    module = next((module for module, names in _MODULES.items() if name in names.split()), None)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in _DRAWN:
        import_module(f"{__name__}.drawing")
    value = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__getattr__("__all__")})
