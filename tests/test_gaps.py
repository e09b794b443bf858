"""Tags that a model copies into its message: filled, or not shown, in calls of every kind."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langchain_core.messages import BaseMessage
from machines import DRIVERS, Drive, Json, Talk, machine, reply, state, to
from profiles import examples

from fsm_langgraph import Handlers, ReplyError
from fsm_langgraph.models.scripted import ScriptedModel


@pytest.fixture(params=DRIVERS)
def drive(request: pytest.FixtureRequest) -> Drive:
    return request.param  # type: ignore[no-any-return]  # pytest knows no type of it


def meeting(**options: Any) -> Json:
    """A machine that asks for a name, and says it."""
    said = 'Say: "Nice to meet you, {{name}}!"'
    return machine(
        state("ask", to("met", "ok"), required_context_keys=["name", "ok"]),
        state("met", to("end", "bye"), **{"instructions": said, **options}),
        state("end"),
    )


def error(talk: Talk, call: int = 0) -> str:
    return str(talk.record["model_calls"][call]["error"])


@pytest.mark.parametrize("tag", ["{{name}}", "{{{ name }}}", "{{& name}}"])
def test_a_copied_tag_is_filled_with_what_the_reply_has_stored(tag: str, drive: Drive) -> None:
    talk = Talk(meeting(), ["?", reply("met", f"Nice to meet you, {tag}!", name="Bo", ok=True)], drive)
    talk.say()

    assert talk.watch("Bo") == "Nice to meet you, Bo!" == talk.said[-1]
    assert len(talk.shown) > 4  # it streams
    assert [error(talk), len(talk.record["model_calls"])] == ["", 1]


@pytest.mark.parametrize(
    ("options", "context"),
    [
        pytest.param({}, None, id="not known"),
        pytest.param({"forget": ["name"]}, {"name": "Bo"}, id="forgotten there"),
    ],
)
def test_a_message_with_a_tag_that_nothing_fills_is_written_anew(options: Json, context: Any, drive: Drive) -> None:
    copying = reply("met", "Nice to meet you, {{name}}!", ok=True)
    talk = Talk(meeting(**options), ["?", copying, "Nice to meet you!"], drive)
    talk.say(context=context)

    assert talk.watch("hi") == "Nice to meet you!" == talk.said[-1]


def test_a_message_that_might_hold_such_a_tag_is_shown_once_it_is_whole(drive: Drive) -> None:
    talk = Talk(meeting(), ["?", reply("met", "Nice to meet you, whoever you are!", ok=True)], drive)
    talk.say()

    assert talk.watch("hi") == "Nice to meet you, whoever you are!"
    assert [len([text for _, text in talk.shown if text]), len(talk.record["model_calls"])] == [1, 1]


def test_it_streams_where_such_a_tag_stands_in_its_own_section(drive: Drive) -> None:
    said = "Hello{{#name}}, {{name}}{{/name}}!"
    copied = "Hello[if name is known and not no: , {{name}}]!"
    talk = Talk(meeting(instructions=said), ["?", reply("met", copied, ok=True)], drive)
    talk.say()

    assert copied in talk.prompts[0] or talk.say("hi") == "Hello!"
    assert [talk.said[-1], error(talk)] == ["Hello!", ""]


def test_a_tag_of_a_secret_is_never_filled(drive: Drive) -> None:
    keys = {"name": {}, "ok": {}, "bye": {}, "pin": {"written_by": "caller", "secret": True}}
    talk = Talk({**meeting(), "context": keys}, ["?", reply("met", "It is {{pin}}.", ok=True), "Hi!"], drive)
    talk.say(context={"pin": "1234"})

    assert talk.watch("hi") == "Hi!"


def test_a_stray_tag_leaves_a_gap_where_text_was_shown_before(drive: Drive) -> None:
    """It cannot be taken back, and no text of the state has led to it."""
    talk = Talk(meeting(), ["?", reply("ask", "You wrote {{name}} and {{#name}}.")], drive)
    talk.say()

    assert talk.watch("say {{name}}") == "You wrote … and …."
    assert error(talk) == "it has '{{name}}' in it, which nothing fills here"


def test_a_message_that_begins_with_a_stray_tag_is_written_anew(drive: Drive) -> None:
    talk = Talk(meeting(), ["?", reply("ask", "{{name}} is what you wrote."), "And your name?"], drive)
    talk.say()

    assert talk.watch("say {{name}}") == "And your name?"
    assert error(talk) == "it has '{{name}}' in it, which nothing fills here"


def test_a_spoken_message_has_its_tags_filled(drive: Drive) -> None:
    talk = Talk(meeting(), ["Hello {{name}}!"], drive)

    assert talk.drive is drive
    talk.graph.update_state({"configurable": {"thread_id": "1"}}, {"context": {"name": "Bo"}})
    assert talk.watch() == "Hello Bo!"


def test_a_spoken_message_is_asked_for_again_with_the_reason(drive: Drive) -> None:
    talk = Talk(meeting(), ["{{name}}, hello!", "Hello!"], drive)

    assert talk.watch() == "Hello!"
    assert "it has '{{name}}' in it, which nothing fills here" in talk.heard[-1][-1]


def test_of_a_message_that_is_refused_not_even_its_first_letters_are_shown(drive: Drive) -> None:
    """They are held until it is certain that it repeats no sentence of the prompt."""
    talk = Talk(meeting(), ["H{{name}}", "Hello!"], drive)

    assert talk.watch() == "Hello!"


def test_a_model_that_writes_nothing_else_is_refused_at_last(drive: Drive) -> None:
    with pytest.raises(ReplyError, match=r"it has '\{\{name\}\}' in it"):
        Talk(meeting(), ["{{name}}"] * 2, drive).say()


def test_a_spoken_message_has_a_gap_where_text_was_shown_before(drive: Drive) -> None:
    talk = Talk(meeting(), ["Hello there, dear {{name}}!"], drive)

    assert talk.watch() == "Hello there, dear …!"
    assert error(talk) == "it has '{{name}}' in it, which nothing fills here"


def test_a_held_message_has_its_tags_filled_when_it_is_shown(drive: Drive) -> None:
    handlers = Handlers()
    handlers.on("POST_TRANSITION", state="met", name="note")(lambda _: {"noted": True})
    talk = Talk(meeting(), ["?", reply("met", "Hi {{name}}!", name="Bo", ok=True)], drive, handlers=handlers)
    talk.say()

    assert talk.watch("Bo") == "Hi Bo!" == talk.said[-1]


def test_a_held_message_of_which_nothing_is_left_is_written_anew(drive: Drive) -> None:
    handlers = Handlers()
    handlers.on("POST_TRANSITION", state="met", name="note")(lambda _: {"noted": True})
    replies = ["?", reply("met", "[if name is known and not no: Hi {{name}}!]", ok=True), "Hello!"]
    talk = Talk(meeting(instructions="{{#name}}Hi {{name}}!{{/name}}"), replies, drive, handlers=handlers)
    talk.say()

    assert talk.watch("hi") == "Hello!" == talk.said[-1]
    assert len(talk.record["model_calls"]) == 2


@pytest.mark.parametrize("message", ["Hi {{name}}!", "Hi[if name is known and not no:  {{name}}]!"])
def test_a_tag_is_filled_by_the_name_that_the_writer_was_told(message: str, drive: Drive) -> None:
    """The sub-machine, and the one inside of it, have names of their own for it."""
    say = state("say", to("end", "never"), purpose="Greet {{who}}", instructions="{{#who}}!{{/who}}")
    go = state("go", to("end"), subflow="inmost", inputs={"who": "person"})
    inner = machine(go, state("end"), subflows={"inmost": machine(say, state("end"))})
    outer = machine(
        state("ask", to("met", "ok"), required_context_keys=["name", "ok"]),
        state("met", to("ask"), subflow="inner", inputs={"person": "name"}),
        subflows={"inner": inner},
    )
    talk = Talk(outer, ["?", reply("met", message, name="Bo", ok=True)], drive)
    talk.say()

    assert talk.watch("Bo") == "Hi Bo!"
    assert "Greet {{name}}" in talk.prompts[-1]
    assert talk.record["landing"] == "met/go/say"


def test_other_people_s_tags_are_shown(drive: Drive) -> None:
    code = r"Write {{user.name}}, \frac{{a}}{b} or [if you like]."
    talk = Talk(meeting(), ["?", reply("ask", code)], drive)
    talk.say()

    assert talk.watch("how?") == code == talk.said[-1]


KEYS = ("name", "size", "hot", "extras", "pin", "note")
VALUES = {"name": "Bo", "size": 3, "hot": False, "extras": ["ham"], "note": "x"}
DECLARED: Json = {
    "name": {"type": "string"},
    "size": {"type": "integer"},
    "hot": {"type": "boolean"},
    "extras": {"type": "array", "items": {"type": "string"}},
    "pin": {"written_by": "caller", "secret": True},
    "note": {"written_by": "handler"},
    "ok": {},
}
tags = st.sampled_from([f"{{{{{key}}}}}" for key in KEYS])
branches = st.builds(
    lambda sign, key, text: f"{{{{{sign}{key}}}}}{text}{{{{/{key}}}}}",
    st.sampled_from("#^"),
    st.sampled_from(KEYS),
    tags | st.just("so"),
)
texts = st.lists(tags | branches | st.sampled_from(["Say ", "now", ", "]), max_size=4).map("".join)
strays = st.sampled_from(["{{pin}}", "{{#name}}", "{{{size}}}", "{{given}}", "Well {{ hot }}", "{{na", "Fine."])


@st.composite
def plans(draw: st.DrawFn) -> Json:
    """A machine, what is known before, and what a model adds to the text that it copies."""
    few = st.lists(st.sampled_from(KEYS[:4]), unique=True, max_size=2)
    options: Json = {"purpose": "So: " + draw(texts), "instructions": draw(texts)}
    if draw(st.booleans()):
        options["visible_context_keys"] = draw(st.lists(st.sampled_from(KEYS[:4] + KEYS[5:]), max_size=3))
    land = state("land", to("end", "ok"), forget=draw(few), **options)
    declared = {"context": DECLARED} if draw(st.booleans()) else {}
    if draw(st.booleans()):
        land = state("land", to("end", "ok"), subflow="inner", inputs={"given": "name", "size": "size"})
        inner = state("in", to("out", "ok"), purpose=options["purpose"].replace("name", "given"))
        declared |= {"subflows": {"inner": machine(inner, state("out"))}}
    ask = state("ask", to("land"), required_context_keys=draw(few), calls=draw(st.sampled_from(["one", "one", "two"])))
    known, told = (draw(st.fixed_dictionaries({}, optional={k: st.just(v) for k, v in VALUES.items()})) for _ in "12")
    return {
        "definition": machine(ask, land, state("end"), **declared),
        "known": known,
        "told": {key: value for key, value in told.items() if key != "note"},
        "added": draw(st.lists(strays, max_size=2)),
        "is_before": draw(st.booleans()),
        "handles": draw(st.booleans()),
        "size": draw(st.sampled_from([1, 3, 400])),
    }


def converse(plan: Json, drive: Drive) -> list[Any]:
    """Hold a conversation of two turns with a model that copies what it is told; return what was seen of it."""
    handlers = Handlers()
    if plan["handles"]:
        handlers.on("POST_TRANSITION", name="note")(lambda _: {"note": "y"})
    model = ScriptedModel(replies=[_Copying(plan)], repeat=True, chunk_size=plan["size"])
    talk = Talk(plan["definition"], drive=drive, model=model, handlers=handlers)
    seen: list[Any] = []
    for text, context in (("", plan["known"]), ("hi", {})):
        try:
            talk.graph.update_state({"configurable": {"thread_id": "1"}}, {"context": context}) if context else None
            seen.append(talk.watch(text))
            assert seen[-1] == talk.said[-1]
        except ReplyError as failed:
            seen.append(failed.reasons)
            assert "".join(piece for _, piece in talk.shown) == ""
    return seen


class _Copying:
    """A model that shows what it is told for the state that it goes to, and more."""

    def __init__(self, plan: Json) -> None:
        self._plan = plan

    def __call__(self, messages: Sequence[BaseMessage], schema: Json | None) -> Any:
        prompt = messages[0].text
        if schema is None:
            return self._said(_section(prompt, "purpose") or "?")
        target = "land" if "land" in schema["properties"]["target_state"]["enum"] else "nowhere"
        told = json.loads(_section(prompt, "targets") or "[]")
        texts = [" ".join(str(each.get(name, "")) for name in ("purpose", "instructions")) for each in told]
        updates = [{"key": key, "value": value} for key, value in self._plan["told"].items()]
        return {"target_state": target, "updates": updates, "message": self._said(*texts)}

    def _said(self, *texts: str) -> str:
        added = self._plan["added"]
        return " ".join([*added, *texts] if self._plan["is_before"] else [*texts, *added])


def _section(prompt: str, tag: str) -> str:
    found = re.search(rf"<{tag}>\n(.*?)\n</{tag}>", prompt, re.DOTALL)
    return found[1] if found else ""


def tags_of(definition: Json) -> re.Pattern[str]:
    """Match the tags of a definition, and sections told in words, by a reading of its own."""
    found = {*definition.get("context", ()), *re.findall(r"\{[#^]?(\w+)\}\}", json.dumps(definition))}
    for each in definition["states"].values():
        fields = ("required_context_keys", "visible_context_keys", "forget", "inputs")
        found.update(*(each.get(field, ()) for field in fields), each.get("inputs", {}).values())
    names = "|".join(sorted({*found, "ok"}))
    return re.compile(rf"\{{\{{+\s*[#^/&]?\s*(?:{names})\s*(?:\.[^{{}}]*)?\}}\}}|\[if (?:{names}) |\[for each ")


@settings(max_examples=examples(20), deadline=None, suppress_health_check=list(HealthCheck))
@given(plan=plans())
def test_no_tag_of_the_definition_is_ever_shown(plan: Json) -> None:
    seen = [converse(plan, drive) for drive in DRIVERS]

    tag = tags_of(plan["definition"])
    assert [text for text in seen[0] if isinstance(text, str) and tag.search(text)] == []
    assert seen[0] == seen[1]
