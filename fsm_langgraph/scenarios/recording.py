"""Replies written into a file of scenarios, turn by turn, with all else in it as it is to the last comment.

The text is not written anew: each reply is put where its turn stands. So the file keeps its order, its layout and its
comments, and a review sees the replies alone. Before it takes the file's place, the new text is read again.
"""

from __future__ import annotations

import copy
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from pydantic import JsonValue
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from fsm_langgraph.errors import Problem, ScenarioError
from fsm_langgraph.loading.document import read_document
from fsm_langgraph.loading.yaml_tree import YamlTree
from fsm_langgraph.scenarios.reply_recorder import flow
from fsm_langgraph.scenarios.scenario_fault import Steps

Edit = tuple[int, int, str]
"""Where a piece of the text begins and ends, and the piece that takes its place."""


def record(path: Path, replies: Mapping[Steps, Sequence[JsonValue]]) -> None:
    """Write replies into a file of scenarios, all or none.

    Args:
        path: The file.
        replies: The replies of each turn, by the way to it: `("scenarios", 0, "turns", 2)`.

    Raises:
        ScenarioError: The file's text cannot be changed so; it is as it was.
    """
    raw = path.read_bytes()
    text = raw.decode("utf-8-sig")
    is_json = path.suffix == ".json"
    tree = YamlTree(text)  # JSON is YAML as well
    values: dict[Steps, JsonValue] = {
        steps: given[0] if len(given) == 1 else [*given] for steps, given in replies.items()
    }
    edits: set[Edit] = set()  # a turn that an alias repeats is written once
    for steps, value in values.items():
        turn = tree.node(steps)
        if isinstance(turn, MappingNode):
            edits.add(_edit(text, turn, value, is_json=is_json))
    for start, end, piece in sorted(edits, reverse=True):
        text = text[:start] + piece + text[end:]
    new = read_document(text)
    if new.problems or new.data != _with_replies(read_document(path).data, values):
        found = Problem("", "not-recorded", "the replies cannot be written into its text.", _ADVICE)
        raise ScenarioError(str(path), [found])
    _replace(path, ("\ufeff" if raw.startswith(b"\xef\xbb\xbf") else "") + text)


_ADVICE = "Write each turn as a mapping of its own, without an alias or a merge key."


def _edit(text: str, turn: MappingNode, value: JsonValue, *, is_json: bool) -> Edit:
    """Say which change of the text gives a turn its reply."""
    written = json.dumps(value, ensure_ascii=False) if is_json else flow(value)
    fields = {key.value: (key, inner) for key, inner in turn.value}
    if "reply" in fields:
        old = fields["reply"][1]
        if old.start_mark.index == old.end_mark.index:  # left empty, to be filled in
            colon = text.index(":", fields["reply"][0].end_mark.index) + 1
            return colon, colon, f" {written}"
        return old.start_mark.index, _end(text, old), written
    name = '"reply"' if is_json else "reply"
    if not turn.value:  # an empty turn is written in braces
        return turn.start_mark.index + 1, turn.start_mark.index + 1, f"{name}: {written}"
    first = turn.value[0][0].start_mark
    newline = "\r\n" if "\r\n" in text else "\n"
    said = fields.get("user") or fields.get("answer")
    if said is None or _is_alias(*said):
        gap = ", " if turn.flow_style else f"{newline}{' ' * first.column}"
        return first.index, first.index, f"{name}: {written}{gap}"
    end = said[1].end_mark
    if turn.flow_style:
        return end.index, end.index, f", {name}: {written}"
    line = f"{' ' * first.column}{name}: {written}"
    if isinstance(said[1], ScalarNode) and end.column == 0 and end.index > first.index:  # a block of lines
        return end.index, end.index, f"{line}{newline}"
    after = re.compile(r"\r?\n").search(text, end.index if isinstance(said[1], ScalarNode) else _end(text, said[1]))
    at = after.start() if after else len(text)
    return at, at, f"{newline}{line}"


def _is_alias(key: Node, value: Node) -> bool:
    """Say whether a value is the one that stands elsewhere, with the marks that it has there."""
    return bool(value.start_mark.index < key.end_mark.index)


def _end(text: str, node: Node) -> int:
    """Return where a value ends; the mark of a block is where the next thing begins, past what lies between."""
    end: int = node.end_mark.index
    while found := re.search(r"\s+$|(?<=\n)[ \t]*#[^\n]*$", text[node.start_mark.index : end]):
        end = node.start_mark.index + found.start()
    return end


def _with_replies(data: JsonValue, values: Mapping[Steps, JsonValue]) -> JsonValue:
    changed: Any = copy.deepcopy(data)
    for steps, value in values.items():
        turn = changed
        for step in steps:
            turn = turn[step]
        turn["reply"] = value
    return changed  # type: ignore[no-any-return]  # JSON data


def _replace(path: Path, text: str) -> None:
    """Put a text in a file's place, at once."""
    path = path.resolve()  # a link stays one
    with NamedTemporaryFile("wb", dir=path.parent, prefix=".", suffix=path.name, delete=False) as new:
        new.write(text.encode())
    try:
        shutil.copymode(path, new.name)
        Path(new.name).replace(path)
    except BaseException:
        Path(new.name).unlink(missing_ok=True)
        raise
