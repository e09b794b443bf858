"""The gate before the chat models that may answer, made once: what can be refused or imported beforehand is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import merge_configs
from langchain_core.tools import BaseTool

from fsm_langgraph.errors import ModelSetupError
from fsm_langgraph.models.arguments import Method, tool_arguments
from fsm_langgraph.models.candidates import ModelCandidate
from fsm_langgraph.models.gate import GatedModel
from fsm_langgraph.models.langchain_internals import traced_params
from fsm_langgraph.models.openai_api import warm_up
from fsm_langgraph.models.structured import StructuredOutput
from fsm_langgraph.models.told_model import ToldModel


def gate(
    candidates: Sequence[ModelCandidate],
    *,
    method: Method | None = None,
    tools: Iterable[tuple[BaseTool, ...]] = (),
    speaker: str | None = None,
    trace_replies: bool = True,
) -> GatedModel:
    """Put the gate before the chat models that may answer; without any it shows what is written already.

    Args:
        candidates: The chat models, the first to be asked first.
        method: How structured output is asked for; found out where it is not given.
        tools: The tools that calls will come with, together in one call each.
        speaker: The name that the messages carry.
        trace_replies: Whether traces tell the replies as they were written.

    Raises:
        ModelSetupError: One of the models cannot call tools though there are some.
    """
    outputs = [StructuredOutput(candidate, method=method) for candidate in candidates]
    told = _told(candidates[0]) if candidates else ToldModel()
    for candidate in candidates:
        warm_up(candidate.model)
        for together in tools:
            _check_tools(candidate.model, together)
    return GatedModel(outputs, speaker, told, trace_replies)


def _told(candidate: ModelCandidate) -> ToldModel:
    model = candidate.model
    of_class: RunnableConfig = {
        "tags": model.tags or [],
        "metadata": model.metadata or {},
        "callbacks": model.callbacks,
    }
    config = merge_configs(of_class, candidate.config)
    # LangChain marks the runs of its chat models so, and tools that read traces know them by it.
    params = {**traced_params(model), "ls_integration": "langchain_chat_model"}
    return ToldModel(model.get_name(), config, candidate.listeners, params)


def _check_tools(model: BaseChatModel, tools: tuple[BaseTool, ...]) -> None:
    try:
        tool_arguments(model, tools)
    except NotImplementedError as error:
        raise ModelSetupError(
            type(model).__name__,
            f"its class cannot call tools (it has no bind_tools), and a state has {tools[0].name!r}.",
            "Choose a model whose class can, or take the tools out of the definition.",
        ) from error
