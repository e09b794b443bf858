"""A hub that no schema can list is told."""

from __future__ import annotations

import pytest
from checking.machine_of_states import made, to, told


@pytest.mark.parametrize(
    ("names", "found"),
    [
        pytest.param([f"s{n}" for n in range(999)], [], id="a thousand values with its own"),
        pytest.param([f"s{n}" for n in range(1000)], ["too-many-targets states.hub.transitions"], id="one more"),
        pytest.param(
            [f"s{n:060}" for n in range(260)], ["too-many-targets states.hub.transitions"], id="fewer long ones"
        ),
        pytest.param([f"s{n:060}" for n in range(240)], [], id="few long ones"),
    ],
)
def test_a_hub_with_too_many_targets_is_told(names: list[str], found: list[str]) -> None:
    states = {"hub": to(*names), **{name: {} for name in names}}

    assert told(made(states), "too-many-targets") == found
