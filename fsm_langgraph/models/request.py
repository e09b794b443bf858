"""One model call as data: the request that a turn makes, and the answer that it reads."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from langchain_core.messages import AIMessage
from langchain_core.tools import BaseTool

from fsm_langgraph.context.key_schema import JsonSchema
from fsm_langgraph.context.writes import Context
from fsm_langgraph.data.reply_members import MESSAGE
from fsm_langgraph.effects import Effect
from fsm_langgraph.models.token_count import NOTHING_USED, TokenCount, UntoldTokens

DecidedT = TypeVar("DecidedT")

Fate = Literal["show", "hold", "refuse"]
"""The fate of a reply's message: it is shown as it comes, kept until it is certain to fit, or never shown."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision on a reply, as far as its message goes."""

    fate: Fate
    known: Context = field(default_factory=dict)
    """The values that fill tags which the model copies, in a message that is shown as it comes."""
    veto: str = ""
    """Why what the reply proposes is not done, where it is not."""


Decide = Callable[[dict[str, Any]], Coroutine[Effect[Any], Any, tuple[Decision, DecidedT]]]
"""Takes the members of a reply that are not its message; returns the fate of the message, and what was decided.

It is called once with a structured reply, and raises `BadReply` where the reply makes no sense."""


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One model call, as a turn asks for it."""

    state: str
    """The path of the state that it is made in."""
    message_id: str
    """The id that the message gets, whichever call of the turn it comes from."""
    schema: JsonSchema | None = None
    """The schema of the reply; `None` for a plain message."""
    tools: tuple[BaseTool, ...] = ()
    """The tools that may be called instead of replying; recognised by identity, as the schema is."""
    cache_key: str = ""
    """The key of the prompt's beginning, which is the same on every turn in its state, whoever the user is."""
    tag_roots: frozenset[str] = frozenset()
    """All that a tag of the definition may begin with; no such tag is shown."""
    known: Context = field(default_factory=dict)
    """The values that fill such tags in a plain message."""
    speaker: str | None = None
    """The name that the message carries."""
    has_tools: bool = False
    """Whether the machine has tools, so that the text of any state may have calls of them written into it."""
    first_model: int = 0
    """The position of the model that is asked first; those before it have given no usable reply."""
    secret_keys: frozenset[str] = frozenset()
    """The keys whose values no trace tells."""
    untold: UntoldTokens | None = None
    """Tokens of the turn that this call's run is to tell too."""
    longest: int = sys.maxsize
    """How many characters the message may have."""

    @property
    def is_silent(self) -> bool:
        """Whether the reply has no message."""
        return self.schema is not None and MESSAGE not in self.schema["properties"]


@dataclass(frozen=True, slots=True)
class ModelAnswer(Generic[DecidedT]):
    """The outcome of a model call."""

    message: AIMessage
    """The message that was shown; empty where none was."""
    decided: DecidedT | None = None
    """The decision on the reply, as `decide` returned it; `None` where none was made."""
    held: str = ""
    """A message that was kept back."""
    error: str = ""
    """Why the reply was refused, where it was; nothing was shown then."""
    is_cut_off: bool = False
    """Whether the reply was refused because the provider stopped at its length limit, as it would the next time."""
    next_model: int | None = None
    """The position of the model to ask where no reply of this one can be used; `None` where there is none."""
    cut: str = ""
    """Why the message broke off, where it did after its decision stood."""
    unfilled: str = ""
    """Why the message has a gap, or was not shown: a tag that nothing fills, or a repeated sentence of the prompt."""
    late: tuple[str, ...] = ()
    """Members that came after the decision, and were left out of it."""
    tool_calls: AIMessage | None = None
    """The message that calls tools, where the model did instead of replying; nothing was decided or shown then."""
    unreadable: frozenset[str] = frozenset()
    """The ids of those of the calls whose arguments are no JSON object."""
    late_tools: tuple[str, ...] = ()
    """The tools that were called after the decision, in vain."""
    reasoning: str = ""
    """The model's reasons, where the reply gave them after its message."""
    thoughts: str = ""
    """The hidden part of the text: reasoning, and whatever else is not meant for the user."""
    tokens: TokenCount = NOTHING_USED
    """The tokens used, as far as the provider told."""
    untold: UntoldTokens | None = None
    """Tokens that the call's run could not tell, and the next one is to."""
    is_replayed: bool = False
    """Whether the reply of an earlier run of the turn was decided on again; no model was called."""
