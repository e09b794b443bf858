"""A privileged transition that a model alone can open is told, with a context; a protected one is not."""

from __future__ import annotations

from typing import Any

import pytest
from checked import found
from machines import Json, machine, state, to

KEYS: Json = {
    "wish": {"type": "string"},
    "amount": {"type": "integer", "minimum": 1, "maximum": 900},
    "verified": {"type": "boolean", "written_by": "handler"},
    "role": {"type": "string", "written_by": "caller"},
    "blocked": {"type": "boolean", "written_by": "handler", "default": False},
    "limit": {"type": "integer", "written_by": "handler", "default": 100},
}
PRIVILEGES = ("model-opens-privilege", "privilege-not-proved")


def vault(*requires: str, logic: Any = None, context: Json | None = KEYS, **fields: Any) -> Json:
    """Write a machine whose first state leads into the vault."""
    asked = state("ask", to("vault", *requires, logic=logic, privileged=True), required_context_keys=["wish"], **fields)
    return machine(asked, state("vault"), **({"context": context} if context is not None else {}))


def equals(key: str, value: Any) -> Json:
    return {"===": [{"var": key}, value]}


NEEDS_ROLE = equals("role", "clerk")
OPEN: list[tuple[str, Json, str]] = [
    ("no conditions", vault(), "no conditions"),
    ("a key of the model's", vault("wish"), "'wish'"),
    ("a value of the model's", vault(logic={">": [{"var": "amount"}, 500]}), "'amount'"),
    ("a guard that fails open", vault("wish", logic={"!": [{"var": "blocked"}]}), "nobody has written 'blocked'"),
    ("a default", vault(logic={"<=": [{"var": "amount"}, {"var": "limit"}]}), "nobody has written 'limit'"),
    ("one of two", vault(logic={"or": [NEEDS_ROLE, {"var": "wish"}]}), "nobody has written 'role'"),
    ("nothing is declared", vault("verified", context=None), "no keys are declared"),
    ("the clock", vault(logic={">": [{"var": "_stays"}, 2]}), "nothing that anybody else writes"),
]
SHUT: list[tuple[str, Json]] = [
    ("a handler's key", vault("verified")),
    ("the caller's key", vault("wish", logic=NEEDS_ROLE)),
    ("a value that is no default", vault(logic={"==": [{"var": "blocked"}, True]})),
    ("a limit beyond the default", vault(logic={">": [{"var": "limit"}, 100]})),
    ("no model can come above the default", vault(logic={"<=": [901, {"var": "amount"}, {"var": "limit"}]})),
    (
        "on the way there",
        machine(
            state("ask", to("hall", logic=NEEDS_ROLE)),
            state("hall", to("vault", privileged=True)),
            state("vault"),
            context=KEYS,
        ),
    ),
    (
        "the other case was sorted out before",
        machine(
            state("ask", to("sort", "wish"), required_context_keys=["wish"]),
            state("sort", to("no", logic={"!": [{"var": "verified"}]}), to("vault", privileged=True), silent=True),
            state("no"),
            state("vault"),
            context=KEYS,
        ),
    ),
    ("not marked", machine(state("ask", to("vault")), state("vault"), context=KEYS)),
]


@pytest.mark.parametrize(("definition", "says"), [row[1:] for row in OPEN], ids=[row[0] for row in OPEN])
def test_one_that_the_model_opens_is_told(definition: Json, says: str) -> None:
    [finding] = found(definition, *PRIVILEGES)

    assert (finding.code, finding.path) == ("model-opens-privilege", "states.ask.transitions[0]")
    assert says in finding.message
    assert finding.witness is not None


@pytest.mark.parametrize("definition", [row[1] for row in SHUT], ids=[row[0] for row in SHUT])
def test_one_that_others_have_to_open_is_not(definition: Json) -> None:
    assert found(definition, *PRIVILEGES) == []


def test_the_witness_is_a_context_that_the_model_can_make() -> None:
    [finding] = found(vault(logic={"and": [{">": [{"var": "amount"}, 500]}, {"!": [{"var": "blocked"}]}]}), *PRIVILEGES)

    assert finding.witness is not None
    assert int(str(finding.witness.context["amount"])) > 500
    assert finding.witness.context.get("blocked") in (None, False)


def test_who_knows_nothing_says_so() -> None:
    [finding] = found(vault(logic={"==": [{"var": {"var": "wish"}}, {"var": "role"}]}), *PRIVILEGES)

    assert (finding.code, finding.severity) == ("privilege-not-proved", "note")


@pytest.mark.parametrize(("logic", "codes"), [(None, ["model-opens-privilege"]), (NEEDS_ROLE, [])])
def test_a_global_transition_is_looked_at_wherever_it_is_open(logic: Any, codes: list[str]) -> None:
    leading = to("vault", "wish", logic=logic, privileged=True)
    asked = machine(state("ask", to("end")), state("end"), state("vault"), global_transitions=[leading], context=KEYS)

    assert [(each.code, each.path) for each in found(asked, *PRIVILEGES)] == [
        (code, "global_transitions[0]") for code in codes
    ]


def around(inner: Json, *, written_by: str, **door: Any) -> Json:
    """Write a machine with a sub-machine, and a vault behind it that needs `allowed`."""
    keys = {
        "given": {"type": "string", "written_by": written_by},
        "allowed": {"type": "boolean", "written_by": "handler"},
    }
    outer = machine(
        state("ask", to("check"), optional_context_keys=["given"] if written_by == "model" else []),
        state("check", to("vault", "allowed", privileged=True), subflow="inner", **door),
        state("vault"),
    )
    return {**outer, "context": keys, "subflows": {"inner": inner}}


def inside(*requires: str, privileged: bool = False, **keys: str) -> Json:
    """Write a sub-machine that ends once it has some keys."""
    declared = {key: {"written_by": writer} for key, writer in keys.items()}
    return machine(
        state("first", to("last", *requires, privileged=privileged)), state("last"), name="inner", context=declared
    )


@pytest.mark.parametrize(
    ("inner", "is_told"),
    [
        (inside("ok", ok="model"), True),
        (inside("checked", ok="model", checked="handler"), False),
        (inside("ok", ok="handler"), False),
    ],
    ids=["the model's word comes back", "it ends by a handler's alone", "a handler's comes back"],
)
def test_what_the_model_writes_inside_comes_back(inner: Json, is_told: bool) -> None:
    told = found(around(inner, written_by="model", outputs={"ok": "allowed"}), *PRIVILEGES)

    assert [finding.path for finding in told] == ["states.check.transitions[0]"] * is_told


@pytest.mark.parametrize(("written_by", "is_told"), [("model", True), ("caller", False)])
def test_what_comes_in_is_its_writers(written_by: str, is_told: bool) -> None:
    inner = inside("given", privileged=True, given="caller")

    told = found(around(inner, written_by=written_by, inputs=["given"]), *PRIVILEGES)

    assert [finding.path for finding in told] == ["subflows.inner.states.first.transitions[0]"] * is_told


def test_a_sub_machine_behind_a_guard_is_protected() -> None:
    inner = inside("given", privileged=True, given="model")
    outer = machine(
        state("ask", to("check", logic=NEEDS_ROLE)), state("check", to("end"), subflow="inner"), state("end")
    )

    assert found({**outer, "context": KEYS, "subflows": {"inner": inner}}, *PRIVILEGES) == []


def test_a_key_that_the_model_writes_inside_is_to_be_declared_there() -> None:
    inner = inside("ok", ok="model")

    [told] = found(around(inner, written_by="handler", outputs={"ok": "allowed"}), *PRIVILEGES)

    assert "'allowed' comes from a machine in which the model writes it" in told.message
    assert told.advice.endswith("Or declare 'allowed' so in the other machine too.")


def test_a_machine_that_runs_far_inside_is_taken_for_reached() -> None:
    inner = machine(state("ask", {**to("paid"), "privileged": True}), state("paid"))
    between = machine(state("choose", to("end"), subflow="payment"), state("end"))
    outer = machine(state("order", to("end"), subflow="buy"), state("end"), subflows={"buy": between, "payment": inner})

    assert [each.path for each in found(outer, "model-opens-privilege")] == [
        "subflows.payment.states.ask.transitions[0]"
    ]
