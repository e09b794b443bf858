"""Placeholders of other template languages, which stay as they are: whoever reads the text gets the braces.

    {nights}  {nights:.2f}  %(nights)s        Python
    ${nights}  $nights  $(nights)  #{nights}  JavaScript, shells, Ruby
    {% if nights %}  <%= nights %>            Jinja, Liquid, ERB
    %nights%  :nights                         Windows, Twig, Laravel
    <nights>  [[nights]]  [nights]            by hand
    <room size>  [room size]  {room size}     the same, in words, of a key 'room_size'

One is accused only where the name in it is that of a key, or certainly a slip of one; in what the machine says itself
also where it is no word of a language (`{loan_number}`). Blocks of code, what stands
between backticks, formulas and pairs of XML's tags are left alone: they are what a text is about. Instructions for
reading what the user says tell of forms more often than of values, so that a placeholder there is a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.misspelt_names import DETOURS
from fsm_langgraph.checking.texts.known_names import KnownNames
from fsm_langgraph.checking.texts.template_texts import TemplateText


def find_dialects(names: KnownNames, texts: Iterable[TemplateText]) -> Iterator[Finding]:
    """Find the placeholders of other template languages in templates."""
    for text in texts:
        if _MAY_HAVE.search(text.text) is not None:
            yield from _in_text(names, text)


_MAY_HAVE = re.compile(r"[{$<\[]|%[\w(]|:\w")


def _in_text(names: KnownNames, text: TemplateText) -> Iterator[Finding]:
    literal = _without_code(_literal(text))
    told: dict[str, list[str]] = {}
    unknown: dict[str, str] = {}
    notes: set[str] = set()
    for pattern, is_loose in _PLACEHOLDERS:
        for match in pattern.finditer(literal):
            found, name = match[0].strip(), match["name"]
            key = _key(names, name)
            if key is None and text.is_said and pattern in _BRACES and "_" in name:
                unknown.setdefault(name, found)
            if key is None or _is_paired(literal, match):
                continue
            if pattern in _BARE and (len(name) < 2 or key != name):
                continue
            if key not in told and (text.field == "extraction_instructions" or (is_loose and not text.is_said)):
                notes.add(key)
            told.setdefault(key, []).append(found)
    for key, places in told.items():
        yield (_note if key in notes else _warning)(text, [*dict.fromkeys(places)], key)
    for name, found in unknown.items():
        yield _unknown(text, found, name)


def _key(names: KnownNames, name: str) -> str | None:
    """Return the key of a name, or of several words that make one: `room size`."""
    if " " in name:
        joined = "_".join(name.lower().split())
        return joined if joined in names.keys else None
    return name if name in names.keys else names.near(name)


def _literal(text: TemplateText) -> str:
    """Return what stands between the tags of a text; a sign that nothing matches stands for each tag."""
    if not text.template.has_tags:
        return text.text
    return "".join(part if kind == "literal" else "\0" for kind, part in text.template.tokens)


def _without_code(text: str) -> str:
    return _CODE.sub(" ", text) if "`" in text else text


_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)

_NAME = r"(?P<name>[^\W\d][\w-]*)"
_FORMAT = r":(?:[<>^=]?\d*,?\.\d+[a-z%]|,|[<>^=]\d+|\d*[dfs%])"
_WORDS = r"(?P<name>[^\W\d]\w*(?: \w+){1,4})"
_BARE = (
    re.compile(rf"(?<![\w$\\]){re.escape('$')}{_NAME}(?![\w$(])"),
    re.compile(rf"(?<![^\s(\"']):{_NAME}(?![\w:(/])"),
)
"""The forms with one sign and no end, which are told of where the name is exactly that of a key."""
_BRACES = (
    re.compile(rf"\{{\s*(?:{'|'.join(sorted(DETOURS))})(?:\.|\[|\.get\()['\"]?{_NAME}['\"]?[\])]?\s*\}}"),
    re.compile(rf"[$#]?(?<![\w\\^}}])\{{\s*{_NAME}(?:[.\[][^{{}}\n]*)?(?:![rsa])?(?:{_FORMAT})?\s*\}}"),
)
"""The forms of which nobody takes the braces for words; in `context['nights']` the key is the second name."""
_PLACEHOLDERS = (
    (re.compile(rf"\{{%-?\s*(?:if|elif|unless|for\s+\w+\s+in)\s+(?:not\s+)?{_NAME}[^%]*%\}}"), False),
    (re.compile(rf"<%[=-]?\s*(?:(?:if|unless)\s+!?)?@?{_NAME}[^%]*%>"), False),
    *((pattern, False) for pattern in _BRACES),
    (re.compile(rf"%\({_NAME}\)[sdif]"), False),
    (re.compile(rf"{re.escape('$')}\(\s*{_NAME}\s*\)"), False),
    (re.compile(rf"(?<![\w%])%{{1,2}}{_NAME}%{{1,2}}(?![\w%])"), False),
    (_BARE[0], False),
    (_BARE[1], True),
    (re.compile(rf"\[\[\s*{_NAME}\s*\]\]"), False),
    (re.compile(rf"(?<![\w<])<{_NAME}>(?![>@])"), False),
    (re.compile(rf"(?<![\w\[\])!])\[\s*{_NAME}\s*\](?![\[(\]:])"), True),
    (re.compile(rf"(?<![\w<])<{_WORDS}>(?![>@])"), False),
    (re.compile(rf"(?<![\w\\{{])\{{\s*{_WORDS}\s*\}}(?!\}})"), False),
    (re.compile(rf"(?<![\w\[\])!])\[\s*{_WORDS}\s*\](?![\[(\]:])"), True),
)
"""The forms, each with whether it is so loose that a model is often told of a gap by it."""


def _is_paired(text: str, match: re.Match[str]) -> bool:
    """Say whether `<name>` is the first of a pair of tags, or the only one of XML's."""
    return match[0].startswith("<") and f"</{match['name']}" in text


def _warning(text: TemplateText, found: list[str], key: str) -> Finding:
    reader = "the user reads" if text.is_said else "the model is told"
    if text.field == "store":
        reader = "the store is asked for"
    it = "it as it stands" if len(found) == 1 else "them as they stand"
    message = f"{_no_tags(found)}: {reader} {it}, without the value of {key!r}."
    return Finding(text.path, "other-dialect", message, _advice(found, key), words=found[0])


def _unknown(text: TemplateText, found: str, name: str) -> Finding:
    message = f"{found!r} is no tag: the user reads it as it stands; and no key is named {name!r}."
    advice = "Write the tag of a key, {{name}}, or leave the braces out."
    return Finding(text.path, "other-dialect", message, advice, words=found)


def _note(text: TemplateText, found: list[str], key: str) -> Finding:
    message = f"{_no_tags(found)}: the model is to guess that the value of {key!r} is meant, if it is."
    return Finding(text.path, "placeholder-in-words", message, _advice(found, key), words=found[0])


def _no_tags(found: list[str]) -> str:
    return f"{found[0]!r} is no tag" if len(found) == 1 else f"{' and '.join(map(repr, found))} are no tags"


def _advice(found: list[str], key: str) -> str:
    sections = [each for each in found if each.startswith(("{%", "<%")) and not each.startswith("<%=")]
    tag, section = f"{{{{{key}}}}}", f"{{{{#{key}}}}} … {{{{/{key}}}}}, or {{{{^{key}}}}} … where there is no value"
    if not sections:
        return f"Write {tag}."
    return f"Write a section: {section}." if len(sections) == len(found) else f"Write {tag}, and a section: {section}."
