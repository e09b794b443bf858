"""The engine that answers: llama.cpp in a process of its own, or whatever `OPENAI_BASE_URL` names.

with engine() as model:
    compile_fsm(definition, model)
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from benchmarks.peers.programs import interpreter
from benchmarks.real.set_up import ENVIRONMENT

MAX_TOKENS = 120
"""How long an answer may be: a small model that goes round in circles is cut off."""
SEED = 7


@contextmanager
def engine(
    name: str = "smollm2-135m", *, gguf: Path | None = None, max_tokens: int = MAX_TOKENS
) -> Iterator[ChatOpenAI]:
    """Start the engine, unless the environment names one; give the chat model that asks it.

    Args:
        name: The model's name, which an engine with several knows it by.
        gguf: The file of the model to start; the shipped one by default.
        max_tokens: How long an answer may be.
    """
    if url := os.environ.get("OPENAI_BASE_URL"):
        yield _chat_model(name, url, os.environ.get("OPENAI_API_KEY", "none"), max_tokens)
        return
    if not interpreter(ENVIRONMENT).exists():
        raise SystemExit("There is no engine: run `python -m benchmarks.real.set_up`, or set OPENAI_BASE_URL.")
    command = [interpreter(ENVIRONMENT), Path(__file__).with_name("engine_process.py"), *([gguf] if gguf else [])]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None, "the output is a pipe"
    try:
        address = process.stdout.readline().strip()
        if not address:
            raise SystemExit("The engine did not start; what it said stands above.")
        yield _chat_model(name, f"{address}/v1", "none", max_tokens)
    finally:
        process.communicate()  # it ends when its input does


def _chat_model(name: str, url: str, key: str, max_tokens: int) -> ChatOpenAI:
    return ChatOpenAI(
        model=name,
        base_url=url,
        api_key=SecretStr(key),
        temperature=0,
        seed=SEED,
        max_completion_tokens=max_tokens,
        stream_usage=True,
        timeout=300,
        max_retries=0,
    )
