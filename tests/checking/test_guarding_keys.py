"""The keys on every way and on some ways to a state, through global transitions and sub-machines."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from machines import Json, machine, state, to

from fsm_langgraph import load_definition
from fsm_langgraph.checking.access.guarding_keys import GuardingKeys

FORK = machine(
    state("a", to("b", "x"), to("c", "y")),
    state("b", to("d", "z")),
    state("c", to("d", "z"), to("a", "w")),
    state("d"),
    state("lost", to("d")),
)
WATCHED = machine(
    state("a", to("b", "x")),
    state("b", to("end", "y")),
    state("end"),
    state("help"),
    global_transitions=[to("help", "h")],
)
INNER = machine(state("card", to("paid", "card")), state("paid"), name="inner")
SHOP = machine(state("cart", to("pay", "item")), state("pay", to("end", "ok"), subflow="p"), state("end")) | {
    "subflows": {"p": INNER}
}


@pytest.mark.parametrize(
    ("definition", "node", "always", "sometimes"),
    [
        (FORK, "a", [], ["w", "y"]),
        (FORK, "b", ["x"], ["w", "x", "y"]),
        (FORK, "d", ["z"], ["w", "x", "y", "z"]),
        (WATCHED, "end", ["x", "y"], ["x", "y"]),
        (WATCHED, "help", ["h"], ["h", "x"]),
        (SHOP, "pay/card", ["item"], ["item"]),
        (SHOP, "end", ["item", "ok", "pay/card"], ["item", "ok", "pay/card"]),
    ],
)
def test_the_keys_on_the_ways_to_a_state(
    definition: Json, node: str, always: Collection[str], sometimes: Collection[str]
) -> None:
    keys = GuardingKeys(load_definition(definition))

    assert (sorted(keys.always(node)), sorted(keys.sometimes(node))) == (always, sometimes)


def test_a_state_that_no_way_leads_to() -> None:
    keys = GuardingKeys(load_definition(FORK))

    assert (keys.is_reached("lost"), keys.is_reached("d")) == (False, True)
