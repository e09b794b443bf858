"""The laws of a turn, over random machines and conversations: what is read, where a turn rests, and what leads on.

The machines come from `random_machines.py`. A law is a function that yields the faults of one turn. It judges by the
definition, by what the model was asked and by the record, and shares nothing with the router.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from lawful_machines import DECLARED, GLOBALS, INNER, STAYS, Asked, Move, Plan, Turn, hold, plans
from machines import DRIVERS, Json
from profiles import examples

Law = Callable[[Json, Turn], Iterator[str]]


@settings(max_examples=examples(30), deadline=None, suppress_health_check=list(HealthCheck))
@given(plan=plans())
def test_every_turn_keeps_the_laws(plan: Plan) -> None:
    conversations = [hold(plan, drive) for drive in DRIVERS]
    faults = [
        f"{law.__name__}: {fault}"
        for turns in conversations
        for turn in turns
        for law in (LAWS_OF_FAILURE if turn.error is not None else LAWS)
        for fault in law(plan.definition, turn)
    ]
    assert faults == []
    assert list(map(comparable, conversations[0])) == list(map(comparable, conversations[1]))


def every_message_is_read_once(definition: Json, turn: Turn) -> Iterator[str]:
    """A message was told to one call that reads, or is answered by an end where nobody heard it before."""
    readings = [(asked, call) for asked, call in answered(turn) if is_reading(definition, call)]
    if len(readings) > 1:
        yield f"read in {[call['state'] for _, call in readings]}"
    for asked, _ in readings:
        yield from (f"{text} was not told to the model that read" for text in turn.said if text not in asked.heard)
    # What a digression interrupted counts before the next message is read, so it may lead from there into an end.
    resumed = [step["target_state"] for step in turn.record["steps"] if step["why"] == "returned"]
    played = [step["state"] for step in turn.record["steps"] if step["state"] not in resumed]
    is_heard = any(hears(state_at(definition, path)) for path in played)
    is_answered_by_an_end = is_final(state_at(definition, turn.record["landing"]))
    if turn.said and not readings and (is_heard or not is_answered_by_an_end):
        yield f"{turn.said} was read nowhere on {turn.record['path']}"


def no_state_that_hears_is_left_unheard(definition: Json, turn: Turn) -> Iterator[str]:
    """A message is read before a transition of the first state that hears is taken, whoever decides there."""
    resumed = [step["target_state"] for step in turn.record["steps"] if step["why"] == "returned"]
    heard = [call["state"] for _, call in answered(turn) if is_reading(definition, call)]
    left = [step["state"] for step in turn.record["steps"] if hears(state_at(definition, step["state"]))]
    first = [path for path in left if path not in resumed][:1]
    if turn.said and heard and first and first[0] in left[: left.index(heard[0]) if heard[0] in left else None]:
        yield f"{first[0]} was left before {turn.said} was read in {heard[0]}"


def no_turn_rests_where_nobody_waits(definition: Json, turn: Turn) -> Iterator[str]:
    """A turn rests where somebody hears, in an end, or where a sub-machine has ended."""
    landing = state_at(definition, turn.record["landing"])
    if not (hears(landing) or is_final(landing) or "subflow" in landing):
        yield f"rests in {turn.record['landing']}"


def nothing_fires_that_was_taken(definition: Json, turn: Turn) -> Iterator[str]:
    """What a turn took by proposal or news does not fire again in it; steps of silent and logic states are free."""
    taken: set[tuple[str, str]] = set()
    for step in steps(turn):
        taken_now, source = (step["state"], step["target_state"]), state_at(definition, step["state"])
        if step["target_state"] is not None and "subflow" in state_at(definition, step["target_state"]):
            taken = {each for each in taken if "/" not in each[0]}  # a sub-machine that begins has taken nothing
        if source.get("silent") or source.get("decision") == "logic":
            continue
        if step["why"] == "fired" and taken_now in taken:
            yield f"{taken_now} fired, and had been taken"
        if step["why"] in ("proposed", "fired"):
            taken.add(taken_now)


def what_does_not_fire_is_only_proposed(definition: Json, turn: Turn) -> Iterator[str]:
    """No news takes a transition that says `fires: false`."""
    for step in steps(turn):
        if step["why"] == "fired" and transition_of(definition, step).get("fires") is False:
            yield f"{step['state']} -> {step['target_state']} fired"


def one_global_transition_is_taken(_: Json, turn: Turn) -> Iterator[str]:
    """A turn takes one global transition at most."""
    targets = [move.target for move in turn.moves if move.how == "enter" and move.target in GLOBALS]
    if len(targets) > 1:
        yield f"took {targets}"


def no_closed_transition_is_taken(definition: Json, turn: Turn) -> Iterator[str]:
    """Every move is along a transition whose conditions held then."""
    for move in entries(turn):
        conditions = transition_between(definition, move.state, move.target)["conditions"]
        if not all(holds(definition, condition, move.turn) for condition in conditions):
            yield f"{move.state} -> {move.target} was closed with {move.turn['context']}"


def who_stays_is_not_led_into_an_end(definition: Json, turn: Turn) -> Iterator[str]:
    """Where the model stayed, what it wrote itself leads into no final and no silent state, save by `fires: true`."""
    reading = next((pair for pair in answered(turn) if is_reading(definition, pair[1])), None)
    if reading is None or reading[0].target != reading[0].stays:
        return
    if state_at(definition, reading[1]["state"]).get("decision") == "logic":
        return
    for move in entries(turn):
        step, target = move.turn["steps"][-1], state_at(definition, move.target)
        if move.turn["unread"] or step["why"] != "fired" or not (is_final(target) or target.get("silent")):
            continue
        transition = transition_between(definition, move.state, move.target)
        if not transition.get("fires") and not whence(transition, move) - {"message"}:
            yield f"{move.state} -> {move.target} fired by {whence(transition, move)}"


def what_is_shown_fits_where_it_is_shown(_: Json, turn: Turn) -> Iterator[str]:
    """One call's message is shown and stored: of one that spoke in the landing state, or that named it in its reply."""
    if said(turn.after) != [*said(turn.before), turn.shown]:
        yield f"showed {turn.shown!r}, stored {said(turn.after)}"
    shown = [(asked, call) for asked, call in answered(turn) if asked.words == turn.shown]
    if len(shown) != 1 or shown[0][1]["mode"] == "think":
        yield f"showed {turn.shown!r}, which is the message of no call that was to speak"
        return
    asked, call = shown[0]
    machine, _, state = call["state"].rpartition("/")
    target = state if call["mode"] == "speak" or asked.target == "again" else asked.target
    written_for = {target, f"{machine}/{target}" if machine else target}
    landing = turn.record["landing"]
    # A message for a state that runs a sub-machine is for the first state inside.
    if landing not in written_for and landing.rpartition("/")[0] not in written_for:
        yield f"the message shown in {landing} was written for {target}"


def every_move_is_explained(definition: Json, turn: Turn) -> Iterator[str]:
    """Where the turn goes from one state to another a step says why."""
    told = {(step["state"].rpartition("/")[2], step["target_state"]) for step in turn.record["steps"]}
    for move in turn.moves:
        machine = move.turn["path"][-1].rpartition("/")[0] if move.state in INNER else ""
        target = f"{machine}/{move.target}" if machine and move.how == "enter" else move.target
        if move.how == "exit":
            exits = {f"global[{i}]": each for i, each in enumerate(definition["global_transitions"])}
            target = exits[move.target]["target_state"]
        leaves_inside = move.target in GLOBALS and move.state not in INNER  # the step is the inner state's
        if move.how in ("enter", "return", "exit") and (move.state, target) not in told and not leaves_inside:
            yield f"{move.state} -> {target} is in no step"


def what_fires_is_news(definition: Json, turn: Turn) -> Iterator[str]:
    """The record names the news by which a transition fired, though it may have been forgotten on the way."""
    news = {key.rpartition("/")[2] for key in turn.record["news"]}
    for step in (each for each in turn.record["steps"] if each["why"] == "fired"):
        read = keys_read(transition_of(definition, step))
        if not read & news:
            yield f"{step['state']} -> {step['target_state']} fired on {read}, and the news is {news}"


def nothing_stale_is_left(definition: Json, turn: Turn) -> Iterator[str]:
    """What depends on a key that the turn has changed was written anew in it, or has its default."""
    base, context = turn.before.get("turn", {}).get("base"), turn.after["context"]
    if base is None or "before" in turn.before["turn"]:  # the first turn, or one after a turn that failed
        return
    written = {*turn.given, *turn.record["told"], *turn.record["news"]}
    goes_inside = any("/" in path for path in turn.record["path"])  # an output may be written with an equal value
    for key, declared in definition["context"].items():
        changed = [each for each in declared.get("depends_on", ()) if base.get(each) != context.get(each)]
        if changed and key not in written and not goes_inside and context.get(key) != declared.get("default"):
            yield f"{key} is {context.get(key)!r}, and {changed} changed"


def a_confirmation_counts_for_what_it_was_asked_about(definition: Json, turn: Turn) -> Iterator[str]:
    """Who confirms answers the state that had spoken, and changes nothing that it confirms; code may always confirm."""
    for move in entries(turn):
        flight = move.turn
        for condition in transition_between(definition, move.state, move.target)["conditions"]:
            if "confirms" not in condition:
                continue
            [key], [confirmed] = condition["requires_context_keys"], condition["confirms"]
            if flight["whence"].get(key, "message") != "message":
                continue
            if len(flight["path"]) > 1 or flight["is_first"]:
                yield f"{key} counted in {move.state}, which had not asked for it: {flight['path']}"
            if flight["base"].get(confirmed) != flight["context"].get(confirmed):
                yield f"{key} counted in {move.state} for another {confirmed} than it was asked about"


LAWS: tuple[Law, ...] = (
    what_fires_is_news,
    no_state_that_hears_is_left_unheard,
    nothing_stale_is_left,
    a_confirmation_counts_for_what_it_was_asked_about,
    every_message_is_read_once,
    no_turn_rests_where_nobody_waits,
    nothing_fires_that_was_taken,
    what_does_not_fire_is_only_proposed,
    one_global_transition_is_taken,
    no_closed_transition_is_taken,
    who_stays_is_not_led_into_an_end,
    what_is_shown_fits_where_it_is_shown,
    every_move_is_explained,
)


def a_failure_shows_nothing(_: Json, turn: Turn) -> Iterator[str]:
    """Nothing of a turn that fails was streamed."""
    if turn.shown:
        yield f"showed {turn.shown!r}"


def a_failure_stores_nothing(_: Json, turn: Turn) -> Iterator[str]:
    """The conversation is as it was, but for what came in: LangGraph stores that before anything runs."""
    for channel in ("current_state", "last_turn", "sub_machine"):
        if turn.before.get(channel) != turn.after.get(channel):
            yield f"left {channel} as {turn.after.get(channel)!r}"
    if {**turn.before.get("context", {}), **turn.given} != turn.after.get("context", {}):
        yield f"left the context as {turn.after.get('context')!r}"
    if said(turn.before) != said(turn.after):
        yield f"left the answers as {said(turn.after)}"


LAWS_OF_FAILURE: tuple[Law, ...] = (
    a_failure_shows_nothing,
    a_failure_stores_nothing,
    nothing_fires_that_was_taken,
    what_does_not_fire_is_only_proposed,
    one_global_transition_is_taken,
    no_closed_transition_is_taken,
)


def comparable(turn: Turn) -> Any:
    """Return what is the same of a turn in a sync and in an async run."""
    kept = {name: turn.after.get(name) for name in ("context", "current_state", "last_turn", "sub_machine")}
    texts = [(message.type, message.text) for message in turn.after.get("messages", ())]
    moves = [(move.state, move.how, move.target) for move in turn.moves]
    return kept, texts, moves, turn.asked, turn.shown, str(turn.error)


def state_at(definition: Json, path: str) -> Json:
    """Find a state by its path, or by its name: no two machines share one."""
    name = path.rpartition("/")[2]
    state: Json = definition["states"].get(name) or definition["subflows"]["sub"]["states"][name]
    return state


def transition_between(definition: Json, source: str, target: str) -> Json:
    """Find the transition from a state to another."""
    transitions = [*state_at(definition, source)["transitions"], *definition["global_transitions"]]
    return next(each for each in transitions if each["target_state"] == target.rpartition("/")[2])


def transition_of(definition: Json, step: Json) -> Json:
    """Find the transition that a step took."""
    return transition_between(definition, step["state"], step["target_state"])


def steps(turn: Turn) -> list[Json]:
    """Return the steps of a turn, of one that failed as far as it came."""
    if turn.error is None:
        return list(turn.record["steps"])
    return list(turn.moves[-1].turn["steps"]) if turn.moves else []


def entries(turn: Turn) -> list[Move]:
    """Return the moves along a transition of the machine that they are made in."""
    return [move for move in turn.moves if move.how == "enter"]


def answered(turn: Turn) -> list[tuple[Asked, Json]]:
    """Pair what the model was asked with what the record tells of the call, where its answer could be used."""
    pairs = zip(turn.asked, turn.record["model_calls"], strict=True)
    return [(asked, call) for asked, call in pairs if not call["error"]]


def is_reading(definition: Json, call: Json) -> bool:
    """Say whether a call reads the message; a state whose sub-machine has ended is one like any other."""
    state = state_at(definition, call["state"])
    return call["mode"] != "speak" and (hears(state) or "subflow" in state)


def hears(state: Json) -> bool:
    """Say whether a message is read in a state; where a sub-machine runs it is read inside."""
    waits = not state.get("silent") and state.get("listens", True) and "subflow" not in state
    return waits and not is_final(state)


def is_final(state: Json) -> bool:
    """Say whether a state has no transitions."""
    return not state["transitions"]


def holds(definition: Json, condition: Json, flight: Json) -> bool:
    """Judge a condition of a random machine."""
    context = {**flight["context"], **flight["machine_keys"]}
    match condition:
        case {"answered_context_keys": [key]}:
            default = None if "/" in flight["path"][-1] else definition["context"][key].get("default")
            is_written = key in flight["answered"] or key in flight["whence"]
            return key in context and (is_written or context[key] != default)
        case {"requires_context_keys": [key]}:
            return context.get(key) is not None and context[key] is not False
        case {"logic": {">": [{"var": key}, 0]}}:
            return context.get(key) is not None and context[key] > 0
        case {"logic": {"!": [{"var": key}]}}:
            return not context.get(key)
    raise ValueError(condition)


def keys_read(transition: Json) -> set[str]:
    """Return the keys that the conditions of a random machine's transition read."""
    described = [condition["description"] for condition in transition["conditions"]]
    keys = {key for key in DECLARED for each in described if each == f"of {key}"}
    return keys | ({"_stays"} if STAYS in described else set())


def whence(transition: Json, move: Move) -> set[str]:
    """Say where the news that a transition reads came from, as it was at a move."""
    flight = move.turn
    read = keys_read(transition) - {"_stays"}
    changed = [key for key in read if flight["context"].get(key) != flight["base"].get(key)]
    retold = {"message" for key in read if key in flight["retold"]}
    stays = {"machine" for condition in transition["conditions"] if condition["description"] == STAYS}
    return {flight["whence"].get(key, "caller") for key in changed} | retold | stays


def said(values: Json) -> list[str]:
    """Return the answers that are stored."""
    return [message.text for message in values.get("messages", ()) if message.type == "ai"]
