"""Guards over texts that `cat` and `substr` make: against the evaluator, and what the prover says of them."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from compared_encoding import compared, compiled
from pydantic import JsonValue
from random_guards import machine_with

from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.proving.prover import Impossible, Not, Possible, Truthy, Undecided, make_prover
from fsm_langgraph.logic import truthy

TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "integer"}
BOOKING: dict[str, Any] = {
    "first": TEXT,
    "last": TEXT,
    "code": TEXT,
    "day": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "time"},
    "room": NUMBER,
    "floor": {"type": "integer", "minimum": 1, "maximum": 3},
    "price": {"type": "number"},
    "extras": {"type": "array"},
    "size": {"enum": ["single", "double"]},
}


def var(key: str) -> JsonValue:
    return {"var": key}


def cat(*parts: JsonValue) -> JsonValue:
    return {"cat": [*parts]}


def substr(of: JsonValue, *positions: JsonValue) -> JsonValue:
    return {"substr": [of, *positions]}


def both(*guards: JsonValue) -> JsonValue:
    return {"and": [*guards]}


NEVER: dict[str, JsonValue] = {
    "two beginnings": both(
        {"==": [substr(var("code"), 0, 2), "AB"]},
        {"==": [substr(var("code"), 0, 2), "CD"]},
    ),
    "a beginning that another one denies": both(
        {"==": [substr(var("code"), 0, 1), "X"]},
        {"==": [substr(var("code"), 0, 2), "AB"]},
    ),
    "a beginning that is longer than it is cut": {"==": [substr(var("code"), 0, 2), "ABC"]},
    "an end that the whole does not have": both(
        {"==": [substr(var("code"), -2), "99"]},
        {"==": [var("code"), "AB-98"]},
    ),
    "a beginning and an end of what is shorter": both(
        {"==": [substr(var("code"), 0, 2), "AB"]},
        {"==": [substr(var("code"), -2), "CD"]},
        {"==": [{"var": "code.length"}, 3]},
    ),
    "a text with less than is joined": {"==": [cat(var("first"), " ", var("last")), "Ann"]},
    "another beginning than is joined": {"==": [cat("A-", var("code")), "B-1"]},
    "a list of texts that none is": {"in": [cat("A-", var("code")), ["B-1", "C-2"]]},
    "an empty one, of a text": both(var("last"), {"==": [cat(var("first"), var("last")), ""]}),
    "a number in other digits": {"==": [cat("Room ", var("room")), "Room 007"]},
    "a number out of its bounds": {"==": [cat("Floor ", var("floor")), "Floor 4"]},
    "one order and the other": both(
        {"<": [substr(var("time"), 0, 2), "09"]},
        {">=": [substr(var("time"), 0, 2), "18"]},
    ),
    "an hour that there is not": {">": [substr(var("time"), 0, 2), "25"]},
    "a month that there is not": both(var("day"), {"<": [substr(var("day"), 5, 2), "01"]}),
    "a part that is not in what is joined": both(
        {"in": ["x", cat(var("first"), "-")]},
        {"!": {"in": ["x", var("first")]}},
    ),
    "what is joined, without its part": both(var("last"), {"!": {"in": [var("last"), cat(var("first"), var("last"))]}}),
    "an enum's text": {"==": [cat(var("size"), " room"), "triple room"]},
    "two ways of joining": {"==": [cat(var("first"), "!"), cat("?", var("first"))]},
    "nothing but the end left off": {"==": [substr(var("code"), 0, -1), var("code")]},
}
SOMETIMES: dict[str, JsonValue] = {
    "a beginning": {"==": [substr(var("code"), 0, 3), "AB-"]},
    "a character far inside": {"==": [substr(var("code"), 9, 5), "q_!zy"]},
    "an end": both({"==": [substr(var("code"), -3), "-99"]}, {"==": [substr(var("code"), 0, 1), "Z"]}),
    "all but the last": {"==": [substr(var("code"), 1, -1), "bc"]},
    "two names": {"==": [cat(var("first"), " ", var("last")), "Ann Lee"]},
    "a number": {"==": [cat("Room ", var("room")), "Room -7"]},
    "a text and a number": {"==": [cat(var("code"), var("room")), "A12"]},
    "a list": {"in": [substr(var("code"), 0, 2), ["AB", "CD"]]},
    "a part over the border": both(
        {"in": ["nL", cat(var("first"), var("last"))]},
        {"!": {"in": ["nL", var("first")]}},
        {"!": {"in": ["nL", var("last")]}},
    ),
    "signs of all kinds": {"==": [cat(var("first"), "\\u{41}é中"), 'x"\\u{41}é中']},
    "what is beyond the text": {"==": [substr(var("code"), 5), ""]},
    "an evening": both(var("time"), {">": [substr(var("time"), 0, 2), "18"]}),
    "days between two": both({">": [substr(var("day"), 5, 5), "02-15"]}, {"<": [substr(var("day"), 5, 5), "02-18"]}),
    "another year": both({"==": [substr(var("day"), 0, 4), "1987"]}, {">": [substr(var("day"), 5, 2), "10"]}),
    "a whole number in a text": {"in": [var("room"), cat("Room ", var("code"))]},
    "an hour": both({">=": [substr(var("time"), 0, 2), "09"]}, {"<": [substr(var("time"), 0, 2), "18"]}),
}
UNKNOWN: dict[str, tuple[JsonValue, str]] = {
    "a decimal": ({"==": [cat(var("price"), " EUR"), "0x EUR"]}, "`cat`"),
    "a list": ({"==": [cat("+", var("extras")), "+never, +so"]}, "`cat`"),
    "a place that is computed": ({"==": [substr(var("code"), var("room"), 1), "Ünlikely"]}, "`substr`"),
}


def answer(guard: JsonValue) -> Any:
    prover = make_prover(MachineView(machine_with([guard], BOOKING, [])))
    assert prover is not None
    return prover.find([Truthy(guard)])


@pytest.mark.parametrize("name", NEVER)
def test_what_no_text_can_be_is_impossible(name: str) -> None:
    assert answer(NEVER[name]) == Impossible((0,))


@pytest.mark.parametrize("name", SOMETIMES)
def test_what_a_text_can_be_has_a_witness(name: str) -> None:
    assert isinstance(answer(SOMETIMES[name]), Possible)


@pytest.mark.parametrize("name", UNKNOWN)
def test_of_what_else_is_made_nobody_knows(name: str) -> None:
    guard, operator = UNKNOWN[name]
    assert answer(guard) == Undecided(operator)


# Against the evaluator


WORDS = ("", "a", "b", "ab", "ba", "-", "10", "1", "7", "-3", "é")
KEYS = ("s", "t", "n")
DECLARED: dict[str, Any] = {
    "s": TEXT,
    "t": {"type": "string", "default": "ab"},
    "n": {"type": "integer", "maximum": 12},
}


def text(rng: Random, depth: int) -> JsonValue:
    """Return an expression that makes a text."""
    kind = rng.randrange(6) if depth else rng.randrange(3)
    if kind < 2:
        return var(rng.choice(KEYS))
    if kind == 2:
        return rng.choice(WORDS)
    if kind < 5:
        return cat(*(text(rng, depth - 1) for _ in range(rng.randrange(1, 4))))
    positions = [rng.choice((-3, -1, 0, 1, 2, "1", None, 2.5)) for _ in range(rng.randrange(1, 3))]
    return substr(text(rng, depth - 1), *positions)


def guard(rng: Random) -> JsonValue:
    one, other = text(rng, 2), rng.choice((rng.choice(WORDS), text(rng, 1)))
    leaves: list[JsonValue] = [
        {rng.choice(("==", "!=", "===", "!==")): [one, other]},
        {rng.choice(("<", "<=", ">")): [one, other]},
        {"in": [one, other]},
        {"in": [other, one]},
        {"in": [one, [*WORDS[:3]]]},
        one,
    ]
    return rng.choice(leaves)


def drawn(rng: Random, count: int) -> tuple[Any, list[JsonValue], list[dict[str, JsonValue]]]:
    leaves = [guard(rng) for _ in range(2 * count)]
    guards = [*leaves, *(both(*pair) for pair in zip(leaves[::2], leaves[1::2], strict=True))]
    definition = machine_with(guards, DECLARED, ["t"])
    contexts = [{key: word(rng) for key in ("s", "t") if key == "t" or rng.random() < 0.8} for _ in range(40)]
    return definition, guards, [{**each, "n": rng.randrange(-12, 13)} for each in contexts]


def word(rng: Random) -> JsonValue:
    return "".join(rng.choice(WORDS) for _ in range(rng.randrange(1, 4))) or "a"


@pytest.mark.parametrize("seed", range(12))
def test_the_terms_and_facts_say_what_the_evaluator_says(seed: int) -> None:
    undecided, wrong = compared(*drawn(Random(seed), 15))  # noqa: S311  # nothing secret

    assert wrong == []
    assert undecided == 0


@pytest.mark.parametrize("seed", range(5))
def test_nothing_that_holds_is_impossible_and_little_is_unknown(seed: int) -> None:
    definition, guards, contexts = drawn(Random(100 + seed), 8)  # noqa: S311  # nothing secret
    prover = make_prover(MachineView(definition))
    assert prover is not None

    unknown = 0
    for each in guards:
        judged = {truthy(compiled(definition, each)(context)) for context in contexts}
        for truth, formula in ((True, Truthy(each)), (False, Not(Truthy(each)))):
            found = prover.find([formula])
            assert not (truth in judged and isinstance(found, Impossible)), each
            unknown += isinstance(found, Undecided)
    assert unknown < 0.1 * 2 * len(guards)
