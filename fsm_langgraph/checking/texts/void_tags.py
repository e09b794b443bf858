"""Tags that are filled with nothing, though their key has a value: by its type, or by where they stand.

{{nights.value}}           a number has no members, and neither has a text
{{guests.name}}            a list has items; its members are those of each item
{{^name}}Hi {{name}}…      stands only where there is no name
{{.}}                      outside of sections that is all of the context
"""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.texts.key_kinds import PLAIN, is_plain, kind_of_values
from fsm_langgraph.checking.texts.known_names import KnownNames
from fsm_langgraph.checking.texts.template_tags import Tag
from fsm_langgraph.checking.texts.template_texts import TemplateText
from fsm_langgraph.definition import ContextKey


def judge_void_tag(names: KnownNames, text: TemplateText, tag: Tag) -> Iterator[Finding]:
    """Tell of a tag that its key cannot fill; true of every value that its declaration allows."""
    if tag.name == "." and not tag.around and text.is_said:
        message = f"the tag {str(tag)!r} stands outside of sections: it says the whole context, as JSON, to the user."
        yield Finding(text.path, "whole-context-said", message, "Name the keys that are to be said.")
        return
    declared = names.definition.declared(tag.root)
    if declared is None or tag.may_be_member:
        return
    if tag.rest and (fault := _path_fault(tag.root, tag.rest, declared)):
        message, advice = fault
        yield Finding(
            text.path, "member-of-plain-value", f"nothing ever stands where the tag {str(tag)!r} is: {message}", advice
        )
    elif tag.kind == "value" and (tag.root, False) in tag.around and _is_nothing_where_absent(declared):
        message = f"nothing ever stands where the tag {str(tag)!r} is: it stands where there is no {tag.root!r}."
        advice = f"Write {{{{#{tag.root}}}}} for the case that there is one."
        yield Finding(text.path, "tag-where-absent", message, advice)


def _path_fault(key: str, path: str, declared: ContextKey) -> tuple[str, str] | None:
    """Say why a path leads nowhere in the values of a key, with the advice; `None` where it may lead somewhere."""
    step, _, further = path.partition(".")
    if declared.type == "array" and not step.isdigit():
        advice = f"For each of its items, write {{{{#{key}}}}}{{{{{path}}}}}{{{{/{key}}}}}."
        if is_plain(declared.items):
            advice = f"For each of its items, write {{{{#{key}}}}}{{{{.}}}}{{{{/{key}}}}}."
        return f"{key!r} is a list, and has no member {step!r}.", advice
    if declared.type == "array":
        return _path_fault(f"{key}.{step}", further, declared.items) if declared.items is not None and further else None
    if is_plain(declared):
        return f"{key!r} is {PLAIN[kind_of_values(declared)]}, and has no member {step!r}.", f"Write {{{{{key}}}}}."
    return None


def _is_nothing_where_absent(declared: ContextKey) -> bool:
    """Say whether a value for which `{{^key}}` holds is written as nothing: 0 and false are not."""
    return kind_of_values(declared) in ("string", "array", "object")
