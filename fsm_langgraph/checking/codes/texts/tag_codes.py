"""The codes of tags and placeholders in texts."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code
from fsm_langgraph.checking.codes.texts.example_hotel import DECLARED, HOTEL, said

TAG_CODES: tuple[Code, ...] = (
    Code(
        "FSM401",
        "unfilled-tag",
        "warning",
        "A tag of a name that nobody writes",
        "Nothing stands where the tag is, on every turn, and nobody is told. The name is a slip of a key that there "
        "is, goes by way of something that there is not (`{{context.nights}}`), or is a key of the machine around that "
        "does not come in. With a `context` section most of these are errors.",
        said("{{nihgts}} nights, booked."),
        said("{{nights}} nights, booked."),
    ),
    Code(
        "FSM402",
        "unknown-tag",
        "note",
        "A tag of a name that the file does not tell of",
        "No state collects a key of this name and no condition reads it. Where keys are not declared, a handler or the "
        "caller may write it. Nothing stands there if they do not. Declare the keys in a `context` section.",
        said("Welcome to {{hotel}}."),
        said("Welcome to {{hotel}}.")
        + "context: {nights: {type: integer}, hotel: {type: string, written_by: caller}}\n",
    ),
    Code(
        "FSM403",
        "foreign-tag",
        "warning",
        "A tag that is written as in another template language",
        "Templates are mustache: a tag has a name and nothing else. Filters (`{{nights | int}}`), calls "
        "(`{{name.upper()}}`), `{{.name}}`, `{{else}}` and `{{this}}` are names that no key has, so that nothing "
        "stands there. A handler can write what is to be made of a value into a key of its own.",
        said("{{ nights | upper }} nights."),
        said("{{nights}} nights."),
    ),
    Code(
        "FSM404",
        "other-dialect",
        "warning",
        "A placeholder of another template language",
        "`{nights}`, `${nights}`, `%(nights)s`, `%nights%`, `{% if nights %}`, `<nights>`: the machine leaves them as "
        "they are. The user reads them in what the machine says itself, and a model may copy them or make something "
        "up. It is told only where the name is that of a key or, in what the machine says itself, has an underscore in "
        "it.",
        said("{nights} nights, booked."),
        said("{{nights}} nights, booked."),
    ),
    Code(
        "FSM405",
        "placeholder-in-words",
        "note",
        "A gap that the model is to fill by itself",
        "Text for a model that has `[nights]` in it leaves to the model what is to stand there. It mostly fills in the "
        "value. A tag always does.",
        f"{HOTEL}    instructions: 'Say for how long: [nights] nights.'\n",
        f"{HOTEL}    instructions: 'Say for how long: {{{{nights}}}} nights.'\n",
    ),
    Code(
        "FSM406",
        "member-of-plain-value",
        "warning",
        "A path into a value that has no members",
        "`{{nights.value}}` leads into a number, which has no members, and `{{guests.name}}` into a list, which has "
        "items: nothing ever stands there.",
        said("{{nights.value}} nights.") + "context: {nights: {type: integer}}\n",
        said("{{nights}} nights.") + "context: {nights: {type: integer}}\n",
    ),
    Code(
        "FSM407",
        "tag-where-absent",
        "warning",
        "A tag of a key in the section for the case that it is absent",
        "`{{^name}} … {{/name}}` is there where there is no name, so that `{{name}}` inside of it is nothing.",
        said("{{^guest}}Goodbye, {{guest}}!{{/guest}}") + DECLARED,
        said("{{#guest}}Goodbye, {{guest}}!{{/guest}}") + DECLARED,
    ),
    Code(
        "FSM408",
        "whole-context-said",
        "warning",
        "The whole context is said to the user",
        "`{{.}}` is the item of the section around it. Outside of sections it is the whole context, which the user "
        "reads as JSON.",
        said("Booked: {{.}}"),
        said("Booked: {{nights}} nights"),
    ),
    Code(
        "FSM409",
        "hidden-tag",
        "warning",
        "A tag of a key that the state does not show",
        "With `visible_context_keys` a state shows the model these keys alone, and its texts are filled with these "
        "alone. What the machine says itself (`say`) may name any.",
        f"{HOTEL}    visible_context_keys: []\n    instructions: 'Say: \"{{{{nights}}}} nights.\"'\n",
        f"{HOTEL}    visible_context_keys: [nights]\n    instructions: 'Say: \"{{{{nights}}}} nights.\"'\n",
    ),
    Code(
        "FSM410",
        "tag-in-plain-text",
        "note",
        "A tag in a text that is no template",
        "The descriptions of transitions, conditions, keys and lookups are told as they stand, tags too. Templates are "
        "`purpose`, `description`, `instructions`, `extraction_instructions` and `say` of a state, `persona` and "
        "`fallback_message`.",
        HOTEL.replace("description: It is known\n", "description: The user wants {{nights}} nights\n"),
        HOTEL.replace("description: It is known\n", "description: The nights are known\n"),
    ),
    Code(
        "FSM411",
        "commented-key",
        "note",
        "A tag that is a comment",
        "`{{!nights}}` is a comment. Where the case is meant that there is no value, the sign is `^`.",
        said("{{!nights}}Goodbye!"),
        said("{{^nights}}Goodbye!{{/nights}}"),
    ),
)
