"""The codes of guards, templates and lookups in the store that cannot be read."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code
from fsm_langgraph.checking.codes.loading.sample_order import END, ORDER

_LOGIC = "requires_context_keys: [coffee]\n            logic: "
_STORE = "store:\n  menu: {namespace: [menus], key: today}\nstates:"

EXPRESSION_CODES: tuple[Code, ...] = (
    Code(
        "FSM050",
        "unknown-operator",
        "error",
        "An operator that there is not",
        "The logic of a condition is [JsonLogic](https://jsonlogic.com): an object with one operator and its\n"
        "arguments. The nearest known operator is told, and the first of all that there are.",
        example=ORDER.replace("requires_context_keys: [coffee]", 'logic: {equals: [{var: coffee}, "latte"]}'),
        mended=ORDER.replace("requires_context_keys: [coffee]", _LOGIC + '{"!=": [{var: coffee}, "tea"]}'),
    ),
    Code(
        "FSM051",
        "wrong-arity",
        "error",
        "An operator with too few or too many arguments",
        "An argument would be passed over, or compared with nothing.",
        example=ORDER.replace("requires_context_keys: [coffee]", _LOGIC + '{"!=": [{var: coffee}]}'),
        mended=ORDER.replace("requires_context_keys: [coffee]", _LOGIC + '{"!=": [{var: coffee}, "tea"]}'),
    ),
    Code(
        "FSM052",
        "several-operators",
        "error",
        "Operators side by side in one object",
        "JsonLogic takes an object with one key as an operation, and one with several as plain data, which always\n"
        "holds. Write each operator in an object of its own, inside `and` or `or`.",
        example=ORDER.replace(
            "requires_context_keys: [coffee]",
            _LOGIC + '{"!=": [{var: coffee}, "tea"], "!": {in: ["milk", {var: coffee}]}}',
        ),
        mended=ORDER.replace(
            "requires_context_keys: [coffee]",
            _LOGIC + '{and: [{"!=": [{var: coffee}, "tea"]}, {"!": {in: ["milk", {var: coffee}]}}]}',
        ),
    ),
    Code(
        "FSM053",
        "bad-template",
        "error",
        "A text that is no mustache template",
        "`purpose`, `description`, `instructions`, `persona` and `say` are mustache templates: a tag is written\n"
        "`{{coffee}}`, a section `{{#coffee}} … {{/coffee}}`. This one cannot be filled in.",
        example=ORDER.replace("Say goodbye.", "Hand over {{coffee and say goodbye."),
        mended=ORDER.replace("Say goodbye.", "Hand over {{coffee}} and say goodbye."),
    ),
    Code(
        "FSM054",
        "bad-lookup",
        "error",
        "A lookup that cannot be made",
        "A lookup under `store` has a namespace of labels and a key, each a text or a tag over the context, such as\n"
        "`{{customer_id}}`; its name can stand in a tag.",
        example=END.replace("states:", _STORE.replace("[menus]", "[]")),
        mended=END.replace("states:", _STORE).replace("Say goodbye.", "Tell {{store.menu}} and say goodbye."),
    ),
    Code(
        "FSM055",
        "unknown-lookup",
        "error",
        "A tag that reads a lookup that there is not",
        "`store.<name>` in a template names one of the lookups under `store`.",
        example=END.replace("states:", _STORE).replace("Say goodbye.", "Tell {{store.mnu}} and say goodbye."),
        mended=END.replace("states:", _STORE).replace("Say goodbye.", "Tell {{store.menu}} and say goodbye."),
    ),
)
