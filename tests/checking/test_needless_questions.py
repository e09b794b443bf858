"""A state that asks for what may be told ahead is noted, and one that asks on purpose is not."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from checked import found
from machines import Json, machine, state, to

KEYS: Json = {"name": {"type": "string"}, "email": {"type": "string"}, "sure": {"type": "boolean"}}


def form(context: Json | None = KEYS, *, key: str = "email", coming: Json | None = None, **fields: Any) -> Json:
    """Write a form of two questions."""
    first = state("first", {**to("second", "name"), **(coming or {})}, required_context_keys=["name"])
    second = state("second", fields.pop("transition", to("end", key)), required_context_keys=[key], **fields)
    return machine(first, second, state("end"), **({"context": context} if context is not None else {}))


def test_a_question_that_may_be_answered_is_noted() -> None:
    [finding] = found(form(), "needless-question")

    assert (finding.path, finding.severity) == ("states.second", "note")
    assert "'email'" in finding.message
    assert "'first'" in finding.message


def test_keys_need_not_be_declared() -> None:
    assert len(found(form(None), "needless-question")) == 1


@pytest.mark.parametrize(
    "definition",
    [
        form(ask="missing"),
        form(ask="always"),
        form(forget=["email"]),
        form(coming={"ask": "missing"}),
        form(coming={"ask": "always"}),
        form(transition=to("end")),
        form(transition={**to("end", "email"), "fires": False}),
        form(transition=to("second", "email")),
        form(KEYS) | {"other_keys": "known"},
        form(
            key="sure",
            transition={
                **to("end"),
                "conditions": [{"description": "Sure", "requires_context_keys": ["sure"], "confirms": ["name"]}],
            },
        ),
    ],
    ids=[
        "it is passed",
        "it is meant so",
        "it forgets",
        "the transition passes it",
        "the transition asks",
        "no conditions",
        "only a proposal",
        "only to itself",
        "nobody may tell ahead",
        "a confirmation",
    ],
)
def test_a_question_on_purpose_is_not(definition: Json) -> None:
    assert found(definition, "needless-question") == []


def test_what_another_state_collects_may_be_told_before() -> None:
    asked = form() | {"other_keys": "known"}
    asked["states"]["first"]["optional_context_keys"] = ["email"]

    assert len(found(asked, "needless-question")) == 1


def test_one_chosen_among_several_asks_on_purpose() -> None:
    menu = state("menu", to("ask"), to("end"))
    asked = machine(menu, state("ask", to("end", "email"), required_context_keys=["email"]), state("end"))

    assert found(asked, "needless-question") == []


@pytest.mark.parametrize(("more", "told"), [(1, "and so does 'third'."), (2, "and so do 'third' and 'fourth'.")])
def test_the_other_questions_are_named(more: int, told: str) -> None:
    names = ["first", "second", "third", "fourth", "end"]
    asking = [state(name, to(after, name), required_context_keys=[name]) for name, after in pairwise(names[: 2 + more])]
    last = state(names[1 + more], to("end", names[1 + more]), required_context_keys=[names[1 + more]])
    context = {name: {"type": "string"} for name in names}

    [finding] = found(machine(*asking, last, state("end"), context=context), "needless-question")

    assert finding.message.endswith(told)


def test_a_question_that_the_flow_comes_back_to_asks_on_purpose() -> None:
    """Who says that the order is wrong would be led past the question, and back to where they said so."""
    asked = form()
    asked["states"]["second"]["transitions"] = [
        {**to("end"), "conditions": [{"description": "right", "logic": {"==": [{"var": "email"}, "a@b.c"]}}]},
        {**to("first"), "conditions": [{"description": "wrong", "logic": {"!=": [{"var": "email"}, "a@b.c"]}}]},
    ]
    start = state("start", to("first", "sure"), required_context_keys=["sure"])
    asked = asked | {"initial_state": "start", "states": {"start": start, **asked["states"]}}

    [finding] = found(asked, "needless-question")

    assert finding.path == "states.second"


def test_a_question_that_the_user_may_go_back_to_by_choice_is_noted() -> None:
    asked = form()
    asked["states"]["second"]["transitions"].append(to("first"))
    start = state("start", to("first", "sure"), required_context_keys=["sure"])
    asked = asked | {"initial_state": "start", "states": {"start": start, **asked["states"]}}

    [finding] = found(asked, "needless-question")

    assert finding.path == "states.first"


def shop(*, asks: Json | None = None, inner: Json | None = None, **running: Any) -> Json:
    """Write a machine that asks for a mail, and runs one that begins with the question for it."""
    asking = {"required_context_keys": ["mail"], **(asks or {})}
    contact = state("contact", to("reach", "email"), required_context_keys=["email"], **(inner or {}))
    reach = state("reach", to("reached", "time"), required_context_keys=["time"])
    around = {"subflow": "reaching", "inputs": {"email": "mail"}, **running}
    return machine(
        state("ask", to("pay", "mail"), **asking),
        state("pay", to("end"), **around),
        state("end"),
        subflows={"reaching": machine(contact, reach, state("reached"))},
    )


def test_a_question_of_a_sub_machine_whose_answer_comes_in_is_noted() -> None:
    [finding] = [each for each in found(shop(), "needless-question") if each.path.startswith("subflows")]

    assert finding.path == "subflows.reaching.states.contact"
    assert finding.message == (
        "the state 'contact' asks for 'email', also where that comes in by the 'inputs' of 'pay'; and so does 'reach'."
    )


def test_where_nobody_inside_may_tell_it_ahead_it_may_still_come_in() -> None:
    only = shop()
    only["subflows"]["reaching"]["other_keys"] = "known"

    [finding] = found(only, "needless-question")

    assert finding.message.endswith("also where that comes in by the 'inputs' of 'pay'.")


@pytest.mark.parametrize(
    "definition",
    [
        shop(inner={"ask": "missing"}),
        shop(inner={"ask": "always"}),
        shop(inner={"forget": ["email"]}),
        shop(inputs={"name": "mail"}),
        shop(asks={"required_context_keys": ["name"], "transitions": [to("pay", "name")]}),
        shop(transitions=[to("end"), to("pay", "mail")]),
    ],
    ids=[
        "it is passed",
        "it is meant so",
        "it forgets",
        "another key comes in",
        "nobody is asked for it before",
        "the machine around comes back",
    ],
)
def test_a_question_that_nobody_around_has_answered_is_not(definition: Json) -> None:
    told = [each for each in found(definition, "needless-question") if "'email'" in each.message]
    assert told == []
