"""Chat models: choosing one, asking any of them for a reply, and those that this package adds to LangChain's.

choice, providers                from a name to a chat model, and the facts about single providers
candidates, chooser              the chat models in what was given, and the choice among them for each run
run_context                      what a caller chooses for a run
asking, request                  the effect that asks a model, and what is asked and answered
structured, arguments            how a class is asked for a reply of a schema, and for calls of tools
servers, enum_limits             which server takes tools beside a schema, and how large a schema
caching                          the beginning of a prompt that a provider is to remember
gate_setup, gate, gated_call     what shows a reply's message alone, once that stands
succession, attempt              one call as one request after the other, and each of them as it streams
attempt_end, stop_reasons        how a request ends, and why the model stopped
tool_calls, streamed             calls of tools in a stream, and models that only stream
provider_stream, timed_stream    the provider's stream, and how long it is waited for
thread_reader                    a sync stream read beside the turn
told_model, model_run            a call as LangChain's callbacks are told of it
message_events, fresh_messages   its message as events, and as LangChain's messages
traced_reply                     its reply, for traces
token_count                      the tokens of a call, and those that nobody has told
failures, openai_api             errors and peculiarities of providers
langchain_internals              LangChain's private names
scripted                         the model that answers as it was told, for tests
"""
