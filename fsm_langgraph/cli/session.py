"""A conversation in the terminal, or with the lines of a pipe.

    header ── the machine speaks first ──> line ── turn ──┐
                                            ^             ├── ended: the data as a table
                                            ├─────────────┤
                                            └── answer <──┴── paused at interrupt(): the question to a person

A turn runs in an event loop, so that Ctrl-C can stop a model in mid-sentence; between turns it leaves, as Ctrl-D does.
A turn that was stopped or failed stores nothing, and its message can be sent again.
"""

from __future__ import annotations

import asyncio
import re
import shlex
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import Any

from fsm_langgraph.cli.output import Flow, err, out, say
from fsm_langgraph.cli.questions_told import in_words, tell_question
from fsm_langgraph.cli.session_commands import SessionCommands
from fsm_langgraph.cli.typed_values import parse_value
from fsm_langgraph.conversation.llm_fsm import LLM_FSM
from fsm_langgraph.conversation.pieces import Piece
from fsm_langgraph.conversation.stored_conversations import thread_config
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import ArgumentError, ConversationError, SizeError, TurnError
from fsm_langgraph.errors.advice_for_users import for_users
from fsm_langgraph.graph.standing import last_heard, last_words
from fsm_langgraph.models.choice import model_name

_MESSAGE = re.compile(r"/message\s+(\S.*)")
"""A message that is marked as one, whatever is waited for."""
FAILED, WAITS = 1, 3
"""The exit codes of a pipe: a turn has failed; the lines came to their end while a turn waits for an answer."""


class Session:
    """Holds one conversation.

    Args:
        fsm: The conversations, of which it is one.
        conversation_id: Its id; it goes on where there is one of this id.
        context: What is known already; it is handed over with the next message.
        trace: Whether to tell each turn's record.
        quiet: Whether to write the messages only.
        again: The command that continues it, without its id; `None` where it is not kept.
        notice: The words to begin with about a model that nobody has chosen.
    """

    def __init__(
        self,
        fsm: LLM_FSM,
        conversation_id: str,
        *,
        context: dict[str, Any],
        trace: bool,
        quiet: bool,
        again: Sequence[str] | None,
        notice: str | None = None,
    ) -> None:
        self._fsm = fsm
        self._id = conversation_id
        self._context = context
        self._trace = trace
        self._quiet = quiet
        self._again = again
        self._notice = notice
        self._console = out()
        self._is_interactive = sys.stdin.isatty()
        self._commands = SessionCommands(fsm, conversation_id, self._console)
        self._failed = False
        self._sent = ("", "")
        """The message that has no answer yet, and its id."""
        self._waiting: Sequence[Any] = ()
        """The questions to a person that the turn waits for."""
        self._shown: set[str] = set()
        """The ids of the messages that this turn has shown."""
        self._has_hinted = False

    def hold(self) -> int:
        """Hold the conversation until it ends or the user leaves; return the exit code, which is 0 for a terminal."""
        _forgive_encodings()
        self._introduce()
        with asyncio.Runner() as self._runner:
            self._waiting = self._commands.questions()
            if self._waiting or self._commands.has_begun():
                self._say_again()
                self._ask()
            else:
                self._turn("")
            while not self._has_ended():
                line = self._read()
                if line is None or line == "/quit":
                    self._leave()
                    break
                self._take(line)
            else:
                self._end()
        if self._is_interactive:
            return 0
        return WAITS if self._waiting else FAILED if self._failed else 0

    def _take(self, line: str) -> None:
        """Do what a line says: a message, an answer or a command."""
        if message := _MESSAGE.fullmatch(line):
            self._turn(message[1])
        elif re.fullmatch(r"/\w+", line):
            self._commands.obey(line)
        elif line and self._waiting:
            self._attempt(lambda: self._fsm.astream_answer(parse_value(line), self._id))
        elif line:
            self._turn(line)

    def _introduce(self) -> None:
        named = ("Model: ", "dim"), model_name(self._fsm.model)
        if self._quiet:
            say(err(), *named)
            return
        say(self._console, (self._fsm.definition.name, "bold"), *_revision(self._fsm.definition))
        say(self._console, *named)
        if self._notice:
            say(self._console, (self._notice, "yellow"))
        if self._is_interactive:
            say(self._console, ("/help lists what else you can type; Ctrl-D leaves.", "dim"))
        say(self._console)

    def _turn(self, message: str) -> None:
        """Hold one turn."""
        if message != self._sent[0]:  # one that is typed again after a failure keeps its id
            self._sent = message, str(uuid.uuid4())
        self._shown.clear()
        id_ = self._sent[1] or None
        self._attempt(lambda: self._fsm.astream(message, self._id, self._context, message_id=id_)[1])

    def _attempt(self, begin: Callable[[], AsyncIterator[Piece]]) -> None:
        """Run a turn on a message or an answer, and tell what has come of it."""
        try:
            self._runner.run(self._play(begin))
        except KeyboardInterrupt:
            if not self._is_interactive:
                raise
            say(self._console)
            self._waiting = self._commands.questions()
            self._note(
                f"Stopped. The conversation is as it was before your {'answer' if self._waiting else 'message'}."
            )
        except (TurnError, SizeError, ConversationError, ArgumentError) as error:
            self._failed = True
            say(err(), ("Error: ", "bold red"), for_users(str(error)))
            self._waiting = self._commands.questions()
        else:
            self._waiting = self._commands.questions()
            if not self._waiting:
                self._tell_landed()
        self._ask()

    def _tell_landed(self) -> None:
        self._context, self._sent = {}, ("", "")
        record = self._fsm.get_last_turn(self._id)
        if record is not None and "handoff" in record:
            self._note(f"(The user was handed over to {record['handoff']}.)")
        if self._trace:
            self._commands.tell_why()

    def _ask(self) -> None:
        """Tell the question that the next line answers, if the turn waits for one."""
        if not self._waiting:
            return
        tell_question(err() if self._quiet else self._console, self._waiting)
        if not self._quiet and not self._has_hinted:
            self._has_hinted = True
            self._note(
                "The next line answers it: JSON, such as true or false, or a text. "
                "/message TEXT sends a message instead, and drops the question."
            )

    async def _play(self, begin: Callable[[], AsyncIterator[Piece]]) -> None:
        """Hold one turn; where it is cancelled, wait until the turn has really ended."""
        turn = asyncio.create_task(self._show(begin))
        try:
            await asyncio.wait([turn])
        except asyncio.CancelledError:
            await _stop(turn)
            # A turn that came to its end all the same is stored, and counts.
            if turn.cancelled():
                raise
        turn.result()

    async def _show(self, begin: Callable[[], AsyncIterator[Piece]]) -> None:
        before = {*self._shown}
        flow: Flow | None = None
        try:
            async for piece in begin():
                if piece.message_id in before:  # what the state says before it asks is said again in its further run
                    continue
                if flow is not None and not piece.message_id:  # another message follows
                    flow.close()
                    flow = None
                if piece.message_id:
                    flow = flow or self._speaks()
                    flow.write(piece)
                    self._shown.add(piece.message_id)
        finally:
            if flow is not None:
                flow.close()

    def _speaks(self) -> Flow:
        speaker = "" if self._quiet else "Assistant: "
        say(self._console, (speaker, "bold green"), end="")
        return Flow(self._console, column=len(speaker))

    def _read(self) -> str | None:
        """Read the user's next line; `None` at the end."""
        if self._is_interactive:
            with suppress(ImportError):  # where there is none, a line is edited by the terminal alone
                import readline  # noqa: F401 - input() edits lines with it
            try:
                return input(f"{self._prompt}: ").strip()
            except (EOFError, KeyboardInterrupt):
                say(self._console)
                return None
        read = sys.stdin.readline()
        line = read.strip()
        if line and not self._quiet:
            say(self._console, (f"{self._prompt}: ", "bold cyan"), line)
        return line if read else None

    @property
    def _prompt(self) -> str:
        return "Answer" if self._waiting else "You"

    def _say_again(self) -> None:
        """Show what was last said to the user, in a conversation that goes on, and what a paused turn has heard."""
        messages = self._fsm.graph.get_state(thread_config(self._id)).values["messages"]
        for message in last_words(messages):
            flow = self._speaks()
            flow.write(message.text)
            flow.close()
        for text in last_heard(messages) if self._waiting and not self._quiet else ():
            say(self._console, ("You: ", "bold cyan"), text)

    def _leave(self) -> None:
        left = "Left while the turn waits for an answer." if self._waiting else "Left."
        if self._quiet:
            pass
        elif not self._waiting and not self._commands.has_begun():
            self._note("Left before the conversation had begun.")
        elif self._again is None:
            self._note(f"{left} Nothing was kept: --db FILE keeps conversations.")
        else:
            self._note(f"{left} To go on:")
            # Not wrapped, so that it can be copied.
            self._console.out(f"  {shlex.join([*self._again, '--thread', self._id])}", highlight=False)
        if self._waiting and not self._is_interactive:
            told = f"the input has ended while the turn waits for an answer: {in_words(self._waiting[0])}"
            say(err(), ("Error: ", "bold red"), told)

    def _end(self) -> None:
        if not self._quiet:
            say(self._console)
            self._note(f"The conversation has ended, in the state {self._fsm.get_current_state(self._id)}.")
            self._commands.tell_data()

    def _note(self, text: str) -> None:
        say(self._console, (text, "dim"))

    def _has_ended(self) -> bool:
        return not self._waiting and self._commands.has_begun() and self._fsm.is_conversation_ended(self._id)


def _revision(definition: FSMDefinition) -> list[tuple[str, str]]:
    return [(f", revision {definition.revision}", "dim")] if definition.revision else []


async def _stop(turn: asyncio.Task[None]) -> None:
    """Cancel a turn, and all that it waits for, until it has ended.

    Once is not enough: on Python 3.11 `asyncio.wait_for`, by which a provider's stream may be read, loses a
    cancellation that meets a piece of the stream. All tasks of this loop are the turn's.
    """
    turn.cancel()
    while not (await asyncio.wait([turn], timeout=0.2))[0]:
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()


def _forgive_encodings() -> None:
    """Replace bytes that are no text when reading, and characters that the terminal lacks when writing, by a mark."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
