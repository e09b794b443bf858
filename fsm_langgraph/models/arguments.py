"""The keyword arguments by which a model is asked for a reply of a schema, and offered tools.

Only the provider's own LangChain class knows them. So its `with_structured_output` and `bind_tools` are called, and
their keyword arguments are taken out of the result; where there are tools beside a schema, they are put together.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Literal, get_args

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import Runnable, RunnableBinding, RunnableSequence
from langchain_core.tools import BaseTool

from fsm_langgraph.models.providers import FORCING_ARGUMENTS

Method = Literal["json_schema", "function_calling", "json_mode", "prompt"]
METHODS: tuple[Method, ...] = get_args(Method)

JsonSchema = dict[str, Any]
Tools = tuple[BaseTool, ...]


def provider_arguments(
    model: BaseChatModel, schema: JsonSchema, method: Method
) -> tuple[Method, dict[str, Any]] | None:
    """Return the method that a model's class really takes for a schema, and its keyword arguments.

    Args:
        model: The model, whose class is asked.
        schema: The reply's schema.
        method: The method that is wished for.

    Returns:
        `None` where the class does not know the method.
    """
    if method == "prompt":
        return method, {}
    # Not every class takes `strict`; with it the decoder is bound to the schema.
    options: list[dict[str, Any]] = [{"strict": True}, {}] if carries_schema(method) else [{}]
    for option in options:
        try:
            structured = model.with_structured_output(schema, method=method, **option)
        except (NotImplementedError, TypeError, ValueError, UserWarning):
            continue
        binding = structured.first if isinstance(structured, RunnableSequence) else structured
        if not isinstance(binding, RunnableBinding):
            return None
        kwargs = dict(binding.kwargs)
        asked = kwargs.pop("ls_structured_output_format", None) or {}
        # Some classes ignore the method that they cannot do and say only here which one they took.
        taken = asked.get("kwargs", {}).get("method", "function_calling" if "tools" in kwargs else method)
        return (taken if taken in METHODS else method), kwargs
    return None


def with_tools(model: BaseChatModel, method: Method, kwargs: dict[str, Any], tools: Tools) -> dict[str, Any]:
    """Add the tools to the keyword arguments of a method, in the way that the model's own class does."""
    if not tools:
        return kwargs
    if method != "function_calling":
        return {**kwargs, **tool_arguments(model, tools)}
    # A model that is forced to give the reply could not call a tool first.
    free = {name: value for name, value in kwargs.items() if name not in FORCING_ARGUMENTS}
    return {**free, **tool_arguments(model, [*kwargs.get("tools", ()), *tools], must_call=True)}


def tool_arguments(
    model: BaseChatModel, tools: Sequence[BaseTool | dict[str, Any]], *, must_call: bool = False
) -> dict[str, Any]:
    """Return the keyword arguments that offer a model tools.

    Args:
        model: The model, whose class is asked.
        tools: The tools.
        must_call: Whether the model is to call one of them in any case.

    Raises:
        NotImplementedError: The model can call none.
    """
    if must_call:
        # Some classes have no word for "any of them", and say so as they bind it; the model may then answer in text.
        with suppress(TypeError, ValueError):
            return _bound(model.bind_tools(tools, tool_choice="any"))
    return _bound(model.bind_tools(tools))


def _bound(binding: Runnable[Any, Any]) -> dict[str, Any]:
    return dict(binding.kwargs) if isinstance(binding, RunnableBinding) else {}


def carries_schema(method: Method) -> bool:
    """Say whether the schema travels outside the prompt."""
    return method in ("json_schema", "function_calling")
