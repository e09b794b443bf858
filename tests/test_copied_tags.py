"""Tags that a model copies: which are filled, which leave a gap, and what goes through unharmed."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from profiles import examples

from fsm_langgraph.templates.copied_tags import MAX_FORM, MAX_MADE, MAX_TAG, CopiedTags

KNOWN: dict[str, Any] = {
    "name": "Bo",
    "total": 79.0,
    "sure": False,
    "toppings": ["ham", "olives"],
    "none": [],
    "who": {"first": "Ann", "home": {"town": "Oslo"}},
    "guests": [{"name": "Ida", "note": "vegan"}, {"name": "Per"}],
    "first name": "Kim",
    "odd": "{{name}}",
    "open": "a {",
}
ROOTS = frozenset(KNOWN) | {"pin", "email"}
PIECES = (1, 2, 3, 7, 10_000)


def read(text: str, size: int = 10_000) -> tuple[str, bool]:
    """Return the text with its tags filled, and whether one of them was not."""
    tags = CopiedTags(ROOTS, KNOWN)
    pieces = [tags.feed(text[at : at + size]) for at in range(0, len(text), size)]
    return "".join(pieces) + tags.finish(), bool(tags.fault)


@pytest.mark.parametrize("size", PIECES)
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("Hi {{name}}!", "Hi Bo!", id="a tag"),
        pytest.param("{{ name }} {{{name}}} {{{ name }}} {{&name}} {{& name}}", "Bo Bo Bo Bo Bo", id="of any kind"),
        pytest.param("{{total}} {{sure}} {{toppings}}", "79 no ham, olives", id="as people write them"),
        pytest.param("{{who.first}} {{who.home.town}} {{toppings.1}}", "Ann Oslo olives", id="paths"),
        pytest.param("{{first name}}", "Kim", id="a name with a blank"),
        pytest.param("{{name}}{{name}}}", "BoBo}", id="next to each other"),
        pytest.param("A[if name is known:  for {{name}}].", "A for Bo.", id="a section that holds"),
        pytest.param("A[if pin is known: {{pin}}][if pin is not known: B].", "AB.", id="one that does not"),
        pytest.param("[if sure is yes: a][if sure is not yes: b]", "b", id="a flag"),
        pytest.param("[if name is known: [a] [if none is known and not empty: b]c]", "[a] c", id="within another"),
        pytest.param("[for each of toppings: (the item), ]", "ham, olives, ", id="items"),
        pytest.param(
            "[for each of guests: (the item's name)[if the item's note is known and not no:  ((the item's note))]; ]",
            "Ida (vegan); Per; ",
            id="members of items",
        ),
    ],
)
def test_what_is_known_is_filled_in(text: str, shown: str, size: int) -> None:
    assert read(text, size) == (shown, False)


@pytest.mark.parametrize("size", PIECES)
@pytest.mark.parametrize(
    "text",
    [
        "{{user}}, {{ user.name }}, {{{html}}}, {{#each items}}{{/each}}, {{> part}}, {{! name }}",
        r"\frac{{a}}{{b}}, \textbf{\emph{name}}, {name}, {{name}, {name}}, {{name",
        "f'{x:{width}}', ${{ matrix.os }}, {{{{}}}}, {{}}, { { name } }",
        "[name](http://x.org), a[0][1], [if you like], [if name], [for each of us: one], [if zip is known: x], [",
        "{{name" + "x" * MAX_TAG + "}}",
    ],
    ids=["mustache", "LaTeX", "code", "brackets", "long"],
)
def test_what_is_none_of_the_definition_s_goes_through_unharmed(text: str, size: int) -> None:
    assert read(text, size) == (text, False)


@pytest.mark.parametrize("size", PIECES)
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("Hi {{email}}!", "Hi …!", id="not known"),
        pytest.param("{{none}}, {{who.last}}, {{toppings.9}}, {{name.first}}", "…, …, …, …", id="nothing there"),
        pytest.param("{{#name}}a{{/name}}{{^ name }}b{{/ name }}", "…a……b…", id="sections"),
        pytest.param("a[if name is known: b", "a…b", id="a section in words that is not closed"),
        pytest.param("{{odd}} {{open}}{name}}", "… …{name}}", id="a value that would make a tag"),
        pytest.param("{{na{{email}}me}}", "{{na…me}}", id="a tag within a tag"),
        pytest.param("{{{{{{name}}}}}}", "{{{…}}}", id="many braces"),
        pytest.param("{[if name is known: {na]me}}", "{…me}}", id="a section that would make a tag"),
    ],
)
def test_what_nothing_fills_leaves_a_gap(text: str, shown: str, size: int) -> None:
    assert read(text, size) == (shown, True)


def test_a_fault_says_which_tag_it_was() -> None:
    tags = CopiedTags(ROOTS, KNOWN)
    tags.fill("{{name}} {{email}} {{pin}}")

    assert tags.fault == "it has '{{email}}' in it, which nothing fills here"


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        pytest.param(["Hi ", "there {", "x"], ["Hi ", "there ", "{x"], id="a brace"),
        pytest.param(["Hi {{na", "me}}!"], ["Hi ", "Bo!"], id="a tag"),
        pytest.param(["{{nx", "a"], ["{{nx", "a"], id="no key begins so"),
        pytest.param(["a [i", "f y", "ou"], ["a ", "[if y", "ou"], id="a bracket"),
        pytest.param(["[if name is kn", "own: a", "b]c"], ["", "", "abc"], id="a section"),
        pytest.param(["[if name is known: a", "b" * MAX_FORM], ["", "…a" + "b" * MAX_FORM], id="one without an end"),
    ],
)
def test_text_is_held_only_while_it_may_become_a_tag(pieces: list[str], shown: list[str]) -> None:
    tags = CopiedTags(ROOTS, KNOWN)

    assert [tags.feed(piece) for piece in pieces] == shown


@pytest.mark.parametrize(
    "text",
    [
        "[" * 10**6,
        "{" * 10**6,
        "{{" + " " * 10**6,
        ("{{" + " " * 290) * 3000,
        "[if name is known: " * 10**4,
        "{{pin}}" * 10**4,
    ],
    ids=["brackets", "braces", "blanks", "begun", "nested", "gaps"],
)
def test_a_hostile_text_is_read_in_no_time(text: str) -> None:
    nested = text + "]" * text.count("[if ")
    began = time.process_time()

    assert {*read(nested, 10**7)[0]} <= {*nested, "…"}
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "text",
    ["[for each of many: " * 6 + "x" + "]" * 6, "[for each of many: " + "{{many}}" * 200 + "]", "{{many}}" * 10**5],
    ids=["lists within each other", "tags in a list", "tags"],
)
def test_a_text_cannot_be_made_to_grow_without_end(text: str) -> None:
    began = time.process_time()
    tags = CopiedTags({"many"}, {"many": [*range(1000)]})

    assert len(tags.fill(text)) < 2 * MAX_MADE
    assert tags.fault
    assert time.process_time() - began < 5


TAG = re.compile(rf"\{{\{{\{{?\s*[#^/&]?\s*(?:{'|'.join(map(re.escape, ROOTS))})\s*(?:\.[^{{}}]*)?\}}\}}")
"""A tag of the definition, said once more."""
parts = st.sampled_from(
    [*"{}[]#^/&. a", "{{", "}}", "[if ", " is known: ", " is not known: ", "[for each of ", ": ", "(the item)", "{{x}}"]
) | st.sampled_from([*sorted(ROOTS), "na", "me", "pi", "n"])
copied = st.sampled_from(["{{name}}", "{{pin}}", "{{{who.first}}}", "{{#name}}", "[if pin is not known: {{name}}]"])


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(parts | parts | copied, max_size=14).map("".join), st.integers(1, 6))
def test_no_tag_is_shown_however_the_text_is_cut(text: str, size: int) -> None:
    shown, _ = read(text, size)

    assert TAG.search(shown) is None
    assert read(text) == read(text, size)


@settings(max_examples=examples(50), deadline=None)
@given(st.text("{}[] na", max_size=30), st.integers(1, 6))
def test_a_text_without_tags_of_the_definition_stays_as_it_is(text: str, size: int) -> None:
    assert read(text, size) == (text, False)
