"""Tags over keys that the text may not show: those that the state hides from the model, and secrets."""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.texts.known_names import KnownNames
from fsm_langgraph.checking.texts.template_tags import Tag
from fsm_langgraph.checking.texts.template_texts import TemplateText


def judge_hidden_tag(names: KnownNames, text: TemplateText, tag: Tag) -> Iterator[Finding]:
    """Tell of a tag whose key has a value that the text does not get.

    What the machine says itself is filled with all that is not secret, so that no state hides anything from it.
    """
    if tag.may_be_member or tag.root not in names.keys or any(tag.root == name for name, _ in tag.around):
        return
    if tag.root in names.definition.secret_keys:
        message = f"the key {tag.root!r} is secret, and no text shows one: {_outcome(tag)}."
        advice = "Have a handler write what may be shown, such as its last digits, into a key of its own."
        yield Finding(text.path, "unshown-secret", message, advice)
    elif text.state is not None and not text.is_said and not names.shows(text.state, tag.root):
        message = f"the state {text.state.id!r} does not show {tag.root!r} to the model: {_outcome(tag)}."
        advice = f"Add {tag.root!r} to its 'visible_context_keys'."
        yield Finding(text.path, "hidden-tag", message, advice)


def _outcome(tag: Tag) -> str:
    return {
        "value": "nothing stands where its tag is",
        "section": f"the section {str(tag)!r} is always left out",
        "absence": f"the section {str(tag)!r} is always there",
    }[tag.kind]
