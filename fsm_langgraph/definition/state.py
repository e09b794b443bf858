"""One state of a conversation: its purpose, the keys it collects, and how the model goes about it."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

from pydantic import Field, model_validator

from fsm_langgraph.definition.keys import Keys
from fsm_langgraph.definition.section import Count, Flag, Section
from fsm_langgraph.definition.transition import Transition


class State(Section):
    """One state of the conversation."""

    id: str
    """Its name: the same as its key in `states`."""
    description: str
    """The state in a few words."""
    purpose: str
    """The aim of the state, in words."""
    transitions: tuple[Transition, ...] = ()
    """The transitions out of it; a state without any is final."""
    required_context_keys: tuple[str, ...] = ()
    """Keys that the model collects here."""
    optional_context_keys: tuple[str, ...] = ()
    """Keys that the model may collect here and that nothing here waits for."""
    visible_context_keys: tuple[str, ...] | None = None
    """The only keys that the model is shown here; all that are not secret where it is left out."""
    instructions: str = ""
    """How the model is to go about it."""
    response_instructions: str = ""
    """LLM-FSM's name of `instructions`; where both are given, these follow those."""
    extraction_instructions: str = ""
    """How the keys are to be read from what the user says."""
    say: str = ""
    """The words that the machine says here itself, as they stand: a template over the context."""
    example_dialogue: tuple[dict[str, str], ...] = ()
    """A conversation to take as a model: each entry a role and what it says."""
    forget: tuple[str, ...] = ()
    """Keys that are removed when the state is entered, so that they must be given anew; those told ahead in the same
    turn stay."""
    decision: Literal["model", "logic"] = "model"
    """Who chooses the transition: the model among the open ones, or the conditions alone."""
    ask: Literal["always", "missing"] = "always"
    """Whether it asks on being entered: `missing` passes it where all that it requires is answered."""
    silent: Flag = False
    """Whether it moves on by its conditions, without a model call, when it is entered."""
    listens: Flag = True
    """Whether it waits for the user; `false` makes it a step of thought."""
    calls: Literal["one", "two"] = "one"
    """Whether the reply that decides brings the message too, or the message is written afterwards."""
    tools: tuple[str, ...] = ()
    """The names of the tools that the model may call here, of those given to `compile_fsm`."""
    max_tool_calls: Count = 5
    """How many calls of tools one stay in the state may make, in one turn."""
    global_transitions: Flag = True
    """Whether the definition's global transitions are open here."""
    subflow: str | None = None
    """A definition that runs inside this state until it ends: the name of one of the `subflows`, or a file beside
    this one; the transitions of this state are looked at when it has ended."""
    inputs: Keys = Field(default={})
    """The keys that the sub-machine begins with: its own name for each, and the name of the key here."""
    outputs: Keys = Field(default={})
    """The keys that come back when it has ended: its own name for each, and the name of the key here."""

    @model_validator(mode="before")
    @classmethod
    def _instructions_have_one_name(cls, data: Any) -> Any:
        """Put what goes by LLM-FSM's name to the instructions; what is no text stays, to be reported where it is."""
        if not isinstance(data, dict):
            return data
        told, named = data.get("instructions") or "", data.get("response_instructions")
        if not (isinstance(told, str) and isinstance(named, str)):
            return data
        others = {name: value for name, value in data.items() if name != "response_instructions"}
        return {**others, "instructions": "\n".join(filter(None, (told, named)))}

    @cached_property
    def is_final(self) -> bool:
        """Whether entering it ends the conversation."""
        return not self.transitions

    @cached_property
    def texts(self) -> dict[str, str]:
        """Its templates, by the fields that have them."""
        told = {"description": self.description, "purpose": self.purpose, "instructions": self.instructions}
        return {**told, "extraction_instructions": self.extraction_instructions, "say": self.say}

    @cached_property
    def own_keys(self) -> tuple[str, ...]:
        """The keys that a reply written in this state has fields for."""
        return tuple(dict.fromkeys(self.required_context_keys + self.optional_context_keys))

    @cached_property
    def leads_on(self) -> bool:
        """Whether it leads on in doubt: it collects nothing, and one transition without conditions leads elsewhere."""
        lone = self.transitions[0] if len(self.transitions) == 1 else None
        return lone is not None and not (self.own_keys or lone.conditions) and lone.target_state != self.id

    @cached_property
    def hears(self) -> bool:
        """Whether it waits for the user, so that a message may be read in it."""
        return self.listens and not self.silent and not self.is_final

    @cached_property
    def by_priority(self) -> tuple[Transition, ...]:
        """Its transitions in the order in which they are tried."""
        return tuple(sorted(self.transitions, key=lambda transition: transition.priority))
