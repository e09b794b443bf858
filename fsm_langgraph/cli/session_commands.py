"""The commands of a session, which tell about its conversation.

They tell of the turns that have come to their end. Where one waits for an answer, they say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from fsm_langgraph.cli.output import say
from fsm_langgraph.cli.trace import data_table, tell_record
from fsm_langgraph.conversation.llm_fsm import LLM_FSM
from fsm_langgraph.conversation.stored_conversations import thread_config
from fsm_langgraph.errors import ConversationError
from fsm_langgraph.graph.standing import all_data

_HELP = """\
/state  the state that the conversation is in, in a sub-machine by its path
/data   what it has collected
/why    what the last turn decided, and why
/message TEXT
        sends a message: one that begins with a slash, or one in the stead of an answer
/help   these lines
/quit   leave, as Ctrl-D does; Ctrl-C stops a reply"""


class SessionCommands:
    """Obeys the commands of a session.

    Args:
        fsm: The conversations, of which one is held.
        conversation_id: Its id.
        console: Where to write.
    """

    def __init__(self, fsm: LLM_FSM, conversation_id: str, console: Console) -> None:
        self._fsm = fsm
        self._id = conversation_id
        self._console = console

    def obey(self, command: str) -> None:
        """Do as a command says."""
        waits = bool(self.questions())
        match command:
            case "/help":
                for line in _HELP.splitlines():
                    say(self._console, (line, "dim"), hang=8)
            case "/message":
                self._note("Write the message behind it: /message TEXT.")
            case "/why" if waits:
                self._note("A turn waits for an answer. It tells why it went where it did when it has come to its end.")
            case "/state" | "/data" | "/why" if not self.has_begun():
                self._note("The first turn waits for an answer." if waits else "The conversation has not begun.")
            case "/why":
                self.tell_why()
            case "/state" | "/data":
                tell = self._tell_state if command == "/state" else self.tell_data
                tell()
                if waits:
                    self._note("So it was before the turn that waits for an answer.")
            case _:
                self._note(f"There is no command {command}; /help lists them all.")

    def questions(self) -> Sequence[Any]:
        """Return what a paused turn asks; empty where none waits."""
        try:
            return self._fsm.get_questions(self._id)
        except ConversationError:
            return ()

    def has_begun(self) -> bool:
        """Say whether a turn has come to its end; one that failed may have left traces."""
        try:
            return self._fsm.get_last_turn(self._id) is not None
        except ConversationError:
            return False

    def tell_data(self) -> None:
        """Tell what the conversation has collected."""
        data = all_data(self._fsm.graph.get_state(thread_config(self._id)).values)
        table = data_table(data, secret=self._fsm.definition.secret_paths)
        if table is None:
            self._note("Nothing was collected.")
        else:
            self._console.print(table)

    def tell_why(self) -> None:
        """Tell the record of the last turn."""
        record = self._fsm.get_last_turn(self._id)
        if record is not None:
            tell_record(self._console, record)

    def _tell_state(self) -> None:
        path = self._fsm.get_current_state(self._id)
        state = self._fsm.definition.by_path.get(path)
        about = state.description if state is not None else "The definition has no such state any more."
        say(self._console, (path, "bold"), f"  {about}")

    def _note(self, text: str) -> None:
        say(self._console, (text, "dim"))
