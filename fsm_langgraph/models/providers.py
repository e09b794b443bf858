"""The facts about single providers, one line for each.

A new provider is one more line here. If its errors come in words of its own, those go into `failures.py`. Everything
else is asked of its LangChain class: how it wants a schema and tools (`arguments.py`), and what it streams.

    choice ───> package and model names
    caching ──> cache mark
    enum_limits ──> how many values the enums of a schema may have
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from langchain_core.language_models import BaseChatModel

CacheMark = Literal["cache_control", "prompt_cache_key"]
"""How a provider is told which beginning of a prompt to remember; see `caching.py`."""

OPENAI = "openai"


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider of chat models."""

    package: str
    """The package that has its LangChain class."""
    model_names: tuple[str, ...] = ()
    """The beginnings of its models' names, for a name without a provider; only those that no other provider has."""
    cache_mark: CacheMark | None = None
    """Its cache mark; `None` where it remembers unasked, or where it is not known to take a mark."""
    enum_values: int | None = None
    """How many values the enums of one schema may have in all; `None` where no limit is known."""


PROVIDERS = {
    "anthropic": Provider("langchain-anthropic", ("claude",), cache_mark="cache_control"),
    "azure_ai": Provider("langchain-azure-ai"),
    "azure_openai": Provider("langchain-openai", enum_values=1000),
    "bedrock": Provider("langchain-aws"),
    "bedrock_converse": Provider("langchain-aws"),
    "cohere": Provider("langchain-cohere", ("command-",)),
    "deepseek": Provider("langchain-deepseek", ("deepseek",)),
    "fireworks": Provider("langchain-fireworks"),
    "google_genai": Provider("langchain-google-genai", ("gemini",)),
    "google_vertexai": Provider("langchain-google-vertexai"),
    "groq": Provider("langchain-groq"),
    "huggingface": Provider("langchain-huggingface"),
    "ibm": Provider("langchain-ibm"),
    "litellm": Provider("langchain-litellm"),
    "mistralai": Provider("langchain-mistralai", ("mistral", "mixtral")),
    "nvidia": Provider("langchain-nvidia-ai-endpoints"),
    "ollama": Provider("langchain-ollama", ("llama", "qwen")),
    OPENAI: Provider("langchain-openai", cache_mark="prompt_cache_key", enum_values=1000),
    "openrouter": Provider("langchain-openrouter", enum_values=1000),
    "perplexity": Provider("langchain-perplexity", ("sonar",)),
    "together": Provider("langchain-together"),
    "upstage": Provider("langchain-upstage"),
    "xai": Provider("langchain-xai", ("grok",)),
}
"""The providers, by the names that `init_chat_model` and LangChain's traces have for them."""

# Where a class forces a call, its arguments are named by one of these; which one, depends on the provider.
FORCING_ARGUMENTS = frozenset({"tool_choice", "tool_config"})
"""The keyword arguments that make a model call one function."""


def provider_of_model(model: BaseChatModel) -> Provider | None:
    """Return the provider that a model's class names as its own; `None` where the table has none of this name."""
    # LangChain tells it to traces only, by a method that is not public; the module's name would miss subclasses.
    return PROVIDERS.get(model._get_ls_params().get("ls_provider") or "")


def provider_of_name(model_name: str) -> str | None:
    """Return the name of the provider that most likely has the model of this name; `None` where none stands out."""
    low = model_name.lower()
    return next((name for name, provider in PROVIDERS.items() if low.startswith(provider.model_names)), None)
