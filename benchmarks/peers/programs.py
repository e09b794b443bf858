"""The programs that are compared: what each is, where it runs, and how the model answers it.

Each has a folder with the program and the versions it needs; `set_up` makes an environment for each folder in `.peers`.
The project's own program runs in the environment of the benchmark.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers import conversation
from benchmarks.peers.conversation import Form

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ENVIRONMENTS = ROOT / ".peers"
OURS = "fsm_langgraph"


@dataclass(frozen=True, slots=True)
class Program:
    """One way to hold the conversation."""

    title: str
    """Its name in the table."""
    path: Path
    """The program, in its folder."""
    form: Form
    """How the model answers it."""
    definition: Path | None = None
    """The file that describes the conversation, where that is not code."""

    @property
    def name(self) -> str:
        """Name it in a URL."""
        return f"{self.path.parent.name}-{self.path.stem}"

    @property
    def python(self) -> Path:
        """The interpreter that has what it needs."""
        return Path(sys.executable) if self.is_ours else interpreter(ENVIRONMENTS / self.path.parent.name)

    @property
    def is_ours(self) -> bool:
        """Say whether it is the project's own."""
        return self.title == OURS

    @property
    def lines(self) -> tuple[int, int]:
        """Count the lines of its code and of its definition, without the blank ones and the comments."""
        return _lines(self.path), _lines(self.definition) if self.definition else 0


_FORM = ROOT / "graphs" / "personal_information" / "fsm.json"

PROGRAMS = (
    Program(OURS, HERE / "ours" / "chat.py", conversation.flat, _FORM),
    Program("LLM-FSM", HERE / "llm_fsm" / "chat.py", conversation.nested, _FORM),
    Program(
        "Pipecat Flows", HERE / "pipecat_flows" / "chat.py", conversation.functions, HERE / "pipecat_flows/flow.yaml"
    ),
    Program("Burr", HERE / "burr" / "chat.py", conversation.extracted),
    Program("python-statemachine", HERE / "statemachine" / "chat.py", conversation.functions),
    Program("LangGraph, tool calls", HERE / "langgraph" / "tools.py", conversation.functions),
    Program("LangGraph, one structured call", HERE / "langgraph" / "structured.py", conversation.structured),
)


def interpreter(environment: Path) -> Path:
    """Say where the interpreter of an environment is."""
    return environment / "bin" / "python"


def installed() -> list[Program]:
    """List the programs whose environment is there."""
    return [program for program in PROGRAMS if program.python.exists()]


def _lines(path: Path) -> int:
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return sum(1 for line in lines if line and not line.startswith("#"))
