"""Texts as z3 has them are the texts that the evaluator makes."""

from __future__ import annotations

from random import Random

import pytest
import z3
from pydantic import JsonValue

from fsm_langgraph.checking.proving.solved_texts import SolverTexts, escaped, read_text
from fsm_langgraph.checking.proving.terms import Linear
from fsm_langgraph.checking.proving.text_terms import (
    CutText,
    KnownText,
    Numeral,
    TextFact,
    TextTerm,
    TextVariable,
    is_never_empty,
    joined,
    text_in,
)
from fsm_langgraph.logic import compile_logic

TEXTS = {"x": "Ann Lee", "y": "é\\u{41}\n中", "z": "7"}
NUMBERS = {"n": -12, "m": 0, "k": 10**18}
POSITIONS = (-9, -7, -2, -1, 0, 1, 2, 6, 7, 9)


def drawn(rng: Random, depth: int) -> tuple[TextTerm, JsonValue]:
    """Return a text, and the expression that makes it."""
    kind = rng.randrange(5) if depth else rng.randrange(3)
    if kind == 0:
        name = rng.choice([*TEXTS])
        return TextVariable(name), {"var": name}
    if kind == 1:
        name = rng.choice([*NUMBERS])
        return Numeral(Linear(((name, 1),))), {"var": name}
    if kind == 2:
        word = rng.choice(("", "-", "a b", "\\", '"'))
        return KnownText(word), word
    if kind == 3:
        parts = [drawn(rng, depth - 1) for _ in range(rng.randrange(1, 4))]
        return joined(part for part, _ in parts), {"cat": [made for _, made in parts]}
    whole, made = drawn(rng, depth - 1)
    start, length = rng.choice(POSITIONS), rng.choice((None, *POSITIONS))
    return CutText(whole, start, length), {"substr": [made, start, *([] if length is None else [length])]}


@pytest.mark.parametrize("seed", range(200))
def test_a_text_is_what_the_evaluator_makes_and_z3_too(seed: int) -> None:
    text, expression = drawn(Random(seed), 3)  # noqa: S311  # nothing secret
    made = compile_logic({"cat": [expression]})({**TEXTS, **NUMBERS})
    context = z3.Context()
    writes = SolverTexts(
        z3, context, lambda total: z3.Sum([z3.IntVal(NUMBERS[n], context) * f for n, f in total.summands])
    )
    given = [
        writes.write(TextFact("is", (TextVariable(n), KnownText(t))), z3.BoolVal(True, context))
        for n, t in TEXTS.items()
    ]
    solver = z3.SimpleSolver(ctx=context)
    solver.add(*given, writes.write(TextFact("is", (text, KnownText(made))), z3.BoolVal(False, context)))

    assert text_in(text, TEXTS, NUMBERS) == made
    assert made or not is_never_empty(text)
    assert solver.check() == z3.unsat


@pytest.mark.parametrize("text", ["", "plain", "\\u{41}", "\\", "é中\u2028\x00\x7f", "\U0002ffff"])
def test_a_text_is_read_as_it_was_written(text: str) -> None:
    assert read_text(z3.StringVal(escaped(text))) == text
