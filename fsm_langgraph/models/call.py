"""One model call, as the turn asks for it and as it came out.

Made by a turn, filled in by an attempt while the provider streams, read by the turn when the call is over.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Literal

from langchain_core.messages import AIMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.tools import BaseTool

from fsm_langgraph.context.key_schema import JsonSchema
from fsm_langgraph.data.reply_members import MESSAGE
from fsm_langgraph.handlers import Handle, Outcome

Decision = Literal["show", "hold", "refuse"]
"""What becomes of a reply's message: it is shown as it comes, kept until handlers have run, or never shown."""
Decide = Callable[[dict[str, Any]], Generator[Handle, Outcome, Decision]]
"""Takes the members of a reply that are not its message; asks for handlers; says what becomes of the message."""


@dataclass(slots=True)
class Call:
    """One model call: what is asked for and, when it is over, what came of it."""

    state: str
    """The state that it is made in."""
    message_id: str
    """The id that the message gets, whichever call of the turn it comes from."""
    schema: JsonSchema | None = None
    """What the reply must look like; `None` for a plain message."""
    decide: Decide | None = None
    """Called once with a structured reply's head; raises `BadReply` where the head makes no sense."""
    tools: tuple[BaseTool, ...] = ()
    """The tools that may be called instead of replying; recognised by identity, as the schema is."""
    cache_key: str = ""
    """What its prompt shares its beginning with: the same on every turn in its state, whoever the user is."""

    is_replayed: bool = False
    """Whether the reply of an earlier run of the turn was decided on again; no model was called."""
    ready: str = ""
    """A message that is written already: it is shown, and no model is called."""

    text: str = ""
    """What was shown."""
    held: str = ""
    """A message that was kept back."""
    error: str = ""
    """Why the reply was refused, where it was; nothing was shown then."""
    cut: str = ""
    """Why the message broke off, where it did after its decision stood."""
    late: tuple[str, ...] = ()
    """Members that came after the decision, and were left out of it."""
    tool_calls: AIMessage | None = None
    """What calls tools, where the model did instead of replying; nothing was decided or shown then."""
    unreadable: frozenset[str] = frozenset()
    """The ids of those of the calls whose arguments are no JSON object."""
    late_tools: tuple[str, ...] = ()
    """The tools that were called after the decision, in vain."""
    reasoning: str = ""
    """Why, where the reply said so after its message."""
    usage: UsageMetadata | None = None
    """The tokens used, as far as the provider told."""
    model_name: str = ""
    """The model that answered, by the provider's name for it; what counts tokens asks for it."""

    @property
    def is_silent(self) -> bool:
        """Whether the reply has no message."""
        return self.schema is not None and MESSAGE not in self.schema["properties"]
