"""What a provider's own LangChain class wants to be sent for a reply's schema, and for tools.

Its `with_structured_output` and `bind_tools` know; here their keyword arguments are taken out, and put together where
there are tools beside a schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Literal, get_args

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import Runnable, RunnableBinding, RunnableSequence
from langchain_core.tools import BaseTool

Method = Literal["json_schema", "function_calling", "json_mode", "prompt"]
METHODS: tuple[Method, ...] = get_args(Method)

JsonSchema = dict[str, Any]
Tools = tuple[BaseTool, ...]


def provider_arguments(
    model: BaseChatModel, schema: JsonSchema, method: Method
) -> tuple[Method, dict[str, Any]] | None:
    """Return the keyword arguments that a model wants for a schema, and the method that they really are.

    `None` where the model's class does not know the method.
    """
    if method == "prompt":
        return method, {}
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
    free = {name: value for name, value in kwargs.items() if name not in _FORCING}
    return {**free, **tool_arguments(model, [*kwargs.get("tools", ()), *tools], must_call=True)}


def tool_arguments(
    model: BaseChatModel, tools: Sequence[BaseTool | dict[str, Any]], *, must_call: bool = False
) -> dict[str, Any]:
    """Return the keyword arguments that a model wants for tools; raise `NotImplementedError` where it can call none."""
    if must_call:
        with suppress(TypeError, ValueError):
            return _bound(model.bind_tools(tools, tool_choice="any"))
    return _bound(model.bind_tools(tools))


def _bound(binding: Runnable[Any, Any]) -> dict[str, Any]:
    return dict(binding.kwargs) if isinstance(binding, RunnableBinding) else {}


_FORCING = frozenset({"tool_choice", "tool_config"})
"""What makes a model call one function, in the words of the several providers."""


def carries_schema(method: Method) -> bool:
    """Say whether the schema travels outside the prompt."""
    return method in ("json_schema", "function_calling")
