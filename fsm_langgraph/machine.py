"""A definition made ready to run: everything that a turn needs and that does not change from turn to turn.

It is made once, when the graph is built: guards are compiled, prompts and reply schemas prepared, handlers sorted. A
state that runs a sub-machine has a machine inside, made for this very state. That machine knows its exits: the global
transitions of the machines around it, which are open in it too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fsm_langgraph.context.key_schema import JsonSchema
from fsm_langgraph.context.writes import is_writable
from fsm_langgraph.definition import FSMDefinition, GlobalTransition, State
from fsm_langgraph.errors import HandlerSetupError
from fsm_langgraph.handlers import Handlers
from fsm_langgraph.logic import Engine
from fsm_langgraph.prompts.lookups import Lookups, lookups_of, lookups_read
from fsm_langgraph.prompts.prompt import Mode, Prompts
from fsm_langgraph.replies.reply_schema import reply_schema, without_message
from fsm_langgraph.routing import Router
from fsm_langgraph.templates.definition_keys import tag_roots
from fsm_langgraph.tools.toolbox import Toolbox, make_toolbox

if TYPE_CHECKING:
    from langgraph.prebuilt import ToolNode

    from fsm_langgraph.tools.toolbox import Tools


@dataclass(frozen=True, slots=True)
class Exit:
    """A transition that leads out of a sub-machine: a global one of a machine around it."""

    transition: GlobalTransition
    machine: str
    """The path of the machine that it belongs to, empty for the outermost one."""
    definition: FSMDefinition
    """The definition of that machine."""
    router: Router
    """The router of that machine's state, which judges it."""


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
    messages_limit: int | None
    """How many messages the graph's state keeps where older ones can go into a store; `None` for any number."""
    runs_in: str = ""
    """The path of the state that it runs in, empty for the outermost machine."""
    exits: Mapping[str, Exit] = field(default_factory=dict)
    """The transitions that lead out of it, by the states that they lead to."""
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
    traced: Mapping[str, str] = field(default_factory=dict)
    """The facts that traces tell of the outermost machine: its name, and its version where its metadata has one."""

    @property
    def name(self) -> str:
        """The name of the outermost machine."""
        return self.traced["fsm_name"]

    def path(self, state: str) -> str:
        """Name a state, or a key, by its path from the outermost machine: `payment/card`."""
        return f"{self.runs_in}/{state}" if self.runs_in else state

    def path_out(self, target: str) -> str:
        """Name the state that an exit leads to by its path."""
        return _joined(self.exits[target].machine, target)


def make_machine(
    definition: FSMDefinition,
    *,
    handlers: Handlers | None = None,
    tools: Tools | ToolNode | None = None,
    history_limit: int = 10,
    reply_retries: int = 1,
    max_steps: int = 25,
    messages_limit: int | None = 40,
    reasoning: bool = False,
    engine: Engine = "closures",
) -> Machine:
    """Make a definition ready to run; the arguments are those of `build_graph`.

    Raises:
        HandlerSetupError: Handlers name states that there are not.
        ToolSetupError: A state names a tool that is not given, or what is given cannot be used.
    """
    # A list of functions is an easy mistake, and it says nothing of moments.
    if handlers is not None and not isinstance(handlers, Handlers):
        raise TypeError(f"handlers is a {type(handlers).__name__}, not Handlers; make one of them: Handlers([...])")
    options = {
        "handlers": handlers if handlers is not None else Handlers(),
        "toolbox": make_toolbox(definition, tools),
        "history_limit": history_limit,
        "reply_retries": reply_retries,
        "max_steps": max_steps,
        "messages_limit": messages_limit,
        "reasoning": reasoning,
        "engine": engine,
        "tag_roots": tag_roots(definition),
        "traced": _traced(definition),
    }
    machine = _make(definition, "", 0, {}, options)
    _check_handlers(machine)
    return machine


def _make(
    definition: FSMDefinition,
    runs_in: str,
    depth: int,
    exits: Mapping[str, Exit],
    options: Mapping[str, Any],
    inputs: Mapping[str, Mapping[str, str]] | None = None,
) -> Machine:
    states = definition.states.values()
    reasoning = options["reasoning"]
    exits_in = {state.id: _exits_in(definition, state, exits) for state in states}
    outside = _outside_keys(definition, exits)
    routers = {state.id: Router(definition, state, engine=options["engine"]) for state in states}
    prompts: dict[str, Prompts] = {}
    schemas: dict[tuple[str, Mode], JsonSchema] = {}
    for state in states:
        out = exits_in[state.id]
        prompts[state.id] = Prompts(definition, state, reasoning=reasoning, exits=out, outside=outside)
        schemas[state.id, "understand"] = reply_schema(
            definition, state, reasoning=reasoning, exits=out, outside=[*outside]
        )
        schemas[state.id, "think"] = without_message(schemas[state.id, "understand"])
    return Machine(
        definition=definition,
        routers=routers,
        prompts=prompts,
        schemas=schemas,
        lookups=lookups_of(definition),
        handlers=options["handlers"],
        toolbox=options["toolbox"],
        history_limit=options["history_limit"],
        reply_retries=options["reply_retries"],
        max_steps=options["max_steps"],
        tag_roots=options["tag_roots"],
        messages_limit=options["messages_limit"],
        runs_in=runs_in,
        exits=exits,
        exits_in=exits_in,
        outside_keys=outside,
        depth=depth,
        traced=options["traced"],
        inputs=inputs or {},
        inner={
            state.id: _make(
                _spoken_by(definition, definition.subflows[state.subflow]),
                _joined(runs_in, state.id),
                depth + 1,
                _exits_inside(definition, state, routers[state.id], runs_in, exits),
                options,
                _inputs_inside(state, runs_in, inputs or {}),
            )
            for state in states
            if state.subflow is not None
        },
    )


def _exits_in(definition: FSMDefinition, state: State, exits: Mapping[str, Exit]) -> Sequence[GlobalTransition]:
    """Return the exits that are open to proposals in a state: those whose names mean nothing nearer to it."""
    if not (exits and state.hears and state.global_transitions):
        return ()
    nearer = {state.id, *(transition.target_state for transition in definition.transitions_from(state))}
    return [leading.transition for name, leading in exits.items() if name not in nearer]


def _outside_keys(definition: FSMDefinition, exits: Mapping[str, Exit]) -> dict[str, FSMDefinition]:
    """Return the keys that exits read and that nothing in the machine knows, with the definitions that they are of."""
    known = {*(definition.context or ()), *(key for state in definition.states.values() for key in state.own_keys)}
    for state in definition.states.values():
        known.update(*(transition.reads for transition in definition.transitions_from(state)))
    found = {key: leading.definition for leading in exits.values() for key in sorted(leading.transition.reads)}
    return {key: outer for key, outer in found.items() if key not in known and is_writable(outer, key, "model")}


def _exits_inside(
    definition: FSMDefinition, state: State, router: Router, machine: str, exits: Mapping[str, Exit]
) -> dict[str, Exit]:
    """Return the exits of the sub-machine that runs in a state: a name belongs to the nearest machine that has it."""
    if not state.global_transitions:
        return {}
    own = {
        transition.target_state: Exit(transition, machine, definition, router)
        for transition in definition.transitions_from(state)
        if isinstance(transition, GlobalTransition)
    }
    return {**own, **{name: leading for name, leading in exits.items() if name not in own}}


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
    return {"fsm_name": definition.name, **({"fsm_version": str(version)} if version is not None else {})}


def _joined(machine: str, state: str) -> str:
    return f"{machine}/{state}" if machine else state


def _check_handlers(machine: Machine) -> None:
    """Refuse handlers for states that there are not."""
    if problems := machine.handlers.problems(machine.definition.by_path.keys()):
        raise HandlerSetupError(problems)
