"""Tags where nothing will stand are told, once each, and sound ones are not."""

from __future__ import annotations

import pytest
from checked import DECLARED, form, found
from machines import Json, machine, state, to

TAGS = ("unfilled-tag", "unknown-tag", "foreign-tag", "member-of-plain-value", "tag-where-absent", "whole-context-said")
TAGS_OF_KEYS = (*TAGS, "hidden-tag", "unshown-secret")

FAULTY: list[tuple[str, Json, str, str]] = [
    ("a slip, keys not declared", form(say="{{nihgts}} nights"), "unfilled-tag", "Did you mean {{nights}}?"),
    ("another manner of writing", form(keys=["user_name"], say="{{userName}}"), "unfilled-tag", "{{user_name}}"),
    ("a slip in a path", form(keys=["address"], say="{{adress.city}}"), "unfilled-tag", "{{address.city}}"),
    ("a slip in its own section", form(say="{{#guest}}Hi {{gest}}{{/guest}}"), "unfilled-tag", "{{guest}}"),
    (
        "a slip in a section over a choice",
        form(DECLARED, say="{{#size}}A {{sizes_}} room{{/size}}"),
        "unfilled-tag",
        "Declared keys",
    ),
    ("by way of the context", form(say="{{context.nights}}"), "unfilled-tag", "{{nights}}"),
    ("a key with a period", form(keys=["guest.name"], say="{{guest.name}}"), "unfilled-tag", "Rename the key"),
    ("a name of nobody's", form(say="{{hotel}}"), "unknown-tag", "Declare the keys"),
    ("Jinja's filter", form(say="{{ nights | int }}"), "foreign-tag", "Write {{nights}}."),
    ("a call", form(DECLARED, say="{{guest.upper()}}"), "foreign-tag", "Write {{guest}}."),
    ("an expression", form(say="{{nights or 3}}"), "foreign-tag", "Write {{nights}}."),
    ("a default", form(say="{{nights:3}}"), "foreign-tag", "Write {{nights}}."),
    ("closed by the next one", form(say='"{{nights}" and {{guest}}'), "foreign-tag", "Close it"),
    ("Go's period", form(DECLARED, say="{{.nights}}"), "foreign-tag", "Write {{nights}}."),
    ("the way out of a section", form(DECLARED, say="{{#stays}}{{../nights}}{{/stays}}"), "foreign-tag", "{{nights}}"),
    ("else", form(DECLARED, say="{{#anything}}Yes{{else}}No{{/anything}}"), "foreign-tag", "{{^name}}"),
    ("this", form(keys=["names"], say="{{#names}}{{this}}{{/names}}"), "foreign-tag", "{{.}}"),
    ("a member of a number", form(DECLARED, say="{{nights.value}}"), "member-of-plain-value", "Write {{nights}}."),
    ("a member of a choice", form(DECLARED, say="{{size.name}}"), "member-of-plain-value", "Write {{size}}."),
    ("a section over one", form(DECLARED, say="{{#nights.value}}x{{/nights.value}}"), "member-of-plain-value", ""),
    ("a member of a list", form(DECLARED, say="{{stays.name}}"), "member-of-plain-value", "{{#stays}}{{name}}"),
    ("the length of a list", form(DECLARED, say="{{extras.length}}"), "member-of-plain-value", "{{#extras}}{{.}}"),
    ("a member of an item", form(DECLARED, say="{{extras.0.name}}"), "member-of-plain-value", "{{extras.0}}"),
    ("where it is absent", form(DECLARED, say="{{^guest}}Hi {{guest}}{{/guest}}"), "tag-where-absent", "{{#guest}}"),
    ("all of the context", form(say="Booked: {{.}}"), "whole-context-said", "Name the keys"),
    (
        "hidden by the state",
        form(DECLARED, instructions="For {{nights}} nights", visible_context_keys=["guest"]),
        "hidden-tag",
        "Add 'nights'",
    ),
    (
        "a section over what is hidden",
        form(DECLARED, purpose="{{#guest}}Greet {{guest}}{{/guest}}", visible_context_keys=[]),
        "hidden-tag",
        "Add 'guest'",
    ),
    ("a secret", form(DECLARED, say="{{card}}, {{nights}}"), "unshown-secret", "last digits"),
    ("a section over a secret", form(DECLARED, purpose="{{#card}}They have one.{{/card}}"), "unshown-secret", "digits"),
]

SOUND: list[tuple[str, Json]] = [
    ("a key", form(say="{{nights}}")),
    ("with blanks", form(say="{{ nights }} {{& nights }} {{{nights}}}")),
    ("the machine's own", form(say="{{_now}} {{_stays}}")),
    ("a member, nothing declared", form(keys=["guest"], say="{{guest.name}}")),
    ("a plural of a key", form(DECLARED, say="{{#stays}}{{nigths}}{{/stays}}")),
    ("members of objects in a list", form(DECLARED, say="{{#stays}}{{name}} {{room.size}}, {{/stays}}")),
    ("an item by its number", form(DECLARED, say="{{stays.0.name}} {{extras.0}}")),
    ("items", form(DECLARED, say="{{#extras}}{{.}}, {{/extras}}")),
    (
        "a section over a number",
        form(DECLARED, say="{{#nights}}{{nights}} nights{{/nights}}{{^nights}}open{{/nights}}"),
    ),
    (
        "0 and no, where they are absent",
        form(DECLARED, say="{{^nights}}{{nights}}{{/nights}}{{^paid}}{{paid}}{{/paid}}"),
    ),
    ("a member named else", form(keys=["guest", "else"], say="{{#guest}}{{else}}{{/guest}}")),
    ("blanks in a member's name", form(DECLARED, say="{{address.street name}}")),
    ("a key with signs in its name", form(keys=["is it 5%?"], say="{{is it 5%?}}")),
    ("said, though it is hidden", form(DECLARED, say="{{nights}}", visible_context_keys=[])),
    ("shown", form(DECLARED, instructions="{{nights}} {{_now}}", visible_context_keys=["nights"])),
    ("the context in a prompt", form(instructions="Known: {{.}}")),
    ("a key that only a condition reads", machine(state("a", to("b", "paid")), state("b", say="{{paid}}"))),
    ("a key that a state forgets", form(forget=["offer"], say="{{offer}}")),
    ("a comment, and other delimiters", form(say="{{! for the night porter }}{{=<% %>=}}<% nights %>")),
    (
        "the store",
        form(say="{{store.hotel.name}}", keys=["nights"]) | {"store": {"hotel": {"namespace": ["h"], "key": "k"}}},
    ),
]


@pytest.mark.parametrize(("definition", "code", "advice"), [row[1:] for row in FAULTY], ids=[row[0] for row in FAULTY])
def test_a_tag_where_nothing_will_stand_is_told(definition: Json, code: str, advice: str) -> None:
    [finding] = found(definition, *TAGS_OF_KEYS)

    assert (finding.code, advice in finding.advice) == (code, True)
    assert finding.path.startswith("states.end.")


@pytest.mark.parametrize("definition", [row[1] for row in SOUND], ids=[row[0] for row in SOUND])
def test_a_tag_that_can_be_filled_is_not(definition: Json) -> None:
    assert found(definition, *TAGS_OF_KEYS) == []


def test_a_fault_is_told_once_for_each_text() -> None:
    told = found(form(say="{{nihgts}}, {{nihgts}}", purpose="{{nihgts}}"), *TAGS)

    assert [finding.path for finding in told] == ["states.end.purpose", "states.end.say"]


def test_the_message_names_the_tag_and_its_text() -> None:
    [finding] = found(form(DECLARED, say="Hi {{.guest}}"), *TAGS)

    assert "'{{.guest}}'" in finding.message


def test_the_texts_of_the_definition_are_looked_at_too() -> None:
    told = found(form(say="") | {"persona": "Knows {{nihgts}}", "fallback_message": "{{.}}"}, *TAGS)

    assert [(finding.path, finding.code) for finding in told] == [
        ("persona", "unfilled-tag"),
        ("fallback_message", "whole-context-said"),
    ]


INNER = machine(state("pay", say="{{guest}} pays"), name="inner")
OUTER = machine(
    state("ask", to("pay", "guest"), required_context_keys=["guest"]),
    state("pay", to("end"), subflow="p"),
    state("end"),
)


def test_a_key_of_the_machine_around_that_does_not_come_in_is_told() -> None:
    [finding] = found(OUTER | {"subflows": {"p": INNER}}, *TAGS)

    assert (finding.path, finding.code) == ("subflows.p.states.pay.say", "unfilled-tag")
    assert "'inputs' of the state 'pay'" in finding.advice


def test_one_that_comes_in_is_sound() -> None:
    paying = state("pay", to("end"), subflow="p", inputs=["guest"])
    states = {**OUTER["states"], "pay": paying}

    assert found(OUTER | {"states": states, "subflows": {"p": INNER}}, *TAGS) == []
