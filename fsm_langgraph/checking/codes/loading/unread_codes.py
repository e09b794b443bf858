"""The codes of texts that cannot be read, and of values in them that JSON does not have."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code
from fsm_langgraph.checking.codes.loading.sample_order import END

UNREAD_CODES: tuple[Code, ...] = (
    Code(
        "FSM001",
        "unreadable",
        "error",
        "A file that cannot be read",
        "There is no such file, it may not be read, it is a folder, a pipe or a device, or it is not UTF-8 text.\n"
        "Nothing of a definition is known then.",
        example="",
        mended="",
        unshown="It is about the file, whatever stands in it.",
    ),
    Code(
        "FSM002",
        "empty",
        "error",
        "A file with nothing in it",
        "A definition has a `name`, a `description`, an `initial_state` and `states`.",
        example="",
        mended="",
        unshown="There is nothing to show.",
    ),
    Code(
        "FSM003",
        "too-large",
        "error",
        "More than is read",
        "A definition may come from a stranger, so that its bytes, its values, what YAML's aliases stand for, the\n"
        "size of an expression and that of all patterns together are bounded. Move a part into a sub-machine in a\n"
        "file of its own, write large YAML as JSON, or split an expression into conditions.\n"
        "`docs/untrusted_definitions.md` has the limits.",
        example="",
        mended="",
        unshown="It takes megabytes.",
    ),
    Code(
        "FSM004",
        "too-deep",
        "error",
        "Nested deeper than is read",
        "Lists and objects nest in each other, or an expression nests, beyond any definition that somebody has\n"
        "written by hand. Flatten it.",
        example="",
        mended="",
        unshown="It takes a hundred levels.",
    ),
    Code(
        "FSM005",
        "not-json",
        "error",
        "A text that is not JSON",
        "A file whose name ends in `.json`, or that begins with `{`, is read as JSON: names and texts stand in double\n"
        "quotes, no comma follows a last entry, and there are no comments. For comments, write YAML. Made in code, an\n"
        "expression holds something that JSON does not have.",
        example='{\n  "name": "Coffee",\n  "description": "Takes an order.",\n}\n',
        mended=END,
    ),
    Code(
        "FSM006",
        "not-yaml",
        "error",
        "A text that is not YAML",
        "The message says at which line and column reading ended; the slip may stand before it. Indent with spaces,\n"
        "and put a text into quotes that begins with a sign such as `{`, `[`, `*` or `%`, or that has `: ` in it.",
        example=END.replace("purpose: Say goodbye.", "purpose: Say this: goodbye."),
        mended=END.replace("purpose: Say goodbye.", 'purpose: "Say this: goodbye."'),
    ),
    Code(
        "FSM007",
        "duplicate-id",
        "error",
        "Two states with one id",
        "Only the first of them could be read, and transitions could not tell them apart. Rename one, or remove it.",
        example=END
        + "  served:\n    id: served\n    description: The other end\n    purpose: Say it is on the house.\n",
        mended=END,
    ),
    Code(
        "FSM008",
        "duplicate-key",
        "error",
        "A key that is given twice",
        "Of a field that is given twice only the first could be read, silently; a key that a list names twice is most\n"
        "often another one, misspelt.",
        example=END.replace("    purpose:", "    description: Done\n    purpose:"),
        mended=END,
    ),
    Code(
        "FSM009",
        "wrong-key",
        "error",
        "A name that is no text",
        "The names of fields, states and keys are texts. YAML reads a bare `1` or `true` as a number or a truth\n"
        "value: write it in quotes.",
        example=END + "metadata:\n  1: draft\n",
        mended=END + 'metadata:\n  "1": draft\n',
    ),
    Code(
        "FSM010",
        "not-finite",
        "error",
        "A number that JSON does not have",
        "Infinity, not-a-number and whole numbers of more than some 300 digits cannot be stored or sent as JSON.",
        example=END + "metadata:\n  budget: .inf\n",
        mended=END + "metadata:\n  budget: 1000000\n",
    ),
    Code(
        "FSM011",
        "bad-text",
        "error",
        "A text with something in it that is no character",
        "Databases and terminals refuse the character U+0000, and half of a surrogate pair cannot be written down.",
        example=END.replace("purpose: Say goodbye.", 'purpose: "Say goodbye.\\0"'),
        mended=END,
    ),
    Code(
        "FSM012",
        "more-problems",
        "error",
        "More problems than are told",
        "The first hundred are told. Mend them, and look again.",
        example="",
        mended="",
        unshown="It takes more than a hundred faults.",
    ),
)
