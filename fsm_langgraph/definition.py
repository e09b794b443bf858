"""The file format: a conversation as frozen models.

`load_definition` (in `loading/`) makes these from a file and reports everything that is wrong with it; past
that door nobody checks again what is guaranteed here. The models hold what the file says and the few facts
that follow from it alone (which keys a transition reads, whether a state is final); they decide nothing.

The format is version 3.0 of LLM-FSM's, with optional additions; a file without them means what it means
there.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    Strict,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from fsm_langgraph.logic import variables


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("float_type", "must be a number")
    return value


def _whole(value: Any) -> Any:
    """JSON knows one kind of number: `10.0` is a whole one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Flag = Annotated[bool, Strict()]
Number = Annotated[int | float, BeforeValidator(_number), WithJsonSchema({"type": "number"})]
WholeNumber = Annotated[int, Strict(), BeforeValidator(_whole)]
Count = Annotated[int, Strict(), Field(ge=1), BeforeValidator(_whole)]

EVERYTHING = ""
"""What a condition reads whose logic takes the whole context, or computes the name of what it takes."""


class Part(BaseModel):
    """What every part of a definition has in common."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    metadata: dict[str, JsonValue] = Field(default={}, repr=False)
    """Free-form data for tools and people; the machine does not read it."""

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, data: Any) -> Any:
        """An optional field written as `null` is a field left out, as in LLM-FSM's own files."""
        if not isinstance(data, dict):
            return data
        optional = {field.alias or name for name, field in cls.model_fields.items() if not field.is_required()}
        return {name: value for name, value in data.items() if value is not None or name not in optional}


class Condition(Part):
    """Something that must hold before a transition is open."""

    description: str
    """What it asks, in words; shown to the model and in the turn record."""
    requires_context_keys: tuple[str, ...] = ()
    """Keys that must be present: there, and not null, "", [], {} or false."""
    logic: JsonValue = None
    """A JsonLogic expression over the context that must be truthy."""

    @cached_property
    def reads(self) -> frozenset[str]:
        """The context keys that it depends on; `EVERYTHING` where it may read any."""
        paths = variables(self.logic) if self.logic is not None else frozenset()
        return frozenset(self.requires_context_keys) | {path.split(".", 1)[0] for path in paths}


class Transition(Part):
    """A way out of a state."""

    target_state: str
    """The id of the state that it leads to."""
    description: str
    """When to take it, in words: what the model chooses by."""
    conditions: tuple[Condition, ...] = ()
    """All of them must hold."""
    priority: WholeNumber = 100
    """Lower is tried first; ties are tried in document order."""

    @cached_property
    def reads(self) -> frozenset[str]:
        """The context keys that its conditions depend on."""
        return frozenset().union(*(condition.reads for condition in self.conditions))


class GlobalTransition(Transition):
    """A way out of every state in which the user is heard, but those that opt out."""

    model_config = ConfigDict(serialize_by_alias=True)

    returns: Flag = Field(default=False, alias="return")
    """Whether it is a digression: where that ends, the conversation goes on where it left."""


def _same_names(value: Any) -> Any:
    """A list of keys maps each of them to itself."""
    return {key: key for key in value} if isinstance(value, list) and all(isinstance(k, str) for k in value) else value


Keys = Annotated[
    dict[str, str],
    BeforeValidator(_same_names),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": {"type": "string"}},
                {"type": "object", "additionalProperties": {"type": "string"}},
            ]
        }
    ),
]
"""Keys of a sub-machine, each with the key of the machine around it; a list where both have the same name."""


class ContextKey(Part):
    """The declaration of one entry of the context."""

    type: Literal["string", "number", "integer", "boolean", "array", "object"] | None = None
    """The JSON type of its values; any where it is left out."""
    enum: tuple[JsonValue, ...] | None = None
    """The only values it may have."""
    format: Literal["email", "date", "time", "date-time", "uri", "uuid"] | None = None
    """A form that strings must have; dates and times are ISO 8601."""
    pattern: str | None = None
    """A regular expression that strings must contain a match of."""
    minimum: Number | None = None
    """The smallest number allowed."""
    maximum: Number | None = None
    """The largest number allowed."""
    items: ContextKey | None = None
    """What each item of an array must be."""
    description: str = ""
    """What it holds, in words; shown to the model that is to collect it."""
    default: JsonValue = None
    """Its value when a conversation starts."""
    written_by: Literal["model", "handler", "caller"] = "model"
    """Who it comes from: a model writes only its own keys; handlers and the caller may write any."""
    secret: Flag = False
    """Whether it is kept out of every prompt, log and trace."""


class State(Part):
    """One state of the conversation."""

    id: str
    """Its name: the same as its key in `states`."""
    description: str
    """What it is, in a few words."""
    purpose: str
    """What is to be achieved in it."""
    transitions: tuple[Transition, ...]
    """The ways out; a state without any is final."""
    required_context_keys: tuple[str, ...] = ()
    """Keys that the model collects here."""
    optional_context_keys: tuple[str, ...] = ()
    """Keys that the model may collect here and that nothing here waits for."""
    visible_context_keys: tuple[str, ...] | None = None
    """The only keys that the model is shown here; all that are not secret where it is left out."""
    instructions: str = ""
    """How the model is to go about it."""
    example_dialogue: tuple[dict[str, str], ...] = ()
    """A conversation to take as a model: each entry a role and what it says."""
    forget: tuple[str, ...] = ()
    """Keys that are removed when the state is entered, so that they must be given anew."""
    decision: Literal["model", "logic"] = "model"
    """Who chooses the way out: the model among the open ones, or the conditions alone."""
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
    inputs: Keys = {}
    """The keys that the sub-machine begins with: its own name for each, and the name of the key here."""
    outputs: Keys = {}
    """The keys that come back when it has ended: its own name for each, and the name of the key here."""

    @property
    def is_final(self) -> bool:
        """Whether entering it ends the conversation."""
        return not self.transitions

    @cached_property
    def own_keys(self) -> tuple[str, ...]:
        """The keys that a reply written in this state has fields for."""
        return tuple(dict.fromkeys(self.required_context_keys + self.optional_context_keys))

    @cached_property
    def only_speaks(self) -> bool:
        """Whether it only has something to say: the next message belongs to the state after it."""
        return (
            not self.own_keys
            and len(self.transitions) == 1
            and not self.transitions[0].conditions
            and self.transitions[0].target_state != self.id
            and not self.silent
            and self.listens
            and self.subflow is None
        )

    @property
    def is_entered_once(self) -> bool:
        """Whether a turn may enter it once only: what it would have to say has been said."""
        return self.listens and not self.silent and self.subflow is None

    @property
    def hears(self) -> bool:
        """Whether it waits for the user, so that a message may be read in it."""
        return self.listens and not self.silent and not self.is_final

    @cached_property
    def by_priority(self) -> tuple[Transition, ...]:
        """Its transitions in the order in which they are tried."""
        return tuple(sorted(self.transitions, key=lambda transition: transition.priority))


class Lookup(Part):
    """Where an item of LangGraph's store is, which templates read under `store`."""

    namespace: tuple[str, ...]
    """The labels that lead to it; each may have tags over the context, such as `{{customer_id}}`."""
    key: str
    """Its key there, which may have tags too."""
    required: Flag = False
    """Whether a turn that needs it fails where it is not there; otherwise its tags are filled with nothing."""
    description: str = ""
    """What it holds, in words."""


class FSMDefinition(Part):
    """A conversation: its states, the ways between them, and the data it collects."""

    model_config = ConfigDict(serialize_by_alias=True)

    schema_uri: str | None = Field(default=None, alias="$schema", repr=False)
    """Where the JSON Schema of this format is, for editors."""
    name: str
    """What the conversation is called."""
    description: str
    """What it is for."""
    initial_state: str
    """The id of the state that it starts in."""
    version: Literal["3.0"] = "3.0"
    """The version of this format."""
    persona: str = ""
    """Who the model is to be: tone, manner, name."""
    context: dict[str, ContextKey] | None = None
    """The keys of the context; with it, a reply can write no key that is not declared here."""
    store: dict[str, Lookup] | None = None
    """What templates read from LangGraph's store, by the name that follows `store.` in a tag."""
    live_instructions: Flag = False
    """Whether a state's instructions are replaced by those that the store has under its id, as they are at each prompt;
    the namespace is `("fsm", <name>, "instructions")`, the value `{"instructions": "…"}`."""
    states: Annotated[dict[str, State], Field(min_length=1)]
    """Every state, by id."""
    global_transitions: tuple[GlobalTransition, ...] = ()
    """Ways out of every state in which the user is heard."""
    subflows: dict[str, FSMDefinition] = Field(default={}, repr=False)
    """The definitions that states run as sub-machines, by the name that `subflow` gives."""

    def ways_out(self, state: State) -> tuple[Transition, ...]:
        """Return the transitions that lead out of a state, its own and the global ones, in the order of trial."""
        return self._ways_out[state.id]

    @cached_property
    def _ways_out(self) -> dict[str, tuple[Transition, ...]]:
        return {
            state.id: tuple(sorted((*state.transitions, *self._open_globals(state)), key=lambda way: way.priority))
            for state in self.states.values()
        }

    def _open_globals(self, state: State) -> list[GlobalTransition]:
        is_open = state.hears and state.global_transitions
        return [way for way in self.global_transitions if is_open and way.target_state != state.id]

    def declared(self, key: str) -> ContextKey | None:
        """Return the declaration of a key, if it has one."""
        return (self.context or {}).get(key)

    @cached_property
    def secret_keys(self) -> frozenset[str]:
        """The keys that no prompt, log or trace may show."""
        return frozenset(key for key, declaration in (self.context or {}).items() if declaration.secret)

    @cached_property
    def defaults(self) -> dict[str, JsonValue]:
        """What the context holds when a conversation starts."""
        return {k: d.default for k, d in (self.context or {}).items() if d.default is not None}

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Show it in a notebook."""
        from fsm_langgraph.drawing import Picture, mime_bundle  # it stands on this module, and is needed here only

        return mime_bundle(Picture(self), f"{type(self).__name__} {self.name!r}")
