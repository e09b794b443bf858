"""Holds the conversation with one program, in the environment of that program; needs nothing but the standard library.

    .peers/burr/bin/python -P benchmarks/peers/player.py benchmarks/peers/burr/chat.py

Each line of its input is a list of what the user says, as JSON; each line of its output what came of it. The client is
found by `OPENAI_BASE_URL`, as every program leaves that to the environment.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
import time
from pathlib import Path
from typing import Any


def main() -> None:
    """Hold one conversation for each line."""
    output, sys.stdout = sys.stdout, sys.stderr  # a library may print what it likes
    program = _load(Path(sys.argv[1]))
    with asyncio.Runner() as runner:
        for line in sys.stdin:
            print(json.dumps(runner.run(hold(program, json.loads(line)))), file=output, flush=True)


async def hold(program: Any, said: list[str]) -> dict[str, Any]:
    """Hold a conversation; return its turns and what the program knows in the end."""
    chat = program.Chat()
    turns = [await timed(chat, text) for text in said]
    data = await chat.data()
    if hasattr(chat, "close"):
        await chat.close()
    return {"turns": turns, "data": {key: data.get(key) for key in ("name", "email", "birthdate")}}


async def timed(chat: Any, text: str) -> dict[str, Any]:
    """Hold a turn; return its answer and its times, in seconds."""
    pieces, first = [], 0.0
    started = time.perf_counter()
    async for piece in chat.say(text):
        if piece:
            first = first or time.perf_counter() - started
            pieces.append(piece)
    return {"first": first, "whole": time.perf_counter() - started, "pieces": len(pieces), "text": "".join(pieces)}


def _load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("chat", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["chat"] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
