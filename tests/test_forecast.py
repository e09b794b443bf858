"""The forecast of a message's fate is what then happens.

Random machines hold random conversations (`random_machines.py`), watched from outside (`watching.py`). Whether a
message fits is judged here anew, from what its writer's prompt had and where the turn has landed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from machines import DRIVERS, Drive, Json, sync
from profiles import examples
from random_machines import INNER, Plan, plans
from watching import Asked, Decided, Handled, Happening, LookedUp, Shown, Turn, forecast_of, hold, watch_decisions


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    with watch_decisions(), asyncio.Runner() as runner:
        yield runner


@settings(max_examples=examples(40), suppress_health_check=list(HealthCheck))
@given(plan=plans(), drive=st.sampled_from(DRIVERS))
def test_the_forecast_is_what_then_happens(plan: Plan, drive: Drive, loop: asyncio.Runner) -> None:
    for turn in hold(plan, drive, loop):
        judge(plan.definition, turn)


@settings(max_examples=examples(10), suppress_health_check=list(HealthCheck))
@given(plan=plans())
def test_a_conversation_is_the_same_by_either_driver(plan: Plan, loop: asyncio.Runner) -> None:
    held = [[(t.happened, t.streamed, t.outcome) for t in hold(plan, drive, loop)] for drive in DRIVERS]
    assert held[0] == held[1]


@settings(max_examples=examples(10), suppress_health_check=list(HealthCheck))
@given(plan=plans().filter(lambda plan: not plan.speech_calls_tools))
def test_the_forecast_decides_about_messages_alone(plan: Plan, loop: asyncio.Runner) -> None:
    held = hold(plan, sync, loop)
    with forecast_of("refuse"):
        refused = hold(plan, sync, loop)
    assert [turn.outcome for turn in held] == [turn.outcome for turn in refused]


def judge(definition: Json, turn: Turn) -> None:
    """Hold a turn against the law."""
    shown = "".join(each.text for each in turn.happened if isinstance(each, Shown))
    assert turn.streamed == shown
    if turn.error is not None:
        assert shown == "".join(turn.error.shown)
        assert turn.after.get("last_turn") == turn.before.get("last_turn")
    else:
        # What the machine says itself is shown, and then one message of a model's at most, whole; all is stored.
        assert shown == "".join(turn.answers)
        assert turn.written in ["", *(each.text for each in turn.happened if isinstance(each, Asked))]
        speaks_itself(definition, turn)
    for index, each in enumerate(turn.happened):
        if isinstance(each, Decided):
            _LAW[each.fate](definition, turn, each, turn.happened[index + 1 :])
            if each.reply.text == turn.written:
                assert misfits(definition, turn, each) == []


def speaks_itself(definition: Json, turn: Turn) -> None:
    """Hold what the machine has said itself against the law."""
    record, landing = turn.record, turn.record["landing"]
    own = [state_at(definition, path) for path in record["said"]]
    assert [text.startswith(f"Said in {state['id']}: ") for text, state in zip(turn.answers, own, strict=False)] == [
        "say" in state for state in own
    ]
    # On the way they are said where no turn rests; where it comes to rest they are the answer.
    for path, state in zip(record["said"], own, strict=True):
        assert path == landing or state.get("silent") or ("/" in path and not state["transitions"])
    came_back = any(step["why"] == "returned" for step in record["steps"])
    has_come = len(record["path"]) > 1 and not came_back
    if has_come and "say" in state_at(definition, landing):
        assert record["said"][-1:] == [landing]
        assert bool(turn.written) == any(write["kind"] in ("value", "unconfirmed") for write in record["rejected"])


def _is_shown(_: Json, turn: Turn, decided: Decided, rest: Sequence[Happening]) -> None:
    assert [each for each in rest if not isinstance(each, Shown)] == []
    assert turn.error is None
    assert turn.record["landing"] in landings(decided)
    assert turn.written == decided.reply.text


def _is_held(definition: Json, turn: Turn, decided: Decided, rest: Sequence[Happening]) -> None:
    first = rest[0]
    assert isinstance(first, Handled) or has_gaps(definition, turn, decided)
    # What a state says itself comes in the message's place, so none is kept back for it.
    if isinstance(first, Handled):
        assert first.moment != "POST_TRANSITION" or "say" not in state_at(definition, first.state)
    if turn.written == decided.reply.text:
        assert turn.record["landing"] in landings(decided)
        assert [each for each in rest if not isinstance(each, Shown | Handled)] == []


def _is_refused(definition: Json, turn: Turn, decided: Decided, rest: Sequence[Happening]) -> None:
    assert decided.reply.text not in turn.streamed
    if turn.error is None and decided.mode == "understand" and rest and isinstance(rest[0], Asked):
        # The state where the turn lands speaks at once: there is a reason.
        spoke_at_once = not rest[0].decides and turn.record["landing"] in landings(decided)
        assert not spoke_at_once or may_misfit(definition, turn, decided)


_LAW = {"show": _is_shown, "hold": _is_held, "refuse": _is_refused}


def landings(decided: Decided) -> list[str]:
    """Name the state that a reply proposed, and the first one of the sub-machine that runs there."""
    return [decided.proposed, f"{decided.proposed}/{INNER[0]}"]


def misfits(definition: Json, turn: Turn, decided: Decided) -> list[str]:
    """Say why a message does not fit the state where the turn has landed, as far as that is certain."""
    landing = turn.record["landing"]
    landed = state_at(definition, landing)
    found: list[str] = []
    if any(write["kind"] != "key" for write in turn.record["rejected"]):
        found.append("a value was rejected")
    if decided.proposed.rpartition("/")[2] not in targets_told(definition, decided.state):
        found.append("its writer was not told of it")
    if landed.get("tools") and decided.state != landing:
        found.append("it has tools")
    knows, sees = known(definition, landing, turn, decided), seen(definition, landing, turn)
    text = texts_of(landed)
    for key in ("p", "q", "h"):
        tells = f"{{{{{key}}}}}" in text
        if tells and knows.get(key) != sees.get(key):
            found.append(f"it tells {key}, which is {sees.get(key)!r}, and the writer knew {knows.get(key)!r}")
        if any(f"{{{{{sign}{key}}}}}" in text for sign in "#^"):
            is_open = key in open_keys(definition, landing, decided)
            had = knows.get(key) if is_open else prompted(definition, landing, turn, decided).get(key)
            if had != sees.get(key):
                found.append(f"it has a section for {key}, which is {sees.get(key)!r}, and the prompt had {had!r}")
    if "{{store." in text or "{{#store." in text:
        found += _lookup_misfits(definition, landing, turn, decided)
    return found


def _lookup_misfits(definition: Json, landing: str, turn: Turn, decided: Decided) -> list[str]:
    lookup = machine_of(definition, landing)["store"]["thing"]
    whole = context_at(landing, turn)
    of_p = "" if whole.get("p") is None else str(whole["p"])
    key = of_p if lookup["key"] == "{{p}}" else lookup["key"]
    before = turn.happened[: turn.happened.index(decided.reply)]
    asked = next((each for each in reversed(before) if isinstance(each, LookedUp | Asked)), None)
    brought = asked.store_keys if isinstance(asked, LookedUp) else ()
    found = [] if not key or (("things",), key) in brought else [f"it reads {key!r}, and the prompt had {brought}"]
    ran = any(isinstance(each, Handled) for each in turn.happened[turn.happened.index(decided) :])
    return ["it reads the store, and handlers ran"] if ran else found


def may_misfit(definition: Json, turn: Turn, decided: Decided) -> bool:
    """Say whether there is anything for which a message might not fit the state where the turn has landed."""
    landing = turn.record["landing"]
    landed = state_at(definition, landing)
    text = texts_of(landed)
    told = {*decided.reply.updates}
    within = landing.rpartition("/")[0]
    inputs = definition["states"][within]["inputs"] if within else {}
    told |= {inner for inner, outer in inputs.items() if outer in told}
    told -= open_keys(definition, landing, decided)
    return (
        bool(misfits(definition, turn, decided))
        or decided.goes_round  # where that is refused, the message was written for going round, and not for staying
        or "{{store." in text
        or "{{#store." in text
        or any(f"{sign}{key}}}}}" in text for key in told for sign in "#^")
        or "subflow" in landed
    )


def has_gaps(definition: Json, turn: Turn, decided: Decided) -> bool:
    """Say whether the texts of the state where the turn has landed have tags that were told, and that nothing fills."""
    landing = turn.record["landing"]
    text, sees = texts_of(state_at(definition, landing)), seen(definition, landing, turn)
    unfilled = (key for key in ("p", "q", "h") if sees.get(key) is None)
    return landing != decided.state and any(f"{{{{{key}}}}}" in text for key in unfilled)


def open_keys(definition: Json, landing: str, decided: Decided) -> set[str]:
    """Name the keys over which the writer of a reply was told the sections of another state in both forms."""
    if landing == decided.state:
        return set()
    asking, gone = state_at(definition, decided.state), {*state_at(definition, landing).get("forget", ())}
    gone |= confirming_in(definition, landing)
    own = {*asking.get("required_context_keys", ()), *asking.get("optional_context_keys", ())}
    within = landing.rpartition("/")[0]
    names = {key: key for key in ("p", "q", "h")}
    if within and decided.state.rpartition("/")[0] != within:
        names = dict(definition["states"][within]["inputs"])
        gone |= {key for key, name in names.items() if name in state_at(definition, within).get("forget", ())}
    settled = {key for key, name in names.items() if name in decided.reply.shown and name not in own}
    return names.keys() - gone - settled


def confirming_in(definition: Json, path: str) -> set[str]:
    """Name the keys that confirm something in a state: its texts are told as if they were not known."""
    conditions = [each for leaving in state_at(definition, path)["transitions"] for each in leaving["conditions"]]
    return {key for each in conditions if each.get("confirms") for key in each["requires_context_keys"]}


def targets_told(definition: Json, path: str) -> list[str]:
    """Name the states of whose texts the writer of a reply is told: it cannot write for any other."""
    asking, around = state_at(definition, path), machine_of(definition, path)
    everywhere = [*around.get("global_transitions", ())] if asking.get("global_transitions", True) else []
    return [asking["id"], *(each["target_state"] for each in (*asking["transitions"], *everywhere))]


def machine_of(definition: Json, path: str) -> Json:
    return definition if "/" not in path else dict(definition["subflows"]["inner"])


def state_at(definition: Json, path: str) -> Json:
    return dict(machine_of(definition, path)["states"][path.rpartition("/")[2]])


def texts_of(state: Json) -> str:
    return str(state["purpose"]) + str(state.get("instructions", ""))


def context_at(path: str, turn: Turn) -> Json:
    return dict(turn.after["context"] if "/" not in path else turn.after["sub_machine"]["context"])


def seen(definition: Json, path: str, turn: Turn) -> Json:
    """Return what the state where a turn has landed is shown of the context."""
    return visible(state_at(definition, path), context_at(path, turn))


def visible(state: Json, context: Mapping[str, Any]) -> Json:
    keys = state.get("visible_context_keys", context)
    return {key: context[key] for key in keys if key in context}


def prompted(definition: Json, landing: str, turn: Turn, decided: Decided) -> Json:
    """Return what the prompt of a reply had under the keys of the state where the turn has landed."""
    return _as_there(definition, landing, turn, decided, decided.reply.shown)


def known(definition: Json, landing: str, turn: Turn, decided: Decided) -> Json:
    """Return what the writer of a reply knew, under the keys of the state where the turn has landed."""
    refused = {write["key"] for write in turn.record["rejected"]}
    told = {key: value for key, value in decided.reply.updates.items() if key not in refused}
    everything = {**decided.reply.shown, **told}
    return _as_there(definition, landing, turn, decided, everything)


def told_ahead(definition: Json, decided: Decided) -> set[str]:
    """Name the keys that a reply told in a state which hears and does not collect them."""
    source = state_at(definition, decided.state)
    told = {key for key, value in decided.reply.updates.items() if value is not None}
    return told - {*source.get("required_context_keys", ())} if source.get("listens", True) else set()


def _as_there(definition: Json, landing: str, turn: Turn, decided: Decided, context: Json) -> Json:
    """Return a context of the writer's as the landing state has it: through inputs, forgotten, hidden."""
    gone = {key for path in turn.record["path"][decided.came :] for key in state_at(definition, path).get("forget", ())}
    gone -= told_ahead(definition, decided)
    if landing != decided.state:
        gone |= confirming_in(definition, landing)
    context = {key: value for key, value in context.items() if value is not None and key not in gone}
    within = landing.rpartition("/")[0]
    if within and decided.state.rpartition("/")[0] != within:
        inputs = definition["states"][within]["inputs"]
        context = {key: context[outer] for key, outer in inputs.items() if outer in context}
    return visible(state_at(definition, landing), context)
