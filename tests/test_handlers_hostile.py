"""Whatever handlers write, refuse or raise, and hostile replies with it: what the machine promises holds.

What the model says comes from `hostile_replies.py`, the machines and the judgement of edges from `test_hostile.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from handling import coroutine, noted, plain
from hostile_replies import keys, texts, values
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langgraph.checkpoint.memory import InMemorySaver
from machines import AT_ONCE, DRIVERS, Json
from profiles import examples
from test_hostile import MACHINES, MEANT, SCRIPTS, Script, Seen, Target, attack, judge_turn, kept, stored, thread

from fsm_langgraph import Event, Handlers, RejectValue, compile_fsm
from fsm_langgraph.handlers import MOMENTS
from fsm_langgraph.models.scripted import ScriptedModel


@dataclass(frozen=True)
class Write:
    """Writes these keys, or gives an answer that is none."""

    answer: Any

    def __call__(self, _: Event) -> Any:
        return self.answer


@dataclass(frozen=True)
class Refuse:
    """Refuses a key, or its handler's own."""

    key: str | None

    def __call__(self, _: Event) -> Any:
        raise RejectValue("is refused", self.key)


@dataclass(frozen=True)
class Fail:
    """Fails."""

    error: type[Exception]

    def __call__(self, _: Event) -> Any:
        raise self.error


Deed = Write | Refuse | Fail
Plan = Mapping[Any, Deed]
"""What a handler does at each moment; nothing at those that are left out."""


def plans(meant: Json) -> st.SearchStrategy[list[Plan]]:
    """What three handlers do."""
    fitting = st.fixed_dictionaries({}, optional={key: st.just(v) | st.none() for key, v in meant.items()})
    strange = st.dictionaries(keys(list(meant)), values, max_size=2) | values | texts
    deed: st.SearchStrategy[Deed] = (
        fitting.map(Write)
        | fitting.map(Write)
        | strange.map(Write)
        | (st.none() | keys(list(meant))).map(Refuse)
        | st.sampled_from([KeyError, ConnectionError, StopIteration]).map(Fail)
    )
    return st.lists(st.dictionaries(st.sampled_from(MOMENTS), deed, max_size=4), min_size=3, max_size=3)


def armed(planned: list[Plan], meant: Json, log: list[Any]) -> Handlers:
    """Make the handlers that do what is planned, and write down what they saw."""

    def doing(plan: Plan) -> Any:
        def do(event: Event) -> Any:
            log.append((noted(event), dict(event.context), sorted(event.updated), event.message))
            return plan[event.moment](event) if event.moment in plan else None

        return do

    handlers = Handlers()
    handlers.on(*MOMENTS, errors="continue", priority=200)(coroutine(doing(planned[0])))
    handlers.on(*MOMENTS, keys=list(meant), errors="continue")(plain(doing(planned[1])))
    handlers.on(*MOMENTS)(coroutine(doing(planned[2])))
    return handlers


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.mark.parametrize("name", MACHINES)
@settings(max_examples=examples(8), deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_handler_breaks_a_promise(name: str, loop: asyncio.Runner, data: st.DataObject) -> None:
    said, planned = data.draw(SCRIPTS[name]), data.draw(plans(MEANT[name]))
    ends: list[Any] = []
    for drive in DRIVERS:
        log: list[Any] = []
        script = Script()
        script.make_war(*said)
        model = ScriptedModel(replies=[script], repeat=True)
        handlers = armed(planned, MEANT[name], log)
        graph = compile_fsm(
            MACHINES[name], model, checkpointer=InMemorySaver(), retry_policy=AT_ONCE, max_steps=12, handlers=handlers
        )
        attacked, config = Target(MACHINES[name], drive, script, model, graph), thread()
        turns: list[Seen] = []
        for _ in range(3):
            before = stored(attacked, config)
            turns.append(attack(attacked, config, loop))
            judge_turn(attacked, before, turns[-1], stored(attacked, config))
        ends.append((kept(stored(attacked, config)), [(t.text, str(t.error), t.moves) for t in turns], log))
    assert ends[0] == ends[1]
