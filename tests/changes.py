"""A machine with a sub-machine and a digression, the places where its conversations stand, and changes of it."""

from __future__ import annotations

from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from machines import Drive, Json, Talk, accepted, machine, reply, state, sync, to

from fsm_langgraph.models.scripted import ScriptedModel

PAY = machine(
    state("card", to("code", "card"), required_context_keys=["card"]),
    state("code", to("done", "code"), required_context_keys=["code"]),
    state("done"),
    name="pay",
    context={"card": {"type": "string"}, "code": {"type": "string"}, "sum": {"type": "integer"}},
)
TABLE = machine(
    state("guests", to("pay", "guests"), required_context_keys=["guests"], optional_context_keys=["size", "note"]),
    state("pay", to("sure"), subflow="pay", inputs={"sum": "price"}, outputs={"card": "card"}),
    state("sure", to("end", "ok"), required_context_keys=["ok"]),
    state("hours"),
    state("end"),
    name="Table",
    revision="1",
    context={
        "guests": {"type": "string"},
        "size": {"type": "string", "enum": ["small", "large"]},
        "note": {"type": "string"},
        "price": {"type": "integer", "written_by": "handler"},
        "card": {"type": "string"},
        "ok": {"type": "boolean"},
    },
    global_transitions=[to("hours", **{"return": True})],
    subflows={"pay": PAY},
    check={"accept": [accepted("one-way-answer", "Nobody who comes to it says no.")]},
)
"""It takes an order for a table, is paid in a sub-machine, and tells its hours in between."""

TURNS: dict[str, list[tuple[str, Any]]] = {
    "guests": [("", "How many?"), ("a large one", reply("guests", "How many?", size="large", note="window"))],
    "card": [("", "How many?"), ("12", reply("pay", "Your card?", guests="12", size="large"))],
    "hours": [("", "How many?"), ("when are you open?", reply("hours", "At nine.", note="window"))],
    "end": [
        ("", "How many?"),
        ("12", reply("pay", "Your card?", guests="12")),
        ("4711", reply("code", "Your code?", card="4711")),
        ("0", reply("done", None, code="0")),
        ("", "Sure?"),
        ("yes", reply("end", "Bye!", ok=True)),
    ],
}
"""The turns that lead a conversation to a place."""


def held(place: str, saver: Any = None, definition: Json = TABLE, **options: Any) -> Talk:
    """Hold a conversation up to a place."""
    turns = TURNS[place]
    talk = Talk(definition, [said for _, said in turns], saver=saver or InMemorySaver(), **options)
    for text, _ in turns:
        if text or talk.graph.get_state({"configurable": {"thread_id": "1"}}).values == {}:
            talk.say(text)
    return talk


def patched(change: Json, definition: Json = TABLE) -> Json:
    """Return the definition with a JSON merge patch (RFC 7396) made in it."""
    merged: Json = {**definition}
    for name, value in change.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict) and isinstance(merged.get(name), dict):
            merged[name] = patched(value, merged[name])
        else:
            merged[name] = value
    return merged


def staying() -> ScriptedModel:
    """Make a model that stays where it is."""

    def respond(_: Any, schema: Any) -> Any:
        return "…" if schema is None else reply(schema["properties"]["target_state"]["enum"][0], "…")

    return ScriptedModel(replies=[respond], repeat=True)


def under(definition: Json, saver: Any, drive: Drive = sync, **options: Any) -> Talk:
    """Return the conversation under another definition, with a model that stays."""
    return Talk(definition, drive=drive, model=staying(), saver=saver, **options)


def renamed_state(old: str, new: str, definition: Json = TABLE) -> Json:
    """Return the definition with a state under another name."""
    states = {_now(name, old, new): _with_targets(raw, old, new) for name, raw in definition["states"].items()}
    return {**definition, "states": states, "initial_state": _now(definition["initial_state"], old, new)}


def _with_targets(raw: Json, old: str, new: str) -> Json:
    transitions = [{**each, "target_state": _now(each["target_state"], old, new)} for each in raw["transitions"]]
    return {**raw, "id": _now(raw["id"], old, new), "transitions": transitions}


def _now(name: str, old: str, new: str) -> str:
    return new if name == old else name


def kept_by(talk: Talk) -> Any:
    """Return the checkpointer that has a conversation."""
    return talk.graph.checkpointer
