"""Holds the same conversation with every program, and counts and times what came of it.

Every program waits in a process of its own. The programs take turns, so that a noisy machine disturbs all alike; the
first conversations of each warm it up, are checked word for word, and counted.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.model_server import ModelServer
from benchmarks.peers.conversation import ASKED_AGAIN, DATA, FORGETFUL, LONG, TURNS, Turn
from benchmarks.peers.programs import HERE, ROOT, Program
from benchmarks.peers.tokens import Tokens

ANSWERS = slice(1, None)
"""The turns that answer a user, which are timed; in the first one the assistant begins."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the model writes; at once, if not told otherwise."""

    first_delay: float = 0.0
    """Seconds to its first token."""
    delay: float = 0.0
    """Seconds from each token to the next."""


@dataclass(frozen=True, slots=True)
class Times:
    """How long the turns take that answer a user, in seconds; for each the median of all conversations."""

    first: tuple[float, ...]
    """Until the first visible character."""
    whole: tuple[float, ...]
    """Until the turn is over."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The costs of the conversation, and its outcome."""

    calls: float
    """Model calls in a turn, on average."""
    tokens: float
    """Tokens that the model reads in a turn, on average."""
    late_tokens: int
    """Tokens that it reads in the 50th turn of a conversation that does not get on."""
    before: float
    """Tokens that it writes in a turn before the first visible one, on average."""
    streams: bool
    """Whether messages come in pieces."""
    corrects: bool
    """Whether the corrected value is the one that is known in the end."""
    holds_back: bool
    """Whether a message is held back that was written for a step that cannot be taken."""


class Player:
    """A process that holds conversations with one program."""

    def __init__(
        self, program: Program, server: ModelServer, tokens: Tokens, process: subprocess.Popen[str], errors: Path
    ) -> None:
        self.program = program
        self._server = server
        self._tokens = tokens
        self._process = process
        self._errors = errors

    def play(self, pace: Pace, turns: Sequence[Turn] = TURNS, *, keep: bool = False) -> dict[str, Any]:
        """Hold a conversation in which all say what they should."""
        replies = [self._tokens.pieces(reply) for turn in turns for reply in self.program.form(turn)]
        name, first_delay, delay = self.program.name, pace.first_delay, pace.delay
        self._server.script(name, replies, first_delay=first_delay, delay=delay, keep=keep)
        played = self._hold(turns)
        for turn, answer in zip(turns, played["turns"], strict=True):
            if answer["text"].strip() != turn.said:
                raise RuntimeError(f"{self.program.title} answered {turn.user!r} with {answer['text']!r}")
        return played

    def count(self) -> Counts:
        """Hold conversations, and count what they take."""
        name, form, tokens = self.program.name, self.program.form, self._tokens
        played = self.play(Pace(), keep=True)
        bodies, streams = self._server.bodies(name), any(turn["pieces"] > 1 for turn in played["turns"])
        written = [tokens.before(form(turn), turn.said, streams=streams) for turn in TURNS[ANSWERS]]
        self.play(Pace(), LONG, keep=True)
        late = self._server.bodies(name)[-len(form(LONG[-1])) :]
        return Counts(
            calls=len(bodies) / len(TURNS),
            tokens=sum(map(tokens.read, bodies)) / len(TURNS),
            late_tokens=sum(map(tokens.read, late)),
            before=statistics.fmean(written),
            streams=streams,
            corrects=played["data"] == DATA,
            holds_back=self.holds_back(),
        )

    def holds_back(self) -> bool:
        """Hold a conversation with a forgetful model; a further call is made for the step that was not left."""
        *earlier, last = FORGETFUL
        replies = [reply for turn in earlier for reply in self.program.form(turn)]
        self._server.script(self.program.name, [*replies, self.program.form(last)[0], ASKED_AGAIN])
        said = self._hold(FORGETFUL)["turns"][-1]["text"].strip()
        if said not in (last.said, ASKED_AGAIN):
            raise RuntimeError(f"{self.program.title} answered a forgetful {last.user!r} with {said!r}")
        return bool(said == ASKED_AGAIN)

    def _hold(self, turns: Sequence[Turn]) -> dict[str, Any]:
        assert self._process.stdin is not None, "the input is a pipe"
        assert self._process.stdout is not None, "the output is a pipe"
        self._process.stdin.write(json.dumps([turn.user for turn in turns]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            last = "\n".join(self._errors.read_text(encoding="utf-8").splitlines()[-5:])
            raise RuntimeError(f"{self.program.title} broke off the conversation; its last words:\n{last}")
        played: dict[str, Any] = json.loads(line)
        return played


@contextmanager
def players(programs: Sequence[Program], tokens: Tokens) -> Iterator[list[Player]]:
    """Start the programs, with a model that writes in these tokens; end them."""
    with ExitStack() as stack:
        server = stack.enter_context(ModelServer())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        yield [stack.enter_context(_player(program, server, tokens, folder)) for program in programs]


@contextmanager
def _player(program: Program, server: ModelServer, tokens: Tokens, folder: Path) -> Iterator[Player]:
    url, errors = server.url(program.name), folder / f"{program.name}.txt"
    environment = {
        **os.environ,
        "OPENAI_BASE_URL": url,
        "OPENAI_API_BASE": url,
        "OPENAI_API_KEY": "none",
        "NO_PROXY": "127.0.0.1",
        "PYTHONPATH": str(ROOT) if program.is_ours else "",
        # Nothing is fetched, sent or printed.
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LANGSMITH_TRACING": "false",
        "LOGURU_LEVEL": "WARNING",
    }
    with errors.open("w", encoding="utf-8") as told:
        process = subprocess.Popen(
            list(map(str, (program.python, "-P", HERE / "player.py", program.path))),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
            cwd=folder,  # where LLM-FSM keeps its log
            env=environment,
        )
    try:
        yield Player(program, server, tokens, process, errors)
    finally:
        process.communicate()  # it ends when its input does


def count_all(playing: Sequence[Player]) -> list[Counts]:
    """Hold conversations with all of them at once, and count what they take."""
    with ThreadPoolExecutor(len(playing)) as pool:
        return list(pool.map(Player.count, playing))


def time_all(playing: Sequence[Player], pace: Pace, rounds: int, *, together: bool = False) -> list[Times]:
    """Hold conversations with all of them, one after the other or all at once, and time them."""
    played: dict[Player, list[dict[str, Any]]] = {player: [] for player in playing}
    order = list(playing)
    with ThreadPoolExecutor(len(order) if together else 1) as pool:
        for _ in range(rounds):
            order = [*order[1:], order[0]]
            for player, conversation in zip(order, pool.map(lambda player: player.play(pace), order), strict=True):
                played[player].append(conversation)
    return [_times(played[player]) for player in playing]


def _times(conversations: Sequence[dict[str, Any]]) -> Times:
    def medians(what: str) -> tuple[float, ...]:
        turns = zip(*(conversation["turns"][ANSWERS] for conversation in conversations), strict=True)
        return tuple(statistics.median(turn[what] for turn in same) for same in turns)

    return Times(medians("first"), medians("whole"))
