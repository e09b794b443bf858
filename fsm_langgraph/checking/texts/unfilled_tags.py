"""Tags that no key fills, in a machine that does not declare its keys; where keys are declared, loading refuses them.

Handlers and the caller may write any key there. So certain are near misses of known keys alone, names that go by way of
something that there is not (`{{context.nights}}`), and those that belong to the machine around.
"""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.misspelt_names import DETOURS
from fsm_langgraph.checking.texts.known_names import KnownNames
from fsm_langgraph.checking.texts.template_tags import Tag
from fsm_langgraph.checking.texts.template_texts import TemplateText
from fsm_langgraph.errors import suggest


def judge_unfilled_tag(names: KnownNames, text: TemplateText, tag: Tag) -> Iterator[Finding]:
    """Tell of a tag over a name that nobody writes.

    A name that is like no other is a note: a handler or the caller may write it.
    """
    nothing = f"nothing stands where the tag {str(tag)!r} is"
    if tag.rest and not tag.may_be_member and tag.name in names.collected and tag.root not in names.collected:
        message = f"{nothing}: its period leads into a value, not to the key {tag.name!r}."
        yield Finding(text.path, "unfilled-tag", message, "Rename the key, with '_' for '.'.")
    if tag.root in names.roots or tag.name == "." or not tag.root:
        return
    is_closed = names.definition.context is not None
    if (meant := _meant(names, tag)) is not None:
        message = f"{nothing}: nobody writes a key {tag.root!r}."
        yield Finding(text.path, "unfilled-tag", message, f"Did you mean {{{{{meant}}}}}?")
    elif tag.may_be_member:
        return
    elif is_closed:
        advice = suggest(tag.root, names.definition.context or (), noun="declared keys")
        yield Finding(text.path, "unfilled-tag", f"{nothing}: the key {tag.root!r} is not declared.", advice)
    elif tag.root in names.keys_outside and names.view.runs_in:
        message = f"{nothing}: the machine around has the key {tag.root!r}, and it does not come in."
        advice = f"Add {tag.root!r} to the 'inputs' of the state {names.view.runs_in[0].id!r}."
        yield Finding(text.path, "unfilled-tag", message, advice)
    else:
        message = (
            f"no state collects {tag.root!r} and no condition reads it: something stands where the tag {str(tag)!r} "
            "is only if a handler or the caller writes it, or the user tells it by chance."
        )
        advice = (
            "Declare the keys in a 'context' section, with 'written_by': a tag over any other name is an error then."
        )
        yield Finding(text.path, "unknown-tag", message, advice)


def _meant(names: KnownNames, tag: Tag) -> str | None:
    """Return the name that is meant for certain; within a section a name may be that of a member."""
    enclosing = [name for name, _ in tag.around if "." not in name and name in names.keys]
    if tag.may_be_member:
        near = names.near(tag.root) if enclosing else None
        return _with_rest(near, tag) if near in enclosing else None
    last = tag.name.rpartition(".")[2]
    if tag.root in DETOURS and tag.rest == last and last in names.keys:
        return last
    near = names.near(tag.root)
    return _with_rest(near, tag) if near is not None else None


def _with_rest(name: str | None, tag: Tag) -> str:
    return f"{name}.{tag.rest}" if tag.rest else str(name)
