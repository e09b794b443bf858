"""Replies that a hostile model may write, as Hypothesis strategies: `scripts` for the calls of a few turns.

Valid replies, the same bent out of shape, JSON of any form, plain text; cut anywhere, with an error or none.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from fsm_langgraph.models.scripted import Cut

Json = dict[str, Any]

texts = st.text(max_size=20) | st.sampled_from(["\ud800", "\udc00\ud83d", "\x00", "```", '"}', "</fsm>", "{{token}}"])
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([10**25, 10**400, -1, "30", "full", 1e308])
    | texts
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)
deep = st.integers(1, 200).map(lambda depth: "[" * depth + "]" * depth)


def keys(names: list[str]) -> st.SearchStrategy[str]:
    """The name of a key: one that is known, one that is forbidden, one that is no name at all."""
    strange = ["_x", "_turn", "", "is_admin", "\ud800", "target_state", "message"]
    return st.sampled_from(names) | st.sampled_from(strange) | texts


def writes(names: list[str]) -> st.SearchStrategy[list[Any]]:
    """A list of updates: entries of one key or of several, pairs of key and value, or neither."""
    pairs = st.fixed_dictionaries({"key": keys(names) | values, "value": values})
    entries = st.dictionaries(keys(names), values, max_size=2)
    return st.lists(entries | pairs | values, max_size=4)


@st.composite
def bent(draw: st.DrawFn, states: list[str], names: list[str]) -> str:
    """A valid reply, bent: members in any order, some twice, some missing, some of the wrong kind."""
    targets = st.sampled_from([*states, "", "__end__"]) | values
    members: list[tuple[str, Any]] = [
        ("target_state", draw(targets)),
        (draw(st.sampled_from(["updates", "updates", "other_updates"])), draw(writes(names) | values)),
    ]
    members += [("message", draw(texts | values)) for _ in range(draw(st.integers(0, 2)))]
    members += draw(st.lists(st.tuples(keys(names), values), max_size=5))
    if draw(st.booleans()):
        update = dict(draw(st.lists(st.tuples(keys(names), values), max_size=3)))
        nested = {"target_state": draw(targets), "context_update": update}
        members = [("transition", nested), *members[1:]]
    ascii_only = draw(st.booleans())
    text = ", ".join(
        f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=ascii_only)}"
        for key, value in draw(st.permutations(members))
    )
    before, after = draw(st.sampled_from([("", ""), ("```json\n", "\n```"), ("Sure {ok}: ", " Bye!"), ("\ufeff", "}")]))
    return f"{before}{{{text}}}{after}"


def near(states: list[str], meant: Json) -> st.SearchStrategy[str]:
    """A reply in the exact form, with what a model says where it means well, or pretends to."""
    junk = st.sampled_from([True, 20, "x", False, None, ""])
    own = {name: st.just(value) | st.just(value) | junk for name, value in meant.items()}
    told = st.fixed_dictionaries({}, optional=own)
    forms = [
        lambda told, also: {"updates": [*({key: value} for key, value in told.items()), *also]},
        lambda told, also: {"updates": [*({"key": key, "value": value} for key, value in told.items()), *also]},
        lambda told, _: {"updates": told},
        lambda told, also: {**told, "updates": also},
        lambda told, also: {**told, "other_updates": also},
    ]
    return st.builds(
        lambda target, form, told, also, message: json.dumps(
            {"target_state": target, **form(told, also), "message": message}
        ),
        st.sampled_from(states),
        st.sampled_from([forms[0], *forms]),
        told,
        st.just([]) | writes(list(meant)),
        st.just("Go on.") | texts,
    )


def scripts(states: list[str], meant: Json) -> st.SearchStrategy[tuple[list[Any], list[Any]]]:
    """What a model says where it is asked for a reply, and where it is asked for a message.

    Args:
        states: The states that it may name.
        meant: The keys that it may write, each with a value that opens what waits for it.
    """
    nearly = near(states, meant)
    whole = bent(states, list(meant)) | values.map(json.dumps) | texts | deep
    breaks = st.sampled_from([None, ConnectionError("gone")])
    cut = st.builds(Cut, nearly | whole, st.integers(0, 200), breaks)
    reply = nearly | nearly | nearly | nearly | nearly | whole | cut | st.just(ConnectionError("away"))
    message = st.just("Well.") | texts | cut
    return st.tuples(st.lists(reply, min_size=1, max_size=8), st.lists(message, min_size=1, max_size=3))
