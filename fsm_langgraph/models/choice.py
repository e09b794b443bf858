"""From the name of a model to the model.

    "gpt-4o-mini", "openai:gpt-4o"     ChatOpenAI
    "offline"                          the rules that need neither network nor key
    "anthropic:claude-…", …            whatever `langchain.chat_models.init_chat_model` knows
    None                               FSM_LANGGRAPH_MODEL; else OpenAI where there is a key; else offline
    a Runnable                         itself

Used by the compiler, the simple API and the command line. Nothing is imported before it is chosen. Where a key or a
package is missing, the error says what to do about it. That the rules answer because nobody chose a model is logged,
once in a process. This is the one module that knows the offline model.
"""

from __future__ import annotations

import importlib
import logging
import os
import re
from functools import cache
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import Runnable
from pydantic import ValidationError

from fsm_langgraph.effects import Deadlines
from fsm_langgraph.errors import ModelSetupError, misspelt, suggest
from fsm_langgraph.models.candidates import check_is_model, unwrap
from fsm_langgraph.models.providers import OPENAI, PROVIDERS, provider_of_name

OFFLINE = "offline"
OFFLINE_NAME = "offline (rules, not a language model)"
DEFAULT_OPENAI_MODEL = "gpt-4o-mini"
MODEL_VARIABLE = "FSM_LANGGRAPH_MODEL"
KEY_VARIABLE = "OPENAI_API_KEY"

_PATIENCE = 120.0
"""The seconds for which the client of a model given by name waits for the next bytes, where no deadline says less. Some
classes would wait for ever, and the conversation with them; models that reason may be silent for a minute."""

_log = logging.getLogger("fsm_langgraph.model")


def make_model(
    model: str | Runnable[Any, Any] | None = None,
    *,
    api_key: str | None = None,
    temperature: float | None = None,
    deadlines: Deadlines | None = None,
    **options: Any,
) -> Runnable[Any, Any]:
    """Make the chat model that a name or the environment stands for.

    Args:
        model: A name as above, or a model, which is returned as it is.
        api_key: The provider's key; the offline model needs none and ignores it.
        temperature: How freely the model words its answers; the offline model ignores it.
        deadlines: The deadlines of turns, which a client that is made here gets as its timeout.
        options: Other arguments of the model's class, such as `base_url` or `timeout`.

    Raises:
        ModelSetupError: A key or a package is missing, or nothing goes by this name.
    """
    if isinstance(model, Runnable):
        check_is_model(model)
        if api_key is not None or temperature is not None or options:
            raise ModelSetupError(
                type(model).__name__,
                "it is made already, so an API key, a temperature and other options come too late.",
                "Set them on the model, or give its name instead.",
            )
        return model
    if model is not None and not isinstance(model, str):
        is_class = isinstance(model, type)
        raise ModelSetupError(
            model,
            "it is a class, and no chat model yet." if is_class else "it is neither a chat model nor the name of one.",
            f"Make one of it: {model.__name__}(…)."
            if is_class
            else f"Give a name, such as {OFFLINE!r}, or a chat model.",
        )
    name = (model or "").strip()
    if not name:
        name = default_model(api_key)
        if name == OFFLINE and not _named_by_environment():
            _tell_offline()
    given = {"api_key": api_key, "temperature": temperature}
    chosen = {**{key: value for key, value in given.items() if value is not None}, **options}
    if name == OFFLINE:
        return _offline(options)
    provider, _, rest = name.partition(":")
    if provider == OPENAI:
        return _openai(rest, {"timeout": _http_timeout(deadlines), **chosen})
    if provider in PROVIDERS:
        if not rest.strip():
            raise ModelSetupError(name, "it names no model.", f"Write {provider}:<the name of one of its models>.")
        if PROVIDERS[provider].takes_timeout:
            chosen = {"timeout": _http_timeout(deadlines), **chosen}
        return _through_langchain(name, provider, rest, chosen)
    if "base_url" not in chosen:
        _refuse_foreign(name)
    return _openai(name, {"timeout": _http_timeout(deadlines), **chosen})


def _http_timeout(deadlines: Deadlines | None) -> float:
    """Return the seconds for which a client waits for the next bytes: a bit more than any deadline lets it wait.

    A deadline ends the turn in any case. The timeout ends the client's wait, and the thread that waits with it.
    """
    if deadlines is None:
        return _PATIENCE
    pieces = (deadlines.first_token, deadlines.between_tokens)
    longest = max(_PATIENCE if limit is None else limit for limit in pieces)
    return min(longest, deadlines.turn or longest) + 1


def default_model(api_key: str | None = None) -> str:
    """Name the model that the environment stands for where nobody names one."""
    has_key = bool(api_key or os.environ.get(KEY_VARIABLE))
    return _named_by_environment() or (DEFAULT_OPENAI_MODEL if has_key else OFFLINE)


def model_name(model: Runnable[Any, Any]) -> str:
    """Name a model for people: `openai:gpt-4o`; with fallbacks, all of them."""
    return ", then ".join(dict.fromkeys(_name(candidate.model) for candidate in unwrap(model)))


def offline_notice() -> str | None:
    """Return the words that warn people of the offline model where it answers as none is named; `None` elsewhere."""
    from fsm_langgraph.offline import NOTICE

    return NOTICE if default_model() == OFFLINE and not _named_by_environment() else None


def _named_by_environment() -> str:
    return os.environ.get(MODEL_VARIABLE, "").strip()


@cache
def _tell_offline() -> None:
    """Say that nobody has chosen a model; the cache has it said once."""
    _log.warning(
        "No model was named and there is no %s, so the offline rules answer, which are no language model."
        " Name a model, as an argument or in %s: %r, say, or %r if that is what you want.",
        KEY_VARIABLE,
        MODEL_VARIABLE,
        f"openai:{DEFAULT_OPENAI_MODEL}",
        OFFLINE,
    )


def _name(model: BaseChatModel) -> str:
    from fsm_langgraph.offline import OfflineModel

    if isinstance(model, OfflineModel):
        return OFFLINE_NAME
    named = getattr(model, "model_name", None) or getattr(model, "model", None)
    package = type(model).__module__.partition(".")[0]
    if not isinstance(named, str) or not package.startswith("langchain_"):
        return type(model).__name__
    return f"{package.removeprefix('langchain_')}:{named}"


def _offline(options: dict[str, Any]) -> BaseChatModel:
    from fsm_langgraph.offline import OfflineModel

    return OfflineModel(**options)


def _openai(name: str, options: dict[str, Any]) -> BaseChatModel:
    from langchain_openai import ChatOpenAI
    from openai import OpenAIError

    full_name = f"openai:{name}"
    if not name:
        raise ModelSetupError(full_name, "it names no model.", f"Write openai:{DEFAULT_OPENAI_MODEL}, say.")
    try:
        # Without stream_usage a custom base_url would tell no token counts.
        return ChatOpenAI(**{"model": name, "stream_usage": True, **options})
    except ValidationError as error:
        raise _bad_options(full_name, error) from error
    except OpenAIError as error:
        raise ModelSetupError(
            full_name,
            "it needs an API key, and none was given.",
            f"Set the environment variable {KEY_VARIABLE}, pass api_key=… (a local server takes any text),"
            f' or use model="{OFFLINE}", which needs none.',
        ) from error


def _through_langchain(name: str, provider: str, rest: str, options: dict[str, Any]) -> Runnable[Any, Any]:
    package = PROVIDERS[provider].package
    try:
        langchain = importlib.import_module("langchain.chat_models")
    except ImportError as error:
        raise ModelSetupError(
            name,
            "making it takes the package langchain, which is not installed.",
            f"Run: pip install langchain {package}",
        ) from error
    try:
        made: Runnable[Any, Any] = langchain.init_chat_model(rest, model_provider=provider, **options)
    except ImportError as error:
        raise ModelSetupError(
            name,
            f"making it takes the package {package}, which is not installed.",
            f"Run: pip install {package}",
        ) from error
    except ValidationError as error:
        raise _bad_options(name, error) from error
    return made


def _bad_options(name: str, error: ValidationError) -> ModelSetupError:
    """Build the error from a class's complaints about its options, without their values: a key may be among them."""
    faults = "; ".join(f"{'.'.join(map(str, f['loc'])) or 'options'}: {f['msg']}" for f in error.errors())
    return ModelSetupError(
        name, f"its class refuses the options. {faults}", "Correct the options, or set its key and try again."
    )


def _refuse_foreign(name: str) -> None:
    """Raise `ModelSetupError` where a name without a known provider is clearly not one of OpenAI's."""
    if foreign := provider_of_name(name):
        advice = f"Write {f'{foreign}:{name}'!r}, or give base_url=… where a server of your own has it."
        raise ModelSetupError(name, "it is not one of OpenAI's models.", advice)
    if misspelt(name, [OFFLINE]):
        raise ModelSetupError(name, "it is not one of OpenAI's models.", f"Did you mean {OFFLINE!r}?")
    provider, colon, _ = name.partition(":")
    # A fine-tuned model of OpenAI's is named ft:<model>:<organisation>::<id>.
    if colon and provider != "ft" and re.fullmatch(r"[\w.-]+", provider):
        raise ModelSetupError(
            name,
            f"no provider is named {provider!r}.",
            suggest(provider, [*PROVIDERS], noun="providers"),
        )
