"""The server behind a model: whether it lets a model call a tool while it holds it to a schema.

Engines that people run themselves (llama.cpp, Ollama, vLLM) bind the decoder to the schema, and take the tools without
a word: the model can then never call one, and makes the answer up. No error tells of it, so the address decides, once
for each model. Providers at their own addresses take both, or refuse both together, which moves the chain of
`structured.py` on.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from langchain_core.language_models import BaseChatModel

from fsm_langgraph.models.providers import PROVIDERS, provider_of_model

_CLIENTS = ("root_client", "root_async_client")
_FIELDS = (
    *("base_url", "endpoint", "api_base", "anthropic_api_url", "groq_api_base", "openrouter_api_base"),
    *("openai_api_base", "azure_endpoint"),
)
"""The fields in which LangChain's classes have an address, where one was given."""


def forbids_tools_with_schema(model: BaseChatModel) -> bool:
    """Say whether the model's server may forbid tools where it is given a schema: one that is no provider's own."""
    provider = provider_of_model(model)
    if provider is not None and provider.runs_any_engine:
        return True
    host = _host(model)
    return bool(host) and not any(f".{host}".endswith(f".{own}") for own in _PROVIDERS_HOSTS)


def _host(model: BaseChatModel) -> str:
    """Return the host that requests go to; empty where the class has no address but its provider's."""
    clients = (getattr(model, name, None) for name in _CLIENTS)
    found: list[Any] = [getattr(client, "base_url", None) for client in clients]
    found += [getattr(model, name, None) for name in _FIELDS]
    address = next((one for one in found if one), "")
    if isinstance(address, dict):  # as langchain-google-genai takes it too
        address = address.get("api_endpoint", "")
    return urlsplit(str(address)).hostname or ""


_PROVIDERS_HOSTS = tuple(host for provider in PROVIDERS.values() for host in provider.hosts)
