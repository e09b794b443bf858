"""Conversations written as finite state machines, compiled to LangGraph.

The machine decides, the model talks. A name is imported from its module when it is first asked for, so that
`import fsm_langgraph` and the command line's `--help` do not wait for LangGraph.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fsm_langgraph.conversation.llm_fsm import LLM_FSM
    from fsm_langgraph.conversation.pieces import Piece
    from fsm_langgraph.definition import (
        Condition,
        ContextKey,
        FSMDefinition,
        GlobalTransition,
        Lookup,
        State,
        Transition,
    )
    from fsm_langgraph.drawing import Picture
    from fsm_langgraph.errors import (
        ArgumentError,
        ContextError,
        ConversationError,
        DefinitionError,
        FSMError,
        HandlerError,
        HandlerSetupError,
        LogicError,
        MissingDataError,
        MissingMessagesError,
        ModelError,
        ModelSetupError,
        OptionSetupError,
        Problem,
        ReferenceSetupError,
        ReplyError,
        RunContextError,
        SetupError,
        StateError,
        StoredFormError,
        StoreError,
        StoreSetupError,
        StuckError,
        ToolError,
        ToolSetupError,
        TurnError,
        TurnLimit,
    )
    from fsm_langgraph.exploring import conversations, decisions, timeline, turns
    from fsm_langgraph.graph.channels import FSMInput, FSMState
    from fsm_langgraph.graph.compiler import build_graph, compile_fsm
    from fsm_langgraph.graph.graph import Graph
    from fsm_langgraph.graph.older_messages import adelete_messages, delete_messages
    from fsm_langgraph.handlers import Event, Handlers, RejectValue, create_handler
    from fsm_langgraph.loading import load_definition
    from fsm_langgraph.models.run_context import FSMContext
    from fsm_langgraph.models.scripted import ScriptedModel
    from fsm_langgraph.testing.simulation import SimulatedUser, asimulate, simulate
    from fsm_langgraph.turn.record import TurnRecord

__all__ = [
    "LLM_FSM",
    "ArgumentError",
    "Condition",
    "ContextError",
    "ContextKey",
    "ConversationError",
    "DefinitionError",
    "Event",
    "FSMContext",
    "FSMDefinition",
    "FSMError",
    "FSMInput",
    "FSMState",
    "GlobalTransition",
    "Graph",
    "HandlerError",
    "HandlerSetupError",
    "Handlers",
    "LogicError",
    "Lookup",
    "MissingDataError",
    "MissingMessagesError",
    "ModelError",
    "ModelSetupError",
    "OptionSetupError",
    "Picture",
    "Piece",
    "Problem",
    "ReferenceSetupError",
    "RejectValue",
    "ReplyError",
    "RunContextError",
    "ScriptedModel",
    "SetupError",
    "SimulatedUser",
    "State",
    "StateError",
    "StoreError",
    "StoreSetupError",
    "StoredFormError",
    "StuckError",
    "ToolError",
    "ToolSetupError",
    "Transition",
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

_MODULES = {
    "conversation.llm_fsm": ("LLM_FSM",),
    "conversation.pieces": ("Piece",),
    "definition": ("Condition", "ContextKey", "FSMDefinition", "GlobalTransition", "Lookup", "State", "Transition"),
    "drawing": ("Picture",),
    "exploring": ("conversations", "decisions", "timeline", "turns"),
    "graph.channels": ("FSMInput", "FSMState"),
    "graph.compiler": ("build_graph", "compile_fsm"),
    "graph.graph": ("Graph",),
    "graph.older_messages": ("adelete_messages", "delete_messages"),
    "handlers": ("Event", "Handlers", "RejectValue", "create_handler"),
    "loading": ("load_definition",),
    "models.run_context": ("FSMContext",),
    "models.scripted": ("ScriptedModel",),
    "testing.simulation": ("SimulatedUser", "asimulate", "simulate"),
    "turn.record": ("TurnRecord",),
}
"""The names of `__all__` by their modules, in the order of these; all others are errors."""
_DRAWN = ("FSMDefinition", "load_definition")
"""Names by which users get a definition, which shows its picture in a notebook once `drawing` is imported."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = next((module for module, names in _MODULES.items() if name in names), "errors")
    if name in _DRAWN:
        import_module(f"{__name__}.drawing")
    value = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
