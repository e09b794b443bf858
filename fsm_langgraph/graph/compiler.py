"""From a definition and a model to a LangGraph graph.

One node for each state, under the state's id; one edge from each to every other that its transitions lead to. What is
drawn is the machine and nothing else: START leads to the initial state, only final states lead to END.

    START ─(to the current state)─> state ─(where the turn goes on)─> state ─(lands: no edge is taken)

A turn starts in whatever state the conversation is in, and a digression returns to whatever state it has left. Neither
needs an edge. A state's router returns where the turn goes on. Where it returns nothing, the turn ends and the
conversation waits there. A sub-machine is a graph of its own, a subgraph of the node that runs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from langchain_core.runnables import Runnable, RunnableConfig
from langgraph.cache.base import BaseCache
from langgraph.graph import END, START
from langgraph.store.base import BaseStore
from langgraph.types import Checkpointer, RetryPolicy

from fsm_langgraph.context.machine_keys import NOW
from fsm_langgraph.data.size_limits import USUAL, Limits, read_limits
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.effects.deadlines import Deadlines, read_deadlines
from fsm_langgraph.errors import ModelError
from fsm_langgraph.graph.channels import Inside, channels
from fsm_langgraph.graph.edges import Starter, add_start, add_transitions
from fsm_langgraph.graph.graph import Graph
from fsm_langgraph.graph.graph_around import graph_around
from fsm_langgraph.graph.graph_builder import BusyRules, GraphBuilder
from fsm_langgraph.graph.kept_thread import thread_id_of
from fsm_langgraph.graph.options import options_checked
from fsm_langgraph.graph.own_channels import add_channels
from fsm_langgraph.graph.secrets.secret_store import vault_in
from fsm_langgraph.graph.state_node import StateNode, node_with_subgraph
from fsm_langgraph.graph.turn_times import TurnTimes
from fsm_langgraph.handlers import Handlers
from fsm_langgraph.handlers.references import Reference, load_code
from fsm_langgraph.loading import Source, load_definition
from fsm_langgraph.locking import Busy
from fsm_langgraph.logic import Engine
from fsm_langgraph.machine import Machine, make_machine
from fsm_langgraph.models.arguments import Method
from fsm_langgraph.models.choice import make_model
from fsm_langgraph.models.chooser import Chooser
from fsm_langgraph.models.run_context import FSMContext
from fsm_langgraph.prompts.fetching import check_store
from fsm_langgraph.prompts.speakers import speaker_of
from fsm_langgraph.turn.beginning import current_state, start_turn
from fsm_langgraph.turn.changed_definition.starting import take_over

if TYPE_CHECKING:
    from langgraph.prebuilt import ToolNode

    from fsm_langgraph.tools import Tools

RETRY = RetryPolicy(retry_on=lambda error: isinstance(error, ModelError) and error.transient)
"""The policy where no other is given: a provider that is out of reach or too busy is asked again, with backoff."""


@options_checked()
def build_graph(
    definition: FSMDefinition | Mapping[str, Any] | str | Path,
    model: Runnable[Any, Any] | str | None = None,
    *,
    subflows: Mapping[str, Source] | None = None,
    name: str | None = None,
    handlers: Handlers | Reference | None = None,
    tools: Tools | ToolNode | Reference | None = None,
    history_limit: int = 10,
    messages_limit: int | Literal["auto"] | None = "auto",
    reply_retries: int = 1,
    max_steps: int = 25,
    reasoning: bool = False,
    trace_replies: bool = True,
    engine: Engine = "closures",
    structured_output: Method | None = None,
    retry_policy: RetryPolicy = RETRY,
    deadlines: Deadlines | Mapping[str, float | None] | float | None = None,
    limits: Limits | Mapping[str, int | None] = USUAL,
    context_schema: type[Any] = FSMContext,
    state_schema: type[Any] | None = None,
    busy: Busy = "wait",
    patience: float = 120,
) -> GraphBuilder:
    """Build a definition's graph without compiling it, for those who add nodes of their own.

    Args:
        definition: A definition, or where it is: a path, JSON or YAML text, a dict.
        model: A chat model or the name of one; see `compile_fsm`.
        subflows: The definitions of sub-machines; see `compile_fsm`.
        name: The name of the graph; see `compile_fsm`.
        handlers: User code that runs at the moments of a turn, or where it is: `package.module:name`, a file, or
            `beside` for the `handlers.py` in the definition's folder; see `handlers/references.py`.
        tools: The tools that states name, LangChain's or plain functions; a `ToolNode`, which says what becomes of
            their errors; or where they are, as for `handlers`.
        history_limit: How many of the last messages the model sees.
        messages_limit: How many messages the graph's state keeps where there is a store, into which older ones go:
            more than `history_limit` in any case; `None` keeps all of them. `auto` is 40, and all of them where the
            graph is served: compiled without a checkpointer, and run by a server with its own, whose front ends read
            the state. `Graph.messages` returns the whole.
        reply_retries: How often a model is asked again after a reply that cannot be used; then its fallbacks are asked.
        max_steps: How many states one turn may go through.
        reasoning: Whether replies end with their reasons, which the turn record keeps.
        trace_replies: Whether traces tell each reply as the model wrote it, and its schema.
        engine: What evaluates the conditions' JsonLogic.
        structured_output: How the model is asked for structured output; found out where it is left out.
        retry_policy: What LangGraph does when the provider fails.
        deadlines: How long a turn may take, in seconds: `Deadlines`, a mapping with its names, or a number for the
            whole turn. Where it is left out nothing is limited but the clients of models that are given by name, which
            wait for two minutes.
        limits: How large messages, values, the context and the history of a prompt may be: `Limits`, or a mapping with
            its names, of which those that it leaves out stay as usual.
        context_schema: What the run context is: `FSMContext`, or a class of yours, for handlers to read. Of that one
            the fields of `FSMContext` that it has are still the run's model, temperature and so on.
        state_schema: A `TypedDict` whose members are channels beside the machine's own, for nodes of yours.
        busy: What a turn does while another one of its conversation runs: `wait` until it has ended, in the order in
            which they came; `reject`, which raises `TurnConflict` at once; `latest`, which has the other one end at its
            next token or effect with `Superseded`, and reads its message too. `latest` goes for the turns of one
            process; for those of others it waits.
        patience: How many seconds it waits; then it raises `TurnConflict`.

    Raises:
        OptionSetupError: There are no such options, or their values make no sense; all of them are told.
        DefinitionError: The definition has problems; all of them are told.
        ModelSetupError: No chat model could be made from what was given.
        ReferenceSetupError: Handlers or tools that were given by reference could not be loaded.
        HandlerSetupError: Handlers name states that there are not.
        ToolSetupError: A state names a tool that is not given, or what is given cannot be used.
        GraphSetupError: The state schema cannot be used.
    """
    loaded = load_definition(definition, subflows=subflows)
    machine = make_machine(
        loaded,
        **load_code(definition, {"handlers": handlers, "tools": tools}),
        history_limit=history_limit,
        messages_limit=messages_limit,
        reply_retries=reply_retries,
        max_steps=max_steps,
        reasoning=reasoning,
        engine=engine,
        limits=read_limits(limits),
    )
    name = name or loaded.name
    times_given = read_deadlines(deadlines)
    models = Chooser(
        make_model(model, deadlines=times_given),
        method=structured_output,
        tools=machine.toolbox.offers.values(),
        speaker=speaker_of(name),
        trace_replies=trace_replies,
        deadlines=times_given,
    )
    times = TurnTimes(times_given) if times_given is not None else None
    builder = _build(machine, name, models, retry_policy, times, context_schema, state_schema)
    builder.busy_rules, builder.limits = BusyRules(busy, patience), machine.limits
    return builder


@options_checked(hands_on_to=build_graph)
def compile_fsm(
    definition: FSMDefinition | Mapping[str, Any] | str | Path,
    model: Runnable[Any, Any] | str | None = None,
    *,
    checkpointer: Checkpointer = None,
    store: BaseStore | None = None,
    cache: BaseCache[Any] | None = None,
    subflows: Mapping[str, Source] | None = None,
    name: str | None = None,
    **options: Any,
) -> Graph:
    """Compile a definition into a LangGraph graph.

    Args:
        definition: A definition, or where it is: a path, JSON or YAML text, a dict.
        model: A chat model or the name of one, such as `openai:gpt-4o-mini`; where it is left out, the one that the
            environment names, else the offline one.
        checkpointer: What keeps the conversations; `True` where the graph is a subgraph, which otherwise begins
            anew at every turn of its parent. Leave it out where the graph is served.
        store: LangGraph's long-term memory, which templates and handlers may read.
        cache: LangGraph's node cache.
        subflows: The definitions, or where they are, of sub-machines that are named and not beside the definition.
        name: The name of the graph, by which a graph around knows it, and which its messages carry; the definition's
            where it is left out.
        **options: See `build_graph`.

    Raises:
        DefinitionError: The definition has problems; all of them are told.
        SetupError: The graph cannot be built with what was given besides.
    """
    loaded = load_definition(definition, subflows=subflows)
    check_store(loaded, store)
    builder = build_graph(loaded, model, name=name, **load_code(definition, options))
    return builder.compile(checkpointer, store=store, cache=cache)


def _build(
    machine: Machine,
    name: str,
    models: Chooser,
    retry_policy: RetryPolicy,
    times: TurnTimes | None,
    context_schema: type[Any],
    state_schema: type[Any] | None = None,
) -> GraphBuilder:
    """Build the graph of a machine, and those of its sub-machines, which are compiled as the nodes that run them."""
    definition = machine.definition
    if machine.runs_in:  # it keeps nothing of its own: all of it goes back to the machine around it
        node_schema: type[Any] = Inside
        builder = GraphBuilder(definition, name, node_schema, context_schema)
        add_transitions(builder, START, _go_on, {definition.initial_state: definition.initial_state})
    else:
        schemas = channels(definition)
        node_schema = schemas[0]  # without the channels of one's own, which the states do not see
        whole, given, shown = schemas if state_schema is None else add_channels(schemas, state_schema)
        builder = GraphBuilder(definition, name, whole, context_schema, input_schema=given, output_schema=shown)
        add_start(builder, definition.initial_state, _starter(machine))
    # No edge leads back from a digression, so that even a final state may need a router.
    returns = any(transition.returns for transition in definition.global_transitions)
    for state in definition.states.values():
        inner = machine.inner.get(state.id)
        graph = None
        if inner is not None:
            graph = _build(inner, inner.definition.name, models, retry_policy, times, context_schema).compile()
        node = StateNode(machine, state, models, retry_policy, times)
        builder.add_node(
            state.id,
            node if graph is None else node_with_subgraph(node, graph),
            metadata={"description": state.description, **machine.traced, "fsm_state": machine.path(state.id)},
            retry_policy=node.retry_policy,
            input_schema=node_schema,
        )
        leading_out = definition.transitions_from(state)
        if leading_out or returns:
            targets = [transition.target_state for transition in leading_out] or [END]
            add_transitions(builder, state.id, _go_on, {target: target for target in targets})
        else:
            builder.add_edge(state.id, END)
    return builder


def _starter(machine: Machine) -> Starter:
    definition, reads_time = machine.definition, NOW in machine.machine_keys
    identity = definition.identity

    def start(stored: Mapping[str, Any], config: RunnableConfig) -> tuple[str, dict[str, Any]]:
        kept, written = take_over(definition, stored, thread_id_of(config), vault=vault_in(config))
        metadata = config.get("metadata") or {}
        messages = kept.get("messages")
        # What came to the graph around in an earlier run is in the input too, and may have failed there.
        last = None if graph_around(config) is not None else str(messages[-1].id) if messages else ""
        started = start_turn(kept, definition=identity, input_after=last, reads_time=reads_time, metadata=metadata)
        return current_state(definition, kept), {**written, "turn": started}

    return start


def _go_on(written: Mapping[str, Any]) -> str | None:
    """Return the state that the turn goes on to, if it does."""
    turn = written.get("turn") or {}
    return turn["next"] if turn.get("how") in ("begin", "enter", "return") else None
