"""Every error that this package raises, and `Problem`, the unit in which faults of a definition are told.

    FSMError
    ├── DefinitionError     a definition has problems; nothing was built           (problems)
    ├── ScenarioError       a file of scenarios has problems; none was run         (problems)
    ├── LogicError          a JsonLogic expression was refused by the compiler     (problems)
    ├── SetupError          the graph cannot be built with what was given
    │   ├── OptionSetupError     options that there are not, or that make no sense (problems, given)
    │   ├── ModelSetupError      no chat model could be made of it                 (model)
    │   ├── ReferenceSetupError  handlers or tools could not be loaded             (option, reference, found, advice)
    │   ├── HandlerSetupError    handlers name states that there are not           (problems)
    │   ├── ToolSetupError       tools are not those that the states name          (problems)
    │   ├── StoreSetupError      the store lacks what the definition requires      (lookups)
    │   ├── GraphToolError       no tool can be made of the graph                  (name, reason)
    │   └── GraphSetupError      own nodes, edges or channels do not fit           (found, advice)
    ├── ArgumentError       what was handed over is of a kind that cannot be used (name, value)
    ├── SizeError           a message that was handed over is larger than its limit (size, limit, option)
    ├── ContextError        the caller's context was refused; nothing was stored   (key, reason)
    ├── ConversationError   a conversation id is unknown, taken or ended           (conversation_id)
    │   ├── MissingMessagesError  its older messages are not in the store          (missing)
    │   └── StaleDefinition  it does not fit its definition, which has changed     (differences, held_with, definition)
    ├── CallerError         who calls a machine's tool lacks what that needs       (tool, reason)
    ├── StorageError        the database of the conversations failed               (found)
    │   └── StoredDataError      what it holds of one cannot be read as data       (advice, conversation_id)
    │       ├── StoredTypeError  it names types that are not built                 (types)
    │       └── EncryptionError  it is encrypted, and cannot be decrypted
    ├── StoredFormError     something stored is of a later release                 (form, version, known)
    ├── TurnConflict        two turns of one conversation are not both to be had   (reason, advice)
    ├── RefusedReply        a reply was refused, which traces alone see            (state, reason, reply, schema)
    └── TurnError           a turn failed, and has changed nothing                 (state, shown, shown_ids, is_within)
        ├── RunContextError what was chosen for this run cannot be used            (reason)
        ├── ReplyError      the model gave no usable reply, however often asked    (reasons)
        ├── ModelError      the provider failed                                    (transient, retry_after, broke_off)
        │   └── DeadlineError  there was no answer in time                         (deadline, seconds)
        ├── ModelRefusal    the model or its provider refused to answer            (reason, words)
        ├── HandlerError    a handler failed                                       (handler, moment)
        ├── ToolError       a tool failed, or did what it may not                  (tool)
        ├── Superseded      a newer message is answered instead
        ├── HandoffError    the graph around has no such agent                     (agent, known)
        ├── TemplateLimit   a template would have filled the memory                (template)
        ├── MissingDataError  the store lacks what a required lookup asks for      (lookup, namespace, key)
        ├── StoreError      the store failed
        ├── StateError      a state is named that there is not, or is no more      (known, reason)
        ├── StuckError      no transition leads on where nobody can wait           (verdicts)
        └── TurnLimit       the machine went round without waiting for the user    (path)

One class stands for one thing that a caller would do differently. Each carries its facts as fields and builds
its sentence from them: where, what was found, what to do next. Every one survives pickle and copying (`Portable`).
"""

from fsm_langgraph.errors.call_errors import (
    ArgumentError,
    CallerError,
    ContextError,
    ConversationError,
    EncryptionError,
    MissingMessagesError,
    SizeError,
    StaleDefinition,
    StorageError,
    StoredDataError,
    StoredFormError,
    StoredTypeError,
    TurnConflict,
)
from fsm_langgraph.errors.fsm_error import FSMError
from fsm_langgraph.errors.model_errors import (
    Deadline,
    DeadlineError,
    ModelError,
    ModelRefusal,
    Refused,
    ReplyError,
    refused_by,
)
from fsm_langgraph.errors.problem import Place, Problem, misspelt, suggest
from fsm_langgraph.errors.setup_errors import (
    DefinitionError,
    GraphSetupError,
    GraphToolError,
    HandlerSetupError,
    LogicError,
    ModelSetupError,
    OptionSetupError,
    ReferenceSetupError,
    ScenarioError,
    SetupError,
    StoreSetupError,
    ToolSetupError,
)
from fsm_langgraph.errors.trace_errors import RefusedReply
from fsm_langgraph.errors.turn_errors import (
    HandlerError,
    HandoffError,
    MissingDataError,
    RunContextError,
    StateError,
    StoreError,
    StuckError,
    Superseded,
    TemplateLimit,
    ToolError,
    TurnError,
    TurnLimit,
)

__all__ = [
    "ArgumentError",
    "CallerError",
    "ContextError",
    "ConversationError",
    "Deadline",
    "DeadlineError",
    "DefinitionError",
    "EncryptionError",
    "FSMError",
    "GraphSetupError",
    "GraphToolError",
    "HandlerError",
    "HandlerSetupError",
    "HandoffError",
    "LogicError",
    "MissingDataError",
    "MissingMessagesError",
    "ModelError",
    "ModelRefusal",
    "ModelSetupError",
    "OptionSetupError",
    "Place",
    "Problem",
    "ReferenceSetupError",
    "Refused",
    "RefusedReply",
    "ReplyError",
    "RunContextError",
    "ScenarioError",
    "SetupError",
    "SizeError",
    "StaleDefinition",
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
    "ToolError",
    "ToolSetupError",
    "TurnConflict",
    "TurnError",
    "TurnLimit",
    "misspelt",
    "refused_by",
    "suggest",
]
