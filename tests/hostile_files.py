"""Files that a stranger could send as a definition, and what the package may do with each: load it, or say why not.

A file is made of a seed alone: an example's definition with some of its parts deleted, doubled, moved, renamed or put
in the place of others, its text with some bytes changed, or a text that is none. `judge` loads it and, where that is
possible, compiles it, draws it and plays turns with it, and says what went wrong.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from ruamel.yaml import YAML

from fsm_langgraph import LLM_FSM, DefinitionError, FSMError, load_definition
from fsm_langgraph.drawing import Picture

GRAPHS = Path(__file__).parents[1] / "graphs"
SECRET = "SK-LEAK-123"  # noqa: S105 - it stands for one
LONGEST_ERROR = 400_000
"""How many characters an error may have: 100 problems that quote what they are about."""
HOSTILE: list[Any] = [
    *(
        None,
        True,
        0,
        -1,
        1.5,
        10**400,
        2**63,
        1e308,
        "",
        " ",
        "\u202e",
        "a\u200bb",
        "\0",
        "{{",
        "{{#a}}",
        "{{#a}}" * 40,
    ),
    *("{{a}}" * 3000, "../secret.json", "/etc/passwd", "secret.env", "main.json", "x" * 5000, "__start__", "_x", "a|b"),
    *("(a+)+$", "(?=a)", [], {}, [[]], [None], {"": ""}, {"var": ""}, {"==": [1]}, {"and": [{"var": "x"}] * 50}),
    *([f"k{n}" for n in range(300)], {"type": "object"}, {"items": {"items": {}}}, "return", "false", "NaN", "1e999"),
]
"""Values that a definition does not expect."""


@dataclass(frozen=True)
class HostileFile:
    """A file, and the way in which it was made."""

    name: str
    content: bytes
    kind: str


def hostile_file(seed: int) -> HostileFile:
    """Make the file of a seed."""
    dice = Random(seed)  # noqa: S311 - it makes files, and no secrets
    kind, make = dice.choice(KINDS)
    name, content = make(dice)
    return HostileFile(name, content, kind)


def judge(file: HostileFile, folder: Path) -> tuple[str, str]:
    """Say what came of a file, and what is wrong with that; nothing where all is as it should be."""
    (folder / file.name).write_bytes(file.content)
    try:
        definition = load_definition(folder / file.name)
    except DefinitionError as error:
        return "refused", _fault_of(error)
    except Exception as error:  # noqa: BLE001 - any other error is the fault that is looked for
        return "refused", f"loading raised {error!r}"
    try:
        Picture(definition).mermaid()
        Picture(definition).dot()
        with LLM_FSM(definition, "offline") as fsm:
            conversation, _ = fsm.converse("Hello, I am Ann: ann@example.com, 42")
            if not fsm.is_conversation_ended(conversation):
                fsm.converse("yes", conversation)
    except FSMError as error:
        return "failed", "" if len(str(error)) <= LONGEST_ERROR else f"an error of {len(str(error)):,} characters"
    except Exception as error:  # noqa: BLE001 - the same
        return "failed", f"playing raised {error!r}"
    return "played", ""


def _fault_of(error: DefinitionError) -> str:
    if SECRET in str(error):
        return "the error quotes another file"
    if len(str(error)) > LONGEST_ERROR:
        return f"the error has {len(str(error)):,} characters"
    if not error.problems or not all(problem.code and problem.message for problem in error.problems):
        return "the error says nothing"
    return ""


def soaked(seeds: range, folder: Path, done: Callable[[], None] = lambda: None) -> tuple[Counter[str], list[str]]:
    """Judge the files of some seeds; return what came of them, and each fault with its seed."""
    write_neighbours(folder)
    counts: Counter[str] = Counter()
    faults = []
    for seed in seeds:
        file = hostile_file(seed)
        outcome, fault = judge(file, folder)
        counts[f"{file.kind}: {outcome}"] += 1
        if fault:
            faults.append(f"seed {seed}, {file.kind}: {fault}")
        done()
    return counts, faults


def write_neighbours(folder: Path) -> None:
    """Write the files beside a definition, with a secret in each that is none."""
    (folder.parent / "secret.json").write_text(json.dumps({"key": SECRET}), encoding="utf-8")
    (folder / "secret.env").write_text(f"KEY={SECRET}\n", encoding="utf-8")
    (folder / "payment.json").write_text((GRAPHS / "order_desk" / "payment.json").read_text(encoding="utf-8"), "utf-8")


def _json(dice: Random) -> tuple[str, bytes]:
    return "main.json", json.dumps(_changed(dice), ensure_ascii=dice.random() < 0.5).encode(errors="surrogatepass")


def _yaml(dice: Random) -> tuple[str, bytes]:
    return "main.yaml", json.dumps(_changed(dice), indent=1, ensure_ascii=False).encode(errors="replace")


def _scrambled(dice: Random) -> tuple[str, bytes]:
    path = dice.choice(_PATHS)
    content = bytearray(path.read_bytes())
    for _ in range(dice.randint(1, 6)):
        at, to = sorted((dice.randrange(len(content)), dice.randrange(len(content))))
        piece = content[at : min(to, at + 200)]
        match dice.randrange(4):
            case 0:
                del content[at : at + dice.randint(1, 40)]
            case 1:
                content[at:at] = piece
            case 2:
                content[at] = dice.randrange(256)
            case _:
                content[at:at] = dice.choice(_SNIPPETS)
    return f"main{path.suffix}", bytes(content)


def _bomb(dice: Random) -> tuple[str, bytes]:
    many, deep = dice.choice((5, 20, 60)), dice.choice((3, 6, 12))
    merge = dice.choice(("<<: [{}]", "k: [{}]", "? [{}]\n  : 1"))
    lines = ["a0: &a0 {" + ", ".join(f"k{n}: 1" for n in range(many)) + "}"]
    lines += [f"a{n}: &a{n}\n  " + merge.replace("{}", ",".join([f"*a{n - 1}"] * many)) for n in range(1, deep)]
    return "main.yaml", "\n".join([*lines, "name: x"]).encode()


def _text(dice: Random) -> tuple[str, bytes]:
    pieces = [dice.choice(_SNIPPETS) for _ in range(dice.randint(1, 40))]
    return dice.choice(("main.json", "main.yaml", "main.fsm")), b"".join(pieces)


def _deep(dice: Random) -> tuple[str, bytes]:
    opening, closing = dice.choice((("[", "]"), ('{"a":', "}"), ("- ", ""), ("? ", ""), ("[a, ", ""), ("{a: ", "")))
    depth = dice.choice((50, 99, 101, 1000, 20_000))
    return dice.choice(("main.json", "main.yaml")), (opening * depth + "1" + closing * depth).encode()


def _changed(dice: Random) -> Any:
    data = copy.deepcopy(dice.choice(_DEFINITIONS))
    for _ in range(dice.choice((1, 1, 1, 2, 6))):
        holder, key = dice.choice(_places(data))
        _change(dice, data, holder, key)
    return data


def _change(dice: Random, data: Any, holder: Any, key: Any) -> None:
    other_holder, other_key = dice.choice(_places(dice.choice((data, dice.choice(_DEFINITIONS)))))
    other = copy.deepcopy(other_holder[other_key])
    match dice.randrange(8):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, list):
            holder.insert(key, copy.deepcopy(holder[key]))
        case 1:
            holder[f"{key}2"] = copy.deepcopy(holder[key])
        case 2:
            holder[key] = copy.deepcopy(dice.choice(HOSTILE))
        case 3:
            for _ in range(dice.choice((1, 5, 60))):
                holder[key] = dice.choice(([holder[key]], {"a": holder[key]}))
        case 4 if isinstance(holder, dict):
            holder[str(dice.choice((other_key, *HOSTILE[9:13], "subflow", "states", "context")))] = holder.pop(key)
        case 5:
            other_holder, other_key = dice.choice(_places(data))
            # Copies: one of the two may hold the other.
            mine, other = copy.deepcopy(holder[key]), copy.deepcopy(other_holder[other_key])
            holder[key], other_holder[other_key] = other, mine
        case _:
            holder[key] = other


def _places(data: Any) -> list[tuple[Any, Any]]:
    """Return every member and item of some data, each as its holder and its key there."""
    found: list[tuple[Any, Any]] = []
    waiting = [data]
    seen: set[int] = set()
    while waiting:
        holder = waiting.pop()
        if id(holder) in seen or len(found) > 3000:
            continue
        seen.add(id(holder))
        inside = list(holder.items()) if isinstance(holder, dict) else list(enumerate(holder))
        found += [(holder, key) for key, _ in inside]
        waiting += [value for _, value in inside if isinstance(value, dict | list)]
    return found or [({"a": 1}, "a")]


def _read(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


_PATHS = sorted(
    path
    for path in [*GRAPHS.glob("*/*.json"), *GRAPHS.glob("*/*.yaml")]
    if '"states"' in (text := path.read_text(encoding="utf-8")) or "\nstates:" in text
)
_DEFINITIONS = [_read(path) for path in _PATHS]
_SNIPPETS = [
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b",",
        b'"',
        b"'",
        b"\n",
        b"  ",
        b"- ",
        b"? ",
        b": ",
        b"#",
        b"&a ",
        b"*a",
        b"<<: *a",
    ),
    *(
        b"!!python/object:os.system ",
        b"!!int ",
        b"!!binary ",
        b"!!set ",
        b"!!omap ",
        b"!!timestamp ",
        b"!!float ",
        b"%YAML 1.1\n",
    ),
    *(
        b"---\n",
        b"...\n",
        b"|\n",
        b">\n",
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\\ud800",
        b"\\u0000",
        b"1e999",
        b"NaN",
    ),
    *(
        b"9" * 5000,
        b"0x" + b"f" * 400,
        b"states:\n",
        b'"states": ',
        b"a: &a [*a]\n",
        b"{{#a}}",
        b"2001-02-31",
        b"~",
        b"=",
        b"@",
    ),
]
KINDS: list[tuple[str, Callable[[Random], tuple[str, bytes]]]] = [
    *[("a changed definition in JSON", _json)] * 9,
    ("a changed definition in YAML", _yaml),
    *[("a text with other bytes in it", _scrambled)] * 2,
    ("a bomb", _bomb),
    ("no definition", _text),
    ("deep", _deep),
]
