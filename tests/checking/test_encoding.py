"""The encoding against the evaluator: random guards and contexts, and a table of corners.

No guard that holds in a context may be called impossible, and what the terms say of a context is what the evaluator
says. Where the terms say nothing (`Unclear`), nothing is claimed.
"""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from pinned_contexts import pinned
from pydantic import JsonValue
from random_guards import COMMON, KEYS, declarations, guard, machine_with, stored

from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.proving.asked_formulas import EncodedFormulas
from fsm_langgraph.checking.proving.context_cases import ContextCases
from fsm_langgraph.checking.proving.domains import Domains
from fsm_langgraph.checking.proving.prover import Impossible, Not, Truthy, Undecided, make_prover
from fsm_langgraph.checking.proving.relevant_values import constants_by_key
from fsm_langgraph.checking.proving.terms import truth_in
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.logic import compile_logic, truthy
from fsm_langgraph.logic.limits import LimitReached
from fsm_langgraph.logic.operators import OPERATORS

GUARDS, CONTEXTS = 25, 50
"""For each of the machines."""
MACHINES = 40
ALL = sorted(OPERATORS)


@pytest.mark.parametrize("seed", range(MACHINES))
def test_the_terms_say_what_the_evaluator_says(seed: int) -> None:
    rng = Random(seed)  # noqa: S311  # nothing secret
    definition, guards, contexts = _drawn(rng, COMMON if seed % 4 == 0 else ALL)
    undecided, wrong = _compared(definition, guards, contexts)

    assert wrong == []
    assert undecided < (0.15 if seed % 4 == 0 else 0.45) * len(guards) * len(contexts)


@pytest.mark.parametrize("seed", range(10))
def test_nothing_that_holds_is_impossible(seed: int) -> None:
    rng = Random(1_000 + seed)  # noqa: S311  # nothing secret
    definition, guards, contexts = _drawn(rng, ALL)
    prover = make_prover(MachineView(definition))
    assert prover is not None

    for each in guards:
        judged = {truthy(_compiled(definition, each)(context)) for context in contexts}
        assert not (True in judged and isinstance(prover.find([Truthy(each)]), Impossible)), each
        assert not (False in judged and isinstance(prover.find([Not(Truthy(each))]), Impossible)), each


@pytest.mark.parametrize("seed", range(5))
def test_guards_that_compare_keys_with_constants_are_all_decided(seed: int) -> None:
    rng = Random(2_000 + seed)  # noqa: S311  # nothing secret
    context = {key: rng.choice(_SCALARS) for key in KEYS}
    guards = [_plain_guard(rng, 3) for _ in range(40)]
    prover = make_prover(MachineView(machine_with(guards, context, KEYS[:2])))
    assert prover is not None

    asked = [formula for each in guards for formula in (Truthy(each), Not(Truthy(each)))]
    assert [formula for formula in asked if isinstance(prover.find([formula]), Undecided)] == []


_SCALARS: list[dict[str, Any]] = [
    {"type": "integer", "minimum": 1, "maximum": 10},
    {"type": "number"},
    {"type": "boolean"},
    {"enum": ["red", "blue", "3"]},
    {"type": "string"},
    {"type": "string", "format": "date"},
    {"type": "array", "items": {"enum": ["red", "blue"]}},
]


def _plain_guard(rng: Random, depth: int) -> JsonValue:
    key: JsonValue = {"var": rng.choice(KEYS)}
    constant = rng.choice(("red", "blue", "3", "2026-03-05", 3, 2.5, 7, True, None, ""))
    if depth == 0 or rng.random() < 0.3:
        leaves: list[JsonValue] = [
            {rng.choice(("==", "!=", "===", "!==")): [key, constant]},
            {rng.choice(("<", "<=", ">", ">=")): [key, rng.choice((3, 2.5, 7))]},
            {"in": [key, ["red", "3", 3, 7]]},
            {"!": {"missing": [rng.choice(KEYS), rng.choice(KEYS)]}},
            key,
        ]
        return rng.choice(leaves)
    parts: list[JsonValue] = [_plain_guard(rng, depth - 1) for _ in range(3)]
    operator = rng.choice(("and", "or", "if", "!", "!!"))
    return {operator: parts if operator in ("and", "or", "if") else parts[:1]}


CORNERS: dict[str, tuple[JsonValue, JsonValue]] = {
    "a text of digits is its number": ({"==": [{"var": "a"}, 3]}, "3"),
    "but not strictly": ({"===": [{"var": "a"}, 3]}, "3"),
    "an empty list is the empty text": ({"==": [{"var": "a"}, ""]}, []),
    "a list of one is its item": ({"==": [{"var": "a"}, 3]}, [3]),
    "yes is more than 0": ({">": [{"var": "a"}, 0]}, True),
    "yes is 1": ({"==": [{"var": "a"}, 1]}, True),
    "yes is not strictly 1": ({"===": [{"var": "a"}, 1]}, True),
    "null is not 0": ({"==": [{"var": "a"}, 0]}, None),
    "null does not order": ({"<=": [{"var": "a"}, 0]}, None),
    "null is null": ({"==": [{"var": "a"}, None]}, None),
    "null is in a list": ({"in": [{"var": "a"}, [None]]}, None),
    "a word is less than no number": ({"<": [{"var": "a"}, 5]}, "abc"),
    "nor more": ({">=": [{"var": "a"}, 5]}, "abc"),
    "texts order as texts": ({"<": [{"var": "a"}, "9"]}, "10"),
    "text and number order as numbers": ({"<": [{"var": "a"}, 9]}, "10"),
    "the empty text is 0": ({"==": [{"var": "a"}, 0]}, ""),
    "blanks are 0 but truthy": ({"and": [{"var": "a"}, {"==": [{"var": "a"}, 0]}]}, "  "),
    "zero as a text is truthy": ({"!!": [{"var": "a"}]}, "0"),
    "an empty object is truthy": ({"!!": [{"var": "a"}]}, {}),
    "an empty list is not": ({"!!": [{"var": "a"}]}, []),
    "1.0 is 1": ({"===": [{"var": "a"}, 1]}, 1.0),
    "a huge integer is itself": ({"===": [{"var": "a"}, 9007199254740993]}, 9007199254740993),
    "and not its neighbour": ({"===": [{"var": "a"}, 9007199254740992]}, 9007199254740993),
    "a dotted path": ({">": [{"var": "a.b"}, 1]}, {"b": 2}),
    "a dotted path that leads nowhere": ({"==": [{"var": "a.b"}, None]}, "x"),
    "the length of a text": ({"==": [{"var": "a.length"}, 3]}, "abc"),
    "the length of a list": ({">": [{"var": "a.length"}, 1]}, [1, 2]),
    "no length of a number": ({"==": [{"var": "a.length"}, None]}, 5),
    "a member named length": ({"==": [{"var": "a.length"}, "x"]}, {"length": "x"}),
    "an item of a list": ({"==": [{"var": "a.1"}, "y"]}, ["x", "y"]),
    "a default for what is absent": ({"==": [{"var": ["a.b", 7]}, 7]}, {}),
    "no default for null": ({"==": [{"var": ["a.b", 7]}, None]}, {"b": None}),
    "an item of a list, strictly": ({"in": [3, {"var": "a"}]}, ["3"]),
    "a part of a text": ({"in": ["b", {"var": "a"}]}, "abc"),
    "a text in a text": ({"in": [{"var": "a"}, "abc def"]}, "c d"),
    "nothing in the empty text": ({"in": ["", {"var": "a"}]}, ""),
    "nested ifs": ({"if": [{"if": [{"var": "a"}, False, True]}, 1, {"==": [{"var": "a"}, 2]}, 0, 5]}, 2),
    "the value of or": ({"==": [{"or": [{"var": "a"}, "x"]}, "x"]}, 0),
    "the value of and": ({"==": [{"and": [{"var": "a"}, "x"]}, 0]}, 0),
    "missing gives a list": ({"==": [{"missing": ["a", "a.b"]}, ["a.b"]]}, {"c": 1}),
    "missing takes the empty text": ({"missing": ["a"]}, ""),
    "missing takes no false": ({"missing": ["a"]}, False),
    "enough are there": ({"!": {"missing_some": [1, ["a", "nowhere"]]}}, 1),
    "no is not present": ({"has_context": "a"}, "no"),
    "0 is present": ({"has_context": "a"}, 0),
    "the length of an object": ({"==": [{"context_length": "a"}, 2]}, {"x": 1, "y": 2}),
    "an object as a text": ({"==": [{"var": "a"}, "[object Object]"]}, {"x": 1}),
    "between": ({"<": [1, {"var": "a"}, 3]}, 3),
    "at most between": ({"<=": [1, {"var": "a"}, 3]}, 3),
    "the smallest": ({"==": [{"min": [{"var": "a"}, 4]}, 2]}, 2),
    "a division by nothing": ({"/": [{"var": "a"}, 0]}, 5),
    "a merged list": ({"in": [2, {"merge": [{"var": "a"}, [1]]}]}, 2),
    "a member of an object": ({"contains": [{"var": "a"}, "x"]}, {"x": None}),
}


@pytest.mark.parametrize("name", CORNERS)
def test_corners_are_encoded_as_they_are_evaluated(name: str) -> None:
    expression, value = CORNERS[name]
    definition = machine_with([expression], None, ["a"])
    undecided, wrong = _compared(definition, [expression], [{"a": value}, {}, {"a": 2}])

    assert (undecided, wrong) == (0, [])


HUGE = 2**53 + 1
"""An integer that no float is."""
ROUNDED: dict[str, tuple[dict[str, Any], JsonValue, JsonValue]] = {
    "an integer plus 0.0": ({"type": "number"}, {"==": [{"+": [{"var": "a"}, 0.0]}, {"var": "a"}]}, HUGE),
    "an integer times 1.0": ({"type": "number"}, {"==": [{"*": [{"var": "a"}, 1.0]}, {"var": "a"}]}, HUGE),
    "an integer divided by 1": ({"type": "integer"}, {"==": [{"/": [{"var": "a"}, 1]}, {"var": "a"}]}, HUGE),
    "an integer plus 1 and 1.0": (
        {"type": "number"},
        {"==": [{"+": [{"var": "a"}, 2]}, {"+": [{"var": "a"}, 2.0]}]},
        HUGE,
    ),
    "an integer plus the smaller of 0.0 and 0": (
        {"type": "integer"},
        {"==": [{"+": [{"var": "a"}, {"min": [0.0, {"%": [{"var": "a"}, 1]}]}]}, {"var": "a"}]},
        HUGE,
    ),
    "a product that is too large": ({"type": "integer"}, {">": [{"*": [{"var": "a"}, 10**305]}, 0]}, 10**6),
    "a float whose text is another integer": (
        {"type": "number"},
        {"in": [{"var": "a"}, "12345678901234567000"]},
        1.2345678901234567e19,
    ),
    "integers that have one text": ({"type": "integer"}, {"in": [{"*": [{"var": "a"}, 10**5]}, "1e+21"]}, 10**16 + 1),
    "a loop that asks for presence": (
        {"type": "string"},
        {"some": [[{"a": "no", "b": 1}], {"has_context": "a"}]},
        "x",
    ),
}


@pytest.mark.parametrize("name", ROUNDED)
def test_the_terms_claim_nothing_that_rounding_makes_untrue(name: str) -> None:
    declared, expression, value = ROUNDED[name]
    definition = machine_with([expression], {"a": declared}, ["a"])

    _, wrong = _compared(definition, [expression], [{"a": value}])
    assert wrong == []


IMPOSSIBLE: dict[str, tuple[dict[str, Any] | None, JsonValue]] = {
    "beyond the maximum": ({"a": {"type": "integer", "maximum": 8}}, {">": [{"var": "a"}, 8]}),
    "between two integers": ({"a": {"type": "integer"}}, {"<": [2, {"var": "a"}, 3]}),
    "no member of the enum": ({"a": {"enum": ["x", "y"]}}, {"==": [{"var": "a"}, "z"]}),
    "a number of another type": ({"a": {"enum": ["1", "2"]}}, {"===": [{"var": "a"}, 1]}),
    "a declared text is never empty": ({"a": {"type": "string"}}, {"==": [{"var": "a"}, ""]}),
    "nor a truth value": ({"a": {"type": "string"}}, {"===": [{"var": "a"}, True]}),
    "a text that fits no pattern": ({"a": {"type": "string", "pattern": "^[0-9]+$"}}, {"==": [{"var": "a"}, "x"]}),
    "a date is no number": ({"a": {"type": "string", "format": "date"}}, {">": [{"var": "a"}, 5]}),
    "an item that the list never has": (
        {"a": {"type": "array", "items": {"enum": ["x"]}}},
        {"in": ["y", {"var": "a"}]},
    ),
    "a circle of whole numbers": (
        {key: {"type": "integer"} for key in "abc"},
        {"and": [{"<": [{"var": one}, {"var": other}]} for one, other in ("ab", "bc", "ca")]},
    ),
    "a sum beyond its parts": (
        {key: {"type": "integer", "minimum": 1, "maximum": 5} for key in "ab"},
        {">": [{"+": [{"var": "a"}, {"var": "b"}]}, 10]},
    ),
    "both of two exclusive guards over a decimal": (
        {"a": {"type": "number"}},
        {"and": [{"<": [{"*": [{"var": "a"}, 2]}, 10]}, {">=": [{"*": [{"var": "a"}, 2]}, 10]}]},
    ),
    "undeclared, yet both above and below": (None, {"and": [{">": [{"var": "a"}, 5]}, {"<": [{"var": "a"}, 3]}]}),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_guards_that_never_hold_are_found(name: str) -> None:
    context, expression = IMPOSSIBLE[name]
    prover = make_prover(MachineView(machine_with([expression], context, [])))

    assert prover is not None
    assert prover.find([Truthy(expression)]) == Impossible((0,))


NOT_IMPOSSIBLE: dict[str, tuple[dict[str, Any] | None, JsonValue]] = {
    "a sum that rounding makes": ({"a": {"type": "number"}}, {"!=": [{"+": [{"var": "a"}, 0.2]}, 0.3]}),
    "a sum that rounding swallows": ({"a": {"type": "number"}}, {"==": [{"+": [{"var": "a"}, 1]}, {"var": "a"}]}),
    "a part that rounding swallows": ({"a": {"type": "number"}}, {"==": [{"*": [{"var": "a"}, 0.5]}, 0]}),
    "a default for a character that is not there": (
        {"a": {"type": "string"}},
        {"!==": [{"var": "a.1"}, {"var": ["a.1", False]}]},
    ),
    "a circle of undeclared values": (
        None,
        {"and": [{"<": [{"var": one}, {"var": other}]} for one, other in ("ab", "bc", "ca")]},
    ),
}


@pytest.mark.parametrize("name", NOT_IMPOSSIBLE)
def test_guards_that_hold_at_odd_values_are_not_called_impossible(name: str) -> None:
    context, expression = NOT_IMPOSSIBLE[name]
    prover = make_prover(MachineView(machine_with([expression], context, [])))

    assert prover is not None
    assert not isinstance(prover.find([Truthy(expression)]), Impossible)


def _drawn(rng: Random, operators: Any) -> tuple[FSMDefinition, list[JsonValue], list[dict[str, JsonValue]]]:
    """Return a machine, its guards, and contexts that it can have."""
    context = declarations(rng)
    guards = [guard(rng, rng.randrange(1, 4 if operators is COMMON else 3), operators) for _ in range(GUARDS)]
    definition = machine_with(guards, context, [key for key in KEYS if rng.random() < 0.5])
    domains = Domains(MachineView(definition))
    names = (*KEYS, "_stays", "_now")
    contexts = [{key: each for key in names for each in stored(rng, domains.of_key(key))} for _ in range(CONTEXTS)]
    return definition, guards, contexts


def _compared(
    definition: FSMDefinition, guards: list[JsonValue], contexts: list[dict[str, JsonValue]]
) -> tuple[int, list[tuple[JsonValue, dict[str, JsonValue]]]]:
    """Return how many pairs the terms say nothing of, and those of which they say something else."""
    cases = ContextCases(Domains(MachineView(definition)).of_key, constants_by_key(guards))
    encoded = EncodedFormulas(definition, cases)
    terms = []
    for each in guards:
        try:
            terms.append((each, encoded.term(Truthy(each)), _compiled(definition, each)))
        except LimitReached:
            continue
    undecided, wrong = 0, []
    for context in contexts:
        found = pinned(cases, context)
        for each, term, evaluate in terms:
            told = truth_in(term, found.propositions, found.numbers)
            undecided += told is None
            if told is not None and told is not truthy(evaluate(context)):
                wrong.append((each, context))
    return undecided, wrong


def _compiled(definition: FSMDefinition, expression: JsonValue) -> Any:
    return compile_logic(expression, declared=frozenset(definition.context or ()))
