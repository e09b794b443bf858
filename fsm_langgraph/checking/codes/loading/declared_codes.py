"""The codes of keys, and of their declarations."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code
from fsm_langgraph.checking.codes.loading.sample_order import ORDER

DECLARED_CODES: tuple[Code, ...] = (
    Code(
        "FSM040",
        "undeclared-key",
        "error",
        "A key that is not declared",
        "With a `context` section a definition is closed: states collect, conditions and templates read declared keys\n"
        "only, so that a misspelt one is found. Declare it, or write the one that was meant.",
        example=ORDER.replace("requires_context_keys: [coffee]", "requires_context_keys: [cofee]"),
        mended=ORDER,
    ),
    Code(
        "FSM041",
        "unwritable-key",
        "error",
        "A state that collects what the model may not write",
        "A key that is `written_by: handler` or `caller` is kept from the model, so that asking the user for it would\n"
        "lead nowhere. Remove it from the state, or let the model write it.",
        example=ORDER.replace("{type: string}", "{type: string, written_by: handler}"),
        mended=ORDER,
    ),
    Code(
        "FSM042",
        "unknown-machine-key",
        "error",
        "A key of the machine's own that there is not",
        "Keys that begin with `_` are the machine's. Guards and templates may read `_stays`, how many messages in a\n"
        "row led nowhere, and `_now`, when the turn began.",
        example=ORDER.replace("requires_context_keys: [coffee]", 'logic: {">": [{var: _stay}, 2]}'),
        mended=ORDER.replace(
            "requires_context_keys: [coffee]",
            'requires_context_keys: [coffee]\n            logic: {"<": [{var: _stays}, 3]}',
        ),
    ),
    Code(
        "FSM043",
        "bad-declaration",
        "error",
        "A declaration that no value can meet, or that says nothing",
        "A `default` that is none of the `enum`, a `minimum` above the `maximum`, a `pattern` that is no\n"
        "expression, or a field that belongs to another type: a value would always be refused, or the field never\n"
        "looked at.",
        example=ORDER.replace("{type: string}", "{type: string, enum: [latte, mocha], default: tea}"),
        mended=ORDER.replace("{type: string}", "{type: string, enum: [latte, mocha]}"),
    ),
    Code(
        "FSM044",
        "circular-dependency",
        "error",
        "Keys that depend on each other",
        "`depends_on` names the keys whose change makes this one stale. In a ring, each would make itself stale.",
        example=ORDER.replace("{type: string}", "{type: string, depends_on: [coffee]}"),
        mended=ORDER,
    ),
)
