"""The stage on which scenarios are held: a definition's compiled graphs, their checkpointer, store and script.

What is compiled is compiled once for all scenarios with the same code. A turn that has replies is held with a graph
whose model gives them, any other with one whose model is asked; both keep the conversation in one checkpointer.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.store.memory import InMemoryStore

from fsm_langgraph.conversation.stored_conversations import thread_config
from fsm_langgraph.definition import FSMDefinition
from fsm_langgraph.graph.compiler import compile_fsm
from fsm_langgraph.graph.graph import Graph
from fsm_langgraph.graph.secrets.secret_store import NAMESPACE
from fsm_langgraph.handlers.references import BESIDE, FILE_BESIDE, file_of, load_code, load_store
from fsm_langgraph.loading import load_definition
from fsm_langgraph.models.choice import OFFLINE, make_model
from fsm_langgraph.scenarios.scenario import ScenarioSetting
from fsm_langgraph.scenarios.scenario_store import ScenarioStore
from fsm_langgraph.scenarios.turn_script import TurnScript


class Stage:
    """The graphs of one definition, for one thread.

    Args:
        definition: The file of the definition.
        folder: The folder from which files of code are named; that of the definition where it is left out.
        model: The model of turns without replies, or its name; the offline one where it is left out.
    """

    def __init__(
        self, definition: Path, folder: Path | None = None, model: Runnable[Any, Any] | str | None = None
    ) -> None:
        self.path = definition
        self.definition: FSMDefinition = load_definition(definition)
        self.script = TurnScript()
        """The model of turns with replies."""
        self.store = ScenarioStore(InMemoryStore())
        self._folder = folder if folder is not None else definition.parent
        self._named = model if model is not None else OFFLINE
        self._model: Runnable[Any, Any] | None = None
        self._saver = InMemorySaver()
        self._options: dict[str, dict[str, Any]] = {}
        """The options of graphs, by the setting that they are written as; code is loaded once."""
        self._graphs: dict[tuple[str, bool], Graph] = {}
        """The graphs, by that and by whether they have the script's model."""
        self._threads = count(1)

    @property
    def model(self) -> Runnable[Any, Any]:
        """The model of turns without replies, made when it is first asked for.

        Raises:
            ModelSetupError: No model could be made.
        """
        if self._model is None:
            self._model = make_model(self._named)
        return self._model

    def graph(self, setting: ScenarioSetting, *, scripted: bool) -> Graph:
        """Return the graph of a turn, compiled when it is first needed.

        Args:
            setting: What the conversation is held with.
            scripted: Whether the turn has replies.

        Raises:
            SetupError: The machine cannot be built with that.
        """
        code = repr((setting.handlers, setting.tools, setting.options))
        if self.script.gave_text:
            # A graph remembers that its model has not kept to the form. The next turn is to know nothing of it.
            self._graphs = {key: graph for key, graph in self._graphs.items() if not key[1]}
            self.script.gave_text = False
        if (code, scripted) not in self._graphs:
            if code not in self._options:
                options: dict[str, Any] = {"messages_limit": None, **setting.options, **self._code(setting)}
                self._options[code] = load_code(self.path, options)
            self._graphs[code, scripted] = compile_fsm(
                self.definition,
                self.script.model if scripted else self.model,
                checkpointer=self._saver,
                store=self.store,
                **self._options[code],
            )
        return self._graphs[code, scripted]

    def new_thread(self, name: str) -> RunnableConfig:
        """Return the config of a conversation that there is not yet."""
        return thread_config(f"{name}-{next(self._threads)}")

    def new_store(self, setting: ScenarioSetting) -> None:
        """Have the store be a new one, as a scenario begins with it.

        Raises:
            ReferenceSetupError: It could not be made.
        """
        self.store.content = InMemoryStore() if setting.store is None else load_store(self._located(setting.store))
        self.put_stored(setting)

    def put_stored(self, setting: ScenarioSetting) -> None:
        """Put the items into the store that a scenario begins, or goes on, with."""
        for item in setting.stored:
            self.store.put(item.namespace, item.key, item.value)

    def checkpoints(self, config: RunnableConfig) -> tuple[CheckpointTuple, ...]:
        """Return how a conversation is stored, with the values of its secrets; nothing where it has not begun."""
        thread = config["configurable"]["thread_id"]
        places: list[RunnableConfig] = [
            {"configurable": {"thread_id": thread, "checkpoint_ns": namespace}} for namespace in ("", NAMESPACE)
        ]
        found = [self._saver.get_tuple(place) for place in places]
        return tuple(each for each in found if each is not None)

    def put_checkpoints(self, config: RunnableConfig, stored: Iterable[CheckpointTuple]) -> None:
        """Have a new conversation begin as another one is stored."""
        for each in stored:
            namespace = each.config["configurable"]["checkpoint_ns"]
            where: RunnableConfig = {"configurable": {**config["configurable"], "checkpoint_ns": namespace}}
            self._saver.put(where, each.checkpoint, each.metadata, each.checkpoint["channel_versions"])

    def _code(self, setting: ScenarioSetting) -> dict[str, str]:
        handlers = setting.handlers
        if handlers is None:
            handlers = BESIDE if (self.path.parent / FILE_BESIDE).is_file() else ""
        given = {"handlers": handlers, "tools": setting.tools}
        return {option: self._located(reference) for option, reference in given.items() if reference}

    def _located(self, reference: str) -> str:
        """Write a reference to a file from the folder of the scenarios."""
        found = file_of(reference)
        if found is None:
            return reference
        file, name = found
        return f"{self._folder / file}:{name}" if name else str(self._folder / file)
