"""The codes of what `check --handlers` finds in the handlers and tools for a definition."""

from __future__ import annotations

from typing import Literal

from fsm_langgraph.checking.codes.code import Code

_PYTHON = "It is about handlers and tools, which are Python."


def _code(
    number: str, name: str, title: str, explanation: str, severity: Literal["error", "warning"] = "error"
) -> Code:
    return Code(number, name, severity, title, explanation, example="", mended="", unshown=_PYTHON)


HANDLER_CODES: tuple[Code, ...] = (
    _code(
        "FSM070",
        "not-loaded",
        "Handlers that could not be loaded",
        "The reference leads to no file, module or object, or importing it failed; the message says where.",
    ),
    _code(
        "FSM071",
        "no-handlers",
        "Handlers that are something else",
        "The reference leads to something that is no `Handlers`, such as a plain list of functions, which says\n"
        "nothing of the moments at which they run.",
    ),
    _code(
        "FSM072",
        "unknown-state",
        "A handler for a state that there is not",
        "The handler would never run. A state of a sub-machine is named by its path: `payment/card`.",
    ),
    _code(
        "FSM073",
        "unknown-sub-machine",
        "A handler for a sub-machine that there is not",
        "The handlers of a sub-machine are included under the state that runs it.",
    ),
    _code(
        "FSM074",
        "unknown-tool",
        "A tool that a state names and nobody gives",
        "`tools` beside the handlers, or `compile_fsm(tools=[…])`, has no tool of this name.",
    ),
    _code(
        "FSM075",
        "no-tools",
        "Tools that are something else",
        "Tools are given as a list, or as LangGraph's `ToolNode`.",
    ),
    _code(
        "FSM076",
        "no-tool",
        "Something that is no tool",
        "LangChain makes a tool of a function with a docstring and types; the message says what this one lacks.",
    ),
    _code(
        "FSM077",
        "asked-key",
        "A tool that would ask the model for its idempotency key",
        "LangChain has the model fill in an argument whose type is a union. There always is a key: leave `| None` out.",
    ),
    _code(
        "FSM078",
        "idle-handler",
        "A handler that never runs, or not at one of its moments",
        "The moment never comes where the handler may run. Only `PRE_TRANSITION` has a `target`. In a silent state\n"
        "and in a final one no reply is judged: no `PRE_PROCESSING`, `CONTEXT_UPDATE` and `POST_PROCESSING` come, but\n"
        "a final one that has tools has `CONTEXT_UPDATE`. No transition leads out of a final state of the outermost\n"
        "machine, and none into a first state to which nothing leads, where `POST_TRANSITION` never comes. A\n"
        "conversation begins, fails and ends in states of the outermost machine: `START_CONVERSATION`, `ERROR`,\n"
        "`END_CONVERSATION`. Or no transition leads to its `target`, or its `state` is its `not_state`.",
        "warning",
    ),
    _code(
        "FSM079",
        "unknown-key",
        "A handler that waits for a key that there is not",
        "`has` and `keys` name keys of the machine whose state it is. The definition declares its keys, and this\n"
        "one is none of them, so that the handler never runs; a key that a handler writes is declared with\n"
        "`written_by: handler`. A path such as `order.id` can be in `has`, but `keys` is told of whole keys.",
        "warning",
    ),
)
