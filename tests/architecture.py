"""The picture of the house and its table of rooms, in `docs/`: `make pictures` makes them anew.

Nothing in them is written twice. The rooms and floors are those of the contracts in `pyproject.toml`, which
`make lint` holds the code to. The meaning of a room is the first sentence of its docstring. The path of a message goes
through the files that the README's walk links to, under the words that it has in bold.
"""

from __future__ import annotations

import ast
import re
import textwrap
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PACKAGE = "fsm_langgraph"
PICTURE = ROOT / "docs" / "architecture.svg"
PAGE = ROOT / "docs" / "architecture.md"
TABLE = re.compile(r"(?<=<!-- rooms -->\n\n).*?(?=\n<!-- /rooms -->)", re.DOTALL)
"""The table, between two comments on the page."""

_WALK = re.compile(r"^## Follow one message\n(.*?)^## ", re.DOTALL | re.MULTILINE)
_STEP = re.compile(r"^\d+\. (.*?)(?=^\d+\. |^$)", re.DOTALL | re.MULTILINE)
_ROOM_OF_LINK = re.compile(rf"\]\({PACKAGE}/([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Room:
    """A folder of the package, or a module that stands by itself."""

    name: str
    path: str
    """Its path in the repository."""
    floor: int
    """Its floor, counted from the ground."""
    meaning: str
    may_import: str


@dataclass(frozen=True, slots=True)
class Step:
    """A sentence of the walk."""

    word: str
    """The word that it has in bold."""
    rooms: tuple[str, ...]
    """The rooms that its links lead to."""


def rooms() -> list[Room]:
    """Return every room, from the roof to the ground."""
    contracts = _contracts()
    floors = [layer.split(" | ") for layer in _of_type(contracts, "layers")["layers"]]
    return [
        Room(name, _path(name), len(floors) - above, _meaning(name), _imports(contracts, floors, above, name))
        for above, names in enumerate(floors)
        for name in names
    ]


def walk() -> list[Step]:
    """Return the steps of the README's walk."""
    found = _WALK.search((ROOT / "README.md").read_text(encoding="utf-8"))
    steps = _STEP.findall(found[1]) if found is not None else []
    return [Step(re.findall(r"\*\*(\w+)\*\*", step)[0], tuple(_ROOM_OF_LINK.findall(step))) for step in steps]


def table(house: Sequence[Room]) -> str:
    """Write the table of rooms in Markdown."""
    rows = [
        f"| {room.floor} | [{_plain(room.name)}](../{room.path}) | {room.meaning} | {room.may_import} |\n"
        for room in house
    ]
    return "".join(["| floor | room | what it is | what it may import |\n|---:|---|---|---|\n", *rows])


def _plain(name: str) -> str:
    """Write a name so that Markdown takes no underscores in it for bold letters."""
    return name.replace("__", r"\_\_")


def svg(house: Sequence[Room], steps: Sequence[Step]) -> str:
    """Draw the rooms as rows, by floors, and the path of a message through them from left to right."""
    rows = {room.name: _TOP + position * _ROW for position, room in enumerate(house)}
    width, bottom = _LEFT + len(steps) * _COLUMN + _MARGIN, _TOP + len(house) * _ROW
    visited = {name for step in steps for name in step.rooms}
    shapes = [
        f'<rect width="{width}" height="{bottom + 50}" fill="#ffffff"/>',
        _text(_MARGIN, 28, "The house: imports go down only, from floor to floor", size=16, weight="bold"),
        _text(_LEFT, 28, "The path of a message, from left to right", size=16, weight="bold"),
        *_floors(house, rows, width),
        *(shape for room in house for shape in _room(room, rows[room.name], is_visited=room.name in visited)),
        *_path_of_message(steps, rows, bottom),
    ]
    body = "\n".join(shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {bottom + 50}" '
        f'width="{width}" height="{bottom + 50}" font-family="Helvetica, Arial, sans-serif">\n{body}\n</svg>\n'
    )


_MARGIN, _TOP, _ROW, _LEFT, _COLUMN = 20, 90, 40, 560, 66
_SHADES = ("#f3f6fa", "#ffffff")
_PATH, _QUIET, _INK = "#c2410c", "#5b6675", "#1f2937"


def _floors(house: Sequence[Room], rows: dict[str, int], width: int) -> Iterator[str]:
    """Draw each floor as a band with its number; the rooms that share one are divided by a broken line."""
    for floor in sorted({room.floor for room in house}, reverse=True):
        top, *others = [rows[room.name] for room in house if room.floor == floor]
        height = _ROW * (1 + len(others))
        yield (
            f'<rect x="{_MARGIN}" y="{top}" width="{width - 2 * _MARGIN}" height="{height}" '
            f'fill="{_SHADES[floor % 2]}" stroke="#cbd5e1"/>'
        )
        yield _text(_MARGIN + 18, top + height // 2 + 4, str(floor), fill=_QUIET, anchor="middle")
        for y in others:
            yield (
                f'<line x1="{_MARGIN + 36}" y1="{y}" x2="{width - _MARGIN}" y2="{y}" '
                'stroke="#cbd5e1" stroke-dasharray="4 4"/>'
            )


def _room(room: Room, top: int, *, is_visited: bool) -> Iterator[str]:
    yield _text(
        _MARGIN + 40, top + 25, room.name, size=14, weight="bold", fill=_PATH if is_visited else _INK, mono=True
    )
    lines = textwrap.wrap(room.meaning.replace("`", ""), 62)
    for position, line in enumerate(lines):
        y = top + 25 + 14 * position - 7 * (len(lines) - 1)
        yield _text(_MARGIN + 158, y, line, size=12, fill=_QUIET)


def _path_of_message(steps: Sequence[Step], rows: dict[str, int], bottom: int) -> Iterator[str]:
    points: list[tuple[int, int, int]] = []
    for number, step in enumerate(steps, 1):
        middle = _LEFT + (number - 1) * _COLUMN + _COLUMN // 2
        yield _text(middle, _TOP - 12, step.word, fill=_PATH, anchor="middle", weight="bold")
        spread = 30 if len(step.rooms) > 1 else 0
        for index, room in enumerate(step.rooms):
            points.append((number, middle - spread // 2 + index * spread, rows[room] + _ROW // 2))
    (_, first, start), (_, last, end) = points[0], points[-1]
    line = " ".join(f"{x},{y}" for _, x, y in points)
    yield (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        f'<path d="M0,0 L8,4 L0,8 z" fill="{_PATH}"/></marker></defs>'
    )
    yield f'<polyline points="{line}" fill="none" stroke="{_PATH}" stroke-width="2"/>'
    yield _arrow(first, _TOP - 4, start - 12)
    yield _arrow(last, end + 12, bottom + 14)
    yield _text(first, _TOP - 36, "the user's message", anchor="middle")
    yield _text(last + 12, bottom + 30, "the first token is shown", anchor="end")
    for number, x, y in points:
        yield f'<circle cx="{x}" cy="{y}" r="11" fill="{_PATH}"/>'
        yield _text(x, y + 4, str(number), size=12, weight="bold", fill="#ffffff", anchor="middle")


def _arrow(x: int, y: int, until: int) -> str:
    return f'<line x1="{x}" y1="{y}" x2="{x}" y2="{until}" stroke="{_PATH}" stroke-width="2" marker-end="url(#tip)"/>'


def _text(
    x: int,
    y: int,
    words: str,
    *,
    size: int = 13,
    weight: str = "normal",
    fill: str = _INK,
    anchor: str = "start",
    mono: bool = False,
) -> str:
    family = ' font-family="Menlo, Consolas, monospace"' if mono else ""
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{fill}" '
        f'text-anchor="{anchor}"{family}>{escape(words, quote=False)}</text>'
    )


def _contracts() -> list[dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return found


def _of_type(contracts: Sequence[dict[str, Any]], kind: str) -> dict[str, Any]:
    return next(contract for contract in contracts if contract["type"] == kind)


def _imports(contracts: Sequence[dict[str, Any]], floors: Sequence[Sequence[str]], above: int, name: str) -> str:
    """Say what a room may import: what lies below it, as far as another contract does not forbid it."""
    below = [room for names in floors[above + 1 :] for room in names]
    restricted = _of_type(contracts, "forbidden")
    if restricted["source_modules"] == [f"{PACKAGE}.{name}"]:
        allowed = {line.rsplit(f"-> {PACKAGE}.", 1)[1].split(".")[0] for line in restricted["ignore_imports"]}
        return ", ".join(f"`{room}`" for room in below if room in allowed)
    protected = _of_type(contracts, "protected")
    (kept,) = (module.removeprefix(f"{PACKAGE}.") for module in protected["protected_modules"])
    if kept in below:
        importers = [module.removeprefix(f"{PACKAGE}.") for module in protected["allowed_importers"]]
        own = [f"`{module}`" for module in importers if module.split(".")[0] == name]
        return f"all below; `{kept}` in {', '.join(own)} alone" if own else f"all below but `{kept}`"
    return "all below" if below else "nothing"


def _path(name: str) -> str:
    return f"{PACKAGE}/{name}" if (ROOT / PACKAGE / name).is_dir() else f"{PACKAGE}/{name}.py"


def _meaning(name: str) -> str:
    """Return the first sentence of the room's docstring, without the room's own name before a colon."""
    file = ROOT / _path(name)
    source = (file / "__init__.py" if file.is_dir() else file).read_text(encoding="utf-8")
    docstring = " ".join((ast.get_docstring(ast.parse(source)) or "").split("\n\n")[0].split())
    sentence = re.split(r"(?<=\.) ", docstring)[0].removesuffix(".")
    label, colon, rest = sentence.partition(": ")
    return rest[:1].upper() + rest[1:] if colon and label.lower() in (name, f"a {name}", f"the {name}") else sentence


def write() -> None:
    """Write the picture, and the table on its page."""
    house = rooms()
    PICTURE.write_text(svg(house, walk()), encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    made = table(house)
    PAGE.write_text(TABLE.sub(lambda _: made, page), encoding="utf-8")


if __name__ == "__main__":
    write()
