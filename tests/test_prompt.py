"""What a model is told: the sections, what they show and hide, and that no text breaks out of its place."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage, ToolMessage
from random_definitions import definition, definitions
from syrupy.assertion import SnapshotAssertion

from fsm_langgraph.context.offered_keys import MAX_OFFERED, offered_keys
from fsm_langgraph.definition import FSMDefinition, Lookup, Transition
from fsm_langgraph.loading import load_definition
from fsm_langgraph.prompts.lookups import Live
from fsm_langgraph.prompts.prompt import Mode, Prompts, to_json, visible_context
from fsm_langgraph.prompts.wording import BEGIN, CONTINUE, GO_ON, KNOWN_KEYS_RULE, OTHER_KEYS, PAIRED_KEYS, STAND_INS
from fsm_langgraph.replies.reply_schema import reply_schema, without_message
from fsm_langgraph.templates.template import Template

LAW = settings(deadline=None, max_examples=50)

MODES: Sequence[Mode] = get_args(Mode)


def system(
    machine: FSMDefinition,
    mode: Mode = "understand",
    context: dict[str, Any] | None = None,
    *,
    this_turn: dict[str, Any] | None = None,
    **options: Any,
) -> str:
    """Return the system message of the first state's prompt."""
    prompts = Prompts(machine, machine.states[machine.initial_state], **options)
    return str(prompts.build(mode, context or {}, [HumanMessage("Hi")], this_turn=this_turn)[0].content)


def section(prompt: str, tag: str) -> str | None:
    found = re.search(rf"^<{tag}>\n(.*?)\n</{tag}>$", prompt, re.MULTILINE | re.DOTALL)
    return found[1] if found else None


def tags(prompt: str) -> list[str]:
    return re.findall(r"</?[a-z_]+>", prompt)


# A prompt as a whole.

ORDER: dict[str, Any] = {
    "required_context_keys": ["size", "toppings"],
    "optional_context_keys": ["email"],
    "instructions": "Offer the sizes.",
    "example_dialogue": [{"user": "a pizza"}, {"assistant": "Which size?"}],
    "transitions": [
        {
            "target_state": "pay",
            "description": "the order is complete",
            "conditions": [{"description": "a size is chosen", "requires_context_keys": ["size"]}],
            "priority": 1,
        },
        {"target_state": "cancelled", "description": "the user wants nothing any more"},
    ],
}
PIZZA = definition(
    {
        "size": {"enum": ["small", "large"]},
        "toppings": {"type": "array", "items": {"type": "string"}, "description": "Extra toppings."},
        "email": {"type": "string", "format": "email"},
        "phone": {"type": "string", "pattern": "^[0-9]+$"},
        "price": {"type": "number", "written_by": "handler"},
    },
    persona="You are Luigi, {{mood}} today.",
    order=ORDER,
    pay={
        "purpose": "take {{price}} euros",
        "instructions": "Ask for cash.",
        "required_context_keys": ["phone"],
    },
    cancelled={},
)


@pytest.mark.parametrize("mode", MODES)
def test_the_prompts_of_a_state_read_like_this(mode: Mode, snapshot: SnapshotAssertion) -> None:
    """Read the stored copies as a model would: this is all that it knows."""
    history: list[AnyMessage] = [AIMessage("Welcome!"), HumanMessage("A large one")]
    this_turn = {"came_from": "hello", "rejected": [{"key": "email", "reason": "is not an e-mail address"}]}

    prompt = Prompts(PIZZA, PIZZA.states["order"], reasoning=True).build(
        mode, {"mood": "busy", "price": 9.5}, history, this_turn=this_turn if mode == "speak" else None
    )

    assert "\n".join(f"== {message.type}\n{message.content}" for message in prompt) == snapshot


@pytest.mark.parametrize(
    ("mode", "present", "absent"),
    [
        pytest.param(
            "understand",
            ["response_format", "keys", "transitions", "example"],
            ["this_turn"],
            id="understand",
        ),
        pytest.param(
            "think",
            ["response_format", "keys", "transitions", "persona"],
            ["example"],
            id="think: nobody hears it",
        ),
        pytest.param(
            "speak",
            ["keys", "example", "instructions"],
            ["response_format", "transitions"],
            id="speak: all is decided",
        ),
    ],
)
def test_a_prompt_has_the_sections_that_its_call_needs(mode: Mode, present: list[str], absent: list[str]) -> None:
    found = tags(system(PIZZA, mode))

    assert [tag for tag in present if f"<{tag}>" not in found] == []
    assert [tag for tag in absent if f"<{tag}>" in found] == []


@pytest.mark.parametrize("mode", MODES)
def test_a_section_without_text_is_left_out(mode: Mode) -> None:
    found = tags(system(definition(start={}), mode))

    assert not {"<persona>", "<instructions>", "<keys>", "<example>"} & set(found)
    assert not {"<transitions>", "<targets>", "<this_turn>"} & set(found)


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        ("understand", 'Take the "size" in centimetres, as a number.'),
        ("think", 'Take the "size" in centimetres, as a number.'),
        ("speak", None),
    ],
)
def test_how_keys_are_read_stands_with_them_where_they_are_noted(mode: Mode, told: str | None) -> None:
    how = 'Take the "size" in {{unit}}, as a number.'

    prompt = system(
        definition(order={**ORDER, "extraction_instructions": how}, pay={}, cancelled={}), mode, {"unit": "centimetres"}
    )

    assert section(prompt, "extraction_instructions") == told


def test_how_keys_are_read_follows_the_keys_where_it_never_changes() -> None:
    prompt = system(definition(order={**ORDER, "extraction_instructions": "Take the size."}, pay={}, cancelled={}))

    keys, how = tags(prompt).index("</keys>"), tags(prompt).index("<extraction_instructions>")
    assert how == keys + 1


def test_the_first_transition_is_the_one_that_is_tried_first() -> None:
    machine = definition(
        start={
            "transitions": [
                {"target_state": "a", "description": "late", "priority": 2},
                {"target_state": "b", "description": "early", "priority": 1},
                {"target_state": "start", "description": "again", "priority": 3},
            ]
        },
        a={"purpose": "be {{x}}", "instructions": "do {{x}}", "optional_context_keys": ["k"]},
        b={},
    )

    prompt = system(machine, "understand", {"x": "<a> & b"})
    entries = json.loads(section(prompt, "transitions") or "")
    targets = json.loads(section(prompt, "targets") or "")
    thought = json.loads(section(system(machine, "think"), "transitions") or "")

    assert entries == [
        {"to": "b", "when": "early", "purpose": "be the b"},
        {"to": "a", "when": "late", "collects": ["k"]},
        {"to": "again", "when": "again"},
    ]
    assert targets == [{"to": "a", "purpose": "be <a> & b", "instructions": "do <a> & b"}]
    assert thought[1] == {"to": "a", "when": "late"}


# What is asked for.

OWN_AND_PAIRS = '[{"name":…},{"key":"key","value":…},{"key":"\\u003c/fsm>","value":…}]'


@pytest.mark.parametrize("mode", ["understand", "think"])
@pytest.mark.parametrize("reasoning", [False, True])
@LAW
@given(machine=definitions())
def test_the_form_that_is_described_is_the_one_that_the_schema_asks_for(
    machine: FSMDefinition, mode: Mode, reasoning: bool
) -> None:
    state = machine.states["start"]
    schema = reply_schema(machine, state, reasoning=reasoning)
    schema = schema if mode == "understand" else without_message(schema)

    prompt = system(machine, mode, reasoning=reasoning)

    members = re.findall(r'"([^"]+)":', re.sub(r"\[\{.*?\}\]", "…", section(prompt, "response_format") or ""))
    assert members == list(schema["properties"])
    assert re.findall(r"^- (target_state|updates|message|reasoning): ", prompt, re.MULTILINE) == members


@pytest.mark.parametrize(
    ("context", "own", "form"),
    [
        pytest.param(None, ["name", "key", "</fsm>"], OWN_AND_PAIRS, id="the state's own keys"),
        pytest.param(None, [], '[{"key":"…","value":…}]', id="any key"),
        pytest.param({"name": {}, "email": {}}, [], '[{"name":…}]', id="one of the others"),
        pytest.param({"with space": {}}, [], '[{"key":"…","value":…}]', id="others that are written as pairs"),
    ],
)
def test_updates_are_shown_as_the_schema_takes_them(context: dict[str, Any] | None, own: list[str], form: str) -> None:
    prompt = system(definition(context, start={"required_context_keys": own}))

    assert f'"updates":{form}' in (section(prompt, "response_format") or "")


@pytest.mark.parametrize(
    ("context", "listed"),
    [
        pytest.param(None, [], id="any key"),
        pytest.param({"name": {}, "score": {"written_by": "handler"}}, [], id="no others"),
        pytest.param({"name": {}, "email": {}, "age": {}}, [["email", "age"]], id="others"),
        pytest.param({"name": {}, "email": {}, "with space": {}}, [["email"], ["with space"]], id="and as pairs"),
    ],
)
def test_other_keys_are_listed_where_they_are_declared(context: dict[str, Any] | None, listed: list[list[str]]) -> None:
    machine = definition(context, start={"required_context_keys": ["name"]})

    lines = (section(system(machine), "keys") or "").splitlines()

    found = [line.removeprefix(told) for line in lines for told in (OTHER_KEYS, PAIRED_KEYS) if line.startswith(told)]
    assert [list(json.loads(line)) for line in found] == listed


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({}, "values the user stated or corrected", id="a state that listens"),
        pytest.param({"listens": False}, "what follows from what is known and said", id="a step of thought"),
        pytest.param({}, "In doubt, stay", id="the model decides"),
        pytest.param({"required_context_keys": []}, "In doubt, go on", id="a state that leads on"),
        pytest.param(
            {"transitions": [{"target_state": "start", "description": "d"}]},
            '"again" begins the current state anew',
            id="a state that leads to itself",
        ),
        pytest.param({"decision": "logic"}, "If there is none, stay", id="conditions decide"),
    ],
)
def test_the_rules_are_those_of_the_state(fields: dict[str, Any], words: str) -> None:
    machine = definition(
        start={
            "required_context_keys": ["x"],
            "transitions": [{"target_state": "end", "description": "d"}],
            **fields,
        },
        end={},
    )

    assert words in system(machine, "think")


GIVEN = [{"description": "d", "requires_context_keys": ["x"]}]
OUT = {"target_state": "out", "description": "d"}


@pytest.mark.parametrize(
    ("exits", "words"),
    [
        pytest.param([], 'whose "requires" holds with', id="by conditions alone"),
        pytest.param([OUT], 'whose "when" and "requires" hold with', id="or for a wish"),
        pytest.param([{**OUT, "conditions": GIVEN}], 'whose "when" and "requires" hold with', id="that has conditions"),
    ],
)
def test_a_logic_state_is_left_for_what_the_user_wants(exits: list[Any], words: str) -> None:
    leading = {"target_state": "end", "description": "d", "conditions": GIVEN}
    start = {"decision": "logic", "required_context_keys": ["x"], "transitions": [leading]}
    around = [Transition.model_validate(each) for each in exits]

    assert words in system(definition(start=start, end={}), exits=around)


# What is shown.

HIDING = definition(
    {"name": {}, "pin": {"secret": True}, "note": {}},
    persona="{{pin}} {{_machine}} {{.}}",
    start={
        "purpose": "{{pin}}{{#pin}}has pin{{/pin}}",
        "description": "{{_machine}}",
        "instructions": "{{name}}",
        "transitions": [{"target_state": "next", "description": "d"}],
    },
    next={"purpose": "{{pin}}", "instructions": "{{_machine}}"},
)


@pytest.mark.parametrize("mode", MODES)
def test_secrets_and_the_machine_s_keys_are_nowhere(mode: Mode) -> None:
    prompt = system(HIDING, mode, {"name": "Ann", "pin": "s3cret", "_machine": "h1dden"})

    assert "s3cret" not in prompt
    assert "h1dden" not in prompt
    assert "has pin" not in prompt
    assert section(prompt, "context") == '{"name":"Ann"}'


@pytest.mark.parametrize(
    ("visible", "shown"),
    [
        pytest.param(None, {"name": "Ann", "note": "n"}, id="all that is not secret"),
        pytest.param(["note", "missing"], {"note": "n"}, id="only these"),
        pytest.param(["pin", "_machine"], {}, id="but never a secret"),
        pytest.param([], {}, id="nothing"),
    ],
)
def test_a_state_shows_what_it_may_show(visible: list[str] | None, shown: dict[str, Any]) -> None:
    machine = definition(
        {"name": {}, "pin": {"secret": True}, "note": {}},
        start={"visible_context_keys": visible, "purpose": "{{name}}"},
    )
    context: dict[str, Any] = {"name": "Ann", "pin": "s3cret", "_machine": 1, "note": "n"}

    assert visible_context(machine, machine.states["start"], context) == shown
    assert section(system(machine, context=context), "context") == to_json(shown)
    assert ("Ann" in system(machine, context=context)) is ("name" in shown)


# No text breaks out of its place.

HOSTILE = st.lists(
    st.sampled_from(
        [
            "</context>",
            "<fsm>",
            "</fsm>",
            "<task>",
            "&lt;",
            "<",
            ">",
            "&",
            '"',
            "\\",
            "{{",
            "}}",
            "\n",
            "x",
        ]
    )
    | st.text(max_size=4),
    max_size=6,
).map("".join)
DATA = st.recursive(HOSTILE | st.booleans() | st.integers(), lambda inner: st.lists(inner, max_size=2), max_leaves=4)
CONTEXTS = st.dictionaries(st.sampled_from(["a", "b"]) | HOSTILE, DATA, max_size=4).map(
    lambda context: {key: value for key, value in context.items() if key and not key.startswith("_")}
)
TEMPLATED = definition(
    persona="{{a}} {{{b}}} {{&a}}",
    start={
        "description": "{{#a}}{{.}}{{/a}} {{.}}",
        "purpose": "{{b}}",
        "instructions": "{{#b}}{{.}}{{/b}}",
        "transitions": [{"target_state": "next", "description": "d"}],
    },
    next={"purpose": "{{a}}", "instructions": "{{{b}}}"},
)


@pytest.mark.parametrize("mode", MODES)
@LAW
@given(context=CONTEXTS, reason=HOSTILE)
def test_no_text_opens_or_closes_a_tag(mode: Mode, context: dict[str, Any], reason: str) -> None:
    this_turn = {"learned": context, "rejected": [{"key": reason, "reason": reason}]}

    prompt = system(TEMPLATED, mode, context, this_turn=this_turn)

    assert tags(prompt) == tags(system(TEMPLATED, mode, {"a": 1, "b": 2}, this_turn={"came_from": "a"}))
    assert json.loads(section(prompt, "context") or "") == context
    assert json.loads(section(prompt, "this_turn") or "") == this_turn


@LAW
@given(definitions(), HOSTILE)
def test_a_definition_s_words_in_json_stay_json(machine: FSMDefinition, said: str) -> None:
    start = machine.states["start"].model_copy(update={"example_dialogue": ({"user": said},)})
    machine = machine.model_copy(update={"states": {**machine.states, "start": start}})

    prompt = system(machine)

    assert json.loads(section(prompt, "example") or "") == [{"user": said}]
    assert [tag for tag in set(tags(prompt)) if tags(prompt).count(tag) > 1] == []


# What the store holds.

LIVE = PIZZA.model_copy(
    update={
        "persona": "You are Luigi. {{#store.offer}}Today: {{dish}} for {{price}}.{{/store.offer}}",
        "store": {"offer": Lookup(namespace=("offers",), key="today")},
        "live_instructions": True,
    }
)


@pytest.mark.parametrize("mode", MODES)
def test_prompts_with_what_the_store_holds_read_like_this(mode: Mode, snapshot: SnapshotAssertion) -> None:
    live = Live(
        values={"offer": {"dish": "<Quattro> & more", "price": 9}},
        instructions={
            "order": Template("Offer {{store.offer.dish}} first."),
            "pay": Template("Ask for {{store.offer.price}} in cash, {{phone}}."),
        },
    )

    prompt = Prompts(LIVE, LIVE.states["order"]).build(mode, {}, [HumanMessage("Hi")], live=live)

    assert prompt[0].content == snapshot


@pytest.mark.parametrize("mode", MODES)
@LAW
@given(value=DATA)
def test_nothing_that_the_store_holds_opens_or_closes_a_tag(mode: Mode, value: Any) -> None:
    stored = TEMPLATED.model_copy(
        update={
            "store": {"a": Lookup(namespace=("a",), key="a")},
            "persona": "{{store.a}} {{#store.a}}{{.}}{{/store.a}}",
        }
    )
    prompts = Prompts(stored, stored.states["start"])
    instructions = {"start": Template("{{{store.a}}}"), "next": Template("{{&store.a}}")}

    prompt = str(prompts.build(mode, {"b": 1}, [], live=Live({"a": value}, instructions))[0].content)

    assert tags(prompt) == tags(str(prompts.build(mode, {"b": 1}, [], live=Live({"a": 1}, instructions))[0].content))


# The same every time.


@pytest.mark.parametrize("mode", MODES)
def test_only_what_follows_the_state_changes_from_turn_to_turn(mode: Mode) -> None:
    machine = definition(persona="Kind.", order=ORDER, pay={}, cancelled={})

    one, other = system(machine, mode, {"size": "large"}), system(machine, mode, {"email": "a@b.org"})

    assert one.partition("<context>")[0] == other.partition("<context>")[0] != one
    assert one != other


def test_the_prompt_does_not_grow_with_the_machine() -> None:
    rest = {f"s{index}": ORDER for index in range(100)}

    small = system(definition(order=ORDER, pay={}, cancelled={}))
    large = system(definition(order=ORDER, pay={}, cancelled={}, persona="", **rest))

    assert small == large


@pytest.mark.parametrize("mode", MODES)
def test_a_prompt_can_be_built_again(mode: Mode) -> None:
    prompts = Prompts(TEMPLATED, TEMPLATED.states["start"])

    first, second = (prompts.build(mode, {"a": "1"}, []), prompts.build(mode, {"a": "2"}, []))

    assert prompts.build(mode, {"a": "1"}, []) == first != second


# The history.

HUMAN, AI = HumanMessage("h"), AIMessage("a")
UNSAID, LATER = HumanMessage(BEGIN), HumanMessage(CONTINUE)


@pytest.mark.parametrize(
    ("history", "limit", "seen"),
    [
        pytest.param([], 10, [UNSAID], id="nothing was said"),
        pytest.param([HUMAN], 10, [HUMAN], id="the user began"),
        pytest.param([AI, HUMAN], 10, [UNSAID, AI, HUMAN], id="the machine began"),
        pytest.param([AI], 10, [UNSAID, AI, LATER], id="the machine goes on unasked"),
        pytest.param([HUMAN, AI], 10, [HUMAN, AI, LATER], id="and does so later"),
        pytest.param([AI, HUMAN] * 9, 4, [HUMAN, AI, HUMAN], id="the last ones, from the user's on"),
        pytest.param([HUMAN, AI] * 9 + [HUMAN], 3, [HUMAN, AI, HUMAN], id="the last ones"),
        pytest.param([AI, HUMAN], 1, [HUMAN], id="the last one"),
        pytest.param([AI, HUMAN], 0, [HUMAN], id="which is always seen"),
        pytest.param([HUMAN, AI], 1, [LATER], id="unless it is the machine's own"),
        pytest.param([HUMAN, HumanMessage(""), AIMessage(""), HUMAN], 10, [HUMAN, HUMAN], id="empty ones are not"),
        pytest.param([SystemMessage("s"), HUMAN, ToolMessage("t", tool_call_id="1")], 10, [HUMAN], id="nor others"),
        pytest.param(
            [
                HUMAN,
                AIMessage("a", tool_calls=[{"name": "f", "args": {}, "id": "1"}]),
                AIMessage([{"type": "text", "text": "a"}]),
                HUMAN,
            ],
            10,
            [HUMAN, AI, AI, HUMAN],
            id="another agent's tool calls are left out",
        ),
    ],
)
def test_the_model_sees_the_end_of_the_conversation(
    history: list[AnyMessage], limit: int, seen: list[AnyMessage]
) -> None:
    prompt = Prompts(PIZZA, PIZZA.states["order"]).build("understand", {}, history, history_limit=limit)

    assert prompt[1:] == seen


@pytest.mark.parametrize("limit", [1, 10])
def test_the_model_is_told_last_what_the_machine_has_said_itself(limit: int) -> None:
    said = [AIMessage("One."), AIMessage("Two.")]
    prompt = Prompts(PIZZA, PIZZA.states["order"]).build("speak", {}, [HUMAN], history_limit=limit, said=said)

    assert prompt[1:] == [HUMAN, *said, HumanMessage(GO_ON)]


def test_the_keys_of_the_states_ahead_are_told_and_no_more() -> None:
    """A form of any size, all its keys declared, has prompts and schemas of one size."""
    sizes: set[tuple[int, int]] = set()
    for count in (100, 300):
        names = [f"k{number:03}" for number in range(count)]
        states: dict[str, Any] = {
            f"s{name}": {
                "required_context_keys": [name],
                "transitions": [{"target_state": f"s{after}", "description": "It is known"}],
            }
            for name, after in zip(names, [*names[1:], names[0]], strict=True)
        }
        form = definition({name: {"type": "string"} for name in reversed(names)}, **states)
        state = form.states["sk050"]
        prompt = str(Prompts(form, state).build("understand", {}, [HUMAN])[0].content)
        sizes.add((len(prompt), len(to_json(reply_schema(form, state)))))

        told = section(prompt, "keys") or ""
        assert offered_keys(form, state) == tuple(names[50 : 50 + MAX_OFFERED])
        assert KNOWN_KEYS_RULE in prompt
        assert [name for name in names if f'"{name}"' in told.partition(OTHER_KEYS)[2]] == names[51 : 50 + MAX_OFFERED]
    assert len(sizes) == 1


def test_the_prompt_does_not_grow_with_the_conversation() -> None:
    prompts = Prompts(PIZZA, PIZZA.states["order"])

    assert prompts.build("understand", {}, [AI, HUMAN] * 10) == prompts.build("understand", {}, [AI, HUMAN] * 500)


def test_a_target_text_keeps_the_tags_that_the_reply_itself_will_fill() -> None:
    """What the reply is about to store is not in the context yet, so the model fills it in."""
    coffee = load_definition(
        {
            "name": "n",
            "description": "d",
            "initial_state": "ask",
            "context": {"cups": {"type": "integer"}, "till": {"written_by": "handler"}, "pin": {"secret": True}},
            "states": {
                "ask": {
                    "id": "ask",
                    "description": "d",
                    "purpose": "p",
                    "required_context_keys": ["cups"],
                    "transitions": [{"target_state": "end", "description": "d"}],
                },
                "end": {
                    "id": "end",
                    "description": "d",
                    "purpose": "p",
                    "instructions": "{{cups}} cups, till {{till}}{{pin}}.",
                    "transitions": [],
                },
            },
        }
    )

    (system, *_) = Prompts(coffee, coffee.states["ask"]).build("understand", {"cups": 1, "till": "4"}, [])

    assert '"instructions":"{{cups}} cups, till 4."' in system.content
    assert "{{key}}" in system.content


WHOLE = "replaced whole"


def test_a_prompt_says_that_lists_are_replaced_whole_only_where_one_can_be_told() -> None:
    toppings = {"toppings": {"type": "array"}, "name": {}}
    state = {"required_context_keys": ["name"]}
    open_ = definition(start=state)

    assert WHOLE in system(definition(toppings, start=state))
    assert WHOLE not in system(definition({"name": {}}, start=state), context={"name": "Ann"})
    assert WHOLE in system(open_, context={"toppings": ["ham"]})
    assert WHOLE not in system(open_, context={"name": "Ann"})
    assert WHOLE not in system(open_, "speak", {"toppings": ["ham"]})


@pytest.mark.parametrize("context", [None, {"name": {}, "city": {}}], ids=["open", "closed"])
def test_with_known_keys_only_the_prompt_offers_no_key_of_a_later_state(context: dict[str, Any] | None) -> None:
    to_next = {"target_state": "next", "description": "d"}
    start = {"required_context_keys": ["name"], "transitions": [to_next]}
    machine = definition(context, start=start, next={"required_context_keys": ["city"]})
    machine = machine.model_copy(update={"other_keys": "known"})

    prompt = system(machine)

    assert "city" not in (section(prompt, "keys") or "")
    assert KNOWN_KEYS_RULE in prompt
    assert "city" not in json.dumps(reply_schema(machine, machine.states["start"]))


def test_a_grounded_key_is_to_be_told_in_the_users_words() -> None:
    machine = definition({"name": {"grounded": True}}, start={"required_context_keys": ["name"]})

    assert "word for word" in (section(system(machine), "keys") or "")


TOLD: dict[str, Any] = {
    "name": "n",
    "description": "d",
    "initial_state": "ask",
    "context": {
        "drink": {"enum": ["cola", "water"]},
        "address": {"type": "string"},
        "hot": {"type": "boolean"},
        "till": {"written_by": "handler"},
    },
    "states": {
        "ask": {
            "id": "ask",
            "description": "d",
            "purpose": "p",
            "required_context_keys": ["drink"],
            "transitions": [{"target_state": "end", "description": "d"}],
        },
        "end": {
            "id": "end",
            "description": "d",
            "purpose": "{{#drink}}With {{drink}}{{/drink}}{{^drink}}Dry{{/drink}}",
            "instructions": (
                "Pizza{{#address}} to {{address}}{{/address}}{{^address}} here{{/address}}, {{#hot}}hot{{/hot}}."
            ),
            "transitions": [],
        },
    },
}
DRY = "[if drink is known: With {{drink}}][if drink is not known: Dry]"


@pytest.mark.parametrize(
    ("end", "context", "told"),
    [
        pytest.param(
            {},
            {},
            [DRY, "Pizza[if address is known:  to {{address}}][if address is not known:  here], [if hot is yes: hot]."],
            id="in both forms",
        ),
        pytest.param({}, {"drink": "cola", "address": "Elm St", "hot": False}, [DRY, "Pizza to Elm St, ."], id="known"),
        pytest.param({"forget": ["address", "hot"]}, {"address": "Elm St"}, [DRY, "Pizza here, ."], id="forgotten"),
        pytest.param(
            {"visible_context_keys": ["drink"]}, {"address": "Elm St"}, [DRY, "Pizza here, ."], id="hidden there"
        ),
        pytest.param(
            {"instructions": "{{#till}}a{{/till}}{{^till}}b{{/till}}"}, {}, [DRY, "b"], id="no reply writes it"
        ),
    ],
)
def test_a_target_text_tells_both_branches_of_what_the_reply_decides(
    end: dict[str, Any], context: dict[str, Any], told: list[str]
) -> None:
    states = {**TOLD["states"], "end": {**TOLD["states"]["end"], **end}}
    machine = load_definition({**TOLD, "states": states})

    (system, *_) = Prompts(machine, machine.states["ask"]).build("understand", context, [])

    (target,) = json.loads(section(str(system.content), "targets") or "[]")
    assert [target["purpose"], target["instructions"]] == told
    assert "[if … is known: …]" in system.content


def test_a_prompt_without_sections_says_nothing_of_brackets() -> None:
    states = {**TOLD["states"], "end": {**TOLD["states"]["end"], "purpose": "{{drink}}", "instructions": "{{address}}"}}
    machine = load_definition({**TOLD, "states": states})

    assert "[if" not in system(machine)


@pytest.mark.parametrize(("field", "tells"), [("requires_context_keys", False), ("answered_context_keys", True)])
def test_null_is_told_to_be_an_answer_where_it_opens_something(field: str, tells: bool) -> None:
    to_next = {"target_state": "next", "description": "d", "conditions": [{"description": "c", field: ["name"]}]}
    machine = definition(start={"required_context_keys": ["name"], "transitions": [to_next]}, next={})

    assert ("the answer that there is none" in system(machine)) is tells


# What the model is, and what it is to do.


@pytest.mark.parametrize(
    ("persona", "first"),
    [
        pytest.param("A friendly cook.", "You are a friendly cook.", id="somebody"),
        pytest.param("The cook", "You are the cook", id="somebody known"),
        pytest.param("Friendly and brief.", "You are: Friendly and brief.", id="what one is like"),
        pytest.param("You are Luigi.", "You are Luigi.", id="told to the model"),
        pytest.param("{{mood}}", "You are the persona below.", id="one that changes"),
        pytest.param("", "Talk with the user.", id="nobody"),
    ],
)
@pytest.mark.parametrize("mode", ["understand", "speak"])
def test_the_model_is_told_first_who_it_is(mode: Mode, persona: str, first: str) -> None:
    assert system(definition(persona=persona, start={}), mode).splitlines()[0] == first


def test_a_persona_that_changes_stands_with_what_is_known() -> None:
    prompt = system(definition(persona="A cook, {{mood}} today.", start={}), context={"mood": "busy"})

    assert section(prompt, "persona") == "You are a cook, busy today."
    assert tags(prompt).index("<persona>") > tags(prompt).index("</context>")


@pytest.mark.parametrize(
    ("mode", "fields", "last"),
    [
        ("understand", {}, "Now read what the user wrote since the last answer, and reply in JSON."),
        ("think", {}, "Now read what the user wrote since the last answer, and reply in JSON."),
        ("think", {"listens": False}, "Now decide, and reply in JSON."),
        ("speak", {}, "Now write your message in plain text, as purpose and instructions say."),
    ],
)
def test_what_to_do_now_stands_last(mode: Mode, fields: dict[str, Any], last: str) -> None:
    machine = definition(start={"instructions": "{{a}}", **fields})

    prompt = system(machine, mode, {"a": "1"}, this_turn={"learned": {"a": "1"}})

    assert prompt.splitlines()[-2:] == ["Take up what was learned.", last]


@pytest.mark.parametrize("words", STAND_INS)
def test_the_words_of_the_silent_are_instructions_in_brackets(words: str) -> None:
    assert words.startswith("(")
    assert words.endswith(".)")
    assert "user" not in words


# How long it is.

PLAIN: dict[str, Any] = {
    "purpose": "P" * 20,
    "instructions": "I" * 20,
    "required_context_keys": ["own"],
    "optional_context_keys": ["other"],
    "example_dialogue": [{"user": "U" * 20}],
    "transitions": [
        {
            "target_state": "b",
            "description": "w",
            "conditions": [{"description": "c", "requires_context_keys": ["own"]}],
        },
        {"target_state": "c", "description": "w"},
    ],
}
OWN_TEXTS = [
    "purpose",
    "instructions",
    "extraction_instructions",
    "keys",
    "transitions",
    "targets",
    "example",
    "context",
]


def fixed_length(prompt: str) -> int:
    """Count the characters that no definition, context or message has written: sentences, tags, the reply's form."""
    return len(prompt) - sum(len(section(prompt, tag) or "") for tag in OWN_TEXTS)


def plain(context: dict[str, Any] | None = None, *, target: str = "t", **more: Any) -> FSMDefinition:
    return definition(context, persona="A X", a={**PLAIN, **more}, b={"purpose": target}, c={})


@pytest.mark.parametrize("context", [None, {"own": {}, "other": {}}], ids=["open", "closed"])
@pytest.mark.parametrize(("mode", "limit"), [("understand", 1000), ("think", 1000), ("speak", 480)])
def test_the_fixed_words_of_a_prompt_are_few(mode: Mode, limit: int, context: dict[str, Any] | None) -> None:
    assert fixed_length(system(plain(context), mode)) <= limit


def leading(**more: Any) -> dict[str, Any]:
    """Return the fields of a state whose first transition is this one."""
    first, second = PLAIN["transitions"]
    return {"transitions": [{**first, **more}, second]}


def asking(**more: Any) -> dict[str, Any]:
    return leading(conditions=[{"description": "c", "requires_context_keys": ["own"], **more}])


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(asking(answered_context_keys=["other"]), id="answered"),
        pytest.param(asking(confirms=["other"]), id="confirms"),
        pytest.param(leading(handoff="Bob"), id="handoff"),
        pytest.param(leading(target_state="a"), id="again"),
        pytest.param({"tools": ["find"]}, id="tools"),
        pytest.param({"extraction_instructions": "x"}, id="how keys are read"),
    ],
)
def test_a_new_word_costs_little_where_it_is_used(more: dict[str, Any]) -> None:
    without, with_it = fixed_length(system(plain())), fixed_length(system(plain(**more)))

    assert 0 < with_it - without <= 120


@pytest.mark.parametrize(
    ("target", "before"),
    [("{{price}}", "t"), ("{{own}}", "{{price}}"), ("{{#own}}{{own}}{{/own}}", "{{own}}")],
    ids=["what is known", "what the reply brings", "both forms"],
)
def test_a_target_s_text_that_changes_costs_little(target: str, before: str) -> None:
    keys: dict[str, Any] = {"own": {}, "other": {}, "price": {"written_by": "handler"}}
    without, with_it = (fixed_length(system(plain(keys, target=text))) for text in (before, target))

    assert 0 < with_it - without <= 120


@pytest.mark.parametrize("fact", ["learned", "rejected", "refused", "then_lead_back_to", "tool_results"])
def test_what_has_happened_costs_little_where_it_is_told(fact: str) -> None:
    without, with_it = (system(plain(), "speak", this_turn=turn) for turn in (None, {fact: "x"}))

    assert len(with_it) - len(without) - len(to_json({fact: "x"})) <= 120
