"""The codes of fields that are unknown, missing, or of the wrong type."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code
from fsm_langgraph.checking.codes.loading.sample_order import END, ORDER

SHAPE_CODES: tuple[Code, ...] = (
    Code(
        "FSM020",
        "missing-field",
        "error",
        "A field that is missing",
        "The definition and its states, transitions and conditions each have fields that nothing works without. The\n"
        "advice says what belongs into this one.",
        example=END.replace("    purpose: Say goodbye.\n", ""),
        mended=END,
    ),
    Code(
        "FSM021",
        "unknown-field",
        "error",
        "A field that there is not here",
        "A misspelt field would be passed over in silence, and what it asks for would not happen. The nearest known\n"
        "one is told, or the part that a field of this name belongs to. What is for people only goes under\n"
        "`metadata`.",
        example=END.replace("    purpose:", "    instrctions: Be brief.\n    purpose:"),
        mended=END.replace("    purpose:", "    instructions: Be brief.\n    purpose:"),
    ),
    Code(
        "FSM022",
        "newer-field",
        "error",
        "A field of LLM-FSM 4",
        "Files of version 3.0 are read. LLM-FSM passes over fields that it does not know, so a file may have one of a\n"
        "later version and still say that it is 3.0. The advice says how the same is written here.",
        example=ORDER.replace("    required_context", "    extraction_retries: 2\n    required_context"),
        mended=ORDER,
    ),
    Code(
        "FSM023",
        "wrong-type",
        "error",
        "A value of the wrong type",
        "A list stands where a text belongs, a number where a truth value does, and so on. YAML reads a bare `3`,\n"
        "`true` or `null` as what it looks like: a text that looks so is written in quotes.",
        example=ORDER.replace("[coffee]\n    transitions", "coffee\n    transitions"),
        mended=ORDER,
    ),
    Code(
        "FSM024",
        "unknown-value",
        "error",
        "A choice that there is not",
        "The field takes one of a few words; the advice lists them.",
        example=ORDER.replace("{type: string}", "{type: str}"),
        mended=ORDER,
    ),
    Code(
        "FSM025",
        "too-small",
        "error",
        "A number below its least",
        "The field takes a number from the one that the message names on.",
        example=END.replace("    purpose:", "    max_tool_calls: -1\n    purpose:"),
        mended=END.replace("    purpose:", "    max_tool_calls: 1\n    purpose:"),
    ),
    Code(
        "FSM026",
        "no-states",
        "error",
        "A definition without states",
        "A conversation is in a state from its beginning on, so there has to be one at least.",
        example=END[: END.index("states:")] + "states: {}\n",
        mended=END,
    ),
    Code(
        "FSM027",
        "unsupported-version",
        "error",
        "A version that is not read",
        'This package reads `version: "3.0"`, which is a text; left out, it is the same.',
        example=END.replace("initial_state", 'version: "4.1"\ninitial_state'),
        mended=END.replace("initial_state", 'version: "3.0"\ninitial_state'),
    ),
)
