"""No data opens or closes a tag of a prompt, and all of it can be read back."""

from __future__ import annotations

import html
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fsm_langgraph.prompts.escaping import escape, to_json

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(JSON)
def test_json_has_no_sign_of_a_tag_and_reads_back(value: Any) -> None:
    written = to_json(value)

    assert not {"<", ">", "&"} & set(written)
    assert json.loads(written) == value


@given(st.text())
def test_an_escaped_text_has_no_sign_of_a_tag_and_reads_back(text: str) -> None:
    escaped = escape(text)

    assert not {"<", ">"} & set(escaped)
    assert html.unescape(escaped) == text


def test_names_and_items_are_escaped_too_and_other_values_stay() -> None:
    assert escape({"<a>": ["&", 1, None]}) == {"&lt;a&gt;": ["&amp;", 1, None]}
