"""What is read from whatever reply comes back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_definitions import JSON

from fsm_langgraph.replies.reply import BadReply, Reply, read_reply

LAW = settings(deadline=None, max_examples=80)


def pairs(**values: Any) -> tuple[tuple[str, Any], ...]:
    return tuple(values.items())


@pytest.mark.parametrize(
    ("members", "updates"),
    [
        pytest.param({"updates": [{"a": 1}, {"b": 2}]}, pairs(a=1, b=2), id="an entry for each key"),
        pytest.param({"updates": [{"a": 1, "b": 2}, {}]}, pairs(a=1, b=2), id="an entry of several keys"),
        pytest.param({"updates": [{"a": None}]}, pairs(a=None), id="null removes a key"),
        pytest.param({"updates": [{"a": " "}, {"b": ""}]}, (), id="a blank does not"),
        pytest.param({"updates": [{"a": False}, {"b": 0}, {"c": []}]}, pairs(a=False, b=0, c=[]), id="empty values"),
        pytest.param({"updates": [{"key": "a", "value": 1}]}, pairs(a=1), id="a pair"),
        pytest.param({"updates": [{"key": "a", "value": None}]}, pairs(a=None), id="a pair removes"),
        pytest.param({"updates": {"a": 1, "b": None}}, pairs(a=1, b=None), id="one object"),
        pytest.param({"updates": {"key": "a", "value": 1}}, pairs(a=1), id="one pair without a list"),
        pytest.param(
            {"updates": [{"message": "hi"}, {"target_state": "b"}]},
            pairs(message="hi", target_state="b"),
            id="keys named like members",
        ),
        pytest.param({"updates": [{"value": 1}]}, pairs(value=1), id="a key named value"),
        pytest.param({"updates": [{"key": "a"}, {"key": 1, "value": 2}, 3, [4], None]}, (), id="damaged"),
        pytest.param({"updates": "a=1"}, (), id="text"),
        pytest.param({"updates": None}, (), id="nothing"),
        pytest.param({"name": "Ann", "age": 30}, pairs(name="Ann", age=30), id="flat"),
        pytest.param({"name": None, "age": "", "city": " "}, (), id="flat: null and blanks say nothing"),
        pytest.param({"ok": False, "age": 0, "xs": []}, pairs(ok=False, age=0, xs=[]), id="flat: false, 0 and [] do"),
        pytest.param({"other_updates": [{"key": "a", "value": None}]}, pairs(a=None), id="other updates"),
        pytest.param({"context_update": {"name": "Ann", "age": None}}, pairs(name="Ann"), id="half nested"),
        pytest.param(
            {"name": "Ann", "updates": [{"name": "Bo"}]},
            (("name", "Ann"), ("name", "Bo")),
            id="twice: the correction is the last",
        ),
        pytest.param({"transition": {"name": "x"}}, (), id="a transition beside the target"),
    ],
)
def test_updates_are_read_in_every_form(members: dict[str, Any], updates: tuple[Any, ...]) -> None:
    assert read_reply({"target_state": "a", **members}) == Reply("a", updates)


@pytest.mark.parametrize(
    ("members", "reply"),
    [
        pytest.param(
            {
                "transition": {"target_state": "a", "context_update": {"name": "Ann", "x": ""}},
                "reasoning": "so",
            },
            Reply("a", pairs(name="Ann"), "so"),
            id="whole",
        ),
        pytest.param({"transition": {"target_state": "a", "context_update": None}}, Reply("a", ()), id="no update"),
        pytest.param({"transition": {"target_state": "a"}, "name": "Ann"}, Reply("a", pairs(name="Ann")), id="in part"),
        pytest.param({"target_state": "a", "reasoning": ["so"]}, Reply("a", ()), id="reasons that are no text"),
    ],
)
def test_the_nested_form_is_read_as_well(members: dict[str, Any], reply: Reply) -> None:
    assert read_reply(members) == reply


@pytest.mark.parametrize(
    "members",
    [
        *({}, {"target_state": None}, {"target_state": ""}, {"target_state": " "}, {"target_state": ["a"]}),
        *({"transition": "a"}, {"transition": {}}, {"transition": {"target_state": 1}}, {"name": "Ann"}),
    ],
    ids=json.dumps,
)
def test_a_reply_without_a_target_is_bad(members: dict[str, Any]) -> None:
    with pytest.raises(BadReply, match=r"^it has no 'target_state'$"):
        read_reply(members)


@LAW
@given(
    st.dictionaries(
        st.sampled_from(["target_state", "transition", "context_update", "updates", "other_updates", "reasoning", "x"]),
        JSON | st.just("a") | st.dictionaries(st.sampled_from(["target_state", "key", "value"]), JSON),
    )
)
def test_a_hostile_reply_is_read_or_bad(members: dict[str, Any]) -> None:
    try:
        reply = read_reply(members)
    except BadReply:
        reply = Reply("bad", ())

    assert isinstance(reply.target_state, str)
    assert all(isinstance(key, str) for key, _ in reply.updates)
