"""The secrets in what is given to a graph: tokens take their places before LangGraph, or a callback, sees any of it.

    an input, a `Command`    in its `context`, that of an update and that of each `Send`
    an edit                  the same, of each step
    a token that is given    back, as with a state that was read, stays; one that is not known is refused

The values are stored before the run begins, or the edit is made.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.types import Command, Send, StateUpdate

from fsm_langgraph.context.secret_tokens import Secrets, is_token
from fsm_langgraph.data.composition import composed
from fsm_langgraph.errors import ContextError
from fsm_langgraph.graph.channels import callers_writes
from fsm_langgraph.graph.langgraph_internals import checkpointer_of, config_of_run
from fsm_langgraph.graph.secrets.secret_store import SecretStore, secrets_in, with_secrets

if TYPE_CHECKING:
    from fsm_langgraph.definition import FSMDefinition
    from fsm_langgraph.graph.shown_graph import ShownGraph

Context = Mapping[Any, Any]
Steps = Sequence[Sequence[StateUpdate]]


def open_secrets(graph: ShownGraph, config: RunnableConfig | None) -> SecretStore | None:
    """Return the secrets of a run or an edit that is about to begin; `None` where the machine has no secret keys.

    Args:
        graph: The machine's graph.
        config: The config that it begins with.

    Raises:
        ValueError: The config names no conversation, though the graph keeps them. What the secrets add to a config
            would hide that from LangGraph, so it is told here, in its words.
    """
    if not graph.builder.definition.has_secrets:
        return None
    given = secrets_in(config or {})
    if given is not None and not given.is_begun:  # the input has come through `astream_events`
        return given
    configurable = config_of_run(graph.config, config).get("configurable")
    if isinstance(graph.checkpointer, BaseCheckpointSaver) and not configurable:
        raise ValueError(_NO_THREAD)
    return find_secrets(graph, config)


_NO_THREAD = (
    "Checkpointer requires one or more of the following 'configurable' keys: thread_id, checkpoint_ns, checkpoint_id"
)


def find_secrets(graph: ShownGraph, config: RunnableConfig | None) -> SecretStore:
    """Return secrets of which nothing is known yet, by where a run of the config would store them."""
    configurable = config_of_run(graph.config, config).get("configurable") or {}
    saver: Any = checkpointer_of({"configurable": configurable}) or graph.checkpointer
    thread_id = configurable.get("thread_id")
    if thread_id is None or not isinstance(saver, BaseCheckpointSaver):
        return SecretStore()
    return SecretStore(saver, str(thread_id))


def hide(graph: ShownGraph, given: Any, config: RunnableConfig | None) -> tuple[Any, RunnableConfig | None]:
    """Put tokens in the places of the secrets in an input, for those who are told of it before the run begins.

    Args:
        graph: The machine's graph.
        given: The input.
        config: The config that the run begins with.

    Returns:
        The input, and the config that carries the values to the run.
    """
    secrets = open_secrets(graph, config)
    if secrets is None:
        return given, config
    return _hidden(graph.builder.definition, given, secrets), with_secrets(config, secrets)


def run_hidden(
    secrets: SecretStore | None,
    graph: ShownGraph,
    given: Any,
    run: Callable[[Any, RunnableConfig], Iterator[Any]],
) -> Callable[[RunnableConfig], Iterator[Any]]:
    """Return a run that takes its input with tokens in the places of secrets; the values are stored first.

    Args:
        secrets: The secrets of the run; `None` where the machine has no secret keys.
        graph: The machine's graph.
        given: The input.
        run: Runs the graph with an input and a config.
    """
    if secrets is None:
        return lambda config: run(given, config)

    def hidden(config: RunnableConfig) -> Iterator[Any]:
        taken = settle(secrets, graph.builder.definition, given)
        return run(taken, with_secrets(config, secrets))

    return hidden


def arun_hidden(
    secrets: SecretStore | None,
    graph: ShownGraph,
    given: Any,
    run: Callable[[Any, RunnableConfig], Awaitable[AsyncGenerator[Any]]],
) -> Callable[[RunnableConfig], Awaitable[AsyncGenerator[Any]]]:
    """Return a run that takes its input with tokens in the places of secrets; the twin of `run_hidden`."""
    if secrets is None:
        return lambda config: run(given, config)

    async def hidden(config: RunnableConfig) -> AsyncGenerator[Any]:
        taken = await asettle(secrets, graph.builder.definition, given)
        return await run(taken, with_secrets(config, secrets))

    return hidden


def settle(secrets: SecretStore, definition: FSMDefinition, given: Any) -> Any:
    """Return an input, or the steps of an edit, as LangGraph is to see it; the values are stored.

    Raises:
        ContextError: A token is not known; nothing was stored.
    """
    given = _begun(secrets, definition, given)
    if held := _contexts_of(given):
        secrets.load(held, reads_newest=_has_secrets(definition, held))
        given = _hidden(definition, given, secrets)
        secrets.store(_contexts_of(given))
    return given


async def asettle(secrets: SecretStore, definition: FSMDefinition, given: Any) -> Any:
    """Return an input as LangGraph is to see it; the twin of `settle`."""
    given = _begun(secrets, definition, given)
    if held := _contexts_of(given):
        await secrets.aload(held, reads_newest=_has_secrets(definition, held))
        given = _hidden(definition, given, secrets)
        await secrets.astore(_contexts_of(given))
    return given


def steps_of(supersteps: Steps) -> Steps:
    """Return the steps of an edit in their one form, where LangGraph takes plain tuples too."""
    return [[StateUpdate(*each) for each in step] for step in supersteps]


def _begun(secrets: SecretStore, definition: FSMDefinition, given: Any) -> Any:
    """Give an input its values back: what is stored has its say in which tokens they get."""
    own = secrets.of(definition.secret_keys)
    given = _changed(given, own.read)
    secrets.is_begun = True
    secrets.vault.drop_unstored()
    return given


def _hidden(definition: FSMDefinition, given: Any, secrets: SecretStore) -> Any:
    own = secrets.of(definition.secret_keys)
    return _changed(given, lambda context: _context_hidden(definition, own, context))


def _context_hidden(definition: FSMDefinition, own: Secrets, context: Context) -> Context:
    found: dict[str, Any] = {}
    for key, value in context.items():
        name = composed(key) if isinstance(key, str) else key
        if name not in own.keys or value is None:
            found[key] = value
        elif not is_token(value):
            found[name] = own.hide_value(name, callers_writes(definition, {name: value})[name])
        elif (known := own.vault.known.get(value)) is None:
            raise ContextError(name, _UNKNOWN)
        elif known.key != name and known.key in _all_secret_keys(definition):  # one that was renamed is there no more
            raise ContextError(name, f"is the token of another secret, {known.key!r}: give the value itself")
        else:
            found[name] = value
    return found


def _all_secret_keys(definition: FSMDefinition) -> set[str]:
    return {key for _, machine in definition.machines() for key in machine.secret_keys}


_UNKNOWN = (
    "is the token of a secret that is not known here (where nothing keeps the conversation, a value is known for one "
    "run): give the value itself, or compile the outermost graph with a checkpointer"
)


def _has_secrets(definition: FSMDefinition, contexts: Sequence[Context]) -> bool:
    keys = definition.secret_keys
    return any(isinstance(key, str) and composed(key) in keys for context in contexts for key in context)


def _contexts_of(given: Any) -> list[Context]:
    found: list[Context] = []

    def note(context: Context) -> Context:
        found.append(context)
        return context

    _changed(given, note)
    return found


def _changed(given: Any, change: Callable[[Context], Context]) -> Any:
    """Return an input, or the steps of an edit, with each context in it changed."""
    match given:
        case Command():
            goto: Any = given.goto
            goto = (
                [_changed(each, change) for each in goto] if isinstance(goto, list | tuple) else _changed(goto, change)
            )
            return replace(given, update=_changed(given.update, change), goto=goto)
        case Send():
            sent = copy(given)
            sent.arg = _changed(given.arg, change)
            return sent
        case StateUpdate():
            return given._replace(values=_changed(given.values, change))
        case Mapping():
            context = given.get("context")
            return {**given, "context": change(context)} if isinstance(context, Mapping) else given
        case list() | tuple() if given and all(isinstance(each, StateUpdate) for each in given):
            return [_changed(each, change) for each in given]
        case list() | tuple() if given and all(_is_pair(each) for each in given):
            return [(name, change(value)) if _holds(name, value) else (name, value) for name, value in given]
        case list() | tuple():
            return [_changed(each, change) if isinstance(each, list | tuple) else each for each in given]
    return given


def _is_pair(each: Any) -> bool:
    """Say whether this is one of the pairs that an update of LangGraph's `Command` may be written as."""
    return isinstance(each, tuple) and len(each) == 2 and isinstance(each[0], str)


def _holds(name: str, value: Any) -> bool:
    return name == "context" and isinstance(value, Mapping)
