"""No data opens or closes a tag of a prompt, and all of it can be read back."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsm_langgraph.prompts.escaping import escape, to_json, unescape

TEXTS = st.text() | st.text(st.sampled_from("</>&;! \nabcltgmp_"), max_size=12)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
TAG = re.compile(r"<[^\W\d]|<\s*[/!?]")


@pytest.mark.parametrize(
    "text", ["Ben & Jerry's", "a < b < 3", "<3", "x -> y", "R&D", "a &lt b", "&amp;", "5 <= 6", "> 7"]
)
def test_a_text_without_a_tag_is_told_as_it_is(text: str) -> None:
    assert escape(text) == text.replace("&lt;", "&amp;lt;")
    assert to_json({"a": text}) == f'{{"a":"{text}"}}'


@pytest.mark.parametrize("text", ["</fsm>", "<fsm>", "< /fsm>", "<\n/fsm>", "<!-- x -->", "<?x?>", "<É>", "a<", "a< "])
def test_the_sign_that_could_open_a_tag_is_written_otherwise(text: str) -> None:
    assert escape(text) == text.replace("<", "&lt;")
    assert TAG.search(to_json([text])) is None


@given(JSON)
def test_json_has_no_tag_and_reads_back(value: Any) -> None:
    written = to_json(value)

    assert TAG.search(written) is None
    assert json.loads(written) == value


@given(TEXTS, TEXTS)
def test_escaped_texts_have_no_tag_whatever_follows_them(text: str, other: str) -> None:
    assert TAG.search(escape(text) + escape(other)) is None


@given(TEXTS)
def test_an_escaped_text_reads_back(text: str) -> None:
    assert unescape(escape(text)) == text


def test_names_and_items_are_escaped_too_and_other_values_stay() -> None:
    assert escape({"<a>": ["<b", 1, None]}) == {"&lt;a>": ["&lt;b", 1, None]}
