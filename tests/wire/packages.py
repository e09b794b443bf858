"""The packages whose clients are tried: each with the format that it speaks, and its client for a local server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from langchain_core.language_models import BaseChatModel
from pydantic import SecretStr

from wire.answers import Format
from wire.anthropic import Anthropic
from wire.chat_completions import ChatCompletions, DeepSeek, Groq, Mistral, OpenRouter
from wire.gemini import Gemini
from wire.ollama import Ollama
from wire.responses import Responses

KEY = SecretStr("sk-test")


@dataclass(frozen=True, slots=True, eq=False)
class Package:
    """One package, in one way of using it."""

    name: str
    """Its name for people."""
    format: Format
    make: Callable[[str], BaseChatModel]
    """Makes its client for a server with this root; imports the package."""
    thinks: Callable[[str], BaseChatModel] | None = None
    """Makes a client that asks for reasoning, where it has to ask."""
    lacks: frozenset[str] = frozenset()
    """The behaviours that its format has no words for."""


def openai(root: str, **options: Any) -> BaseChatModel:
    from langchain_openai import ChatOpenAI

    chosen = {"model": "gpt-4o-mini", "stream_usage": True, "max_retries": 0, **options}
    return ChatOpenAI(base_url=f"{root}/v1", api_key=KEY, **chosen)


def responses(root: str) -> BaseChatModel:
    return openai(root, use_responses_api=True)


def responses_thinking(root: str) -> BaseChatModel:
    return openai(root, use_responses_api=True, model="gpt-5-mini", reasoning={"effort": "low", "summary": "auto"})


def anthropic(root: str, **options: Any) -> BaseChatModel:
    from langchain_anthropic import ChatAnthropic

    chosen = {"model": "claude-haiku-4-5", "max_tokens": 4000, "max_retries": 0, "timeout": 60, **options}
    return ChatAnthropic(base_url=root, api_key=KEY, **chosen)


def anthropic_thinking(root: str) -> BaseChatModel:
    return anthropic(root, thinking={"type": "enabled", "budget_tokens": 2000})


def gemini(root: str, **options: Any) -> BaseChatModel:
    from langchain_google_genai import ChatGoogleGenerativeAI

    # One attempt is none more; 0 would be Google's own number.
    return ChatGoogleGenerativeAI(
        model="gemini-2.5-flash", base_url=root, api_key=KEY, max_retries=1, timeout=60, **options
    )


def gemini_thinking(root: str) -> BaseChatModel:
    return gemini(root, include_thoughts=True)


def ollama(root: str, **options: Any) -> BaseChatModel:
    from langchain_ollama import ChatOllama

    return ChatOllama(model="qwen3", base_url=root, **options)


def ollama_thinking(root: str) -> BaseChatModel:
    return ollama(root, reasoning=True)


def mistral(root: str) -> BaseChatModel:
    from langchain_mistralai import ChatMistralAI

    return ChatMistralAI(model_name="mistral-small", base_url=f"{root}/v1", api_key=KEY, max_retries=1)


def groq(root: str, **options: Any) -> BaseChatModel:
    from langchain_groq import ChatGroq

    return ChatGroq(model="qwen/qwen3-32b", base_url=root, api_key=KEY, max_retries=0, **options)


def groq_thinking(root: str) -> BaseChatModel:
    return groq(root, reasoning_format="parsed")


def deepseek(root: str) -> BaseChatModel:
    from langchain_deepseek import ChatDeepSeek

    return ChatDeepSeek(
        model_name="deepseek-chat", base_url=f"{root}/v1", api_key=KEY, max_retries=0, stream_usage=True
    )


def openrouter(root: str, **options: Any) -> BaseChatModel:
    from langchain_openrouter import ChatOpenRouter

    model = ChatOpenRouter(model="openai/gpt-4o-mini", base_url=f"{root}/v1", api_key=KEY, max_retries=0, **options)
    model.client.sdk_configuration.retry_config = None  # without a number of retries the SDK takes its own
    return model


def openrouter_thinking(root: str) -> BaseChatModel:
    return openrouter(root, reasoning={"effort": "low"})


PACKAGES = (
    Package("OpenAI", ChatCompletions(), openai),
    Package("OpenAI Responses", Responses(), responses, responses_thinking),
    Package("Anthropic", Anthropic(), anthropic, anthropic_thinking, frozenset({"filter"})),
    Package("Gemini", Gemini(), gemini, gemini_thinking),
    Package("Ollama", Ollama(), ollama, ollama_thinking, frozenset({"refusal", "filter"})),
    Package("Mistral", Mistral(), mistral, lacks=frozenset({"refusal", "filter"})),
    Package("Groq", Groq(), groq, groq_thinking, frozenset({"refusal", "filter"})),
    Package("DeepSeek", DeepSeek(), deepseek, lacks=frozenset({"refusal"})),
    Package("OpenRouter", OpenRouter(), openrouter, openrouter_thinking),
)
"""The packages, each with a column in the table of `docs/models.md`."""
