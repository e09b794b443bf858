"""A definition made ready to run: everything that a turn needs and that does not change from turn to turn.

It is made once, when the graph is built: guards are compiled, prompts and reply schemas prepared, handlers sorted. A
state that runs a sub-machine has a machine inside, made for this very state. That machine knows its exits: the global
transitions of the machines around it, which are open in it too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal, TypedDict

from fsm_langgraph.context.key_schema import JsonSchema
from fsm_langgraph.data.json_data import at
from fsm_langgraph.data.size_limits import USUAL, Limits
from fsm_langgraph.definition import FSMDefinition, GlobalTransition, State, Transition
from fsm_langgraph.errors import HandlerSetupError, Problem
from fsm_langgraph.exits import Exit, exits_in, exits_inside, joined, outside_keys
from fsm_langgraph.handlers import Handlers
from fsm_langgraph.listening import Listener, listener_of
from fsm_langgraph.logic import Engine
from fsm_langgraph.prompts.keys_read import machine_keys_read
from fsm_langgraph.prompts.lookups import Lookups, lookups_of, lookups_read
from fsm_langgraph.prompts.prompt import Mode, Prompts
from fsm_langgraph.replies.reply_schema import reply_schema, without_message
from fsm_langgraph.routing import Router
from fsm_langgraph.templates.definition_keys import tag_roots
from fsm_langgraph.templates.template import Template
from fsm_langgraph.tools.toolbox import Toolbox, make_toolbox

if TYPE_CHECKING:
    from langgraph.prebuilt import ToolNode

    from fsm_langgraph.tools.toolbox import Tools


@dataclass(frozen=True, slots=True)
class Machine:
    """A definition made ready to run: for every state its router, its prompts and the schemas of its replies."""

    definition: FSMDefinition
    routers: Mapping[str, Router]
    prompts: Mapping[str, Prompts]
    schemas: Mapping[tuple[str, Mode], JsonSchema]
    lookups: Lookups | None
    """The lookups of the store that its prompts make; `None` where they make none."""
    handlers: Handlers
    toolbox: Toolbox
    history_limit: int
    reply_retries: int
    max_steps: int
    tag_roots: frozenset[str]
    """All that a tag of the outermost definition, or of one inside, may begin with."""
    words: Mapping[str, Template]
    """The words that states say themselves."""
    fallback: Template | None
    """The words said where no model answers; `None` where there are none."""
    messages_limit: int | Literal["auto"] | None
    """How many messages the graph's state keeps where older ones can go into a store; `None` for any number, `auto`
    where that depends on who keeps the conversation."""
    limits: Limits
    """How large things may become."""
    runs_in: str = ""
    """The path of the state that it runs in, empty for the outermost machine."""
    exits: Mapping[str, Exit] = field(default_factory=dict)
    """The transitions that lead out of it, by their names: those of the nearest machine first, each by priority."""
    outside_keys: Mapping[str, FSMDefinition] = field(default_factory=dict)
    """The keys that conditions of exits read and that nothing inside knows, with the definitions that they are of: they
    may be told in here too."""
    exits_in: Mapping[str, Sequence[GlobalTransition]] = field(default_factory=dict)
    """The exits that can be proposed in each state."""
    inner: Mapping[str, Machine] = field(default_factory=dict)
    """The sub-machines, by the states that they run in."""
    inputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The keys that came in from the machines around it, by the paths of these: its own name for each, and theirs."""

    depth: int = 0
    """How many machines are around it."""
    keeps_reasoning: bool = False
    """Whether the turn record tells the model's reasoning, also what stood in its text and was hidden."""
    machine_keys: frozenset[str] = frozenset()
    """The machine's own keys that the outermost machine, or one inside it, reads."""
    has_secrets: bool = False
    """Whether the outermost machine, or one inside it, has a secret key."""
    listener: Listener | None = None
    """Hears its turns, for coverage; `None` where nobody does."""
    traced: Mapping[str, str] = field(default_factory=dict)
    """The facts that traces tell of the outermost machine: its name, its revision, and the version in its metadata,
    where it has them."""

    @property
    def name(self) -> str:
        """The name of the outermost machine."""
        return self.traced["fsm_name"]

    @property
    def revision(self) -> str:
        """The revision of the outermost machine, empty where it has none."""
        return self.traced.get("fsm_revision", "")

    def path(self, state: str) -> str:
        """Name a state, or a key, by its path from the outermost machine: `payment/card`."""
        return f"{self.runs_in}/{state}" if self.runs_in else state

    def path_out(self, target: str) -> str:
        """Name the state that an exit leads to by its path."""
        leading = next(each for each in self.exits.values() if each.transition.target_state == target)
        return joined(leading.machine, target)

    def leads_out(self, target: str) -> bool:
        """Say whether an exit leads to a state of this name."""
        return any(leading.transition.target_state == target for leading in self.exits.values())

    def name_of_exit(self, transition: Transition) -> str:
        """Name an exit by its transition."""
        return next(name for name, leading in self.exits.items() if leading.transition is transition)

    def exit_named(self, name: str) -> Exit:
        """Return an exit; before exits had names, a turn was written down with the state that its exit leads to."""
        by_target = {leading.transition.target_state: leading for leading in reversed([*self.exits.values()])}
        return self.exits.get(name) or by_target[name]


def make_machine(
    definition: FSMDefinition,
    *,
    handlers: Handlers | None = None,
    tools: Tools | ToolNode | None = None,
    history_limit: int = 10,
    reply_retries: int = 1,
    max_steps: int = 25,
    messages_limit: int | Literal["auto"] | None = "auto",
    reasoning: bool = False,
    engine: Engine = "closures",
    limits: Limits = USUAL,
) -> Machine:
    """Make a definition ready to run; the arguments are those of `build_graph`.

    Raises:
        HandlerSetupError: Handlers name states that there are not.
        ToolSetupError: A state names a tool that is not given, or what is given cannot be used.
    """
    # A list of functions is an easy mistake, and it says nothing of moments.
    if handlers is not None and not isinstance(handlers, Handlers):
        fault = f"it is of type {type(handlers).__name__}, not Handlers."
        raise HandlerSetupError([Problem("handlers", "no-handlers", fault, "Make one of them: Handlers([...]).")])
    handlers = handlers if handlers is not None else Handlers()
    listener = listener_of(definition, handlers)
    shared = _Shared(
        handlers=handlers if listener is None else handlers.heard_by(listener.ran),
        toolbox=make_toolbox(definition, tools),
        history_limit=history_limit,
        reply_retries=reply_retries,
        max_steps=max_steps,
        messages_limit=messages_limit,
        limits=limits,
        machine_keys=machine_keys_read(definition),
        has_secrets=definition.has_secrets,
        tag_roots=tag_roots(definition),
        traced=_traced(definition),
        keeps_reasoning=reasoning,
        listener=listener,
    )
    machine = _make(definition, "", 0, {}, {}, shared, reasoning=reasoning, engine=engine)
    _check_handlers(machine)
    return machine


class _Shared(TypedDict):
    """The fields that a machine and those inside it have in common."""

    handlers: Handlers
    toolbox: Toolbox
    history_limit: int
    reply_retries: int
    max_steps: int
    messages_limit: int | Literal["auto"] | None
    limits: Limits
    machine_keys: frozenset[str]
    has_secrets: bool
    tag_roots: frozenset[str]
    traced: Mapping[str, str]
    keeps_reasoning: bool
    listener: Listener | None


def _make(
    definition: FSMDefinition,
    runs_in: str,
    depth: int,
    exits: Mapping[str, Exit],
    inputs: Mapping[str, Mapping[str, str]],
    shared: _Shared,
    *,
    reasoning: bool,
    engine: Engine,
) -> Machine:
    states = definition.states.values()
    open_exits = {state.id: exits_in(definition, state, exits) for state in states}
    outside = outside_keys(definition, exits)
    routers = {state.id: Router(definition, state, engine=engine) for state in states}
    if (listener := shared["listener"]) is not None:
        for router in routers.values():
            router.let_hear(partial(listener.judged, runs_in))
    prompts: dict[str, Prompts] = {}
    schemas: dict[tuple[str, Mode], JsonSchema] = {}
    for state in states:
        out = open_exits[state.id]
        prompts[state.id] = Prompts(
            definition, state, reasoning=reasoning, exits=out, outside=outside, limits=shared["limits"]
        )
        schema = reply_schema(definition, state, reasoning=reasoning, exits=out, outside=[*outside])
        schemas[state.id, "understand"], schemas[state.id, "think"] = schema, without_message(schema)
    return Machine(
        definition=definition,
        routers=routers,
        prompts=prompts,
        schemas=schemas,
        lookups=lookups_of(definition),
        fallback=Template(definition.fallback_message, "fallback_message") if definition.fallback_message else None,
        words={state.id: Template(state.say, at("states", state.id, "say")) for state in states if state.say},
        runs_in=runs_in,
        exits=exits,
        exits_in=open_exits,
        outside_keys=outside,
        depth=depth,
        inputs=inputs,
        inner={
            state.id: _make(
                _spoken_by(definition, definition.subflows[state.subflow]),
                joined(runs_in, state.id),
                depth + 1,
                exits_inside(definition, state, routers[state.id], runs_in, exits),
                _inputs_inside(state, runs_in, inputs),
                shared,
                reasoning=reasoning,
                engine=engine,
            )
            for state in states
            if state.subflow is not None
        },
        **shared,
    )


def _inputs_inside(state: State, machine: str, inputs: Mapping[str, Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
    """Return the keys that go into the sub-machine of a state, with their names in each of the machines around it."""
    further = {
        path: {key: names[outer] for key, outer in state.inputs.items() if outer in names}
        for path, names in inputs.items()
    }
    return {**further, machine: state.inputs}


def _spoken_by(outer: FSMDefinition, inner: FSMDefinition) -> FSMDefinition:
    """Give a sub-machine that has no persona the one of the machine around it: one voice for the user."""
    if inner.persona or not outer.persona:
        return inner
    # The persona's tags may read lookups of the machine around, which come along.
    store = {**lookups_read(outer, outer.persona), **(inner.store or {})}
    return inner.model_copy(update={"persona": outer.persona, "store": store or inner.store})


def _traced(definition: FSMDefinition) -> dict[str, str]:
    version = (definition.metadata or {}).get("version")
    return {
        "fsm_name": definition.name,
        **({"fsm_revision": definition.revision} if definition.revision else {}),
        **({"fsm_version": str(version)} if version is not None else {}),
    }


def _check_handlers(machine: Machine) -> None:
    """Refuse handlers for states that there are not."""
    if problems := machine.handlers.problems(machine.definition.by_path.keys()):
        raise HandlerSetupError(problems)
