"""A conversation in the terminal, or with the lines of a pipe.

    header ── the machine speaks first ──> line ── turn ──┐
                                            ^             ├── ended: the data as a table
                                            └─────────────┘

A turn runs in an event loop, so that Ctrl-C can stop a model in mid-sentence; between turns it leaves, as Ctrl-D does.
A turn that was stopped or failed stores nothing, and its message can be sent again.
"""

from __future__ import annotations

import asyncio
import re
import shlex
import sys
import uuid
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from fsm_langgraph.cli.output import Flow, err, out, say
from fsm_langgraph.cli.trace import data_table, tell_record
from fsm_langgraph.conversation.llm_fsm import LLM_FSM
from fsm_langgraph.conversation.stored_conversations import thread_config
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.errors import ConversationError, SizeError, StaleDefinition, TurnError
from fsm_langgraph.errors.advice_for_users import for_users
from fsm_langgraph.graph.standing import all_data, last_words
from fsm_langgraph.models.choice import model_name

_HELP = """\
/state  the state that the conversation is in, in a sub-machine by its path
/data   what it has collected
/why    what the last turn decided, and why
/help   these lines
/quit   leave, as Ctrl-D does; Ctrl-C stops a reply"""


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
        self._failed = False
        self._sent = ("", "")
        """The message that has no answer yet, and its id."""

    def hold(self) -> bool:
        """Hold the conversation until it ends or the user leaves; say whether a turn of a pipe has failed."""
        _forgive_encodings()
        self._introduce()
        with asyncio.Runner() as self._runner:
            if self._has_begun():
                self._say_again()
            else:
                self._turn("")
            while not self._has_ended():
                line = self._read()
                if line is None or line == "/quit":
                    self._leave()
                    break
                if re.fullmatch(r"/\w+", line):
                    self._answer(line)
                elif line:
                    self._turn(line)
            else:
                self._end()
        return self._failed and not self._is_interactive

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
        """Hold one turn, or tell why it did not work."""
        if message != self._sent[0]:  # one that is typed again after a failure keeps its id
            self._sent = message, str(uuid.uuid4())
        try:
            self._runner.run(self._play(message))
        except KeyboardInterrupt:
            if not self._is_interactive:
                raise
            say(self._console)
            self._note("Stopped. The conversation is as it was before your message.")
        except (TurnError, SizeError, StaleDefinition) as error:
            self._failed = True
            say(err(), ("Error: ", "bold red"), for_users(str(error)))
        else:
            self._context, self._sent = {}, ("", "")
            if (asked := self._asked()) is not None:
                self._note(f"(The turn is paused: it waits for a person, who is asked {asked!r}.)")
                return
            record = self._fsm.get_last_turn(self._id)
            if record is not None and "handoff" in record:
                self._note(f"(The user was handed over to {record['handoff']}.)")
            if self._trace:
                self._tell_why()

    def _asked(self) -> Any:
        """Return what somebody is asked by `interrupt()`, where the turn waits for that; else `None`."""
        interrupts = self._fsm.graph.get_state(thread_config(self._id)).interrupts
        return interrupts[0].value if interrupts else None

    async def _play(self, message: str) -> None:
        """Hold one turn; where it is cancelled, wait until the turn has really ended."""
        turn = asyncio.create_task(self._show(message))
        try:
            await asyncio.wait([turn])
        except asyncio.CancelledError:
            await _stop(turn)
            # A turn that came to its end all the same is stored, and counts.
            if turn.cancelled():
                raise
        turn.result()

    async def _show(self, message: str) -> None:
        _, pieces = self._fsm.astream(message, self._id, self._context, message_id=self._sent[1] or None)
        flow: Flow | None = None
        try:
            async for piece in pieces:
                if flow is not None and not piece.message_id:  # another message follows
                    flow.close()
                    flow = None
                    continue
                flow = flow or self._speaks()
                flow.write(piece)
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
                return input("You: ").strip()
            except (EOFError, KeyboardInterrupt):
                say(self._console)
                return None
        read = sys.stdin.readline()
        line = read.strip()
        if line and not self._quiet:
            say(self._console, ("You: ", "bold cyan"), line)
        return line if read else None

    def _answer(self, command: str) -> None:
        match command:
            case "/state" if self._has_begun():
                self._tell_state()
            case "/data" if self._has_begun():
                self._tell_data()
            case "/why" if self._has_begun():
                self._tell_why()
            case "/state" | "/data" | "/why":
                self._note("The conversation has not begun.")
            case "/help":
                for line in _HELP.splitlines():
                    say(self._console, (line, "dim"), hang=8)
            case _:
                self._note(f"There is no command {command}; /help lists them all.")

    def _say_again(self) -> None:
        """Show what was last said to the user, in a conversation that goes on."""
        for message in last_words(self._values()["messages"]):
            flow = self._speaks()
            flow.write(message.text)
            flow.close()

    def _leave(self) -> None:
        if self._quiet:
            return
        if not self._has_begun():
            self._note("Left before the conversation had begun.")
        elif self._again is None:
            self._note("Left. Nothing was kept: --db FILE keeps conversations.")
        else:
            self._note("Left. To go on:")
            # Not wrapped, so that it can be copied.
            self._console.out(f"  {shlex.join([*self._again, '--thread', self._id])}", highlight=False)

    def _end(self) -> None:
        if not self._quiet:
            say(self._console)
            self._note(f"The conversation has ended, in the state {self._fsm.get_current_state(self._id)}.")
            self._tell_data()

    def _tell_state(self) -> None:
        path = self._fsm.get_current_state(self._id)
        state = self._fsm.definition.by_path.get(path)
        about = state.description if state is not None else "The definition has no such state any more."
        say(self._console, (path, "bold"), f"  {about}")

    def _tell_data(self) -> None:
        table = data_table(all_data(self._values()), secret=self._fsm.definition.secret_paths)
        if table is None:
            self._note("Nothing was collected.")
        else:
            self._console.print(table)

    def _values(self) -> dict[str, Any]:
        values: dict[str, Any] = self._fsm.graph.get_state(thread_config(self._id)).values
        return values

    def _tell_why(self) -> None:
        record = self._fsm.get_last_turn(self._id)
        if record is not None:
            tell_record(self._console, record)

    def _note(self, text: str) -> None:
        say(self._console, (text, "dim"))

    def _has_begun(self) -> bool:
        """Say whether a turn has come to its end; one that failed may have left traces."""
        try:
            return self._fsm.get_last_turn(self._id) is not None
        except ConversationError:
            return False

    def _has_ended(self) -> bool:
        return self._has_begun() and self._fsm.is_conversation_ended(self._id)


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
