"""The facts about single providers, one line for each.

A new provider is one more line here. If its errors come in words of its own, those go into `failures.py`. Everything
else is asked of its LangChain class: how it wants a schema and tools (`arguments.py`), and what it streams.

    choice ───> package and model names
    caching ──> cache mark
    servers ──> hosts
    enum_limits ──> how many values the enums of a schema may have
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from langchain_core.language_models import BaseChatModel

from fsm_langgraph.models.langchain_internals import traced_params

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
    hosts: tuple[str, ...] = ()
    """Its own hosts, subdomains included, which take tools and a schema together or refuse them aloud."""
    runs_any_engine: bool = False
    """Whether its models run on engines of many kinds, of which some forbid tools where they are given a schema."""
    enum_values: int | None = None
    """How many values the enums of one schema may have in all; `None` where no limit is known."""
    takes_timeout: bool = False
    """Whether its class waits for ever unless it is given a `timeout` in seconds; only where that was tried."""


PROVIDERS = {
    "anthropic": Provider(
        "langchain-anthropic",
        ("claude",),
        cache_mark="cache_control",
        hosts=("anthropic.com",),
        takes_timeout=True,
    ),
    "azure_ai": Provider("langchain-azure-ai", hosts=("azure.com",)),
    "azure_openai": Provider("langchain-openai", hosts=("openai.azure.com",), enum_values=1000, takes_timeout=True),
    "bedrock": Provider("langchain-aws"),
    "bedrock_converse": Provider("langchain-aws"),
    "cohere": Provider("langchain-cohere", ("command-",), hosts=("cohere.com", "cohere.ai")),
    "deepseek": Provider("langchain-deepseek", ("deepseek",), hosts=("deepseek.com",), takes_timeout=True),
    "fireworks": Provider("langchain-fireworks", runs_any_engine=True),
    "google_genai": Provider("langchain-google-genai", ("gemini",), hosts=("googleapis.com",), takes_timeout=True),
    "google_vertexai": Provider("langchain-google-vertexai"),
    "groq": Provider("langchain-groq", hosts=("groq.com",), takes_timeout=True),
    "huggingface": Provider("langchain-huggingface", runs_any_engine=True),
    "ibm": Provider("langchain-ibm"),
    "litellm": Provider("langchain-litellm", runs_any_engine=True),
    "mistralai": Provider("langchain-mistralai", ("mistral", "mixtral"), hosts=("mistral.ai",)),
    "nvidia": Provider("langchain-nvidia-ai-endpoints", runs_any_engine=True),
    "ollama": Provider("langchain-ollama", ("llama", "qwen"), runs_any_engine=True),
    OPENAI: Provider(
        "langchain-openai",
        cache_mark="prompt_cache_key",
        hosts=("api.openai.com",),
        enum_values=1000,
        takes_timeout=True,
    ),
    "openrouter": Provider("langchain-openrouter", runs_any_engine=True, enum_values=1000),
    "perplexity": Provider("langchain-perplexity", ("sonar",), hosts=("perplexity.ai",)),
    "together": Provider("langchain-together", runs_any_engine=True),
    "upstage": Provider("langchain-upstage", hosts=("upstage.ai",)),
    "xai": Provider("langchain-xai", ("grok",), hosts=("x.ai",)),
}
"""The providers, by the names that `init_chat_model` and LangChain's traces have for them."""

# Where a class forces a call, its arguments are named by one of these; which one, depends on the provider.
FORCING_ARGUMENTS = frozenset({"tool_choice", "tool_config"})
"""The keyword arguments that make a model call one function."""


def provider_of_model(model: BaseChatModel) -> Provider | None:
    """Return the provider that a model's class names as its own; `None` where the table has none of this name."""
    return PROVIDERS.get(traced_params(model).get("ls_provider") or "")


def provider_of_name(model_name: str) -> str | None:
    """Return the name of the provider that most likely has the model of this name; `None` where none stands out."""
    low = model_name.lower()
    return next((name for name, provider in PROVIDERS.items() if low.startswith(provider.model_names)), None)
