"""Tags in texts that are no templates, and those that are comments, are noted."""

from __future__ import annotations

import pytest
from checked import DECLARED, form, found
from machines import machine, state, to

NOTES = ("tag-in-plain-text", "commented-key")


def test_a_tag_in_the_description_of_a_transition_is_noted() -> None:
    asked = state("ask", {**to("end", "guest"), "description": "{{guest}} is ready"}, required_context_keys=["guest"])

    [finding] = found(machine(asked, state("end")), *NOTES)

    assert (finding.code, finding.path) == ("tag-in-plain-text", "states.ask.transitions[0].description")


@pytest.mark.parametrize("tag", ["{{!guest}}", "{{! guest }}"])
def test_a_comment_that_is_a_key_is_noted(tag: str) -> None:
    assert [finding.code for finding in found(form(DECLARED, say=f"{tag}Hello"), *NOTES)] == ["commented-key"]


@pytest.mark.parametrize("text", ["{{! for later: guest }}Hello", "{{guest}}", "Hello"])
def test_other_comments_are_none(text: str) -> None:
    assert found(form(DECLARED, say=text), *NOTES) == []


def test_examples_may_have_tags() -> None:
    examples = [{"user": "I am Ann", "assistant": "Hello, {{guest}}!"}]

    assert found(form(DECLARED, example_dialogue=examples), *NOTES) == []
