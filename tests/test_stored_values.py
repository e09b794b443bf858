"""A secret is held against a changed definition by its value; a token stands for it, and nothing tells it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from machines import CONFIG, DRIVERS, Drive, Json, Talk, machine, reply, state, to
from telling_secrets import PIN, found_in

from fsm_langgraph import LLM_FSM, ScriptedModel, StaleDefinition, load_definition
from fsm_langgraph.context.secret_tokens import is_token
from fsm_langgraph.conversation.migration_report import bring_all_over

SECRET: Json = {"secret": True}


def bank(migrate: Json | None = None, **keys: Json) -> Json:
    """Write a machine whose caller writes keys; each opens its last transition when it is told."""
    declared = {key: {"type": "string", "written_by": "caller", **declaration} for key, declaration in keys.items()}
    leave = to("end", "ok", logic={"==": [{"var": next(iter(keys))}, PIN]})
    asking = state("ask", leave, required_context_keys=["ok"])
    made = machine(asking, state("end"), context={"ok": {"type": "boolean"}, **declared})
    return {**made, **({"migrate": migrate} if migrate is not None else {})}


def begun(definition: Json, value: str = PIN, key: str = "pin") -> Talk:
    """Begin a conversation in which the caller has written a key."""
    talk = Talk(definition, [reply("ask", "Hm?"), "Hm?"], saver=InMemorySaver())
    talk.graph.invoke({"messages": [("user", "hm")], "context": {key: value}}, CONFIG)
    return talk


def under(definition: Json, before: Talk, *replies: Any) -> Talk:
    """Go on with a conversation under another definition."""
    saver: Any = before.graph.checkpointer
    return Talk(definition, [*(replies or [reply("ask", "Hm?")])], saver=saver)


GOES_ON = [
    pytest.param(bank(pin={}), bank(pin=SECRET), PIN, {}, {"pin": PIN}, {}, id="made secret"),
    pytest.param(bank(pin=SECRET), bank(pin={}), PIN, {"pin": PIN}, {}, {}, id="made public"),
    pytest.param(
        bank(pin=SECRET),
        bank({"keys": {"pin": "code"}}, code=SECRET),
        PIN,
        {},
        {"code": PIN},
        {"keys": {"pin": "code"}},
        id="renamed",
    ),
    pytest.param(
        bank(pin={}),
        bank({"keys": {"pin": "code"}}, code=SECRET),
        PIN,
        {},
        {"code": PIN},
        {"keys": {"pin": "code"}},
        id="renamed and made secret",
    ),
    pytest.param(
        bank(pin=SECRET),
        bank({"keys": {"pin": "code"}}, code={}),
        PIN,
        {"code": PIN},
        {},
        {"keys": {"pin": "code"}},
        id="renamed and made public",
    ),
    pytest.param(bank(pin=SECRET), bank({"drop": ["pin"]}, x={}), PIN, {}, {}, {"dropped": ["pin"]}, id="dropped"),
    pytest.param(
        bank(pin=SECRET),
        bank(pin={"secret": True, "type": "integer"}),
        "1,000",
        {},
        {"pin": 1000},
        {"coerced": ["pin"]},
        id="of another type",
    ),
    pytest.param(
        bank(pin=SECRET),
        bank(pin={"type": "integer"}),
        "1,000",
        {"pin": 1000},
        {},
        {"coerced": ["pin"]},
        id="public and of another type",
    ),
    pytest.param(
        bank(pin=SECRET), bank(pin={"secret": True, "pattern": "^Qx"}), PIN, {}, {"pin": PIN}, {}, id="a pattern"
    ),
    pytest.param(
        bank(pin=SECRET),
        bank({"drop": ["pin"], "defaults": {"pin": "QQ"}}, pin={"secret": True, "pattern": "^QQ"}),
        PIN,
        {},
        {"pin": "QQ"},
        {"dropped": ["pin"], "defaults": ["pin"]},
        id="another one in its place",
    ),
]


@pytest.mark.parametrize("drive", DRIVERS)
@pytest.mark.parametrize(("old", "new", "value", "shown", "hidden", "noted"), GOES_ON)
def test_the_next_turn_takes_secrets_over(
    drive: Drive, old: Json, new: Json, value: str, shown: Json, hidden: Json, noted: Json
) -> None:
    talk = under(new, begun(old, value))
    talk.drive = drive
    talk.say("again")
    check(talk, shown, hidden, noted)
    assert talk.record["news"] == {}


@pytest.mark.parametrize(("old", "new", "value", "shown", "hidden", "noted"), GOES_ON)
def test_migrate_does_the_same(old: Json, new: Json, value: str, shown: Json, hidden: Json, noted: Json) -> None:
    talk = under(new, begun(old, value))
    talk.graph.migrate(CONFIG)
    secrets = talk.graph.secrets(CONFIG)
    held = talk.graph.get_state(CONFIG).values["context"]
    assert (secrets, {key: kept for key, kept in held.items() if not is_token(kept)}) == (hidden, shown)
    talk.say("again")
    check(talk, shown, hidden, noted)


def check(talk: Talk, shown: Json, hidden: Json, noted: Json) -> None:
    """See what a conversation holds in clear, what under tokens, and what its record says of that."""
    context = talk.values["context"]
    assert {key: value for key, value in context.items() if not is_token(value)} == shown
    assert talk.graph.secrets(CONFIG) == hidden
    change: Any = talk.record["definition"]
    assert {name: value for name, value in change.items() if name not in ("revision", "fingerprint", "now")} == noted


@pytest.mark.parametrize("new", [bank(pin={}), bank({"keys": {"pin": "code"}}, code={})], ids=["kept", "renamed"])
def test_guards_read_the_value_of_a_key_that_is_secret_no_more(new: Json) -> None:
    talk = under(new, begun(bank(pin=SECRET)), reply("end", "Bye!", ok=True))
    talk.say("yes")
    assert talk.values["current_state"] == "end"


@pytest.mark.parametrize("way", ["turn", "migrate"])
def test_no_step_of_it_stores_or_tells_a_value(way: str) -> None:
    before = begun(bank(pin={}))
    talk = under(bank({"keys": {"pin": "code"}, "defaults": {"more": PIN}}, code=SECRET, more=SECRET), before)
    known = [*before.graph.get_state_history(CONFIG)]
    told: list[Any] = [talk.graph.migrate(CONFIG)] if way == "migrate" else []
    modes: Any = ["values", "updates", "debug", "custom", "tasks"]
    turn = [*talk.graph.stream({"messages": [("user", "again")]}, CONFIG, stream_mode=modes)]
    stored = [*talk.graph.get_state_history(CONFIG)][: -len(known)]
    first = stored.pop() if way == "turn" else None  # the input of the turn, by which nothing is brought over yet
    assert not found_in(repr([told, stored]))
    assert first is None or (first.metadata or {}).get("source") == "input"
    assert not found_in(repr(turn[2:]))
    assert talk.graph.secrets(CONFIG) == {"code": PIN, "more": PIN}


REFUSED = [
    pytest.param(bank(pin={"secret": True, "pattern": "^[a-z]$"}), id="a pattern"),
    pytest.param(bank(pin={"pattern": "^[a-z]$"}), id="public, and a pattern"),
    pytest.param(bank(pin={"type": "integer"}), id="public, and a number"),
    pytest.param(bank(pin={"secret": True, "enum": ["a", "b"]}), id="an enum"),
]


@pytest.mark.parametrize("new", REFUSED)
def test_what_does_not_fit_is_told_without_its_value_and_its_token(new: Json, tmp_path: Path) -> None:
    db = tmp_path / "talks.sqlite"
    with LLM_FSM(bank(pin=SECRET), ScriptedModel(replies=[reply("ask", "Hm?")]), db=db) as fsm:
        fsm.converse("hm", "1", {"pin": PIN})
    with LLM_FSM(new, "offline", db=db) as fsm, pytest.raises(StaleDefinition) as caught:
        fsm.converse("again", "1")
    (found,) = bring_all_over(load_definition(new), db, stores=False)
    for told in (str(caught.value), *found.why):
        assert "context['pin']: its value does not fit its declaration." in told
        assert not found_in(told)
        assert "fsm-secret" not in told


def test_a_token_under_a_key_that_it_was_not_written_for_reveals_nothing() -> None:
    before = begun(bank(pin=SECRET, note={}))
    token = before.values["context"]["pin"]
    before.graph.invoke({"context": {"note": token}}, CONFIG)
    talk = under(bank(pin={}, note={}), before)
    talk.say("again")
    assert talk.values["context"] == {"pin": PIN, "note": token}


INNER: Json = machine(
    state("card", to("paid", "number"), required_context_keys=["number"]),
    state("paid"),
    name="pay",
    context={"number": {"type": "string"}, "pin": {"type": "string", "written_by": "handler", "secret": True}},
)


def paying(**declaration: Any) -> Json:
    """Write a machine that is paid in a sub-machine, to which it hands on its pin."""
    inner = {
        **INNER,
        "context": {**INNER["context"], "pin": {"type": "string", "written_by": "handler", **declaration}},
    }
    return {
        **machine(
            state("start", to("pay"), silent=True),
            state("pay", to("end"), subflow="pay", inputs={"pin": "pin"}),
            state("end"),
            context={"pin": {"type": "string", "written_by": "caller", **declaration}},
        ),
        "subflows": {"pay": inner},
    }


@pytest.mark.parametrize("way", ["turn", "migrate"])
@pytest.mark.parametrize(("old", "new"), [(SECRET, {}), ({}, SECRET)], ids=["made public", "made secret"])
def test_those_of_a_sub_machine_under_way_are_taken_over_too(way: str, old: Json, new: Json) -> None:
    before = Talk(paying(**old), [reply("card", "Your card?")], saver=InMemorySaver())
    before.graph.invoke({"messages": [("user", "hm")], "context": {"pin": PIN}}, CONFIG)
    talk = under(paying(**new), before, reply("card", "Your card?"))
    if way == "migrate":
        talk.graph.migrate(CONFIG)
    talk.say("again")
    inside = talk.values["sub_machine"]["context"]["pin"]
    if new:
        assert is_token(inside)
        assert talk.graph.secrets(CONFIG) == {"pin": PIN, "pay/pin": PIN}
    else:
        assert (inside, talk.graph.secrets(CONFIG)) == (PIN, {})
