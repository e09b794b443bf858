"""Scenarios are held through the real graph: with replies or a model, alone or from another's end."""

from __future__ import annotations

from pathlib import Path

import pytest
from rehearsals import ASKED, COFFEE, ORDERED, found, run, turn, write

from fsm_langgraph.errors import ModelSetupError, OptionSetupError, ReferenceSetupError, ScenarioError
from fsm_langgraph.scenarios import ScenarioRunner, read_scenarios

NO_MODEL = "nobody:nothing"
"""A model that cannot be made: whoever asks for it fails."""


def test_a_scenario_with_replies_needs_no_model(tmp_path: Path) -> None:
    file = read_scenarios(
        write(tmp_path, turn(ASKED % "state: order", "{user: '2', reply: {target: served, updates: {cups: 2}}}"))
    )
    outcome = ScenarioRunner(file, NO_MODEL).run(file.scenarios[0])
    assert outcome.passed
    assert [turn.message for turn in outcome.turns] == ["How many?", "2 latte, coming up."]
    assert [turn.after.state for turn in outcome.turns] == ["order", "served"]
    assert outcome.turns[1].before.data == {"coffee": "latte"}


def test_without_replies_the_model_is_asked(tmp_path: Path) -> None:
    (outcome,) = run(tmp_path, turn("{user: 'two lattes, please', state: served, data: {cups: 2}, calls: 1}"))
    assert found(outcome) == []
    file = read_scenarios(tmp_path / "scenarios.yaml")
    with pytest.raises(ModelSetupError):
        ScenarioRunner(file, NO_MODEL).run(file.scenarios[0])


def test_replies_and_a_model_take_turns_in_one_conversation(tmp_path: Path) -> None:
    (outcome,) = run(tmp_path, turn(ASKED % "state: order", "{user: two, state: served, says: 2 latte}"))
    assert found(outcome) == []


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param(
            "{user: a, reply: [{updates: {coffee: tea}, message: hm}, tea?], says: tea?, rejected: [coffee]}",
            [],
            id="as it is",
        ),
        pytest.param(
            "{user: a, reply: [{message: hm}, and?]}", ["reply: 2 calls of the model | 1 call"], id="a reply too many"
        ),
        pytest.param(
            "{user: a, reply: {target: served, message: hm}, state: served}",
            ["reply: 1 call of the model | a further call, which asks for words alone", "state: 'served' | 'order'"],
            id="no words for the landing state",
        ),
        pytest.param(
            "{user: a, reply: [{target: served}, {target: order, message: hm}]}",
            ["reply: a call that decides | call 2 of the turn, which asks for words alone"],
            id="a decision where words are asked for",
        ),
    ],
)
def test_replies_and_calls_have_to_match(tmp_path: Path, written: str, expected: list[str]) -> None:
    (outcome,) = run(tmp_path, turn(written))
    assert found(outcome) == expected


def test_a_reply_that_is_none_is_refused_and_a_further_one_asked_for(tmp_path: Path) -> None:
    held, missing = run(
        tmp_path,
        turn("{user: a, reply: [tea?, {message: Which?}], calls: 2}")
        + turn("{user: a, reply: tea?}").replace("one", "two"),
    )
    assert found(held) == []
    (told,) = found(missing)
    assert "a further call, which asks for a decision" in told
    assert "it is not a JSON object" in told


def test_a_scenario_ends_with_the_first_turn_that_is_not_as_it_is_written(tmp_path: Path) -> None:
    (outcome,) = run(tmp_path, turn(ASKED % "state: served", ORDERED % "") + "  ended: true\n")
    assert (len(outcome.turns), outcome.passed, found(outcome)) == (1, False, ["state: 'served' | 'order'"])
    assert outcome.turns[0].place == f"{tmp_path / 'scenarios.yaml'}:3"


@pytest.mark.parametrize(("ended", "expected"), [("true", 0), ("false", 1)])
def test_a_conversation_is_over_or_goes_on(tmp_path: Path, ended: str, expected: int) -> None:
    (outcome,) = run(tmp_path, turn(ORDERED % "") + f"  ended: {ended}\n")
    assert len(outcome.differences) == expected


def test_what_goes_on_from_anothers_end_has_its_secrets(tmp_path: Path) -> None:
    secret = COFFEE.replace("enum: [espresso, latte]", "secret: true").replace("{{cups}} {{coffee}}", "{{cups}}")
    ordered = "{user: '2', reply: {target: served, updates: {cups: 2}}, state: served, data: {coffee: latte}}"
    scenarios = turn(ASKED % "") + f"- {{name: two, given: one, turns: [{ordered}]}}\n"
    outcomes = run(tmp_path, scenarios, definition=secret)
    assert [found(outcome) for outcome in outcomes] == [[], []]


GIVEN = (
    turn(ASKED % "")
    + "- {name: two, given: one, turns: [{user: '2', reply: {target: served, updates: {cups: 2}}, state: served}]}\n"
    + "- {name: three, given: one, turns: [{user: '3', reply: {target: served, updates: {cups: 3}}, says: 3 latte}]}\n"
    + "- {name: after, given: three, turns: [{user: hi, reply: Goodbye!, state: served, data: {cups: 3}}]}\n"
)


def test_scenarios_go_on_from_the_end_of_another_each_on_a_copy(tmp_path: Path) -> None:
    outcomes = run(tmp_path, GIVEN)
    assert [found(outcome) for outcome in outcomes] == [[], [], [], []]
    assert [turn.scenario for turn in outcomes[3].given] == ["one", "three"]


def test_the_order_in_which_scenarios_are_held_is_nothing_to_them(tmp_path: Path) -> None:
    file = read_scenarios(write(tmp_path, GIVEN))
    runner = ScenarioRunner(file)
    assert [runner.run(scenario).passed for scenario in reversed(file.scenarios)] == [True] * 4


def test_a_scenario_whose_beginning_fails_fails_with_it(tmp_path: Path) -> None:
    _, then, *_ = run(tmp_path, GIVEN.replace("message: How many?}, ", "message: How many?}, state: served"))
    assert found(then) == ["state: 'served' | 'order'", "given: 'one' goes as it is written | it does not"]
    assert then.turns == ()


HANDLERS = """
from fsm_langgraph import Handlers

handlers = Handlers()

@handlers.on("POST_PROCESSING")
def count(event):
    return {"cups": 6}
"""


def test_handlers_beside_the_definition_run_unless_a_file_says_not(tmp_path: Path) -> None:
    (tmp_path / "handlers.py").write_text(HANDLERS, encoding="utf-8")
    outcomes = run(
        tmp_path,
        turn(ASKED % "data: {cups: 6}")
        + "- {name: two, handlers: false, turns: [%s]}\n" % (ASKED % "data: {cups: null}"),
    )
    assert [found(outcome) for outcome in outcomes] == [[], []]


ASKING = """
from langgraph.types import interrupt

from fsm_langgraph import Handlers

handlers = Handlers()

@handlers.on("POST_PROCESSING")
def ask(event):
    interrupt("sure?")
"""


def test_a_turn_that_waits_for_a_person_has_not_come_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "handlers.py").write_text(ASKING, encoding="utf-8")
    (outcome,) = run(tmp_path, turn(ORDERED % "state: served"))
    assert found(outcome) == ["turn: a turn that comes to its end | it waits for an answer to 'sure?'"]
    assert 'asks: "sure?"' in outcome.turns[0].differences[0].advice


STORE = """
from langgraph.store.memory import InMemoryStore

def make_store():
    store = InMemoryStore()
    store.put(("prices",), "latte", {"price": 3})
    return store
"""
PRICED = COFFEE.replace("states:\n", "store:\n  price: {namespace: [prices], key: '{{coffee}}'}\nstates:\n", 1).replace(
    "coming up", "{{store.price.price}} euros"
)


def test_the_store_is_made_by_a_function_or_of_items(tmp_path: Path) -> None:
    (tmp_path / "database.py").write_text(STORE, encoding="utf-8")
    paid = ORDERED % "says: %s euros"
    outcomes = run(
        tmp_path,
        "- {name: one, store: 'database.py:make_store', turns: [%s]}\n" % (paid % 3)
        + "- {name: two, stored: [{namespace: [prices], key: latte, value: {price: 4}}], turns: [%s]}\n" % (paid % 4),
        definition=PRICED,
    )
    assert [found(outcome) for outcome in outcomes] == [[], []]


WRITING = """
from fsm_langgraph import Handlers

handlers = Handlers()

@handlers.on("START_CONVERSATION")
def look(event):
    store = event.runtime.store
    before = store.get(("seen",), "it")
    store.put(("seen",), "it", {"times": 1})
    return {"cups": 1} if before is None else {"cups": 2}
"""


def test_each_scenario_has_a_store_of_its_own_and_the_one_that_goes_on_a_copy(tmp_path: Path) -> None:
    (tmp_path / "handlers.py").write_text(WRITING, encoding="utf-8")
    fresh = turn("{user: a, reply: {message: hm}, data: {cups: 1}}")
    outcomes = run(
        tmp_path,
        fresh + fresh.replace("one", "two") + "- {name: on, given: two, turns: [{user: b, reply: {message: hm}}]}\n",
    )
    assert [found(outcome) for outcome in outcomes] == [[], [], []]


GOING_ON = """
stored: [{namespace: [prices], key: latte, value: {price: 1}}]
scenarios:
- name: first
  turns: [{user: a, reply: {message: hm}}]
- name: on
  given: first
  stored: [{namespace: [prices], key: latte, value: {price: 2}}]
  turns: [%s]
"""


@pytest.mark.parametrize("store", ["", "store: database.py\n"], ids=["copied", "held again"])
def test_a_scenario_that_goes_on_has_its_own_items_beside_those_that_were(tmp_path: Path, store: str) -> None:
    (tmp_path / "database.py").write_text(ONE_WAY, encoding="utf-8")
    outcomes = run(tmp_path, store + GOING_ON % (ORDERED % "says: 2 euros"), definition=PRICED)
    assert [found(outcome) for outcome in outcomes] == [[], []]


CHANGING = """
from fsm_langgraph import Handlers

handlers = Handlers()

@handlers.on("START_CONVERSATION")
def change(event):
    event.runtime.store.put(("prices",), "latte", {"price": 5})
"""


def test_what_a_scenario_has_changed_in_the_store_is_there_for_the_one_that_goes_on(tmp_path: Path) -> None:
    """The items of the file are put once, before the first of the two."""
    (tmp_path / "handlers.py").write_text(CHANGING, encoding="utf-8")
    written = GOING_ON.replace("key: latte, value: {price: 2}", "key: tea, value: {price: 2}")
    outcomes = run(tmp_path, written % (ORDERED % "says: 5 euros"), definition=PRICED)
    assert [found(outcome) for outcome in outcomes] == [[], []]


ONE_WAY = """
from langgraph.store.base import BaseStore, GetOp, Item, PutOp
from datetime import UTC, datetime

class OneWay(BaseStore):
    def __init__(self): self.held = {}
    def batch(self, ops):
        return [self.do(op) for op in ops]
    async def abatch(self, ops): return self.batch(ops)
    def do(self, op):
        if isinstance(op, PutOp): self.held[op.namespace, op.key] = op.value
        elif isinstance(op, GetOp):
            value = self.held.get((op.namespace, op.key))
            now = datetime.now(UTC)
            return value and Item(value=value, key=op.key, namespace=op.namespace, created_at=now, updated_at=now)
        else: raise NotImplementedError("it gets and puts")

store = OneWay
"""


def test_where_the_store_cannot_be_copied_the_beginning_is_held_again(tmp_path: Path) -> None:
    (tmp_path / "database.py").write_text(ONE_WAY, encoding="utf-8")
    outcomes = run(tmp_path, "store: database.py\nscenarios:\n" + GIVEN)
    assert [found(outcome) for outcome in outcomes] == [[], [], [], []]


TIMED = COFFEE.replace("coming up", "at {{_now}}")


def test_the_time_stands_still_where_a_file_says_so(tmp_path: Path) -> None:
    written = "- {name: one, now: '2026-11-26T18:00:00+01:00', turns: [%s]}\n" % (
        ORDERED % "says: 'at 2026-11-26T17:00:00Z'"
    )
    (outcome,) = run(tmp_path, written, definition=TIMED)
    assert found(outcome) == []


def test_what_the_caller_knows_is_given_once_and_may_come_with_a_message(tmp_path: Path) -> None:
    turns = (
        "{user: a, reply: {updates: {coffee: espresso}, message: hm}, data: {coffee: espresso}}",
        "{user: b, context: {cups: 2}, reply: {target: served}, says: 2 espresso}",
    )
    (outcome,) = run(tmp_path, f"- {{name: one, context: {{coffee: latte}}, turns: [{', '.join(turns)}]}}\n")
    assert found(outcome) == []


@pytest.mark.parametrize(
    ("setting", "error"),
    [
        pytest.param("options: {max_steps: no}", OptionSetupError, id="options"),
        pytest.param("handlers: nowhere.py", ReferenceSetupError, id="handlers"),
        pytest.param("store: nowhere.py", ReferenceSetupError, id="a store"),
    ],
)
def test_a_machine_that_cannot_be_built_is_an_error(tmp_path: Path, setting: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        run(tmp_path, f"- {{name: one, {setting}, turns: [{ASKED % ''}]}}\n")


PAYING = """
name: Shop
description: Sells lamps.
initial_state: basket
version: "3.0"
states:
  basket:
    id: basket
    description: Basket
    purpose: Learn the item
    required_context_keys: [item]
    transitions:
      - {target_state: payment, description: Pay, conditions: [{description: Known, requires_context_keys: [item]}]}
  payment:
    id: payment
    description: Pay
    purpose: Pay
    subflow: pay
    transitions: [{target_state: done, description: Paid}]
  done: {id: done, description: Bye, purpose: Say goodbye, transitions: []}
subflows:
  pay:
    name: Payment
    description: Takes a card.
    initial_state: card
    version: "3.0"
    context: {number: {type: string}}
    states:
      card:
        id: card
        description: Card
        purpose: Learn the number
        required_context_keys: [number]
        transitions:
          - {target_state: paid, description: On, conditions: [{description: Known, requires_context_keys: [number]}]}
      paid: {id: paid, description: Paid, purpose: End, transitions: []}
"""


def test_what_is_in_a_sub_machine_is_named_by_its_path(tmp_path: Path) -> None:
    to_the_card = (
        "{user: a lamp, reply: [{target: payment, updates: {item: lamp}}, Your card?], state: payment/card, "
        "path: [basket, payment, payment/card]}"
    )
    closed = (
        "{user: hm, reply: {message: hm}, closed: {payment/paid: number}, data: {item: lamp, payment/number: null}}"
    )
    paid = "{user: '1', reply: [{target: paid, updates: {number: '1'}}, Thanks!], state: done, told: [payment/number]}"
    (outcome,) = run(tmp_path, turn(to_the_card, closed, paid), definition=PAYING)
    assert found(outcome) == []


def test_a_key_that_its_sub_machine_does_not_declare_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="'payment/number'"):
        run(tmp_path, turn("{data: {payment/numbre: x, anything: 1}}"), definition=PAYING)


TWO_WAYS = """
name: Two ways
description: Two transitions lead to one state.
initial_state: ask
version: "3.0"
states:
  ask:
    id: ask
    description: Ask
    purpose: Ask
    transitions:
      - {target_state: done, description: By a code, conditions: [{description: A code, requires_context_keys: [code]}]}
      - {target_state: done, description: By hand, conditions: [{description: A hand, requires_context_keys: [hand]}]}
  done: {id: done, description: Done, purpose: Done, say: Done., transitions: []}
"""


@pytest.mark.parametrize(
    ("closed", "expected"),
    [
        ("[done]", ["closed.done: not open | missing code | open: By hand"]),
        ("{done: code}", []),
        ("{done: hand}", ["closed.done: 'hand' | missing code | open: By hand"]),
    ],
)
def test_a_state_is_closed_where_nothing_that_leads_there_is_open(
    tmp_path: Path, closed: str, expected: list[str]
) -> None:
    """A reason says which of several transitions is meant."""
    written = f"{{user: hm, reply: {{target: done, updates: {{hand: left}}}}, closed: {closed}}}"
    (outcome,) = run(tmp_path, turn(written), definition=TWO_WAYS)
    assert found(outcome) == expected


@pytest.mark.parametrize(
    "failing",
    [
        pytest.param("context: {cups: many}, reply: {message: hm}", id="before the model is asked"),
        pytest.param("reply: [nonsense, nonsense, nonsense]", id="after it was asked"),
    ],
)
def test_of_a_turn_that_fails_the_error_is_told_and_no_reply_that_is_left(tmp_path: Path, failing: str) -> None:
    (outcome,) = run(tmp_path, turn(f"{{user: hm, {failing}}}"))
    assert [each.what for each in outcome.turns[0].differences] == ["error"]


def test_a_turn_that_fails_as_expected_uses_all_its_replies(tmp_path: Path) -> None:
    (outcome,) = run(tmp_path, turn("{user: hm, reply: [nonsense, nonsense, nonsense], error: ReplyError}"))
    assert found(outcome) == ["reply: 3 calls of the model | 2 calls"]


def test_replies_that_are_none_are_nothing_to_the_turns_and_scenarios_behind(tmp_path: Path) -> None:
    """A graph would ask its model in another form after some, and take no form for granted in the end."""
    refused = "{user: hm, reply: [nonsense, nonsense], error: ReplyError}"
    bad = "".join(turn(refused, refused, ORDERED % "state: served").replace("one", name) for name in "abc")
    outcomes = run(tmp_path, bad + turn(ORDERED % "state: served"))
    assert [found(outcome) for outcome in outcomes] == [[], [], [], []]


SECRET = COFFEE.replace("type: string,", "type: string, secret: true,", 1)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("latte", []), ("tea", ["data.coffee: ••• | •••, another value"])],
)
def test_a_secret_is_expected_by_its_value_which_nothing_tells(tmp_path: Path, value: str, expected: list[str]) -> None:
    (outcome,) = run(tmp_path, turn(ASKED % f"data: {{coffee: {value}}}"), definition=SECRET)
    assert found(outcome) == expected


def test_a_scenario_that_goes_on_has_the_secrets_of_the_other(tmp_path: Path) -> None:
    written = turn(ASKED % "state: order")
    written += "- {name: on, given: one, turns: [{user: two, reply: {target: served, updates: {cups: 2}}, %s}]}\n"
    outcomes = run(tmp_path, written % "data: {coffee: latte, cups: 2}", definition=SECRET)
    assert [found(outcome) for outcome in outcomes] == [[], []]
