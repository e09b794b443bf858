"""A local server that speaks the wire formats of model providers, for tests with the providers' real packages.

answers           what a model says, and what goes wrong, in no format
server            the HTTP: requests in, streams out, holds, cuts and faults
chat_completions  OpenAI's Chat Completions, and its dialects: DeepSeek, Groq, Mistral, OpenRouter
responses         OpenAI's Responses
anthropic         Anthropic's Messages
gemini            Google's generateContent
ollama            Ollama's chat
packages          each package's client for it
"""
